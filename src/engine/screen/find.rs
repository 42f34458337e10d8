//! Searches that act on what they find: `find`, `fd`; and which names they hand on.

use super::argument::Argument;
use super::files::{change_folder, delete, secrets, write};
use super::findings::Findings;
use super::places::{Place, place};
use super::scene::{Inner, Scene};

/// Names of what tools make again whenever it is gone.
const MADE_AGAIN: &[&str] = &[
    "__pycache__",
    "*.pyc",
    "*.pyo",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "*.egg-info",
    ".DS_Store",
    "*.class",
    "*.orig",
    "*.rej",
    "*.swp",
    "*~",
    ".coverage",
];

/// The names that `find` is told to look for.
fn names_of(rest: &[Argument]) -> Vec<&str> {
    let is_name = |word: &Argument| matches!(word.text.as_str(), "-name" | "-iname");
    if rest
        .iter()
        .any(|word| matches!(word.text.as_str(), "!" | "-not" | "-prune"))
    {
        return Vec::new();
    }
    let pairs = rest.windows(2).filter(|pair| is_name(&pair[0]));
    pairs.map(|pair| pair[1].text.as_str()).collect()
}

/// Where a search begins. The first operand of `fd` is a pattern.
fn starts(name: &str, rest: &[Argument]) -> Vec<Argument> {
    let words = rest
        .iter()
        .take_while(|word| !word.text.starts_with(['-', '(', '!']));
    let starts: Vec<Argument> = words.skip(usize::from(name != "find")).cloned().collect();
    if starts.is_empty() {
        vec![Argument::known(".")]
    } else {
        starts
    }
}

/// The names that a command writes, if they are all of files of the project that may go: what is
/// made again, and what `ls` was given.
pub(super) fn names(arguments: &[Argument], scene: &Scene) -> Option<String> {
    let (name, rest) = arguments.split_first()?;
    let is_inside = |word: &Argument| place(&word.text, scene) == Place::Inside;
    match name.text.as_str() {
        "find" if can_be_made_again(rest) => {
            let mut starts = starts("find", rest).into_iter();
            let within =
                |start: Argument| is_inside(&start) || place(&start.text, scene) == Place::Project;
            starts.all(within).then(|| "./found".to_owned())
        }
        "ls" => {
            let words: Vec<&Argument> = rest.iter().filter(|word| !word.is_option()).collect();
            let known = !words.is_empty() && words.iter().all(|word| is_inside(word));
            known.then(|| {
                let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                words.join("\n")
            })
        }
        _ => None,
    }
}

fn can_be_made_again(rest: &[Argument]) -> bool {
    let is_about = names_of(rest);
    !is_about.is_empty() && is_about.iter().all(|name| MADE_AGAIN.contains(name))
}

/// Looks at a search.
pub(super) fn rule(name: &str, rest: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    let starts = starts(name, rest);
    secrets(&starts, scene, findings);
    let within = starts
        .iter()
        .all(|start| place(&start.text, scene) == Place::Inside);
    let is_about = names_of(rest);
    let can_be_made_again = can_be_made_again(rest);
    let starts = if can_be_made_again
        && starts
            .iter()
            .all(|start| place(&start.text, scene) == Place::Project)
    {
        vec![Argument::known("./found")]
    } else {
        starts
    };
    for (at, word) in rest.iter().enumerate() {
        let after = rest.get(at + 1..).unwrap_or_default();
        match word.text.as_str() {
            "-delete" => {
                if !can_be_made_again && (!within || is_about.is_empty()) {
                    findings.suspicious("removes files by a pattern");
                }
                delete(&starts, scene, findings);
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" => {
                let end = after
                    .iter()
                    .position(|word| matches!(word.text.as_str(), ";" | "+"));
                let inner = &after[..end.unwrap_or(after.len())];
                for start in &starts {
                    let mut command: Vec<Argument> = inner
                        .iter()
                        .map(|word| Argument {
                            text: word.text.replace("{}", &start.text),
                            ..word.clone()
                        })
                        .collect();
                    // `fd` puts what it finds at the end.
                    if name != "find" && !inner.iter().any(|word| word.text.contains('{')) {
                        command.push(start.clone());
                    }
                    let mut inner = scene.clone();
                    if word.text.ends_with("dir") {
                        change_folder(start, &mut inner);
                    }
                    inner.follow(Inner::Words(&command), findings);
                }
            }
            "-fprint" | "-fprintf" | "-fls" => {
                if let Some(target) = after.first() {
                    write(target, scene, findings);
                }
            }
            _ => {}
        }
    }
}
