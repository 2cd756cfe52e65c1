//go:build !wasm

package hookgate

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"time"
)

// testingEntry is what the store of a test keeps; ends is 0 where it does not end.
type testingEntry struct {
	value []byte
	ends  int64
}

// Advance moves the clock on, which stands still; what is kept ends by it.
func (testing *Testing) Advance(by time.Duration) { testing.passed += by }

// KV is what the store holds.
func (testing *Testing) KV() map[string]string {
	all := map[string]string{}
	for key := range testing.entries {
		if value, isSet, _ := hostKVGet(key); isSet {
			all[key] = string(value)
		}
	}
	return all
}

func hostClockNow() uint64       { return uint64(testing.RequestTime + testing.passed.Milliseconds()) }
func hostClockMonotonic() uint64 { return uint64(testing.passed) }
func hostRandomNumber() uint64   { return binary.LittleEndian.Uint64(hostRandomBytes(8)) }

func hostRandomBytes(length uint32) []byte {
	made := make([]byte, length)
	if _, err := rand.Read(made); err != nil {
		panic(err)
	}
	return made
}

func hostKVGet(key string) ([]byte, bool, error) {
	if len(key) == 0 || len(key) > 256 {
		return nil, false, &HostError{"kv", "invalid", "the key must have 1 to 256 bytes"}
	}
	entry, isSet := testing.entries[key]
	if isSet && entry.ends != 0 && entry.ends <= int64(hostClockNow()) {
		delete(testing.entries, key)
		return nil, false, nil
	}
	return entry.value, isSet, nil
}

func hostKVSet(key string, value []byte, ttl uint32) error {
	if _, _, err := hostKVGet(key); err != nil {
		return err
	}
	entry := testingEntry{value: slices.Clone(value)}
	if ttl != 0 {
		entry.ends = int64(hostClockNow()) + int64(ttl)*1000
	}
	testing.entries[key] = entry
	return nil
}

func hostKVDelete(key string) error {
	_, _, err := hostKVGet(key)
	delete(testing.entries, key)
	return err
}

func hostKVIncrement(key string, by int64, ttl uint32) (int64, error) {
	value, isSet, err := hostKVGet(key)
	if err != nil {
		return 0, err
	}
	if !isSet {
		return by, hostKVSet(key, strconv.AppendInt(nil, by, 10), ttl)
	}
	before, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0, &HostError{"kv", "not-a-number", ""}
	}
	testing.entries[key] = testingEntry{strconv.AppendInt(nil, before+by, 10), testing.entries[key].ends}
	return before + by, nil
}

func hostKVCompareAndSet(key string, expected, value []byte, ttl uint32) (bool, error) {
	present, isSet, err := hostKVGet(key)
	if err != nil || isSet != (expected != nil) || !bytes.Equal(present, expected) {
		return false, err
	}
	if value == nil {
		return true, hostKVDelete(key)
	}
	return true, hostKVSet(key, value, ttl)
}

func hostHTTPSend(request HTTPRequest) (*HTTPResponse, error) {
	testing.Requests = append(testing.Requests, request)
	if testing.HTTP == nil {
		return nil, &HostError{"http", "denied", "nothing answers: set HTTP of the Testing"}
	}
	return testing.HTTP(request)
}

func hostSecretNames() []string {
	var names []string
	for name := range testing.Secrets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func hostHMACSHA256(name string, data []byte) []byte {
	secret, isThere := testing.Secrets[name]
	if !isThere {
		return nil
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(data)
	return mac.Sum(nil)
}
