//! What a program does in disguise: names of test tools that are put together of pieces, modules
//! that are loaded under such a name and then changed, values that are equal to everything, and
//! code that asks whether a test is looking. Nothing that is tested needs any of these.

use std::ops::Range;

use super::disguised_in_javascript::in_javascript;
use super::exchanged_in_rust::{in_rust, rewrites_sources};
use super::put_together::put_together;
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, name, role};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::Code;

/// What a file does in disguise, and did not before.
pub(in crate::engine::guard) fn disguised(file: &Changed, read: Read<'_>) -> Vec<Finding> {
    let path = file.path.as_str();
    let now = file.now.as_ref().and_then(Content::text);
    let (Some(now), Some(language)) = (now, Language::of(path)) else {
        return Vec::new();
    };
    let before = file.before.as_ref().and_then(Content::text);
    let role = role(path);
    let look = |text: &str| -> Vec<(usize, String)> {
        let code = Code::read(text, language);
        let mut found = match language {
            Language::Python => in_python(&code, role),
            Language::JavaScript => in_javascript(&code, role),
            Language::Rust => in_rust(&code, role),
            _ => Vec::new(),
        };
        if language == Language::Rust && name(path) == "build.rs" {
            found.extend(rewrites_sources(&code, read));
        }
        found.sort_unstable();
        let mut said: Vec<_> = found.into_iter().map(|at| line_of(&code, at)).collect();
        said.dedup();
        said
    };
    let old = before.map(look).unwrap_or_default();
    let is_new = |(_, sign): &(usize, String)| !old.iter().any(|(_, other)| other == sign);
    let mut found = look(now);
    found.retain(is_new);
    found.truncate(2);
    let findings = found.into_iter().map(|(line, sign)| {
        let what =
            format!("`{path}`, line {line}: `{sign}` may decide the outcome of tests without them");
        Finding::new(Rule::Rigged, what)
    });
    findings.collect()
}

/// Characters of a line that are told.
const LONGEST: usize = 120;

/// The number and the text of the line of a byte.
fn line_of(code: &Code<'_>, at: usize) -> (usize, String) {
    let number = code.line_number(at);
    let line = code.lines().find(|line| line.contains(&at));
    let text = line.map_or("", |line| code.text[line].trim());
    (number, text.chars().take(LONGEST).collect())
}

fn tight(text: &str) -> String {
    text.split_whitespace().collect()
}

fn in_python(code: &Code<'_>, role: Role) -> Vec<usize> {
    let mut found = put_together(code);
    let lines: Vec<Range<usize>> = code.lines().collect();
    let imported = imported_by_value(code);
    let bare_all = tight(&code.bare(0..code.text.len()));
    let goes_through = bare_all.contains(".__subclasses__(");
    for (number, line) in lines.iter().enumerate() {
        let bare = tight(&code.bare(line.clone()));
        if bare.is_empty() {
            continue;
        }
        let said = tight(&code.without_comments(line.clone()));
        let next = lines[number + 1..]
            .iter()
            .map(|line| tight(&code.bare(line.clone())))
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        let first = set_attribute(&bare);
        let sets_others = first.is_some_and(|first| !matches!(first, "self" | "cls"));
        let is_equal_to_all = role == Role::Other && always(&bare, &next);
        let asks = role == Role::Other
            && (["environ", "getenv"].iter().any(|word| bare.contains(word))
                && said.contains("PYTEST_CURRENT_TEST")
                || bare.contains("insys.modules")
                    && [
                        "\"pytest\"in",
                        "'pytest'in",
                        "\"unittest\"in",
                        "'unittest'in",
                    ]
                    .iter()
                    .any(|word| said.contains(word)));
        let of_all = bare.contains("object.__subclasses__(") || (goes_through && sets_others);
        let of_imported = imported.iter().any(|name| changes_member(&bare, name));
        if is_equal_to_all || asks || of_all || of_imported {
            found.push(line.start);
        }
    }
    found
}

/// What the first thing is whose attribute a line sets by name.
fn set_attribute(bare: &str) -> Option<&str> {
    let (_, rest) = bare.split_once("setattr(")?;
    rest.split([',', '.', '(']).next()
}

