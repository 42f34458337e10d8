//! What was found in a command: the worst counts, and of the worst the first.

use super::verdict::{Class, Screening};

/// Collects reasons while a command is walked through.
#[derive(Debug, Default)]
pub(super) struct Findings {
    worst: Screening,
    fetches: u32,
}

impl Findings {
    /// Something a person should see first.
    pub(super) fn suspicious(&mut self, why: impl Into<String>) {
        self.add(Class::Suspicious, why);
    }

    /// Something that is not done.
    pub(super) fn dangerous(&mut self, why: impl Into<String>) {
        self.add(Class::Dangerous, why);
    }

    /// A finding of that class.
    pub(super) fn add(&mut self, class: Class, why: impl Into<String>) {
        if class > self.worst.class {
            self.worst = Screening {
                class,
                why: why.into(),
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
        self.worst
    }
}
