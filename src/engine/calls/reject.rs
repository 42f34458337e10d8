//! The sentences that go back to the model when nothing may run: what was wrong, which tool or
//! argument it is about, and the right form for this very call.

use serde_json::{Map, Value};

use super::arguments::Misfit;
use super::names::{Offered, OfferedTool};
use super::noise::Repeated;
use super::problem::Problem;
use super::values::{Flaw, FlawKind};
use crate::engine::protocol::{Protocol, example as written};

/// Values longer than this are not repeated to the model.
const SHORT: usize = 60;

/// A name that is not offered.
pub(super) fn unknown(name: &str, offered: &Offered<'_>) -> String {
    let Some(nearest) = offered.nearest(name) else {
        return "No tools are offered in this step; answer in plain text.".to_owned();
    };
    format!(
        "There is no tool named {} in this step; did you mean {}{}? Offered: {}.",
        short(name),
        nearest.name,
        takes(nearest),
        offered.list()
    )
}

/// Arguments that do not fit the tool.
pub(super) fn misfit(misfit: &Misfit, tool: &OfferedTool<'_>) -> String {
    let name = tool.name;
    match misfit {
        Misfit::NotAnObject(found) => format!(
            "The arguments of {name} must be a JSON object, not {}; send {}.",
            described(found),
            form(tool, &Map::new())
        ),
        Misfit::Damaged { flaw, .. } => damaged(flaw, Some(tool)),
        Misfit::HoldsCall => format!(
            "The arguments of {name} hold another call; send {}.",
            form(tool, &Map::new())
        ),
        Misfit::Definition => format!(
            "That is the definition of {name}, not a call; send {} with real values.",
            form(tool, &Map::new())
        ),
        Misfit::Missing { missing, given } => {
            let unknown: Vec<&str> = given
                .keys()
                .map(String::as_str)
                .filter(|key| tool.property(key).is_none())
                .collect();
            let not = if unknown.is_empty() {
                String::new()
            } else {
                format!(" (it has no argument {})", quoted(&unknown))
            };
            let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
            format!(
                "{name} needs the argument{} {}{not}; send the call again as {} with real values.",
                if missing.len() == 1 { "" } else { "s" },
                quoted(&missing),
                form(tool, given)
            )
        }
        Misfit::Wrong {
            argument,
            wanted,
            found,
        } => format!(
            "In the call to {name}, {argument} must be {wanted}, not {}; send the call again.",
            described(found)
        ),
    }
}

/// Something meant as a call that cannot be read as one.
pub(super) fn problem(problem: &Problem, offered: &Offered<'_>) -> String {
    if offered.is_empty() {
        return "No tools are offered in this step; answer in plain text.".to_owned();
    }
    let tool = |name: &str| offered.resolve(name);
    let again = |name: &str| {
        tool(name).map_or_else(
            || format!("The offered tools are {}.", offered.list()),
            |tool| format!("Send it again as {}.", form(tool, &Map::new())),
        )
    };
    match problem {
        Problem::Damaged { name, flaw } => match name.as_deref() {
            Some(name) if tool(name).is_none() => unknown(name, offered),
            name => damaged(flaw, name.and_then(tool)),
        },
        Problem::EmptyBlock => format!(
            "The tool call block is empty; name one of {} and give its arguments{}.",
            offered.list(),
            example(offered)
        ),
        Problem::NotACall => format!(
            "The tool call block holds no call that can be read; name one of {} and give its \
             arguments{}.",
            offered.list(),
            example(offered)
        ),
        Problem::Unclosed { name, .. } if tool(name).is_none() => unknown(name, offered),
        Problem::Unclosed {
            name,
            parameter: Some(parameter),
        } => format!(
            "The parameter '{parameter}' of {name} is not closed, or is closed by the wrong tag. {}",
            again(name)
        ),
        Problem::Unclosed {
            name,
            parameter: None,
        } => format!("The call to {name} is not closed. {}", again(name)),
        Problem::Twice { name, parameter } => format!(
            "The call to {name} has two different values for '{parameter}'. {}",
            again(name)
        ),
        Problem::Positional { name } => {
            format!(
                "The call to {name} must name each argument. {}",
                again(name)
            )
        }
        Problem::NoObject { name } => match tool(name) {
            Some(tool) => misfit(&Misfit::NotAnObject(Value::from("plain text")), tool),
            None => unknown(name, offered),
        },
        Problem::Python => format!(
            "The list of calls cannot be read; call one of {}{}.",
            offered.list(),
            example(offered)
        ),
        Problem::Ambiguous if offered.protocol == Protocol::Text => {
            "A tag of the block stands inside or after a value, so the end of the value is not \
             clear and nothing was executed; send the whole block again, without lines in the value \
             that are such a tag."
                .to_owned()
        }
        Problem::Ambiguous => "The end of a value can be read in more than one way, because its \
             closing tag occurs again inside or after it, so nothing was executed; send the call \
             again as JSON."
            .to_owned(),
        Problem::Quoted { name } => format!(
            "The call to {name} stands in a quotation or after one that is not closed (a code \
             fence, a comment, an example), and what is quoted is not executed; send it again \
             without the fence, as the only thing in your reply."
        ),
        Problem::Imitated { name } => format!(
            "The call to {name} stands after a result or a turn of another speaker that you wrote \
             yourself, so nothing was executed; results come only from the program. {}",
            again(name)
        ),
        Problem::InReasoning => in_reasoning(offered),
        Problem::Nameless => format!(
            "The call has no tool name; name one of {}{}.",
            offered.list(),
            example(offered)
        ),
    }
}

