//! What the server's refusals mean. All knowledge about its words is in this file's table; the
//! words themselves are kept for the person.

use serde_json::Value;

use super::retry::Trouble;
use crate::engine::reply::Fault;

/// Words of a server that are longer than this (a proxy's page, say) are cut.
const LONGEST_DETAIL: usize = 600;

/// A fault, and whether the same request may survive it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) trouble: Option<Trouble>,
}

impl Failure {
    pub(super) const fn again(fault: Fault, trouble: Trouble) -> Self {
        Self {
            fault,
            trouble: Some(trouble),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            trouble: None,
        }
    }
}

/// What a text of the server means, if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The model's process did not start or died. Asked again, the server starts another.
    RunnerFailed,
    /// The model wrote a call that the server could not read.
    BadCall,
    /// The same request fails the same way for ever.
    Hopeless,
}

/// Searched in lower case, from top to bottom.
const TEXTS: &[(&str, Meaning)] = &[
    ("more system memory", Meaning::Hopeless),
    ("invalid format:", Meaning::Hopeless),
    ("must be of type", Meaning::Hopeless),
    ("no user query found", Meaning::Hopeless),
    (
        "error was encountered while running the model",
        Meaning::RunnerFailed,
    ),
    ("runner has unexpectedly stopped", Meaning::RunnerFailed),
    ("process has terminated", Meaning::RunnerFailed),
    ("process no longer running", Meaning::RunnerFailed),
    ("timed out waiting for", Meaning::RunnerFailed),
    ("xml syntax error", Meaning::BadCall),
    ("failed to parse", Meaning::BadCall),
    ("empty function name", Meaning::BadCall),
    ("tool call", Meaning::BadCall),
    ("invalid character", Meaning::BadCall),
];

fn meaning(text: &str) -> Option<Meaning> {
    let text = text.to_lowercase();
    if text == "eof" || (text.starts_with("tool '") && text.ends_with("not found")) {
        return Some(Meaning::BadCall);
    }
    TEXTS
        .iter()
        .find(|(words, _)| text.contains(words))
        .map(|(_, meaning)| *meaning)
}

/// An answer with another status than 200.
pub(super) fn refusal(status: u16, body: &[u8], model: &str) -> Failure {
    let words = Words::of(body);
    let text = words.text.to_lowercase();
    if let Some(full) = words.context_full(status) {
        return full.into();
    }
    let model = model.to_owned();
    let server = |words: Words| Fault::Server {
        status,
        detail: words.detail(status),
    };
    match status {
        400 if text.contains("does not support tools") => Fault::NoTools { model }.into(),
        400 if text.contains("does not support thinking") || text.contains("think value") => {
            Fault::NoThinking { model }.into()
        }
        401 | 403 if text.contains("cloud") || words.mentions_signin => {
            Fault::Cloud { model }.into()
        }
        404 if words.kind != Kind::Plain && text.contains("not found") => {
            Fault::ModelMissing { model }.into()
        }
        429 | 503 => Failure::again(server(words), Trouble::Busy),
        499 => Failure::again(server(words), Trouble::TakenBack),
        502 => Failure::again(server(words), Trouble::Lost),
        500 => match meaning(&words.text) {
            Some(Meaning::BadCall) => Fault::Unusable {
                detail: words.detail(status),
            }
            .into(),
            Some(Meaning::Hopeless) => server(words).into(),
            Some(Meaning::RunnerFailed) | None => Failure::again(server(words), Trouble::Failed),
        },
        _ => server(words).into(),
    }
}

/// A line in a good answer that is an error instead of a frame.
pub(super) fn error_frame(line: &[u8]) -> Failure {
    let words = Words::of(line);
    if let Some(full) = words.context_full(400) {
        return full.into();
    }
    let detail = words.detail(500);
    match meaning(&words.text) {
        Some(Meaning::RunnerFailed) => Failure::again(
            Fault::Server {
                status: 500,
                detail,
            },
            Trouble::Failed,
        ),
        Some(Meaning::BadCall | Meaning::Hopeless) | None => Fault::Unusable { detail }.into(),
    }
}