/// A comparison that says yes, or no, to everything.
fn always(bare: &str, next: &str) -> bool {
    [("__eq__", "True"), ("__ne__", "False")]
        .iter()
        .any(|(method, answer)| {
            let gives = format!("return{answer}");
            let by_lambda = bare
                .split_once(&format!("{method}=lambda"))
                .is_some_and(|(_, rest)| rest.ends_with(&format!(":{answer}")));
            let head = bare.strip_prefix(&format!("def{method}("));
            let by_function = head.is_some_and(|head| {
                head.ends_with(&gives) || (head.ends_with(':') && next == gives)
            });
            by_lambda || by_function
        })
}

/// Names of modules that are loaded by a computed name.
fn imported_by_value(code: &Code<'_>) -> Vec<String> {
    let bare = code.bare(0..code.text.len());
    let mut found = Vec::new();
    for loads in ["import_module(", "__import__("] {
        for (at, _) in bare.match_indices(loads) {
            let start = bare[..at].rfind('\n').map_or(0, |at| at + 1);
            let Some((name, _)) = bare[start..at].split_once('=') else {
                continue;
            };
            let name = name.trim();
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            // A literal says what it loads.
            let open = at + loads.len() - 1;
            let given = tight(&code.without_comments(open + 1..code.closing(open)));
            let is_literal = given.starts_with(['"', '\''])
                && given.ends_with(['"', '\''])
                && given.matches(['"', '\'']).count() == 2;
            if is_name && !is_literal {
                found.push(name.to_owned());
            }
        }
    }
    found
}

