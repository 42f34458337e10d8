//! A file with tests, before the work and now: which tests are gone, changed, switched off or
//! emptied, and which are new. Adding is always allowed. What was announced may be changed, as long
//! as every test still runs and asserts something.

use std::collections::{BTreeMap, HashMap};

use super::grown::only_grew;
use super::idle::{idle, left_to_do};
use super::moved::leaf;
use super::off::{Off, is_focus, runs_again, switched_off, without_off};
use super::unspoken::with_old_tests;
use crate::engine::guard::asserts::asserting::asserts;
use crate::engine::guard::asserts::assertion::Asserts;
use crate::engine::guard::asserts::elsewhere::elsewhere;
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;
use crate::engine::guard::seen::{About, Announced, Around, Doubt, Meaning, TestSeen};
use crate::engine::guard::source::blocks::test_modules;
use crate::engine::guard::source::case::{Case, Part};
use crate::engine::guard::source::cases::{RestLine, cases, is_again, is_import, rest};
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::functions::Functions;
use crate::engine::guard::source::imports::{bound, imported_names, same_source, source, words};

/// What became of a file's tests.
#[derive(Debug, Default)]
pub(in crate::engine::guard) struct Compared {
    pub(in crate::engine::guard) findings: Vec<Finding>,
    /// What is refused unless something makes it fine.
    pub(in crate::engine::guard) doubts: Vec<Doubt>,
    /// What is another now in a file that was announced, unless it only grew.
    pub(in crate::engine::guard) others: Vec<Doubt>,
    /// The file as it is with its tests as they were, where it has more than tests.
    pub(in crate::engine::guard) with_old_tests: Option<String>,
    /// How much of it is for tests.
    pub(in crate::engine::guard) extent: Extent,
    /// Tests that were there and are others now.
    pub(in crate::engine::guard) rewritten: Vec<TestSeen>,
    pub(in crate::engine::guard) gone: Vec<TestSeen>,
    pub(in crate::engine::guard) new: Vec<TestSeen>,
    /// A test that is only named as left to do, and where.
    pub(in crate::engine::guard) left_to_do: Option<String>,
    /// Whether something that was there is another now.
    pub(in crate::engine::guard) changed: bool,
    /// What a person should know.
    pub(in crate::engine::guard) told: Vec<String>,
}

/// How much of the file is for tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine::guard) enum Extent {
    #[default]
    Whole,
    /// A source with tests in it.
    Part,
}

struct Side<'a> {
    code: Code<'a>,
    functions: Functions,
    /// What switches tests off.
    off: Vec<Off>,
    /// Lines outside of functions.
    rest: Vec<RestLine>,
}

impl<'a> Side<'a> {
    fn read(
        path: &str,
        text: &'a str,
        (language, extent): (Language, Extent),
        read: Read<'_>,
    ) -> Self {
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
        let mut functions = Functions::of(cases);
        functions.elsewhere = elsewhere(&code, path, read);
        let rest = rest(&code, &functions.cases, extent == Extent::Whole);
        Self {
            code,
            functions,
            off,
            rest,
        }
    }

    /// Whether no test is left that a helper which is gone was there for.
    fn can_do_without(&self, helper: &Case) -> bool {
        let (class, name) = helper.name.rsplit_once('.').unwrap_or(("", &helper.name));
        let lower = name.to_lowercase();
        let is_called_by_name = !lower.starts_with("setup")
            && !lower.starts_with("teardown")
            && !lower.starts_with("pytest")
            && !helper.head.contains("fixture");
        if !class.is_empty() {
            return !self.has_tests_of(class);
        }
        let is_named = self.code.language == Language::Python;
        is_named && is_called_by_name && !words(self.code.text).contains(&name)
    }

    fn has_tests_of(&self, class: &str) -> bool {
        let mut tests = self.functions.tests();
        tests.any(|case| {
            case.name
                .rsplit_once('.')
                .is_some_and(|(of, _)| of == class)
        })
    }

    /// Whether a line that is gone may have been needed: not the one that starts a file of tests by
    /// itself, the head of a class without tests, or a value that nobody names.
    fn needs(&self, line: &str) -> bool {
        if self.code.language != Language::Python {
            return true;
        }
        if line.starts_with("if __name__") || line.starts_with("unittest.main(") {
            return false;
        }
        let name = bound(line).into_iter().next();
        if line.starts_with("class ") {
            return name.is_none_or(|class| self.has_tests_of(class));
        }
        name.is_none_or(|name| {
            name.starts_with("pytest")
                || name.starts_with("__")
                || words(self.code.text).contains(&name)
        })
    }

