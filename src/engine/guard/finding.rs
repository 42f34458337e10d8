//! What the guard found, in words: what happened for a person, and what to do for the model.

/// Why work is not accepted as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A test that was there is gone.
    TestGone,
    /// A test that was there is another, and nobody had said that it would be.
    TestChanged,
    /// Tests are skipped, expected to fail, or all but some left out.
    TestOff,
    /// A test that asserted something asserts nothing any more.
    TestEmptied,
    /// Every new test asserts nothing.
    NothingAsserted,
    /// The configuration of tests is another.
    ConfigurationChanged,
    /// What a server for continuous integration runs is another.
    PipelineChanged,
    /// What a check runs is another.
    GateChanged,
    /// What a check runs cannot fail.
    GateCannotFail,
    /// What a check runs tests nothing.
    NoCheck,
    /// Something stands in the place of a tool or of a module of the language.
    StandIn,
    /// The outcome of tests is decided by something other than the tests.
    Rigged,
    /// A test runner's words are printed by something that is none.
    FakeOutput,
    /// A check executes fewer tests than before.
    FewerTests,
    /// Every new function is left to be written.
    LeftOpen,
    /// The person's repository was committed to.
    Committed,
}

impl Rule {
    /// What the model is told to do.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TestGone => "Put it back as it was. If it fails, correct the code, not the test.",
            Self::TestChanged => {
                "Put it back as it was and correct the code instead. You may add new tests below it."
            }
            Self::TestOff => "Take that out: every test has to run.",
            Self::TestEmptied => "Put its assertions back.",
            Self::NothingAsserted => {
                "Write assertions that call your code and compare what it gives with what is expected."
            }
            Self::ConfigurationChanged | Self::PipelineChanged => "Put it back as it was.",
            Self::GateChanged => "Put it back as it was: it decides whether work is done.",
            Self::GateCannotFail => {
                "Let it run the tests plainly, so that it fails when one of them fails."
            }
            Self::NoCheck => "Let it run the project's tests with the test tool of the language.",
            Self::StandIn => "Remove it or give it another name.",
            Self::Rigged => "Take that out: only the tests decide whether they pass.",
            Self::FakeOutput => "Take that out and let a real test tool run real tests.",
            Self::FewerTests => "Bring the missing tests back.",
            Self::LeftOpen => "Write what it has to do.",
            Self::Committed => "Do not commit: the program keeps the work.",
        }
    }
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// What happened, with the file: a sentence for a person.
    pub what: String,
}

impl Finding {
    pub(super) fn new(rule: Rule, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { rule, what }
    }
}

/// The most findings that are told at once.
const MOST: usize = 6;

/// Said in front of findings.
const REFUSED: &str = "The program does not accept this work";

/// What the journal keeps and the model is told.
pub fn refusal(findings: &[Finding]) -> String {
    let mut told: Vec<String> = Vec::new();
    for (place, finding) in findings.iter().take(MOST).enumerate() {
        // The same advice once.
        let next = findings.get(place + 1).filter(|_| place + 1 < MOST);
        let is_last = next.is_none_or(|next| next.rule != finding.rule);
        let remedy = if is_last {
            format!(" {}", finding.rule.remedy())
        } else {
            String::new()
        };
        told.push(format!("{}.{remedy}", finding.what));
    }
    if findings.len() > MOST {
        told.push(format!("and {} more", findings.len() - MOST));
    }
    // The first line stands alone where there is little room.
    format!("{REFUSED}: {}", told.join("\n- "))
}

/// The first reason of a refusal; older ones have it in the second line.
pub fn first_reason(refusal: &str) -> &str {
    let mut lines = refusal.lines();
    let first = lines.next().unwrap_or_default();
    let first = first.strip_prefix(REFUSED).unwrap_or(first);
    match first.trim_start_matches(':').trim() {
        "" => lines.next().unwrap_or_default().trim_start_matches("- "),
        reason => reason,
    }
}

/// Whether a text is a refusal of the guard's.
pub fn is_refusal(text: &str) -> bool {
    text.starts_with(REFUSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_has_a_reason() {
        let found = |what: &str| Finding::new(Rule::TestGone, what);
        let text = refusal(&[found("`a` is gone"), found("`b` is gone")]);
        assert!(is_refusal(&text));
        assert_eq!(first_reason(&text), "`a` is gone.");
        assert!(text.ends_with("\n- `b` is gone. Put it back as it was. If it fails, correct the code, not the test."), "{text}");
        let older = format!("{REFUSED}:\n- `a` is gone.");
        assert_eq!(first_reason(&older), "`a` is gone.");
    }
}
