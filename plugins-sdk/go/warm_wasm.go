//go:build wasm

package hookgate

import "unsafe"

const sample = `{"aud":["a"],"exp":1.5,"iat":1795502355,"email":"a@example.com","email_verified":false,"name":null,"roles":{"a":true}}`

// warmUp does once what every mutation begins with: what the runtime and the JSON package prepare for their first use is then in
// the memory that all calls start from. `hookgate plugin build` calls it after the package's own start; no collection
// follows, since it would give up what has just been prepared.
//
//go:wasmexport hookgate-warm-up
func warmUp() {
	size := uint32(len(sample))
	at := realloc(0, 0, 1, size)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(at))), size), sample)
	Mutation(func(Object, User) error { return nil }, at, size,
		FlatUser{ID: at, IDLen: 4, Email: at, EmailLen: 4, HasName: 1, Name: at, NameLen: 4})
	Afterwards()
}
