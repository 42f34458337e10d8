//! What is known at a point of the command line: where the shell stands, what variables hold, what
//! the next command reads. It judges nothing; commands inside commands it hands to the walk.

use std::collections::BTreeMap;

use super::argument::{Argument, HOME, OWN_PROCESS};
use super::findings::Findings;

/// What a command reads from its input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Feed {
    /// Nothing that another command made.
    #[default]
    Nothing,
    /// This text, which another command writes.
    Text(String),
    /// This text, which stands in the command line itself.
    Document(String),
    /// Something from the network.
    Fetched,
    /// Something.
    Unknown,
}

/// Who sees what a command writes into a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Nobody else: what follows only picks and orders lines, and shows them.
    Filters,
    /// Whatever follows.
    Anyone,
}

/// Where the name of a command comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It was written.
    Given,
    /// It is one of those that a pattern could stand for.
    Guessed,
}

/// A command inside a command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inner<'a> {
    /// A text that a shell runs.
    Line(&'a str),
    /// One command, as its words.
    Words(&'a [Argument]),
}

/// Walks through a command in a scene. A value and no call: the walk asks the rules about every
/// command, and the rules find further commands inside.
pub(super) type Walk = fn(Inner<'_>, &mut Scene, &mut Findings) -> Option<String>;

/// What is known at a point of the command line.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The project's absolute path, or nothing.
    pub(super) project: String,
    /// Where the shell stands: relative to the project, absolute, or unknown.
    pub(super) folder: String,
    /// What the next command reads.
    pub(super) feed: Feed,
    /// Its output goes into another command or to a process that is not waited for.
    pub(super) spreads: bool,
    /// Its output goes into a file.
    pub(super) into_file: bool,
    /// Who else sees its output.
    pub(super) audience: Audience,
    /// It ends by itself, or with the command line: it stands behind `timeout` or in the background.
    pub(super) bounded: bool,
    /// Files that the command line itself writes, with their text where that is known.
    pub(super) written: BTreeMap<String, String>,
    /// The file into which the next command writes.
    pub(super) target: Option<String>,
    /// Functions whose bodies are being walked through.
    pub(super) inside_functions: Vec<String>,
    /// Where its name comes from.
    pub(super) name: Name,
    /// How many texts inside texts it stands in.
    pub(super) depth: u32,
    variables: BTreeMap<String, Argument>,
    walk: Walk,
}

impl Scene {
    /// The beginning of a command line, in the project folder; `walk` gets what is inside commands.
    pub(super) fn new(project: &str, walk: Walk) -> Self {
        let variables = [
            ("HOME", HOME.to_string()),
            ("PWD", ".".to_owned()),
            ("IFS", " ".to_owned()),
            ("TMPDIR", "/tmp/made".to_owned()),
        ];
        Self {
            project: project.to_owned(),
            folder: ".".to_owned(),
            feed: Feed::Nothing,
            spreads: false,
            into_file: false,
            audience: Audience::Anyone,
            bounded: false,
            written: BTreeMap::new(),
            target: None,
            inside_functions: Vec::new(),
            name: Name::Given,
            depth: 0,
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Argument::known(value)))
                .collect(),
            walk,
        }
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Argument {
        // A process id that was kept in a variable is that of a process of the command's own; the
        // parent's is not.
        let lower = name.to_ascii_lowercase();
        let own = matches!(lower.strip_suffix("pid"), Some(rest) if rest.is_empty() || rest.ends_with('_'));
        self.variables.get(name).cloned().unwrap_or_else(|| {
            if own {
                Argument::known(OWN_PROCESS)
            } else {
                Argument::unknown()
            }
        })
    }

    /// Gives a variable a value.
    pub(super) fn set(&mut self, name: &str, value: Argument) {
        self.variables.insert(name.to_owned(), value);
    }

    /// Walks through a command that another one contains. Returns what it writes, if its text says
    /// so.
    pub(super) fn follow(&mut self, inner: Inner<'_>, findings: &mut Findings) -> Option<String> {
        (self.walk)(inner, self, findings)
    }
}
