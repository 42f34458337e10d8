//! Takes out of a recording what is nobody else's business. Everything stays as long as it was, so
//! that what depends on lengths (what fits in a window, where a text is cut) stays the same, too.

use serde_json::Value;

use super::{Content, Recording, Redacted};
use crate::engine::event::{Event, Record, SessionStarted};

/// Names of fewer characters stand in too many innocent words.
const SHORTEST: usize = 4;

/// The arguments of calls that hold contents of files.
const CONTENTS: [&str; 3] = ["content", "old_text", "new_text"];

/// The names that a session holds of a machine and of variables: the server's, those of `machines`,
/// and the variables that its configuration names.
pub fn private_words(started: &SessionStarted, machines: &[String]) -> Vec<String> {
    let config = &started.config;
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().into_iter().flatten();
        let map = value.as_object().into_iter().flat_map(|map| map.values());
        list.chain(map)
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut words = texts(&config["commands"]["env"]);
    words.extend(texts(&config["server"]["headers"]));
    if let Some(host) = config["server"]["host"].as_str() {
        let host = host.split_once("://").map_or(host, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let is_anybodys = host == "localhost" || host.starts_with("127.");
        words.extend((!is_anybodys).then(|| host.to_owned()));
    }
    words.extend(machines.iter().cloned());
    words.retain(|word| word.len() >= SHORTEST);
    words
}

/// Takes these words out everywhere, and the contents of files if that is wanted.
pub fn redact(recording: &mut Recording, words: &[String], what: Redacted) {
    recording.head.redacted = what;
    let clean = |text: &str| {
        words
            .iter()
            .fold(text.to_owned(), |text, word| without(&text, word))
    };
    recording.head.folder = clean(&recording.head.folder);
    for file in &mut recording.files {
        file.path = clean(&file.path);
        if let Content::Text(text) = &mut file.content {
            *text = match what {
                Redacted::Contents => masked(text),
                Redacted::Nothing | Redacted::Private => clean(text),
            };
        } else if let (Content::Hex(digits), Redacted::Contents) = (&mut file.content, what) {
            digits.clear();
        }
    }
    for record in &mut recording.records {
        if what == Redacted::Contents {
            take_contents_out(&mut record.event);
        }
        clean_record(record, &clean);
    }
}

fn clean_record(record: &mut Record, clean: &dyn Fn(&str) -> String) {
    let Ok(value) = serde_json::to_value(&record.event) else {
        return;
    };
    // What a word of the journal's own would become unreadable by stays as it is.
    if let Ok(event) = serde_json::from_value(in_every_text(value, clean)) {
        record.event = event;
    }
}

fn in_every_text(value: Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| in_every_text(item, change))
            .collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, item)| (key, in_every_text(item, change)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// Texts that may quote a file lose their letters.
fn take_contents_out(event: &mut Event) {
    let mask = |text: &mut String| *text = masked(text);
    match event {
        Event::ConversationStarted(started) => {
            started
                .messages
                .iter_mut()
                .for_each(|message| mask(&mut message.content));
        }
        Event::Replied(replied) => {
            mask(&mut replied.reply.content);
            mask(&mut replied.reply.thinking);
            for call in &mut replied.reply.tool_calls {
                if let Some(arguments) = call.pointer_mut("/function/arguments") {
                    mask_arguments(arguments);
                }
            }
        }
        Event::ToolStarted { call, .. } => mask_arguments(&mut call.arguments),
        Event::ToolFinished { result, .. } => mask(&mut result.text),
        Event::Checked(receipt) => {
            mask(&mut receipt.output);
            receipt.failing.iter_mut().for_each(mask);
        }
        Event::Compacted { summary, .. } => mask(&mut summary.content),
        Event::AttemptFailed { reason, .. } => mask(reason),
        Event::Note(note) => {
            mask(&mut note.text);
            if let Some(Value::String(text)) = note.data.get_mut("guidance") {
                mask(text);
            }
        }
        _ => {}
    }
}

fn mask_arguments(arguments: &mut Value) {
    match arguments {
        Value::String(text) => *text = masked(text),
        Value::Object(map) => {
            for (key, value) in map {
                if let (true, Value::String(text)) = (CONTENTS.contains(&key.as_str()), value) {
                    *text = masked(text);
                }
            }
        }
        _ => {}
    }
}

/// The text with its letters and digits gone, byte for byte as long as it was.
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            masked.push(letter);
        } else {
            (0..letter.len_utf8()).for_each(|_| masked.push('x'));
        }
    }
    masked
}

/// The text with that word masked where it stands for itself.
fn without(text: &str, word: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut rest = text;
    let mut cleaned = String::with_capacity(text.len());
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let goes_on_before = before.ends_with(is_part) && word.starts_with(is_part);
        let goes_on_after = after.starts_with(is_part) && word.ends_with(is_part);
        let is_word = !goes_on_before && !goes_on_after;
        cleaned.push_str(before);
        cleaned.push_str(&if is_word {
            masked(word)
        } else {
            word.to_owned()
        });
        rest = after;
    }
    cleaned.push_str(rest);
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_where_they_stand_for_themselves_and_lengths_stay() {
        for (text, word, expected) in [
            ("cd /home/ada/x", "/home/ada", "cd /xxxx/xxx/x"),
            ("/home/adam", "/home/ada", "/home/adam"),
            ("gpu1.local: gpu1", "gpu1", "xxxx.local: xxxx"),
            ("mygpu1 gpu1_x", "gpu1", "mygpu1 gpu1_x"),
            ("nothing", "absent", "nothing"),
        ] {
            let cleaned = without(text, word);
            assert_eq!(cleaned, expected);
            assert_eq!(cleaned.len(), text.len());
        }
        assert_eq!(masked("größe = \"a1\"\n"), "xxxxxxx = \"xx\"\n");
    }
}
