// The reference plugin, see ../README.md.
package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	hookgate "github.com/hookgate/hookgate/plugins-sdk/go"
)

const lang = "go"

func main() {}

func AllowSignin(user hookgate.User, provider string) (*hookgate.Denial, error) {
	if err := refuseErrors(user); err != nil {
		return nil, err
	}
	if strings.HasPrefix(user.Email, "denied") {
		name := "stranger"
		if user.Name != nil {
			name = *user.Name
		}
		return &hookgate.Denial{
			Code:    "reference.denied",
			Message: fmt.Sprintf("No entry, %s. 🦊", name),
			Reason:  fmt.Sprintf("%s by %s", user.Email, provider),
		}, nil
	}
	if strings.HasPrefix(user.Email, "bare") {
		return &hookgate.Denial{}, nil
	}
	return nil, nil
}

func ModifyJwt(claims hookgate.Object, user hookgate.User) error {
	if err := refuseErrors(user); err != nil {
		return err
	}
	var settings struct {
		Greeting string `json:"greeting"`
		Seats    int    `json:"seats"`
		Nested   any    `json:"nested"`
	}
	if err := hookgate.ConfigAll(&settings); err != nil {
		return err
	}
	delete(claims, "remove_me")
	claims["lang"] = lang
	claims["n"] = 42
	claims["nested"] = hookgate.Object{"list": []any{1, "two", true, nil}, "ratio": 0.5}
	claims["greeting"], _ = hookgate.ConfigGet("greeting")
	claims["seats"] = settings.Seats
	claims["missing"] = nil
	if missing, isSet := hookgate.ConfigGet("missing"); isSet {
		claims["missing"] = missing
	}
	claims["config"] = settings
	claims["now"] = hookgate.RequestTime()
	claims["token"] = hookgate.RequestTokenKind()
	claims["user"] = user
	claims["request"] = hookgate.Object{
		"id": hookgate.RequestID(), "time": hookgate.RequestTime(), "ip": hookgate.RequestIP(),
		"user_agent": hookgate.RequestUserAgent(), "provider": hookgate.RequestProvider(),
		"is_new": hookgate.RequestIsNew(), "event_id": hookgate.RequestEventID(),
		"attempt": hookgate.RequestAttempt(),
	}
	return nil
}

func ModifySession(session hookgate.Object, user hookgate.User) error {
	if strings.HasPrefix(user.Email, "host") {
		host, err := asked()
		session["host"] = host
		return err
	}
	session["lang"] = lang
	session["seen"] = hookgate.Object{"request": hookgate.RequestID(), "verified": user.EmailVerified}
	return refuseErrors(user)
}

func OnSignup(user hookgate.User) error                  { return told("on-signup", user, "") }
func OnSignin(user hookgate.User, provider string) error { return told("on-signin", user, provider) }
func OnSignout(user hookgate.User) error                 { return told("on-signout", user, "") }
func OnTokenRefresh(user hookgate.User) error            { return told("on-token-refresh", user, "") }
func OnEmailVerify(user hookgate.User) error             { return told("on-email-verify", user, "") }
func OnPasswordReset(user hookgate.User) error           { return told("on-password-reset", user, "") }
func OnMagicLinkSent(user hookgate.User) error           { return told("on-magic-link-sent", user, "") }

func OnOauthLink(user hookgate.User, provider string) error {
	return told("on-oauth-link", user, provider)
}

func OnPasskeyRegistered(user hookgate.User, passkey hookgate.Passkey) error {
	return told("on-passkey-registered", user, describe(passkey))
}

func OnPasskeyDeleted(user hookgate.User, passkey hookgate.Passkey) error {
	return told("on-passkey-deleted", user, describe(passkey))
}

func OnSigninFailed(user hookgate.User, reason string) error {
	return told("on-signin-failed", user, reason)
}

func OnLockout(user hookgate.User) error { return told("on-lockout", user, "") }

func OnPasswordChange(user hookgate.User) error { return told("on-password-change", user, "") }

func OnEmailChange(user hookgate.User, previous string) error {
	return told("on-email-change", user, previous)
}

func OnAccountDelete(user hookgate.User) error { return told("on-account-delete", user, "") }

func OnSessionRevoke(user hookgate.User, sessionID string) error {
	return told("on-session-revoke", user, sessionID)
}

