//! What a file prints that looks like the outcome of tests, as it stands there or once the places
//! in it are filled. What is printed by something that is computed wholly is not seen here; it
//! counts for nothing, since only a tool's own last words do.

use crate::engine::guard::commands::runners::{Does, does};
use crate::engine::guard::commands::shell::pieces;
use crate::engine::guard::files::name;
use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::{Code, Kind};
use crate::engine::test_count::tests_executed;

/// Bytes in front of a text in which what prints it is looked for.
const NEAR: usize = 400;

/// Functions and commands that print.
const PRINTS: &[&str] = &[
    "print",
    "console.",
    "echo",
    "puts",
    "write",
    "Print",
    "cout",
    "Write",
    "say",
    "log(",
    "IO.inspect",
];

/// Whether a text would count as the outcome of tests.
fn counts(said: &str) -> bool {
    let lines = said.replace("\\n", "\n");
    tests_executed("", &lines).is_some_and(|tests| tests > 0)
}

/// What a file prints that looks like the outcome of tests.
pub(super) fn printed(path: &str, text: &str) -> Vec<(usize, String)> {
    let file = name(path);
    let is_recipe = matches!(
        file,
        "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile" | "package.json"
    );
    let language = Language::of(path).or(text.starts_with("#!").then_some(Language::Shell));
    let mut found = Vec::new();
    if is_recipe || language == Some(Language::Shell) {
        for (number, line) in text.lines().enumerate() {
            let rest = ["echo", "printf"]
                .iter()
                .find_map(|word| line.split_once(&format!("{word} ")).map(|(_, rest)| rest));
            let said = rest.map(|rest| {
                rest.trim()
                    .trim_matches(['"', '\'', ',', '\\'])
                    .trim_start_matches("-e ")
                    .trim_start_matches("-n ")
                    .trim_matches(['"', '\''])
            });
            let plain = text.contains("<<").then(|| line.trim());
            // A line that tells of both outcomes is a test of its own, as the shell's are.
            if let Some(said) = said.or(plain)
                && counts(said)
                && !line.contains("not ok")
                && !(language == Some(Language::Shell) && is_earned(text, number))
            {
                found.push((number + 1, said.to_owned()));
            }
        }
        return found;
    }
    let Some(language) = language else {
        return found;
    };
    let code = Code::read(text, language);
    let mut at = 0;
    while at < text.len() {
        if code.kinds[at] != Kind::Quote {
            at += 1;
            continue;
        }
        let start = at
            + text[at..]
                .bytes()
                .enumerate()
                .take_while(|(offset, _)| code.kinds[at + offset] == Kind::Quote)
                .count();
        let end = (start..text.len())
            .find(|at| code.kinds[*at] == Kind::Quote)
            .unwrap_or(text.len());
        let close = (end..text.len())
            .find(|at| code.kinds[*at] != Kind::Quote)
            .unwrap_or(text.len());
        // The call may begin a line above its text, and not far from it.
        let near = (at.saturating_sub(NEAR)..=at).find(|near| text.is_char_boundary(*near));
        let near = near.unwrap_or(at);
        let mut lines = text[near..at].rmatch_indices('\n');
        let above = lines.nth(1).map_or(near, |(end, _)| near + end + 1);
        let calls = code.bare(above..at);
        if text.is_char_boundary(start)
            && text.is_char_boundary(end)
            && start <= end
            && PRINTS.iter().any(|word| calls.contains(word))
            && counts(&text[start..end])
        {
            found.push((code.line_number(at), text[start..end].trim().to_owned()));
        }
        at = close.max(at + 1);
    }
    found
}

/// Whether a script comes to its line `ok 1 - …` only where a check above it held: one of its own,
/// since the line `ok` before, that ends the script or the branch where it fails.
fn is_earned(text: &str, number: usize) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let says_ok = |line: &str| {
        let (_, said) = line.split_once("echo ").or(line.split_once("printf "))?;
        let said = said.trim_start_matches(['"', '\'']);
        said.starts_with("ok ").then_some(())
    };
    if says_ok(lines[number]).is_none() {
        return false;
    }
    let before = lines[..number]
        .iter()
        .rposition(|line| says_ok(line).is_some());
    let above = lines[before.map_or(0, |at| at + 1)..number].join("\n");
    let own = lines[number].split("echo ").next().unwrap_or_default();
    let checks = format!("{above}\n{own}");
    let is_real = pieces(&checks)
        .iter()
        .any(|piece| match piece.words[0].as_str() {
            "[" | "[[" | "test" => piece.words.iter().any(|word| word.contains('$')),
            "exit" | "fail" | "die" | "else" | "fi" | "then" => false,
            _ => does(&piece.words) != Does::Nothing,
        });
    let stops_at_failures = lines[..number].iter().any(|line| {
        let mut words = line.split_whitespace();
        let is_set = matches!(
            words.next(),
            Some("set" | "#!/bin/sh" | "#!/bin/bash" | "#!/usr/bin/env")
        );
        let sets =
            |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
        is_set && words.any(|word| sets(word) || word == "errexit")
    });
    let below = lines[number + 1..]
        .iter()
        .take_while(|line| line.trim() != "fi");
    let is_branch = checks.contains("if ") && !checks.lines().any(|line| line.trim() == "fi");
    let ends = |text: &str| {
        ["exit 1", "return 1", "false"]
            .iter()
            .any(|end| text.contains(end))
    };
    let fails_below = is_branch && below.clone().any(|line| ends(line));
    is_real && (stops_at_failures || ends(&checks) || fails_below)
}

