//! The rules as they stand in `rules.yaml`, embedded in the binary. Knows their form only.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::rule::Rule;

/// The whole table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    #[serde(rename = "rules")]
    entries: BTreeMap<Rule, Entry>,
    instead: BTreeMap<String, String>,
    pub(super) looking: Looking,
    pub(super) longest_circle: usize,
    /// How much of a reply may be repetition.
    pub repeats: RepeatLimits,
    /// How much of a reply may be thinking.
    pub thinking: ThinkingLimits,
    pub(super) reply: ReplyLimits,
}

/// A rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What is counted, for a person.
    pub what: String,
    /// What the model is told, by count.
    pub say: Vec<Say>,
    /// The count that ends the attempt.
    pub end: u32,
}

/// A sentence, and from which count on it is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// The count.
    pub at: u32,
    /// The sentence, with places to fill in.
    pub text: String,
}

/// Commands that change no file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Looking {
    pub(super) commands: Vec<String>,
    pub(super) unless: Vec<String>,
    pub(super) harmless: Vec<String>,
}

/// How much repetition is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    /// A block stands there so many times, one after the other.
    pub times: u64,
    /// And covers so many bytes.
    pub bytes: u64,
}

/// How much of a reply may be repetition.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatLimits {
    /// In its text.
    pub text: Repeats,
    /// In its thinking.
    pub thinking: Repeats,
}

/// How much of a reply may be thinking.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThinkingLimits {
    /// Of the tokens that the reply may have.
    pub percent: u64,
    pub(super) bytes_per_token: u64,
    pub(super) never_off: Vec<String>,
    pub(super) lowest_level: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyLimits {
    pub(super) bytes_per_token: u64,
    pub(super) slack_bytes: u64,
}

/// The table that is embedded in the program.
pub fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| match serde_yaml::from_str(include_str!("rules.yaml")) {
        Ok(rules) => rules,
        Err(error) => unreachable!("rules.yaml is embedded and tested: {error}"),
    })
}

impl Rules {
    /// What a rule counts and says.
    pub fn entry(&self, rule: Rule) -> &Entry {
        match self.entries.get(&rule) {
            Some(entry) => entry,
            None => unreachable!("{} is in rules.yaml, which is tested", rule.name()),
        }
    }

    /// What else there is to do than to call this tool again.
    pub(super) fn instead(&self, tool: &str) -> &str {
        self.instead
            .get(tool)
            .map_or("Do something else.", String::as_str)
    }

    /// The level at which this model thinks least, if it cannot be told not to think.
    pub fn least_thinking(&self, model: &str) -> Option<&str> {
        let name = model.rsplit('/').next().unwrap_or(model);
        let limits = &self.thinking;
        let is_one = limits
            .never_off
            .iter()
            .any(|family| name.starts_with(family));
        is_one.then_some(limits.lowest_level.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tool::Tool;

    #[test]
    fn every_rule_is_there_and_counts_upwards() {
        for rule in Rule::ALL {
            let entry = rules().entry(rule);
            let steps: Vec<u32> = entry.say.iter().map(|say| say.at).collect();
            assert!(steps.is_sorted() && !steps.is_empty(), "{rule:?}");
            assert!(steps.iter().all(|at| *at < entry.end), "{rule:?}");
            assert_eq!(serde_json::json!(rule), rule.name());
        }
        assert_eq!(rules().entries.len(), Rule::ALL.len());
    }

    #[test]
    fn every_tool_has_something_else_to_do_and_sentences_are_short() {
        for tool in Tool::ALL {
            assert!(rules().instead.contains_key(tool.name()), "{tool:?}");
        }
        let sentences = rules()
            .entries
            .values()
            .flat_map(|entry| entry.say.iter().map(|say| &say.text))
            .chain(rules().instead.values());
        for sentence in sentences {
            assert!(sentence.len() <= 300, "{} in {sentence}", sentence.len());
            assert!(!sentence.contains('\n'), "{sentence}");
        }
    }

    #[test]
    fn what_cannot_be_told_not_to_think_thinks_least() {
        for (model, expected) in [
            ("gpt-oss:20b", Some("low")),
            ("someone/gpt-oss:120b", Some("low")),
            ("qwen3:8b", None),
        ] {
            assert_eq!(rules().least_thinking(model), expected, "{model}");
        }
    }
}
