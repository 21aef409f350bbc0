//! A JSON reader (RFC 8259) that keeps positions and every member.
//!
//! Policies and simulate files are read with it because `serde_json` drops
//! positions of values and keeps the last of two equal keys. Duplicate keys
//! are kept here; whoever interprets an object refuses them. Unlike lenient
//! readers it refuses byte order marks, NUL and lone surrogates.

use std::borrow::Cow;

use crate::iam::parse::ParseError;
use crate::iam::policy::Position;

/// A value and where it starts.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) at: Position,
    pub(crate) value: Value<'a>,
}

/// A JSON value. Numbers keep their spelling.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A name and its value.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) at: Position,
    pub(crate) node: Node<'a>,
}

impl Node<'_> {
    /// The value in words, for "expected …, found …".
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(text) => format!("the number `{}`", shortened(text)),
            Value::String(text) => format!("`{}`", shortened(text)),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        }
    }
}

/// At most the first 60 characters, so that an error stays readable.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(60) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Reads one JSON text; nothing but whitespace may follow it.
pub(crate) fn read(text: &str) -> Result<Node<'_>, ParseError> {
    let mut reader = Reader { text, bytes: text.as_bytes(), offset: 0, line: 1, column: 1 };
    if text.starts_with('\u{feff}') {
        return Err(reader.error("found a byte order mark, expected `{`; save the file without it"));
    }
    reader.whitespace();
    if reader.peek().is_none() {
        return Err(reader.error("the text is empty, expected a JSON value"));
    }
    let node = reader.value(0)?;
    reader.whitespace();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.unexpected("the end of the text")),
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Reader<'a> {
    fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(self.position(), message)
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        let found = match self.text.get(self.offset..).and_then(|rest| rest.chars().next()) {
            None => "the end of the text".to_owned(),
            Some(c) if c.is_control() => format!("the control character U+{:04X}", u32::from(c)),
            Some(c) => format!("`{c}`"),
        };
        self.error(format!("found {found}, expected {expected}"))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.offset).copied()
    }

    /// Steps over one byte that is a character of its own and no line feed.
    fn step(&mut self) {
        self.offset = self.offset.saturating_add(1);
        self.column = self.column.saturating_add(1);
    }

    fn whitespace(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.step(),
                b'\n' => {
                    self.offset = self.offset.saturating_add(1);
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                _ => return,
            }
        }
    }

    fn expect(&mut self, byte: u8, expected: &str) -> Result<(), ParseError> {
        if self.peek() == Some(byte) {
            self.step();
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, ParseError> {
        let at = self.position();
        if depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let value = match self.peek() {
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'[') => Value::Array(self.array(depth)?),
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            _ => self.word()?,
        };
        Ok(Node { at, value })
    }

    fn word(&mut self) -> Result<Value<'a>, ParseError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let (length, value) = if rest.starts_with(b"true") {
            (4, Value::Bool(true))
        } else if rest.starts_with(b"false") {
            (5, Value::Bool(false))
        } else if rest.starts_with(b"null") {
            (4, Value::Null)
        } else {
            return Err(self.unexpected("a JSON value"));
        };
        for _ in 0..length {
            self.step();
        }
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member<'a>>, ParseError> {
        self.step();
        let mut members = Vec::new();
        self.whitespace();
        if self.peek() == Some(b'}') {
            self.step();
            return Ok(members);
        }
        loop {
            self.whitespace();
            let at = self.position();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in double quotes"));
            }
            let name = self.string()?;
            self.whitespace();
            self.expect(b':', "`:` after the name")?;
            self.whitespace();
            let node = self.value(depth.saturating_add(1))?;
            members.push(Member { name, at, node });
            self.whitespace();
            match self.peek() {
                Some(b',') => self.step(),
                Some(b'}') => {
                    self.step();
                    return Ok(members);
                }
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node<'a>>, ParseError> {
        self.step();
        let mut items = Vec::new();
        self.whitespace();
        if self.peek() == Some(b']') {
            self.step();
            return Ok(items);
        }
        loop {
            self.whitespace();
            items.push(self.value(depth.saturating_add(1))?);
            self.whitespace();
            match self.peek() {
                Some(b',') => self.step(),
                Some(b']') => {
                    self.step();
                    return Ok(items);
                }
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
    }

    fn digits(&mut self) -> Result<(), ParseError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected("a digit"));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.step();
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'a str, ParseError> {
        let start = self.offset;
        if self.peek() == Some(b'-') {
            self.step();
        }
        if self.peek() == Some(b'0') {
            self.step();
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.step();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.step();
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.offset).unwrap_or_default())
    }

    /// The characters up to the next quote, escape or control character.
    fn run(&mut self) -> &'a str {
        let start = self.offset;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length =
            rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
        let end = start.saturating_add(length);
        let run = self.text.get(start..end).unwrap_or_default();
        let characters = if run.is_ascii() { run.len() } else { run.chars().count() };
        self.offset = end;
        self.column = self.column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        run
    }

    fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.step();
        let first = self.run();
        if self.peek() == Some(b'"') {
            self.step();
            return Ok(Cow::Borrowed(first));
        }
        let mut whole = first.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.step();
                    return Ok(Cow::Owned(whole));
                }
                Some(b'\\') => whole.push(self.escape()?),
                _ => return Err(self.unexpected("`\"` closing the string")),
            }
            whole.push_str(self.run());
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let at = self.position();
        self.step();
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(at),
            _ => return Err(self.unexpected("one of `\"\\/bfnrtu` after `\\`")),
        };
        self.step();
        Ok(plain)
    }

    /// After the backslash of `\uXXXX`, or of a pair of surrogates.
    fn unicode(&mut self, at: Position) -> Result<char, ParseError> {
        self.step();
        let first = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let pair = self.bytes.get(self.offset..).unwrap_or_default().starts_with(b"\\u");
            if !pair {
                return Err(ParseError::new(at, LONE_SURROGATE));
            }
            self.step();
            self.step();
            let second = self.hex4()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(ParseError::new(at, LONE_SURROGATE));
            }
            let high = first.saturating_sub(0xd800).saturating_mul(0x400);
            high.saturating_add(second.saturating_sub(0xdc00)).saturating_add(0x1_0000)
        } else {
            first
        };
        match char::from_u32(code) {
            None => Err(ParseError::new(at, LONE_SURROGATE)),
            Some('\0') => Err(ParseError::new(at, "found the character NUL, which AWS accepts nowhere")),
            Some(c) => Ok(c),
        }
    }

    fn hex4(&mut self) -> Result<u32, ParseError> {
        let mut code: u32 = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let digit = digit.ok_or_else(|| self.unexpected("four hexadecimal digits after `\\u`"))?;
            code = code.saturating_mul(16).saturating_add(digit);
            self.step();
        }
        Ok(code)
    }
}

/// How many objects and lists may stand within one another, in a policy as in a
/// file of cases. A policy needs six.
pub const MAX_DEPTH: usize = 64;

const LONE_SURROGATE: &str = "found half a surrogate pair, expected a whole character";
