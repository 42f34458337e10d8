//! Takes secrets out of what is written, shown or exported: the values of the variables that the
//! configuration names, and texts whose form gives them away. Knows no file.

use std::borrow::Cow;

use serde_json::Value;

use super::line;
use crate::engine::event::Record;

/// A shorter value stands in too many innocent words.
const SHORTEST_VALUE: usize = 4;
/// A piece of a cut value that is shorter gives little away.
const SHORTEST_PIECE: usize = 6;
/// Pieces of small letters alone are words, unless they are longer.
const LONGEST_WORD: usize = 12;

/// What is taken out, and what is written in its place.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    needles: Vec<(String, String)>,
}

impl Redactor {
    /// Takes out these values, given with the names that stand in for them, besides whatever has
    /// the form of a key.
    pub fn new(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut needles = Vec::new();
        for (name, value) in secrets {
            let value = value.trim();
            if value.len() < SHORTEST_VALUE {
                continue;
            }
            let stand_in = format!("[redacted:{name}]");
            // Text inside JSON inside JSON: arguments that a model wrote as a string.
            let once = escaped(value);
            let twice = escaped(&once);
            let mut forms = vec![twice, once, value.to_owned()];
            forms.dedup();
            needles.extend(forms.into_iter().map(|form| (form, stand_in.clone())));
        }
        // A secret that holds another one goes first.
        needles.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        Self { needles }
    }

    /// The text without its secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut result = Cow::Borrowed(text);
        for (form, stand_in) in &self.needles {
            if result.contains(form.as_str()) {
                result = Cow::Owned(result.replace(form.as_str(), stand_in));
            }
        }
        self.edges(&mut result);
        while let Some((start, end, name)) = find_key(&result) {
            let stand_in = format!("[redacted:{name}]");
            result.to_mut().replace_range(start..end, &stand_in);
        }
        result
    }

    /// Takes out what is left of a secret where a text was cut: at its end and before a note of the
    /// program that something is missing there, and at its beginning and after such a note.
    fn edges(&self, text: &mut Cow<'_, str>) {
        if self.needles.is_empty() {
            return;
        }
        let ends: Vec<usize> = edges(text)
            .map(|(end, _)| end)
            .chain([text.trim_end().len()])
            .collect();
        for end in ends.into_iter().rev() {
            let cut = self.needles.iter().find_map(|(form, stand_in)| {
                let is_there = |piece: &str| {
                    let before = text[..end].strip_suffix(piece);
                    before.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
                };
                let length = longest(form, is_there, Side::Start)?;
                Some((end - length, stand_in))
            });
            if let Some((start, stand_in)) = cut {
                text.to_mut().replace_range(start..end, stand_in);
            }
        }
        let starts: Vec<usize> = [0]
            .into_iter()
            .chain(edges(text).map(|(_, start)| start))
            .collect();
        for start in starts.into_iter().rev() {
            let cut = self.needles.iter().find_map(|(form, stand_in)| {
                let is_there = |piece: &str| {
                    let behind = text[start..].strip_prefix(piece);
                    behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
                };
                let length = longest(form, is_there, Side::End)?;
                Some((start + length, stand_in))
            });
            if let Some((end, stand_in)) = cut {
                text.to_mut().replace_range(start..end, stand_in);
            }
        }
    }

    /// The value with every string and every key in it redacted.
    pub fn value(&self, value: &Value) -> Value {
        self.walk(value, &|_| false)
    }

    /// A journal line's JSON without its secrets, and the record that it then holds; none if there
    /// is nothing to take out.
    pub(super) fn body(&self, body: &str) -> Option<(String, Record)> {
        if matches!(self.text(body), Cow::Borrowed(_)) {
            return None;
        }
        let value: Value = serde_json::from_str(body).ok()?;
        // A value that is a word of the journal's own (`completed`) would make the line
        // unreadable: then strings that are nothing but such a word stay.
        [is_never_a_word as fn(&str) -> bool, is_a_word]
            .into_iter()
            .find_map(|stays| {
                let text = self.walk_line(&value, &stays).to_string();
                let record = line::parse(&text).ok()?;
                Some((text, record))
            })
    }

    fn walk(&self, value: &Value, stays: &dyn Fn(&str) -> bool) -> Value {
        match value {
            Value::String(text) if stays(text) => value.clone(),
            Value::String(text) => Value::String(self.text(text).into_owned()),
            Value::Array(items) => items.iter().map(|item| self.walk(item, stays)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, item)| {
                    let key = if stays(key) {
                        key.clone()
                    } else {
                        self.text(key).into_owned()
                    };
                    (key, self.walk(item, stays))
                })
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// The keys of the line itself stay, and so does the word that says which event it is.
    fn walk_line(&self, value: &Value, stays: &dyn Fn(&str) -> bool) -> Value {
        let Value::Object(map) = value else {
            return value.clone();
        };
        map.iter()
            .map(|(key, item)| match key.as_str() {
                "seq" | "at" | "event" => (key.clone(), item.clone()),
                _ => (key.clone(), self.walk(item, stays)),
            })
            .collect()
    }
}

