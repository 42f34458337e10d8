//! `search_files`: lines that match a regular expression, with ripgrep's own libraries, honouring
//! `.gitignore`, in a fixed order and bounded. Every file is opened through the workspace.

use std::fmt::Write as _;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Lossy;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};

use super::read::MAX_WHOLE;
use super::refusal::{failed, shown};
use super::text::head;
use super::workspace::{OpenFile, Workspace};
use crate::engine::tool::{ToolResult, ToolStatus};

/// The most matching lines of one search.
const MAX_MATCHES: usize = 200;
/// The most files of one search.
const MAX_FILES: usize = 20_000;
/// The most characters of one line.
const MAX_LINE: usize = 240;

/// What is looked for, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub(super) pattern: &'a str,
    pub(super) path: &'a str,
    pub(super) glob: Option<&'a str>,
}

/// Performs `search_files`.
pub(super) fn search_files(
    workspace: &Workspace,
    search: Search<'_>,
    max_chars: usize,
) -> ToolResult {
    if search.pattern.is_empty() {
        return failed("the pattern is empty; give a word or a regular expression");
    }
    let glob = match search
        .glob
        .filter(|glob| !glob.is_empty())
        .map(compile_glob)
    {
        None => None,
        Some(Ok(glob)) => Some(glob),
        Some(Err(error)) => return failed(error),
    };
    let (matcher, remark) = match compile(search.pattern) {
        Ok(compiled) => compiled,
        Err(error) => return failed(error),
    };
    let place = match whereto(workspace, search.path) {
        Ok(place) => place,
        Err(refusal) => return refusal,
    };
    let mut found = Found {
        text: String::new(),
        lines: 0,
        files: 0,
        left: max_chars.saturating_sub(300).max(300),
        cut: false,
    };
    let mut searcher = SearcherBuilder::new()
        .line_number(true)
        .binary_detection(BinaryDetection::quit(0))
        .build();
    let mut cut_short = "";
    for (index, path) in workspace.files_below(&place).enumerate() {
        if index == MAX_FILES {
            cut_short = "note: only the first 20000 files were searched; name a folder\n";
            break;
        }
        if glob.as_ref().is_some_and(|glob| !glob.matches(&path)) {
            continue;
        }
        // What may not be read is not searched; a file that is gone by now has no lines.
        let Ok(Some(file)) = workspace.open_file_at(&path) else {
            continue;
        };
        if file.bytes <= MAX_WHOLE {
            found.files += 1;
            found.look_into(&file, &matcher, &mut searcher);
        }
        if found.cut {
            break;
        }
    }
    found.report(search, &format!("{remark}{cut_short}"))
}

/// A folder or a single file, by its real place.
fn whereto(workspace: &Workspace, path: &str) -> Result<std::path::PathBuf, ToolResult> {
    match workspace.open_folder(path) {
        Ok(folder) => Ok(folder.real),
        Err(refusal) => match workspace.place(path) {
            Ok(place) => match workspace.open_file_at(&place) {
                Ok(Some(file)) => Ok(file.real),
                _ => Err(refusal),
            },
            Err(_) => Err(refusal),
        },
    }
}

/// The pattern as an expression; if it is none, as plain text, with a word about that.
fn compile(pattern: &str) -> Result<(RegexMatcher, String), String> {
    let mut builder = RegexMatcherBuilder::new();
    builder.line_terminator(Some(b'\n'));
    match builder.build(pattern) {
        Ok(matcher) => Ok((matcher, String::new())),
        Err(error) => {
            let text = error.to_string();
            let why = text
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default()
                .trim();
            builder
                .fixed_strings(true)
                .build(pattern)
                .map(|matcher| {
                    let remark =
                        format!("note: not a regular expression ({why}); searched as plain text\n");
                    (matcher, remark)
                })
                .map_err(|_| {
                    format!("the pattern can not be searched: {why}; a match lies within one line")
                })
        }
    }
}

/// A pattern of names: one without a slash speaks of file names, one with a slash of paths.
enum NamePattern {
    FileName(GlobMatcher),
    Path(GlobMatcher),
}

impl NamePattern {
    fn matches(&self, path: &Path) -> bool {
        match self {
            Self::FileName(glob) => path.file_name().is_some_and(|name| glob.is_match(name)),
            Self::Path(glob) => glob.is_match(path),
        }
    }
}

fn compile_glob(glob: &str) -> Result<NamePattern, String> {
    let glob = glob.trim_start_matches("./");
    let matcher = GlobBuilder::new(glob)
        .literal_separator(true)
        .build()
        .map_err(|error| {
            format!("the glob can not be used: {error}; write one such as *.py or src/**/*.py")
        })?
        .compile_matcher();
    Ok(if glob.contains('/') {
        NamePattern::Path(matcher)
    } else {
        NamePattern::FileName(matcher)
    })
}

/// What was found so far.
struct Found {
    text: String,
    lines: usize,
    files: usize,
    left: usize,
    cut: bool,
}

impl Found {
    fn look_into(&mut self, file: &OpenFile, matcher: &RegexMatcher, searcher: &mut Searcher) {
        let name = file.name();
        let sink = Lossy(|number, line| Ok(self.add(&name, number, line)));
        // silent-ok: a file that can not be read to its end has shown what it has.
        let _ = searcher.search_file(matcher, &file.file, sink);
    }

    /// Adds a line; false ends the search.
    fn add(&mut self, name: &str, number: u64, line: &str) -> bool {
        let line = line.trim_end();
        let kept = head(line, MAX_LINE);
        let mut row = format!("{name}:{number}: {kept}");
        if kept.len() < line.len() {
            row.push_str(" [cut]");
        }
        row.push('\n');
        let chars = row.chars().count();
        if self.lines == MAX_MATCHES || (chars > self.left && self.lines > 0) {
            self.cut = true;
            return false;
        }
        self.left = self.left.saturating_sub(chars);
        self.lines += 1;
        self.text.push_str(&row);
        true
    }

    fn report(self, search: Search<'_>, remark: &str) -> ToolResult {
        let Search {
            pattern,
            path,
            glob,
        } = search;
        let within = glob.map_or_else(String::new, |glob| format!(" named {glob}"));
        let below = if Path::new(path) == Path::new(".") {
            String::new()
        } else {
            format!(" below {}", shown(Path::new(path)))
        };
        let pattern = head(pattern, 200);
        if self.lines == 0 {
            return ToolResult::new(
                ToolStatus::Ok,
                format!(
                    "{remark}no line matches {pattern} in {} files{within}{below}; \
                     ignored, hidden and binary files were left out",
                    self.files
                ),
            );
        }
        let mut text = format!("{remark}{}", self.text);
        if self.cut {
            // silent-ok: writing to a string can not fail.
            let _ = write!(
                text,
                "[cut after {} lines, there are more; narrow the pattern, the path or the glob]",
                self.lines
            );
        }
        ToolResult::new(ToolStatus::Ok, text.trim_end())
    }
}
