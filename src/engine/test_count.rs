//! How many tests a command's output says were executed: the difference between "it passed" and
//! "nothing ran". Knows the summaries of common test runners; what none of them wrote counts for
//! nothing, and tests that were skipped, or were to fail and did, do not count as executed. Where it is known how often a tool is started, so
//! many of its own summaries count, the smallest ones: tests may print what they like. Pure.

/// The number of executed tests, or none if the output does not say. `Some(0)` means that a
/// runner ran and found no test. Several runs in one output add up.
pub fn tests_executed(command: &str, output: &str) -> Option<u64> {
    if only_prints(command) {
        return None;
    }
    if let Some(runs) = started(command) {
        return of_runs(&runs, output);
    }
    let mut tally = Tally::default();
    for line in output.lines() {
        let line = without_colour(line);
        if let Some(found) = recognise(&line) {
            tally.add(found);
        }
    }
    tally.total()
}

/// How a test tool sums up a run of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// `Ran 3 tests in 0.1s`, and what was skipped below it.
    Unittest,
    /// `=== 3 passed, 1 skipped in 0.1s ===`.
    Pytest,
    /// `# tests 3` or `ℹ tests 3`, and what was skipped below it.
    Node,
}

/// The executed tests of each run that the output sums up in that form.
pub fn summed_up(form: Summary, output: &str) -> Vec<u64> {
    let mut runs: Vec<u64> = Vec::new();
    for line in output.lines() {
        let line = without_colour(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_its_own = match (form, words.as_slice()) {
            (Summary::Pytest, ["Ran", ..]) => false,
            (Summary::Unittest, ["Ran", _, "test" | "tests", ..] | ["OK" | "FAILED", ..])
            | (Summary::Node, ["#" | "ℹ", "tests" | "skipped" | "todo", _])
            | (Summary::Pytest, [.., "in", _] | [.., "in", _, _] | [.., "in", _, _, _]) => true,
            _ => false,
        };
        match recognise(&line).filter(|_| is_its_own) {
            Some(Found::Total(count)) => runs.push(count),
            Some(Found::Skipped(count)) => {
                if let Some(last) = runs.last_mut() {
                    *last = last.saturating_sub(count);
                }
            }
            _ => {}
        }
    }
    runs
}

/// The executed tests of each run of pytest by its progress, `..F.  [100%]`: told to be quiet twice,
/// by the command and by a setting, it sums nothing up.
fn progressed(output: &str) -> Vec<u64> {
    let mut runs = Vec::new();
    let mut so_far = 0;
    for line in output.lines() {
        let line = without_colour(line);
        let Some((marks, share)) = line.trim_end().split_once(' ') else {
            continue;
        };
        let share = share.trim_start().strip_prefix('[');
        let share = share.and_then(|share| share.strip_suffix("%]"));
        let Some(share) = share.and_then(|share| count(share.trim())) else {
            continue;
        };
        if marks.is_empty() || !marks.chars().all(|mark| ".FEsxX".contains(mark)) {
            continue;
        }
        let executed = marks.chars().filter(|mark| ".FX".contains(*mark));
        so_far += executed.count() as u64;
        if share == 100 {
            runs.push(std::mem::take(&mut so_far));
        }
    }
    runs
}

/// The executed tests of so many runs, each summed up in its form. Something else may have printed
/// the like before or after: then the smallest count. None: not one is summed up.
pub fn of_runs(runs: &[Summary], output: &str) -> Option<u64> {
    let forms = [Summary::Unittest, Summary::Pytest, Summary::Node];
    let counts = forms.iter().flat_map(|form| {
        let mut found = summed_up(*form, output);
        if *form == Summary::Pytest && found.is_empty() {
            found = progressed(output);
        }
        found.sort_unstable();
        found.truncate(runs.iter().filter(|run| *run == form).count());
        found
    });
    counts.reduce(u64::saturating_add)
}

/// The runs that a command starts, if all of them can be told from its words.
pub fn started(command: &str) -> Option<Vec<Summary>> {
    let mut runs = Vec::new();
    for part in command.split(['&', ';', '|', '\n']) {
        let words: Vec<&str> = part
            .split_whitespace()
            .skip_while(|word| word.contains('=') && !word.starts_with('-'))
            .collect();
        let is_python = |first: &str| {
            first
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with("python"))
        };
        match words.as_slice() {
            []
            | [
                "cd" | "set" | "export" | "echo" | "printf" | "cat" | "tail" | "head" | "tee",
                ..,
            ] => {}
            ["pytest" | "py.test", ..] => runs.push(Summary::Pytest),
            [python, "-m", "pytest", ..] if is_python(python) => runs.push(Summary::Pytest),
            [python, "-m", "unittest", ..] if is_python(python) => runs.push(Summary::Unittest),
            ["node", "--test", ..] => runs.push(Summary::Node),
            _ => return None,
        }
    }
    Some(runs).filter(|runs| !runs.is_empty())
}

