//! The wording of tool calls and of commands the program ran: one line each, outcome first.

use crate::engine::call::ToolCall;
use crate::engine::event::{Gate, Receipt};
use crate::engine::gate::is_of_nothing;
use crate::engine::guard::{first_reason, is_refusal};
use crate::engine::tool::{Tool, ToolResult, ToolStatus};
use crate::ui::diff;
use crate::ui::text::{Glyphs, Line, Look, Tone, labelled, paragraph, spent, thousands};

/// Lines of a failed command's output that are shown.
const OUTPUT_LINES: usize = 12;

/// What is running, for the status line: a command stands for itself.
pub(in crate::ui) fn activity(call: &ToolCall) -> String {
    match (Tool::named(&call.name), call.text("command")) {
        (Some(Tool::RunCommand), Some(command)) => {
            command.lines().next().unwrap_or_default().to_owned()
        }
        _ => subject(call),
    }
}

/// What a call is about, in a few words: `edit_file src/todo.py`.
fn subject(call: &ToolCall) -> String {
    let text = |key| call.text(key).unwrap_or_default();
    let about = match Tool::named(&call.name) {
        Some(Tool::ReadFile) => match (call.number("start_line"), call.number("end_line")) {
            (None, None) => text("path").to_owned(),
            (from, to) => format!(
                "{} {}-{}",
                text("path"),
                from.unwrap_or(1),
                to.map(|line| line.to_string()).unwrap_or_default()
            ),
        },
        Some(Tool::WriteFile | Tool::EditFile) => text("path").to_owned(),
        Some(Tool::ListDir) => call.text("path").unwrap_or(".").to_owned(),
        Some(Tool::SearchFiles) => {
            let place = call
                .text("path")
                .or(call.text("glob"))
                .map(|place| format!(" in {place}"));
            format!("\"{}\"{}", text("pattern"), place.unwrap_or_default())
        }
        Some(Tool::RunCommand) => text("command").to_owned(),
        Some(Tool::AskUser) => text("question").to_owned(),
        None => String::new(),
    };
    format!("{} {about}", call.name).trim_end().to_owned()
}

/// The line of a finished call, and what went wrong if it is worth a second one.
pub(super) fn finished(call: Option<&ToolCall>, result: &ToolResult, ms: u64, look: &Look) -> Line {
    let glyphs = look.glyphs;
    let exit = call
        .filter(|call| Tool::named(&call.name) == Some(Tool::RunCommand))
        .and_then(|_| exit_code(&result.text));
    let (tone, sign) = match result.status {
        ToolStatus::Ok if exit.is_none_or(|code| code == 0) => (Tone::Good, glyphs.good()),
        ToolStatus::Denied | ToolStatus::Unknown => (Tone::Warn, "!"),
        ToolStatus::Ok | ToolStatus::Failed | ToolStatus::TimedOut => (Tone::Bad, glyphs.bad()),
    };
    let subject = call.map_or_else(|| "tool call".to_owned(), subject);
    let outcome = outcome(call, result, exit, ms, glyphs);
    let sign = Line::new(tone, sign).with(Tone::Plain, " ");
    // The outcome is worth more than the end of a long command, and half of the line is the call's.
    let room = look
        .columns
        .saturating_sub(sign.width() + Line::new(tone, &outcome).width());
    let first_line = subject.lines().next().unwrap_or_default();
    let shown = if subject.lines().count() > 1 {
        format!("{first_line} {}", glyphs.dots())
    } else {
        subject
    };
    let head = Line::new(Tone::Plain, &shown).fit(&Look {
        columns: room.max(look.columns / 2),
        ..*look
    });
    sign.with(Tone::Plain, &head.plain())
        .with(Tone::Dim, &outcome)
        .fit(look)
}

