//! A file with tests, before the work and now: which tests are gone, changed, switched off or
//! emptied, and which are new. Adding is always allowed. What was announced may be changed, as long
//! as every test still runs and asserts something.

use std::collections::HashMap;

use super::asserting::asserts;
use super::assertion::Asserts;
use super::blocks::test_modules;
use super::case::{Case, Part};
use super::cases::{RestLine, cases, is_again, is_import, rest};
use super::code::Code;
use super::finding::{Finding, Rule};
use super::functions::Functions;
use super::language::Language;
use super::off::{Off, is_focus, switched_off};
use super::tokens::is_name;

/// Whether a change of a file was announced in the ticket or its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    Yes,
    No,
}

/// What became of a file's tests.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) findings: Vec<Finding>,
    pub(super) gone: Vec<TestSeen>,
    pub(super) new: Vec<TestSeen>,
    /// Whether something that was there is another now.
    pub(super) changed: bool,
    /// What a person should know.
    pub(super) told: Vec<String>,
}

/// A test that is there only before, or only now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TestSeen {
    pub(super) path: String,
    pub(super) name: String,
    /// Its body without its name.
    pub(super) essence: String,
    pub(super) asserts: Asserts,
}

/// How much of the file is for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// A source with tests in it.
    Part,
}

struct Side<'a> {
    code: Code<'a>,
    functions: Functions,
    /// What switches tests off.
    off: Vec<Off>,
}

impl<'a> Side<'a> {
    fn read(text: &'a str, language: Language, extent: Extent) -> Self {
        let code = Code::read(text, language);
        let mut cases = cases(&code);
        if extent == Extent::Part {
            let modules = test_modules(&code);
            cases.retain(|case| {
                let is_inside = modules
                    .iter()
                    .any(|module| module.contains(&case.body.start));
                case.part == Part::Test || is_inside
            });
        }
        let off = switched_off(&code);
        let functions = Functions::of(cases);
        Self {
            code,
            functions,
            off,
        }
    }

    fn seen(&self, path: &str, case: &Case) -> TestSeen {
        let leaf = case
            .name
            .rsplit(['.', '>'])
            .next()
            .unwrap_or_default()
            .trim();
        TestSeen {
            path: path.to_owned(),
            name: case.name.clone(),
            essence: self.code.normal(case.body.clone()).replacen(leaf, "", 1),
            asserts: self.asserts(case),
        }
    }

    fn asserts(&self, case: &Case) -> Asserts {
        asserts(&self.code, case, &self.functions)
    }
}

/// Compares a file of a known language. None: it is not there.
pub(super) fn compare(
    path: &str,
    (before, now): (Option<&str>, Option<&str>),
    language: Language,
    extent: Extent,
    announced: Announced,
) -> Compared {
    let before = before.map(|text| Side::read(text, language, extent));
    let now = now.map(|text| Side::read(text, language, extent));
    let mut compared = Compared::default();
    let tests = |side: &Option<Side<'_>>| -> Vec<TestSeen> {
        side.iter()
            .flat_map(|side| {
                let tests = side.functions.tests();
                tests.map(|case| side.seen(path, case)).collect::<Vec<_>>()
            })
            .collect()
    };
    let (Some(old), Some(new)) = (&before, &now) else {
        compared.gone = tests(&before);
        compared.new = tests(&now);
        compared.changed = before.is_some();
        if let Some(new) = &now {
            let focus = &new.off;
            let focus = focus.iter().find(|off| is_focus(off.word));
            compared
                .findings
                .extend(focus.map(|off| turned_off(path, off.word, off.line)));
        }
        return compared;
    };
    compare_cases(path, old, new, announced, &mut compared);
    for case in new.functions.tests() {
        if old.functions.same(case).is_none() {
            compared.new.push(new.seen(path, case));
            if language == Language::Python && is_again(&case.name) {
                let what = format!(
                    "`{path}` defines the test `{}` once more, so the first one never runs",
                    case.name
                );
                compared.findings.push(Finding::new(Rule::TestGone, what));
            }
        }
    }
    compare_off(path, old, new, &mut compared);
    if announced == Announced::No {
        compare_rest(path, old, new, extent, &mut compared);
    } else if old.code.normal(0..old.code.text.len()) != new.code.normal(0..new.code.text.len()) {
        compared.changed |= extent == Extent::Whole;
    }
    compared
}

fn compare_cases(
    path: &str,
    old: &Side<'_>,
    new: &Side<'_>,
    announced: Announced,
    compared: &mut Compared,
) {
    for case in &old.functions.cases {
        let Some(now) = new.functions.same(case) else {
            match (case.part, announced) {
                (Part::Test, _) => compared.gone.push(old.seen(path, case)),
                (Part::Helper, Announced::Yes) => {}
                (Part::Helper, Announced::No) => {
                    let what = format!(
                        "`{path}`: `{}`, which its tests may use, is gone",
                        case.name
                    );
                    compared
                        .findings
                        .push(Finding::new(Rule::TestChanged, what));
                }
            }
            continue;
        };
        let is_same = case.head == now.head
            && old.code.normal(case.body.clone()) == new.code.normal(now.body.clone());
        if is_same {
            continue;
        }
        compared.changed = true;
        let name = &case.name;
        let (had, has) = (old.asserts(case), new.asserts(now));
        if had == Asserts::Something && has < had {
            let how = if has == Asserts::Nothing {
                "asserts nothing any more"
            } else {
                "asserts only what is always true now"
            };
            let what = format!("`{path}`: `{name}` {how}");
            compared
                .findings
                .push(Finding::new(Rule::TestEmptied, what));
        } else if announced == Announced::No {
            let what = match case.part {
                Part::Test => format!(
                    "`{path}`: the test `{name}`, which was there before this ticket, was changed, and neither the ticket nor its plan names this file"
                ),
                Part::Helper => format!(
                    "`{path}`: `{name}`, which its tests use, was changed, and neither the ticket nor its plan names this file"
                ),
            };
            compared
                .findings
                .push(Finding::new(Rule::TestChanged, what));
        }
    }
}

