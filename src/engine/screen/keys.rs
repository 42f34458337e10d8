//! Programs that hand out keys and passwords, and the program that this command is part of.

use super::argument::Argument;
use super::findings::Findings;

/// Programs, and the first words with which they show what they keep.
const TELLS: &[(&[&str], &[&str])] = &[
    (
        &["security"],
        &[
            "find-generic-password",
            "find-internet-password",
            "dump-keychain",
            "export",
        ],
    ),
    (&["secret-tool"], &["lookup", "search"]),
    (
        &["op", "bw", "vault", "keyring"],
        &["read", "get", "item", "kv", "list", "export"],
    ),
    (&["kwallet-query", "lpass"], &["-r", "show", "export"]),
    (&["keyctl"], &["print", "read", "pipe"]),
];

/// Looks at a program of this sort.
pub(super) fn rule(name: &str, rest: &[Argument], findings: &mut Findings) {
    let words: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let first = words.first().copied().unwrap_or_default();
    let listed = TELLS
        .iter()
        .any(|(names, verbs)| names.contains(&name) && verbs.contains(&first));
    let tells = match name {
        "pass" | "gopass" => !matches!(first, "" | "ls" | "list" | "find" | "version" | "help"),
        "gpg" | "gpg2" => words.iter().any(|word| word.starts_with("--export-secret")),
        "gh" => matches!(words.as_slice(), ["auth", "token" | "status", ..]),
        "gcloud" => words.iter().any(|word| word.starts_with("print-")),
        "aws" => matches!(
            words.as_slice(),
            ["configure", "get" | "export-credentials", ..]
        ),
        _ => listed,
    };
    if tells {
        findings.dangerous("shows keys or passwords");
    }
    let acts = match words.as_slice() {
        ["sessions", verb, ..] => matches!(*verb, "delete" | "export"),
        [
            "undo" | "answer" | "tell" | "stop" | "fork" | "resume" | "start" | "--resume",
            ..,
        ] => true,
        _ => false,
    };
    if name == "loop" && acts {
        findings.dangerous("acts on the run that it is a part of, which is for a person to do");
    }
}
