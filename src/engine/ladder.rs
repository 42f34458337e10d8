//! What is tried when a call goes wrong in a tool loop, rung by rung: asked for, corrected, forced
//! through a schema, the text protocol, given up. Each failure is one rung down, each success one
//! rung up. Owns the order and the words; `decide` climbs, and the session remembers where.

use serde_json::{Value, json};

use super::calls::Meant;
use super::event::{Event, Note, NoteKind};
use super::protocol::Protocol;

/// How the next call is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// As the protocol has it; whatever the reply's text holds is read tolerantly as well.
    Asked,
    /// The same, after an answer that says what was wrong and shows the right form.
    Corrected,
    /// Through a schema, in a single request beside the conversation.
    Forced,
    /// In a new opening, as blocks of text.
    Text,
    /// Not any more.
    Blocked,
}

/// The rungs from the top. The text protocol is the last thing that can be tried.
const fn rungs(protocol: Protocol) -> [Rung; 4] {
    match protocol {
        Protocol::Native => [Rung::Asked, Rung::Corrected, Rung::Forced, Rung::Text],
        Protocol::Text => [Rung::Asked, Rung::Corrected, Rung::Forced, Rung::Blocked],
    }
}

/// Where a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    protocol: Protocol,
    place: usize,
    why: String,
}

impl Ladder {
    /// At the top.
    pub const fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            place: 0,
            why: String::new(),
        }
    }

    /// How the conversation's calls are written.
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// How the next call is asked for.
    pub const fn rung(&self) -> Rung {
        rungs(self.protocol)[self.place]
    }

    /// How it will be asked for after a failure.
    pub const fn below(&self) -> Rung {
        rungs(self.protocol)[self.next_place()]
    }

    /// What went wrong last.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// A failure.
    pub fn down(&mut self, why: &str) {
        self.place = self.next_place();
        why.clone_into(&mut self.why);
    }

    /// A success.
    pub const fn up(&mut self) {
        self.place = self.place.saturating_sub(1);
    }

    const fn next_place(&self) -> usize {
        if self.place + 1 < rungs(self.protocol).len() {
            self.place + 1
        } else {
            self.place
        }
    }

    /// The name of a rung in the journal.
    const fn name(&self, rung: Rung) -> &'static str {
        match (rung, self.protocol) {
            (Rung::Asked, Protocol::Native) => "native",
            (Rung::Asked, Protocol::Text) | (Rung::Text, _) => "text",
            (Rung::Corrected, _) => "corrected",
            (Rung::Forced, _) => "forced",
            (Rung::Blocked, _) => "blocked",
        }
    }
}

/// The events of a failed reply: the step down, and the answer to the model.
pub fn failed(ladder: &Ladder, why: &str, meant: Option<&Meant>) -> Vec<Event> {
    vec![
        stepped(ladder, ladder.rung(), ladder.below(), why, None),
        Event::Note(Note {
            kind: NoteKind::Correction,
            text: correction(why, meant),
            data: Value::Null,
        }),
    ]
}

/// The event with which a model is spoken to in blocks from here on.
pub fn to_text(ladder: &Ladder, why: &str, model: &str) -> Event {
    // The ladder has come down already when forcing the call has failed as well.
    let from = match ladder.rung() {
        Rung::Text => Rung::Forced,
        rung => rung,
    };
    stepped(ladder, from, Rung::Text, why, Some(model))
}

/// The event of a call that was forced and came.
pub fn recovered(ladder: &Ladder) -> Event {
    stepped(
        ladder,
        Rung::Forced,
        Rung::Asked,
        "the forced call came",
        None,
    )
}

fn stepped(ladder: &Ladder, from: Rung, to: Rung, why: &str, model: Option<&str>) -> Event {
    let text = match to {
        Rung::Asked | Rung::Corrected => String::new(),
        Rung::Forced => "the next call is forced into its form".to_owned(),
        Rung::Text => "from here on the model writes its calls as blocks of text".to_owned(),
        Rung::Blocked => "every way to a usable call has been tried".to_owned(),
    };
    let (from, to) = (ladder.name(from), ladder.name(to));
    let mut data = json!({"from": from, "to": to, "why": why});
    if let Some(model) = model {
        data["model"] = Value::from(model);
    }
    Event::Note(Note {
        kind: NoteKind::Ladder,
        text,
        data,
    })
}

