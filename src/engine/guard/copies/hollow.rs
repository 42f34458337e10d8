//! The work with every function that it added or changed made to fail, or to return nothing: a test
//! that calls one, and looks at what it gives, cannot pass then. Only in languages where a function's beginning is certain; whatever can be
//! meant by a test besides functions is told apart.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::engine::guard::beside::{Share, share};
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::name;
use crate::engine::guard::language::Language;
use crate::engine::guard::source::blocks::test_modules;
use crate::engine::guard::source::bodies::{Function, functions};
use crate::engine::guard::source::case::Part;
use crate::engine::guard::source::cases::cases;
use crate::engine::guard::source::code::Code;

/// What becomes of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They fail.
    Fail,
    /// They return nothing at once.
    ReturnNothing,
}

/// The file with that done to its new and changed functions. None: it has none, or it is not
/// certain how.
pub fn hollowed(file: &Changed, way: Way) -> Option<String> {
    let (now, before) = sides(file)?;
    let plain = is_plain(&file.path);
    let old = before.iter().flat_map(|code| spelled((code, plain)));
    let old: BTreeSet<String> = old.collect();
    let mut text = now.text.to_owned();
    let found = functions((&now, plain));
    for function in found.iter().rev() {
        if !old.contains(&now.normal(function.whole.clone())) {
            let first = match way {
                Way::Fail => &function.failure,
                // A helper of tests that says nothing would let them pass.
                Way::ReturnNothing if asserts(&now, function) => &function.failure,
                Way::ReturnNothing => function.nothing.as_ref()?,
            };
            text.insert_str(function.at, first);
        }
    }
    (text.len() > now.text.len()).then_some(text)
}

fn asserts(code: &Code<'_>, function: &Function) -> bool {
    let body = code.bare(function.at..function.whole.end.max(function.at));
    ["assert", "expect(", ".fail("]
        .iter()
        .any(|word| body.contains(word))
}

/// Whether a file of tests has tests in it, and not only what others use.
pub fn holds_tests(path: &str, text: &str) -> bool {
    Language::of(path).is_some_and(|language| {
        let cases = cases(&Code::read(text, language));
        cases.iter().any(|case| case.part == Part::Test)
    })
}

/// Whether more tests stand in a source than did before.
pub fn has_new_tests(file: &Changed) -> bool {
    let count = |code: &Code<'_>| {
        let cases = cases(code);
        cases.iter().filter(|case| case.part == Part::Test).count()
    };
    let is_rust = Language::of(&file.path) == Some(Language::Rust);
    let Some((now, before)) = sides(file).filter(|_| is_rust) else {
        return false;
    };
    count(&now) > before.as_ref().map_or(0, count)
}

/// What of the work the tests may mean besides its functions. None: nothing.
pub fn besides_functions(changed: &[Changed]) -> Option<String> {
    let sort = |file: &&Changed, wanted: &[Share]| wanted.contains(&share(&file.path));
    let tests = changed
        .iter()
        .filter(|file| sort(file, &[Share::Test, Share::Beside]));
    let tests: Vec<&str> = tests.filter_map(|file| file.now.as_ref()?.text()).collect();
    let work = changed
        .iter()
        .filter(|file| sort(file, &[Share::Work, Share::Text]));
    for file in work {
        let Some((now, before)) = sides(file) else {
            let is_other = Language::of(&file.path).is_some() && file.now.is_some();
            if is_other || tests.iter().any(|text| text.contains(name(&file.path))) {
                return Some(format!("`{}`", file.path));
            }
            continue;
        };
        let plain = is_plain(&file.path);
        let old = before.iter().flat_map(|code| stated((code, plain)));
        let old: BTreeSet<String> = old.collect();
        let new = stated((&now, plain))
            .into_iter()
            .filter(|line| !old.contains(line));
        let named = new.filter_map(|line| bound(&line).map(str::to_owned));
        if let Some(gone) = gone_functions(&now, before.as_ref())
            .into_iter()
            .find(|name| {
                tests
                    .iter()
                    .any(|text| words(text).any(|word| word == name))
            })
        {
            return Some(format!("`{gone}`, which is gone from `{}`", file.path));
        }
        for name in named {
            if tests
                .iter()
                .any(|text| words(text).any(|word| word == name))
            {
                return Some(format!("`{name}` in `{}`", file.path));
            }
        }
    }
    None
}

