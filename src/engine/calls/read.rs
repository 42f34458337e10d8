//! From a reply to what may be executed, or to the sentence that says why nothing may be. One
//! call that cannot be accepted rejects the whole reply.

use serde_json::{Map, Value};

use super::arguments::{self, Misfit};
use super::names::{Offered, OfferedTool};
use super::noise;
use super::problem::Problem;
use super::reasoning::{Reasoning, holds_call};
use super::reject;
use super::scan::scan;
use super::shape::{self, RawCall};
use crate::engine::protocol::Protocol;
use crate::engine::reply::{Done, Reply};

/// What a reply means. With calls there is no `reject`; with a `reject` there are no calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What is to be executed, in this order.
    pub calls: Vec<ParsedCall>,
    /// The prose to show.
    pub text: Option<String>,
    /// What was changed to read the calls, for the journal.
    pub repairs: Vec<String>,
    /// Why nothing may be executed, as a sentence for the model.
    pub reject: Option<String>,
    /// The call that was meant when nothing may be executed, as far as that is known.
    pub meant: Option<Meant>,
    /// Where the calls came from.
    pub source: Source,
    /// Bytes of the reply's text up to the end of its last call.
    pub end: usize,
}

/// A call that could not be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The offered name.
    pub tool: String,
    /// The call in its right form, with what can be read of its arguments, for the model.
    pub form: String,
}

/// A call of an offered tool whose arguments satisfy its schema.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedCall {
    /// The offered name.
    pub name: String,
    /// A JSON object.
    pub arguments: Value,
    /// The server's id, if it is a native call and has one.
    pub native_id: Option<String>,
}

/// Where calls came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// There are none.
    #[default]
    Nothing,
    /// The server found them.
    Native,
    /// They were read out of the text.
    Text,
}

/// Reads a reply. `offered` are the schemas that the request offered, as
/// `{"type":"function","function":{…}}` or as the object inside.
pub fn read(reply: &Reply, offered: &[Value]) -> Reading {
    read_as(reply, offered, Protocol::Native)
}

/// Reads a reply in a conversation with that protocol: which forms are shown to the model, and
/// how strictly its blocks are read. Everything else counts in both.
pub fn read_as(reply: &Reply, offered: &[Value], protocol: Protocol) -> Reading {
    let offered = Offered::new(offered, protocol);
    if reply.done != Done::Stop {
        return cut(reply, &offered);
    }
    let mut repairs = Vec::new();
    let mut calls = Vec::new();
    for native in &reply.tool_calls {
        let checked = native_call(native, &offered, &mut repairs)
            .and_then(|call| check(&call, &offered, &mut repairs));
        match checked {
            Ok(call) => calls.push(call),
            Err(refused) => return refused.reading(repairs),
        }
    }
    let native = calls.len();
    let found = scan(&reply.content, &offered, native > 0);
    repairs.extend(found.repairs);
    if let Some(problem) = &found.problem {
        let tool = problem.tool().and_then(|name| offered.resolve(name));
        let refused = Refused {
            sentence: reject::problem(problem, &offered),
            meant: tool.map(|tool| meant(tool, &Map::new())),
        };
        return refused.reading(repairs);
    }
    for call in &found.calls {
        match check(call, &offered, &mut repairs) {
            Ok(call) if calls[..native].iter().any(|other| same(other, &call)) => {
                repairs.push(format!(
                    "ran {} once: it came natively and as text",
                    call.name
                ));
            }
            Ok(call) => calls.push(call),
            Err(refused) => return refused.reading(repairs),
        }
    }
    if protocol == Protocol::Text && is_said_twice(&calls) {
        calls.truncate(calls.len() / 2);
        repairs.push("ran everything once: the whole reply was written twice".to_owned());
    }
    let text = (!found.text.is_empty()).then_some(found.text);
    if !calls.is_empty() {
        return Reading {
            source: if native > 0 {
                Source::Native
            } else {
                Source::Text
            },
            calls,
            text,
            repairs,
            reject: None,
            meant: None,
            end: found.end,
        };
    }
    let sentence = match &text {
        Some(text) => noise::repeated(text).map(reject::repetition),
        None => Some(unusable(reply, found.reasoning, &offered)),
    };
    match sentence {
        Some(sentence) => Refused::from(sentence).reading(repairs),
        None => Reading {
            text,
            ..Reading::default()
        },
    }
}

/// Whether the second half of these calls is the first half once more. A model that writes its
/// blocks as text starts over now and then; that it wants a command run twice is no reading of it.
fn is_said_twice(calls: &[ParsedCall]) -> bool {
    let (first, second) = calls.split_at(calls.len() / 2);
    let pairs = first.iter().zip(second);
    !first.is_empty() && first.len() == second.len() && pairs.into_iter().all(|(a, b)| same(a, b))
}

/// Why nothing may run, and what was meant.
struct Refused {
    sentence: String,
    meant: Option<Meant>,
}

impl From<String> for Refused {
    fn from(sentence: String) -> Self {
        Self {
            sentence,
            meant: None,
        }
    }
}

impl Refused {
    fn reading(self, repairs: Vec<String>) -> Reading {
        Reading {
            repairs,
            reject: Some(self.sentence.trim_end_matches("\n.").to_owned()),
            meant: self.meant,
            ..Reading::default()
        }
    }
}

fn meant(tool: &OfferedTool<'_>, given: &Map<String, Value>) -> Meant {
    Meant {
        tool: tool.name.to_owned(),
        form: reject::form(tool, given),
    }
}

fn same(one: &ParsedCall, other: &ParsedCall) -> bool {
    one.name == other.name && one.arguments == other.arguments
}

