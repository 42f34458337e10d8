//! Commands that an administrator does not allow, whatever else is said of them: a program and the
//! words that follow it. Compared with a command's words as the shell would see them.

use serde::Serialize;

use super::argument::{Argument, OWN_PROCESS, UNKNOWN};
use super::glob::matches;

/// A command that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forbidden {
    /// The program's name and the words after it, such as `git push`; each may be a pattern of the
    /// shell. Options may stand anywhere between them.
    pub command: String,
    /// Why, in the administrator's words.
    pub why: String,
}

impl Forbidden {
    /// Whether it is about this program with these words after its name.
    pub(super) fn is_about(&self, program: &Argument, rest: &[Argument]) -> bool {
        let words: Vec<&str> = self.command.split_whitespace().collect();
        words
            .split_first()
            .is_some_and(|(first, words)| may_be(program, first) && follows(words, rest))
    }

    /// The reason, as words that go on from "it".
    pub(super) fn reason(&self) -> String {
        format!(
            "runs `{}`, which the administrator of this machine does not allow: {}",
            self.command, self.why
        )
    }
}

/// Whether the words come in this order. Options between them do not count, nor does a word after
/// an option, which may be its value: `git -C there push` is `git push`.
fn follows(words: &[&str], rest: &[Argument]) -> bool {
    let Some((word, words)) = words.split_first() else {
        return true;
    };
    if word.starts_with('-') {
        return rest.iter().any(|argument| may_be(argument, word)) && follows(words, rest);
    }
    for (at, argument) in rest.iter().enumerate() {
        if may_be(argument, word) && follows(words, &rest[at + 1..]) {
            return true;
        }
        let is_value = at.checked_sub(1).is_some_and(|at| rest[at].is_option());
        if !argument.is_option() && !is_value {
            return false;
        }
    }
    false
}

/// Whether an argument is that word, or could be when the command runs.
fn may_be(argument: &Argument, word: &str) -> bool {
    let open = argument.text.replace([UNKNOWN, OWN_PROCESS], "*");
    matches(word, &argument.text)
        || ((argument.glob || argument.is_dynamic()) && matches(&open, word))
}
