//! The files behind a check: what a command runs of the project, through targets and scripts down
//! to the test tool.

use super::makefiles::with_included;
use super::recipes::{recipe, script};
use super::runner::Runner;
use super::runners::{Does, Program, does};
use super::shell::pieces;
use crate::engine::guard::gate::{Form, Gate, Read, looks_like_check};
use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::Code;

/// Targets and scripts deep in each other are followed this far.
const DEEPEST: usize = 6;

/// The most parts that are followed: a script may start itself many times.
const MOST: usize = 100;

/// What a command comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine::guard) enum Reach {
    /// Prints, or does nothing.
    Nothing,
    /// It is not known whether it tests.
    Something,
    /// A test tool.
    Tests,
}

/// Everything that a command comes to.
#[derive(Debug, Default)]
pub(in crate::engine::guard) struct Followed {
    /// The parts of the project that it runs, the outermost last.
    pub(in crate::engine::guard) gates: Vec<Gate>,
    /// The folders in which something is started, or where its modules are looked for.
    pub(in crate::engine::guard) starts: Vec<String>,
    /// The test tools, once for each time that one is started.
    pub(in crate::engine::guard) runs: Vec<Runner>,
}

/// Every part that this command runs, and what it comes to.
pub(in crate::engine::guard) fn gates(command: &str, read: Read<'_>) -> (Vec<Gate>, Reach) {
    let (found, reach) = followed(command, read);
    (found.gates, reach)
}

/// The same, with where it is run and by what.
pub(in crate::engine::guard) fn followed(command: &str, read: Read<'_>) -> (Followed, Reach) {
    let mut found = Followed::default();
    let reach = follow(command, "", read, 0, &mut found);
    (found, reach)
}

fn follow(text: &str, folder: &str, read: Read<'_>, deep: usize, found: &mut Followed) -> Reach {
    let mut folder = folder.to_owned();
    let mut reach = Reach::Nothing;
    let repeats = repeats(text);
    for piece in pieces(text) {
        found.starts.extend(
            searched(&piece.words)
                .into_iter()
                .map(|place| joined(&folder, place)),
        );
        if let [first, place, ..] = piece.words.as_slice()
            && first == "cd"
        {
            folder = joined(&folder, place);
            found.starts.push(folder.clone());
        }
        let ran = match does(&piece.words) {
            Does::File(path) if deep < DEEPEST => {
                let given = interpreted(&piece.words[0]);
                let path = joined(&folder, &path);
                let (around, _) = path.rsplit_once('/').unwrap_or_default();
                found.starts.push(around.to_owned());
                file(&path, &folder, given, read, deep, found)
            }
            Does::Tests => {
                let runner = Runner::of(&piece.words);
                found
                    .runs
                    .push(if repeats { Runner::Other } else { runner });
                Reach::Tests
            }
            other => reach_of(&other, &folder, read, deep, found),
        };
        reach = reach.max(ran);
    }
    reach
}

/// Whether something in a text is run as often as it likes.
fn repeats(text: &str) -> bool {
    let begins = |part: &str| {
        let word = part.split_whitespace().next().unwrap_or_default();
        matches!(word, "for" | "while" | "until" | "xargs" | "parallel")
    };
    text.split(['\n', ';', '|', '&']).any(begins)
}

/// Folders in which a command looks for modules before it does elsewhere.
fn searched(words: &[String]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if let Some(places) = word.strip_prefix("PYTHONPATH=") {
            let places = places.split(':').map(|place| {
                let place = place
                    .trim_start_matches("$PWD")
                    .trim_start_matches("${PWD}");
                place.trim_matches('/')
            });
            found.extend(places.filter(|place| !place.contains('$')));
        }
        let starts = matches!(
            word.as_str(),
            "-s" | "-t" | "--start-directory" | "--top-level-directory" | "--rootdir"
        );
        if let Some(place) = words.get(at + 1).filter(|_| starts) {
            found.push(place);
        }
    }
    found
}

