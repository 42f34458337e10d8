//! Which lines of a program run only when it is started by itself, and not when a test loads it; and
//! whether a program is one that nobody loads.

use super::code::Code;
use crate::engine::guard::language::Language;

/// For each line, whether it stands in a program's `main`: in a function of that name, or behind the
/// question whether the program was started.
pub(in crate::engine::guard) fn started_alone(code: &Code<'_>) -> Vec<bool> {
    match code.language {
        Language::Python => of_python(code),
        Language::JavaScript => of_javascript(code),
        _ => vec![false; code.lines().count()],
    }
}

fn of_python(code: &Code<'_>) -> Vec<bool> {
    const BEGINS: &[&str] = &["def main(", "async def main(", "if __name__"];
    let mut around: Option<usize> = None;
    let mut found = Vec::new();
    for line in code.lines() {
        if let Some(indent) = code.indentation(&line) {
            if around.is_some_and(|outer| indent <= outer) {
                around = None;
            }
            let text = code.text[line].trim();
            if around.is_none() && indent == 0 && BEGINS.iter().any(|begin| text.starts_with(begin))
            {
                around = Some(indent);
            }
        }
        found.push(around.is_some());
    }
    found
}

fn of_javascript(code: &Code<'_>) -> Vec<bool> {
    const BEGINS: &[&str] = &[
        "functionmain(",
        "asyncfunctionmain(",
        "constmain=",
        "if(require.main===module",
        "if(import.meta.main",
        "if(process.argv[1]===",
    ];
    let mut end = 0;
    let mut found = Vec::new();
    for line in code.lines() {
        let tight: String = code.bare(line.clone()).split_whitespace().collect();
        if code.indentation(&line) == Some(0) && BEGINS.iter().any(|begin| tight.starts_with(begin))
        {
            let open = code.text[line.clone()].rfind('{').map(|at| line.start + at);
            end = open.map_or(line.end, |open| code.closing(open));
        }
        found.push(line.start < end);
    }
    found
}

/// Whether a program reads what it was started with, and gives nothing to who loads it.
pub(in crate::engine::guard) fn is_script(code: &Code<'_>) -> bool {
    let bare = code.bare(0..code.text.len());
    let begins = code.text.starts_with("#!");
    match code.language {
        Language::Python => begins || bare.contains("sys.argv") || bare.contains("ArgumentParser("),
        Language::JavaScript => {
            (begins || bare.contains("process.argv"))
                && !bare.contains("exports")
                && !bare.lines().any(|line| line.starts_with("export "))
        }
        _ => false,
    }
}
