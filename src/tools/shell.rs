//! `run_command`: what is asked of the sandbox, and how its outcome is told. Starts nothing
//! itself; whether a command may run at all was decided before.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::clean::clean;
use super::text::{head, tail};
use crate::engine::ports::{Access, Command, Finished, Network, Stopped};
use crate::engine::settings::{CommandSettings, Switch};
use crate::engine::tool::{ToolResult, ToolStatus};

/// The command for the sandbox. A model may ask for more time, up to the configured most.
pub fn command(
    line: &str,
    folder: &Path,
    timeout_seconds: Option<u64>,
    settings: &CommandSettings,
    access: Access,
) -> Command {
    let seconds = timeout_seconds
        .filter(|seconds| *seconds > 0)
        .unwrap_or(settings.timeout_seconds)
        .min(settings.max_timeout_seconds)
        .max(1);
    Command {
        line: line.to_owned(),
        folder: folder.to_path_buf(),
        timeout: Duration::from_secs(seconds),
        access,
        network: match settings.network {
            Switch::On => Network::On,
            Switch::Off => Network::Off,
        },
        output_limit: settings.output_bytes,
    }
}

/// The outcome as a model reads it: how it ended, then the output, cut in the middle.
pub fn describe(
    command: &Command,
    finished: &Finished,
    tier: &str,
    max_chars: usize,
) -> ToolResult {
    let status = match (finished.stopped, finished.exit) {
        (Some(Stopped::Timeout), _) => ToolStatus::TimedOut,
        (None, Some(0)) => ToolStatus::Ok,
        _ => ToolStatus::Failed,
    };
    let mut text = ending(command, finished);
    if tier != "full" {
        // silent-ok: writing to a string can not fail.
        let _ = write!(text, " (sandbox: {tier})");
    }
    let output = clean(&finished.output);
    let output = output.trim_end();
    if output.is_empty() {
        text.push_str("; no output");
    } else {
        text.push('\n');
        text.push_str(&middle_cut(output, max_chars.saturating_sub(text.len())));
    }
    ToolResult::new(status, text)
}

/// How a command ended, in words.
pub fn ending(command: &Command, finished: &Finished) -> String {
    match (finished.stopped, finished.exit, finished.signal) {
        (Some(Stopped::Timeout), ..) => format!(
            "stopped: it ran longer than {} seconds",
            command.timeout.as_secs()
        ),
        (Some(Stopped::OutputFlood), ..) => "stopped: it wrote far too much output".to_owned(),
        (Some(Stopped::Memory), ..) => "stopped: it took too much memory".to_owned(),
        (Some(Stopped::Disk), ..) => "stopped: it filled the disk".to_owned(),
        (None, Some(127), _) => "exit code 127: a command was not found".to_owned(),
        (None, Some(126), _) => "exit code 126: a file could not be executed".to_owned(),
        (None, Some(code), _) => format!("exit code {code}"),
        (None, None, Some(signal)) => match signal_name(signal) {
            Some(name) => format!("ended by signal {signal} ({name})"),
            None => format!("ended by signal {signal}"),
        },
        (None, None, None) => "ended without an exit code".to_owned(),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        2 => "interrupted",
        4 => "illegal instruction",
        6 => "aborted",
        8 => "arithmetic error",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        _ => return None,
    })
}

/// Head and tail of a text that is too long, with a mark that says how much is missing. Whole
/// lines where lines are short enough; the tail is larger, since failures are told at the end.
pub fn middle_cut(text: &str, max_chars: usize) -> String {
    let total = text.chars().count();
    if total <= max_chars {
        return text.to_owned();
    }
    let room = max_chars.saturating_sub(80).max(80);
    let first = head(text, room * 2 / 5);
    let first = match first.rfind('\n') {
        Some(end) if end * 2 > first.len() => &first[..end],
        _ => first,
    };
    let last = tail(text, room - room * 2 / 5);
    let last = match last.find('\n') {
        Some(start) if start * 2 < last.len() => &last[start + 1..],
        _ => last,
    };
    let missing = total.saturating_sub(first.chars().count() + last.chars().count());
    format!("{first}\n[… {missing} characters of output are left out here …]\n{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(exit: Option<i32>, output: &str) -> Finished {
        Finished {
            exit,
            signal: None,
            stopped: None,
            output: output.to_owned(),
            output_bytes: output.len() as u64,
            output_sha256: String::new(),
            took: Duration::from_millis(5),
        }
    }

    fn asked(seconds: Option<u64>) -> Command {
        let settings = CommandSettings::default();
        command("true", Path::new("/p"), seconds, &settings, Access::Write)
    }

    #[test]
    fn the_timeout_is_clamped() {
        for (seconds, expected) in [(None, 60), (Some(0), 60), (Some(5), 5), (Some(9999), 600)] {
            assert_eq!(asked(seconds).timeout, Duration::from_secs(expected));
        }
    }

    #[test]
    fn outcomes_are_told_in_words() {
        let check = |finished: &Finished, status: ToolStatus, text: &str| {
            assert_eq!(
                describe(&asked(None), finished, "full", 1000),
                ToolResult::new(status, text)
            );
        };
        check(
            &finished(Some(0), ""),
            ToolStatus::Ok,
            "exit code 0; no output",
        );
        check(
            &finished(Some(1), "a\n\x1b[31mb\x1b[0m\n"),
            ToolStatus::Failed,
            "exit code 1\na\nb",
        );
        check(
            &Finished {
                signal: Some(11),
                ..finished(None, "x")
            },
            ToolStatus::Failed,
            "ended by signal 11 (segmentation fault)\nx",
        );
        check(
            &Finished {
                stopped: Some(Stopped::Timeout),
                signal: Some(9),
                ..finished(None, "x")
            },
            ToolStatus::TimedOut,
            "stopped: it ran longer than 60 seconds\nx",
        );
    }

    #[test]
    fn a_weaker_sandbox_is_named() {
        let result = describe(&asked(None), &finished(Some(0), "x"), "partial", 1000);
        assert_eq!(result.text, "exit code 0 (sandbox: partial)\nx");
    }

    #[test]
    fn long_output_keeps_head_and_tail() {
        let output: String = (1..=1000)
            .flat_map(|line| [format!("line {line}"), "\n".to_owned()])
            .collect();
        let result = describe(&asked(None), &finished(Some(1), &output), "full", 1000);
        assert!(result.text.chars().count() <= 1000, "{}", result.text.len());
        assert!(result.text.starts_with("exit code 1\nline 1\n"));
        assert!(result.text.ends_with("\nline 1000"));
        assert!(result.text.contains("characters of output are left out"));
        assert_eq!(middle_cut("short", 10), "short");
    }
}