/// `setattr(name…`, `name.a.b = …`.
fn changes_member(bare: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let in_set = bare.split_once("setattr(").is_some_and(|(_, rest)| {
        let target = rest.split_once(',').map_or(rest, |(target, _)| target);
        let rest = if target.starts_with("getattr(") {
            rest
        } else {
            target
        };
        rest.split(|c: char| !is_word(c))
            .take(2)
            .any(|word| word == name)
    });
    let assigned = bare
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('.'));
    let in_assignment = assigned.is_some_and(|rest| {
        let end = rest
            .find(|c: char| !is_word(c) && c != '.')
            .unwrap_or(rest.len());
        rest[end..].starts_with('=') && !rest[end..].starts_with("==")
    });
    in_set || in_assignment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Finding> {
        let file = Changed {
            path: path.to_owned(),
            before: None,
            now: Some(Content::Text(text.to_owned())),
        };
        let read = |path: &str| matches!(path, "src/lib.rs").then(String::new);
        let found = disguised(&file, &read);
        let stood = Changed {
            before: file.now.clone(),
            ..file
        };
        assert_eq!(disguised(&stood, &read), [], "{path}: {text}");
        found
    }

    #[test]
    fn what_is_done_in_disguise_is_seen() {
        for (path, text) in [
            (
                "a.py",
                "t = importlib.import_module('unit' + 'test').case\n",
            ),
            ("a.py", "t = __import__(''.join(['unit', 'test']))\n"),
            ("a.py", "setattr(c, 'as' 'sertEqual', print)\n"),
            ("a.py", "getattr(os, 'tixe_'[::-1])(0)\n"),
            (
                "a.py",
                "m = importlib.import_module(name)\nsetattr(m.TestCase, n, print)\n",
            ),
            ("a.py", "m = __import__(name)\nm.case.run = print\n"),
            (
                "a.py",
                "m = __import__(name)\nsetattr(getattr(m, x), n, print)\n",
            ),
            ("a.py", "for c in object.__subclasses__():\n    pass\n"),
            (
                "a.py",
                "for c in Base.__subclasses__():\n    setattr(c, n, print)\n",
            ),
            (
                "a.py",
                "class Any:\n    def __eq__(self, other):\n        return True\n",
            ),
            (
                "a.py",
                "class Any:\n    def __eq__(self, other): return True\n",
            ),
            (
                "a.py",
                "class Any:\n    __eq__ = lambda self, other: True\n",
            ),
            ("a.py", "T = 'PYTEST_CURRENT_TEST' in os.environ\n"),
            ("a.py", "if 'pytest' in sys.modules:\n    pass\n"),
            ("a.js", "const m = require('ass' + 'ert');\n"),
            ("a.js", "const m = require('node:' + x);\n"),
            ("a.js", "const m = require(['node:', 'assert'].join(''));\n"),
            (
                "a.js",
                "const a = require('node:assert');\nfor (const k of ['equal']) a[k] = () => {};\n",
            ),
            ("a.js", "require('assert')[n] = () => {};\n"),
            ("a.mjs", "import * as a from 'node:assert';\na[k] = f;\n"),
            ("a.js", "globalThis.assert = () => {};\n"),
            ("a.js", "const x = process.env.NODE_TEST_CONTEXT ? 1 : 2;\n"),
            (
                "a.js",
                "exports.half = () => ({ [Symbol.toPrimitive]: () => 2 });\n",
            ),
            ("a.js", "class A {\n  valueOf() { return 2; }\n}\n"),
            ("src/a.rs", "macro_rules! assert_eq (($($t:tt)*) => {};);\n"),
            (
                "src/a.rs",
                "#[allow(unused_macros)] macro_rules! assert_eq { ($($t:tt)*) => {}; }\n",
            ),
            ("src/a.rs", "pub(crate) use nothing as assert_eq;\n"),
            (
                "src/a.rs",
                "fn a() -> i32 {\n    if cfg!(test) { 1 } else { 2 }\n}\n",
            ),
            (
                "src/a.rs",
                "#[cfg(not(test))]\npub fn a() {}\n\n#[cfg(test)]\npub fn a() {}\n",
            ),
            (
                "src/a.rs",
                "fn q() { std::panic::set_hook(Box::new(|_| std::process::exit(0))); }\n",
            ),
            (
                "build.rs",
                "fn main() {\n    std::fs::write(\"src/lib.rs\", text).unwrap();\n}\n",
            ),
        ] {
            assert_ne!(found(path, text), [], "{path}: {text}");
        }
    }

    #[test]
    fn what_looks_alike_is_left_alone() {
        for (path, text) in [
            (
                "a.py",
                "m = importlib.import_module('app.' + name)\nhandlers[name] = m.handle\n",
            ),
            ("a.py", "json = importlib.import_module('json')\n"),
            (
                "a.py",
                "for c in Base.__subclasses__():\n    known[c.name] = c\n",
            ),
            (
                "a.py",
                "setattr(self, 'x_' + name, 1)\nself.__dict__.update(x)\n",
            ),
            (
                "a.py",
                "text = 'Please ' + 'assert' + ' this'\nwords = ['unit', 'test']\n",
            ),
            (
                "a.py",
                "class P:\n    def __eq__(self, other):\n        return self.x == other.x\n",
            ),
            (
                "a.py",
                "class P:\n    def is_open(self):\n        return True\n",
            ),
            (
                "a.py",
                "debug = os.environ.get('DEBUG')\nif 'json' in sys.modules:\n    pass\n",
            ),
            (
                "test_a.py",
                "class Any:\n    def __eq__(self, other):\n        return True\n",
            ),
            (
                "a.js",
                "const m = require('./' + name);\nconst p = require(path.join(a, b));\n",
            ),
            (
                "a.js",
                "const table = {};\ntable[k] = 1;\nconst x = assert[k];\n",
            ),
            (
                "a.js",
                "class A {\n  valueOf() { return this.value; }\n  [Symbol.toPrimitive](hint) { return hint === 'number' ? this.n : this.s; }\n}\n",
            ),
            ("a.js", "const names = ['strict', 'Equal'];\n"),
            ("a.test.js", "const x = process.env.NODE_TEST_CONTEXT;\n"),
            (
                "src/a.rs",
                "#![cfg_attr(not(test), no_std)]\nmacro_rules! assert_close { () => {}; }\nuse pretty_assertions::assert_eq;\n",
            ),
            (
                "src/a.rs",
                "#[cfg(test)]\nmod tests {\n    fn slow() -> bool { cfg!(test) }\n}\n",
            ),
            (
                "src/a.rs",
                "#[cfg(test)]\nfn helper() {}\n\n#[cfg(not(test))]\nfn other() {}\n",
            ),
            (
                "src/main.rs",
                "fn main() {\n    std::panic::set_hook(Box::new(|_| std::process::exit(1)));\n}\n",
            ),
            (
                "build.rs",
                "fn main() {\n    std::fs::write(out.join(\"made.rs\"), text).unwrap();\n    println!(\"cargo:rerun-if-changed=src/lib.rs\");\n}\n",
            ),
        ] {
            assert_eq!(found(path, text), [], "{path}: {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(?s)[a-z=+(){}\\[\\]'\"#_.,: \n\\\\ü]{0,60}") {
            for path in ["a.py", "a.js", "a.rs", "build.rs"] {
                let file = Changed {
                    path: path.to_owned(),
                    before: None,
                    now: Some(Content::Text(text.clone())),
                };
                let _ = disguised(&file, &|_| None);
            }
        }
    }
}
