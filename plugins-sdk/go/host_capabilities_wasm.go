//go:build wasm

package hookgate

import (
	"runtime"
	"structs"
	"unsafe"
)

// hostError is an error of kv or http: a code with or without a text.
type hostError struct {
	_    structs.HostLayout
	code uint8
	text text
}

func (raw hostError) of(capability string, codes []string, hasText func(uint8) bool) error {
	err := &HostError{Capability: capability, Code: codes[raw.code]}
	if hasText(raw.code) {
		err.Detail = raw.text.lift()
	}
	return err
}

// kvAnswer is result<option<list<u8>>, error>, result<bool, error> and result<_, error>. What is of the error lies
// where the value lies.
type kvAnswer struct {
	_       structs.HostLayout
	isError uint32
	value   hostError
}

type kvSum struct {
	_       structs.HostLayout
	isError uint32
	// In an error its low half is the code, and its high half where the text is.
	sum uint64
	len uint32
}

func kvError(raw hostError) error {
	codes := []string{"invalid", "quota", "not-a-number", "unavailable"}
	return raw.of("kv", codes, func(code uint8) bool { return code < 2 })
}

func (answer *kvAnswer) err() error {
	if answer.isError&0xff == 0 {
		return nil
	}
	return kvError(answer.value)
}

//go:wasmimport hookgate:hooks/clock@0.1.0 now
func importClockNow() uint64

//go:wasmimport hookgate:hooks/clock@0.1.0 monotonic
func importClockMonotonic() uint64

//go:wasmimport hookgate:hooks/random@0.1.0 bytes
func importRandomBytes(length uint32, answer *text)

//go:wasmimport hookgate:hooks/random@0.1.0 number
func importRandomNumber() uint64

//go:wasmimport hookgate:hooks/kv@0.1.0 get
func importKVGet(key unsafe.Pointer, keyLen uint32, answer *kvAnswer)

//go:wasmimport hookgate:hooks/kv@0.1.0 set
func importKVSet(key unsafe.Pointer, keyLen uint32, value unsafe.Pointer, valueLen, hasTTL, ttl uint32, answer *kvAnswer)

//go:wasmimport hookgate:hooks/kv@0.1.0 delete
func importKVDelete(key unsafe.Pointer, keyLen uint32, answer *kvAnswer)

//go:wasmimport hookgate:hooks/kv@0.1.0 increment
func importKVIncrement(key unsafe.Pointer, keyLen uint32, by int64, hasTTL, ttl uint32, answer *kvSum)

//go:wasmimport hookgate:hooks/kv@0.1.0 compare-and-set
func importKVCompareAndSet(key unsafe.Pointer, keyLen, hasExpected uint32, expected unsafe.Pointer, expectedLen, hasValue uint32, value unsafe.Pointer, valueLen, hasTTL, ttl uint32, answer *kvAnswer)

func hostClockNow() uint64       { return importClockNow() }
func hostClockMonotonic() uint64 { return importClockMonotonic() }
func hostRandomNumber() uint64   { return importRandomNumber() }

func hostRandomBytes(length uint32) []byte {
	var answer text
	importRandomBytes(length, &answer)
	return []byte(answer.lift())
}

func bytesAt(value []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(value)) }

func textAt(value string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(value)) }

func flag(is bool) uint32 {
	if is {
		return 1
	}
	return 0
}

func hostKVGet(key string) ([]byte, bool, error) {
	var answer kvAnswer
	importKVGet(textAt(key), uint32(len(key)), &answer)
	if err := answer.err(); err != nil || answer.value.code == 0 {
		return nil, false, err
	}
	return []byte(answer.value.text.lift()), true, nil
}

func hostKVSet(key string, value []byte, ttl uint32) error {
	var answer kvAnswer
	importKVSet(textAt(key), uint32(len(key)), bytesAt(value), uint32(len(value)), flag(ttl != 0), ttl, &answer)
	return answer.err()
}

func hostKVDelete(key string) error {
	var answer kvAnswer
	importKVDelete(textAt(key), uint32(len(key)), &answer)
	return answer.err()
}