    /// What the names in a function stand for, and in those that it calls.
    fn around(&self, case: &Case) -> Around {
        let mut names: BTreeMap<String, Meaning> = BTreeMap::new();
        let mut texts = vec![self.code.normal(case.body.clone())];
        // What runs before and after each test of the same class.
        let class = case.name.rsplit_once('.').map_or("", |(class, _)| class);
        let fixtures = [
            "setUp",
            "tearDown",
            "setUpClass",
            "tearDownClass",
            "setup_method",
        ];
        texts.extend(
            fixtures
                .iter()
                .filter(|_| !class.is_empty())
                .map(|fixture| format!("{fixture}:{class}.{fixture}")),
        );
        while let Some(text) = texts.pop() {
            for word in words(&text) {
                if names.contains_key(word) {
                    continue;
                }
                let is_itself = word == leaf(&case.name);
                if let Some(helper) = self.functions.called(word).filter(|_| !is_itself) {
                    let body = self.code.normal(helper.body.clone());
                    texts.push(body.clone());
                    names.insert(word.to_owned(), Meaning::Function(body));
                } else if let Some(line) = self
                    .rest
                    .iter()
                    .find(|line| bound(&line.normal).contains(&word))
                {
                    let meaning = match source(&line.normal) {
                        Some(from) => Meaning::From(from.to_owned()),
                        None => Meaning::Line(line.normal.clone()),
                    };
                    names.insert(word.to_owned(), meaning);
                }
            }
        }
        let rest = self.rest.iter().map(|line| line.normal.as_str());
        let table = std::iter::once(self.code.normal(case.whole.clone()).as_str())
            .chain(rest)
            .collect::<Vec<_>>()
            .join("\n");
        Around { names, table }
    }

    fn seen(&self, path: &str, case: &Case) -> TestSeen {
        TestSeen {
            path: path.to_owned(),
            name: case.name.clone(),
            essence: self.essence(case),
            asserts: self.asserts(case),
            around: self.around(case),
            idle: idle(&self.code, case, &self.off).map(|off| at(path, off)),
        }
    }

    /// The body without its name.
    fn essence(&self, case: &Case) -> String {
        let body = self.code.normal(case.body.clone());
        body.replacen(leaf(&case.name), "", 1)
    }

    fn asserts(&self, case: &Case) -> Asserts {
        asserts(&self.code, case, &self.functions)
    }
}

