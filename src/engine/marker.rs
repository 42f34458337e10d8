//! Completion markers: the one line with which a model claims that it is done, or that it needs a
//! person. A claim only; the checks decide. Small models echo prompts and quote documents, so a
//! marker counts only by itself, on the last line, in the model's own words.

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

/// Elements in which nothing is the model's own text, as long as they are open.
const FOREIGN: [&str; 11] = [
    "think",
    "thinking",
    "thought",
    "reasoning",
    "tool_response",
    "tool_result",
    "tool_results",
    "tool_output",
    "function_results",
    "observation",
    "system",
];

/// Whether a line after this text is the model's own: no fence, no foreign element and no invented
/// result is open at its end.
fn is_own_text(before: &str) -> bool {
    let mut fence: Option<&str> = None;
    let mut foreign: Option<&str> = None;
    let mut result = false;
    for line in before.lines() {
        let line = line.trim_start();
        let ticks = run(line);
        match fence {
            Some(open) => {
                let closes = ticks.starts_with(open) && line[ticks.len()..].trim().is_empty();
                fence = (!closes).then_some(open);
                continue;
            }
            None if ticks.len() >= 3 && foreign.is_none() => {
                fence = Some(ticks);
                continue;
            }
            None => {}
        }
        foreign = element_after(line, foreign);
        if foreign.is_none() {
            let start = line.trim_start_matches('*');
            result = match start {
                "" => false,
                _ => {
                    result
                        || ["Observation:", "Tool result:", "Tool output:"]
                            .iter()
                            .any(|mark| starts_with(start, mark))
                }
            };
        }
    }
    fence.is_none() && foreign.is_none() && !result
}

/// The element that is open after this line.
fn element_after<'a>(line: &'a str, mut open: Option<&'a str>) -> Option<&'a str> {
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        // A mention in inline code opens nothing.
        let quoted = rest[..at].ends_with('`');
        rest = &rest[at + 1..];
        let (closes, name) = match rest.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, rest),
        };
        let end = name
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(name.len());
        let name = &name[..end];
        match open {
            Some(element) if closes && element.eq_ignore_ascii_case(name) => open = None,
            None if !closes && !quoted => {
                open = FOREIGN
                    .into_iter()
                    .find(|known| known.eq_ignore_ascii_case(name));
            }
            _ => {}
        }
    }
    open
}

/// The backticks or tildes at the start.
fn run(line: &str) -> &str {
    let mark = if line.starts_with('~') { '~' } else { '`' };
    &line[..line.len() - line.trim_start_matches(mark).len()]
}

fn starts_with(line: &str, mark: &str) -> bool {
    line.get(..mark.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(mark))
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
