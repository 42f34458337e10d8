//! Work whose every new function is left to be written: `pass`, `todo!()`, `not implemented`. What
//! is never more than its head, or what the ticket asks to be left open, is none of it.

use super::hollow::{is_plain, sides};
use crate::engine::artifact::Ticket;
use crate::engine::guard::beside::{Share, share};
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::language::Language;
use crate::engine::guard::source::bodies::{Function, functions};
use crate::engine::guard::source::code::Code;

/// A ticket with one of these words may leave functions open.
const ASKED: &[&str] = &[
    "stub",
    "interface",
    "skeleton",
    "placeholder",
    "scaffold",
    "protocol",
    "abstract",
    "base class",
    "no-op",
    "noop",
    "nothing",
    "notimplemented",
    "not implemented",
    "unimplemented",
];

/// Of these nobody leaves anything open.
const TO_USE: &[&str] = &[
    "command line interface",
    "command-line interface",
    "user interface",
];

/// Said if no function that the work added or changed does anything, and one of them is new.
pub fn left_open(changed: &[Changed], ticket: Option<&Ticket>) -> Option<Finding> {
    if ticket.is_some_and(asks_for_it) {
        return None;
    }
    let mut first = None;
    for file in changed {
        if share(&file.path) != Share::Work {
            continue;
        }
        let Some((now, before)) = sides(file) else {
            // Another language: what stands there may be all of the work.
            if Language::of(&file.path).is_some() && file.now.is_some() {
                return None;
            }
            continue;
        };
        let plain = is_plain(&file.path);
        let old: Vec<String> = before
            .iter()
            .flat_map(|code| {
                functions((code, plain))
                    .into_iter()
                    .map(|one| code.normal(one.whole))
            })
            .collect();
        let text = file
            .before
            .as_ref()
            .and_then(Content::text)
            .unwrap_or_default();
        for function in functions((&now, plain)) {
            if old.contains(&now.normal(function.whole.clone())) || is_head_alone(&now, &function) {
                continue;
            }
            if !is_open(&now, &function) {
                return None;
            }
            let head = now.text[function.whole.start..function.at].lines();
            let head = head
                .rev()
                .find(|line| line.contains('('))
                .unwrap_or_default();
            if first.is_none() && !text.contains(head.trim()) {
                let line = now.line_number(function.at);
                first = Some((file.path.as_str(), line, head.trim().to_owned()));
            }
        }
    }
    let (path, line, head) = first?;
    let what = format!(
        "`{path}`, line {line}: `{head}` does nothing yet, and neither does any other function of this work"
    );
    Some(Finding::new(Rule::LeftOpen, what))
}

fn asks_for_it(ticket: &Ticket) -> bool {
    let said = [&ticket.title, &ticket.description].into_iter();
    let said: Vec<String> = said
        .chain(&ticket.acceptance_criteria)
        .map(|text| text.to_lowercase())
        .collect();
    let mut said = said.join("\n");
    for words in TO_USE {
        said = said.replace(words, "");
    }
    ASKED.iter().any(|word| said.contains(word))
}

/// Whether a function is there for others to fill in.
fn is_head_alone(code: &Code<'_>, function: &Function) -> bool {
    if code.language != Language::Python {
        return false;
    }
    let head = &code.text[function.whole.start..function.at];
    if head.contains("abstractmethod") || head.contains("overload") {
        return true;
    }
    let lines: Vec<_> = code.lines().collect();
    let own = lines
        .iter()
        .position(|line| line.start == function.whole.start);
    let own_indent = own
        .and_then(|own| code.indentation(&lines[own]))
        .unwrap_or(0);
    let mut above = lines[..own.unwrap_or(0)].iter().rev();
    let class = above.find(|line| {
        code.indentation(line)
            .is_some_and(|indent| indent < own_indent)
    });
    class.is_some_and(|line| {
        let line = code.bare(line.clone());
        line.trim_start().starts_with("class ")
            && (line.contains("Protocol") || line.contains("ABC"))
    })
}

