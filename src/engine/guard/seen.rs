//! What is found in a file of tests: a test with what stands around it, whether a change was
//! announced, and what is in doubt until the whole of the work is looked at.

use std::collections::BTreeMap;

use super::asserts::assertion::Asserts;
use super::finding::Finding;

/// Whether a change of a file was announced in the ticket or its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    Yes,
    No,
}

/// A test that is there only before, or only now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TestSeen {
    pub(super) path: String,
    pub(super) name: String,
    /// Its body without its name.
    pub(super) essence: String,
    pub(super) asserts: Asserts,
    pub(super) around: Around,
    /// What keeps it from ever running, and where, if something does.
    pub(super) idle: Option<String>,
}

/// What a test is made of besides its own body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    /// For each name of the file that it uses: what the name stands for.
    pub(super) names: BTreeMap<String, Meaning>,
    /// Its text with its head, and the lines of the file outside of functions.
    pub(super) table: String,
}

/// What a name stands for in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is brought in from there.
    From(String),
    /// A function of the file with this body.
    Function(String),
    /// This line gives it a value.
    Line(String),
}

/// A change that nobody announced by its file.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// What is said of it if nothing makes it fine.
    pub(super) finding: Finding,
    pub(super) about: About,
}

#[derive(Clone, Debug)]
pub(super) enum About {
    /// A test with another body: before and now.
    Test(Box<(TestSeen, TestSeen)>),
    /// What tests use has another body.
    Helper(String, String),
    /// What tests use is gone: its name and body, and what the file brings in now.
    Gone {
        name: String,
        body: String,
        brought_in: Vec<String>,
    },
    /// A name is brought in by another line.
    Import {
        name: String,
        before: String,
        now: String,
    },
    /// A line is another, and these are new.
    Line(String, Vec<String>),
}
