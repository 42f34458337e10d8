//! The picture of a project as every phase gets it: what stands there and what is installed, as
//! data and as a short text that is the same whenever the project is. How it is taken is in
//! `tools/survey.rs`. Pure.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The most characters of the rendered picture.
const MAX_CHARS: usize = 1_500;

/// What a project looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// Plain files that were seen, without those of tools and dependencies.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether all of them were seen.
    pub extent: Extent,
    /// The kind of repository the project folder is, `git` or none.
    pub repository: Option<String>,
    /// Programming languages, the most used first.
    pub languages: Vec<Language>,
    /// Files that describe a package or a build.
    pub manifests: Vec<String>,
    /// Commands that run the tests that are there.
    pub test_commands: Vec<String>,
    /// Commands that build.
    pub build_commands: Vec<String>,
    /// Programs for development that are installed.
    pub toolchains: Vec<String>,
    /// All files of a small project, the top level of a larger one.
    pub layout: Vec<String>,
}

/// How much of a project was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Everything.
    #[default]
    Whole,
    /// The first part; there is more.
    Part,
}

/// A programming language in a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Language {
    /// Its name.
    pub name: String,
    /// Files written in it.
    pub files: u64,
}

impl Picture {
    /// Whether nothing stands there yet.
    pub fn is_empty(&self) -> bool {
        self.files == 0
    }

    /// Whether a language is used.
    pub fn uses(&self, language: &str) -> bool {
        self.languages.iter().any(|used| used.name == language)
    }

    /// Whether a program is installed.
    pub fn has(&self, program: &str) -> bool {
        self.toolchains.iter().any(|name| name == program)
    }

    /// The picture for a prompt: at most 1,500 characters, the same for the same project.
    pub fn render(&self) -> String {
        let mut text = self.headline();
        let languages: Vec<String> = self
            .languages
            .iter()
            .map(|language| format!("{} ({})", language.name, language.files))
            .collect();
        let quoted = |commands: &[String]| -> Vec<String> {
            commands.iter().map(|line| format!("`{line}`")).collect()
        };
        for (label, items, most) in [
            ("Languages, by files", languages, 150),
            ("Manifests", self.manifests.clone(), 200),
            ("Run the tests with", quoted(&self.test_commands), 250),
            ("Build with", quoted(&self.build_commands), 150),
            ("Installed", self.toolchains.clone(), 250),
            ("Files", self.layout.clone(), MAX_CHARS),
        ] {
            if items.is_empty() {
                continue;
            }
            let room = MAX_CHARS.saturating_sub(text.chars().count() + label.len() + 20);
            // silent-ok: writing to a string can not fail.
            let _ = write!(text, "\n{label}: {}", joined(&items, most.min(room)));
        }
        text
    }

    fn headline(&self) -> String {
        if self.is_empty() {
            return "The project folder is empty.".to_owned();
        }
        let more = match self.extent {
            Extent::Whole => "",
            Extent::Part => "more than ",
        };
        let files = if self.files == 1 { "file" } else { "files" };
        let repository = match &self.repository {
            Some(kind) => format!("a {kind} repository"),
            None => "not under version control".to_owned(),
        };
        format!(
            "The project has {more}{} {files} ({} KB) and is {repository}.",
            self.files,
            self.bytes.div_ceil(1024)
        )
    }
}

/// A list that says how many did not fit.
fn joined(items: &[String], max_chars: usize) -> String {
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        if text.chars().count() + item.chars().count() + 2 > max_chars {
            let left = items.len() - index;
            // silent-ok: writing to a string can not fail.
            let _ = write!(text, "{}{left} more", if index == 0 { "" } else { ", " });
            break;
        }
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(item);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn an_empty_project_is_said_to_be_empty() {
        let picture = Picture {
            toolchains: words(&["git", "python3"]),
            ..Picture::default()
        };
        assert_eq!(
            picture.render(),
            "The project folder is empty.\nInstalled: git, python3"
        );
    }

    #[test]
    fn a_small_project_is_shown_whole() {
        let picture = Picture {
            files: 2,
            bytes: 1500,
            repository: Some("git".to_owned()),
            languages: vec![Language {
                name: "Python".to_owned(),
                files: 2,
            }],
            test_commands: words(&["python3 -m pytest -q"]),
            layout: words(&["tests/test_todo.py", "todo.py"]),
            ..Picture::default()
        };
        assert_eq!(
            picture.render(),
            "The project has 2 files (2 KB) and is a git repository.\n\
             Languages, by files: Python (2)\n\
             Run the tests with: `python3 -m pytest -q`\n\
             Files: tests/test_todo.py, todo.py"
        );
    }

    #[test]
    fn the_text_stays_short_and_says_what_is_missing() {
        let many: Vec<String> = (0..500).map(|n| format!("folder/file-{n}.txt")).collect();
        let picture = Picture {
            files: 500,
            manifests: many.clone(),
            test_commands: many.clone(),
            toolchains: many.clone(),
            layout: many,
            ..Picture::default()
        };
        let text = picture.render();
        assert!(text.chars().count() <= MAX_CHARS, "{}", text.len());
        assert!(text.ends_with(" more"), "{text}");
    }

    #[test]
    fn it_survives_the_journal() {
        let picture = Picture {
            files: 1,
            extent: Extent::Part,
            ..Picture::default()
        };
        let json = serde_json::to_value(&picture).unwrap();
        assert_eq!(serde_json::from_value::<Picture>(json).unwrap(), picture);
        let old = serde_json::json!({"files": 3});
        assert_eq!(serde_json::from_value::<Picture>(old).unwrap().files, 3);
    }
}