/// Whether the whole body says that it is still to be written.
fn is_open(code: &Code<'_>, function: &Function) -> bool {
    let body = code.without_comments(function.at..function.whole.end.max(function.at));
    let body = body.trim();
    match code.language {
        Language::Python => {
            let (has_text, rest) = behind_text(body);
            let is_one = !rest.contains(['\n', ';']);
            matches!(rest, "pass" | "...")
                || (rest.is_empty() && has_text)
                || (is_one && rest.starts_with("raise NotImplementedError"))
        }
        Language::JavaScript => {
            let said = body.strip_suffix('}').unwrap_or(body).trim().to_lowercase();
            let is_said = ["not implemented", "unimplemented", "todo"]
                .iter()
                .any(|words| said.contains(words));
            said.starts_with("throw new ") && !said.contains('\n') && is_said
        }
        _ => {
            let said = body.strip_suffix('}').unwrap_or(body).trim();
            let said = said.strip_suffix(';').unwrap_or(said);
            !said.contains(['\n', ';'])
                && said.ends_with(')')
                && ["todo!(", "unimplemented!("]
                    .iter()
                    .any(|start| said.starts_with(start))
        }
    }
}

/// What follows a text with which a body of Python begins, and whether it does.
fn behind_text(body: &str) -> (bool, &str) {
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(rest) = body.strip_prefix(quote) {
            let rest = rest.split_once(quote).map_or("", |(_, rest)| rest);
            return (true, rest.trim());
        }
    }
    (false, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, before: Option<&str>, now: &str) -> Changed {
        let content = |text: &str| Content::Text(text.to_owned());
        Changed {
            path: path.to_owned(),
            before: before.map(content),
            now: Some(content(now)),
        }
    }

    fn refused(path: &str, now: &str) -> bool {
        left_open(&[file(path, None, now)], None).is_some()
    }

    #[test]
    fn functions_that_are_left_to_be_written_are_no_work() {
        for body in [
            "pass",
            "...",
            "\"\"\"Half of it.\"\"\"",
            "'''Half.'''\n    pass  # later",
            "raise NotImplementedError(\"later\")",
        ] {
            let now = format!("def half(n):\n    {body}\n");
            assert!(refused("calc.py", &now), "{now}");
        }
        assert!(refused("calc.py", "def half(n): pass\n"));
        let throws = "exports.half = (n) => {\n  throw new Error(\"Not implemented\");\n};\n";
        assert!(refused("calc.js", throws));
        assert!(refused(
            "src/lib.rs",
            "pub fn half(n: u8) -> u8 {\n    todo!()\n}\n"
        ));
        let found = left_open(
            &[file(
                "calc.py",
                Some("A = 1\n"),
                "A = 1\ndef half(n):\n    pass\n",
            )],
            None,
        );
        assert!(found.unwrap().what.contains("`calc.py`, line"));
    }

    #[test]
    fn heads_and_work_beside_them_are() {
        for now in [
            "def half(n):\n    return n // 2\n\n\ndef later(n):\n    pass\n",
            "class A(Protocol):\n    def half(self, n): ...\n",
            "from abc import ABC\nclass A(ABC):\n    @abstractmethod\n    def half(self, n):\n        pass\n",
            "def half(n):\n    pass\n    return n\n",
            "class Wrong(Exception):\n    pass\n",
        ] {
            assert!(!refused("calc.py", now), "{now}");
        }
        assert!(!refused("calc.pyi", "def half(n): ...\n"));
        assert!(!refused(
            "calc.js",
            "function half(n) {\n  throw new Error('odd');\n}\n"
        ));
        let old = "def half(n):\n    return n\n";
        let emptied = file("calc.py", Some(old), "def half(n):\n    pass\n");
        assert!(left_open(&[emptied], None).is_none());
        let stub = [file("calc.py", None, "def half(n):\n    pass\n")];
        let titled = |title: &str| {
            let ticket = Ticket {
                title: title.to_owned(),
                ..Ticket::default()
            };
            left_open(&stub, Some(&ticket)).is_some()
        };
        assert!(titled("Add half"));
        assert!(titled("Add a command line interface"));
        assert!(!titled("Add a stub of half"));
        assert!(!titled("Write the skeleton of the module"));
    }
}