/// What was wrong, and the right form of this very call.
fn correction(why: &str, meant: Option<&Meant>) -> String {
    let form = meant.map(|meant| meant.form.trim()).unwrap_or_default();
    if form.is_empty() || why.contains(form) {
        return why.to_owned();
    }
    format!("{why}\nThe right form of that call is\n{form}")
}

/// What is added to the last message when a call is forced.
pub const FORCE: &str = "Answer now with JSON only: one object with \"name\", the tool of the next step, and \"arguments\", an object with its arguments.";

/// The schema of a forced call: the tool that was meant with its own arguments, or any of these
/// tools (`{"type":"function","function":{…}}`).
pub fn schema(tools: &[Value], meant: Option<&Meant>) -> Value {
    let function = |tool: &Value| tool.get("function").unwrap_or(tool).clone();
    let functions: Vec<Value> = tools.iter().map(function).collect();
    let one = functions
        .iter()
        .find(|function| meant.is_some_and(|meant| function["name"] == meant.tool.as_str()));
    let names: Vec<&Value> = match one {
        Some(function) => vec![&function["name"]],
        None => functions.iter().map(|function| &function["name"]).collect(),
    };
    let any = json!({"type": "object"});
    let arguments = one.map_or(&any, |function| &function["parameters"]);
    json!({
        "type": "object",
        "properties": {"name": {"type": "string", "enum": names}, "arguments": arguments},
        "required": ["name", "arguments"]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tool::Tool;

    fn rungs_down(protocol: Protocol) -> Vec<Rung> {
        let mut ladder = Ladder::new(protocol);
        let mut seen = vec![ladder.rung()];
        for _ in 0..4 {
            assert_ne!(ladder.below(), Rung::Asked);
            ladder.down("no");
            seen.push(ladder.rung());
        }
        seen
    }

    #[test]
    fn each_failure_is_one_rung_and_the_last_one_stays() {
        use Rung::{Asked, Blocked, Corrected, Forced, Text};
        assert_eq!(
            rungs_down(Protocol::Native),
            [Asked, Corrected, Forced, Text, Text]
        );
        assert_eq!(
            rungs_down(Protocol::Text),
            [Asked, Corrected, Forced, Blocked, Blocked]
        );
    }

    #[test]
    fn each_success_is_one_rung_up() {
        let mut ladder = Ladder::new(Protocol::Native);
        ladder.down("one");
        ladder.down("two");
        assert_eq!((ladder.rung(), ladder.why()), (Rung::Forced, "two"));
        ladder.up();
        assert_eq!(ladder.rung(), Rung::Corrected);
        ladder.up();
        ladder.up();
        assert_eq!(ladder.rung(), Rung::Asked);
    }

    #[test]
    fn a_forced_call_is_of_the_tool_that_was_meant() {
        let tools = [Tool::ReadFile.schema(), Tool::ListDir.schema()];
        let meant = Meant {
            tool: "list_dir".to_owned(),
            form: String::new(),
        };
        let one = schema(&tools, Some(&meant));
        assert_eq!(one["properties"]["name"]["enum"], json!(["list_dir"]));
        assert_eq!(
            one["properties"]["arguments"],
            Tool::ListDir.schema()["function"]["parameters"]
        );
        let any = schema(&tools, None);
        assert_eq!(
            any["properties"]["name"]["enum"],
            json!(["read_file", "list_dir"])
        );
        assert_eq!(any["properties"]["arguments"], json!({"type": "object"}));
    }

    #[test]
    fn the_form_is_shown_once() {
        let meant = |form: &str| Meant {
            tool: "list_dir".to_owned(),
            form: form.to_owned(),
        };
        assert_eq!(correction("No.", None), "No.");
        assert_eq!(
            correction("Send {a}.", Some(&meant("\n{a}\n"))),
            "Send {a}."
        );
        assert_eq!(
            correction("No.", Some(&meant("{a}"))),
            "No.\nThe right form of that call is\n{a}"
        );
    }
}
