//! What holds of every command: it is screened without a panic, and wrapping a harmful one in
//! something harmless does not make it less so.

use proptest::prelude::*;

use super::{Class, harmful, harmless, screen};

/// What may stand at the beginning of a line.
const FRONTS: &[&str] = &[
    "",
    "",
    "LC_ALL=C ",
    "! ",
    "time ",
    "true; ",
    "cd src && ",
    "if true; then :; fi; ",
];

/// What may stand before a single command, again and again.
const PREFIXES: &[&str] = &[
    "env ",
    "env LC_ALL=C ",
    "nice ",
    "nice -n 5 ",
    "timeout 9 ",
    "timeout -s KILL 9 ",
    "nohup ",
    "stdbuf -o0 ",
    "setsid ",
    "ionice -c 3 ",
    "sudo ",
];

/// What may stand around any command line.
const AROUND: &[(&str, &str)] = &[
    ("true && { ", "; }"),
    ("( ", " )"),
    ("if true; then ", "; fi"),
    ("for i in 1; do ", "; done"),
    ("f() { ", "; }; f"),
    ("", " 2>/dev/null"),
    ("set -e; ", "; true"),
    ("# a comment\n", ""),
];

/// One command with plain operands, so that what stands before it keeps its meaning.
fn is_single(command: &str) -> bool {
    let words = [
        "cd", "pushd", "trap", "alias", "eval", "source", "export", "exec",
    ];
    let first = command.split(' ').next().unwrap_or_default();
    !command.contains(|c| ";|&(){}<>$`\n\\".contains(c))
        && !words.contains(&first)
        && !first.contains('=')
}

fn single() -> impl Strategy<Value = &'static str> {
    let all: Vec<&str> = harmful::DANGEROUS
        .iter()
        .copied()
        .filter(|line| is_single(line))
        .collect();
    prop::sample::select(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_stands_before_a_command_takes_nothing_away(
        command in single(),
        front in prop::sample::select(FRONTS),
        prefixes in prop::collection::vec(prop::sample::select(PREFIXES), 0..4),
    ) {
        // A relative path means another place after `cd`.
        prop_assume!(!front.starts_with("cd") || !command.contains(".."));
        // The shell's own commands cannot be started by others.
        let own = ["history", "unset", "set", "ulimit"];
        prop_assume!(prefixes.is_empty() || !own.iter().any(|name| command.starts_with(name)));
        let line = format!("{front}{}{command}", prefixes.concat());
        prop_assert_eq!(screen(&line).class, Class::Dangerous, "{}", line);
    }

    #[test]
    fn what_stands_around_a_command_takes_nothing_away(
        command in prop::sample::select(harmful::DANGEROUS),
        around in prop::collection::vec(prop::sample::select(AROUND), 1..3),
    ) {
        let line = around.iter().fold(command.to_owned(), |line, (before, after)| {
            format!("{before}{line}{after}")
        });
        prop_assert_ne!(screen(&line).class, Class::Ok, "{}", line);
    }

    #[test]
    fn a_quoted_line_is_as_harmful_as_it_is(
        command in prop::sample::select(harmful::DANGEROUS),
    ) {
        let line = format!("bash -c {}", shell_words::quote(command));
        prop_assert_ne!(screen(&line).class, Class::Ok, "{}", line);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ -~\n\t\u{e000}-\u{e002}ä]{0,60}") {
        prop_assume!(text.matches('(').count() < 8);
        screen(&text);
    }

    #[test]
    fn no_torn_command_makes_it_panic(
        one in prop::sample::select(harmless::HARMLESS),
        other in prop::sample::select(harmful::SUSPICIOUS),
        cut in 0_usize..60,
        glue in prop::sample::select(&["", ";", "|", "&&", "\n", "$(", "'", "\"", "`", "<<E\n"][..]),
    ) {
        let end = (0..=cut.min(one.len())).rev().find(|at| one.is_char_boundary(*at)).unwrap_or(0);
        screen(&format!("{}{glue}{other}", &one[..end]));
    }
}
