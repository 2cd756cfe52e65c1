//! Where JSON is broken, as FastAuth's parser (Python's `json`) says it.
//!
//! Runs only on text that was refused already, to find the place and the words. It keeps its own
//! stack: depth is bounded by memory that the text has paid for.

/// A place in the text, counted in characters, and what is wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) position: usize,
    pub(crate) message: &'static str,
}

/// The first error; none if Python would have taken the text.
pub(crate) fn find(text: &str) -> Option<JsonError> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    let (at, message) = scanner.document().err()?;
    let is_start = |byte: &&u8| !(0x80..0xC0).contains(*byte);
    Some(JsonError { position: text.as_bytes()[..at].iter().filter(is_start).count(), message })
}

/// The byte at which something is wrong, and what.
type Broken = (usize, &'static str);

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

const EXPECTING_VALUE: &str = "Expecting value";

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Broken> {
        let mut open = Vec::new();
        self.skip_blanks();
        loop {
            // A value begins here. Opening a container leads to its first value, if it has one.
            let is_complete = match self.peek() {
                Some(b'{') => self.open(Container::Object, &mut open)?,
                Some(b'[') => self.open(Container::Array, &mut open)?,
                Some(b'"') => self.string().map(|()| true)?,
                _ => self.scalar().map(|()| true)?,
            };
            if is_complete && self.close(&mut open)? {
                break;
            }
        }
        self.skip_blanks();
        if self.at == self.bytes.len() { Ok(()) } else { Err((self.at, "Extra data")) }
    }

    /// Steps into a container. True if it is empty, and with that a complete value.
    fn open(&mut self, kind: Container, open: &mut Vec<Container>) -> Result<bool, Broken> {
        self.at += 1;
        self.skip_blanks();
        let end = if kind == Container::Object { b'}' } else { b']' };
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(true);
        }
        open.push(kind);
        if kind == Container::Object {
            self.key()?;
        }
        Ok(false)
    }

    /// What follows a complete value: the end of its container, and of the one around it …, or a comma
    /// and the next value. True if the outermost value is complete.
    fn close(&mut self, open: &mut Vec<Container>) -> Result<bool, Broken> {
        while let Some(&kind) = open.last() {
            self.skip_blanks();
            match (self.peek(), kind) {
                (Some(b'}'), Container::Object) | (Some(b']'), Container::Array) => {
                    self.at += 1;
                    open.pop();
                }
                (Some(b','), _) => {
                    self.at += 1;
                    self.skip_blanks();
                    if kind == Container::Object {
                        self.key()?;
                    }
                    return Ok(false);
                }
                _ => return Err((self.at, "Expecting ',' delimiter")),
            }
        }
        Ok(true)
    }

    fn key(&mut self) -> Result<(), Broken> {
        if self.peek() != Some(b'"') {
            return Err((self.at, "Expecting property name enclosed in double quotes"));
        }
        self.string()?;
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err((self.at, "Expecting ':' delimiter"));
        }
        self.at += 1;
        self.skip_blanks();
        Ok(())
    }

    fn string(&mut self) -> Result<(), Broken> {
        let start = self.at;
        let unterminated = (start, "Unterminated string starting at");
        self.at += 1;
        loop {
            let at = self.at;
            self.at += 1;
            match self.bytes.get(at) {
                None => return Err(unterminated),
                Some(b'"') => return Ok(()),
                Some(b'\\') => match self.bytes.get(self.at) {
                    None => return Err(unterminated),
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                    Some(b'u') => {
                        let digits = self.bytes.get(self.at + 1..self.at + 5);
                        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                            return Err((self.at, "Invalid \\uXXXX escape"));
                        }
                        self.at += 5;
                    }
                    Some(_) => return Err((at, "Invalid \\escape")),
                },
                Some(0..0x20) => return Err((at, "Invalid control character at")),
                Some(_) => {}
            }
        }
    }

    /// A number, a word, or none of them.
    fn scalar(&mut self) -> Result<(), Broken> {
        const WORDS: [&[u8]; 6] = [b"null", b"true", b"false", b"NaN", b"Infinity", b"-Infinity"];
        let rest = &self.bytes[self.at..];
        let word = WORDS.iter().find(|word| rest.starts_with(word)).map(|word| word.len());
        self.at += word.or_else(|| number_length(rest)).ok_or((self.at, EXPECTING_VALUE))?;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

/// How long the number is that the text begins with; none if it does not.
fn number_length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = usize::from(text.first() == Some(&b'-'));
    match text.get(length)? {
        b'0' => length += 1,
        b'1'..=b'9' => length += digits(length),
        _ => return None,
    }
    if text.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if let Some(b'e' | b'E') = text.get(length) {
        let sign = usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let exponent = text.get(length + 1 + sign).map_or(0, |_| digits(length + 1 + sign));
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_are_pythons() {
        let cases = [
            ("", 0, "Expecting value"),
            ("  ", 2, "Expecting value"),
            ("{", 1, "Expecting property name enclosed in double quotes"),
            ("{a:1}", 1, "Expecting property name enclosed in double quotes"),
            ("{'a':1}", 1, "Expecting property name enclosed in double quotes"),
            ("{\"a\":1,}", 7, "Expecting property name enclosed in double quotes"),
            ("{\"a\" 1}", 5, "Expecting ':' delimiter"),
            ("{\"a\":}", 5, "Expecting value"),
            ("{\"a\":1 \"b\":2}", 7, "Expecting ',' delimiter"),
            ("{\"a\":[1,2", 9, "Expecting ',' delimiter"),
            ("[1,]", 3, "Expecting value"),
            ("[1 2]", 3, "Expecting ',' delimiter"),
            ("[1}", 2, "Expecting ',' delimiter"),
            ("[", 1, "Expecting value"),
            ("1 2", 2, "Extra data"),
            ("01", 1, "Extra data"),
            ("-", 0, "Expecting value"),
            ("1.", 1, "Extra data"),
            ("1e", 1, "Extra data"),
            ("tru", 0, "Expecting value"),
            ("\"a", 0, "Unterminated string starting at"),
            ("[\"a\\", 1, "Unterminated string starting at"),
            ("\"a\nb\"", 2, "Invalid control character at"),
            ("\"\\x\"", 1, "Invalid \\escape"),
            ("\"\\u12g4\"", 2, "Invalid \\uXXXX escape"),
            // Characters are counted, not bytes.
            ("{\"ä\":ö}", 5, "Expecting value"),
        ];
        for (text, position, message) in cases {
            assert_eq!(find(text), Some(JsonError { position, message }), "{text:?}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        assert_eq!(find(&"[".repeat(1_000_000)).map(|error| error.position), Some(1_000_000));
    }

    proptest! {
        #[test]
        fn whatever_serde_takes_has_no_error(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+ -]{0,24}|(true|null|\"ä\"|[0-9]{1,3}){0,3}") {
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                prop_assert_eq!(find(&text), None);
            }
        }
    }
}
