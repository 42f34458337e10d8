//! Whether a file that changed while a command ran can be that command's doing. Nobody sees who
//! writes a file, and a person may work beside the run, so a file counts as the command's only
//! where something says so: its words, what it printed, the programs that it runs, the ticket, or
//! a tool that is known to write such a file. Whatever nothing speaks for may be a person's. Pure.

mod programs;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What became of a file while a command ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was not there before.
    New,
    /// It was, with other content.
    Changed,
    /// It is not there any more.
    Gone,
}

/// A command that may have done it.
#[derive(Clone, Copy, Debug)]
pub struct Suspect<'a> {
    /// What was run.
    pub command: &'a str,
    /// What it printed.
    pub output: &'a str,
    /// What is in the programs that it runs, as far as the project holds them, and what the ticket
    /// says.
    pub texts: &'a [String],
    /// The folders that were there before.
    pub folders: &'a BTreeSet<PathBuf>,
}

/// The fewest letters and digits of a name by which it is known.
const FEWEST: usize = 3;

/// Names of files that hold what nobody else is to know: no text makes them a command's.
const PRIVATE: [&str; 4] = ["pem", "key", "p12", "env"];

/// Endings of what is written by hand: that a program names it does not say that it writes it.
const BY_HAND: [&str; 34] = [
    "c", "cc", "cfg", "conf", "cpp", "cs", "css", "go", "h", "hpp", "html", "ini", "java", "js",
    "jsx", "kt", "lua", "md", "mjs", "php", "py", "rb", "rs", "rst", "scss", "sh", "sql", "swift",
    "toml", "ts", "tsx", "vue", "yaml", "yml",
];

impl Suspect<'_> {
    /// Whether something says that the command did it.
    pub fn did(&self, path: &Path, came: Came) -> bool {
        let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else {
            return false;
        };
        let part_did = |part: &str| {
            programs::writes(part, path, came)
                || names_by_pattern(part, path, came)
                || self.names_folder(part, path, came)
                || names_stem(part, path, came)
        };
        names(self.command, path)
            || self.command.split(['&', ';', '|', '\n']).any(part_did)
            || (came == Came::New && says(self.output, &name))
            || self.is_spoken_of(path, came)
    }

    /// A word that is a folder above it: one that came with it, one that is to be written into, or
    /// one that is to go.
    fn names_folder(&self, command: &str, path: &Path, came: Came) -> bool {
        let above = path.ancestors().skip(1);
        let mut above = above.filter(|folder| !folder.as_os_str().is_empty());
        let is_named = |folder: &Path| {
            words(command).any(|word| {
                let word = word.trim_start_matches("./").trim_end_matches('/');
                Path::new(word) == folder || Path::new(word).ends_with(folder)
            })
        };
        match came {
            Came::New => above.any(|folder| {
                let is_new = !self.folders.contains(folder);
                let word = folder.file_name().unwrap_or_default().to_string_lossy();
                let is_said = || self.texts.iter().any(|text| says_folder(text, &word));
                (is_named(folder) && (is_new || !programs::only_reads(command)))
                    || (is_new && is_said())
            }),
            Came::Gone => !programs::only_reads(command) && above.any(is_named),
            Came::Changed => false,
        }
    }

    /// What the command runs, or the ticket, speaks of the file.
    fn is_spoken_of(&self, path: &Path, came: Came) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some((start, ending)) = name.rsplit_once('.') else {
            return false;
        };
        let is_private = PRIVATE.contains(&ending) || start.starts_with(".env");
        let is_by_hand = BY_HAND.contains(&ending);
        let may_be = match came {
            Came::New => !is_private,
            Came::Changed | Came::Gone => !is_private && !is_by_hand,
        };
        may_be && self.texts.iter().any(|text| says(text, &name))
    }
}

