//! The documents of a simple task, made without a model: one feature, one ticket, one plan entry.

use super::fields::{one_line, paragraphs};
use super::plan::{Plan, PlanTicket};
use super::prd::{Feature, Prd, feature_id};
use super::tickets::{Ticket, Tickets};

/// The longest title made of a task.
const TITLE_LENGTH: usize = 72;

/// The PRD of a task that needs no interview.
pub fn prd_for_simple(task: &str) -> Prd {
    Prd {
        title: title(task),
        problem: paragraphs(task),
        features: vec![Feature {
            id: feature_id(0),
            title: title(task),
            description: String::new(),
            acceptance_criteria: criteria(),
        }],
        ..Prd::default()
    }
}

/// The whole task as one ticket, T1.
pub fn single_ticket(task: &str) -> Tickets {
    Tickets {
        tickets: vec![Ticket {
            id: "T1".to_owned(),
            title: title(task),
            description: paragraphs(task),
            features: vec![feature_id(0)],
            acceptance_criteria: criteria(),
            ..Ticket::default()
        }],
    }
}

/// The plan of that ticket. The commands are the ones the project is already tested with.
pub fn plan_for_single(task: &str, verify: Vec<String>) -> Plan {
    Plan {
        summary: title(task),
        packages: Vec::new(),
        run: Vec::new(),
        tickets: vec![PlanTicket {
            id: "T1".to_owned(),
            approach: "Do what the task asks for, with a test that shows it.".to_owned(),
            files: Vec::new(),
            verify,
            risks: Vec::new(),
        }],
    }
}

fn criteria() -> Vec<String> {
    vec![
        "What the task asks for is there".to_owned(),
        "A test shows it, and all other tests still pass".to_owned(),
    ]
}

fn title(task: &str) -> String {
    let line = one_line(task);
    if line.chars().count() <= TITLE_LENGTH {
        return line;
    }
    let start: String = line.chars().take(TITLE_LENGTH - 1).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::{accept_plan, accept_prd, accept_tickets};
    use super::*;

    #[test]
    fn what_is_made_here_would_be_accepted_from_a_model() {
        let task = format!("Fix the typo\nin {}", "the very long heading ".repeat(9));
        let prd = prd_for_simple(&task);
        let tickets = single_ticket(&task);
        let plan = plan_for_single(&task, vec!["pytest".to_owned()]);
        assert_eq!(
            accept_prd(&serde_json::to_value(&prd).unwrap()),
            Ok(prd.clone())
        );
        let value = serde_json::to_value(&tickets).unwrap();
        assert_eq!(accept_tickets(&value, &prd), Ok(tickets.clone()));
        let value = serde_json::to_value(&plan).unwrap();
        assert_eq!(accept_plan(&value, &tickets), Ok(plan));
        assert_eq!(prd.title.chars().count(), TITLE_LENGTH);
        assert!(prd.title.starts_with("Fix the typo in the very"));
    }
}
