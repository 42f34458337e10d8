//! Sees, while a text streams in, that it repeats one block over and over. Byte by byte, so no
//! split of the stream matters; linear in the text and bounded in memory. It knows only exact
//! repeats: rows that differ in one character are data, not a loop.

use super::rules::Repeats;

/// Bytes that are remembered, and so the longest block whose repeats are seen.
const MEMORY: usize = 8_192;
/// Bytes that must stand somewhere before as they stand here before a block is supposed.
const GRAM: u32 = 16;
/// Places that are remembered for such grams; a power of two.
const SLOTS: usize = 4_096;

/// A text as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct Repetition {
    limit: Repeats,
    /// The last bytes, as a ring.
    memory: Vec<u8>,
    /// Where a gram last ended, by its hash: a count of bytes, 0 for nowhere.
    places: Vec<u64>,
    /// The last 16 bytes.
    gram: u128,
    /// Bytes so far.
    seen: u64,
    /// The supposed length of the block; 0 for none.
    block: u64,
    /// Bytes in a row that stand as they stood one block before.
    run: u64,
}

/// What a text repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeated {
    /// The block, as text.
    pub(super) block: String,
    /// How often it stood there, one after the other.
    pub(super) times: u64,
}

impl Repetition {
    /// Nothing has come yet.
    pub(super) fn new(limit: Repeats) -> Self {
        Self {
            limit,
            memory: vec![0; MEMORY],
            places: vec![0; SLOTS],
            gram: 0,
            seen: 0,
            block: 0,
            run: 0,
        }
    }

    /// Takes the next piece of text. What it repeats, as soon as that is too much.
    pub(super) fn push(&mut self, text: &str) -> Option<Repeated> {
        for byte in text.bytes() {
            self.take(byte);
            if self.is_too_much() {
                return Some(self.repeated());
            }
        }
        None
    }

    fn take(&mut self, byte: u8) {
        let continues = self.block > 0 && self.back(self.block) == byte;
        let place = index(self.seen);
        self.memory[place] = byte;
        self.seen += 1;
        self.gram = self.gram << 8 | u128::from(byte);
        let slot = slot(self.gram);
        let last = std::mem::replace(&mut self.places[slot], self.seen);
        if continues {
            self.run += 1;
        } else {
            self.suppose(last);
        }
    }

    /// The block is what lies between the same 16 bytes here and where they last stood.
    fn suppose(&mut self, last: u64) {
        self.block = 0;
        self.run = 0;
        let distance = self.seen - last;
        let gram = u64::from(GRAM);
        if last < gram || distance + gram > MEMORY as u64 {
            return;
        }
        let stands_there = (1..=gram).all(|back| self.back(back) == self.back(back + distance));
        if stands_there {
            self.block = distance;
            self.run = gram;
        }
    }

    /// The byte that many places before the next one.
    fn back(&self, places: u64) -> u8 {
        self.memory[index(self.seen - places)]
    }

    fn is_too_much(&self) -> bool {
        self.block > 0
            && self.run + self.block >= self.limit.bytes
            && self.run >= self.block * (self.limit.times - 1)
    }

    fn repeated(&self) -> Repeated {
        let mut bytes: Vec<u8> = (1..=self.block).rev().map(|back| self.back(back)).collect();
        // The block may be seen from the middle of a character on; it has no first byte.
        let start = bytes.iter().position(|byte| byte & 0xC0 != 0x80);
        bytes.rotate_left(start.unwrap_or(0));
        Repeated {
            block: String::from_utf8_lossy(&bytes).into_owned(),
            times: self.run / self.block + 1,
        }
    }
}

fn index(count: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "below MEMORY")]
    let index = (count % MEMORY as u64) as usize;
    index
}

/// Multiplies and keeps the upper bits (Fibonacci hashing); what falls together is compared.
fn slot(gram: u128) -> usize {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    #[expect(clippy::cast_possible_truncation, reason = "two halves of 64 bits")]
    let (low, high) = (gram as u64, (gram >> 64) as u64);
    let mixed = (low.wrapping_mul(ODD) ^ high).wrapping_mul(ODD);
    #[expect(clippy::cast_possible_truncation, reason = "below SLOTS")]
    let slot = (mixed >> (64 - SLOTS.trailing_zeros())) as usize;
    slot
}

#[cfg(test)]
mod tests;
