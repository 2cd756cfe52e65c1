//! What Hookgate calls outside: mail.
