//! The retry rule as it stands in `retry.yaml`, embedded in the binary. Knows its form only.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::engine::event::Ended;
use crate::engine::settings::{Failed, Settings};

/// The whole table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryRule {
    seed_step: u64,
    attempts: Vec<Variation>,
    pub(super) note: NoteLimits,
    avoid: BTreeMap<Why, String>,
}

/// What is different about an attempt.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variation {
    from: u32,
    /// Said to the model if an attempt before it failed.
    #[serde(default)]
    pub hint: String,
    /// Added to the temperature.
    #[serde(default)]
    pub warmer: Option<f64>,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteLimits {
    pub(super) characters: usize,
    pub(super) guidance_characters: usize,
    pub(super) older: usize,
    pub(super) files: usize,
    pub(super) commands: usize,
    pub(super) lines: usize,
    pub(super) line_characters: usize,
}

/// An entry of `avoid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    Check,
    SameCheck,
    Circles,
    Silent,
    Unusable,
    Full,
    Limit,
    GaveUp,
}

/// The table that is embedded in the program.
pub fn retry_rule() -> &'static RetryRule {
    static RULE: OnceLock<RetryRule> = OnceLock::new();
    RULE.get_or_init(|| match serde_yaml::from_str(include_str!("retry.yaml")) {
        Ok(rule) => rule,
        Err(error) => unreachable!("retry.yaml is embedded and tested: {error}"),
    })
}

impl RetryRule {
    /// What is different about this attempt, counted from 1 or from a person's wish to try again.
    pub fn variation(&self, attempt: u32) -> &Variation {
        let reached = self
            .attempts
            .iter()
            .rev()
            .find(|entry| entry.from <= attempt);
        match reached.or(self.attempts.first()) {
            Some(entry) => entry,
            None => unreachable!("retry.yaml has entries, which is tested"),
        }
    }

    /// The seed of an attempt, counted from 1 over the ticket's whole life; none leaves it to the
    /// server.
    pub fn seed(&self, settings: &Settings, attempt: u32) -> Option<u64> {
        (attempt > 1 || settings.best_of(Failed::Never) > 1)
            .then(|| u64::from(attempt) * self.seed_step)
    }

    /// What not to do again after an attempt that ended like this.
    pub(super) fn avoid(&self, ended: Ended, as_before: bool) -> &str {
        let why = match ended {
            Ended::Check if as_before => Why::SameCheck,
            Ended::Check => Why::Check,
            Ended::Circles => Why::Circles,
            Ended::Silent => Why::Silent,
            Ended::Unusable => Why::Unusable,
            Ended::Full => Why::Full,
            Ended::Limit => Why::Limit,
            Ended::GaveUp => Why::GaveUp,
            Ended::Other => return "",
        };
        self.avoid.get(&why).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::settings::BestOf;

    #[test]
    fn the_embedded_rule_says_something_about_every_ending() {
        let rule = retry_rule();
        assert_eq!(rule.variation(0), rule.variation(1));
        assert_eq!(rule.variation(1).hint, "");
        assert_ne!(rule.variation(2).hint, rule.variation(3).hint);
        assert_eq!(rule.variation(9), rule.variation(3));
        for ended in [
            Ended::Check,
            Ended::Circles,
            Ended::Silent,
            Ended::Unusable,
            Ended::Full,
            Ended::Limit,
            Ended::GaveUp,
        ] {
            assert!(!rule.avoid(ended, false).is_empty(), "{ended:?}");
        }
        let same = rule.avoid(Ended::Check, true);
        assert_ne!(same, rule.avoid(Ended::Check, false));
        assert_eq!(rule.avoid(Ended::Other, true), "");
    }

    #[test]
    fn only_a_first_attempt_alone_leaves_the_seed_to_the_server() {
        let alone = Settings::default();
        let several = Settings {
            best_of: Some(BestOf::Each(3)),
            ..Settings::default()
        };
        let rule = retry_rule();
        assert_eq!(rule.seed(&alone, 1), None);
        assert_eq!(rule.seed(&alone, 2), Some(2000));
        assert_eq!(rule.seed(&several, 1), Some(1000));
    }
}