fn compare_off(path: &str, old: &Side<'_>, new: &Side<'_>, compared: &mut Compared) {
    let mut left: Vec<&str> = old.off.iter().map(|off| off.word).collect();
    for off in &new.off {
        match left.iter().position(|word| *word == off.word) {
            Some(place) => drop(left.remove(place)),
            // A new test may depend on where it runs.
            None if !is_focus(off.word) && is_in_new_test(old, new, off.line) => {}
            None => return compared.findings.push(turned_off(path, off.word, off.line)),
        }
    }
}

fn is_in_new_test(old: &Side<'_>, new: &Side<'_>, line: usize) -> bool {
    new.functions.tests().any(|case| {
        let lines = new.code.line_number(case.whole.start)..=new.code.line_number(case.whole.end);
        lines.contains(&line) && old.functions.same(case).is_none()
    })
}

fn turned_off(path: &str, word: &str, line: usize) -> Finding {
    let does = if is_focus(word) {
        "leaves all other tests out"
    } else {
        "switches tests off"
    };
    let what = format!("`{path}`, line {line}: `{word}` {does}");
    Finding::new(Rule::TestOff, what)
}

/// Without an announcement, lines outside of tests may come but not go, apart from imports.
fn compare_rest(
    path: &str,
    old: &Side<'_>,
    new: &Side<'_>,
    extent: Extent,
    compared: &mut Compared,
) {
    let whole = extent == Extent::Whole;
    let (before, now) = (
        rest(&old.code, &old.functions.cases, whole),
        rest(&new.code, &new.functions.cases, whole),
    );
    let (added, gone) = (without(&now, &before), without(&before, &now));
    if let Some(line) = gone.iter().find(|line| !is_import(&line.normal)) {
        compared.changed = true;
        let shown = old
            .code
            .text
            .lines()
            .nth(line.number - 1)
            .unwrap_or_default()
            .trim();
        let what = format!(
            "`{path}`: the line `{shown}`, which its tests need, was changed or taken out, and neither the ticket nor its plan names this file"
        );
        compared
            .findings
            .push(Finding::new(Rule::TestChanged, what));
        return;
    }
    let imported: Vec<&str> = before
        .iter()
        .filter(|line| is_import(&line.normal))
        .flat_map(|line| imported_names(&line.normal))
        .collect();
    let taken = new.functions.cases.iter().find(|case| {
        let is_new = case.part == Part::Helper && old.functions.same(case).is_none();
        is_new && imported.contains(&case.name.as_str())
    });
    let taken = taken.map(|case| (case.name.clone(), new.code.line_number(case.whole.start)));
    let again = added.iter().find_map(|line| {
        let name = bound(&line.normal)
            .into_iter()
            .find(|name| imported.contains(name))?;
        let from_same = gone
            .iter()
            .any(|old| same_source(&old.normal, &line.normal));
        (!from_same).then(|| (name.to_owned(), line.number))
    });
    if let Some((name, number)) = taken.or(again) {
        let what = format!(
            "`{path}`, line {number}: `{name}`, which its tests use, now stands for something else"
        );
        compared
            .findings
            .push(Finding::new(Rule::TestChanged, what));
    }
}

/// The lines that are not among the others, each of which counts once.
fn without<'a>(lines: &'a [RestLine], others: &[RestLine]) -> Vec<&'a RestLine> {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for other in others {
        *left.entry(&other.normal).or_default() += 1;
    }
    let mut found = Vec::new();
    for line in lines {
        match left.get_mut(line.normal.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => found.push(line),
        }
    }
    found
}

/// The names that an import brings in.
fn imported_names(line: &str) -> Vec<&str> {
    let list = line.split_once("import").map_or(line, |(_, list)| list);
    words(list)
}

/// The names that a line gives a meaning.
fn bound(line: &str) -> Vec<&str> {
    if is_import(line) {
        return imported_names(line);
    }
    for start in ["def ", "class ", "function ", "const ", "let ", "var "] {
        if let Some(rest) = line.strip_prefix(start) {
            return words(rest).into_iter().take(1).collect();
        }
    }
    match line.split_once('=') {
        Some((name, rest)) if !rest.starts_with('=') && words(name) == [name] => vec![name],
        _ => Vec::new(),
    }
}

/// Whether two imports are from the same place: `from todo import add` and `from todo import add, done`.
fn same_source(old: &str, new: &str) -> bool {
    let source = |line: &str| -> Option<String> {
        if let Some(rest) = line.strip_prefix("from ") {
            return rest.split_once(" import").map(|(from, _)| from.to_owned());
        }
        let (_, from) = line
            .rsplit_once("from\"")
            .or_else(|| line.rsplit_once("require(\""))?;
        Some(from.split('"').next().unwrap_or_default().to_owned())
    };
    match (source(old), source(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| is_name(word) && !matches!(*word, "as" | "from" | "type" | "require"))
        .collect()
}

/// A file of a language that is not known, without an announcement: lines may only come.
pub(super) fn compare_lines(path: &str, before: &str, now: &str) -> Option<Finding> {
    let mut lines = now.lines().map(str::trim);
    let gone = before
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .find(|line| !lines.any(|other| other == *line))?;
    let what = format!(
        "`{path}`: the line `{gone}` was changed or taken out, and neither the ticket nor its plan names this file"
    );
    Some(Finding::new(Rule::TestChanged, what))
}