/// Words by which a command that starts a test runner is known.
const RUNNERS: [&str; 12] = [
    "test", "tests", "pytest", "unittest", "nextest", "jest", "vitest", "mocha", "rspec",
    "phpunit", "tox", "nose2",
];

/// A command that prints text of its own and starts no test runner has run no test, whatever the
/// text looks like.
fn only_prints(command: &str) -> bool {
    let (printing, other): (Vec<&str>, Vec<&str>) = command
        .split(['&', ';', '|', '\n', '(', '`'])
        .partition(|part| printing(part));
    let mut words = other.into_iter().flat_map(str::split_whitespace);
    !printing.is_empty() && !words.any(|word| RUNNERS.contains(&word))
}

fn printing(part: &str) -> bool {
    let first = part.split_whitespace().next().unwrap_or_default();
    matches!(first, "echo" | "printf" | "cat")
}

/// What a line of output says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// A runner's own total.
    Total(u64),
    /// So many of the total were skipped; written on a line of its own.
    Skipped(u64),
    /// One test of `go test -v`.
    GoTest,
    /// A package of `go test`: at least one test, or none.
    GoPackage(u64),
    /// A total that nested suites repeat: the largest counts.
    Nested(u64),
    /// A result line of the Test Anything Protocol.
    Tap,
}

#[derive(Default)]
struct Tally {
    total: Option<u64>,
    skipped: u64,
    go_tests: u64,
    go_packages: Option<u64>,
    nested: Option<u64>,
    tap: u64,
}

impl Tally {
    fn add(&mut self, found: Found) {
        let plus = |sum: Option<u64>, count: u64| Some(sum.unwrap_or(0).saturating_add(count));
        match found {
            Found::Total(count) => self.total = plus(self.total, count),
            Found::Skipped(count) => self.skipped = self.skipped.saturating_add(count),
            Found::GoTest => self.go_tests += 1,
            Found::GoPackage(count) => self.go_packages = plus(self.go_packages, count),
            Found::Nested(count) => self.nested = self.nested.max(Some(count)),
            Found::Tap => self.tap += 1,
        }
    }

    fn total(&self) -> Option<u64> {
        let go = match self.go_tests {
            0 => self.go_packages,
            tests => Some(tests),
        };
        let own = self.total.map(|total| total.saturating_sub(self.skipped));
        // Single results count only where no runner added them up.
        let tap = (self.tap > 0 && own.is_none()).then_some(self.tap);
        [own, go, self.nested, tap]
            .into_iter()
            .flatten()
            .reduce(u64::saturating_add)
    }
}

fn recognise(line: &str) -> Option<Found> {
    let text = line.trim().trim_matches('=').trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.as_slice();
    go(line, words)
        .or_else(|| tap(line, words))
        .or_else(|| labelled(text, words))
        .or_else(|| listed(text, words))
}

/// `--- PASS: TestX (0.00s)`, `ok  pkg  0.01s`, `?  pkg  [no test files]`.
fn go(line: &str, words: &[&str]) -> Option<Found> {
    match words {
        ["---", "PASS:" | "FAIL:", ..] if line.starts_with("---") => Some(Found::GoTest),
        ["ok" | "FAIL", _, time, rest @ ..] if is_go_time(time) => Some(Found::GoPackage(
            u64::from(!rest.contains(&"[no") && !line.contains("[no tests to run]")),
        )),
        ["?", _, "[no", "test", "files]"] => Some(Found::GoPackage(0)),
        _ => None,
    }
}