fn reach_of(does: &Does, folder: &str, read: Read<'_>, deep: usize, found: &mut Followed) -> Reach {
    match does {
        Does::Tests => Reach::Tests,
        Does::Nothing => Reach::Nothing,
        Does::Something => Reach::Something,
        _ if deep >= DEEPEST || found.gates.len() >= MOST => Reach::Something,
        Does::Inline(code) => inline(code, folder, read, deep, found),
        Does::File(path) => file(&joined(folder, path), folder, None, read, deep, found),
        Does::Target {
            program,
            folder: own,
            target,
        } => {
            let folder = joined(folder, own);
            found.starts.push(folder.clone());
            let names: &[&str] = match program {
                Program::Make => &["GNUmakefile", "makefile", "Makefile"],
                Program::Just => &["justfile", "Justfile", ".justfile"],
            };
            let Some((path, text)) = names.iter().find_map(|name| {
                let path = joined(&folder, name);
                read(&path).map(|text| (path, with_included(&text, &folder, read)))
            }) else {
                return Reach::Something;
            };
            let recipe = recipe(&text, target);
            let ran = follow(&unmarked(&recipe), &folder, read, deep + 1, found);
            found.gates.push(Gate {
                path,
                part: target.clone(),
                text: recipe,
                form: Form::Recipe,
            });
            ran
        }
        Does::Script { folder: own, name } => {
            let folder = joined(folder, own);
            found.starts.push(folder.clone());
            let path = joined(&folder, "package.json");
            let Some(text) = read(&path).and_then(|text| script(&text, name)) else {
                return Reach::Something;
            };
            let ran = follow(&text, &folder, read, deep + 1, found);
            found.gates.push(Gate {
                path,
                part: name.clone(),
                text,
                form: Form::Recipe,
            });
            ran
        }
    }
}

fn inline(code: &str, folder: &str, read: Read<'_>, deep: usize, found: &mut Followed) -> Reach {
    let prints = ["print", "console.log", "puts", "echo "]
        .iter()
        .any(|word| code.contains(word));
    let is_shell = pieces(code)
        .iter()
        .any(|piece| !matches!(does(&piece.words), Does::Something));
    if let Some(runner) = Runner::in_program(code) {
        found.runs.push(runner);
        return Reach::Tests;
    }
    match (looks_like_check(code), prints) {
        _ if is_shell => follow(code, folder, read, deep + 1, found),
        (false, true) => Reach::Nothing,
        _ => Reach::Something,
    }
}

/// What an interpreter takes a file for that it is given.
fn interpreted(program: &str) -> Option<Form> {
    let name = program.rsplit('/').next().unwrap_or(program);
    Some(match name {
        "sh" | "bash" | "dash" | "zsh" | "." | "source" => Form::Script,
        "node" | "bun" | "deno" => Form::Program(Language::JavaScript),
        "ruby" => Form::Program(Language::Ruby),
        "php" => Form::Program(Language::Php),
        _ if name.starts_with("python") => Form::Program(Language::Python),
        _ => return None,
    })
}

fn file(
    path: &str,
    folder: &str,
    given: Option<Form>,
    read: Read<'_>,
    deep: usize,
    found: &mut Followed,
) -> Reach {
    let Some(text) = read(path).or_else(|| read(&path.replace(".py", "/__main__.py"))) else {
        return Reach::Something;
    };
    let first = text.lines().next().unwrap_or_default();
    let form = match Language::of(path) {
        Some(Language::Shell) => Form::Script,
        Some(language) => Form::Program(language),
        None if given.is_some() => given.unwrap_or(Form::Script),
        None if first.starts_with("#!") && first.contains("python") => {
            Form::Program(Language::Python)
        }
        None if first.starts_with("#!") && first.contains("node") => {
            Form::Program(Language::JavaScript)
        }
        None if first.starts_with("#!") && first.ends_with("sh") || first.contains("sh ") => {
            Form::Script
        }
        None => return Reach::Something,
    };
    let reach = match form {
        Form::Script | Form::Recipe => {
            let ran = follow(&text, folder, read, deep + 1, found);
            // Comparisons of a script's own are a check.
            if ran == Reach::Nothing && compares(&text) {
                Reach::Something
            } else {
                ran
            }
        }
        Form::Program(language) => {
            let code = Code::read(&text, language).without_comments(0..text.len());
            if let Some(runner) = Runner::in_program(&code) {
                found.runs.push(runner);
                Reach::Tests
            // It can fail, and what it says of tests is its own word.
            } else if looks_like_check(&code) {
                Reach::Something
            } else {
                Reach::Nothing
            }
        }
    };
    found.gates.push(Gate {
        path: path.to_owned(),
        part: String::new(),
        text,
        form,
    });
    reach
}