/// The beginning of a secret, or its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// The length of the longest piece of that side of a secret that is there, if it says enough of it.
fn longest(form: &str, is_there: impl Fn(&str) -> bool, side: Side) -> Option<usize> {
    // What stands before the sign of `NAME=value` is no secret.
    let name = form.find('=').map_or(0, |at| at + 1);
    let least = SHORTEST_PIECE.max(form.len() / 4)
        + match side {
            Side::Start => name,
            Side::End => 0,
        };
    (least..form.len())
        .rev()
        .filter(|length| match side {
            Side::Start => form.is_char_boundary(*length),
            Side::End => form.is_char_boundary(form.len() - length),
        })
        .find(|length| {
            let piece = match side {
                Side::Start => &form[..*length],
                Side::End => &form[form.len() - length..],
            };
            let is_word = piece.bytes().all(|byte| byte.is_ascii_lowercase());
            (!is_word || piece.len() > LONGEST_WORD) && is_there(piece)
        })
}

/// The places where the program says that something was left out: where the text before ends and
/// where the text behind begins.
fn edges(text: &str) -> impl Iterator<Item = (usize, usize)> {
    ["[cut:", "[… "].into_iter().flat_map(move |mark| {
        text.match_indices(mark).map(|(at, _)| {
            let end = text[..at].trim_end().len();
            let close = text[at..]
                .find(']')
                .map_or(text.len(), |close| at + close + 1);
            let start = close + (text[close..].len() - text[close..].trim_start().len());
            (end, start)
        })
    })
}

fn is_never_a_word(_: &str) -> bool {
    false
}

fn is_a_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The text as it stands between the quotation marks of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The form of a key: how it begins, how many characters follow at least, and what it is called.
struct KeyForm {
    prefix: &'static str,
    least: usize,
    name: &'static str,
}

const KEY_FORMS: [KeyForm; 10] = [
    key_form("AKIA", 16, "aws-key"),
    key_form("ASIA", 16, "aws-key"),
    key_form("ghp_", 30, "github-token"),
    key_form("gho_", 30, "github-token"),
    key_form("ghs_", 30, "github-token"),
    key_form("github_pat_", 30, "github-token"),
    key_form("glpat-", 20, "gitlab-token"),
    key_form("xoxb-", 20, "slack-token"),
    key_form("sk-", 24, "api-key"),
    key_form("AIza", 35, "google-key"),
];

const fn key_form(prefix: &'static str, least: usize, name: &'static str) -> KeyForm {
    KeyForm {
        prefix,
        least,
        name,
    }
}

/// The first thing in the text that has the form of a key: from, to, name.
fn find_key(text: &str) -> Option<(usize, usize, &'static str)> {
    if !may_hold_a_key(text) {
        return None;
    }
    if let Some(block) = find_private_key(text) {
        return Some(block);
    }
    KEY_FORMS.iter().find_map(|form| {
        text.match_indices(form.prefix).find_map(|(start, _)| {
            let before = &text[..start];
            let inside_a_word = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                // A line break, as it stands in JSON.
                && !["\\n", "\\r", "\\t"].iter().any(|end| before.ends_with(end));
            let rest = &text[start + form.prefix.len()..];
            let length = rest
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
                .count();
            let tail = &rest[..length];
            // Words joined by hyphens (`sk-learn-pipeline-example`) have no digits and capitals.
            let random = tail.bytes().any(|byte| byte.is_ascii_digit())
                && tail.bytes().any(|byte| byte.is_ascii_uppercase());
            let found = !inside_a_word && length >= form.least && random;
            found.then_some((start, start + form.prefix.len() + length, form.name))
        })
    })
}

/// Whether any of the forms begins somewhere. All that is read and written comes by here, so it is
/// passed through once and not once for each form.
fn may_hold_a_key(text: &str) -> bool {
    text.as_bytes().windows(3).any(|begin| {
        matches!(
            begin,
            b"AKI"
                | b"ASI"
                | b"AIz"
                | b"ghp"
                | b"gho"
                | b"ghs"
                | b"git"
                | b"glp"
                | b"xox"
                | b"sk-"
                | b"---"
        )
    })
}

