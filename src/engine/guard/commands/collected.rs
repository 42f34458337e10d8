//! Whether the tests at a place are found by those who run them, by the conventions of each
//! language. Where these say nothing, the place counts as good: how many tests are executed is
//! looked at besides.

use super::gates::gates;
use crate::engine::guard::files::{folders, name};
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;

/// Folders into which no runner looks.
const PASSED_BY: &[&str] = &[
    "node_modules",
    "build",
    "dist",
    "target",
    "venv",
    "vendor",
    "testdata",
    "CVS",
    "coverage",
];

/// What is known of how tests are run.
pub(in crate::engine::guard) struct Collecting<'a> {
    /// The commands that count, and what stands in the scripts that they run.
    said: String,
    read: Read<'a>,
}

impl<'a> Collecting<'a> {
    pub(in crate::engine::guard) fn by(commands: &[String], read: Read<'a>) -> Self {
        let mut said = commands.join("\n");
        for command in commands {
            for gate in gates(command, read).0 {
                said.push('\n');
                said.push_str(&gate.text);
            }
        }
        Self { said, read }
    }

    /// Whether tests that were collected at one place are collected at another.
    pub(in crate::engine::guard) fn moves(&self, from: (&str, &str), to: (&str, &str)) -> bool {
        let ((old, _), (new, test)) = (from, to);
        let is_same_place = old == new || self.is_named(new) || !by_name(old);
        let found = is_same_place || (by_name(new) && self.folder_is_collected(old, new));
        found && (self.read)(new).is_none_or(|text| self.class_is_collected(new, &text, test))
    }

    /// Whether a command names the file, or the module that it is.
    fn is_named(&self, path: &str) -> bool {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let module = stem.replace('/', ".");
        let is_end = |c: char| !c.is_alphanumeric() && !"_./-".contains(c);
        self.said
            .split(is_end)
            .map(|word| word.trim_start_matches("./"))
            .any(|word| word == path || word == module)
    }

    fn says(&self, word: &str) -> bool {
        self.said
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
            .any(|other| other == word)
    }

    fn folder_is_collected(&self, old: &str, new: &str) -> bool {
        let around: Vec<&str> = folders(new).collect();
        if around == folders(old).collect::<Vec<_>>() {
            return true;
        }
        let hides = |folder: &&str| PASSED_BY.contains(folder) || folder.starts_with(['.', '_']);
        if around
            .iter()
            .any(|folder| hides(folder) && *folder != "__tests__")
        {
            return false;
        }
        match Language::of(new) {
            // unittest looks into packages alone, from the folder where it starts.
            Some(Language::Python) if !self.says("pytest") => {
                let start = around.iter().rposition(|folder| self.says(folder));
                let start = start.map_or(0, |place| place + 1);
                (start..around.len()).all(|place| {
                    let package = format!("{}/__init__.py", around[..=place].join("/"));
                    (self.read)(&package).is_some()
                })
            }
            Some(Language::Rust) => self.is_in_the_crate(new),
            _ => true,
        }
    }

    /// Whether a source is compiled: a root by its place, or named by the module above.
    fn is_in_the_crate(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let Some((file, above)) = parts.split_last() else {
            return true;
        };
        let stem = file.trim_end_matches(".rs");
        if above.last() == Some(&"tests") || matches!(stem, "lib" | "main") {
            return true;
        }
        let (module, above) = match (stem, above.split_last()) {
            ("mod", Some((folder, above))) => (*folder, above),
            _ => (stem, above),
        };
        let folder = above.join("/");
        let parents = [
            format!("{folder}/mod.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}/main.rs"),
            format!("{folder}.rs"),
        ];
        let declares = |text: String| {
            let mut lines = text.lines().map(str::trim);
            lines.any(|line| line.ends_with(&format!("mod {module};")) && !line.starts_with("//"))
        };
        parents
            .iter()
            .filter_map(|parent| (self.read)(parent))
            .any(declares)
    }

    /// Whether a runner takes the class of a test in Python for a case, or needs none.
    fn class_is_collected(&self, path: &str, source: &str, test: &str) -> bool {
        if Language::of(path) != Some(Language::Python) {
            return true;
        }
        let Some((class, _)) = test.split_once('.') else {
            return self.says("pytest") || !self.says("unittest");
        };
        let mut classes = classes(source);
        classes
            .find(|(name, _)| *name == class)
            .is_none_or(|(name, bases)| self.is_case(name, bases))
    }

    fn is_case(&self, class: &str, bases: &str) -> bool {
        !matches!(bases, "" | "object") || (class.starts_with("Test") && self.says("pytest"))
    }

    /// A class of tests in Python that is none for the runner any more.
    pub(in crate::engine::guard) fn lost_class<'t>(
        &self,
        before: &str,
        now: &'t str,
    ) -> Option<&'t str> {
        let mut lost = classes(now).filter(|(name, bases)| !self.is_case(name, bases));
        let was_case = |class: &str| {
            let mut old = classes(before);
            old.any(|(name, bases)| name == class && self.is_case(name, bases))
        };
        lost.find(|(class, _)| was_case(class))
            .map(|(class, _)| class)
    }
}

