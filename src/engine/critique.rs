//! What a critic's verdict is put into: a receipt for the journal, and the words for the model
//! that built the ticket. The critic itself is asked in `decide/critic.rs`; its answer is read in
//! `artifact/critique.rs`. Refuses to judge.

use std::fmt::Write as _;

use super::artifact::{CriterionVerdict, Judged, Ticket, single_ticket};
use super::event::{Gate, Receipt};
use super::gate::told;
use super::neutral::neutral;

/// The receipt of a critic's verdict. `gate` is what the checks had shown of the same work.
pub fn receipt(judged: Vec<Judged>, model: &str, gate: &Receipt) -> Receipt {
    let passed = judged
        .iter()
        .all(|one| one.verdict != CriterionVerdict::NotMet);
    let words = words(&judged);
    Receipt {
        command: neutral(model).into_owned(),
        tree_after: gate.tree_after.clone(),
        criteria: judged,
        ..told(Gate::Critic, passed, words)
    }
}

/// The receipt of a critic that gave no verdict.
pub fn unusable(why: &str, model: &str, gate: &Receipt) -> Receipt {
    Receipt {
        command: neutral(model).into_owned(),
        tree_after: gate.tree_after.clone(),
        ..told(Gate::Critic, true, format!("gave no usable verdict: {why}"))
    }
}

/// `2 of 3 criteria met, 1 not met`, and a line for each that is not met or cannot be told.
fn words(judged: &[Judged]) -> String {
    let count = |wanted| judged.iter().filter(|one| one.verdict == wanted).count();
    let mut text = format!(
        "{} of {} criteria met",
        count(CriterionVerdict::Met),
        judged.len()
    );
    for (wanted, words) in [
        (CriterionVerdict::NotMet, "not met"),
        (
            CriterionVerdict::CannotTell,
            "cannot be told from the changes",
        ),
    ] {
        if count(wanted) > 0 {
            let _ = write!(text, ", {} {words}", count(wanted)); // silent-ok: a String
        }
    }
    for one in judged {
        let verdict = match one.verdict {
            CriterionVerdict::Met => continue,
            CriterionVerdict::NotMet => "not met",
            CriterionVerdict::CannotTell => "cannot tell",
        };
        let number = one.criterion;
        let _ = write!(text, "\n{number}. {verdict}: {}", place_and_why(one)); // silent-ok: a String
    }
    text
}

fn place_and_why(one: &Judged) -> String {
    match (one.line.is_empty(), one.why.is_empty()) {
        (true, _) => one.why.clone(),
        (false, true) => one.line.clone(),
        (false, false) => format!("{}: {}", one.line, one.why),
    }
}

/// Whether the program made a ticket itself, of a simple task.
pub fn is_of_the_program(ticket: &Ticket, task: &str) -> bool {
    single_ticket(task).tickets.contains(ticket)
}

/// What a ticket is judged by: its acceptance criteria; where the program made it, whose criteria
/// say nothing that the checks do not, the task itself.
pub fn criteria(ticket: &Ticket, task: &str) -> Vec<String> {
    if is_of_the_program(ticket, task) {
        vec![format!(
            "The changes do what the task asks for, and change tests that were there only as it asks for: {}",
            ticket.title
        )]
    } else {
        ticket.acceptance_criteria.clone()
    }
}

/// What the model that built the ticket is told. It may answer that the critic is wrong: the
/// checks decide.
pub fn for_the_model(receipt: &Receipt, criteria: &[String]) -> String {
    let mut text = String::from(
        "The program's checks pass. A reviewer who read only the ticket and your changes says that this is not met:\n",
    );
    let unmet = receipt
        .criteria
        .iter()
        .filter(|one| one.verdict == CriterionVerdict::NotMet);
    for one in unmet {
        let criterion = criteria
            .get(one.criterion.saturating_sub(1))
            .map_or("", String::as_str);
        let _ = writeln!(text, "- {criterion}\n  {}", place_and_why(one)); // silent-ok: a String
    }
    text.push_str("Look at each place. Where the reviewer is right, repair it, add a test for it, and run the verify commands again. Where the reviewer is wrong, change nothing. Then end again.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(criterion: usize, verdict: CriterionVerdict, line: &str, why: &str) -> Judged {
        Judged {
            criterion,
            verdict,
            line: line.to_owned(),
            why: why.to_owned(),
        }
    }

    #[test]
    fn a_verdict_becomes_a_receipt_and_words_for_the_model() {
        let gate = Receipt {
            tree_after: Some("abc".to_owned()),
            ..told(Gate::Verdict, true, "tests ran and passed")
        };
        let all = vec![
            judged(1, CriterionVerdict::Met, "a.py:1", "adds"),
            judged(2, CriterionVerdict::NotMet, "a.py:7", "0 is accepted"),
            judged(3, CriterionVerdict::CannotTell, "", "the file was cut"),
        ];
        let receipt = receipt(all, "tiny", &gate);
        assert!(!receipt.passed);
        assert_eq!(receipt.tree_after, gate.tree_after);
        insta::assert_snapshot!(receipt.output, @r"
        1 of 3 criteria met, 1 not met, 1 cannot be told from the changes
        2. not met: a.py:7: 0 is accepted
        3. cannot tell: the file was cut
        ");
        let criteria = ["One is added", "0 is refused", "It is fast"].map(str::to_owned);
        insta::assert_snapshot!(for_the_model(&receipt, &criteria), @r"
        The program's checks pass. A reviewer who read only the ticket and your changes says that this is not met:
        - 0 is refused
          a.py:7: 0 is accepted
        Look at each place. Where the reviewer is right, repair it, add a test for it, and run the verify commands again. Where the reviewer is wrong, change nothing. Then end again.
        ");
    }

    #[test]
    fn what_cannot_be_told_or_used_stops_nothing() {
        let gate = told(Gate::Verdict, true, "");
        let unsure = vec![judged(1, CriterionVerdict::CannotTell, "", "")];
        assert!(receipt(unsure, "tiny", &gate).passed);
        let unusable = unusable("criterion 1 is not judged", "tiny", &gate);
        assert!(unusable.passed && unusable.criteria.is_empty());
    }
}
