//! Options with which a test tool leaves tests out or loads something in front of them, and the
//! shells that are the system's own.

/// Whether pytest, started with these options, runs fewer tests than there are.
pub(in crate::engine::guard) fn pytest_options_leave_out(words: &[&str]) -> bool {
    const WHOLE: &[&str] = &[
        "--co",
        "--collect-only",
        "--lf",
        "--last-failed",
        "--sw",
        "--stepwise",
        "--setup-plan",
        "--setup-only",
        "--version",
        "--help",
        "-h",
        "--markers",
        "--fixtures",
        "--exit-zero",
        "--suppress-tests-failed-exit-code",
        "-c",
        "--config-file",
    ];
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let value = word.split_once('=').map_or(next, |(_, value)| value);
        let option = word.split('=').next().unwrap_or(word);
        let chooses = option.starts_with("-k") || option == "--keyword";
        // Tests that somebody marked as slow may wait; all but the marked ones may not.
        let marks = option == "-m" && value != "not";
        let ignores = option.starts_with("--ignore") && value.to_lowercase().contains("test");
        let overrides = matches!(option, "-o" | "--override-ini")
            && (value.starts_with("python_") || value.starts_with("testpaths"));
        WHOLE.contains(&option)
            || option == "--deselect"
            || chooses
            || marks
            || ignores
            || overrides
    })
}

/// Whether node, started with these options, loads something in front of tests or leaves some out.
pub(in crate::engine::guard) fn node_options_bend(words: &[&str]) -> bool {
    words.iter().any(|word| {
        let option = word.split('=').next().unwrap_or(word);
        matches!(
            option,
            "-r" | "--require"
                | "--import"
                | "--loader"
                | "--experimental-loader"
                | "--test-name-pattern"
                | "--test-skip-pattern"
                | "--test-only"
                | "--test-shard"
                | "--test-isolation"
                | "--check"
                | "-c"
        )
    })
}

/// Whether a program is a shell of the system.
pub(in crate::engine::guard) fn is_shell(program: &str) -> bool {
    let program = program.trim_matches(['"', '\'']);
    let program = program.trim_start_matches("/usr/bin/env ");
    let program = program
        .strip_prefix("$(shell which ")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(program);
    let (folder, name) = program.rsplit_once('/').unwrap_or(("/bin", program));
    let name = name.split(' ').next().unwrap_or(name);
    matches!(
        folder,
        "/bin" | "/usr/bin" | "/usr/local/bin" | "/opt/homebrew/bin"
    ) && matches!(name, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash")
}
