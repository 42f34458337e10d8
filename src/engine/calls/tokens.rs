//! The special tokens and tags with which model families frame calls, reasoning, results and
//! turns. Recognises one where it stands; what it means there is decided by `scan`.

use crate::engine::foreign::{OTHERS, REASONING, known};

/// What a token or tag announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// A call follows.
    Open(Envelope),
    /// A call is over.
    Close,
    /// A call's inner part is over; outside of a call it means that a value held the same tag.
    CloseInner,
    /// `<function=…>` or `<invoke name=…>`.
    Function,
    /// Reasoning of that name, which also stands in what closes it.
    Reasoning(&'static str),
    /// The end of reasoning.
    ReasoningEnd,
    /// A tool's result or another speaker's turn, which only the program may write.
    Imitation,
    /// The end of one.
    ImitationEnd,
    /// The turn of the person or of the system: nothing after it is the model's reply.
    OtherSpeaker,
    /// A header of the harmony format.
    Harmony,
    /// Noise of the template.
    Control,
}

/// How a call is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// The family closes it.
    Closed,
    /// The family does not close it.
    Open,
    /// The tag has other uses: without a call in it, it is text.
    Doubtful,
}

/// A marker and its length in bytes.
pub(super) type Found = (Marker, usize);

/// An XML-like tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Whether it starts with `</`.
    pub(super) closes: bool,
    /// Its name.
    pub(super) name: &'a str,
    /// What follows the name, without the final `/`.
    pub(super) rest: &'a str,
    /// Whether it ends with `/>`.
    pub(super) empty: bool,
    /// Its length in bytes.
    pub(super) len: usize,
}

impl<'a> Tag<'a> {
    /// The tag at the start of the text. `｜DSML｜` before the name is ignored.
    pub(super) fn at(text: &'a str) -> Option<Self> {
        let after = text.strip_prefix('<')?;
        let (closes, after) = match after.strip_prefix('/') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let after = ["｜DSML｜", "|DSML|"]
            .iter()
            .find_map(|prefix| after.strip_prefix(prefix))
            .unwrap_or(after);
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.')))
            .filter(|&end| end > 0)?;
        let (name, rest) = after.split_at(end);
        let close = rest
            .find(['>', '<', '\n'])
            .filter(|&at| rest[at..].starts_with('>'))?;
        let inner = &rest[..close];
        let trimmed = inner.strip_suffix('/');
        Some(Self {
            closes,
            name,
            rest: trimmed.unwrap_or(inner).trim(),
            empty: trimmed.is_some(),
            len: text.len() - rest.len() + close + 1,
        })
    }

    /// The name given as `=NAME` or `name="NAME"`.
    pub(super) fn given_name(&self) -> Option<&'a str> {
        let rest = self.rest;
        let value = rest.strip_prefix('=').or_else(|| {
            let after = rest.strip_prefix("name")?.trim_start();
            Some(after.strip_prefix('=')?.trim_start())
        })?;
        let name = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next()?,
            _ => value.split_whitespace().next()?,
        };
        (!name.is_empty()).then_some(name)
    }
}

/// Whether a marker or a tag can begin here: told by two bytes, since a reply can be full of
/// brackets that begin nothing.
pub(super) fn may_begin(text: &[u8]) -> bool {
    match text {
        [b'<', second, ..] => {
            second.is_ascii_alphanumeric() || b"_-:./|!".contains(second) || !second.is_ascii()
        }
        [b'[', second, ..] => matches!(second, b'T' | b'I' | b'S' | b'/'),
        [b'"', b'"', b'"', ..] | [b'\'', b'\'', b'\'', ..] => true,
        _ => text.starts_with("◁".as_bytes()),
    }
}

/// The marker at the start of the text.
pub(super) fn marker(text: &str) -> Option<Found> {
    if !may_begin(text.as_bytes()) {
        return None;
    }
    match text.chars().next()? {
        '<' => special(text).or_else(|| tag(text)),
        '[' => bracketed(text),
        '◁' => literal(text, "◁think▷", Marker::Reasoning("think"))
            .or_else(|| literal(text, "◁/think▷", Marker::ReasoningEnd)),
        _ => None,
    }
}

