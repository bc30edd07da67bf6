//! Finds the members of a JSON object without building anything: only where they stand.
//!
//! It takes what Python's `json` takes, `NaN` and `Infinity` included, to a bounded depth.

use std::ops::Range;

/// As deep as `serde_json` goes.
const MAX_DEPTH: usize = 127;

/// Where one member of an object stands in the text.
pub(super) struct Member {
    /// The comma before it; for the first one, the opening brace.
    pub(super) comma: usize,
    /// With its quotes.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// Every step answers `None` as soon as the text is no JSON.
impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, depth: 0 }
    }

    /// Scans a text that is one object, and returns where its closing brace stands.
    pub(super) fn object(mut self, on_member: impl FnMut(Member)) -> Option<usize> {
        self.skip_space();
        self.members(on_member)?;
        let end = self.at - 1;
        self.skip_space();
        (self.at == self.bytes.len()).then_some(end)
    }

    fn members(&mut self, mut on_member: impl FnMut(Member)) -> Option<()> {
        let mut comma = self.at;
        self.open(b'{')?;
        if self.closes(b'}') {
            return Some(());
        }
        loop {
            let key = self.spanned(Self::string)?;
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            let value = self.spanned(Self::value)?;
            on_member(Member { comma, key, value });
            self.skip_space();
            if self.closes(b'}') {
                return Some(());
            }
            comma = self.at;
            self.expect(b',')?;
            self.skip_space();
        }
    }

    fn elements(&mut self) -> Option<()> {
        self.open(b'[')?;
        if self.closes(b']') {
            return Some(());
        }
        loop {
            self.value()?;
            self.skip_space();
            if self.closes(b']') {
                return Some(());
            }
            self.expect(b',')?;
            self.skip_space();
        }
    }

    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.members(|_| ()),
            b'[' => self.elements(),
            b'"' => self.string(),
            b'-' if self.bytes.get(self.at + 1) == Some(&b'I') => self.word("-Infinity"),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'N' => self.word("NaN"),
            b'I' => self.word("Infinity"),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        self.skip_plain();
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => {
                    self.escape()?;
                    self.skip_plain();
                }
                0..=0x1f => return None,
                _ => {}
            }
        }
    }

    /// Skips whole blocks of characters that mean nothing but themselves, up to the one with the string's end or its next
    /// escape. Without a way out of a block the compiler
    /// looks at all of its bytes at once.
    fn skip_plain(&mut self) {
        const BLOCK: usize = 32;
        while let Some(block) = self.bytes[self.at..].first_chunk::<BLOCK>() {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            if block.iter().fold(false, |found, byte| found | special(byte)) {
                return;
            }
            self.at += BLOCK;
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => (0..4).try_for_each(|_| self.next()?.is_ascii_hexdigit().then_some(())),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let count = rest.iter().take_while(|digit| digit.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(())
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        self.expect(bracket)?;
        self.depth += 1;
        self.skip_space();
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn closes(&mut self, bracket: u8) -> bool {
        let closed = self.eat(bracket);
        self.depth -= usize::from(closed);
        closed
    }

    fn spanned(&mut self, step: fn(&mut Self) -> Option<()>) -> Option<Range<usize>> {
        let start = self.at;
        step(self)?;
        Some(start..self.at)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}