fn outcome(
    call: Option<&ToolCall>,
    result: &ToolResult,
    exit: Option<i64>,
    ms: u64,
    glyphs: Glyphs,
) -> String {
    let tool = call.and_then(|call| Tool::named(&call.name));
    match (result.status, tool) {
        (ToolStatus::Ok | ToolStatus::Failed, Some(Tool::RunCommand)) => match exit {
            Some(code) => format!("  exit {code}  {}", spent(ms)),
            None => format!("  {}  {}", result.status.word(), spent(ms)),
        },
        (ToolStatus::Ok, Some(Tool::EditFile)) => {
            let text = |key| call.and_then(|call| call.text(key)).unwrap_or_default();
            let (added, removed) = diff::counts(text("old_text"), text("new_text"));
            format!("  +{added} {}{removed}", glyphs.minus())
        }
        (ToolStatus::Ok, Some(Tool::WriteFile)) => {
            let content = call
                .and_then(|call| call.text("content"))
                .unwrap_or_default();
            format!("  {} lines", thousands(content.lines().count() as u64))
        }
        (ToolStatus::Ok, _) => String::new(),
        (ToolStatus::TimedOut, _) => format!("  timed out after {}", spent(ms)),
        (ToolStatus::Unknown, _) => "  may have run".to_owned(),
        (ToolStatus::Failed | ToolStatus::Denied, _) => {
            let why = result
                .text
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default();
            format!("  {}: {}", result.status.word(), why.trim())
        }
    }
}