/// The functions that went.
fn gone_functions(now: &Code<'_>, before: Option<&Code<'_>>) -> Vec<String> {
    let names = |code: &Code<'_>| -> BTreeSet<String> {
        let cases = cases(code).into_iter();
        let last = |name: String| name.rsplit('.').next().map(str::to_owned);
        cases.filter_map(|case| last(case.name)).collect()
    };
    let now = names(now);
    let before = before.map(names).unwrap_or_default();
    before.difference(&now).cloned().collect()
}

/// A source in which it is certain how to make a function fail, now and before.
pub(super) fn sides(file: &Changed) -> Option<(Code<'_>, Option<Code<'_>>)> {
    let language = Language::of(&file.path)?;
    let is_known = matches!(
        language,
        Language::Python | Language::JavaScript | Language::Rust
    );
    let is_left = [".pyi", ".dart", ".d.ts", "build.rs"]
        .iter()
        .any(|end| file.path.ends_with(end));
    let now = file.now.as_ref().and_then(Content::text)?;
    let before = file.before.as_ref().and_then(Content::text);
    (is_known && !is_left).then(|| {
        let read = |text| Code::read(text, language);
        (read(now), before.map(read))
    })
}

/// Whether a script is written without types, in which an arrow would be none.
pub(super) fn is_plain(path: &str) -> bool {
    [".js", ".mjs", ".cjs", ".jsx"]
        .iter()
        .any(|end| path.ends_with(end))
}