/// Compares a file of a known language. None: it is not there.
pub(in crate::engine::guard) fn compare(
    path: &str,
    (before, now): (Option<&str>, Option<&str>),
    (language, extent): (Language, Extent),
    announced: Announced,
    read: Read<'_>,
) -> Compared {
    let before = before.map(|text| Side::read(path, text, (language, extent), read));
    let now = now.map(|text| Side::read(path, text, (language, extent), read));
    let mut compared = Compared {
        extent,
        ..Compared::default()
    };
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
            let open = left_to_do(&new.functions.cases, &new.code, &new.off);
            compared.left_to_do = open.map(|off| at(path, off));
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
    if extent == Extent::Part && !compared.others.is_empty() {
        compared.with_old_tests = with_old_tests(&old.code, &new.code);
    }
    if announced == Announced::No {
        compare_rest(path, old, new, &mut compared);
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
                (Part::Helper, Announced::No) if new.can_do_without(case) => {}
                (Part::Helper, Announced::No) => {
                    let what = format!(
                        "`{path}`: `{}`, which its tests may use, is gone, and neither the ticket nor its plan names this file",
                        case.name
                    );
                    let lines = new.rest.iter().map(|line| line.normal.clone());
                    compared.doubts.push(Doubt {
                        finding: Finding::new(Rule::TestChanged, what),
                        about: About::Gone {
                            name: case.name.clone(),
                            body: old.code.normal(case.body.clone()),
                            brought_in: lines.filter(|line| is_import(line)).collect(),
                        },
                    });
                }
            }
            continue;
        };
        let is_same = case.head == now.head
            && old.code.normal(case.body.clone()) == new.code.normal(now.body.clone());
        let grew = |announced| {
            let is_wanted = announced == Announced::No && case.head == now.head;
            is_wanted && only_grew((&old.code, case), (&new.code, now))
        };
        if is_same || grew(announced) {
            continue;
        }
        compared.changed = true;
        let name = &case.name;
        let on = |side: &Side<'_>, case: &Case| without_off(&side.code, &case.whole, &side.off);
        if runs_again(&case.head, &now.head) && on(old, case) == on(new, now) {
            compared.told.push(format!("`{path}`: `{name}` runs again"));
            continue;
        }
        let (had, has) = (old.asserts(case), new.asserts(now));
        if had == Asserts::Something && has < had {
            let how = if has == Asserts::Nothing {
                "asserts nothing any more"
            } else {
                "asserts only what is always true now"
            };
            let line = new.code.line_number(now.whole.start);
            let what = format!("`{path}`: `{name}` {how} (line {line})");
            compared
                .findings
                .push(Finding::new(Rule::TestEmptied, what));
        } else {
            if case.part == Part::Test && announced == Announced::Yes {
                compared.rewritten.push(new.seen(path, now));
            }
            let line = new.code.line_number(now.whole.start);
            let (what, about) = match case.part {
                Part::Test => (
                    format!("`{path}`, line {line}: the test `{name}`"),
                    About::Test(Box::new((old.seen(path, case), new.seen(path, now)))),
                ),
                Part::Helper => (
                    format!("`{path}`, line {line}: `{name}`, which its tests use,"),
                    About::Helper(old.essence(case), new.essence(now)),
                ),
            };
            let doubt = |why: &str| Doubt {
                finding: Finding::new(Rule::TestChanged, format!("{what}{why}")),
                about,
            };
            match (announced, case.part) {
                (Announced::No, Part::Test) => compared.doubts.push(doubt(", which was there before this ticket, was changed, and neither the ticket nor its plan names this file")),
                (Announced::No, Part::Helper) => compared.doubts.push(doubt(" was changed, and neither the ticket nor its plan names this file")),
                (Announced::Yes, _) if grew(Announced::No) => {}
                (Announced::Yes, Part::Test) => compared.others.push(doubt(" expects something else than before, and neither the ticket nor its plan speaks of what it tests, which must not change")),
                (Announced::Yes, Part::Helper) => compared.others.push(doubt(" is another, and its tests as they were do not pass any more, of which neither the ticket nor its plan speaks")),
            }
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

/// Where something switches tests off.
fn at(path: &str, off: &Off) -> String {
    format!("`{path}`, line {}: `{}`", off.line, off.word)
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
fn compare_rest(path: &str, old: &Side<'_>, new: &Side<'_>, compared: &mut Compared) {
    let (before, now) = (&old.rest, &new.rest);
    let (added, gone) = (without(now, before), without(before, now));
    let is_off = |line: &RestLine| old.off.iter().any(|off| off.line == line.number);
    let is_needed =
        |line: &RestLine| !is_import(&line.normal) && !is_off(line) && new.needs(&line.normal);
    let lost = gone.iter().find(|line| is_needed(line));
    if let Some(line) = lost {
        compared.changed = true;
        let shown = old.code.text.lines().nth(line.number - 1);
        let what = format!(
            "`{path}`: the line `{}` (line {} before this ticket), which its tests need, was changed or taken out, and neither the ticket nor its plan names this file",
            shown.unwrap_or_default().trim(),
            line.number
        );
        let added = added.iter().map(|line| line.normal.clone()).collect();
        compared.doubts.push(Doubt {
            finding: Finding::new(Rule::TestChanged, what),
            about: About::Line(line.normal.clone(), added),
        });
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
        let mut others = gone.iter().filter(|old| bound(&old.normal).contains(&name));
        let other = others.next().or_else(|| gone.first());
        let from_same = gone
            .iter()
            .any(|old| same_source(&old.normal, &line.normal));
        let before = other.map_or(String::new(), |old| old.normal.clone());
        (!from_same).then(|| (name.to_owned(), line.number, before, line.normal.clone()))
    });
    let what = |name: &str, number: usize| {
        let what = format!(
            "`{path}`, line {number}: `{name}`, which its tests use, now stands for something else"
        );
        Finding::new(Rule::TestChanged, what)
    };
    if let Some((name, number)) = taken {
        compared.findings.push(what(&name, number));
    } else if let Some((name, number, before, now)) = again {
        compared.doubts.push(Doubt {
            finding: what(&name, number),
            about: About::Import { name, before, now },
        });
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

/// A file of a language that is not known, without an announcement: lines may only come.
pub(in crate::engine::guard) fn compare_lines(
    path: &str,
    before: &str,
    now: &str,
) -> Option<Finding> {
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
