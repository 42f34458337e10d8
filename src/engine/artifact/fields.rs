//! Reading what a model filled in: lenient about form (a number for a text, one text for a list,
//! `null` for nothing, keys it made up), strict about what must be there. Owns the wording of
//! those faults; refuses to know any document.

use serde_json::{Map, Value};

/// A JSON object of the model, and how faults name it: "the PRD", "ticket T2".
pub(super) struct Fields<'a> {
    name: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The fields of a value that must be an object.
    pub(super) fn of(value: &'a Value, name: &str, faults: &mut Vec<String>) -> Option<Self> {
        let Some(object) = value.as_object() else {
            faults.push(format!("{name} must be a JSON object"));
            return None;
        };
        Some(Self {
            name: name.to_owned(),
            object,
        })
    }

    /// One line of text; empty if absent.
    pub(super) fn line(&self, key: &str, faults: &mut Vec<String>) -> String {
        one_line(&self.raw(key, faults))
    }

    /// One line of text that must be there.
    pub(super) fn required_line(&self, key: &str, faults: &mut Vec<String>) -> String {
        let before = faults.len();
        let line = self.line(key, faults);
        self.must_be_there(key, &line, before, faults);
        line
    }

    /// Text of one or more paragraphs; empty if absent.
    pub(super) fn paragraphs(&self, key: &str, faults: &mut Vec<String>) -> String {
        paragraphs(&self.raw(key, faults))
    }

    /// Text of one or more paragraphs that must be there.
    pub(super) fn required_paragraphs(&self, key: &str, faults: &mut Vec<String>) -> String {
        let before = faults.len();
        let text = self.paragraphs(key, faults);
        self.must_be_there(key, &text, before, faults);
        text
    }

    /// A list of lines; empty if absent. Entries that say nothing are left out.
    pub(super) fn lines(&self, key: &str, faults: &mut Vec<String>) -> Vec<String> {
        self.texts(key, faults)
            .iter()
            .map(|text| one_line(text))
            .filter(|line| !says_nothing(line))
            .collect()
    }

    /// A list of texts as they were written, line breaks included; empty if absent.
    pub(super) fn texts(&self, key: &str, faults: &mut Vec<String>) -> Vec<String> {
        let mut texts = Vec::new();
        for entry in self.entries(key) {
            match plain(entry) {
                Some(text) => texts.push(text),
                None => faults.push(format!(
                    "'{key}' of {} must be a list of texts, without objects or lists in it",
                    self.name
                )),
            }
        }
        texts
    }

    /// The entries of a list; one entry alone counts as a list of one.
    pub(super) fn entries(&self, key: &str) -> &'a [Value] {
        match self.object.get(key) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(entries)) => entries,
            Some(single) => std::slice::from_ref(single),
        }
    }

    /// A list that must be there, though it may be empty.
    pub(super) fn required_entries(&self, key: &str, faults: &mut Vec<String>) -> &'a [Value] {
        if let Some(Value::Array(entries)) = self.object.get(key) {
            return entries;
        }
        faults.push(format!("{} needs the list '{key}'", self.name));
        &[]
    }

    /// Yes or no, which must be there.
    pub(super) fn flag(&self, key: &str, faults: &mut Vec<String>) -> bool {
        match self.raw(key, faults).trim().to_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => {
                faults.push(format!("'{key}' of {} must be true or false", self.name));
                false
            }
        }
    }

    /// Whatever stands under the key.
    pub(super) fn value(&self, key: &str) -> &'a Value {
        self.object.get(key).unwrap_or(&Value::Null)
    }

    fn raw(&self, key: &str, faults: &mut Vec<String>) -> String {
        plain(self.value(key)).unwrap_or_else(|| {
            faults.push(format!("'{key}' of {} must be text", self.name));
            String::new()
        })
    }

    fn must_be_there(&self, key: &str, text: &str, before: usize, faults: &mut Vec<String>) {
        if text.is_empty() && faults.len() == before {
            faults.push(format!("{} needs '{key}', and it is empty", self.name));
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Small models fill a list that has nothing in it with a word for nothing.
pub(super) fn says_nothing(line: &str) -> bool {
    ["", "-", "none", "none.", "n/a"].contains(&line.to_lowercase().as_str())
}

/// The text on one line: any run of white space or control characters becomes one space.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text with every line tidied, at most one empty line in a row, and none at either end.
pub(super) fn paragraphs(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(one_line) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn form_is_read_leniently() {
        let value = json!({
            "number": 7, "null": null, "single": "one", "list": [" a \n b ", 2, "", null, "None", "n/a"],
            "flag": "True", "text": "x\r\n\n\n  y\u{1b}[1m  \n"
        });
        let mut faults = Vec::new();
        let fields = Fields::of(&value, "the test", &mut faults).unwrap();
        assert_eq!(fields.line("number", &mut faults), "7");
        assert_eq!(fields.line("null", &mut faults), "");
        assert_eq!(fields.lines("single", &mut faults), ["one"]);
        assert_eq!(fields.lines("list", &mut faults), ["a b", "2"]);
        assert_eq!(fields.lines("absent", &mut faults), Vec::<String>::new());
        assert_eq!(fields.paragraphs("text", &mut faults), "x\n\ny [1m");
        assert!(fields.flag("flag", &mut faults));
        assert_eq!(faults, Vec::<String>::new());
    }

    #[test]
    fn what_must_be_there_is_named_once() {
        let value = json!({"title": " ", "users": [{"name": "x"}], "problem": {}});
        let mut faults = Vec::new();
        let fields = Fields::of(&value, "the PRD", &mut faults).unwrap();
        fields.required_line("title", &mut faults);
        fields.lines("users", &mut faults);
        fields.required_paragraphs("problem", &mut faults);
        fields.required_entries("features", &mut faults);
        fields.flag("simple", &mut faults);
        assert!(Fields::of(&json!([]), "the reply", &mut faults).is_none());
        assert_eq!(
            faults,
            [
                "the PRD needs 'title', and it is empty",
                "'users' of the PRD must be a list of texts, without objects or lists in it",
                "'problem' of the PRD must be text",
                "the PRD needs the list 'features'",
                "'simple' of the PRD must be true or false",
                "the reply must be a JSON object",
            ]
        );
    }
}
