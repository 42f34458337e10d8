//! The error that reaches a person, and the exit-code table. Modules have typed errors of their
//! own; here they become words, a hint and a code.

use std::process::ExitCode;

/// What kind of failure it was: decides the exit code and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Ran, did not complete.
    Incomplete,
    /// Usage or configuration.
    Usage,
    /// Needs input; resumable.
    NeedsInput,
    /// A limit was reached; resumable.
    Limit,
    /// Server unreachable, model missing or unusable.
    Model,
    /// Session locked by another process, or unreadable.
    Session,
    /// A bug in the program.
    Bug,
    /// Interrupted; checkpointed.
    Interrupted,
}

impl ErrorKind {
    /// The documented exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Incomplete => 1,
            Self::Usage => 2,
            Self::NeedsInput => 3,
            Self::Limit => 4,
            Self::Model => 5,
            Self::Session => 6,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

/// A failure in words: what happened and where, why, and what to do next.
#[derive(Debug)]
pub struct Error {
    /// Decides the exit code.
    pub kind: ErrorKind,
    /// What happened and where, a fragment or a sentence.
    pub message: String,
    /// What to do next, without the `hint:` in front.
    pub hint: Option<String>,
}

/// The result of everything a person can start.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of that kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    /// A usage or configuration error (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// The same error with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind.code())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
