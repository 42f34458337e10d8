//! `read_file`: lines of a text file, numbered. What does not fit is left out at the end of a line
//! and the result says where to go on. A very large file is read only in part.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read};

use super::refusal::failed;
use super::text::{decode, head, without_mark};
use super::workspace::{OpenFile, Workspace};
use crate::engine::tool::{ToolResult, ToolStatus};

/// A file larger than this is not read or edited as a whole.
pub(super) const MAX_WHOLE: u64 = 10 * 1024 * 1024;
/// How far into a large file a range may lie.
const MAX_SCAN: u64 = 256 * 1024 * 1024;
/// The most characters of one line.
const MAX_LINE: usize = 2_000;

/// Which lines are wanted, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) start: Option<u64>,
    pub(super) end: Option<u64>,
}

/// Performs `read_file`.
pub(super) fn read_file(
    workspace: &Workspace,
    path: &str,
    range: Range,
    max_chars: usize,
) -> ToolResult {
    let opened = match workspace.open_file(path) {
        Ok(opened) => opened,
        Err(refusal) => return refusal,
    };
    if let (Some(start), Some(end)) = (range.start, range.end)
        && end < start
    {
        return failed(format!(
            "end_line {end} stands before start_line {start}; give them in order"
        ));
    }
    if opened.bytes <= MAX_WHOLE {
        match whole_text(&opened) {
            Ok(text) => numbered(&opened.name(), &text, range, max_chars),
            Err(refusal) => refusal,
        }
    } else if range.start.is_none() && range.end.is_none() {
        failed(format!(
            "{} has {}, too much to read whole; give start_line and end_line, or use search_files",
            opened.name(),
            opened.size()
        ))
    } else {
        part_of_large(&opened, range, max_chars)
    }
}

/// The whole text of a file of bounded size.
pub(super) fn whole_text(opened: &OpenFile) -> Result<String, ToolResult> {
    if opened.bytes > MAX_WHOLE {
        return Err(failed(format!(
            "{} has {}; files over {} MB are not read or changed as a whole",
            opened.name(),
            opened.size(),
            MAX_WHOLE / 1024 / 1024
        )));
    }
    let expected = usize::try_from(opened.bytes).unwrap_or_default();
    let mut bytes = Vec::with_capacity(expected + 1);
    // The file may grow while it is read.
    let read = (&opened.file).take(MAX_WHOLE + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(format!("{}: {error}", opened.name())))?;
    decode(bytes).map_err(|why| {
        failed(format!(
            "{} {why} ({}); it can not be read or edited as text",
            opened.name(),
            opened.size()
        ))
    })
}

fn numbered(name: &str, text: &str, range: Range, max_chars: usize) -> ToolResult {
    let lines: Vec<&str> = without_mark(text).lines().collect();
    let total = lines.len();
    if total == 0 {
        return ToolResult::new(ToolStatus::Ok, format!("{name} is empty (0 lines)"));
    }
    let start = line_number(range.start).unwrap_or(1);
    if start > total {
        return failed(format!("{name} has only {total} lines"));
    }
    let end = line_number(range.end).map_or(total, |end| end.min(total));
    let mut body = Body::new(max_chars);
    let mut shown = start - 1;
    for (number, line) in (start..=end).zip(&lines[start - 1..end]) {
        if !body.add(number, line) {
            break;
        }
        shown = number;
    }
    let mut result = format!("{name}, lines {start}-{shown} of {total}\n{}", body.text);
    if shown < end {
        let next = shown + 1;
        // silent-ok: writing to a string can not fail.
        let _ = write!(
            result,
            "[cut: lines {next}-{end} are not shown; go on with start_line {next}]"
        );
    }
    ToolResult::new(ToolStatus::Ok, result.trim_end())
}

/// A range of a file that is too large to hold: read line by line up to the end of the range.
fn part_of_large(opened: &OpenFile, range: Range, max_chars: usize) -> ToolResult {
    let name = opened.name();
    let start = line_number(range.start).unwrap_or(1);
    let end = line_number(range.end).unwrap_or(usize::MAX);
    let mut reader = BufReader::with_capacity(1 << 16, (&opened.file).take(MAX_SCAN));
    let mut body = Body::new(max_chars);
    let mut number = 0;
    let mut cut = false;
    let mut line = Vec::new();
    while number < end {
        line.clear();
        match next_line(&mut reader, &mut line) {
            Ok(true) => number += 1,
            Ok(false) => break,
            Err(error) => return failed(format!("{name}: {error}")),
        }
        if number < start {
            continue;
        }
        let text = match decode(std::mem::take(&mut line)) {
            Ok(text) => text,
            Err(why) => return failed(format!("{name} {why} (at line {number})")),
        };
        if !body.add(number, text.trim_end_matches(['\n', '\r'])) {
            cut = true;
            break;
        }
    }
    if body.text.is_empty() {
        return failed(format!(
            "{name}: line {start} was not reached; the first {} MB hold {number} lines",
            MAX_SCAN / 1024 / 1024
        ));
    }
    let last = if cut { number - 1 } else { number };
    let mut result = format!(
        "{name}, lines {start}-{last} of a file of {}\n{}",
        opened.size(),
        body.text
    );
    if cut {
        // silent-ok: writing to a string can not fail.
        let _ = write!(result, "[cut: go on with start_line {number}]");
    }
    ToolResult::new(ToolStatus::Ok, result.trim_end())
}

/// The next line into `line`, but no more of it than is worth keeping.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let keep = MAX_LINE as u64 * 4;
    if reader.by_ref().take(keep).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() != Some(&b'\n') && line.len() as u64 == keep {
        reader.skip_until(b'\n')?;
        // The cut may have gone through a character.
        let valid = std::str::from_utf8(line).map_or_else(|error| error.valid_up_to(), str::len);
        if line.len() - valid < 4 {
            line.truncate(valid);
        }
    }
    Ok(true)
}

/// Numbered lines up to a limit.
struct Body {
    text: String,
    left: usize,
}

impl Body {
    fn new(max_chars: usize) -> Self {
        Self {
            text: String::new(),
            // The heading and the note about the cut want room too.
            left: max_chars.saturating_sub(200).max(200),
        }
    }

    /// Adds a line; false if it does not fit. The first always fits, shortened if it must be.
    fn add(&mut self, number: usize, line: &str) -> bool {
        let most = if self.text.is_empty() {
            MAX_LINE.min(self.left)
        } else {
            MAX_LINE
        };
        let kept = head(line, most);
        let mut row = format!("{number}: {kept}");
        if kept.len() < line.len() {
            // silent-ok: writing to a string can not fail.
            let _ = write!(
                row,
                " [cut: this line has {} characters]",
                line.chars().count()
            );
        }
        row.push('\n');
        let chars = row.chars().count();
        if chars > self.left && !self.text.is_empty() {
            return false;
        }
        self.left = self.left.saturating_sub(chars);
        self.text.push_str(&row);
        true
    }
}

/// A line number of a model; 0 means the first.
fn line_number(number: Option<u64>) -> Option<usize> {
    number.map(|number| usize::try_from(number).unwrap_or(usize::MAX).max(1))
}
