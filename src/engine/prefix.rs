//! What a request shares with the one before it. A server reads again whatever follows the first
//! byte that differs, so within a conversation nothing may differ but what was added. Compares
//! bytes that were written anyway; refuses to know how they are written (`ollama/body.rs`).

use serde::{Deserialize, Serialize};

use super::estimate::Speed;
use super::reply::Usage;

/// A request as it went out, as far as it has to stay the same through a conversation. Sampling
/// options are left out: a retry may change them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The conversation and its compactions; none for a request beside it.
    pub conversation: Option<u64>,
    /// Names and bytes of what stands in front of the messages.
    pub fields: Vec<(&'static str, Vec<u8>)>,
    /// The messages, one after another.
    pub messages: Vec<u8>,
    /// Where each message ends.
    pub ends: Vec<usize>,
}

/// What a request shares with the one before it, in bytes of tools and messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Bytes from the start that are the same.
    pub bytes: u64,
    /// Bytes of the request before.
    pub of: u64,
    /// What changed within a conversation, which nothing should: `tools`, `messages[3]`.
    pub moved: Option<String>,
}

/// The journal's entry for one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix {
    /// Bytes of tools and messages that it shares with the one before.
    pub shared: u64,
    /// Bytes of tools and messages of the one before.
    pub of: u64,
    /// Whether the server had read them already.
    pub cache: Cache,
    /// What changed within a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
}

/// Whether the server used what it had read before, as far as its times tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    /// Only what was new took time.
    Used,
    /// It took as long as reading everything.
    Lost,
    /// The speed is not known yet, or the difference is too small to be seen.
    Unknown,
}

/// A difference of less than this says nothing: servers have hiccups.
const TELLING_MS: f64 = 200.0;

impl Sent {
    /// Bytes of tools and messages.
    pub fn bytes(&self) -> u64 {
        (self.tools().len() + self.messages.len()) as u64
    }

    /// Takes the place of what this was, without copying what both have.
    pub fn follow(&mut self, next: &Self) {
        let Self {
            conversation,
            fields,
            messages,
            ends,
        } = next;
        let known = common(&self.messages, messages);
        self.messages.truncate(known);
        self.messages.extend_from_slice(&messages[known..]);
        self.conversation = *conversation;
        self.fields.clone_from(fields);
        self.ends.clone_from(ends);
    }

    /// What the request `next` shares with this one.
    pub fn shared_with(&self, next: &Self) -> Shared {
        let in_tools = common(self.tools(), next.tools());
        let mut bytes = in_tools;
        let mut message = None;
        if self.tools() == next.tools() {
            let in_messages = common(&self.messages, &next.messages);
            bytes += in_messages;
            message = (in_messages < self.messages.len())
                .then(|| self.ends.partition_point(|end| *end <= in_messages));
        }
        let is_one_conversation =
            self.conversation.is_some() && self.conversation == next.conversation;
        let field = || {
            let pairs = self.fields.iter().zip(&next.fields);
            pairs
                .filter(|(before, now)| before != now)
                .map(|(before, _)| before.0.to_owned())
                .next()
        };
        let moved = || field().or_else(|| message.map(|index| format!("messages[{index}]")));
        Shared {
            bytes: bytes as u64,
            of: self.bytes(),
            moved: is_one_conversation.then(moved).flatten(),
        }
    }

    /// The schemas of the tools, `[]` or nothing if there are none.
    pub fn tools(&self) -> &[u8] {
        let tools = self.fields.iter().find(|(name, _)| *name == "tools");
        tools.map_or(&[], |(_, bytes)| bytes)
    }
}

impl Shared {
    /// The journal's entry, once the reply is there. `bytes` are those of the whole request.
    pub fn judged(self, bytes: u64, usage: Usage, speed: Speed) -> Prefix {
        Prefix {
            shared: self.bytes,
            of: self.of,
            cache: judge(fresh(usage.prompt_tokens, bytes, self.bytes), usage, speed),
            moved: self.moved,
        }
    }
}

/// How many of so many tokens are new, if so many bytes are shared.
pub fn fresh(tokens: u64, bytes: u64, shared: u64) -> u64 {
    tokens
        .saturating_mul(bytes.saturating_sub(shared))
        .div_ceil(bytes.max(1))
}

/// Reading everything and reading the new part take times that are known; the nearer one it was.
fn judge(fresh: u64, usage: Usage, speed: Speed) -> Cache {
    let (Some(part), Some(whole)) = (speed.reading(fresh), speed.reading(usage.prompt_tokens))
    else {
        return Cache::Unknown;
    };
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let (part, whole) = (ms(part), ms(whole));
    if whole - part < TELLING_MS {
        return Cache::Unknown;
    }
    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
    let took = usage.prompt_ms as f64;
    if took < f64::midpoint(part, whole) {
        Cache::Used
    } else {
        Cache::Lost
    }
}

