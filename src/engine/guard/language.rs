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
    /// What opens and closes a comment of several lines.
    pub(super) block_comment: Option<(&'static str, &'static str)>,
    /// Besides plain quotes: what opens a text of several lines.
    pub(super) long_quotes: &'static [&'static str],
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
            block_comment: Some(("/*", "*/")),
            long_quotes: &[],
            ends_with_line: true,
            apostrophe: Apostrophe::Character,
        };
        let hash = Writing {
            line_comments: &["#"],
            block_comment: None,
            apostrophe: Apostrophe::Text,
            ..slashes
        };
        match self {
            Self::Python => Writing {
                long_quotes: &["\"\"\"", "'''"],
                ..hash
            },
            Self::Elixir => Writing {
                long_quotes: &["\"\"\""],
                ends_with_line: false,
                ..hash
            },
            Self::Ruby | Self::Shell => Writing {
                ends_with_line: false,
                ..hash
            },
            Self::JavaScript => Writing {
                long_quotes: &["`"],
                apostrophe: Apostrophe::Text,
                ..slashes
            },
            Self::Rust => Writing {
                ends_with_line: false,
                apostrophe: Apostrophe::CharacterOrName,
                ..slashes
            },
            Self::Go => Writing {
                long_quotes: &["`"],
                ..slashes
            },
            Self::Java | Self::CSharp => Writing {
                long_quotes: &["\"\"\""],
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