/// A reply that ended before it was complete. `tool` and `inside` say where, as far as known.
pub(super) fn cut(
    limit: bool,
    tool: Option<&OfferedTool<'_>>,
    inside: Option<&str>,
    path: Option<&str>,
    repeated: Option<Repeated>,
) -> String {
    let how = if limit {
        "hit the output limit"
    } else {
        "broke off before its end"
    };
    if let Some(repeated) = repeated {
        let what = match repeated {
            Repeated::Token => "one token",
            Repeated::Sentence => "one sentence",
        };
        return format!("The reply repeated {what} and {how}; name one next step and take it.");
    }
    let Some(tool) = tool else {
        return format!("The reply {how}, so it cannot be used; answer again, more briefly.");
    };
    let place = inside.map_or(String::new(), |key| format!(" inside '{key}'"));
    let file = path.map_or(String::new(), |path| format!(" for {}", short(path)));
    format!(
        "The reply {how}{place}, so the call to {}{file} may be cut and nothing was executed; \
         send one complete call, in a smaller piece if it is long.",
        tool.name
    )
}

/// A call within reasoning.
pub(super) fn in_reasoning(offered: &Offered<'_>) -> String {
    format!(
        "A call inside your reasoning is not executed; finish thinking and send it as your \
         reply.{}",
        tools(offered)
    )
}

/// A reply of which nothing remains. `reasoned` says that there was reasoning.
pub(super) fn empty(offered: &Offered<'_>, generated: u64, reasoned: bool) -> String {
    let what = if reasoned {
        "Your reply ended with reasoning only"
    } else if generated > 10 {
        "Your reply arrived empty although text was generated, so a call was probably malformed"
    } else {
        "Your reply was empty"
    };
    let next = if offered.is_empty() {
        "answer in plain text".to_owned()
    } else {
        let how = match offered.protocol {
            Protocol::Native => "call one of",
            Protocol::Text => "write the block of one of",
        };
        let valid = match offered.protocol {
            Protocol::Native => " with valid JSON arguments",
            Protocol::Text => "",
        };
        format!("{how} {}{valid}, or answer in text", offered.list())
    };
    format!("{what}; {next}.")
}

/// A reply that says one thing over and over.
pub(super) fn repetition(repeated: Repeated) -> String {
    match repeated {
        Repeated::Token => "The reply was one token repeated; answer again.".to_owned(),
        Repeated::Sentence => {
            "The reply repeated one sentence; name one next step and take it.".to_owned()
        }
    }
}

/// Damaged JSON.
fn damaged(flaw: &Flaw, tool: Option<&OfferedTool<'_>>) -> String {
    let call = tool.map_or("The call".to_owned(), |tool| {
        format!("The call to {}", tool.name)
    });
    let place = flaw
        .key
        .as_deref()
        .map_or(String::new(), |key| format!(" '{key}'"));
    let what = match flaw.kind {
        FlawKind::UnclosedString => format!("the string{place} is not closed"),
        FlawKind::Incomplete => format!("it ends in the middle, near{place}"),
        FlawKind::EarlyQuote('\'') => {
            format!("an apostrophe ends the string{place} early; use double quotes")
        }
        FlawKind::EarlyQuote(_) => format!(
            "a quote ends the string{place} early; escape every double quote inside a string as \\\""
        ),
        FlawKind::Escape => format!("a backslash in{place} must be written as \\\\"),
        FlawKind::DuplicateKey => format!("the key{place} occurs twice"),
        FlawKind::TooDeep => "it is nested too deeply".to_owned(),
        FlawKind::Unexpected => format!("something cannot stand where it is, near{place}"),
    };
    let again = tool.map_or("send it again".to_owned(), |tool| {
        format!("send it again as {}", form(tool, &Map::new()))
    });
    format!("{call} is not valid JSON: {what}; {again}.").replace("near;", "near its end;")
}

/// The call as it is written: what was given and is short, and a place for what is required.
pub(super) fn form(tool: &OfferedTool<'_>, given: &Map<String, Value>) -> String {
    let mut arguments = Map::new();
    for key in tool.required() {
        let value = given
            .get(key)
            .filter(|value| !value.is_null() && value.to_string().len() <= SHORT)
            .cloned()
            .unwrap_or_else(|| Value::from("..."));
        arguments.insert(key.to_owned(), value);
    }
    written(tool.protocol, tool.name, &arguments)
}

fn example(offered: &Offered<'_>) -> String {
    offered.iter().next().map_or(String::new(), |tool| {
        format!(", such as {}", form(tool, &Map::new()))
    })
}

fn tools(offered: &Offered<'_>) -> String {
    if offered.is_empty() {
        String::new()
    } else {
        format!(" Offered: {}.", offered.list())
    }
}

fn takes(tool: &OfferedTool<'_>) -> String {
    let required: Vec<&str> = tool.required().collect();
    if required.is_empty() {
        String::new()
    } else {
        format!(", which takes {}", quoted(&required))
    }
}

/// `'a', 'b' and 'c'`.
fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("'{}'", short(name)))
        .collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", Value::from(short(text))),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