func OnRefreshReuse(user hookgate.User) error { return told("on-refresh-reuse", user, "") }

func ValidateConfig() error {
	seats, isSet := hookgate.ConfigGet("seats")
	if !isSet {
		return errors.New("`seats` is missing")
	}
	if number, err := strconv.Atoi(seats); err != nil || number < 1 {
		return fmt.Errorf("`seats` is %s: it must be a number from 1 on", seats)
	}
	return nil
}

// asked is what `clock`, `random`, `kv`, `http` and `secrets` answer.
func asked() (hookgate.Object, error) {
	answer, err := hookgate.HTTPSend(hookgate.HTTPRequest{
		URL: "https://api.example/echo", Body: []byte("hello"), Headers: [][2]string{{"x-test", "yes"}}, Timeout: 50 * time.Millisecond,
		SecretHeaders: []hookgate.SecretHeader{{Name: "authorization", Prefix: "Bearer ", Secret: "signing"}},
	})
	if err != nil {
		return nil, err
	}
	kept := []any{got("absent")}
	if err := hookgate.KVSet("k", []byte("v ü"), time.Minute); err != nil {
		return nil, err
	}
	kept = append(kept, got("k"))
	for _, by := range []int64{2, -5} {
		sum, err := hookgate.KVIncrement("n", by, time.Minute)
		if err != nil {
			return nil, err
		}
		kept = append(kept, sum)
	}
	for _, pair := range [][2]string{{"v ü", "w"}, {"x", "y"}} {
		was, err := hookgate.KVCompareAndSet("k", []byte(pair[0]), []byte(pair[1]), 0)
		if err != nil {
			return nil, err
		}
		kept = append(kept, was)
	}
	kept = append(kept, got("k"))
	_, notANumber := hookgate.KVIncrement("k", 1, 0)
	_, _, invalid := hookgate.KVGet("")
	_, denied := hookgate.HTTPSend(hookgate.HTTPRequest{URL: "https://denied.example/"})
	if err := errors.Join(hookgate.KVDelete("k"), hookgate.KVDelete("n")); err != nil {
		return nil, err
	}
	return hookgate.Object{
		"clock":   hookgate.Now().UnixMilli(),
		"later":   hookgate.Monotonic() >= 0,
		"bytes":   hex.EncodeToString(hookgate.RandomBytes(8)),
		"number":  strconv.FormatUint(hookgate.RandomNumber(), 10),
		"kv":      append(kept, got("k")),
		"errors":  []string{code(notANumber), code(invalid), code(denied)},
		"http":    []any{answer.Status, answer.Header("x-answer"), string(answer.Body)},
		"secrets": []any{hookgate.SecretNames(), hex.EncodeToString(hookgate.HMACSHA256("signing", []byte("data"))), signature("other")},
	}, nil
}

func got(key string) any {
	value, isSet, err := hookgate.KVGet(key)
	if err != nil || !isSet {
		return err
	}
	return string(value)
}

func signature(name string) any {
	if digest := hookgate.HMACSHA256(name, []byte("data")); digest != nil {
		return hex.EncodeToString(digest)
	}
	return nil
}

func code(err error) string {
	var host *hookgate.HostError
	if errors.As(err, &host) {
		return host.Code
	}
	return "none"
}

func refuseErrors(user hookgate.User) error {
	if strings.HasPrefix(user.Email, "error") {
		return fmt.Errorf("boom %s", user.Email)
	}
	return nil
}

func told(hook string, user hookgate.User, about string) error {
	if err := refuseErrors(user); err != nil {
		return err
	}
	eventID := ""
	if id := hookgate.RequestEventID(); id != nil {
		eventID = *id
	}
	hookgate.Log(hookgate.Info, hook+" "+user.ID,
		"hook", hook, "user.id", user.ID, "event.id", eventID,
		"attempt", strconv.FormatUint(uint64(hookgate.RequestAttempt()), 10), "about", about)
	return nil
}

func describe(passkey hookgate.Passkey) string {
	last := "never"
	if passkey.LastUsedAt != nil {
		last = strconv.FormatUint(*passkey.LastUsedAt, 10)
	}
	return fmt.Sprintf("%s of %s: %s, %d, %d, %s",
		passkey.ID, passkey.UserID, passkey.Name, passkey.SignCount, passkey.CreatedAt, last)
}