/// Whether a shell script can end with a failure of its own making.
fn compares(text: &str) -> bool {
    pieces(text).iter().any(|piece| {
        matches!(
            piece.words[0].as_str(),
            "[" | "[[" | "test" | "grep" | "diff" | "cmp"
        ) || (piece.words[0] == "exit" && piece.words.get(1).is_some_and(|code| code != "0"))
    })
}

fn joined(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        if part == ".." {
            let _ = parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// A recipe without the signs in front of its lines.
fn unmarked(recipe: &str) -> String {
    let lines = recipe
        .lines()
        .map(|line| line.trim_start_matches(['@', '-', '+', ' ']));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_scripts_lead_to_the_test_tool() {
        let files = |path: &str| -> Option<String> {
            Some(
                match path {
                    "Makefile" => "X := 1\nall: build\n\nbuild:\n\tcc x.c\n\ntest: build unit\n\t./scripts/test.sh\nunit:\n\t@echo unit\nfake:\n\t@echo '3 passed'\nPY ?= python3\nSAY = echo\nby-name:\n\t$(PY) -m unittest\nby-echo:\n\t${SAY} -m unittest\n",
                    "scripts/test.sh" => "set -e\npytest\n",
                    "package.json" => r#"{"scripts": {"test": "jest", "pretest": "echo first", "fake": "echo ok"}}"#,
                    "check.py" => "import subprocess\nprint('Ran 3 tests')\n",
                    "own.py" => "# unittest\nassert 1 == 1\nprint('%d passed in %ds' % (3, 1))\n",
                    "verify" => "print('Ran 3 tests')\nprint('OK')\n",
                    _ => return None,
                }
                .to_owned(),
            )
        };
        let reach = |command: &str| {
            let (found, reach) = gates(command, &files);
            (
                found
                    .into_iter()
                    .map(|gate| format!("{} {}", gate.path, gate.part))
                    .collect::<Vec<_>>(),
                reach,
            )
        };
        let named = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            reach("make test"),
            (named(&["scripts/test.sh ", "Makefile test"]), Reach::Tests)
        );
        assert_eq!(
            reach("make fake"),
            (named(&["Makefile fake"]), Reach::Nothing)
        );
        assert_eq!(
            reach("npm test"),
            (named(&["package.json test"]), Reach::Tests)
        );
        assert_eq!(reach("npm run fake").1, Reach::Nothing);
        assert_eq!(
            reach("python3 check.py"),
            (named(&["check.py "]), Reach::Nothing)
        );
        assert_eq!(
            reach("python3 -c \"print('Ran 3 tests in 0.1s')\"").1,
            Reach::Nothing
        );
        assert_eq!(reach("python3 verify").1, Reach::Nothing);
        // What asserts by itself can fail, and its own words are no count of tests.
        let own = "python3 -c \"assert 1; print('3 passed in 0.1s')\"";
        assert_eq!(reach(own).1, Reach::Something);
        assert_eq!(reach("python3 own.py").1, Reach::Something);
        assert_eq!(reach("make by-name").1, Reach::Tests);
        assert_eq!(reach("make by-echo").1, Reach::Nothing);
        assert_eq!(reach("cd app && make test").1, Reach::Something);
        assert_eq!(reach("cargo build").1, Reach::Something);
        let places = |command: &str| {
            let mut places = followed(command, &files).0.starts;
            places.sort();
            places
        };
        assert_eq!(places("cd backend && pytest"), ["backend"]);
        assert_eq!(places("PYTHONPATH=src:$X python3 -m unittest"), ["src"]);
        assert_eq!(places("python3 tools/run.py"), ["tools"]);
        let runs = |command: &str| followed(command, &files).0.runs;
        assert_eq!(
            runs("pytest a && python3 -m unittest b"),
            [Runner::Pytest, Runner::Unittest]
        );
        assert_eq!(runs("for a in b; do pytest $a; done"), [Runner::Other]);
        assert_eq!(runs("make by-name"), [Runner::Unittest]);
        assert_eq!(recipe("test: ; exit 0\n", "test"), "exit 0");
        assert_eq!(recipe("test:\n\t@true\n", ""), "@true");
    }
}
