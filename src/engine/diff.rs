//! A unified difference as git writes it, read file by file: how much of each differs, what is
//! left out when all of it is too long, and which existing tests it touches. Refuses to know where
//! a difference comes from.

use std::fmt::Write as _;

/// One file of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileDiff<'a> {
    /// Its path as git writes it.
    pub path: &'a str,
    /// Whether it was there before, and is there now.
    pub presence: Presence,
    /// Lines that were added.
    pub added: usize,
    /// Lines that were removed.
    pub removed: usize,
    /// Its whole part of the difference.
    pub text: &'a str,
}

/// Whether a file of a difference was there before, and is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It was made.
    New,
    /// It was changed.
    Changed,
    /// It was removed.
    Gone,
}

const START: &str = "diff --git ";

/// The files of a difference, in its order.
pub fn files(diff: &str) -> Vec<FileDiff<'_>> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    // A line of content has a sign in front of it, so it never reads like the start of a file.
    for line in diff.split_inclusive('\n') {
        if line.starts_with(START) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([diff.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| file(&diff[*start..end]))
        .collect()
}

fn file(text: &str) -> FileDiff<'_> {
    let mut presence = Presence::Changed;
    let (mut path, mut added, mut removed) = (None, 0, 0);
    let mut in_head = true;
    for line in text.lines().skip(1) {
        in_head &= !line.starts_with("@@");
        match line.as_bytes().first() {
            _ if in_head && line.starts_with("new file") => presence = Presence::New,
            _ if in_head && line.starts_with("deleted file") => presence = Presence::Gone,
            _ if in_head => {
                let named = line.strip_prefix("--- a/");
                path = line.strip_prefix("+++ b/").or(named).or(path);
            }
            Some(b'+') => added += 1,
            Some(b'-') => removed += 1,
            _ => {}
        }
    }
    FileDiff {
        path: path.unwrap_or_else(|| path_of_head(text)).trim_end(),
        presence,
        added,
        removed,
        text,
    }
}

/// `diff --git a/X b/X`: without renames, both halves name the same file.
fn path_of_head(text: &str) -> &str {
    let head = text.lines().next().unwrap_or_default();
    let names = head.strip_prefix(START).unwrap_or_default();
    names.get(2..names.len() / 2).unwrap_or_default()
}

/// The part of a difference that is about these files.
pub fn only(diff: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    files(diff)
        .iter()
        .filter(|file| is_wanted(file.path))
        .map(|file| file.text)
        .collect()
}

/// The difference in at most about so many bytes: short files stay whole, the long ones share the
/// rest, and each says how much of it was left out.
pub fn excerpt(diff: &str, most: usize) -> String {
    if diff.len() <= most {
        return diff.to_owned();
    }
    let files = files(diff);
    let share = share(files.iter().map(|file| file.text.len()).collect(), most);
    let mut text = String::new();
    for (place, file) in files.iter().enumerate() {
        if text.len() > most {
            let _ = writeln!(text, "[cut: {} more files]", files.len() - place); // silent-ok: a String
            break;
        }
        cut(file, share, &mut text);
    }
    text
}

/// How long each may be so that all have room: short ones stay whole, long ones share the rest.
pub fn share(mut lengths: Vec<usize>, mut room: usize) -> usize {
    lengths.sort_unstable();
    let count = lengths.len();
    for (place, length) in lengths.into_iter().enumerate() {
        let share = room / (count - place);
        if length > share {
            return share;
        }
        room -= length;
    }
    usize::MAX
}

fn cut(file: &FileDiff<'_>, most: usize, text: &mut String) {
    let begin = text.len();
    let mut left_out = 0;
    for line in file.text.split_inclusive('\n') {
        // The first line names the file: without it the rest would belong to the one before.
        if left_out > 0 || (text.len() > begin && text.len() - begin + line.len() > most) {
            left_out += 1;
        } else {
            text.push_str(line);
        }
    }
    if left_out > 0 {
        let _ = writeln!(text, "[cut: {left_out} more lines of {}]", file.path); // silent-ok: a String
    }
}

/// The tests that were there before and that a difference touches, a line each.
pub fn tests_touched(diff: &str) -> Vec<String> {
    files(diff)
        .iter()
        .filter(|file| file.presence != Presence::New && looks_like_a_test(file.path))
        .map(FileDiff::how_touched)
        .collect()
}

