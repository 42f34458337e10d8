//! Watches one reply while it comes in: whether it repeats itself, and whether its thinking ends.
//! It only says so; the client drops the request.

use super::finding::Finding;
use super::memory::Memory;
use super::repetition::{Repeated, Repetition};
use super::rule::Rule;
use super::rules::rules;

/// Characters of a repeated block that are quoted.
const QUOTED: usize = 60;

/// A reply as far as it has come.
#[derive(Clone, Debug)]
pub struct Watch {
    text: Repetition,
    thinking: Repetition,
    /// Bytes of thinking so far, and the most there may be.
    thought: u64,
    most: u64,
}

/// Why a reply is not read any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// By which rule.
    pub rule: Rule,
    /// What was seen, in a few words.
    pub detail: String,
}

impl Watch {
    /// Watches a reply that may have so many tokens.
    pub fn new(num_predict: u64) -> Self {
        let limits = &rules().thinking;
        let tokens = num_predict.saturating_mul(limits.percent) / 100;
        Self {
            text: Repetition::new(rules().repeats.text),
            thinking: Repetition::new(rules().repeats.thinking),
            thought: 0,
            most: tokens.saturating_mul(limits.bytes_per_token),
        }
    }

    /// A piece of text.
    pub fn text(&mut self, piece: &str) -> Option<Cut> {
        self.text.push(piece).map(|repeated| repeats(&repeated))
    }

    /// A piece of thinking.
    pub fn thinking(&mut self, piece: &str) -> Option<Cut> {
        self.thought += piece.len() as u64;
        if let Some(repeated) = self.thinking.push(piece) {
            return Some(repeats(&repeated));
        }
        (self.thought > self.most).then(|| Cut {
            rule: Rule::Thinking,
            detail: format!(
                "more than {} tokens",
                self.most / rules().thinking.bytes_per_token
            ),
        })
    }
}

fn repeats(repeated: &Repeated) -> Cut {
    let block = from_its_start(&repeated.block);
    let block = block.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut quoted: String = block.chars().take(QUOTED).collect();
    if quoted.len() < block.len() {
        quoted.push('…');
    }
    let what = match quoted.as_str() {
        "" => "white space".to_owned(),
        quoted => format!("\"{quoted}\""),
    };
    Cut {
        rule: Rule::Repetition,
        detail: format!("{what}, {} times", repeated.times),
    }
}

/// A block, which may be seen from anywhere on, from the first line, sentence or word that begins
/// in it.
fn from_its_start(block: &str) -> String {
    let start = ["\n", ". ", " "]
        .iter()
        .find_map(|end| block.find(end).map(|at| at + end.len()));
    let (end, beginning) = block.split_at(start.unwrap_or(0));
    format!("{beginning}{end}")
}

/// The most bytes that a reply of so many tokens may have, text, thinking and calls together.
pub fn largest_reply(num_predict: u64) -> usize {
    let limits = rules().reply;
    let bytes = num_predict
        .saturating_mul(limits.bytes_per_token)
        .saturating_add(limits.slack_bytes);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl Cut {
    /// What follows from it, after what was cut before in this conversation.
    pub fn finding(&self, memory: &Memory) -> Finding {
        let count = memory.cuts(self.rule) + 1;
        let fill = [("{detail}", self.detail.as_str())];
        Finding::of(self.rule, count, &self.detail, &fill).unwrap_or_else(|| {
            unreachable!("{} speaks from 1 on, which is tested", self.rule.name())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_has_a_budget_of_its_own() {
        let mut watch = Watch::new(100);
        // 75 of 100 tokens of four bytes each; text does not count.
        assert_eq!(watch.thinking(&words(290)), None);
        assert_eq!(watch.text(&words(3_000)), None);
        let cut = watch.thinking(&words(11)).unwrap();
        assert_eq!(cut.rule, Rule::Thinking);
        assert_eq!(cut.detail, "more than 75 tokens");
    }

    #[test]
    fn repetition_is_seen_in_text_and_earlier_in_thinking() {
        let block = "Let me look at the file again. ";
        let mut watch = Watch::new(8_192);
        assert_eq!(watch.text(&block.repeat(130)), None);
        let cut = watch.thinking(&block.repeat(130)).unwrap();
        assert_eq!(cut.rule, Rule::Repetition);
        let cut = watch.text(&block.repeat(200)).unwrap();
        assert!(
            cut.detail
                .starts_with("\"Let me look at the file again.\", "),
            "{cut:?}"
        );
        let blanks = Watch::new(8_192).text(&" ".repeat(9_000)).unwrap();
        assert!(blanks.detail.starts_with("white space, "), "{blanks:?}");
    }

    #[test]
    fn a_reply_is_bounded_by_its_tokens() {
        assert_eq!(largest_reply(8_192), 16 * 8_192 + 65_536);
        assert_eq!(largest_reply(u64::MAX), usize::MAX);
    }

    /// So many bytes of words that never repeat.
    fn words(bytes: usize) -> String {
        let mut text: String = (0..bytes)
            .flat_map(|number| [number.to_string(), " ".to_owned()])
            .collect();
        text.truncate(bytes);
        text
    }
}
