//go:build !wasm

package hookgate

import (
	"encoding/json"
	"time"
)

// Testing is the server as the plugin sees it in `go test`; a component does not have it.
type Testing struct {
	// Config is what ConfigGet and ConfigAll answer.
	Config map[string]any
	// The request: a sign-in with a password from 192.0.2.1 at the start of 2026 unless it is changed.
	RequestID                        string
	RequestTime                      int64
	IP, UserAgent, Provider, EventID *string
	IsNew                            bool
	TokenKind                        string
	Attempt                          uint32
	// Lines is what the plugin has written so far.
	Lines []Line
	// Secrets are lent to the plugin.
	Secrets map[string]string
	// HTTP answers requests.
	HTTP func(HTTPRequest) (*HTTPResponse, error)
	// Requests are those that the plugin sent so far.
	Requests []HTTPRequest
	entries  map[string]testingEntry
	passed   time.Duration
}

// Line is one line of the log; Fields has names and values.
type Line struct {
	Level   Level
	Message string
	Fields  map[string]string
}

var testing = defaults()

// NewTesting makes a server that answers from now on.
func NewTesting() *Testing {
	testing = defaults()
	return testing
}

func defaults() *Testing {
	ip, provider := "192.0.2.1", "credentials"
	return &Testing{
		RequestID: "request-1", RequestTime: 1_767_225_600_000, IP: &ip, Provider: &provider,
		entries: map[string]testingEntry{},
	}
}

// TestingUser is an active user with a proven address.
func TestingUser(email string) User {
	id := email
	for n := range email {
		if email[n] == '@' {
			id = email[:n]
			break
		}
	}
	return User{ID: "user-" + id, Email: email, EmailVerified: true, IsActive: true}
}

func hostLog(level Level, message string, fields []string) {
	line := Line{level, message, map[string]string{}}
	for n := 0; n+1 < len(fields); n += 2 {
		line.Fields[fields[n]] = fields[n+1]
	}
	testing.Lines = append(testing.Lines, line)
}

func hostConfigGet(key string) (string, bool) {
	value, isSet := testing.Config[key]
	if text, isText := value.(string); isText || !isSet {
		return text, isSet
	}
	text, err := json.Marshal(value)
	return string(text), err == nil
}

func hostConfigAll() string {
	if testing.Config == nil {
		return "{}"
	}
	text, err := json.Marshal(testing.Config)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func hostRequestID() string         { return testing.RequestID }
func hostRequestTime() int64        { return testing.RequestTime }
func hostRequestIP() *string        { return testing.IP }
func hostRequestUserAgent() *string { return testing.UserAgent }
func hostRequestProvider() *string  { return testing.Provider }
func hostRequestIsNew() bool        { return testing.IsNew }
func hostRequestTokenKind() string  { return testing.TokenKind }
func hostRequestEventID() *string   { return testing.EventID }
func hostRequestAttempt() uint32    { return testing.Attempt }
