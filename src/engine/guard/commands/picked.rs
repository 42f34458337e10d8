//! The files and tests that the words of a test tool name: without them it finds nothing. Refuses to
//! guess: a word that is no name of a file is none.

use super::runners::{Does, does, unwrapped};
use super::shell::pieces;
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;

/// Where something that a command names may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A file or a folder, relative to the project.
    pub path: String,
    /// Names that have to stand in the file.
    pub names: Vec<String>,
}

impl Place {
    fn new(path: impl Into<String>, names: &[&str]) -> Self {
        Self {
            path: path.into(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn is_there(&self, exists: &dyn Fn(&str) -> bool, read: Read<'_>) -> bool {
        let has = |text: &str| {
            let mut names = self.names.iter();
            names.all(|name| has_word(text, name))
        };
        let is_named = || read(&self.path).is_some_and(|text| has(&text));
        exists(&self.path) && (self.names.is_empty() || is_named())
    }
}

/// Something that a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// As the command names it.
    pub named: String,
    /// Where it may stand.
    pub places: Vec<Place>,
}

/// What a command names of tests that is not there, if anything is not.
pub fn not_there(command: &str, exists: &dyn Fn(&str) -> bool, read: Read<'_>) -> Option<Picked> {
    let mut picked = picked(command).into_iter();
    picked.find(|one| !one.places.iter().any(|place| place.is_there(exists, read)))
}

/// Whether a text has a name as a whole word.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = text.match_indices(name);
    found.any(|(at, _)| {
        let rest = &text[at + name.len()..];
        !is_part(text[..at].chars().next_back()) && !is_part(rest.chars().next())
    })
}

/// Everything of the project that a command names for its test tools.
pub fn picked(command: &str) -> Vec<Picked> {
    let mut folder = String::new();
    let mut found = Vec::new();
    for piece in pieces(command) {
        if let [cd, path] = &*piece.words
            && cd == "cd"
        {
            folder = format!("{}/", path.trim_start_matches("./").trim_end_matches('/'));
            continue;
        }
        if does(&piece.words) != Does::Tests {
            continue;
        }
        let words: Vec<&str> = piece.words.iter().map(String::as_str).collect();
        let mut of_piece = of_tool(unwrapped(&words));
        for place in of_piece.iter_mut().flat_map(|one| &mut one.places) {
            place.path.insert_str(0, &folder);
        }
        found.append(&mut of_piece);
    }
    found
}

fn of_tool(words: &[&str]) -> Vec<Picked> {
    let is = |word: &str, tool: &str| word.rsplit('/').next() == Some(tool);
    match words {
        [_, "-m", "pytest", rest @ ..] => pytest(rest),
        [tool, rest @ ..] if is(tool, "pytest") || is(tool, "py.test") => pytest(rest),
        [_, "-m", "unittest", "discover", ..] | [] => Vec::new(),
        [_, "-m", "unittest", rest @ ..] => unittest(rest),
        ["cargo", rest @ ..] => cargo(rest),
        [_, rest @ ..] => rest.iter().filter_map(|word| file(word)).collect(),
    }
}

/// One that stands at one of these places.
fn one(named: &str, places: Vec<Place>) -> Picked {
    let named = named.to_owned();
    Picked { named, places }
}

/// A word that is the path of a file of source, or of a folder.
fn file(word: &str) -> Option<Picked> {
    let path = word.trim_start_matches("./");
    let is_folder = path.ends_with('/');
    let is_path = Language::of(path).is_some() || is_folder;
    let is_plain = !path.starts_with(['-', '/', '.']) && !path.contains(['*', '?', '[', '{', '=']);
    (is_path && is_plain).then(|| one(word, vec![Place::new(path.trim_end_matches('/'), &[])]))
}

/// `test_a.py`, `tests`, `test_a.py::Class::test_b[1]`; what stands behind an option is its value.
fn pytest(words: &[&str]) -> Vec<Picked> {
    let mut found = Vec::new();
    let mut before = "";
    for word in words {
        let takes_value = match before.strip_prefix('-') {
            Some(option) if option.starts_with('-') => !before.contains('='),
            Some(option) => ["k", "m", "c", "p", "n", "o", "W", "r"].contains(&option),
            None => false,
        };
        let (path, names) = word.split_once("::").unwrap_or((word, ""));
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let is_file = Language::of(path) == Some(Language::Python);
        let is_path = is_file || !takes_value;
        if is_path && !path.starts_with(['-', '/', '.']) && !path.is_empty() {
            let names = names.split('[').next().unwrap_or_default().split("::");
            let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
            found.push(one(word, vec![Place::new(path, &names)]));
        }
        before = word;
    }
    found
}

/// `test_a`, `tests.test_a.Class.test_b`, `tests/test_a.py`.
fn unittest(words: &[&str]) -> Vec<Picked> {
    let mut found = Vec::new();
    for word in words.iter().filter(|word| !word.starts_with('-')) {
        if let Some(path) = file(word) {
            found.push(path);
            continue;
        }
        let parts: Vec<&str> = word.split('.').collect();
        let is_name =
            |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !parts.iter().all(is_name) {
            continue;
        }
        let modules = (1..=parts.len())
            .rev()
            .map(|depth| Place::new(format!("{}.py", parts[..depth].join("/")), &parts[depth..]));
        let package = Place::new(parts.join("/"), &[]);
        found.push(one(word, modules.chain([package]).collect()));
    }
    found
}

/// `--test NAME`. A workspace has its tests in folders of its own.
fn cargo(words: &[&str]) -> Vec<Picked> {
    let named = words.windows(2).filter(|pair| pair[0] == "--test");
    let places = |name: &str| {
        vec![
            Place::new(format!("tests/{name}.rs"), &[]),
            Place::new(format!("tests/{name}/main.rs"), &[]),
            Place::new("Cargo.toml", &[name]),
            Place::new("Cargo.toml", &["workspace"]),
        ]
    };
    let is_elsewhere = words.iter().any(|word| {
        ["-p", "--package", "--manifest-path"]
            .iter()
            .any(|option| word.starts_with(option))
    });
    if is_elsewhere {
        return Vec::new();
    }
    named
        .map(|pair| one(&format!("--test {}", pair[1]), places(pair[1])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(command: &str) -> Vec<String> {
        let found = picked(command).into_iter();
        found
            .map(|one| format!("{} {}", one.places[0].path, one.places[0].names.join(".")))
            .map(|text| text.trim().to_owned())
            .collect()
    }

    #[test]
    fn what_a_test_tool_is_given_is_known() {
        for (command, expected) in [
            ("python3 -m pytest -q test_add.py", &["test_add.py"][..]),
            ("pytest tests/ -k add -x", &["tests"]),
            ("pytest --rootdir x ./a/test_b.py", &["a/test_b.py"]),
            (
                "pytest -q test_add.py::TestAdd::test_one[1-2]",
                &["test_add.py TestAdd.test_one"],
            ),
            ("cd app && pytest test_a.py", &["app/test_a.py"]),
            ("python3 -m unittest -v tests.test_a", &["tests/test_a.py"]),
            ("python3 -m unittest discover -s tests", &[]),
            ("python3 -m unittest test_a.py", &["test_a.py"]),
            ("cargo test --test add", &["tests/add.rs"]),
            ("cargo test adds", &[]),
            ("node --test add.test.js", &["add.test.js"]),
            ("node --test test/", &["test"]),
            ("node --test 'test/*.js'", &[]),
            ("npx jest src/a.test.ts", &["src/a.test.ts"]),
            ("go test ./...", &[]),
            ("pytest -q", &[]),
            ("npm test", &[]),
            ("python3 check.py", &[]),
        ] {
            assert_eq!(named(command), expected, "{command}");
        }
    }

    #[test]
    fn a_file_or_a_test_in_it_may_be_missing() {
        let exists = |path: &str| matches!(path, "test_a.py" | "Cargo.toml" | "tests");
        let read = |path: &str| match path {
            "test_a.py" => {
                Some("class A:\n    def test_one(self):\n    def test_two_more(self):\n".to_owned())
            }
            _ => None,
        };
        let missing = |command: &str| {
            let found = not_there(command, &exists, &read);
            found.map(|one| one.named)
        };
        for command in [
            "pytest test_a.py tests",
            "pytest test_a.py::A::test_one",
            "python3 -m unittest test_a.A.test_one",
            "python3 -m unittest tests",
            "pytest",
        ] {
            assert_eq!(missing(command), None, "{command}");
        }
        for (command, expected) in [
            ("pytest test_a.py test_b.py", "test_b.py"),
            ("pytest test_a.py::test_two", "test_a.py::test_two"),
            ("python3 -m unittest test_a.A.test_two", "test_a.A.test_two"),
            ("cargo test --test add", "--test add"),
        ] {
            assert_eq!(missing(command).as_deref(), Some(expected), "{command}");
        }
    }
}