/// A native call as the server sent it. One whose arguments hold the call again is unwrapped once.
fn native_call(
    native: &Value,
    offered: &Offered<'_>,
    repairs: &mut Vec<String>,
) -> Result<RawCall, Refused> {
    let body = native.get("function").unwrap_or(native);
    let nameless = || Refused::from(reject::problem(&Problem::Nameless, offered));
    let name = body
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(nameless)?;
    let arguments = shape::ARGUMENT_KEYS
        .iter()
        .find_map(|key| body.get(*key))
        .unwrap_or(&Value::Null);
    let mut call = RawCall::new(name, arguments.clone());
    call.native_id = native
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
        .map(str::to_owned);
    if let Some(inner) = held_call(&call, offered)
        && let (Some(one), Some(other)) = (offered.resolve(name), offered.resolve(&inner.name))
        && one.name == other.name
    {
        repairs.push(format!(
            "unwrapped the call to {} inside its arguments",
            one.name
        ));
        call.arguments = inner.arguments;
    }
    Ok(call)
}

/// The call that the arguments of a call are, unless the tool has such arguments.
fn held_call(call: &RawCall, offered: &Offered<'_>) -> Option<RawCall> {
    let given = arguments::object(&call.arguments, &mut Vec::new()).ok()?;
    let has_arguments = shape::ARGUMENT_KEYS
        .iter()
        .chain(["function"].iter())
        .any(|key| given.contains_key(*key));
    let tool = offered.resolve(&call.name)?;
    let own = ["name", "tool_name", "function"]
        .iter()
        .any(|key| tool.property(key).is_some());
    (has_arguments && !own)
        .then(|| shape::call(&Value::Object(given.into_owned()), offered))
        .flatten()
}

/// The call with an offered name and fitted arguments, or the sentence that says what is wrong.
fn check(
    call: &RawCall,
    offered: &Offered<'_>,
    repairs: &mut Vec<String>,
) -> Result<ParsedCall, Refused> {
    let tool = offered
        .resolve(&call.name)
        .ok_or_else(|| Refused::from(reject::unknown(&call.name, offered)))?;
    let refused = |misfit: &Misfit| {
        let given = arguments::object(&call.arguments, &mut Vec::new());
        Refused {
            sentence: reject::misfit(misfit, tool),
            // What cannot be read was not given.
            meant: Some(meant(tool, &given.unwrap_or_default())),
        }
    };
    if tool.name != call.name {
        repairs.push(format!("read the name '{}' as {}", call.name, tool.name));
    }
    if held_call(call, offered).is_some() {
        return Err(refused(&Misfit::HoldsCall));
    }
    let arguments =
        arguments::fit(&call.arguments, tool, repairs).map_err(|misfit| refused(&misfit))?;
    Ok(ParsedCall {
        name: tool.name.to_owned(),
        arguments: Value::Object(arguments),
        native_id: call.native_id.clone(),
    })
}

fn unusable(reply: &Reply, reasoning: Reasoning, offered: &Offered<'_>) -> String {
    if reasoning == Reasoning::HeldCall || holds_call(&reply.thinking) {
        return reject::in_reasoning(offered);
    }
    let reasoned = reasoning != Reasoning::Absent || !reply.thinking.trim().is_empty();
    reject::empty(offered, reply.usage.eval_tokens, reasoned)
}

/// What a cut reply was doing: only for the sentence, so a search for names is good enough.
fn cut(reply: &Reply, offered: &Offered<'_>) -> Reading {
    let mut text = reply.content.clone();
    for native in &reply.tool_calls {
        let body = native.get("function").unwrap_or(native);
        text.push_str(body.get("name").and_then(Value::as_str).unwrap_or_default());
        match body.get("arguments") {
            Some(Value::String(arguments)) => text.push_str(arguments),
            Some(arguments) => text.push_str(&arguments.to_string()),
            None => {}
        }
    }
    let limit = reply.done == Done::Length;
    let called = offered
        .iter()
        .filter_map(|tool| Some((text.rfind(tool.name)?, tool)))
        .max_by_key(|(at, _)| *at)
        .filter(|(_, tool)| {
            let block = format!("<{}>", tool.name);
            holds_call(&text) || text.contains(&block) || !reply.tool_calls.is_empty()
        });
    let Some((at, tool)) = called else {
        let sentence = reject::cut(limit, None, None, None, noise::repeated(&text));
        return Refused::from(sentence).reading(Vec::new());
    };
    let inside = tool
        .properties()
        .into_iter()
        .flatten()
        .filter_map(|(key, _)| Some((last_key(&text[at..], key)?, key.as_str())))
        .max()
        .map(|(_, key)| key);
    let path = value_of(&text[at..], "path");
    let given = path.map(|path| ("path".to_owned(), Value::from(path)));
    Refused {
        sentence: reject::cut(limit, Some(tool), inside, path, None),
        meant: Some(meant(tool, &given.into_iter().collect())),
    }
    .reading(Vec::new())
}

/// Where an argument of that name was begun last.
fn last_key(text: &str, key: &str) -> Option<usize> {
    [
        format!("\"{key}\""),
        format!("'{key}'"),
        format!("={key}>"),
        format!("<{key}>"),
    ]
    .iter()
    .filter_map(|form| text.rfind(form.as_str()))
    .max()
}

/// A short value of an argument, as far as it can be seen.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let rest = &text[last_key(text, key)? + key.len() + 2..];
    let rest = rest.trim_start_matches([':', ' ', '\n']);
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split(['\n', '<']).next()?,
    };
    (!value.is_empty()).then_some(value)
}