/// `-----BEGIN … PRIVATE KEY-----` with its content, to its end or, if that was cut off, for as
/// long as it looks like one.
fn find_private_key(text: &str) -> Option<(usize, usize, &'static str)> {
    const NAME: &str = "private-key";
    text.match_indices("-----BEGIN ").find_map(|(start, _)| {
        let line_end = text[start + 11..].find("-----")? + start + 11;
        let heading = &text[start + 11..line_end];
        if heading.len() > 40 || !heading.ends_with("PRIVATE KEY") {
            return None;
        }
        let closing = format!("-----END {heading}-----");
        let end = text[line_end..].find(&closing).map_or_else(
            || line_end + 5 + key_length(&text[line_end + 5..]),
            |at| line_end + at + closing.len(),
        );
        // A heading alone is no key: program text looks for such lines.
        let content = &text[line_end + 5..end];
        (content.trim_end_matches(&closing).trim().len() >= 40).then_some((start, end, NAME))
    })
}

fn key_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !"+/=\n\r\\".contains(c))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Event;
    use serde_json::json;

    fn redactor() -> Redactor {
        Redactor::new([
            ("TOKEN".to_owned(), "hunter2-\"quoted\"".to_owned()),
            ("WORD".to_owned(), "warned".to_owned()),
            ("SHORT".to_owned(), "ab".to_owned()),
        ])
    }

    #[test]
    fn no_form_of_a_key_is_passed_by() {
        for form in &KEY_FORMS {
            let key = format!("{}{}", form.prefix, "aB3".repeat(20));
            assert_eq!(
                Redactor::default().text(&key),
                format!("[redacted:{}]", form.name)
            );
        }
        assert!(may_hold_a_key("-----BEGIN "));
        assert!(!may_hold_a_key("a - b, again: ship it"));
    }

    #[test]
    fn secrets_go_in_every_form() {
        let check = |given: &str, expected: &str| assert_eq!(redactor().text(given), expected);
        check("x hunter2-\"quoted\" y", "x [redacted:TOKEN] y");
        check(
            r#"{"a":"hunter2-\"quoted\""}"#,
            r#"{"a":"[redacted:TOKEN]"}"#,
        );
        check("cab", "cab");
        check("id AKIAIOSFODNN7EXAMPLE.", "id [redacted:aws-key].");
        check(
            "{\"a\":\"x\\nAKIAIOSFODNN7EXAMPLE\"}",
            "{\"a\":\"x\\n[redacted:aws-key]\"}",
        );
        check(
            "task-list and sk-learn-pipeline-example-text",
            "task-list and sk-learn-pipeline-example-text",
        );
        check("key=sk-proj-aB3dE6gH9jK2mN5pQ8sT", "key=[redacted:api-key]");
        check(
            "if line == \"-----BEGIN PRIVATE KEY-----\":",
            "if line == \"-----BEGIN PRIVATE KEY-----\":",
        );
        let block = format!(
            "a\n-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\nb",
            "M".repeat(64)
        );
        check(&block, "a\n[redacted:private-key]\nb");
    }

    #[test]
    fn what_a_cut_leaves_of_a_secret_goes_too() {
        let redactor = Redactor::new([("K".to_owned(), "abc4efgh-12345678".to_owned())]);
        for (given, expected) in [
            ("K=abc4efgh-1", "K=[redacted:K]"),
            ("K=abc4efgh\n", "K=[redacted:K]\n"),
            ("h-12345678 rest", "[redacted:K] rest"),
            (
                "1: x abc4efgh [cut: this line has 9000 characters]\n2: y",
                "1: x [redacted:K] [cut: this line has 9000 characters]\n2: y",
            ),
            (
                "abc4efgh-\n[… 70 characters of output are left out here …]\n2345678 z",
                "[redacted:K]\n[… 70 characters of output are left out here …]\n[redacted:K] z",
            ),
            ("abc4e", "abc4e"),
            ("the abc4efgh in the middle", "the abc4efgh in the middle"),
        ] {
            assert_eq!(redactor.text(given), expected);
        }
    }

    #[test]
    fn values_lose_secrets_in_strings_and_keys() {
        let given = json!({"hunter2-\"quoted\"": ["hunter2-\"quoted\"", 1, null]});
        assert_eq!(
            redactor().value(&given),
            json!({"[redacted:TOKEN]": ["[redacted:TOKEN]", 1, null]})
        );
    }

    #[test]
    fn a_secret_that_is_a_word_of_the_journal_leaves_the_line_readable() {
        let body = r#"{"seq":1,"at":"","event":"warned","text":"he was warned"}"#;
        let (text, record) = redactor().body(body).unwrap();
        assert_eq!(
            text,
            r#"{"seq":1,"at":"","event":"warned","text":"he was [redacted:WORD]"}"#
        );
        let expected = Event::Warned {
            text: "he was [redacted:WORD]".to_owned(),
        };
        assert_eq!(record.event, expected);
    }

    #[test]
    fn a_line_without_secrets_is_left_alone() {
        assert_eq!(
            redactor().body(r#"{"seq":1,"at":"","event":"told","text":"x"}"#),
            None
        );
    }
}
