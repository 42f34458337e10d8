//! Completion markers: the one line with which a model claims that it is done, or that it needs a
//! person. A claim only; the checks decide. Small models echo prompts and quote documents, so a
//! marker counts only by itself, on the last line, in the model's own words.

use super::foreign::{OTHERS, QUOTING, REASONING, announces_another, known};

/// What the model claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// `[PHASE_COMPLETE]`.
    PhaseComplete,
    /// `[TASK_COMPLETE]`.
    TaskComplete,
    /// `[NEEDS_USER_INPUT]`: the question is the text before it.
    NeedsUserInput,
}

impl Marker {
    const ALL: [Self; 3] = [
        Self::PhaseComplete,
        Self::TaskComplete,
        Self::NeedsUserInput,
    ];

    /// As it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::PhaseComplete => "[PHASE_COMPLETE]",
            Self::TaskComplete => "[TASK_COMPLETE]",
            Self::NeedsUserInput => "[NEEDS_USER_INPUT]",
        }
    }
}

/// A marker and what the model said before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Which one.
    pub marker: Marker,
    /// The text before its line, without white space around it.
    pub text_before: &'a str,
}

/// The marker that ends the text of a reply, if one does. Meant for the text that `calls` leaves
/// over, but safe for the raw text as well.
pub fn find(content: &str) -> Option<Found<'_>> {
    let content = content.trim_end();
    let start = content.rfind('\n').map_or(0, |at| at + 1);
    let line = &content[start..];
    // Four spaces or a tab make a line of code.
    if line.starts_with("    ") || line.starts_with('\t') {
        return None;
    }
    let word = line.trim().trim_matches(['*', '_', '`']);
    let marker = Marker::ALL
        .into_iter()
        .find(|marker| marker.text().eq_ignore_ascii_case(word))?;
    let before = &content[..start];
    (is_own_text(before) && !is_echoed(before)).then(|| Found {
        marker,
        text_before: before.trim(),
    })
}

/// Whether the line before is the instruction to write the marker, as in a prompt.
fn is_echoed(before: &str) -> bool {
    let line = before.trim_end().lines().last().unwrap_or_default();
    let line = line.to_ascii_lowercase();
    line.ends_with(':')
        && ["with", "write", "line", "marker", "only", "say"]
            .iter()
            .any(|word| {
                line.split(|c: char| !c.is_alphanumeric())
                    .any(|other| other == *word)
            })
}

/// Whether a line after this text is the model's own: no fence, no foreign element and no invented
/// result is open at its end. A fence inside of a fence is closed before it; where it was not, the
/// marker may be quoted.
fn is_own_text(before: &str) -> bool {
    let mut fences: Vec<&str> = Vec::new();
    let mut foreign: Option<&str> = None;
    let mut speaker = Speaker::Model;
    for line in before.lines() {
        let line = line.trim_start();
        let ticks = run(line);
        let after = line[ticks.len()..].trim();
        match fences.last() {
            Some(open) => {
                if ticks.starts_with(open) && after.is_empty() {
                    fences.pop();
                } else if ticks.starts_with(open) && after.starts_with(char::is_alphanumeric) {
                    fences.push(open);
                }
                continue;
            }
            None if ticks.len() >= 3 && foreign.is_none() => {
                fences.push(ticks);
                continue;
            }
            None => {}
        }
        foreign = element_after(line, foreign);
        if foreign.is_none() {
            speaker = speaker.after(line);
        }
    }
    fences.is_empty() && foreign.is_none() && speaker == Speaker::Model
}

/// Who speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaker {
    Model,
    /// A result that the model pretends to have, up to the next empty line.
    Result,
    /// A person: all that follows is a conversation that the model invents.
    Person,
}

impl Speaker {
    fn after(self, line: &str) -> Self {
        match self {
            Self::Person => Self::Person,
            _ if announces_another(line) => {
                let result = ["observation", "tool"]
                    .iter()
                    .any(|word| line.to_ascii_lowercase().contains(word));
                if result { Self::Result } else { Self::Person }
            }
            Self::Result if line.is_empty() => Self::Model,
            other => other,
        }
    }
}

/// Special tokens after which another one speaks, or that open reasoning, and what ends them.
const TOKENS: [(&str, &str); 9] = [
    ("<|user|>", "<|assistant|>"),
    ("<|system|>", "<|assistant|>"),
    ("<|observation|>", "<|assistant|>"),
    ("<|im_start|>user", "<|im_start|>assistant"),
    ("<|im_start|>system", "<|im_start|>assistant"),
    ("<start_of_turn>user", "<start_of_turn>model"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<!--", "-->"),
];

/// The element that is open after this line.
fn element_after<'a>(line: &'a str, mut open: Option<&'a str>) -> Option<&'a str> {
    let mut rest = line;
    loop {
        if let Some((_, closes)) = TOKENS.iter().find(|(opens, _)| open == Some(opens)) {
            let Some(at) = rest.find(closes) else {
                return open;
            };
            (open, rest) = (None, &rest[at + closes.len()..]);
        }
        let Some(at) = rest.find('<') else {
            return open;
        };
        // A mention in inline code opens nothing.
        let quoted = rest[..at].ends_with('`');
        let token = TOKENS
            .iter()
            .find(|(opens, _)| rest[at..].starts_with(opens));
        if let (Some((opens, _)), None, false) = (token, open, quoted) {
            (open, rest) = (Some(*opens), &rest[at + opens.len()..]);
            continue;
        }
        rest = &rest[at + 1..];
        let (closes, name) = match rest.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, rest),
        };
        let end = name
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':')))
            .unwrap_or(name.len());
        let name = &name[..end];
        match open {
            Some(element) if closes && element.eq_ignore_ascii_case(name) => open = None,
            None if !closes && !quoted => {
                open = [&REASONING[..], &OTHERS, &QUOTING]
                    .into_iter()
                    .find_map(|list| known(list, name));
            }
            _ => {}
        }
    }
}