fn spelled((code, plain): (&Code<'_>, bool)) -> Vec<String> {
    let functions = functions((code, plain));
    let spelled = functions
        .iter()
        .map(|function| code.normal(function.whole.clone()));
    spelled.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_part(c))
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The lines outside of functions; what only holds functions is left out.
fn stated((code, plain): (&Code<'_>, bool)) -> Vec<String> {
    let functions = functions((code, plain));
    let is_inside = |at: usize| functions.iter().any(|one| one.whole.contains(&at));
    let modules = test_modules(code);
    let lines: Vec<Range<usize>> = code.lines().collect();
    let mut found = Vec::new();
    for line in &lines {
        let text = code.bare(line.clone());
        let first = line.start + (text.len() - text.trim_start().len());
        let is_test = modules.iter().any(|module| module.contains(&first));
        if text.trim().is_empty() || is_inside(first) || is_test {
            continue;
        }
        let is_class = words(&text).any(|word| word == "class");
        let holds = || {
            let end = class_end(code, &lines, line);
            functions
                .iter()
                .any(|one| (line.end..end).contains(&one.at))
        };
        if !(is_class && holds()) {
            found.push(text.trim().to_owned());
        }
    }
    found
}

/// Where a class ends: with its brace, or with its indentation.
fn class_end(code: &Code<'_>, lines: &[Range<usize>], line: &Range<usize>) -> usize {
    if code.language != Language::Python {
        let open = (line.start..code.text.len())
            .find(|at| code.is_code(*at) && code.text.as_bytes()[*at] == b'{');
        return open.map_or(line.end, |open| code.closing(open));
    }
    let own = code.indentation(line).unwrap_or(0);
    let mut below = lines.iter().filter(|other| other.start >= line.end);
    let next = below.find(|other| code.indentation(other).is_some_and(|indent| indent <= own));
    next.map_or(code.text.len(), |next| next.start)
}

/// The name that a line gives to something.
fn bound(line: &str) -> Option<&str> {
    const IN_FRONT: &[&str] = &[
        "export",
        "default",
        "pub",
        "crate",
        "const",
        "let",
        "var",
        "static",
        "mut",
        "struct",
        "enum",
        "type",
        "class",
        "union",
        "macro_rules",
        "interface",
        "readonly",
        "exports",
        "module",
        "this",
        "declare",
    ];
    let end = line.find("=>").unwrap_or(line.len());
    let is_named =
        line[..end].contains(['=', ':', '{', '!', ',', ';']) || line.starts_with("class");
    let is_compared = [
        "if ",
        "elif ",
        "while ",
        "assert ",
        "import ",
        "from ",
        "use ",
        "return ",
        "module.exports =",
        "export {",
        "export default",
    ]
    .iter()
    .any(|start| line.starts_with(start));
    let mut words = words(line).filter(|word| !word.is_empty());
    words
        .find(|word| !IN_FRONT.contains(word))
        .filter(|word| is_named && !is_compared && !word.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guard::source::bodies::SAID;

    fn changed(path: &str, before: Option<&str>, now: &str) -> Changed {
        let content = |text: &str| Content::Text(text.to_owned());
        Changed {
            path: path.to_owned(),
            before: before.map(content),
            now: Some(content(now)),
        }
    }

    /// `!` stands for what fails.
    fn check(path: &str, before: Option<&str>, now: &str, expected: &str) {
        let text = hollowed(&changed(path, before, now), Way::Fail).unwrap_or_default();
        let text = text
            .replace(&format!("raise RuntimeError(\"{SAID}\")"), "!")
            .replace(
                &format!(" (() => {{ throw new Error(\"{SAID}\"); }})() ||"),
                "!",
            )
            .replace(&format!(" throw new Error(\"{SAID}\");"), "!")
            .replace(&format!(" if true {{ panic!(\"{SAID}\"); }}"), "!");
        assert_eq!(text, expected, "{path}");
    }

    #[test]
    fn new_and_changed_functions_are_made_to_fail() {
        check(
            "a.py",
            Some("def a(n):\n    return n\n"),
            "def a(n):\n  return n  # so\n\n\nclass B:\n    x: int = 1\n\n    @property\n    def c(\n        self, d={1: 2}\n    ) -> dict[str, int]:\n        \"\"\"D.\"\"\"\n        return {}\n\n    def e(self): return 1\n",
            "def a(n):\n  return n  # so\n\n\nclass B:\n    x: int = 1\n\n    @property\n    def c(\n        self, d={1: 2}\n    ) -> dict[str, int]:\n        !\n        \"\"\"D.\"\"\"\n        return {}\n\n    def e(self):!; return 1\n".replace(":!;", ": !;").as_str(),
        );
        check(
            "a.js",
            Some("function old() {\n  return 1;\n}\n"),
            "function old() {\n  return 1;\n}\nexport const a = (n) => {\n  if (n) { return 1; }\n  for (const x of n) { x(); }\n};\nclass B {\n  c() { return { d: 1 }; }\n}\nmodule.exports = { a };\n",
            "function old() {\n  return 1;\n}\nexport const a = (n) => {!\n  if (n) { return 1; }\n  for (const x of n) { x(); }\n};\nclass B {\n  c() {! return { d: 1 }; }\n}\nmodule.exports = { a };\n",
        );
        check(
            "a.ts",
            None,
            "export function a(n: number): Promise<string> {\n}\n",
            "export function a(n: number): Promise<string> {!\n}\n",
        );
        check(
            "src/lib.rs",
            None,
            "pub fn a<T>(n: [u8; 2]) -> T where T: Copy {\n    b()\n}\nimpl A {\n    fn b(&self) -> char { '{' }\n}\n#[cfg(test)]\nmod tests {\n    fn c() {}\n    #[test]\n    fn d() { assert!(x()); }\n}\n",
            "pub fn a<T>(n: [u8; 2]) -> T where T: Copy {!\n    b()\n}\nimpl A {\n    fn b(&self) -> char {! '{' }\n}\n#[cfg(test)]\nmod tests {\n    fn c() {}\n    #[test]\n    fn d() { assert!(x()); }\n}\n",
        );
        check(
            "a.js",
            Some("exports.b = (n) => n;\n"),
            "exports.a = (n) => n ? 1 : 2;\nexports.b = (n) => n;\nconst c = (n) => (m) => n;\n",
            "exports.a = (n) =>! n ? 1 : 2;\nexports.b = (n) => n;\nconst c = (n) => (m) =>! n;\n",
        );
        check("a.ts", None, "type A = (n: number) => string;\n", "");
        check("a.go", None, "func a() {}\n", "");
        check("a.py", None, "A = 1\n", "");
    }

    #[test]
    fn new_functions_return_nothing() {
        let returns = |path: &str, now: &str| {
            hollowed(&changed(path, None, now), Way::ReturnNothing).unwrap_or_default()
        };
        assert_eq!(
            returns("a.py", "def a(n):\n    return n\n\n\ndef b(): return 1\n"),
            "def a(n):\n    return None\n    return n\n\n\ndef b(): return None; return 1\n"
        );
        assert_eq!(
            returns(
                "a.js",
                "exports.a = (n) => n ? 1 : 2;\nfunction b() { c(); }\n"
            ),
            "exports.a = (n) => true ? undefined : n ? 1 : 2;\nfunction b() { return; c(); }\n"
        );
        assert!(returns("h.py", "def a(n):\n    assert n\n").contains("raise"));
        assert_eq!(returns("src/lib.rs", "fn a() -> u8 {\n    1\n}\n"), "");
    }

    #[test]
    fn what_is_no_function_may_be_meant() {
        let means = |path: &str, now: &str, test: &str| {
            let files = [changed(path, None, now), changed("test_a.py", None, test)];
            besides_functions(&files)
        };
        let python = "LIMIT = 3\n\n\nclass A:\n    def b(self):\n        return 1\n\n\nclass Wrong(Exception):\n    pass\n";
        assert_eq!(means("a.py", python, "from a import A\n"), None);
        for (word, path) in [("LIMIT", "a.py"), ("Wrong", "a.py")] {
            let expected = format!("`{word}` in `{path}`");
            assert_eq!(means(path, python, word).unwrap(), expected);
        }
        for (path, old) in [
            ("a.py", "def b():\n    pass\n"),
            ("src/a.rs", "fn b() {}\n"),
        ] {
            let test = changed("test_a.py", None, "assert not hasattr(a, 'b')\n");
            let files = [changed(path, Some(old), "\n"), test];
            assert!(besides_functions(&files).is_some(), "{path}");
        }
        assert!(means("page.html", "<p>", "open('page.html')").is_some());
        assert!(means("page.html", "<p>", "import json").is_none());
        assert!(means("a.go", "", "").is_some());
        let script = "const add = (a, b) => a + b;\nmodule.exports = { add };\n";
        assert!(means("a.js", script, "add(1, 2)").is_none());
        assert!(means("a.ts", script, "add(1, 2)").is_some());
        assert!(means("a.js", "exports.MOST = 3;\n", "a.MOST").is_some());
        let source = "pub const MOST: u8 = 3;\nfn a() {}\n";
        assert!(means("src/a.rs", source, "MOST").is_some());
        assert!(means("src/a.rs", source, "a()").is_none());
    }

    #[test]
    fn tests_in_sources_are_counted() {
        let one = "fn a() {}\n#[test]\nfn b() {}\n";
        assert!(has_new_tests(&changed("src/a.rs", None, one)));
        assert!(!has_new_tests(&changed("src/a.rs", Some(one), one)));
        assert!(holds_tests("test_a.py", "def test_a():\n    pass\n"));
        assert!(!holds_tests("tests/helper.py", "def made():\n    pass\n"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(?s)[a-z'\"#/:{}()=> \n]{0,60}", which in 0..3_usize) {
            let path = ["a.py", "a.js", "a.rs"][which];
            let file = changed(path, None, &text);
            let _ = (hollowed(&file, Way::Fail), hollowed(&file, Way::ReturnNothing));
            let _ = besides_functions(&[file]);
        }
    }
}
