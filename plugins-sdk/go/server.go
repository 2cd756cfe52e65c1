package hookgate

import "encoding/json"

// Level tells how much a log line matters.
type Level uint32

// The levels.
const (
	Trace Level = iota
	Debug
	Info
	Warn
	Error
)

// Log writes one line to the server's log, with structured context: names and values in turn. Needs the
// grant `log`. Do not write secrets or addresses.
//
//	hookgate.Log(hookgate.Info, "refused", "user.id", user.ID)
func Log(level Level, message string, fields ...string) {
	if len(fields)%2 != 0 {
		fields = append(fields, "")
	}
	hostLog(level, message, fields)
}

// ConfigGet is one of the operator's settings: text as it is, everything else as JSON text. Needs the grant
// `config`.
func ConfigGet(key string) (value string, isSet bool) { return hostConfigGet(key) }

// ConfigAll decodes all of the operator's settings into a type of yours.
func ConfigAll(settings any) error { return json.Unmarshal([]byte(hostConfigAll()), settings) }

// RequestID is the request's id, as in the server's log and in the answer's `X-Request-Id`. Everything of
// the request needs the grant `request`.
func RequestID() string { return hostRequestID() }

// RequestTime is when the request came in: milliseconds since the Unix epoch, by the server's clock.
func RequestTime() int64 { return hostRequestTime() }

// RequestIP is the peer's address as text, if there is a peer.
func RequestIP() *string { return hostRequestIP() }

// RequestUserAgent is the `User-Agent` header, at most 512 bytes.
func RequestUserAgent() *string { return hostRequestUserAgent() }

// RequestProvider is the way in; nil where there is none (a refresh, say).
func RequestProvider() *string { return hostRequestProvider() }

// RequestIsNew tells whether the user was created by this very request.
func RequestIsNew() bool { return hostRequestIsNew() }

// RequestTokenKind is `access` or `refresh` in ModifyJwt, and empty elsewhere.
func RequestTokenKind() string { return hostRequestTokenKind() }

// RequestEventID is, in an event, its id, the same at each attempt. Nil elsewhere.
func RequestEventID() *string { return hostRequestEventID() }

// RequestAttempt is, in an event, 1 at the first delivery. Elsewhere 0.
func RequestAttempt() uint32 { return hostRequestAttempt() }