/// How many bytes from the start are the same.
fn common(one: &[u8], other: &[u8]) -> usize {
    // Pieces are compared as memory, which is a thousand times faster than byte by byte.
    const PIECE: usize = 4096;
    let same = one
        .chunks(PIECE)
        .zip(other.chunks(PIECE))
        .take_while(|(one, other)| one == other)
        .map(|(piece, _)| piece.len())
        .sum::<usize>();
    let rest = one[same..].iter().zip(&other[same..]);
    same + rest.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(conversation: u64, tools: &str, messages: &[&str]) -> Sent {
        let mut sent = Sent {
            conversation: Some(conversation),
            fields: vec![
                ("model", b"tiny".to_vec()),
                ("tools", tools.as_bytes().to_vec()),
            ],
            ..Sent::default()
        };
        for message in messages {
            sent.messages.extend_from_slice(message.as_bytes());
            sent.ends.push(sent.messages.len());
        }
        sent
    }

    fn check(before: &Sent, now: &Sent, bytes: u64, moved: Option<&str>) {
        let shared = before.shared_with(now);
        let expected = Shared {
            bytes,
            of: before.bytes(),
            moved: moved.map(str::to_owned),
        };
        assert_eq!(shared, expected);
    }

    #[test]
    fn what_moved_within_a_conversation_is_named() {
        let before = sent(1, "[tools]", &["one,", "two,", "three"]);
        check(
            &before,
            &sent(1, "[tools]", &["one,", "two,", "three", ",four"]),
            20,
            None,
        );
        check(
            &before,
            &sent(1, "[tools]", &["one,", "too,", "three"]),
            12,
            Some("messages[1]"),
        );
        check(
            &before,
            &sent(1, "[tools]", &["one,", "two"]),
            14,
            Some("messages[1]"),
        );
        check(
            &before,
            &sent(1, "[other]", &["one,", "two,", "three"]),
            1,
            Some("tools"),
        );
        let mut other_model = before.clone();
        other_model.fields[0].1 = b"huge".to_vec();
        check(&before, &other_model, 20, Some("model"));
    }

    #[test]
    fn another_conversation_moves_nothing() {
        let before = sent(1, "[tools]", &["one,", "two"]);
        check(&before, &sent(2, "[tools]", &["one,", "three"]), 12, None);
        let mut beside = sent(1, "", &["one,", "two"]);
        beside.conversation = None;
        check(&before, &beside, 0, None);
        check(&beside, &beside.clone(), 7, None);
    }

    #[test]
    fn times_tell_whether_the_cache_was_used() {
        let mut speed = Speed::default();
        let usage = |prompt_tokens, prompt_ms| Usage {
            prompt_tokens,
            prompt_ms,
            ..Usage::default()
        };
        let judged = |speed, ms| {
            let shared = Shared {
                bytes: 9_000,
                of: 9_000,
                moved: None,
            };
            shared.judged(10_000, usage(4_000, ms), speed).cache
        };
        assert_eq!(judged(speed, 2_000), Cache::Unknown, "no speed yet");
        speed.learn(usage(1_000, 500), 1_000);
        assert_eq!(judged(speed, 250), Cache::Used);
        assert_eq!(judged(speed, 1_000), Cache::Used);
        assert_eq!(judged(speed, 1_900), Cache::Lost);
        let mut fast = Speed::default();
        fast.learn(usage(1_000, 20), 1_000);
        assert_eq!(judged(fast, 80), Cache::Unknown, "too quick to tell");
    }

    proptest! {
        #[test]
        fn the_common_part_is_common(
            start in proptest::collection::vec(any::<u8>(), 0..9_000),
            one in proptest::collection::vec(any::<u8>(), 0..9),
            other in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            let one = [&start[..], &one].concat();
            let other = [&start[..], &other].concat();
            let length = common(&one, &other);
            prop_assert!(length >= start.len());
            prop_assert_eq!(&one[..length], &other[..length]);
            prop_assert!(one.get(length).is_none() || one.get(length) != other.get(length));
        }

        #[test]
        fn following_is_becoming(
            before in proptest::collection::vec(any::<u8>(), 0..50),
            now in proptest::collection::vec(any::<u8>(), 0..50),
        ) {
            let as_sent = |messages: &[u8]| Sent { messages: messages.to_vec(), ends: vec![messages.len()], ..Sent::default() };
            let mut last = as_sent(&before);
            last.follow(&as_sent(&now));
            prop_assert_eq!(last, as_sent(&now));
        }
    }
}
