//go:build wasm

package hookgate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"structs"
	"unsafe"
)

// FlatUser is what a user is made of on the stack. This and what follows is for the exports that `build`
// writes; it is no part of the public API.
type FlatUser struct {
	ID, IDLen, Email, EmailLen, HasName, Name, NameLen, HasImage, Image, ImageLen, EmailVerified, IsActive uint32
}

func (flat FlatUser) lift() User {
	return User{
		ID:            lift(flat.ID, flat.IDLen),
		Email:         lift(flat.Email, flat.EmailLen),
		Name:          liftOption(flat.HasName, flat.Name, flat.NameLen),
		Image:         liftOption(flat.HasImage, flat.Image, flat.ImageLen),
		EmailVerified: flat.EmailVerified != 0,
		IsActive:      flat.IsActive != 0,
	}
}

func liftOption(isThere, at, len uint32) *string {
	if isThere == 0 {
		return nil
	}
	lifted := lift(at, len)
	return &lifted
}

// spilled is a user and a passkey, which are more than fits on the stack.
type spilled struct {
	_    structs.HostLayout
	user struct {
		id, email               text
		name, image             option
		emailVerified, isActive uint8
	}
	passkey struct {
		id, userID   text
		name, aaguid text
		signCount    uint32
		createdAt    uint64
		wasUsed      uint8
		lastUsedAt   uint64
	}
}

// answer is result<decision, string>, result<json, string> and result<_, string>. The text of the latter two
// begins where the decision's tag is.
type answer struct {
	_       structs.HostLayout
	isError uint8
	text    text
	rest    [32]byte
}

type gateAnswer struct {
	_                     structs.HostLayout
	isError               uint8
	isDenial              uint32
	code, message, reason option
}

// kept is what the host reads or writes: it must not be collected or moved before the call is over.
var kept []any

func keep(value any) { kept = append(kept, value) }

//go:wasmexport cabi_realloc
func realloc(old, oldSize, align, newSize uint32) uint32 {
	made := make([]uint64, newSize/8+1)
	keep(made)
	if old != 0 {
		from := unsafe.Slice((*byte)(unsafe.Pointer(uintptr(old))), min(oldSize, newSize))
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&made[0])), newSize), from)
	}
	return uint32(uintptr(unsafe.Pointer(&made[0])))
}

// Afterwards forgets what was kept for the call that has ended.
func Afterwards() { kept = nil }

// Gate calls AllowSignin, whichever of its three forms it has.
func Gate(hook any, user FlatUser, provider, providerLen uint32) unsafe.Pointer {
	var denial *Denial
	err := caught(func() (err error) {
		user, provider := user.lift(), lift(provider, providerLen)
		switch hook := hook.(type) {
		case func(User, string) bool:
			if !hook(user, provider) {
				denial = &Denial{}
			}
		case func(User, string) *Denial:
			denial = hook(user, provider)
		case func(User, string) (*Denial, error):
			denial, err = hook(user, provider)
		default:
			err = fmt.Errorf("AllowSignin must return bool, *hookgate.Denial or (*hookgate.Denial, error)")
		}
		return err
	})
	if err != nil {
		return textAnswer(true, err.Error())
	}
	raw := &gateAnswer{}
	keep(raw)
	if denial != nil {
		raw.isDenial = 1
		raw.code, raw.message, raw.reason = some(denial.Code), some(denial.Message), some(denial.Reason)
	}
	return unsafe.Pointer(raw)
}

// Mutation calls ModifyJwt or ModifySession.
func Mutation(hook func(Object, User) error, at, len uint32, user FlatUser) unsafe.Pointer {
	var changed bytes.Buffer
	err := caught(func() error {
		object := Object{}
		decoder := json.NewDecoder(bytes.NewReader([]byte(lift(at, len))))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			return err
		}
		if err := hook(object, user.lift()); err != nil {
			return err
		}
		encoder := json.NewEncoder(&changed)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(object)
	})
	if err != nil {
		return textAnswer(true, err.Error())
	}
	return textAnswer(false, changed.String())
}

// Event calls an event hook that is about a user alone.
func Event(hook func(User) error, user FlatUser) unsafe.Pointer {
	return taken(func() error { return hook(user.lift()) })
}

// TextEvent calls one that also has a text: the provider, say.
func TextEvent(hook func(User, string) error, user FlatUser, at, len uint32) unsafe.Pointer {
	return taken(func() error { return hook(user.lift(), lift(at, len)) })
}

// Check calls ValidateConfig.
func Check(hook func() error) unsafe.Pointer { return taken(hook) }

// PasskeyEvent calls one that also has a passkey.
func PasskeyEvent(hook func(User, Passkey) error, arguments uint32) unsafe.Pointer {
	return taken(func() error {
		raw := (*spilled)(unsafe.Pointer(uintptr(arguments)))
		user := User{
			raw.user.id.lift(), raw.user.email.lift(), raw.user.name.lift(), raw.user.image.lift(),
			raw.user.emailVerified != 0, raw.user.isActive != 0,
		}
		passkey := Passkey{
			ID: raw.passkey.id.lift(), UserID: raw.passkey.userID.lift(), Name: raw.passkey.name.lift(),
			AAGUID: raw.passkey.aaguid.lift(), SignCount: raw.passkey.signCount, CreatedAt: raw.passkey.createdAt,
		}
		if raw.passkey.wasUsed != 0 {
			at := raw.passkey.lastUsedAt
			passkey.LastUsedAt = &at
		}
		return hook(user, passkey)
	})
}

func taken(hook func() error) unsafe.Pointer {
	if err := caught(hook); err != nil {
		return textAnswer(true, err.Error())
	}
	return textAnswer(false, "")
}

// caught makes a panic a failure with its text, like any other error.
func caught(hook func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return hook()
}

func textAnswer(isError bool, value string) unsafe.Pointer {
	raw := &answer{text: lower(value)}
	keep(value)
	keep(raw)
	if isError {
		raw.isError = 1
	}
	return unsafe.Pointer(raw)
}

func some(value string) option {
	if value == "" {
		return option{}
	}
	keep(value)
	return option{isThere: 1, value: lower(value)}
}
