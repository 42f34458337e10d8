//! The forced decision: what a model answers when it neither called a tool nor ended its phase.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::Fields;

/// What the model decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// There is more to do.
    Continue,
    /// Everything is done; still only a claim.
    Complete,
    /// It cannot be done.
    Blocked,
}

/// A decision and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Which.
    pub decision: Decision,
    /// In the model's words; may be empty.
    pub reason: String,
}

/// What the model decided, or what is wrong with its answer.
pub fn accept_decision(value: &Value) -> Result<Decided, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the decision", &mut faults) else {
        return Err(faults);
    };
    let reason = fields.line("reason", &mut faults);
    let word = fields.line("decision", &mut faults);
    let decision = match word.to_lowercase().as_str() {
        "continue" => Decision::Continue,
        "complete" => Decision::Complete,
        "blocked" => Decision::Blocked,
        _ => {
            faults.push(format!(
                "'decision' must be continue, complete or blocked, not '{word}'"
            ));
            return Err(faults);
        }
    };
    if faults.is_empty() {
        Ok(Decided { decision, reason })
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn three_words_and_no_other() {
        assert_eq!(
            accept_decision(&json!({"decision": "Blocked", "reason": "no compiler"})),
            Ok(Decided {
                decision: Decision::Blocked,
                reason: "no compiler".to_owned()
            })
        );
        assert_eq!(
            accept_decision(&json!({"decision": "done"})),
            Err(vec![
                "'decision' must be continue, complete or blocked, not 'done'".to_owned()
            ])
        );
        assert!(accept_decision(&json!("complete")).is_err());
    }
}
