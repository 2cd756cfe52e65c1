//! Plugins for the tests of the server: those that misbehave, and plain ones to compare with. Each is one
//! file in `examples`, built alone.
