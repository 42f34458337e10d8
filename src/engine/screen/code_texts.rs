//! The texts between quotes in code, and what stands around them: whether one can be a file that
//! the code changes.

/// Functions that change the files that they are given.
const CHANGING: &[&str] = &[
    "rmtree",
    "unlink",
    "remove",
    "removedirs",
    "rmdir",
    "rmSync",
    "rmdirSync",
    "unlinkSync",
    "removeSync",
    "rm_rf",
    "rm_r",
    "rm",
    "delete",
    "rename",
    "renameSync",
    "replace",
    "move",
    "mv",
    "copy",
    "copyfile",
    "copy2",
    "copytree",
    "copyFileSync",
    "cp",
    "cpSync",
    "symlink",
    "link",
    "glob",
];

/// Functions that change the file that they are given first; what follows is content.
const WRITING: &[&str] = &[
    "open",
    "openSync",
    "writeFileSync",
    "writeFile",
    "appendFileSync",
    "appendFile",
    "truncate",
    "chmod",
    "chown",
    "touch",
    "mkdir",
    "makedirs",
    "mkdirSync",
    "file_put_contents",
    "Path",
    "createWriteStream",
];

/// Functions whose texts are content.
const TELLING: &[&str] = &[
    "write",
    "print",
    "println",
    "puts",
    "log",
    "dump",
    "dumps",
    "stringify",
    "write_text",
    "join",
    "append",
    "push",
    "writelines",
    "get",
    "post",
    "route",
    "format",
];

/// Whether a text between quotes can be the file that code changes, as far as what stands before it
/// says: an argument of a function that changes files, or something kept for later that leads into
/// the machine. Content that is written into the project's files is full of other paths.
pub(super) fn may_be_changed(text: &str, at: usize, quoted: &str) -> bool {
    let around = enclosing(&text[..at]);
    let first = quoted
        .trim_start_matches(['/', '~'])
        .split('/')
        .next()
        .unwrap_or_default();
    let is_path = !quoted.contains(char::is_whitespace)
        && (quoted.starts_with(['~', '.'])
            || matches!(
                first,
                "etc"
                    | "usr"
                    | "bin"
                    | "sbin"
                    | "lib"
                    | "lib64"
                    | "boot"
                    | "var"
                    | "opt"
                    | "root"
                    | "home"
                    | "Users"
                    | "dev"
                    | "proc"
                    | "sys"
                    | "run"
                    | "srv"
                    | "mnt"
                    | "System"
            ));
    match around.open {
        Some('(') if CHANGING.contains(&around.function) => true,
        Some('(') if WRITING.contains(&around.function) => around.arguments == 0,
        Some('(') if TELLING.contains(&around.function) => false,
        Some('{') => false,
        _ => is_path,
    }
}

/// What a text stands in.
struct Around<'a> {
    /// The bracket that is open.
    open: Option<char>,
    /// The name before it.
    function: &'a str,
    /// Arguments between it and the text.
    arguments: usize,
}

/// What the end of the text stands in.
fn enclosing(text: &str) -> Around<'_> {
    let mut closed = 0_usize;
    let mut arguments = 0;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            ')' | ']' | '}' => closed += 1,
            '(' | '[' | '{' if closed > 0 => closed -= 1,
            '(' | '[' | '{' => {
                let name = text[..at].trim_end();
                let before = name.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
                return Around {
                    open: Some(letter),
                    function: &name[before.len()..],
                    arguments,
                };
            }
            ',' if closed == 0 => arguments += 1,
            _ => {}
        }
    }
    Around {
        open: None,
        function: "",
        arguments,
    }
}

/// The texts between quotes.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    placed(text).into_iter().map(|(_, quoted)| quoted).collect()
}

/// The texts between quotes, and where their quotes stand.
pub(super) fn placed(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['"', '\'', '`']) {
        let quote = &rest[start..=start];
        let after = &rest[start + 1..];
        let Some(end) = after.find(quote) else { break };
        if end > 0 {
            found.push((text.len() - rest.len() + start, &after[..end]));
        }
        rest = &after[end + 1..];
    }
    found
}
