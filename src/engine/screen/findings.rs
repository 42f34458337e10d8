//! What was found in a command: the worst counts, and of the worst the first.

use super::verdict::{Class, Screening, Stakes};

/// Collects reasons while a command is walked through.
#[derive(Debug, Default)]
pub(super) struct Findings {
    worst: Screening,
    fetches: u32,
    program: String,
    patterns: Vec<String>,
    stakes: Stakes,
    is_unreadable: bool,
}

impl Findings {
    /// What follows is about that program.
    pub(super) fn about(&mut self, program: &str) {
        program.clone_into(&mut self.program);
    }

    /// Something a person should see first.
    pub(super) fn suspicious(&mut self, why: impl Into<String>) {
        self.add(Class::Suspicious, why);
    }

    /// The same, and what is lost by it is in no copy.
    pub(super) fn loses(&mut self, why: impl Into<String>) {
        self.stakes = Stakes::Lost;
        self.add(Class::Suspicious, why);
    }

    /// Something that cannot be looked through: a yes to it is no yes to another.
    pub(super) fn unreadable(&mut self, why: &str) {
        self.is_unreadable = true;
        self.suspicious(why);
    }

    /// Something that is not done.
    pub(super) fn dangerous(&mut self, why: impl Into<String>) {
        self.add(Class::Dangerous, why);
    }

    /// A finding of that class.
    pub(super) fn add(&mut self, class: Class, why: impl Into<String>) {
        let why = why.into();
        if class == Class::Suspicious {
            let pattern = pattern(&self.program, &why);
            if !self.patterns.contains(&pattern) {
                self.patterns.push(pattern);
            }
        }
        if class > self.worst.class {
            self.worst = Screening {
                class,
                why,
                patterns: Vec::new(),
                stakes: Stakes::Usual,
            };
        }
    }

    /// Notes that something comes from the network.
    pub(super) const fn fetch(&mut self) {
        self.fetches += 1;
    }

    /// How many commands so far get something from the network: to be compared before and after.
    pub(super) const fn fetches(&self) -> u32 {
        self.fetches
    }

    /// The verdict.
    pub(super) fn screening(self) -> Screening {
        Screening {
            patterns: if self.is_unreadable {
                Vec::new()
            } else {
                self.patterns
            },
            stakes: self.stakes,
            ..self.worst
        }
    }
}

/// Program and reason as one word, to be typed and to be compared.
fn pattern(program: &str, why: &str) -> String {
    let words = format!("{program} {why}").to_lowercase();
    let is_kept = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '/' | '~');
    let words = words.split(|c: char| !is_kept(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}
