//! Several questions open at once, answered from elsewhere in another order than they were asked.

use serde_json::Value;

use super::repeats;
use crate::attempts::scenes::NOTE;
use crate::mailbox::{answer_up_to, answers, detach, until, until_over};
use crate::support::project::Project;
use crate::support::scenes::asks_beside_a_blocked_ticket;

#[test]
fn a_parked_ticket_and_an_open_question_repeat() {
    for first in ["blocked-T1", "ask-"] {
        let server = asks_beside_a_blocked_ticket();
        let project = Project::with(&server);
        detach(&project, &[]);
        answer_up_to(&project, "blocked-T1");
        // The ticket waits, and so does another one that goes on beside it.
        let is_open = |line: &Value| line["ask"]["kind"] == "question";
        let journal = until(&project, |journal| {
            journal.of("asked").into_iter().any(is_open)
        });
        let asked = journal.of("asked");
        let asked = asked.into_iter().find(|line| is_open(line)).unwrap();
        let question = asked["ask"]["id"].as_str().unwrap();
        let retry = format!("retry {NOTE}");
        let mut given = [("blocked-T1", retry.as_str()), (question, "B")];
        given.sort_by_key(|(id, _)| !id.starts_with(first));
        for (id, text) in given {
            project.run(&["answer", id, text]).exits(0);
            until(&project, |journal| {
                answers(journal).iter().any(|(answered, ..)| answered == id)
            });
        }
        let journal = until_over(&project);
        assert_eq!(journal.outcome(), Some("completed"), "{first}");
        repeats(&project);
    }
}
