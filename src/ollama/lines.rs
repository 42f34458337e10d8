//! Cuts a stream of bytes into lines. Bytes arrive in pieces of any size, so characters, escapes
//! and line ends may be torn anywhere; nothing is decoded before its line is whole.

/// Ollama's own client stops at 8 MB; a whole file written in one tool call is one line.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// What has come and was not taken yet.
#[derive(Debug)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// The most bytes of a line.
    longest: usize,
    /// Where the next line starts.
    start: usize,
    /// Up to where no line end was found.
    searched: usize,
}

/// A line that has no end within the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Default for Lines {
    fn default() -> Self {
        Self::up_to(LONGEST_LINE)
    }
}

impl Lines {
    /// Lines of so many bytes, and never more than what is taken from any server.
    pub(super) fn up_to(bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            longest: bytes.min(LONGEST_LINE),
            start: 0,
            searched: 0,
        }
    }

    /// Adds what came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole line that is not blank, without its end.
    pub(super) fn next_line(&mut self) -> Result<Option<&[u8]>, TooLong> {
        while let Some(length) = self.buffer[self.searched..]
            .iter()
            .position(|byte| *byte == b'\n')
        {
            let line = self.start..self.searched + length;
            self.start = line.end + 1;
            self.searched = self.start;
            if line.len() > self.longest {
                return Err(TooLong);
            }
            if !is_blank(&self.buffer[line.clone()]) {
                return Ok(Some(self.buffer[line].trim_ascii()));
            }
        }
        self.searched = self.buffer.len();
        if self.searched - self.start > self.longest {
            return Err(TooLong);
        }
        Ok(None)
    }

    /// What stands after the last line end, once nothing more will come.
    pub(super) fn rest(&self) -> Option<&[u8]> {
        let rest = self.buffer[self.start..].trim_ascii();
        (!rest.is_empty()).then_some(rest)
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in pieces {
            lines.push(piece);
            while let Some(line) = lines.next_line().unwrap() {
                found.push(line.to_vec());
            }
        }
        (found, lines.rest().map(<[u8]>::to_vec))
    }

    #[test]
    fn line_ends_blanks_and_a_rest() {
        let (lines, rest) = read([
            &b"{\"a\":1}\r\n\n \r\n{\"b\""[..],
            b":\"\xc3",
            b"\xbc\"}\ntail",
        ]);
        assert_eq!(
            lines,
            [b"{\"a\":1}".to_vec(), "{\"b\":\"ü\"}".as_bytes().to_vec()]
        );
        assert_eq!(rest.as_deref(), Some(&b"tail"[..]));
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        lines.push(&vec![b'x'; LONGEST_LINE]);
        assert_eq!(lines.next_line(), Ok(None));
        lines.push(b"x");
        assert_eq!(lines.next_line(), Err(TooLong));
        lines.push(b"\n");
        assert_eq!(lines.next_line(), Err(TooLong));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
            sizes in proptest::collection::vec(1_usize..9, 1..200),
        ) {
            let mut pieces = Vec::new();
            let mut rest = &bytes[..];
            for size in sizes.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*size).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(read(pieces), read([&bytes[..]]));
        }
    }
}