fn is_go_time(word: &str) -> bool {
    word == "(cached)"
        || word
            .strip_suffix('s')
            .is_some_and(|seconds| seconds.parse::<f64>().is_ok())
}

/// `ok 1 - name`, `not ok 2`, and the plan `1..0` of a run without tests.
fn tap(line: &str, words: &[&str]) -> Option<Found> {
    let skipped = line.to_ascii_lowercase().contains("# skip");
    match words {
        ["ok", number, ..] | ["not", "ok", number, ..]
            if !line.starts_with(' ') && !skipped && count(number).is_some() =>
        {
            Some(Found::Tap)
        }
        ["1..0", ..] => Some(Found::Total(0)),
        _ => None,
    }
}

/// What runners write when they found nothing to run.
const NONE_RAN: [&str; 7] = [
    "NO TESTS RAN",
    "no tests ran",
    "error: no tests to run",
    "No tests executed!",
    "No tests were found",
    "No tests found,",
    "No test files found,",
];

/// Totals that a word introduces.
fn labelled(text: &str, words: &[&str]) -> Option<Found> {
    if NONE_RAN.iter().any(|said| text.starts_with(said)) {
        return Some(Found::Total(0));
    }
    let number = |word: &str| count(word.trim_end_matches([',', '.', ';']));
    let list_after = |label: &str| {
        let list = text.split_once(label)?.1;
        Some(Found::Total(executed(&items(list))))
    };
    match words {
        // unittest, bun; node --test, tape; Swift Testing; GoogleTest
        ["Ran", count, "test" | "tests", ..]
        | ["#" | "ℹ", "tests", count]
        | [_, "Test", "run", "with", count, "test" | "tests", ..] => {
            number(count).map(Found::Total)
        }
        ["[==========]", count, "test" | "tests", "from", ..] if text.contains(" ran.") => {
            number(count).map(Found::Total)
        }
        // XCTest
        ["Executed", count, "test" | "tests" | "tests,", ..] => number(count).map(Found::Nested),
        ["#" | "ℹ", "skipped" | "todo", count] => number(count).map(Found::Skipped),
        ["OK" | "FAILED", ..]
            if ["skipped=", "expected failures="]
                .iter()
                .any(|label| text.contains(label)) =>
        {
            let labelled = |label| after(text, label).unwrap_or(0);
            Some(Found::Skipped(
                labelled("skipped=").saturating_add(labelled("expected failures=")),
            ))
        }
        // doctest
        [count, "test" | "tests", "in", _, "item." | "items."] => number(count).map(Found::Total),
        // cargo test; nextest; vitest
        ["test", "result:", ..] => list_after(". "),
        ["Summary", ..] if text.contains(" run: ") => list_after(" run: "),
        ["Tests", first, ..] if count(first).is_some() => list_after("Tests"),
        // jest, phpunit with failures
        ["Tests:", ..] => Some(tests_label(text.split_once(':')?.1)),
        // phpunit
        ["OK", ..] if text.contains("assertion") => after(text, "(").map(Found::Total),
        // prove
        _ if text.starts_with("Files=") => after(text, "Tests=").map(Found::Total),
        // Maven: a line with a time speaks of one class, the total has none
        _ if text.contains("Tests run: ") && !text.contains("Time elapsed") => {
            let skipped = after(text, "Skipped: ").unwrap_or(0);
            after(text, "Tests run: ").map(|run| Found::Total(run.saturating_sub(skipped)))
        }
        // ctest
        _ if text.contains("tests failed out of ") => {
            after(text, "tests failed out of ").map(Found::Total)
        }
        // dotnet
        _ if text.contains("Passed:") && text.contains("Total:") => {
            let labelled = |label| after(text, label).unwrap_or(0);
            Some(Found::Total(labelled("Passed:") + labelled("Failed:")))
        }
        _ => None,
    }
}