/// A word with a part that the shell puts in, such as `part$i.txt` or `*.css`.
fn names_by_pattern(command: &str, path: &Path, came: Came) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    words(command).any(|word| {
        let last = word.rsplit('/').next().unwrap_or_default();
        let pattern = pattern(last);
        let stem = pattern.split('.').next().unwrap_or_default();
        let known = stem.chars().filter(|c| c.is_alphanumeric()).count();
        let may_be = match came {
            // Nothing new comes of a pattern that says hardly more than an ending.
            Came::New => known >= FEWEST,
            Came::Changed | Came::Gone => {
                (known >= FEWEST || last.contains(['*', '?'])) && !programs::is_test(command)
            }
        };
        may_be && pattern.contains('*') && pattern != "*" && matches(&pattern, &name)
    })
}

/// A word that is a file of the same stem: `todo.ts` speaks for `todo.js`.
fn names_stem(command: &str, path: &Path, came: Came) -> bool {
    let stem = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (stem, _) = name.split_once('.')?;
        let stem = stem.trim_end_matches("_pb2").trim_end_matches("_pb2_grpc");
        (stem.len() >= FEWEST).then(|| stem.to_owned())
    };
    let Some(wanted) = stem(path).filter(|_| came == Came::New) else {
        return false;
    };
    !programs::only_reads(command)
        && words(command).any(|word| stem(Path::new(word)).as_ref() == Some(&wanted))
}

/// Whether the path, or the file's name, stands in what a command or a call names.
pub fn names(command: &str, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_split = name.to_string_lossy().contains(is_apart);
    Path::new(command).ends_with(path)
        || words(command).any(|word| Path::new(word).ends_with(name))
        || (is_split && unquoted(command).contains(&unquoted(&name.to_string_lossy())))
}

/// A text without what the shell takes away.
fn unquoted(text: &str) -> String {
    text.chars().filter(|c| !"'\"\\".contains(*c)).collect()
}

/// The words of a text that may be names of files.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_apart).filter(|word| !word.is_empty())
}

fn is_apart(letter: char) -> bool {
    letter.is_whitespace() || "\"'`;|&<>()=,:".contains(letter)
}

/// Whether that name stands in the text, and not as a part of a longer one.
fn says(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    text.match_indices(name).any(|(place, _)| {
        let (before, after) = (&text[..place], &text[place + name.len()..]);
        let mut rest = after.chars();
        let goes_on = match rest.next() {
            Some('.') => rest.next().is_some_and(is_part),
            next => next.is_some_and(is_part),
        };
        !goes_on && !before.ends_with(|c| is_part(c) || c == '.')
    })
}

/// The same for a folder, which is known by its quotes or its slash.
fn says_folder(text: &str, name: &str) -> bool {
    let marks = ["\"", "'", "/"];
    name.len() >= FEWEST
        && text.match_indices(name).any(|(place, _)| {
            let (before, after) = (&text[..place], &text[place + name.len()..]);
            let opens = marks.iter().any(|mark| before.ends_with(mark));
            let closes = marks.iter().any(|mark| after.starts_with(mark));
            let is_alone = before.is_empty() || before.ends_with(char::is_whitespace);
            (opens && closes) || (is_alone && after.starts_with('/'))
        })
}

/// The word with `*` for every part that the shell puts in.
fn pattern(word: &str) -> String {
    let mut pattern = String::new();
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '$' | '%' => {
                if letters.peek() == Some(&'{') {
                    letters.by_ref().find(|letter| *letter == '}');
                } else {
                    while letters
                        .next_if(|c| c.is_alphanumeric() || *c == '_')
                        .is_some()
                    {}
                }
                pattern.push('*');
            }
            '?' => pattern.push('*'),
            other => pattern.push(other),
        }
    }
    pattern
}

/// Whether the whole name is that pattern, in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let ends = name.char_indices().map(|(place, _)| place);
            ends.chain([name.len()])
                .any(|place| matches(rest, &name[place..]))
        }),
    }
}

#[cfg(test)]
mod tests;