fn literal(text: &str, token: &str, marker: Marker) -> Option<Found> {
    text.starts_with(token).then_some((marker, token.len()))
}

fn bracketed(text: &str) -> Option<Found> {
    [
        ("[TOOL_CALLS]", Marker::Open(Envelope::Open)),
        ("[TOOL_CALL]", Marker::Open(Envelope::Closed)),
        ("[/TOOL_CALLS]", Marker::Close),
        ("[/TOOL_CALL]", Marker::Close),
        ("[TOOL_RESULTS]", Marker::Imitation),
        ("[TOOL_RESULT]", Marker::Imitation),
        ("[THINK]", Marker::Reasoning("think")),
        ("[/THINK]", Marker::ReasoningEnd),
        ("[INST]", Marker::OtherSpeaker),
        ("[/INST]", Marker::Control),
        ("[SYSTEM_PROMPT]", Marker::OtherSpeaker),
    ]
    .into_iter()
    .find_map(|(token, marker)| literal(text, token, marker))
}

/// The word of a special token such as `<|tool▁call▁begin|>`, in plain letters, and its length.
pub(super) fn special_word(text: &str) -> Option<(String, usize)> {
    let after = ["<|", "<｜"]
        .iter()
        .find_map(|open| text.strip_prefix(open))?;
    let (end, letter) = after
        .char_indices()
        .take(48)
        .find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '▁' | '/' | ' ')))?;
    let word = after[..end].replace(['▁', ' '], "_").to_ascii_lowercase();
    let close = match letter {
        '|' | '｜' => {
            letter.len_utf8() + usize::from(after[end + letter.len_utf8()..].starts_with('>'))
        }
        '>' => 0,
        _ => return None,
    };
    let rest = &after[end..];
    let len = text.len() - after.len() + end;
    match close {
        0 => (!word.is_empty()).then(|| (format!("{word}>"), len + 1)),
        _ if rest[letter.len_utf8()..].starts_with('>') && !word.is_empty() => {
            Some((word, len + close))
        }
        _ => None,
    }
}

fn special(text: &str) -> Option<Found> {
    let (word, len) = special_word(text)?;
    let after = &text[len..];
    let marker = match word.as_str() {
        "tool_calls_begin"
        | "tool_call_begin"
        | "tool_calls_section_begin"
        | "tool_call_start"
        | "start_action"
        | "action_start"
        | "tool_call>" => Marker::Open(Envelope::Closed),
        "tool_call" | "tool_calls" | "python_tag" => Marker::Open(Envelope::Open),
        "tool_calls_end"
        | "tool_call_end"
        | "tool_calls_section_end"
        | "/tool_call"
        | "/tool_calls"
        | "end_action"
        | "action_end" => Marker::Close,
        "channel>" => Marker::Reasoning("channel"),
        "user" | "system" => Marker::OtherSpeaker,
        "tool_response" | "tool_response>" | "tool_result" | "tool_results" | "tool"
        | "observation" | "start_tool_result" | "tool_outputs_begin" | "tool_output_begin" => {
            Marker::Imitation
        }
        "start" | "channel" => Marker::Harmony,
        "im_start" | "start_header_id" => return Some(turn(after, len)),
        other if other.ends_with('>') => return None,
        other => reasoning_token(other).unwrap_or(Marker::Control),
    };
    Some((marker, len))
}

/// `<|begin_of_thought|>`, `<|thinking|>`, `<|START_THINKING|>` and what ends them.
fn reasoning_token(word: &str) -> Option<Marker> {
    let after = |starts: [&str; 3]| starts.iter().find_map(|start| word.strip_prefix(start));
    if let Some(name) = after(["/", "end_of_", "end_"]) {
        return known(&REASONING, name).map(|_| Marker::ReasoningEnd);
    }
    let name = after(["begin_of_", "begin_", "start_"]).unwrap_or(word);
    known(&REASONING, name).map(Marker::Reasoning)
}

