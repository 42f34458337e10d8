//! The languages whose tests the guard can read, told from a file's name, and how their comments
//! and texts are written. A file in any other language is judged by its lines alone.

/// A language, or several that are written alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    /// TypeScript and Dart as well.
    JavaScript,
    Rust,
    Go,
    /// Kotlin, Groovy, Scala and Swift as well.
    Java,
    CSharp,
    /// C++ as well.
    C,
    Ruby,
    Elixir,
    Php,
    /// Bats as well.
    Shell,
}

/// What an apostrophe begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apostrophe {
    Text,
    Character,
    /// In Rust it may be the name of a lifetime.
    CharacterOrName,
}

/// How comments and texts are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writing {
    pub(super) line_comments: &'static [&'static str],
    pub(super) has_block_comments: bool,
    /// Whether three quotes open a text of several lines.
    pub(super) has_triple_quotes: bool,
    pub(super) has_backticks: bool,
    /// Whether a text between plain quotes ends with its line at the latest.
    pub(super) ends_with_line: bool,
    pub(super) apostrophe: Apostrophe,
}

impl Language {
    /// By the ending of the file's name.
    pub(super) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending {
            "py" | "pyi" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "tsx" | "mts" | "cts" | "dart" => {
                Self::JavaScript
            }
            "rs" => Self::Rust,
            "go" => Self::Go,
            "java" | "kt" | "kts" | "groovy" | "scala" | "swift" => Self::Java,
            "cs" => Self::CSharp,
            "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" => Self::C,
            "rb" => Self::Ruby,
            "ex" | "exs" => Self::Elixir,
            "php" => Self::Php,
            "sh" | "bash" | "bats" => Self::Shell,
            _ => return None,
        })
    }

    pub(super) fn writing(self) -> Writing {
        let slashes = Writing {
            line_comments: &["//"],
            has_block_comments: true,
            has_triple_quotes: false,
            has_backticks: false,
            ends_with_line: true,
            apostrophe: Apostrophe::Character,
        };
        let hash = Writing {
            line_comments: &["#"],
            has_block_comments: false,
            apostrophe: Apostrophe::Text,
            ..slashes
        };
        match self {
            Self::Python => Writing {
                has_triple_quotes: true,
                ..hash
            },
            Self::Elixir => Writing {
                has_triple_quotes: true,
                ends_with_line: false,
                ..hash
            },
            Self::Ruby | Self::Shell => Writing {
                ends_with_line: false,
                ..hash
            },
            Self::JavaScript => Writing {
                has_backticks: true,
                apostrophe: Apostrophe::Text,
                ..slashes
            },
            Self::Rust => Writing {
                ends_with_line: false,
                apostrophe: Apostrophe::CharacterOrName,
                ..slashes
            },
            Self::Go => Writing {
                has_backticks: true,
                ..slashes
            },
            Self::Java | Self::CSharp => Writing {
                has_triple_quotes: true,
                ..slashes
            },
            Self::C => slashes,
            Self::Php => Writing {
                line_comments: &["//", "#"],
                ends_with_line: false,
                apostrophe: Apostrophe::Text,
                ..slashes
            },
        }
    }
}