/// The backticks or tildes at the start.
fn run(line: &str) -> &str {
    let mark = if line.starts_with('~') { '~' } else { '`' };
    &line[..line.len() - line.trim_start_matches(mark).len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(content: &str, expected: Option<(Marker, &str)>) {
        let found = find(content).map(|found| (found.marker, found.text_before));
        assert_eq!(found, expected, "{content:?}");
    }

    #[test]
    fn a_marker_alone_on_the_last_line_counts() {
        for line in [
            "[PHASE_COMPLETE]",
            "[phase_complete]",
            "  [Phase_Complete]  ",
            "**[PHASE_COMPLETE]**",
            "`[PHASE_COMPLETE]`",
            "__[PHASE_COMPLETE]__",
            "***`[PHASE_COMPLETE]`***",
        ] {
            check(line, Some((Marker::PhaseComplete, "")));
            check(
                &format!("All is done.\n\n{line}\n\n \n"),
                Some((Marker::PhaseComplete, "All is done.")),
            );
        }
        check(
            "x\r\n[TASK_COMPLETE]\r\n",
            Some((Marker::TaskComplete, "x")),
        );
        check(
            "Which port?\n\n80 or 8080?\n[NEEDS_USER_INPUT]",
            Some((Marker::NeedsUserInput, "Which port?\n\n80 or 8080?")),
        );
    }

    #[test]
    fn a_marker_with_anything_beside_it_does_not() {
        for content in [
            "",
            "done",
            "PHASE_COMPLETE",
            "[PHASE COMPLETE]",
            "[PHASE_COMPLETED]",
            "Done. [PHASE_COMPLETE]",
            "[PHASE_COMPLETE] now",
            "[PHASE_COMPLETE].",
            "\"[PHASE_COMPLETE]\"",
            "'[PHASE_COMPLETE]'",
            "> [PHASE_COMPLETE]",
            "- [PHASE_COMPLETE]",
            "# [PHASE_COMPLETE]",
            "    [PHASE_COMPLETE]",
            "\t[PHASE_COMPLETE]",
            "([PHASE_COMPLETE])",
            "[PHASE_COMPLETE] [TASK_COMPLETE]",
            "[PHASE_COMPLETE]\nI will go on.",
            "End your reply with the line [PHASE_COMPLETE]",
        ] {
            check(content, None);
        }
        check(
            "When all is done, end with this line:\n[PHASE_COMPLETE]",
            None,
        );
        check(
            "Result:\n[PHASE_COMPLETE]",
            Some((Marker::PhaseComplete, "Result:")),
        );
    }

    #[test]
    fn a_marker_in_foreign_text_does_not_count() {
        for before in [
            "```\nexample",
            "```text\nexample",
            "~~~\n```\n",
            "````\n```\nx\n```",
            "<think>\nI could write",
            "<THINK>hm\n\n",
            "Well <thinking> so",
            "<tool_response>\nok",
            "Observation: the file says",
            "**Observation:** ok",
            "```markdown\n```bash\nls\n```",
            "<|begin_of_thought|>\nPerhaps",
            "<|thinking|>Perhaps",
            "<reflection>\nPerhaps",
            "<scratchpad>\nPerhaps",
            "Done.<|user|>\nSay it.",
            "<|im_start|>user\nSay it.",
            "User: say it.\n\nAnd then?",
            "Human: say it.",
            "<result>\nok",
            "<example>\nall is done",
            "<!-- write this:",
        ] {
            check(&format!("{before}\n[TASK_COMPLETE]"), None);
        }
        check("```\n[TASK_COMPLETE]\n```", None);
        check("<think>\n[TASK_COMPLETE]\n</think>", None);
        for before in [
            "```\nexample\n```",
            "~~~\n```\n~~~",
            "<think>\nhm\n</think>",
            "<think>```</think>",
            "I removed the `<think>` tag.",
            "Observation: ok\n\nSo it is done.",
            "```markdown\n```bash\nls\n```\n```",
            "<|thinking|>Perhaps<|/thinking|>",
            "<result>ok</result>",
            "<!-- a note -->",
            "user: alice",
            "a < b and c > d",
        ] {
            check(
                &format!("{before}\n[TASK_COMPLETE]"),
                Some((Marker::TaskComplete, before)),
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn no_input_panics_and_what_is_found_is_there(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "[TASK_COMPLETE]", "[needs_user_input]", "\n", "```", "~~~", "<think>", "</think>",
                "`", "**", "> ", " ", "é漢", "Observation:", "text", "\t", "\r", "<", "</",
            ]), 0..20),
        ) {
            let content = pieces.concat();
            if let Some(found) = find(&content) {
                let last = content.trim_end().lines().last().unwrap_or_default();
                prop_assert!(last.to_ascii_uppercase().contains(found.marker.text()));
                prop_assert!(content.trim_start().starts_with(found.text_before));
            }
        }

        #[test]
        fn an_open_fence_hides_any_marker(text in "[a-z \n]{0,40}", inside in "[a-z \n]{0,40}") {
            let content = format!("{text}\n```\n{inside}\n[TASK_COMPLETE]");
            prop_assert_eq!(find(&content), None);
        }

        #[test]
        fn plain_text_before_never_hides_a_marker(text in "[a-zA-Z0-9 .,\n]{0,80}") {
            let content = format!("{text}\n\n**[task_complete]**\n");
            prop_assert_eq!(find(&content).map(|found| found.marker), Some(Marker::TaskComplete));
        }
    }
}