/// Where reasoning of that name ends, and where what closes it ends.
pub(super) fn reasoning_end(text: &str, name: &str) -> Option<(usize, usize)> {
    let closings = [
        format!("</{name}>"),
        format!("<|/{name}|>"),
        format!("</|{name}|>"),
        format!("<|end_of_{name}|>"),
        format!("<|end_{name}|>"),
        format!("<{name}|>"),
        format!("[/{name}]"),
        format!("◁/{name}▷"),
    ];
    text.match_indices(['<', '[', '◁']).find_map(|(at, _)| {
        closings.iter().find_map(|closing| {
            let found = text.get(at..at + closing.len())?;
            found
                .eq_ignore_ascii_case(closing)
                .then_some((at, at + closing.len()))
        })
    })
}

/// `<|im_start|>assistant` belongs to the reply; another speaker's turn is an imitation.
fn turn(after: &str, len: usize) -> Found {
    let word = after.len()
        - after
            .trim_start_matches(|c: char| c.is_ascii_alphabetic())
            .len();
    match &after[..word] {
        "assistant" => {
            let end = ["<|end_header_id|>", "\n"]
                .iter()
                .find(|end| after[word..].starts_with(**end))
                .map_or(0, |end| end.len());
            (Marker::Control, len + word + end)
        }
        "" => (Marker::Control, len),
        "user" | "system" => (Marker::OtherSpeaker, len),
        _ => (Marker::Imitation, len),
    }
}

fn tag(text: &str) -> Option<Found> {
    if let Some(found) = ["<tool_call|>", "<channel|>", "<tool_response|>", "<turn|>"]
        .iter()
        .find_map(|token| literal(text, token, Marker::Close))
    {
        return Some(found);
    }
    if let Some(found) = literal(text, "<|\"|>", Marker::CloseInner) {
        return Some(found);
    }
    let tag = Tag::at(text)?;
    let name = tag.name.to_ascii_lowercase();
    let marker = match (name.as_str(), tag.closes) {
        ("function" | "invoke", false) => tag.given_name().map(|_| Marker::Function)?,
        ("function" | "invoke" | "parameter" | "arg_key" | "arg_value", true)
        | ("escape", false) => Marker::CloseInner,
        ("parameter" | "s" | "pad" | "unk" | "eos" | "bos", false) => return None,
        ("s", true) => text[tag.len..]
            .trim()
            .is_empty()
            .then_some(Marker::Control)?,
        ("end_of_turn", false) => Marker::Control,
        ("end_function_call", false) => Marker::Close,
        ("start_of_turn", false) if text[tag.len..].starts_with("model") => {
            return Some((Marker::Control, tag.len + "model".len()));
        }
        ("start_of_turn", false) => match text[tag.len..].trim_start() {
            after if after.starts_with("user") || after.starts_with("system") => {
                Marker::OtherSpeaker
            }
            _ => Marker::Imitation,
        },
        (name, closes) => frame(name, closes, &tag)?,
    };
    Some((marker, tag.len))
}

/// Tags that enclose a call, a result or reasoning.
fn frame(name: &str, closes: bool, tag: &Tag<'_>) -> Option<Marker> {
    let open = match name {
        "tool_call"
        | "tool_calls"
        | "toolcall"
        | "function_call"
        | "function_calls"
        | "functioncall"
        | "seed:tool_call"
        | "minimax:tool_call"
        | "start_function_call" => Marker::Open(Envelope::Closed),
        "tools" => Marker::Open(Envelope::Doubtful),
        _ if known(&OTHERS, name).is_some() => Marker::Imitation,
        _ => Marker::Reasoning(known(&REASONING, name)?),
    };
    if !closes {
        let has_room = tag.rest.is_empty() || matches!(open, Marker::Imitation);
        return (has_room && !tag.empty).then_some(open);
    }
    Some(match open {
        Marker::Reasoning(_) => Marker::ReasoningEnd,
        Marker::Imitation => Marker::ImitationEnd,
        _ => Marker::Close,
    })
}
