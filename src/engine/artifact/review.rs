//! `review.json` and `review.md`: what a reviewer found. A verdict must agree with its findings;
//! what follows from it is decided elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::Fields;
use super::markdown;

/// What a reviewer found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// In the reviewer's order.
    pub findings: Vec<Finding>,
    /// Whether the work can stay as it is.
    pub verdict: ReviewVerdict,
}

/// Something that is wrong or could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where, if it is in one file.
    #[serde(default)]
    pub file: Option<String>,
    /// Where in that file, counted from 1.
    #[serde(default)]
    pub line: Option<u64>,
    /// In a few words.
    pub title: String,
    /// Why, and how to do better.
    #[serde(default)]
    pub detail: String,
}

/// How bad a finding is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does not work, loses data or is unsafe.
    Critical,
    /// It will cause trouble.
    Warning,
    /// It could be better.
    Suggestion,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Warning, Self::Suggestion];

    /// The word on disk.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }
}

/// Whether the work can stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// It can.
    Pass,
    /// It cannot.
    Fail,
}

/// The review a model filled in, or what is wrong with it.
pub fn accept_review(value: &Value) -> Result<Review, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the review", &mut faults) else {
        return Err(faults);
    };
    let mut findings = Vec::new();
    for (place, entry) in fields
        .required_entries("findings", &mut faults)
        .iter()
        .enumerate()
    {
        findings.extend(read_finding(
            entry,
            &format!("finding {}", place + 1),
            &mut faults,
        ));
    }
    let verdict = match fields.line("verdict", &mut faults).to_lowercase().as_str() {
        "pass" => Some(ReviewVerdict::Pass),
        "fail" => Some(ReviewVerdict::Fail),
        _ => {
            faults.push("'verdict' must be pass or fail".to_owned());
            None
        }
    };
    let critical = findings
        .iter()
        .any(|finding| finding.severity == Severity::Critical);
    // What follows from the findings is not asked for again.
    let verdict = if critical {
        verdict.map(|_| ReviewVerdict::Fail)
    } else {
        verdict
    };
    match (verdict, critical) {
        (Some(ReviewVerdict::Fail), false) if findings.is_empty() && faults.is_empty() => faults
            .push(
                "'verdict' is fail, but there are no findings; say what is wrong, or make it pass"
                    .to_owned(),
            ),
        _ => {}
    }
    match verdict {
        Some(verdict) if faults.is_empty() => Ok(Review { findings, verdict }),
        _ => Err(faults),
    }
}

fn read_finding(entry: &Value, name: &str, faults: &mut Vec<String>) -> Option<Finding> {
    let fields = Fields::of(entry, name, faults)?;
    let word = fields.line("severity", faults).to_lowercase();
    let severity = Severity::ALL
        .into_iter()
        .find(|severity| severity.word() == word);
    if severity.is_none() {
        faults.push(format!(
            "'severity' of {name} must be critical, warning or suggestion, not '{word}'"
        ));
    }
    let line = fields.line("line", faults);
    let number = line.parse::<u64>();
    if number.is_err() && !line.is_empty() {
        faults.push(format!(
            "'line' of {name} must be a whole number, or 0, not '{line}'"
        ));
    }
    let file = fields.line("file", faults);
    Some(Finding {
        title: fields.required_line("title", faults),
        detail: fields.paragraphs("detail", faults),
        file: Some(file.trim_start_matches("./").to_owned()).filter(|file| !file.is_empty()),
        line: number.ok().filter(|&line| line > 0), // silent-ok: said above
        severity: severity?,
    })
}

/// The review as a person reads it: the worst first.
pub fn render_review(review: &Review) -> String {
    let mut out = String::new();
    let verdict = match review.verdict {
        ReviewVerdict::Pass => "pass",
        ReviewVerdict::Fail => "fail",
    };
    markdown::heading(&mut out, 1, "Review");
    markdown::text(&mut out, &format!("Verdict: {verdict}"));
    let mut findings: Vec<&Finding> = review.findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    for finding in findings {
        let title = format!("{}: {}", finding.severity.word(), finding.title);
        markdown::heading(&mut out, 2, &title);
        match (&finding.file, finding.line) {
            (Some(file), Some(line)) => markdown::text(&mut out, &format!("`{file}`, line {line}")),
            (Some(file), None) => markdown::text(&mut out, &format!("`{file}`")),
            (None, _) => {}
        }
        markdown::text(&mut out, &finding.detail);
    }
    if review.findings.is_empty() {
        markdown::text(&mut out, "Nothing was found.");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_review_is_read_and_rendered() {
        let review = accept_review(&json!({
            "findings": [
                {"severity": "Suggestion", "file": null, "line": null, "title": "Long names"},
                {"severity": "critical", "file": "./todo.py", "line": "12", "title": "Loses tasks", "detail": "It overwrites the file."},
                {"severity": "warning", "file": "", "line": 0, "title": "No test", "detail": ""},
                {"severity": "warning", "file": "a.py", "line": 0, "title": "Slow"},
            ],
            "verdict": "FAIL"
        }))
        .unwrap();
        insta::assert_snapshot!(render_review(&review), @r"
        # Review

        Verdict: fail

        ## critical: Loses tasks

        `todo.py`, line 12

        It overwrites the file.

        ## warning: No test

        ## warning: Slow

        `a.py`

        ## suggestion: Long names
        ");
        assert_eq!(
            serde_json::to_string(&review.findings[0]).unwrap(),
            r#"{"severity":"suggestion","file":null,"line":null,"title":"Long names","detail":""}"#
        );
    }

    fn check(value: &Value, expected: &[&str]) {
        assert_eq!(accept_review(value).unwrap_err(), expected);
    }

    #[test]
    fn a_verdict_agrees_with_its_findings() {
        let value =
            json!({"findings": [{"severity": "critical", "title": "Broken"}], "verdict": "pass"});
        assert_eq!(accept_review(&value).unwrap().verdict, ReviewVerdict::Fail);
        check(
            &json!({"findings": [], "verdict": "fail"}),
            &["'verdict' is fail, but there are no findings; say what is wrong, or make it pass"],
        );
        check(
            &json!({"findings": [{"severity": "high", "line": "12-14", "title": "x"}], "verdict": "ok"}),
            &[
                "'severity' of finding 1 must be critical, warning or suggestion, not 'high'",
                "'line' of finding 1 must be a whole number, or 0, not '12-14'",
                "'verdict' must be pass or fail",
            ],
        );
        check(
            &json!({"verdict": "pass"}),
            &["the review needs the list 'findings'"],
        );
    }
}
