//! Names and file names of the artifacts (fixed).

use serde::{Deserialize, Serialize};

/// The artifacts of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactName {
    /// Questions and answers.
    Interview,
    /// What is to be built.
    Prd,
    /// The work in pieces.
    Tickets,
    /// What was found out about the project.
    Research,
    /// How each ticket is done and shown to be done.
    Plan,
    /// What a reviewer found.
    Review,
    /// What was built, and what shows it.
    Summary,
}

impl ArtifactName {
    /// The file below `artifacts/` that holds the content.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Interview => "interview.json",
            Self::Prd => "prd.json",
            Self::Tickets => "tickets.json",
            Self::Research => "research.md",
            Self::Plan => "plan.json",
            Self::Review => "review.json",
            Self::Summary => "summary.md",
        }
    }

    /// The copy for people beside the JSON, if there is one.
    pub const fn rendered_file(self) -> Option<&'static str> {
        match self {
            Self::Prd => Some("prd.md"),
            Self::Tickets => Some("tickets.md"),
            Self::Plan => Some("plan.md"),
            Self::Review => Some("review.md"),
            Self::Interview | Self::Research | Self::Summary => None,
        }
    }
}
