package hookgate

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// HostError says what the server did not do. Code is, of `kv`, invalid, quota, not-a-number or unavailable, and of
// `http` invalid, denied, timeout, too-large or connection.
type HostError struct{ Capability, Code, Detail string }

func (err *HostError) Error() string {
	if err.Detail == "" {
		return fmt.Sprintf("%s: %s", err.Capability, err.Code)
	}
	return fmt.Sprintf("%s: %s: %s", err.Capability, err.Code, err.Detail)
}

// IsHostError tells whether an error is the server's with that code.
func IsHostError(err error, code string) bool {
	var host *HostError
	return errors.As(err, &host) && host.Code == code
}

// Now is the time by the server's clock; a component has none of its own, and time.Now makes no sense in one. Needs
// the grant `clock`.
func Now() time.Time { return time.UnixMilli(int64(hostClockNow())).UTC() }

// Monotonic is how long ago the call began.
func Monotonic() time.Duration { return time.Duration(hostClockMonotonic()) }

// RandomBytes gives at most 4096 of the server's random bytes, fit for secrets. Those of crypto/rand and math/rand are
// the same in every call of a component. Needs the grant `random`.
func RandomBytes(length int) []byte { return hostRandomBytes(uint32(length)) }

// RandomNumber is any of the 2^64 numbers.
func RandomNumber() uint64 { return hostRandomNumber() }

// KVGet gives the value of a key in the plugin's own store, and whether there is one. Keys have 1 to 256 bytes. What
// is of `kv` needs the grant of that name.
func KVGet(key string) (value []byte, isSet bool, err error) { return hostKVGet(key) }

// KVSet sets a value, and for how long: 0 keeps it until it is deleted.
func KVSet(key string, value []byte, keep time.Duration) error {
	return hostKVSet(key, value, seconds(keep))
}

// KVDelete deletes a value. Fine if there is none.
func KVDelete(key string) error { return hostKVDelete(key) }

// KVIncrement adds to a decimal number (absent counts as 0) and answers the sum, as one step. An entry that is there
// keeps its end, so that a key that is kept for a while is the window of a rate limit.
func KVIncrement(key string, by int64, keep time.Duration) (int64, error) {
	return hostKVIncrement(key, by, seconds(keep))
}

// KVCompareAndSet sets the value (nil deletes it) if the present one is expected (nil: absent). Whether it was.
func KVCompareAndSet(key string, expected, value []byte, keep time.Duration) (bool, error) {
	return hostKVCompareAndSet(key, expected, value, seconds(keep))
}

// seconds rounds up, so that nothing that is to end is kept for ever.
func seconds(keep time.Duration) uint32 { return uint32((keep + time.Second - 1) / time.Second) }

// HTTPRequest is sent by HTTPSend. Method is GET, or POST where there is a body, unless it is said.
type HTTPRequest struct {
	Method        string
	URL           string
	Headers       [][2]string
	SecretHeaders []SecretHeader
	// Body is nil where there is none.
	Body []byte
	// Timeout is never longer than what the call has left.
	Timeout time.Duration
}

// SecretHeader is a header whose value ends in a secret that the plugin never sees. Prefix is `Bearer `, say.
type SecretHeader struct{ Name, Prefix, Secret string }

// HTTPResponse is an answer, whatever its status. The names of headers are in small letters.
type HTTPResponse struct {
	Status  int
	Headers [][2]string
	Body    []byte
}

// Header is the first of that name, in small letters; empty if there is none.
func (response *HTTPResponse) Header(name string) string {
	for _, header := range response.Headers {
		if header[0] == name {
			return header[1]
		}
	}
	return ""
}

// JSON decodes the body.
func (response *HTTPResponse) JSON(into any) error { return json.Unmarshal(response.Body, into) }

// HTTPSend sends a request to a host that the operator allowed, and waits. A redirect is answered, not followed. Needs
// the grant `http`.
func HTTPSend(request HTTPRequest) (*HTTPResponse, error) {
	if request.Method == "" {
		request.Method = "GET"
		if request.Body != nil {
			request.Method = "POST"
		}
	}
	return hostHTTPSend(request)
}

// SecretNames are the names of what the operator lent to this plugin, to be used and never read. Needs the grant
// `secrets`.
func SecretNames() []string { return hostSecretNames() }

// HMACSHA256 signs data with a secret as the key; nil if there is no such secret.
func HMACSHA256(name string, data []byte) []byte { return hostHMACSHA256(name, data) }