func hostKVIncrement(key string, by int64, ttl uint32) (int64, error) {
	answer := &kvSum{}
	importKVIncrement(textAt(key), uint32(len(key)), by, flag(ttl != 0), ttl, answer)
	if answer.isError&0xff != 0 {
		return 0, kvError(hostError{code: uint8(answer.sum), text: text{at: uint32(answer.sum >> 32), len: answer.len}})
	}
	return int64(answer.sum), nil
}

func hostKVCompareAndSet(key string, expected, value []byte, ttl uint32) (bool, error) {
	var answer kvAnswer
	importKVCompareAndSet(textAt(key), uint32(len(key)), flag(expected != nil), bytesAt(expected), uint32(len(expected)),
		flag(value != nil), bytesAt(value), uint32(len(value)), flag(ttl != 0), ttl, &answer)
	return answer.value.code != 0 && answer.isError&0xff == 0, answer.err()
}

type secretHeader struct {
	_                    structs.HostLayout
	name, prefix, secret text
}

// httpAnswer is result<response, error>; status is the error's code, and what follows its text.
type httpAnswer struct {
	_           structs.HostLayout
	isError     uint32
	status      uint16
	headers     uint32
	headerCount uint32
	body        text
}

//go:wasmimport hookgate:hooks/http@0.1.0 send
func importHTTPSend(method unsafe.Pointer, methodLen uint32, url unsafe.Pointer, urlLen uint32, headers unsafe.Pointer, headerCount uint32, secrets unsafe.Pointer, secretCount, hasBody uint32, body unsafe.Pointer, bodyLen, hasTimeout, timeout uint32, answer *httpAnswer)

func hostHTTPSend(request HTTPRequest) (*HTTPResponse, error) {
	headers := make([]field, len(request.Headers)+1)
	for n, header := range request.Headers {
		headers[n] = field{key: lower(header[0]), value: lower(header[1])}
	}
	secrets := make([]secretHeader, len(request.SecretHeaders)+1)
	for n, header := range request.SecretHeaders {
		secrets[n] = secretHeader{name: lower(header.Name), prefix: lower(header.Prefix), secret: lower(header.Secret)}
	}
	timeout := uint32(request.Timeout.Milliseconds())
	var answer httpAnswer
	importHTTPSend(textAt(request.Method), uint32(len(request.Method)), textAt(request.URL), uint32(len(request.URL)),
		unsafe.Pointer(&headers[0]), uint32(len(request.Headers)), unsafe.Pointer(&secrets[0]), uint32(len(request.SecretHeaders)),
		flag(request.Body != nil), bytesAt(request.Body), uint32(len(request.Body)), flag(timeout != 0), timeout, &answer)
	runtime.KeepAlive(request)
	if answer.isError&0xff != 0 {
		codes := []string{"invalid", "denied", "timeout", "too-large", "connection"}
		raw := hostError{code: uint8(answer.status), text: text{at: answer.headers, len: answer.headerCount}}
		return nil, raw.of("http", codes, func(code uint8) bool { return code != 2 && code != 3 })
	}
	response := &HTTPResponse{Status: int(answer.status), Body: []byte(answer.body.lift())}
	for _, raw := range unsafe.Slice((*field)(unsafe.Pointer(uintptr(answer.headers))), answer.headerCount) {
		response.Headers = append(response.Headers, [2]string{raw.key.lift(), raw.value.lift()})
	}
	return response, nil
}

//go:wasmimport hookgate:hooks/secrets@0.1.0 names
func importSecretNames(answer *text)

//go:wasmimport hookgate:hooks/secrets@0.1.0 hmac-sha256
func importHMACSHA256(name unsafe.Pointer, nameLen uint32, data unsafe.Pointer, dataLen uint32, answer *option)

func hostSecretNames() []string {
	// A list is laid out as a text: where, and how many.
	var answer text
	importSecretNames(&answer)
	var names []string
	if answer.len > 0 {
		for _, raw := range unsafe.Slice((*text)(unsafe.Pointer(uintptr(answer.at))), answer.len) {
			names = append(names, raw.lift())
		}
	}
	return names
}

func hostHMACSHA256(name string, data []byte) []byte {
	var answer option
	importHMACSHA256(textAt(name), uint32(len(name)), bytesAt(data), uint32(len(data)), &answer)
	if answer.isThere == 0 {
		return nil
	}
	return []byte(answer.value.lift())
}
