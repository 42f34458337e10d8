//! What a rule has found: the form in which it stands in the journal, and the sentence that goes
//! with it. What the sentences are is for `rules.yaml`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rule::Rule;
use super::rules::rules;

/// What a rule has found, as the data of a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How often it has happened now.
    pub count: u32,
    /// What follows.
    #[serde(default, skip_serializing_if = "Follows::is_words")]
    pub follows: Follows,
    /// What the model is told, or why the attempt ends. It is the text of the note.
    #[serde(skip)]
    pub text: String,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// The model is told.
    #[default]
    Words,
    /// The attempt ends.
    End,
}

impl Follows {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    fn is_words(&self) -> bool {
        *self == Self::Words
    }
}

impl Finding {
    /// Whether that count of a rule means anything: most do not, and their words cost.
    pub(super) fn means(rule: Rule, count: u32) -> bool {
        let entry = rules().entry(rule);
        count >= entry.end || entry.say.iter().any(|say| say.at <= count)
    }

    /// What that count of a rule means; none while it means nothing. `fill` are the words for the
    /// places in the rule's sentences, `so_far` says in a few words what came again.
    pub(super) fn of(rule: Rule, count: u32, so_far: &str, fill: &[(&str, &str)]) -> Option<Self> {
        let entry = rules().entry(rule);
        let times = count.to_string();
        if count >= entry.end {
            let text = format!(
                "going in circles ({}, {times} times): {so_far}",
                rule.name()
            );
            return Some(Self {
                rule,
                count,
                follows: Follows::End,
                text,
            });
        }
        let say = entry.say.iter().rev().find(|say| say.at <= count)?;
        let mut text = say.text.clone();
        for (place, words) in fill.iter().copied().chain([("{count}", times.as_str())]) {
            text = text.replace(place, words);
        }
        Some(Self {
            rule,
            count,
            follows: Follows::Words,
            text,
        })
    }

    /// The note's data.
    pub fn data(&self) -> Value {
        serde_json::json!(self)
    }

    /// A finding as a journal has it; none if it has none.
    pub fn read(text: &str, data: &Value) -> Option<Self> {
        let mut finding: Self = Deserialize::deserialize(data).ok()?; // silent-ok: not one of ours
        text.clone_into(&mut finding.text);
        Some(finding)
    }

    /// What a person is told, in a few words.
    pub fn words(&self) -> String {
        let what = &rules().entry(self.rule).what;
        format!("{what} ({}, {} times)", self.rule.name(), self.count)
    }
}