/// What a failed pull's line means.
pub(super) fn pull_error(line: &[u8], model: &str) -> Fault {
    let words = Words::of(line);
    if words.text.contains("file does not exist") {
        return Fault::ModelMissing {
            model: model.to_owned(),
        };
    }
    Fault::Server {
        status: 500,
        detail: words.detail(500),
    }
}

/// How an explanation was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not JSON: a router's or a proxy's page, or nothing at all.
    Plain,
    /// JSON.
    Json,
    /// JSON that names itself a context error.
    ContextError,
}

/// The server's explanation, dug out of however many wrappings it came in.
#[derive(Debug)]
struct Words {
    text: String,
    kind: Kind,
    mentions_signin: bool,
    prompt_tokens: Option<u64>,
    num_ctx: Option<u64>,
}

impl Words {
    fn of(body: &[u8]) -> Self {
        let mut words = Self {
            text: String::new(),
            kind: Kind::Plain,
            mentions_signin: false,
            prompt_tokens: None,
            num_ctx: None,
        };
        match serde_json::from_slice(body) {
            Ok(value) => {
                words.kind = Kind::Json;
                words.unwrap_value(value);
            }
            Err(_) => String::from_utf8_lossy(body)
                .trim()
                .clone_into(&mut words.text),
        }
        words
    }

    /// Errors come as `{"error": "text"}`, as `{"error": {"message": …}}`, as the latter written
    /// into the former's text, and under keys that say what happened.
    fn unwrap_value(&mut self, value: Value) {
        match value {
            Value::Object(mut fields) => {
                self.mentions_signin |= fields.contains_key("signin_url");
                if fields.get("type").and_then(Value::as_str) == Some("exceed_context_size_error") {
                    self.kind = Kind::ContextError;
                }
                let number = |key: &str| fields.get(key).and_then(Value::as_u64);
                self.prompt_tokens = self.prompt_tokens.or(number("n_prompt_tokens"));
                self.num_ctx = self.num_ctx.or(number("n_ctx"));
                if let Some(inner) = fields.remove("error").or_else(|| fields.remove("message")) {
                    self.unwrap_value(inner);
                } else if let Some((key, inner)) = fields.into_iter().next() {
                    self.unwrap_value(inner);
                    self.text = format!("{key}: {}", self.text);
                }
            }
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(inner @ Value::Object(_)) => self.unwrap_value(inner),
                _ => self.text = text,
            },
            Value::Null => {}
            other => self.text = other.to_string(),
        }
    }

    fn context_full(&self, status: u16) -> Option<Fault> {
        let text = self.text.to_lowercase();
        let says_so = status == 400
            && text.contains("context")
            && !text.contains("deadline")
            && ["exceed", "longer", "too long", "too large"]
                .iter()
                .any(|word| text.contains(word));
        (self.kind == Kind::ContextError || says_so).then(|| {
            let mut told = numbers_of_tokens(&self.text);
            let (prompt, window) = (told.next(), told.next());
            Fault::ContextFull {
                prompt_tokens: self.prompt_tokens.or(prompt).unwrap_or(0),
                num_ctx: self.num_ctx.or(window).unwrap_or(0),
            }
        })
    }

    fn detail(&self, status: u16) -> String {
        if self.text.is_empty() {
            return match status {
                403 => "no reason given; a proxy in front of it must pass on the server's own host name",
                _ => "no reason given",
            }
            .to_owned();
        }
        let mut detail: String = self.text.chars().take(LONGEST_DETAIL).collect();
        if detail.len() < self.text.len() {
            detail.push('…');
        }
        detail
    }
}

/// The numbers in `(810 tokens)`, in their order: the prompt first, then the window.
fn numbers_of_tokens(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.split('(')
        .filter_map(|after| after.split_once(" tokens)")?.0.parse().ok())
}

#[cfg(test)]
mod tests;
