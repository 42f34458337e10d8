//! Checks whose program is not there or cannot be started: which one, and what to do.

use crate::engine::event::Receipt;

/// Why a command did not even begin, with what to do about it, in one line. None: it began.
pub(super) fn missing(receipt: &Receipt) -> Option<String> {
    let first = || {
        receipt
            .command
            .split_whitespace()
            .next()
            .unwrap_or_default()
    };
    let lines = || receipt.output.lines().map(str::trim);
    let named = |ends: &[&str]| -> Option<String> {
        let found = lines().find_map(|line| ends.iter().find_map(|end| line.strip_suffix(end)));
        let name = found?.rsplit(": ").next()?.trim();
        (!name.is_empty() && !name.contains(char::is_whitespace)).then(|| name.to_owned())
    };
    match receipt.exit? {
        127 => {
            let program = named(&[
                ": command not found",
                ": not found",
                ": No such file or directory",
            ])
            .unwrap_or_else(|| first().to_owned());
            let next = if program.contains('/') {
                format!("Write the file `{program}`.")
            } else {
                format!("Use a program that is installed here instead of `{program}`.")
            };
            Some(format!(
                "the program `{program}` was not found (exit code 127). {next}"
            ))
        }
        126 => {
            let program = named(&[
                ": Permission denied",
                ": cannot execute: required file not found",
                ": Is a directory",
            ])
            .unwrap_or_else(|| first().to_owned());
            Some(format!(
                "`{program}` is there but cannot be executed (exit code 126). Make it executable: chmod +x {program}"
            ))
        }
        1 => {
            // What the interpreter itself says: no traceback stands around it.
            let says = lines().filter(|line| !line.is_empty()).collect::<Vec<_>>();
            let [line] = says[..] else { return None };
            let (program, module) = line.split_once(": No module named ")?;
            program.ends_with(|c: char| c.is_ascii_digit() || c == 'n').then(|| {
                format!("Python has no module {module} (exit code 1). Use a tool that is installed here, such as python3 -m unittest.")
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Gate;
    use crate::engine::gate::told;

    fn says(command: &str, exit: i32, output: &str) -> Option<String> {
        missing(&Receipt {
            command: command.to_owned(),
            exit: Some(exit),
            ..told(Gate::Verify, false, output)
        })
    }

    #[test]
    fn the_program_that_is_missing_is_named() {
        for (command, exit, output, expected) in [
            (
                "pytest -q",
                127,
                "bash: line 1: pytest: command not found\n",
                "the program `pytest` was not found (exit code 127)",
            ),
            (
                "make test",
                127,
                "sh: 1: pytest: not found\nmake: *** [test] Error 127",
                "the program `pytest` was not found",
            ),
            ("pytest", 127, "", "the program `pytest` was not found"),
            (
                "./check.sh",
                127,
                "bash: line 1: ./check.sh: No such file or directory",
                "Write the file `./check.sh`.",
            ),
            (
                "./check.sh",
                126,
                "bash: line 1: ./check.sh: Permission denied",
                "chmod +x ./check.sh",
            ),
            (
                "python3 -m pytest",
                1,
                "/usr/bin/python3: No module named pytest\n",
                "Python has no module pytest (exit code 1)",
            ),
        ] {
            let said = says(command, exit, output).unwrap_or_default();
            assert!(said.contains(expected), "{said}");
        }
        assert_eq!(says("pytest", 1, "1 failed"), None);
        assert_eq!(
            says(
                "python3 -m unittest",
                1,
                "Traceback:\nModuleNotFoundError: No module named 'a'\n"
            ),
            None
        );
        assert_eq!(says("true", 0, "a: command not found"), None);
    }
}