/// The classes of a text in Python, and what each is derived from.
fn classes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let heads = text.match_indices("class ").filter_map(|(at, _)| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        line.trim().is_empty().then(|| &text[at + "class ".len()..])
    });
    heads.filter_map(|rest| {
        let (name, _) = rest.split_once([':', '('])?;
        let bases = rest[name.len()..].strip_prefix('(').unwrap_or_default();
        let bases = bases.split_once(')').map_or("", |(bases, _)| bases);
        Some((name.trim(), bases.trim()))
    })
}

/// Whether runners take a file for one of tests by its name and its folder.
fn by_name(path: &str) -> bool {
    let file = name(path);
    let Some((stem, _)) = file.rsplit_once('.') else {
        return false;
    };
    let in_folder = |names: &[&str]| folders(path).any(|folder| names.contains(&folder));
    let ends = |ends: &[&str]| ends.iter().any(|end| stem.ends_with(end));
    match Language::of(path) {
        Some(Language::Python) => stem.starts_with("test") || stem.ends_with("_test"),
        Some(Language::JavaScript) => {
            ends(&[".test", ".spec", "-test", "_test", ".cy", ".e2e"])
                || stem.starts_with("test-")
                || stem == "test"
                || in_folder(&["test", "__tests__"])
        }
        Some(Language::Go) => stem.ends_with("_test"),
        Some(Language::Ruby) => ends(&["_test", "_spec"]) || stem.starts_with("test_"),
        Some(Language::Elixir) => ends(&["_test"]),
        Some(Language::Php) => ends(&["Test", "_test"]) || in_folder(&["tests"]),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, from: &str, to: &str, expected: bool) {
        let read = |path: &str| -> Option<String> {
            let text = match path {
                "pack/__init__.py" | "pack/deep/__init__.py" => "",
                "tests/unit/main.rs" => "mod inside;\n// mod outside;\n",
                "bare.py" => "def test_a():\n    pass\n",
                "test_plain.py" => "class A:\n    def test_a(self):\n        pass\n",
                "test_named.py" => "class TestA:\n    def test_a(self):\n        pass\n",
                "test_case.py" => "class A(Base):\n    def test_a(self):\n        pass\n",
                _ => return None,
            };
            Some(text.to_owned())
        };
        let commands = [command.to_owned()];
        let test = match to {
            "test_named.py" => "TestA.test_a",
            "test_plain.py" | "test_case.py" => "A.test_a",
            _ => "test_a",
        };
        let moves = Collecting::by(&commands, &read).moves((from, "A.test_a"), (to, test));
        assert_eq!(moves, expected, "{command}: {from} to {to}");
    }

    #[test]
    fn runners_find_tests_by_their_places() {
        let (unittest, pytest) = ("python3 -m unittest", "pytest -q");
        for (command, from, to, expected) in [
            (pytest, "test_a.py", "deep/test_a.py", true),
            (pytest, "test_a.py", "deep/a_test.py", true),
            (pytest, "test_a.py", "build/test_a.py", false),
            (pytest, "test_a.py", ".old/test_a.py", false),
            (pytest, "test_a.py", "deep/helper.py", false),
            (pytest, "test_a.py", "test_named.py", true),
            (pytest, "test_a.py", "test_plain.py", false),
            (unittest, "test_a.py", "test_named.py", false),
            (unittest, "test_a.py", "test_case.py", true),
            (unittest, "test_a.py", "test_plain.py", false),
            ("node --test", "a.test.js", "b.test.mjs", true),
            ("node --test", "a.test.js", "test/b.js", true),
            ("node --test", "a.test.js", "lib/b.js", false),
            ("node --test", "a.test.js", "node_modules/b.test.js", false),
            ("go test ./...", "a_test.go", "in/a_test.go", true),
            ("go test ./...", "a_test.go", "testdata/a_test.go", false),
            ("go test ./...", "a_test.go", "a_tests.go", false),
            ("cargo test", "tests/a.rs", "tests/b.rs", true),
            ("cargo test", "tests/a.rs", "tests/unit/inside.rs", true),
            ("cargo test", "tests/a.rs", "tests/unit/outside.rs", false),
            ("rake test", "test/a_test.rb", "test/a.rb", false),
        ] {
            check(command, from, to, expected);
        }
        // A command names what is otherwise not found, or where to begin.
        check(
            "python3 -m pytest checks.py",
            "test_a.py",
            "checks.py",
            true,
        );
        check("python3 -m pytest", "test_a.py", "checks.py", false);
    }

    #[test]
    fn unittest_looks_into_packages_alone() {
        let read = |path: &str| matches!(path, "pack/__init__.py").then(String::new);
        let moves = |command: &str, to: &str| {
            let commands = [command.to_owned()];
            Collecting::by(&commands, &read).moves(("test_a.py", "A.test_a"), (to, "A.test_a"))
        };
        assert!(moves("python3 -m unittest", "pack/test_a.py"));
        assert!(!moves("python3 -m unittest", "pack/deep/test_a.py"));
        assert!(!moves("python3 -m unittest", "archive/test_a.py"));
        assert!(moves(
            "python3 -m unittest discover -s archive",
            "archive/test_a.py"
        ));
    }
}
