//! The first place at which two runs of one session differ, in words that lead there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::engine::event::Record;

/// Characters of a value that are shown, around the place where it differs.
const SHOWN: usize = 160;

/// Where two runs differ first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The number of the recorded line.
    pub seq: u64,
    /// The recorded event.
    pub event: String,
    /// The phase it happened in.
    pub phase: Option<String>,
    /// The ticket that was being worked on.
    pub ticket: Option<String>,
    /// The field that differs, such as `result.text`; `event` if another thing happened.
    pub field: String,
    /// What the recording has there: the part around the first character that differs.
    pub recorded: String,
    /// What is there now.
    pub now: String,
}

/// Ids that stand for one another: where something was taken out of a recording, hashes of contents
/// are others, but what was the same is still the same.
#[derive(Clone, Debug, Default)]
pub struct Names {
    there: BTreeMap<String, String>,
    back: BTreeMap<String, String>,
}

impl Names {
    /// Each name here, and the recorded one.
    pub fn pairs(&self) -> impl Iterator<Item = (&String, &String)> {
        self.back.iter()
    }

    /// Whether the two can be names of one thing.
    fn agree(&mut self, recorded: &str, now: &str) -> bool {
        let is_id = |text: &str| {
            matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if !is_id(recorded) || recorded.len() != now.len() || !is_id(now) {
            return false;
        }
        let there = self.there.entry(recorded.to_owned());
        let back = self.back.entry(now.to_owned());
        there.or_insert_with(|| now.to_owned()) == now
            && back.or_insert_with(|| recorded.to_owned()) == recorded
    }
}

impl Difference {
    /// At that line, in that field.
    pub fn at(record: &Record, field: &str, recorded: &str, now: &str) -> Self {
        let (recorded, now) = around(recorded, now);
        Self {
            seq: record.seq,
            event: event_name(record),
            phase: record.phase.clone(),
            ticket: record.ticket.clone(),
            field: field.to_owned(),
            recorded,
            now,
        }
    }
}

/// The first field in which two lines differ, if they do. Numbers and times of lines do not count;
/// with `names`, ids of contents count only as far as the same is the same.
pub fn first_difference(
    recorded: &Record,
    now: &Record,
    names: Option<&mut Names>,
) -> Option<Difference> {
    let (left, right) = (event_name(recorded), event_name(now));
    if left != right {
        let words = |record: &Record| format!("{} {}", event_name(record), json(record));
        return Some(Difference::at(
            recorded,
            "event",
            &words(recorded),
            &words(now),
        ));
    }
    for (field, left, right) in [
        ("phase", &recorded.phase, &now.phase),
        ("ticket", &recorded.ticket, &now.ticket),
    ] {
        if left != right {
            let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
            return Some(Difference::at(recorded, field, &word(left), &word(right)));
        }
    }
    if recorded.event == now.event {
        return None;
    }
    let mut names = names;
    let found = differing("", &json(recorded), &json(now), &mut names);
    found.map(|(field, left, right)| Difference::at(recorded, &field, &left, &right))
}

fn json(record: &Record) -> Value {
    serde_json::to_value(&record.event).unwrap_or_default()
}

fn event_name(record: &Record) -> String {
    let value = json(record);
    value["event"].as_str().unwrap_or_default().to_owned()
}

fn differing(
    place: &str,
    left: &Value,
    right: &Value,
    names: &mut Option<&mut Names>,
) -> Option<(String, String, String)> {
    let below = |key: &str| match place {
        "" => key.to_owned(),
        place => format!("{place}.{key}"),
    };
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left
                .keys()
                .chain(right.keys().filter(|key| !left.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let of = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or_default()
                };
                differing(&below(key), &of(left), &of(right), names)
            })
        }
        (Value::Array(left), Value::Array(right)) => {
            (0..left.len().max(right.len())).find_map(|index| {
                let of = |list: &[Value]| list.get(index).cloned().unwrap_or_default();
                differing(&below(&index.to_string()), &of(left), &of(right), names)
            })
        }
        (Value::String(left), Value::String(right)) => {
            let agree =
                left == right || names.as_mut().is_some_and(|names| names.agree(left, right));
            (!agree).then(|| (place.to_owned(), left.clone(), right.clone()))
        }
        (left, right) => {
            (left != right).then(|| (place.to_owned(), left.to_string(), right.to_string()))
        }
    }
}

/// The parts of two texts around the first character in which they differ.
fn around(left: &str, right: &str) -> (String, String) {
    let same = left
        .chars()
        .zip(right.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let part = |text: &str| {
        let from = same.saturating_sub(SHOWN / 2);
        let mut part: String = text.chars().skip(from).take(SHOWN).collect();
        if from > 0 {
            part.insert(0, '…');
        }
        if text.chars().count() > from + SHOWN {
            part.push('…');
        }
        part
    };
    (part(left), part(right))
}
