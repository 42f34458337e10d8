//! The demo's content, built into the binary: a task, what a person answers, and a model's part.
//! The run itself is an ordinary one; nothing here knows how it goes.

use super::Answers;
use super::scripted::Script;
use crate::error::Result;

/// What is asked for.
pub const TASK: &str = "Build a to-do list for the terminal in Python";

/// What the model is called in the journal and on screen.
pub const MODEL: &str = "scripted";

/// The program that the demo's project is written in.
pub const NEEDS: &str = "python3";

/// What a person would have answered.
const ANSWERS: [(&str, &str); 5] = [
    ("storage", "A"),
    ("numbers", "A"),
    ("scope", "No due dates, no sharing"),
    ("approve-prd", "yes"),
    ("approve-plan", "yes"),
];

/// The answers to everything that is asked on the way.
pub fn answers() -> Answers {
    let own = |(question, answer): (&str, &str)| (question.to_owned(), answer.to_owned());
    Answers::new(ANSWERS.map(own).to_vec())
}

/// The model's part.
pub fn script() -> Result<Script> {
    Script::parse(include_str!("demo/script.yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_can_be_read() {
        script().unwrap();
    }
}