/// Calls by which a program prints.
const CALLS: &[&str] = &["print(", "write(", "console.log(", "println!(", "puts "];

/// Texts that become the outcome of tests once their places are filled: the line, and the call.
pub(super) fn computed(path: &str, text: &str) -> Vec<(usize, String)> {
    let Some(language) = Language::of(path).filter(|of| *of != Language::Shell) else {
        return Vec::new();
    };
    let code = Code::read(text, language);
    let mut found = Vec::new();
    for call in CALLS {
        for (at, _) in text.match_indices(call) {
            if !code.is_code(at) {
                continue;
            }
            let open = at + call.len() - 1;
            let end = match text.as_bytes()[open] {
                b'(' => code.closing(open).min(text.len()),
                _ => text[open..].find('\n').map_or(text.len(), |end| open + end),
            };
            let texts = texts(&code, open..end);
            let Some((first, others)) = texts.split_first() else {
                continue;
            };
            let with_number = [&[first.clone(), "1".to_owned()], others].concat();
            let fillings = [&texts[..], &with_number[..], &[texts.concat()]];
            if fillings.into_iter().any(|texts| counts(&filled(texts))) {
                let said = text[at..end].lines().next().unwrap_or_default();
                found.push((code.line_number(at), said.trim().to_owned()));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The insides of the texts in a part of a program.
fn texts(code: &Code<'_>, range: std::ops::Range<usize>) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = String::new();
    for (at, c) in code.text[range.clone()].char_indices() {
        match code.kinds[range.start + at] {
            Kind::Text => inside.push(c),
            _ if !inside.is_empty() => found.push(std::mem::take(&mut inside)),
            _ => {}
        }
    }
    if !inside.is_empty() {
        found.push(inside);
    }
    found
}

/// The first text with the others, or numbers, in its places.
fn filled(texts: &[String]) -> String {
    let mut others = texts[1..].iter();
    let mut out = String::new();
    let mut rest = texts[0].as_str();
    while let Some(at) = rest.find(['%', '{']) {
        out.push_str(&rest[..at]);
        let is_brace = rest[at..].starts_with('{');
        let end = if is_brace {
            rest[at..].find('}').map(|end| at + end + 1)
        } else {
            let is_kind = |c: char| "dsifrxg".contains(c);
            rest[at + 1..].find(is_kind).map(|end| at + end + 2)
        };
        let Some(end) = end.filter(|end| rest[at..*end].len() < 40) else {
            break;
        };
        let takes_text = matches!(&rest[at..end], "%s" | "{}");
        let other = if takes_text { others.next() } else { None };
        out.push_str(other.map_or("1", String::as_str));
        rest = &rest[end..];
    }
    out.push_str(rest);
    for other in others {
        out.push(' ');
        out.push_str(other);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_may_say_that_its_check_held() {
        let real = "[ \"$(sh add.sh 1 2)\" = 3 ]";
        for (text, expected) in [
            (format!("set -eu\n{real}\necho \"ok 1 - adds\"\n"), true),
            (format!("#!/bin/sh -e\n{real}\necho 'ok 1 - adds'\n"), true),
            (format!("{real} || exit 1\necho \"ok 1 - adds\"\n"), true),
            (
                format!("{real} || {{ echo no; exit 1; }}\necho \"ok 1\"\n"),
                true,
            ),
            (
                format!("if {real}; then\n  echo \"ok 1\"\nelse\n  echo bad\n  exit 1\nfi\n"),
                true,
            ),
            (
                format!("set -e\n{real}\necho \"ok 1\"\nsh add.sh 2 2 | grep 4\necho \"ok 2\"\n"),
                true,
            ),
            ("set -e\nsh add.sh 1 2\necho \"ok 1\"\n".to_owned(), true),
            (format!("{real}\necho \"ok 1 - adds\"\n"), false),
            ("echo \"ok 1 - adds\"\n".to_owned(), false),
            ("set -e\necho \"ok 1 - adds\"\n".to_owned(), false),
            ("set -e\ntrue\necho \"ok 1 - adds\"\n".to_owned(), false),
            (
                "set -e\n[ 1 = 1 ]\necho \"ok 1 - adds\"\n".to_owned(),
                false,
            ),
            (
                format!("set -e\n{real}\necho \"ok 1\"\necho \"ok 2\"\n"),
                false,
            ),
            (
                format!("set -e\n{real}\necho \"Ran 3 tests in 0.1s\"\n"),
                false,
            ),
        ] {
            let is_fine = printed("test.sh", &text).is_empty();
            assert_eq!(is_fine, expected, "{text}");
        }
    }

    #[test]
    fn a_text_whose_places_are_filled_is_seen() {
        for (path, line, expected) in [
            ("a.py", "print('%d %s in %ss' % (3, 'passed', 0.1))", true),
            ("a.py", "print('{} {} in 0.1s'.format(3, 'passed'))", true),
            ("a.py", "print(f'{n} passed in {s}s')", true),
            (
                "a.py",
                "sys.stderr.write('Ran %d tests in %.3fs' % (n, s))",
                true,
            ),
            ("a.py", "print('Ran ' + str(3) + ' tests')", true),
            ("a.js", "console.log(`# tests ${n}`)", false),
            ("a.js", "console.log('# tests {}', 3)", true),
            ("a.py", "print('%d %s' % (3, 'todos'))", false),
            ("a.py", "print('All tests passed')", false),
            ("a.py", "say('%d passed in 1s' % 3)", false),
        ] {
            let found = !computed(path, line).is_empty();
            assert_eq!(found, expected, "{line}");
        }
    }
}
