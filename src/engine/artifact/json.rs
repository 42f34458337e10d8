//! From the text of a reply to the one JSON object in it: the whole reply, one fenced block, or
//! one object with prose around it. Refuses to repair JSON and to choose between objects.

use serde_json::Value;

/// The object of a reply, or a sentence that says why there is none.
pub fn read_json(content: &str) -> Result<Value, String> {
    let text = without_thinking(content.trim_start_matches('\u{feff}').trim());
    if text.is_empty() {
        return Err("the reply is empty; answer with one JSON object".to_owned());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() => return Ok(value),
        Ok(_) => {
            return Err("the reply is JSON but not an object; answer with one { … }".to_owned());
        }
        Err(error) if error.is_eof() && text.starts_with('{') => return Err(cut()),
        Err(_) => {}
    }
    if let [block] = fenced(text).as_slice()
        && let Ok(value) = serde_json::from_str::<Value>(block)
        && value.is_object()
    {
        return Ok(value);
    }
    only_object(text)
}

fn cut() -> String {
    "the reply is cut: it ends in the middle of the JSON; answer again, shorter".to_owned()
}

/// Some models write their reasoning in front of the answer, between these tags.
fn without_thinking(text: &str) -> &str {
    text.strip_prefix("<think>")
        .and_then(|rest| rest.split_once("</think>"))
        .map_or(text, |(_, answer)| answer.trim())
}

/// The contents of closed fences. A JSON string has no line breaks, so no line of JSON starts one.
fn fenced(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        match (line.trim_start().starts_with("```"), open.as_mut()) {
            (true, None) => open = Some(String::new()),
            (true, Some(_)) => blocks.extend(open.take()),
            (false, Some(block)) => {
                block.push_str(line);
                block.push('\n');
            }
            (false, None) => {}
        }
    }
    blocks
}

/// The only object in prose. Braces that cannot be JSON (`{name}`) are prose; a group that tries
/// to be JSON and is not makes the whole reply unreadable, or its inside would be taken for it.
fn only_object(text: &str) -> Result<Value, String> {
    let mut objects = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let in_list = rest[..start].trim_end().ends_with('[');
        let group = &rest[start..];
        let Some(length) = group_length(group) else {
            return Err(cut());
        };
        match serde_json::from_str::<Value>(&group[..length]) {
            Ok(value) if !in_list => objects.push(value),
            Ok(_) => {
                return Err("the object stands in a list; answer with the object alone".to_owned());
            }
            Err(error) if group[1..].trim_start().starts_with('"') => {
                return Err(format!(
                    "the JSON cannot be read ({error}); answer again with correct JSON only"
                ));
            }
            Err(_) => {}
        }
        rest = &group[length..];
    }
    match objects.len() {
        1 => Ok(objects.remove(0)),
        0 => {
            Err("there is no JSON object in the reply; answer with one and nothing else".to_owned())
        }
        several => Err(format!(
            "there are {several} JSON objects in the reply; answer with exactly one"
        )),
    }
}

/// The length of the group of braces with which the text begins; none if it is never closed.
fn group_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{') => depth += 1,
            (false, b'}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn one_object_is_found() {
        for content in [
            "{\"a\": 1}",
            "\u{feff}\n {\"a\":1}\n",
            "```json\n{\"a\": 1}\n```",
            "Use {name} here:\n```\n{\"a\":\n1}\n```\nThat {\"is\": \"all\"}.",
            "Here it is: {\"a\": 1} I hope it helps.",
            "{name} stands for you. {\"a\":1}",
            "<think>{\"a\": 2} or {\"a\": 3}?</think>\n{\"a\": 1}",
        ] {
            assert_eq!(read_json(content), Ok(json!({"a": 1})), "{content}");
        }
        let braces = "So: {\"a\": \"} \\\" {\"}.";
        assert_eq!(read_json(braces), Ok(json!({"a": "} \" {"})));
    }

    #[test]
    fn nothing_is_guessed() {
        for (content, part) in [
            ("", "empty"),
            ("[{\"a\":1}]", "not an object"),
            ("Here: [{\"a\":1}]", "stands in a list"),
            ("\"text\"", "not an object"),
            ("I cannot do that.", "no JSON object"),
            ("{\"a\":1} {\"b\":2}", "2 JSON objects"),
            ("```\n{\"a\":1}\n```\n```\n{\"b\":2}\n```", "2 JSON objects"),
            ("{\"a\": {\"b\": 1}", "cut"),
            ("```json\n{\"a\": [1,", "cut"),
            ("{\"a\": bad, \"b\": {\"c\": 1}}", "cannot be read"),
            ("{'a': 1}", "no JSON object"),
            ("{a: {\"b\": 1}}", "no JSON object"),
            ("{\"a\": 1,}", "cannot be read"),
        ] {
            let error = read_json(content).unwrap_err();
            assert!(error.contains(part), "{content}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\PC\n\"{}\\[\\]`:,]{0,200}") {
            if let Ok(value) = read_json(&text) {
                prop_assert!(value.is_object());
            }
        }

        #[test]
        fn prose_around_changes_nothing(value in "[a-z\"\\\\{} \n]{0,20}", prose in "[a-z .\n]{0,20}") {
            let object = json!({"key": value});
            let text = format!("{prose}{object} {prose}");
            prop_assert_eq!(read_json(&text), Ok(object));
        }
    }
}
