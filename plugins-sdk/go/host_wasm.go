//go:build wasm

package hookgate

import (
	"structs"
	"unsafe"
)

// text is a string in linear memory, as the canonical ABI lays it out.
type text struct {
	_   structs.HostLayout
	at  uint32
	len uint32
}

type option struct {
	_       structs.HostLayout
	isThere uint8
	value   text
}

type field struct {
	_     structs.HostLayout
	key   text
	value text
}

//go:wasmimport hookgate:hooks/log@0.1.0 log
func importLog(level uint32, message unsafe.Pointer, messageLen uint32, fields unsafe.Pointer, count uint32)

//go:wasmimport hookgate:hooks/config@0.1.0 get
func importConfigGet(key unsafe.Pointer, keyLen uint32, answer *option)

//go:wasmimport hookgate:hooks/config@0.1.0 all
func importConfigAll(answer *text)

//go:wasmimport hookgate:hooks/request@0.1.0 id
func importRequestID(answer *text)

//go:wasmimport hookgate:hooks/request@0.1.0 time
func importRequestTime() uint64

//go:wasmimport hookgate:hooks/request@0.1.0 ip
func importRequestIP(answer *option)

//go:wasmimport hookgate:hooks/request@0.1.0 user-agent
func importRequestUserAgent(answer *option)

//go:wasmimport hookgate:hooks/request@0.1.0 provider
func importRequestProvider(answer *option)

//go:wasmimport hookgate:hooks/request@0.1.0 is-new
func importRequestIsNew() uint32

//go:wasmimport hookgate:hooks/request@0.1.0 token-kind
func importRequestTokenKind(answer *uint16)

//go:wasmimport hookgate:hooks/request@0.1.0 event-id
func importRequestEventID(answer *option)

//go:wasmimport hookgate:hooks/request@0.1.0 attempt
func importRequestAttempt() uint32

// lift copies: the memory is freed when the hook has answered.
func lift(at, len uint32) string {
	if len == 0 {
		return ""
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(at))), len))
}

func (value text) lift() string { return lift(value.at, value.len) }

func (value option) lift() *string {
	if value.isThere == 0 {
		return nil
	}
	lifted := value.value.lift()
	return &lifted
}

// lower needs the string to be kept alive by the caller.
func lower(value string) text {
	return text{at: uint32(uintptr(unsafe.Pointer(unsafe.StringData(value)))), len: uint32(len(value))}
}

func hostLog(level Level, message string, fields []string) {
	raw := make([]field, len(fields)/2+1)
	for n := 0; n+1 < len(fields); n += 2 {
		raw[n/2] = field{key: lower(fields[n]), value: lower(fields[n+1])}
	}
	importLog(uint32(level), unsafe.Pointer(unsafe.StringData(message)), uint32(len(message)),
		unsafe.Pointer(&raw[0]), uint32(len(fields)/2))
	keep(fields)
}

func hostConfigGet(key string) (string, bool) {
	var answer option
	importConfigGet(unsafe.Pointer(unsafe.StringData(key)), uint32(len(key)), &answer)
	return answer.value.lift(), answer.isThere != 0
}

func hostConfigAll() string {
	var answer text
	importConfigAll(&answer)
	return answer.lift()
}

func hostRequestID() string {
	var answer text
	importRequestID(&answer)
	return answer.lift()
}

func ask(imported func(*option)) *string {
	var answer option
	imported(&answer)
	return answer.lift()
}

func hostRequestTime() int64        { return int64(importRequestTime()) }
func hostRequestIP() *string        { return ask(func(a *option) { importRequestIP(a) }) }
func hostRequestUserAgent() *string { return ask(func(a *option) { importRequestUserAgent(a) }) }
func hostRequestProvider() *string  { return ask(func(a *option) { importRequestProvider(a) }) }
func hostRequestEventID() *string   { return ask(func(a *option) { importRequestEventID(a) }) }
func hostRequestIsNew() bool        { return importRequestIsNew() != 0 }
func hostRequestAttempt() uint32    { return importRequestAttempt() }

func hostRequestTokenKind() string {
	var answer uint16
	importRequestTokenKind(&answer)
	switch {
	case answer&0xff == 0:
		return ""
	case answer>>8 == 0:
		return "access"
	default:
		return "refresh"
	}
}
