//! What a critic says about a ticket, criterion by criterion. Every criterion gets exactly one
//! verdict, or the answer is not one; nothing is filled in for the model.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::Fields;

/// The verdict on one acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Which, counted from 1 in the ticket's order.
    pub criterion: usize,
    /// Whether it is met.
    pub verdict: CriterionVerdict,
    /// The place that decides it, as `path:line`; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub line: String,
    /// In the critic's words.
    pub why: String,
}

/// Whether a criterion is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriterionVerdict {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// The changes do not show it.
    CannotTell,
}

impl CriterionVerdict {
    /// The words that a model may choose from.
    pub const WORDS: [&'static str; 3] = ["met", "not_met", "cannot_tell"];

    fn read(word: &str) -> Option<Self> {
        match word {
            "met" => Some(Self::Met),
            "not_met" => Some(Self::NotMet),
            "cannot_tell" => Some(Self::CannotTell),
            _ => None,
        }
    }
}

/// The verdicts on so many criteria, in their order, or what is wrong with the answer.
pub fn accept_critique(value: &Value, criteria: usize) -> Result<Vec<Judged>, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the answer", &mut faults) else {
        return Err(faults);
    };
    let entries = fields.required_entries("criteria", &mut faults);
    let mut judged: Vec<Judged> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let name = format!("entry {}", place + 1);
        let Some(one) = read(entry, &name, criteria, &mut faults) else {
            continue;
        };
        if judged.iter().any(|other| other.criterion == one.criterion) {
            faults.push(format!("criterion {} is judged twice", one.criterion));
        } else {
            judged.push(one);
        }
    }
    let missing: Vec<String> = (1..=criteria)
        .filter(|number| judged.iter().all(|one| one.criterion != *number))
        .map(|number| number.to_string())
        .collect();
    if faults.is_empty() && !missing.is_empty() {
        faults.push(format!("criterion {} is not judged", missing.join(", ")));
    }
    if faults.is_empty() {
        judged.sort_by_key(|one| one.criterion);
        Ok(judged)
    } else {
        Err(faults)
    }
}

fn read(entry: &Value, name: &str, criteria: usize, faults: &mut Vec<String>) -> Option<Judged> {
    let before = faults.len();
    let fields = Fields::of(entry, name, faults)?;
    let number = fields.line("criterion", faults);
    let criterion = number.parse::<usize>();
    if !matches!(criterion, Ok(number) if (1..=criteria).contains(&number)) {
        faults.push(format!(
            "'criterion' of {name} must be a number from 1 to {criteria}, not '{number}'"
        ));
    }
    let word = fields.line("verdict", faults).to_lowercase();
    let verdict = CriterionVerdict::read(&word.replace([' ', '-'], "_"));
    if verdict.is_none() {
        faults.push(format!(
            "'verdict' of {name} must be {}, not '{word}'",
            CriterionVerdict::WORDS.join(", ")
        ));
    }
    let line = fields.line("line", faults);
    let why = match verdict {
        // What is to be changed must be said; what is met needs no words.
        Some(CriterionVerdict::NotMet) => fields.required_line("why", faults),
        _ => fields.line("why", faults),
    };
    if faults.len() > before {
        return None;
    }
    Some(Judged {
        criterion: criterion.ok()?, // silent-ok: said above
        verdict: verdict?,
        line: line.trim_start_matches("./").to_owned(),
        why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(criterion: &Value, verdict: &str) -> Value {
        json!({"criterion": criterion, "line": "./a.py:3", "why": "It does.", "verdict": verdict})
    }

    #[test]
    fn every_criterion_has_its_verdict_in_the_tickets_order() {
        let value =
            json!({"criteria": [entry(&json!("2"), "Not met"), entry(&json!(1), "cannot-tell")]});
        let judged = accept_critique(&value, 2).unwrap();
        let verdicts: Vec<_> = judged
            .iter()
            .map(|one| (one.criterion, one.verdict))
            .collect();
        assert_eq!(
            verdicts,
            [
                (1, CriterionVerdict::CannotTell),
                (2, CriterionVerdict::NotMet)
            ]
        );
        assert_eq!(
            serde_json::to_string(&judged[1]).unwrap(),
            r#"{"criterion":2,"verdict":"not_met","line":"a.py:3","why":"It does."}"#
        );
    }

    fn check(value: &Value, expected: &[&str]) {
        assert_eq!(accept_critique(value, 2).unwrap_err(), expected);
    }

    #[test]
    fn nothing_is_guessed() {
        let one = || entry(&json!(1), "met");
        check(&json!([]), &["the answer must be a JSON object"]);
        check(
            &json!({"findings": []}),
            &["the answer needs the list 'criteria'"],
        );
        check(&json!({"criteria": []}), &["criterion 1, 2 is not judged"]);
        check(
            &json!({"criteria": [one()]}),
            &["criterion 2 is not judged"],
        );
        check(
            &json!({"criteria": [one(), one()]}),
            &["criterion 1 is judged twice"],
        );
        check(
            &json!({"criteria": [one(), entry(&json!(3), "yes"), {"criterion": 2, "verdict": "not_met"}]}),
            &[
                "'criterion' of entry 2 must be a number from 1 to 2, not '3'",
                "'verdict' of entry 2 must be met, not_met, cannot_tell, not 'yes'",
                "entry 3 needs 'why', and it is empty",
            ],
        );
    }
}
