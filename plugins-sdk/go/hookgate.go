// Package hookgate is for writing Hookgate plugins in Go: functions with the hooks' names in package main.
//
//	func AllowSignin(user hookgate.User, provider string) bool {
//		return user.EmailVerified
//	}
//
// The component has the hooks that are there. Its command `build` makes it:
//
//	go run github.com/hookgate/hookgate/plugins-sdk/go/build -o my-plugin.wasm .
package hookgate

import "strings"

// User is the account that a hook is about, as stored at the moment of the call.
type User struct {
	// ID is opaque and stable; the `sub` of every token of this user.
	ID string `json:"id"`
	// Email is normalised: trimmed and case-folded.
	Email string `json:"email"`
	// Name is the display name, if the user gave one.
	Name *string `json:"name"`
	// Image is the URL of a picture, if there is one.
	Image *string `json:"image"`
	// EmailVerified tells whether the user has proven that the address is theirs.
	EmailVerified bool `json:"email_verified"`
	// IsActive is false for a deactivated account.
	IsActive bool `json:"is_active"`
}

// EmailDomain is what follows the last `@` of the address; empty if there is none.
func (user User) EmailDomain() string {
	return user.Email[strings.LastIndexByte(user.Email, '@')+1:]
}

// Passkey is a registered WebAuthn credential.
type Passkey struct {
	// ID is the credential id, base64url without padding.
	ID string
	// UserID is the id of the user it belongs to.
	UserID string
	// Name is what the user called it.
	Name string
	// AAGUID is the authenticator's model, or the nil UUID.
	AAGUID string
	// SignCount is the authenticator's signature counter.
	SignCount uint32
	// CreatedAt is in seconds since the Unix epoch.
	CreatedAt uint64
	// LastUsedAt is in seconds since the Unix epoch; nil before the first use.
	LastUsedAt *uint64
}

// Object is a JSON object: the claims of a token or the payload of a session. Numbers are json.Number.
//
// Of claims `sub`, `iss`, `aud`, `iat`, `nbf`, `jti`, `type` and `sid` must stay as they are and `exp` may
// only become earlier; of sessions `id`, `user_id` and `expires_at` are the server's.
type Object = map[string]any

// Denial is a refusal, as the one who is refused and the one who reads the log see it. What is empty is
// not there.
type Denial struct {
	// Code is stable and machine-readable, for the client: at most 64 bytes of `a-z`, `0-9`, `_`, `.`, `-`.
	Code string
	// Message is for the user's eyes, at most 512 bytes. Without one, the server's own text is shown.
	Message string
	// Reason is for the operator's log alone; it never leaves the server. At most 2048 bytes.
	Reason string
}