/// The number behind the word `exit` in the first or last line of a command's result.
fn exit_code(text: &str) -> Option<i64> {
    let number_after_exit = |line: &str| {
        let mut words = line.split(|ch: char| !ch.is_alphanumeric() && ch != '-');
        words.find(|word| matches!(*word, "exit" | "exited"))?;
        words
            .filter(|word| !word.is_empty())
            .take(3)
            .find_map(|word| word.parse().ok())
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next()?;
    number_after_exit(first).or_else(|| lines.next_back().and_then(number_after_exit))
}

/// Whether it was run to find the work out, and found nothing against it.
pub(in crate::ui) fn is_quiet_proof(receipt: &Receipt) -> bool {
    match receipt.gate {
        // Made to fail, it should; what was not run accuses nobody.
        Gate::Hollow => !receipt.passed || receipt.exit.is_none(),
        Gate::OldTests | Gate::MustFail => receipt.passed && receipt.exit.is_some(),
        _ => false,
    }
}

/// What a check has shown.
pub(in crate::ui) fn receipt(receipt: &Receipt, look: &Look) -> Vec<Line> {
    if receipt.gate == Gate::Critic {
        return critic(receipt, look);
    }
    if (receipt.exit, receipt.signal) == (None, None)
        && let Some(lines) = looked_at(receipt, look)
    {
        return lines;
    }
    // A server or a game does not end by itself.
    let goes_on = receipt.gate == Gate::Run && receipt.timed_out;
    let is_before = matches!(
        receipt.gate,
        Gate::Before | Gate::Without | Gate::OldTests | Gate::Hollow
    ) || (receipt.gate == Gate::MustFail && receipt.passed);
    let (tone, sign) = if is_before {
        // A check of work that is not there should fail.
        (Tone::Dim, look.glyphs.good())
    } else if receipt.passed || goes_on {
        (Tone::Good, look.glyphs.good())
    } else {
        (Tone::Bad, look.glyphs.bad())
    };
    let what = match receipt.gate {
        Gate::Verify => "check: ",
        Gate::Before => "before the work: ",
        Gate::Without => "its tests without the work: ",
        Gate::MustFail if receipt.passed => "tests that must fail do: ",
        Gate::MustFail => "tests that must fail pass: ",
        Gate::OldTests => "old tests without what was added: ",
        Gate::Hollow if is_of_nothing(receipt) => "its tests with its code returning nothing: ",
        Gate::Hollow => "its tests with its code made to fail: ",
        Gate::Changed => "changed: ",
        Gate::Paths => "paths: ",
        Gate::Packages => "packages: ",
        Gate::Run if receipt.passed => "It works: ",
        Gate::Run if goes_on => "It starts: ",
        Gate::Run => "does not start: ",
        Gate::Guard => "refused: ",
        Gate::Verdict => "not done yet: ",
        Gate::Critic => "critic: ",
        Gate::Hook => "hook: ",
    };
    let ending = match (receipt.exit, receipt.signal) {
        _ if goes_on => "  still ran when it was ended".to_owned(),
        _ if receipt.timed_out => "  timed out".to_owned(),
        // The tests that ran say more.
        (Some(0), _) if receipt.passed && receipt.tests.is_some_and(|tests| tests > 0) => {
            String::new()
        }
        (Some(code), _) => format!("  exit {code}"),
        (None, Some(signal)) => format!("  ended by signal {signal}"),
        (None, None) => String::new(),
    };
    let tests = match receipt.tests {
        Some(0) => "  no test ran".to_owned(),
        Some(1) => "  1 test".to_owned(),
        Some(count) => format!("  {} tests", thousands(count)),
        None => String::new(),
    };
    let took = match (receipt.exit, receipt.signal) {
        (None, None) => String::new(),
        _ => format!("  {}", spent(receipt.ms)),
    };
    let facts = format!("{ending}{tests}{took}");
    let sign = Line::new(tone, sign)
        .with(Tone::Plain, " ")
        .with(Tone::Bold, what);
    let room = look
        .columns
        .saturating_sub(sign.width() + Line::new(tone, &facts).width());
    let command = Line::new(Tone::Plain, &receipt.command).fit(&Look {
        columns: room.max(look.columns / 2),
        ..*look
    });
    let mut lines = vec![
        sign.with(Tone::Plain, &command.plain())
            .with(Tone::Dim, &facts)
            .fit(look),
    ];
    if (!receipt.passed && !is_before) || receipt.gate == Gate::Run {
        lines.extend(tail(&receipt.output, look));
    }
    lines
}

/// What was looked at rather than run is news only if it did not pass. None: it was run.
fn looked_at(receipt: &Receipt, look: &Look) -> Option<Vec<Line>> {
    let mut lines = receipt.output.lines();
    let (label, why) = match receipt.gate {
        // Its reason stands in the line of the guard.
        Gate::Verdict if is_refusal(&receipt.output) => return Some(Vec::new()),
        Gate::Guard | Gate::Without | Gate::OldTests | Gate::Hollow | Gate::MustFail
            if receipt.passed =>
        {
            let said = lines.collect::<Vec<_>>().join("; ");
            return Some(labelled(Tone::Dim, "  note: ", &said, look));
        }
        Gate::Guard => ("refused: ", first_reason(&receipt.output).to_owned()),
        Gate::Verdict => {
            let first = lines.next().unwrap_or_default();
            ("not done yet: ", first.trim_end_matches(':').to_owned())
        }
        Gate::Packages => ("not installed: ", lines.collect::<Vec<_>>().join(", ")),
        Gate::Verify
        | Gate::Before
        | Gate::Without
        | Gate::MustFail
        | Gate::OldTests
        | Gate::Hollow
        | Gate::Changed
        | Gate::Paths
        | Gate::Run
        | Gate::Hook
        | Gate::Critic => {
            return None;
        }
    };
    if receipt.passed {
        return Some(Vec::new());
    }
    let label = format!("{} {label}", look.glyphs.bad());
    Some(labelled(Tone::Bad, &label, &why, look))
}

/// A critic's verdict: the count, and what is not met. Doubt and silence are no bad news.
fn critic(receipt: &Receipt, look: &Look) -> Vec<Line> {
    let (count, rest) = match receipt.output.split_once('\n') {
        Some((count, rest)) => (count, rest),
        None => (receipt.output.as_str(), ""),
    };
    let (tone, sign) = match (receipt.passed, receipt.criteria.is_empty()) {
        (false, _) => (Tone::Bad, look.glyphs.bad()),
        (true, false) => (Tone::Good, look.glyphs.good()),
        (true, true) => (Tone::Dim, look.glyphs.dot().trim()),
    };
    let mut lines = labelled(tone, &format!("{sign} critic: "), count, look);
    lines.extend(paragraph(Tone::Dim, rest, "    ", look));
    lines
}

/// The last lines of an output, which say what went wrong more often than the first.
pub(super) fn tail(output: &str, look: &Look) -> Vec<Line> {
    let all: Vec<&str> = output.trim_end().lines().collect();
    let left_out = all.len().saturating_sub(OUTPUT_LINES);
    let text = all[left_out..].join("\n");
    let mut lines = Vec::new();
    if left_out > 0 {
        let note = format!("    ({} lines before)", thousands(left_out as u64));
        lines.push(Line::new(Tone::Dim, &note));
    }
    lines.extend(paragraph(Tone::Dim, &text, "    ", look));
    lines
}
