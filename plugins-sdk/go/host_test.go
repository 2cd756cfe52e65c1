//go:build !wasm

package hookgate

import (
	"encoding/hex"
	stdtesting "testing"
	"time"
)

func TestWhatTheServerKeeps(t *stdtesting.T) {
	server := NewTesting()
	if _, isSet, err := KVGet("k"); isSet || err != nil {
		t.Fatal(isSet, err)
	}
	if err := KVSet("k", []byte("v"), 4500*time.Millisecond); err != nil || server.KV()["k"] != "v" {
		t.Fatal(err, server.KV())
	}
	if _, err := KVIncrement("k", 1, 0); !IsHostError(err, "not-a-number") {
		t.Fatal(err)
	}
	server.Advance(5 * time.Second)
	if sum, err := KVIncrement("k", 2, 9*time.Second); sum != 2 || err != nil {
		t.Fatal(sum, err)
	}
	if sum, err := KVIncrement("k", -3, 0); sum != -1 || err != nil {
		t.Fatal(sum, err)
	}
	server.Advance(9 * time.Second)
	if was, _ := KVCompareAndSet("k", []byte("-1"), []byte("x"), 0); was {
		t.Fatal("the entry should have ended")
	}
	if was, _ := KVCompareAndSet("k", nil, []byte("x"), 0); !was {
		t.Fatal("absent was expected")
	}
	if err := KVDelete(""); !IsHostError(err, "invalid") {
		t.Fatal(err)
	}
}

func TestRequestsAreAnsweredByTheTest(t *stdtesting.T) {
	server := NewTesting()
	if _, err := HTTPSend(HTTPRequest{URL: "https://a.example/"}); !IsHostError(err, "denied") {
		t.Fatal(err)
	}
	server.HTTP = func(request HTTPRequest) (*HTTPResponse, error) {
		return &HTTPResponse{Status: 201, Headers: [][2]string{{"x-a", "b"}}, Body: []byte(`{"method":"` + request.Method + `"}`)}, nil
	}
	response, err := HTTPSend(HTTPRequest{URL: "https://a.example/", Body: []byte("b")})
	var body struct{ Method string }
	if err != nil || response.JSON(&body) != nil || body.Method != "POST" || response.Header("x-a") != "b" {
		t.Fatal(response, err)
	}
	if len(server.Requests) != 2 {
		t.Fatal(server.Requests)
	}
}

func TestSecretsSign(t *stdtesting.T) {
	NewTesting().Secrets = map[string]string{"signing": "key"}
	digest := hex.EncodeToString(HMACSHA256("signing", []byte("The quick brown fox jumps over the lazy dog")))
	if digest != "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8" {
		t.Fatal(digest)
	}
	if HMACSHA256("other", nil) != nil || len(SecretNames()) != 1 {
		t.Fatal("only what is lent signs")
	}
}
