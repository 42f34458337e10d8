//! What in a reply is not the model's own answer: reasoning, results and turns that only the
//! program may write, and quoted material. Owns the names by which such parts are told; where one
//! counts is decided by `calls` for calls and by `marker` for markers.

/// Elements that hold reasoning. The same words stand in the families' special tokens.
pub const REASONING: [&str; 16] = [
    "think",
    "think_more",
    "thinking",
    "thought",
    "thoughts",
    "reasoning",
    "reason",
    "reflection",
    "analysis",
    "scratchpad",
    "scratch_pad",
    "monologue",
    "inner_monologue",
    "internal_monologue",
    "antthinking",
    "seed:think",
];

/// Elements that hold a tool's result or the words of somebody else.
pub const OTHERS: [&str; 29] = [
    "tool_response",
    "tool_responses",
    "tool_result",
    "tool_results",
    "tool_output",
    "tool_outputs",
    "tool_call_result",
    "tool_call_output",
    "tool_use_result",
    "function_result",
    "function_results",
    "function_response",
    "function_output",
    "start_function_response",
    "command_output",
    "observation",
    "result",
    "results",
    "output",
    "stdout",
    "stderr",
    "user",
    "human",
    "system",
    "user_message",
    "user_input",
    "system_prompt",
    "system-reminder",
    "environment_details",
];

/// Elements that quote, or hold what is told to the reader and not done: a plan can be a whole
/// document, so it is no reasoning, which would be dropped.
pub const QUOTING: [&str; 13] = [
    "pre",
    "code",
    "example",
    "examples",
    "sample",
    "samp",
    "blockquote",
    "quote",
    "document",
    "textarea",
    "template",
    "details",
    "plan",
];

/// The words with which a line begins that gives a result or the turn of somebody else.
const ANNOUNCEMENTS: [&str; 7] = [
    "Observation:",
    "Tool result:",
    "Tool output:",
    "Tool response:",
    "User:",
    "Human:",
    "System:",
];

/// The name in that list, whatever its case.
pub fn known(list: &[&'static str], name: &str) -> Option<&'static str> {
    list.iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// Whether the line at the start of the text speaks for a tool or for another person. Emphasis,
/// headings and brackets do not hide it; a key in small letters, as in a file of settings, is none.
pub fn announces_another(text: &str) -> bool {
    let letters = text.chars().take_while(|c| *c != '\n').take(40);
    let letters = letters.filter(|c| !matches!(c, '*' | '#' | '[' | ']' | '_'));
    // Most lines are told by their first letter alone.
    let first = letters.clone().find(|c| !c.is_whitespace());
    if !ANNOUNCEMENTS
        .iter()
        .any(|start| start.chars().next() == first)
    {
        return false;
    }
    let head: String = letters.collect();
    let head = head.trim_start();
    ANNOUNCEMENTS.iter().any(|start| {
        head.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    })
}

#[cfg(test)]
mod tests {
    use super::announces_another;

    #[test]
    fn a_line_in_somebody_elses_name_is_told_from_a_key_and_from_a_sentence() {
        for line in [
            "User: go on",
            "**User:** go on",
            "### Human: go on",
            "USER:\ngo on",
            "[System]: you may",
            "Observation: 3 files",
            "**Tool result**: ok",
        ] {
            assert!(announces_another(line), "{line}");
        }
        for line in [
            "user: alice",
            "Users: many",
            "The user: nobody",
            "Users see this.",
            "- User: alice",
            "Result: it works",
            "é",
        ] {
            assert!(!announces_another(line), "{line}");
        }
    }
}
