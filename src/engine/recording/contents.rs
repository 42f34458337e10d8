//! What of an event may hold contents of files, or what somebody wrote: everything but the places
//! that are named here as harmless. Also how the texts of an event are changed at all.

use serde_json::Value;

use super::mask::masked;
use crate::engine::event::Event;

/// The longest name of a field that is taken for a plain word.
const LONGEST_NAME: usize = 32;

/// What becomes of a text at that place; of the name of a field, if the last is true.
pub(super) type Change<'a> = &'a dyn Fn(&[String], &str, bool) -> String;

/// Texts that may quote a file lose their letters.
pub(super) fn take_contents_out(event: &mut Event) {
    let harmless = harmless(event);
    rewrite(event, &|place, text, is_name| {
        let is_harmless = harmless.iter().any(|harmless| is_at(harmless, place));
        if is_harmless || is_name && is_plain(text) {
            text.to_owned()
        } else {
            masked(text)
        }
    });
}

fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-');
    name.len() <= LONGEST_NAME && name.bytes().all(is_plain)
}

/// Whether the place is that one, or below it; `*` is any.
fn is_at(harmless: &str, place: &[String]) -> bool {
    let mut steps = place.iter();
    harmless.split('/').all(|wanted| {
        let step = steps.next();
        step.is_some_and(|step| wanted == "*" || wanted == step)
    })
}

/// The places that hold no words of the person, the model or a file. No event is left out, so that
/// whoever adds one has to say.
fn harmless(event: &Event) -> &'static [&'static str] {
    match event {
        Event::SessionStarted(_) => &[
            "version",
            "id",
            "project",
            "config",
            "model",
            "model_digest",
            "protocol",
            "manners",
            "pipeline",
            "pipeline_hash",
            "skill_hashes",
            "from",
            "until",
            "forked_from",
        ],
        Event::PhaseEntered { .. } => &["name"],
        Event::ConversationStarted(_) => {
            &["purpose", "model", "tools", "protocol", "messages/*/role"]
        }
        Event::TicketStarted { .. } => &["tree"],
        Event::AttemptFailed { .. } => &["note/ended", "note/changed"],
        Event::Replied(_) => &[
            "to",
            "prefix/cache",
            "reply/done",
            "reply/tool_calls/*/id",
            "reply/tool_calls/*/type",
            "reply/tool_calls/*/function/name",
            "reply/tool_calls/*/function/arguments/path",
        ],
        Event::ToolStarted { .. } => &[
            "call/id",
            "call/name",
            "call/arguments/path",
            "before",
            "after",
        ],
        Event::ToolFinished { .. } => &["id", "result/status", "changed", "tree", "mode"],
        Event::Asked { .. } => &[
            "ask/id",
            "ask/kind",
            "ask/reference/artifact",
            "ask/reference/sha256",
        ],
        Event::Answered { .. } => &[
            "id",
            "answer/option",
            "answer/answered_by",
            "answer/verdict",
        ],
        Event::ArtifactWritten { .. } => &["name", "sha256", "by"],
        Event::Checked(_) => &[
            "gate",
            "cwd",
            "output_sha256",
            "tree_before",
            "tree_after",
            "sandbox",
            "criteria/*/verdict",
        ],
        Event::Compacted { .. } => &["summary/role"],
        Event::Told { .. } => &["to", "letter"],
        Event::Note(_) => &["kind", "data/undo", "data/redo"],
        Event::Repaired { .. } | Event::Warned { .. } => &[],
        Event::TicketFinished { .. } => &["outcome", "proof", "changed", "diff", "tree", "commit"],
        Event::PhaseFinished { .. } | Event::SessionFinished { .. } => &["outcome"],
        Event::Interrupted { .. } => &["why"],
        Event::Resumed { .. } => &["version", "from", "until", "settings", "manners"],
    }
}

/// One text of an event that becomes another.
struct Changed {
    place: Vec<String>,
    is_name: bool,
    to: String,
}

/// Changes every text of the event. What is a word of the journal's own, so that the line could not
/// be read any more without it, stays; everything around it does not.
pub(super) fn rewrite(event: &mut Event, change: Change<'_>) {
    let Ok(mut value) = serde_json::to_value(&*event) else {
        return;
    };
    let mut changes = Vec::new();
    find(&value, &mut Vec::new(), change, &mut changes);
    let mut all = value.clone();
    for change in &changes {
        change.make(&mut all);
    }
    if let Some(changed) = readable(&all) {
        *event = changed;
        return;
    }
    for change in changes {
        let mut tried = value.clone();
        change.make(&mut tried);
        if let Some(changed) = readable(&tried) {
            *event = changed;
            value = tried;
        }
    }
}

/// The event, if it says all that stands there.
fn readable(value: &Value) -> Option<Event> {
    // silent-ok: whoever asks leaves the text as it was.
    let event = serde_json::from_value::<Event>(value.clone()).ok()?;
    (serde_json::to_value(&event).ok()? == *value).then_some(event)
}

/// The texts that change; names of fields after what is below them.
fn find(value: &Value, place: &mut Vec<String>, change: Change<'_>, found: &mut Vec<Changed>) {
    let look = |place: &[String], text: &str, is_name: bool, found: &mut Vec<Changed>| {
        let to = change(place, text, is_name);
        if to != text {
            let place = place.to_vec();
            found.push(Changed { place, is_name, to });
        }
    };
    match value {
        Value::String(text) if *place != ["event"] => look(place, text, false, found),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                place.push(index.to_string());
                find(item, place, change, found);
                place.pop();
            }
        }
        Value::Object(map) => {
            for (name, item) in map {
                place.push(name.clone());
                find(item, place, change, found);
                look(place, name, true, found);
                place.pop();
            }
        }
        _ => {}
    }
}

impl Changed {
    fn make(&self, value: &mut Value) {
        let Some((last, above)) = self.place.split_last() else {
            return;
        };
        let mut at = Some(value);
        for step in above {
            at = at.and_then(|value| below(value, step));
        }
        match at {
            Some(Value::Object(map)) if self.is_name => {
                if let Some(item) = map.remove(last) {
                    let mut name = self.to.clone();
                    while map.contains_key(&name) {
                        name.push('x');
                    }
                    map.insert(name, item);
                }
            }
            Some(value) => {
                if let Some(text) = below(value, last) {
                    *text = Value::String(self.to.clone());
                }
            }
            None => {}
        }
    }
}

fn below<'a>(value: &'a mut Value, step: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(map) => map.get_mut(step),
        // silent-ok: the step was made of such a number.
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    }
}
