//! The verdict on a command and how it is reached.

use std::path::Path;

use brush_parser::{Parser, ParserOptions};
use serde::{Deserialize, Serialize};

/// What is to happen with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It runs.
    Ok,
    /// A person is asked.
    Suspicious,
    /// It is refused.
    Dangerous,
}

/// A verdict and its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// What is to happen.
    pub class: Class,
    /// Why, as a sentence fragment; empty if it runs.
    pub why: String,
}

/// Screens a command that would run in the project folder, wherever that is.
pub fn screen(command: &str) -> Screening {
    screen_in(command, Path::new(""))
}

/// Screens a command that would run in `project`; absolute paths below it count as the project's.
pub fn screen_in(command: &str, _project: &Path) -> Screening {
    let mut parser = Parser::new(command.as_bytes(), &ParserOptions::default());
    let dangerous = [
        "rm -rf /", "rm -rf ~", "mkfs", "shutdown", "reboot", "dd if=",
    ];
    match parser.parse_program() {
        Err(_) => Screening {
            class: Class::Suspicious,
            why: "it cannot be read as a shell command".to_owned(),
        },
        Ok(_) => match dangerous.iter().find(|text| command.contains(**text)) {
            Some(text) => Screening {
                class: Class::Dangerous,
                why: format!("it contains `{text}`"),
            },
            None => Screening {
                class: Class::Ok,
                why: String::new(),
            },
        },
    }
}
