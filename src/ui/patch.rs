//! A unified difference for a reader: a line for each file on top, then the text. For a person the
//! lines are toned and harmless; for a program they are as they are.

use super::text::{Colour, Line, Tone};

/// How much of one file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Below the project.
    pub path: String,
    /// `new`, `gone`, or nothing.
    pub mark: &'static str,
    /// Lines added and removed; none for a binary file.
    pub lines: Option<(u64, u64)>,
    /// What else there is to say.
    pub remark: Option<String>,
}

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchReader {
    /// A person, with or without colour.
    Person(Colour),
    /// A program.
    Program,
}

/// The files, an empty line, and the difference.
pub fn patch(files: &[FileLine], difference: &str, reader: PatchReader) -> String {
    match reader {
        PatchReader::Person(colour) => lines(files, difference)
            .iter()
            .map(|line| line.paint(colour) + "\n")
            .collect(),
        PatchReader::Program => {
            let heads = heads(files);
            let mut text: String = heads.iter().map(|line| line.plain() + "\n").collect();
            text.push('\n');
            text + difference
        }
    }
}

/// The same for a person, as lines.
pub(super) fn lines(files: &[FileLine], difference: &str) -> Vec<Line> {
    let mut lines = heads(files);
    lines.push(Line::default());
    lines.extend(difference.lines().map(toned));
    lines
}

fn heads(files: &[FileLine]) -> Vec<Line> {
    let widest = files.iter().map(|file| file.path.chars().count()).max();
    files
        .iter()
        .map(|file| file_line(file, widest.unwrap_or_default()))
        .collect()
}

fn file_line(file: &FileLine, widest: usize) -> Line {
    let line = Line::new(Tone::Plain, &format!(" {:widest$}", file.path)).with(Tone::Dim, " |");
    let line = match file.lines {
        Some((added, removed)) => line
            .with(Tone::Good, &format!(" +{added}"))
            .with(Tone::Bad, &format!(" -{removed}")),
        None => line.with(Tone::Dim, " binary"),
    };
    let remarks = [
        Some(file.mark).filter(|mark| !mark.is_empty()),
        file.remark.as_deref(),
    ];
    let remarks: Vec<&str> = remarks.into_iter().flatten().collect();
    if remarks.is_empty() {
        return line;
    }
    line.with(Tone::Dim, &format!("  ({})", remarks.join("; ")))
}

fn toned(line: &str) -> Line {
    let heads = [
        "diff --git ",
        "index ",
        "--- ",
        "+++ ",
        "new file",
        "deleted file",
        "old mode",
        "new mode",
    ];
    let tone = if heads.iter().any(|head| line.starts_with(head)) {
        Tone::Bold
    } else if line.starts_with("@@") {
        Tone::Accent
    } else if line.starts_with('+') {
        Tone::Good
    } else if line.starts_with('-') {
        Tone::Bad
    } else {
        Tone::Plain
    };
    Line::new(tone, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFFERENCE: &str = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-old\n+n\x1bew\n";

    fn files() -> [FileLine; 2] {
        let line = |path: &str, mark, lines| FileLine {
            path: path.to_owned(),
            mark,
            lines,
            remark: None,
        };
        [line("a", "", Some((1, 1))), line("logo.png", "new", None)]
    }

    #[test]
    fn a_program_gets_the_bytes() {
        let text = patch(&files(), DIFFERENCE, PatchReader::Program);
        let head = " a        | +1 -1\n logo.png | binary  (new)\n\n";
        assert_eq!(text, format!("{head}{DIFFERENCE}"));
    }

    #[test]
    fn a_person_gets_colour_and_nothing_that_moves_the_cursor() {
        let text = patch(&files(), DIFFERENCE, PatchReader::Person(Colour::On));
        assert!(
            !text.contains("n\x1bew") && text.contains("\x1b["),
            "{text:?}"
        );
        let text = patch(&files(), DIFFERENCE, PatchReader::Person(Colour::Off));
        assert!(!text.contains('\x1b'), "{text:?}");
    }
}