/// jest lists what passed and failed; phpunit gives the number at once.
fn tests_label(rest: &str) -> Found {
    let skipped = after(rest, "Skipped: ").unwrap_or(0);
    match rest.trim().split([',', '.']).next().map(str::trim) {
        Some(first) if count(first).is_some() => {
            Found::Total(count(first).unwrap_or(0).saturating_sub(skipped))
        }
        _ => Found::Total(executed(&items(rest))),
    }
}

/// Totals that are a list such as `3 passed, 1 failed in 0.12s` or `5 examples, 0 failures`.
fn listed(text: &str, words: &[&str]) -> Option<Found> {
    let text = text
        .strip_prefix("ok | ")
        .or(text.strip_prefix("FAILED | "))
        .unwrap_or(text);
    let items = items(text);
    let (_, first) = items.first()?;
    let rest = words.get(2..).unwrap_or_default();
    let timed = rest.contains(&"in") || text.ends_with(')') || text.contains("failed (");
    match first.as_str() {
        "passed" | "failed" | "error" | "errors" | "skipped" | "xfailed" | "xpassed"
        | "deselected"
            if timed =>
        {
            Some(Found::Total(executed(&items)))
        }
        // mocha
        "passing" | "failing" if items.len() == 1 && (text.ends_with(')') || words.len() == 2) => {
            Some(Found::Total(executed(&items)))
        }
        // RSpec, minitest, test-unit, ExUnit, bats
        word if is_test(word) && items.iter().any(|(_, word)| word.starts_with("failure")) => {
            let sum = |accept: fn(&str) -> bool| -> u64 {
                let accepted = items.iter().filter(|(_, word)| accept(word));
                accepted.map(|(count, _)| count).sum()
            };
            Some(Found::Total(sum(is_test).saturating_sub(sum(is_skip))))
        }
        // Gradle says it only when something failed
        "tests" if words.get(2) == Some(&"completed,") => Some(Found::Total(items.first()?.0)),
        // busted
        "successes" | "success" => Some(Found::Total(executed(&items))),
        _ => None,
    }
}

/// What runners call a test in a list.
fn is_test(word: &str) -> bool {
    matches!(
        word.trim_end_matches('s'),
        "test" | "doctest" | "example" | "run" | "property" | "propertie"
    )
}

/// What they call one that was not executed.
fn is_skip(word: &str) -> bool {
    matches!(
        word,
        "skips" | "skipped" | "pending" | "pendings" | "omissions" | "excluded"
    )
}

/// The pieces of a list: a number and the word after it.
fn items(text: &str) -> Vec<(u64, String)> {
    text.split([',', ';', '|', '/'])
        .filter_map(|piece| {
            let mut words = piece.split_whitespace();
            let count = count(words.next()?)?;
            let word = words.next()?.trim_end_matches([':', '.']);
            Some((count, word.to_owned()))
        })
        .collect()
}

/// The tests of a list that were executed.
fn executed(items: &[(u64, String)]) -> u64 {
    items
        .iter()
        .filter(|(_, word)| {
            matches!(
                word.as_str(),
                "passed"
                    | "failed"
                    | "xpassed"
                    | "passing"
                    | "failing"
                    | "measured"
                    | "successes"
                    | "success"
                    | "failures"
                    | "failure"
            )
        })
        .map(|(count, _)| count)
        .sum()
}

/// A number of tests: small enough for sums not to overflow.
fn count(word: &str) -> Option<u64> {
    word.parse::<u32>().ok().map(u64::from)
}

/// The number right after a label.
fn after(text: &str, label: &str) -> Option<u64> {
    let rest = text.split_once(label)?.1.trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    count(&rest[..end])
}

/// The line without colours, which runners write even into pipes when told so.
fn without_colour(line: &str) -> String {
    let mut pieces = line.split('\x1b');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(0, |at| at + 1);
        plain.push_str(&piece[end..]);
    }
    plain
}

#[cfg(test)]
mod tests;
