//! Whether a command or a script may have moved the person's repository: it calls git with a verb
//! that does, or hides what it calls. Whoever else works in the project may commit at any time.

use crate::engine::guard::files::name;

/// What git is told to do where a repository moves.
const MOVING: &[&str] = &[
    "commit", "merge", "rebase", "reset", "checkout", "switch", "pull", "revert", "cherry", "am",
    "update", "branch", "stash", "fast", "filter", "alias", "refs", "HEAD", "symbolic", "replace",
    "bisect",
];

/// Programs and modules that do what git does.
const GITS: &[&str] = &[
    "git", "pygit2", "dulwich", "libgit2", "nodegit", "gix", "jj",
];

/// Words behind which anything may be called.
const HIDING: &[&str] = &["eval", "base64", "xxd"];

/// Whether a command may have moved it.
pub fn may_commit(text: &str) -> bool {
    // `g''it` is git as well.
    let plain: String = text.chars().filter(|c| !"'\"\\".contains(*c)).collect();
    let words = || plain.split(|c: char| !c.is_alphanumeric() && c != '_');
    let calls = words().any(|word| GITS.contains(&word));
    let moves = words().any(|word| MOVING.contains(&word)) || plain.contains('$');
    (calls && moves) || words().any(|word| HIDING.contains(&word))
}

/// Whether a file that is run may have moved it.
pub fn script_may_commit(path: &str, text: &str) -> bool {
    let file = name(path);
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_read = matches!(
        ending,
        "md" | "rst" | "txt" | "adoc" | "html" | "css" | "csv" | "log" | "lock" | "gitignore"
    );
    !is_read && may_commit(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_calls_git_may_have_committed() {
        for (text, expected) in [
            ("git add -A && git commit -qm x", true),
            ("cd x; /usr/bin/git -C . reset --hard HEAD~1", true),
            ("bash -c 'git checkout -b x'", true),
            ("g''it commit -m x", true),
            ("git $VERB", true),
            ("echo Z2l0 | base64 -d | sh", true),
            ("cp x .git/refs/heads/main", true),
            ("subprocess.run([\"git\", \"commit\"])", true),
            ("python3 -m unittest", false),
            ("git status && git diff", false),
            ("cat .gitignore", false),
            ("make commit", false),
        ] {
            assert_eq!(may_commit(text), expected, "{text}");
        }
        assert!(script_may_commit("go.sh", "git commit"));
        assert!(!script_may_commit("README.md", "git commit"));
    }
}