impl FileDiff<'_> {
    /// The file, and how much of it is another.
    pub fn how_touched(&self) -> String {
        match self.presence {
            Presence::Gone => format!("{}: removed", self.path),
            Presence::New | Presence::Changed => format!(
                "{}: {} lines added, {} removed",
                self.path, self.added, self.removed
            ),
        }
    }
}

/// Whether a file is a test by its path: the customs of the languages that have one.
fn looks_like_a_test(path: &str) -> bool {
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let in_folder = folders
        .iter()
        .any(|folder| matches!(*folder, "test" | "tests" | "__tests__" | "spec" | "specs"));
    in_folder
        || stem.starts_with("test_")
        || stem == "conftest"
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || (stem.ends_with("Test") || stem.ends_with("Tests") || stem.ends_with("Spec"))
        || name.contains(".test.")
        || name.contains(".spec.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "\
diff --git a/app.py b/app.py
new file mode 100644
index 0000000..1111111
--- /dev/null
+++ b/app.py
@@ -0,0 +1,3 @@
+one
++++ b/not a head
+three
diff --git a/a folder/test_old.py b/a folder/test_old.py
deleted file mode 100644
index 1111111..0000000
--- a/a folder/test_old.py
+++ /dev/null
@@ -1,1 +0,0 @@
-gone
diff --git a/picture.png b/picture.png
index 1111111..2222222 100644
Binary files a/picture.png and b/picture.png differ
diff --git a/tests/more.rs b/tests/more.rs
index 1111111..2222222 100644
--- a/tests/more.rs
+++ b/tests/more.rs
@@ -1,2 +1,1 @@
-diff --git a/x b/x
--- a/kept
+changed
";

    #[test]
    fn files_are_told_apart_and_counted() {
        let found: Vec<_> = files(DIFF)
            .iter()
            .map(|file| (file.path, file.presence, file.added, file.removed))
            .collect();
        assert_eq!(
            found,
            [
                ("app.py", Presence::New, 3, 0),
                ("a folder/test_old.py", Presence::Gone, 0, 1),
                ("picture.png", Presence::Changed, 0, 0),
                ("tests/more.rs", Presence::Changed, 1, 2),
            ]
        );
        let whole: String = files(DIFF).iter().map(|file| file.text).collect();
        assert_eq!(whole, DIFF);
        assert_eq!(
            only(DIFF, |path| path == "picture.png"),
            files(DIFF)[2].text
        );
        assert_eq!(files(""), []);
    }

    #[test]
    fn existing_tests_that_are_touched_are_named() {
        assert_eq!(
            tests_touched(DIFF),
            [
                "a folder/test_old.py: removed",
                "tests/more.rs: 1 lines added, 2 removed"
            ]
        );
        for (path, expected) in [
            ("src/cart.test.ts", true),
            ("pkg/cart_test.go", true),
            ("src/CartTest.java", true),
            ("lib/__tests__/a.js", true),
            ("spec/a_spec.rb", true),
            ("conftest.py", true),
            ("src/contest.py", false),
            ("latest.py", false),
            ("src/testing.rs", false),
        ] {
            assert_eq!(looks_like_a_test(path), expected, "{path}");
        }
    }

    #[test]
    fn a_long_difference_is_cut_file_by_file_and_says_so() {
        assert_eq!(excerpt(DIFF, 10_000), DIFF);
        let long = format!("{DIFF}{}", "+more\n".repeat(1_000));
        let cut = excerpt(&long, 1_000);
        assert!(cut.len() < 1_200, "{}", cut.len());
        assert!(cut.starts_with(&files(DIFF)[0].text[..80]));
        assert!(cut.contains("Binary files"), "short files stay whole");
        assert!(cut.contains(" more lines of tests/more.rs]\n"), "{cut}");
        let many = format!("{START}a/x b/x\nnew file mode 100644\n").repeat(200);
        let cut = excerpt(&many, 500);
        assert!(cut.len() < 700, "{}", cut.len());
        assert!(cut.ends_with(" more files]\n"), "{cut}");
    }

    #[test]
    fn short_ones_stay_whole_and_long_ones_share_the_rest() {
        for (lengths, room, expected) in [
            (vec![10, 20, 30], 60, usize::MAX),
            (vec![30, 10, 20], 50, 20),
            (vec![100, 100], 50, 25),
            (vec![5, 1000, 900], 605, 300),
            (vec![], 0, usize::MAX),
        ] {
            assert_eq!(
                share(lengths.clone(), room),
                expected,
                "{lengths:?} in {room}"
            );
        }
    }
}
