//! Bytes from a keyboard, as keys. Owns escape sequences, UTF-8 and bracketed paste; refuses to
//! know what a key does (`prompt/editor.rs`, `watch/update.rs`). Never fails: what it does not know
//! is left out.

/// What was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Key {
    Text(char),
    Paste(String),
    Enter,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Tab,
    BackTab,
    Escape,
    Home,
    End,
    WordLeft,
    WordRight,
    DeleteWord,
    DeleteToStart,
    DeleteToEnd,
    Redraw,
    Interrupt,
    EndOfFile,
}

const PASTE_START: &[u8] = b"[200~";
const PASTE_END: &[u8] = b"\x1b[201~";
/// A sequence longer than this is none.
const LONGEST_SEQUENCE: usize = 16;
/// Room for a large paste; an answer is cut far earlier.
const LONGEST_PASTE: usize = 1 << 20;

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// After ESC, with what followed so far.
    Escape(Vec<u8>),
    /// Inside a bracketed paste.
    Paste(Vec<u8>),
    /// The beginning of a UTF-8 character, and how many bytes it has.
    Character(Vec<u8>, usize),
}

/// Keeps what is unfinished between reads.
#[derive(Debug, Default)]
pub(in crate::ui) struct Decoder {
    state: State,
}

impl Decoder {
    /// The key that this byte completes, if it does.
    pub(in crate::ui) fn push(&mut self, byte: u8) -> Option<Key> {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte),
            State::Escape(mut sequence) => {
                sequence.push(byte);
                self.escape(sequence)
            }
            State::Paste(mut bytes) => {
                bytes.push(byte);
                if bytes.ends_with(PASTE_END) {
                    bytes.truncate(bytes.len() - PASTE_END.len());
                    let text = String::from_utf8_lossy(&bytes);
                    return Some(Key::Paste(text.replace("\r\n", "\n").replace('\r', "\n")));
                }
                if bytes.len() < LONGEST_PASTE {
                    self.state = State::Paste(bytes);
                }
                None
            }
            State::Character(mut bytes, length) => {
                if byte & 0xc0 != 0x80 {
                    return self.ground(byte);
                }
                bytes.push(byte);
                if bytes.len() < length {
                    self.state = State::Character(bytes, length);
                    return None;
                }
                let text = std::str::from_utf8(&bytes).unwrap_or("\u{fffd}");
                text.chars().next().map(Key::Text)
            }
        }
    }

    /// Whether an Escape stands there by itself: the beginning of a sequence, or the key.
    pub(in crate::ui) fn is_at_escape(&self) -> bool {
        matches!(&self.state, State::Escape(sequence) if sequence.is_empty())
    }

    /// Nothing has followed the Escape: it was the key.
    pub(in crate::ui) fn settle(&mut self) -> Option<Key> {
        self.is_at_escape().then(|| {
            self.state = State::Ground;
            Key::Escape
        })
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        if length > 1 {
            self.state = State::Character(vec![byte], length);
            return None;
        }
        Some(match byte {
            b'\r' | b'\n' => Key::Enter,
            0x01 => Key::Home,
            0x02 => Key::Left,
            0x03 => Key::Interrupt,
            0x04 => Key::EndOfFile,
            0x05 => Key::End,
            0x06 => Key::Right,
            0x08 | 0x7f => Key::Backspace,
            0x0b => Key::DeleteToEnd,
            0x0c => Key::Redraw,
            0x15 => Key::DeleteToStart,
            0x17 => Key::DeleteWord,
            b'\t' => Key::Tab,
            0x1b => {
                self.state = State::Escape(Vec::new());
                return None;
            }
            b' '..=b'~' => Key::Text(char::from(byte)),
            _ => return None,
        })
    }

    fn escape(&mut self, sequence: Vec<u8>) -> Option<Key> {
        match sequence.as_slice() {
            [0x1b] => self.state = State::Escape(Vec::new()),
            [b'b'] => return Some(Key::WordLeft),
            [b'f'] => return Some(Key::WordRight),
            [0x7f] => return Some(Key::DeleteWord),
            PASTE_START => self.state = State::Paste(Vec::new()),
            [b'[' | b'O'] => self.state = State::Escape(sequence),
            [b'[' | b'O', .., last @ 0x40..=0x7e] => return sequence_key(&sequence[1..], *last),
            [b'[' | b'O', ..] if sequence.len() < LONGEST_SEQUENCE => {
                self.state = State::Escape(sequence);
            }
            // An Escape that something follows at once does nothing; the key after it counts.
            [other] => return self.ground(*other),
            _ => {}
        }
        None
    }
}

fn sequence_key(parameters: &[u8], last: u8) -> Option<Key> {
    let with_modifier = parameters.contains(&b';');
    Some(match (last, parameters) {
        (b'C', _) if with_modifier => Key::WordRight,
        (b'D', _) if with_modifier => Key::WordLeft,
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'Z', _) => Key::BackTab,
        (b'H', _) | (b'~', b"1~" | b"7~") => Key::Home,
        (b'F', _) | (b'~', b"4~" | b"8~") => Key::End,
        (b'~', b"3~") => Key::Delete,
        (b'~', b"5~") => Key::PageUp,
        (b'~', b"6~") => Key::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        bytes
            .iter()
            .filter_map(|byte| decoder.push(*byte))
            .collect()
    }

    #[test]
    fn characters_arrive_whole() {
        assert_eq!(
            keys("aß日🙂".as_bytes()),
            ['a', 'ß', '日', '🙂'].map(Key::Text)
        );
        assert_eq!(keys(b"\xc3a\xff"), [Key::Text('a')]);
    }

    #[test]
    fn sequences_are_keys() {
        assert_eq!(
            keys(b"\x1b[D\x1bOC\x1b[1~\x1b[F\x1b[3~\x1b[1;5D\x1b[A\x1b[15~\x1bx\t\x1b[Z\x1b[6~"),
            [
                Key::Left,
                Key::Right,
                Key::Home,
                Key::End,
                Key::Delete,
                Key::WordLeft,
                Key::Up,
                Key::Text('x'),
                Key::Tab,
                Key::BackTab,
                Key::PageDown,
            ]
        );
    }

    #[test]
    fn an_escape_is_a_key_once_nothing_follows() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(0x1b), None);
        assert!(decoder.is_at_escape());
        assert_eq!(decoder.settle(), Some(Key::Escape));
        assert_eq!(decoder.settle(), None);
        decoder.push(0x1b);
        decoder.push(b'[');
        assert_eq!(decoder.settle(), None, "a sequence goes on");
    }

    #[test]
    fn a_paste_is_one_key_whatever_is_in_it() {
        assert_eq!(
            keys(b"\x1b[200~one\r\ntwo\x03\rthree\x1b[201~\r"),
            [Key::Paste("one\ntwo\u{3}\nthree".to_owned()), Key::Enter]
        );
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            keys(&bytes);
        }
    }
}
