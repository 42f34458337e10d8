//! How the verdict on a command is reached: first the text as such, then what the shell would make
//! of it.

use std::path::Path;

use super::depth::is_too_deep;
use super::findings::Findings;
use super::forbidden::Forbidden;
use super::scene::{Inner, Scene};
use super::verdict::Screening;
use super::walk::walk;

/// Screens a command that would run in the project folder, wherever that is.
pub fn screen(command: &str) -> Screening {
    screen_in(command, Path::new(""), &[])
}

/// Screens a command that would run in `project`, where some commands are not allowed; absolute
/// paths below the project count as the project's.
///
/// What is nested too deeply for the parser is not parsed. Takes no more time than a command of that
/// length deserves, as far as is known: a limit of time from outside does no harm.
pub fn screen_in(command: &str, project: &Path, rules: &[Forbidden]) -> Screening {
    let mut findings = Findings::under(rules);
    if command.chars().any(hides_text) {
        findings.suspicious("contains characters that are not what they look like");
    }
    if is_too_deep(command) {
        findings.unreadable("is too deeply nested to be looked through");
        return findings.screening();
    }
    let mut scene = Scene::new(&project.to_string_lossy(), walk);
    scene.follow(Inner::Line(command), &mut findings);
    findings.screening()
}

/// The verdict on a command that nobody has looked through, and why not.
pub fn unscreened(why: &str, rules: &[Forbidden]) -> Screening {
    let mut findings = Findings::under(rules);
    findings.unreadable(why);
    findings.screening()
}

/// Characters that make a command look other than it is. The private-use ones are also what
/// `argument` and `words` use for themselves.
const fn hides_text(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
