//! Which paths a document may name: relative ones that stay inside the project. Decided on the
//! text alone; what a path is on disk is for `tools/workspace.rs`, which checks again.

/// The tidied path, or why it cannot be used.
pub(super) fn project_path(path: &str) -> Result<String, String> {
    let path = path.trim();
    let refuse = |why: &str| Err(format!("path '{path}' {why}"));
    if path.chars().any(char::is_control) {
        return refuse("has control characters in it");
    }
    if path.contains('\\') {
        return refuse("has a backslash in it; separate folders with /");
    }
    let mut letters = path.chars();
    let drive =
        letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next() == Some(':');
    if path.starts_with(['/', '~']) || drive {
        return refuse("is not relative; write it from the project folder, without a leading /");
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.is_empty() {
        return refuse("names no file");
    }
    if parts.contains(&"..") {
        return refuse("leaves the project; write it without ..");
    }
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return refuse("is inside .git, which is not to be touched");
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_the_project_is_fine() {
        for (path, tidy) in [
            ("src/main.py", "src/main.py"),
            ("./a//b/", "a/b"),
            (" .gitignore ", ".gitignore"),
            ("a..b/c", "a..b/c"),
            ("datei mit ä.txt", "datei mit ä.txt"),
        ] {
            assert_eq!(project_path(path), Ok(tidy.to_owned()));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for path in [
            "",
            ".",
            "/etc/passwd",
            "~/x",
            "../x",
            "a/../../x",
            ".git/config",
            "a/.GIT/hooks",
            "C:/x",
            "a\\b",
            "a\nb",
            "a\0",
        ] {
            assert!(project_path(path).is_err(), "{path:?}");
        }
    }
}
