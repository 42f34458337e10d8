//! One simple command, as the shell would run it: which rule looks at it.

use super::argument::Argument;
use super::findings::Findings;
use super::glob::matches;
use super::places::{Place, place};
use super::scene::{Feed, Name, Scene};
use super::{files, find, keys, literal, named, outputs, programs, runners, shells, wrappers};

/// Looks at a command: its name and what follows. Returns what it writes, if its text says so.
pub(super) fn run(
    arguments: &[Argument],
    scene: &mut Scene,
    findings: &mut Findings,
) -> Option<String> {
    let (first, rest) = arguments.split_first()?;
    let name = base(&first.text);
    findings.about(name);
    let program = Argument {
        text: name.to_owned(),
        ..first.clone()
    };
    findings.hold(&program, rest);
    if first.fetched {
        findings.dangerous("runs what comes from the network");
    } else if first.is_dynamic() {
        findings.obscure("has a command name that is known only when it runs");
        // Whatever the name turns out to be, it may do this to what follows.
        files::delete(rest, scene, findings);
        return None;
    }
    if scene.spreads && scene.inside_functions.contains(&first.text) {
        findings.dangerous("starts itself again and again");
    }
    if first.glob && first.text != "[" {
        findings.suspicious("has a command name that is a pattern");
        let pattern = base(&first.text);
        // A pattern behind a pattern is not tried out: the tries would multiply.
        let mut inner = scene.clone();
        inner.name = Name::Guessed;
        for name in
            named::names().filter(|name| scene.name == Name::Given && matches(pattern, name))
        {
            by_name(name, arguments, &mut inner, findings);
        }
        return None;
    }
    if first.text.contains('/') && place(&first.text, scene) == Place::Inside {
        // The project's own programs may be called as they like.
        files::secrets(rest, scene, findings);
        shells::written(first, scene, findings);
        return None;
    }
    by_name(base(&first.text), arguments, scene, findings);
    if scene.into_file && named::endless(arguments) {
        findings.suspicious("writes without end");
    }
    literal::output(arguments)
        .or_else(|| copied(arguments, scene))
        .or_else(|| find::names(arguments, scene))
}

/// What a command hands on as it gets it.
fn copied(arguments: &[Argument], scene: &Scene) -> Option<String> {
    match (arguments, &scene.feed) {
        ([only], Feed::Document(text) | Feed::Text(text)) if base(&only.text) == "cat" => {
            Some(text.clone())
        }
        _ => None,
    }
}

/// The command's name without its folder.
pub(super) fn base(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

fn by_name(name: &str, arguments: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    if !findings.goes_on() {
        return;
    }
    let rest = arguments.get(1..).unwrap_or_default();
    if let [only] = rest
        && matches!(only.text.as_str(), "--version" | "--help")
    {
        return;
    }
    outputs::rule(name, rest, scene, findings);
    runners::lines(name, rest, scene, findings);
    if let Some(inner) = wrappers::unwrap(name, rest, scene, findings) {
        let bounded = scene.bounded;
        scene.bounded |= name == "timeout";
        run(&inner, scene, findings);
        scene.bounded = bounded;
        return;
    }
    match name {
        // What they get is text.
        "echo" | "printf" | "type" | "which" | "man" | "help" | "whereis" | "apropos" | ":"
        | "true" | "false" | "test" | "[" | "expr" | "seq" | "basename" | "dirname" => return,
        "grep" | "egrep" | "fgrep" | "rg" | "ag" => {
            // The first operand is a pattern, not a file.
            let pattern = rest.iter().position(|word| !word.is_option());
            let files: Vec<Argument> = rest
                .iter()
                .enumerate()
                .filter(|(at, _)| Some(*at) != pattern)
                .map(|(_, word)| word.clone())
                .collect();
            files::look(&files, scene, findings);
            return;
        }
        _ => {}
    }
    if files::rule(name, rest, scene, findings) || programs::rule(name, rest, scene, findings) {
        return;
    }
    named::rule(name, rest, scene, findings);
    keys::rule(name, rest, findings);
    files::secrets(rest, scene, findings);
}
