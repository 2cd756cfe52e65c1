// What a plugin has made of its variables before the first call: see `started` in ../../tests/suite.rs.
package main

import (
	"crypto/rand"
	"time"

	hookgate "github.com/hookgate/hookgate/plugins-sdk/go"
)

var (
	squares = map[int]int{}
	// Go's own clock and randomness have no meaning here. But they go on, and don't begin again after the start.
	began = time.Now()
	early = draw()
	calls int
)

func init() {
	for number := range 100 {
		squares[number] = number * number
	}
}

func main() {}

func ModifyJwt(claims hookgate.Object, user hookgate.User) error {
	calls++
	squares[1000+calls] = 1
	claims["calls"] = calls
	claims["squares"] = len(squares)
	claims["ninth"] = squares[9]
	claims["went_on"] = time.Now().After(began) && draw() != early
	return nil
}

func draw() (drawn [16]byte) {
	_, _ = rand.Read(drawn[:])
	return drawn
}
