//! Shell words as the shell would see them after its expansions, as far as the text tells. What is
//! known only at run time becomes a mark inside the text.

use brush_parser::ParserOptions;
use brush_parser::ast::Word;
use brush_parser::word::{
    BraceExpressionMember, BraceExpressionOrText, Parameter, ParameterExpr, SpecialParameter,
    TildeExpr, WordPiece, WordPieceWithSource, parse, parse_brace_expansions, parse_heredoc,
};

use super::argument::{Argument, HOME, OWN_PROCESS, UNKNOWN};
use super::depth::has_deep_braces;
use super::findings::Findings;
use super::literal;
use super::scene::{Inner, Scene};

/// Stands between words that an unquoted expansion makes out of one: a mark beside those of
/// `argument`, which nobody else sees.
const SPLIT: char = '\u{e003}';

/// More words than this are not made of one.
const MOST_WORDS: usize = 64;

/// Every word that the shell makes of one.
pub(super) fn expand(word: &Word, scene: &mut Scene, findings: &mut Findings) -> Vec<Argument> {
    expand_text(&word.value, scene, findings)
}

/// The same for a word's text.
pub(super) fn expand_text(text: &str, scene: &mut Scene, findings: &mut Findings) -> Vec<Argument> {
    let mut arguments = Vec::new();
    if has_deep_braces(text) {
        findings.unreadable("has a word that cannot be read");
        return vec![Argument::unknown()];
    }
    for text in braces(text) {
        let argument = expand_one(&text, scene, findings);
        for part in argument.text.split(SPLIT) {
            if !part.is_empty() || !argument.text.contains(SPLIT) {
                arguments.push(Argument {
                    text: part.to_owned(),
                    ..argument.clone()
                });
            }
        }
    }
    arguments
}

/// The text of a word that is not split: an assignment, a redirection's target.
pub(super) fn expand_one(text: &str, scene: &mut Scene, findings: &mut Findings) -> Argument {
    let Ok(pieces) = parse(text, &ParserOptions::default()) else {
        findings.unreadable("has a word that cannot be read");
        return Argument::unknown();
    };
    let mut argument = Argument::default();
    for piece in pieces {
        append(&mut argument, &piece, Quoted::No, scene, findings);
    }
    argument
}

/// The text of a here-document, with what it runs while it is expanded.
pub(super) fn expand_document(text: &str, scene: &mut Scene, findings: &mut Findings) -> Argument {
    let mut argument = Argument::default();
    match parse_heredoc(text, &ParserOptions::default()) {
        Ok(pieces) => {
            for piece in pieces {
                append(&mut argument, &piece, Quoted::Yes, scene, findings);
            }
        }
        Err(_) => argument.text.push_str(text),
    }
    argument
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    No,
    Yes,
}

fn append(
    argument: &mut Argument,
    piece: &WordPieceWithSource,
    quoted: Quoted,
    scene: &mut Scene,
    findings: &mut Findings,
) {
    match &piece.piece {
        WordPiece::Text(text) => {
            argument.glob |= quoted == Quoted::No && text.contains(['*', '?', '[']);
            argument.text.push_str(text);
        }
        WordPiece::SingleQuotedText(text) => argument.text.push_str(text),
        WordPiece::AnsiCQuotedText(text) => argument.text.push_str(&literal::unescape(text)),
        WordPiece::DoubleQuotedSequence(pieces)
        | WordPiece::GettextDoubleQuotedSequence(pieces) => {
            for piece in pieces {
                append(argument, piece, Quoted::Yes, scene, findings);
            }
        }
        WordPiece::TildeExpansion(tilde) => match tilde {
            TildeExpr::Home => argument.text.push(HOME),
            TildeExpr::UserHome(user) if user == "root" => argument.text.push_str("/root"),
            TildeExpr::UserHome(user) => argument.text.extend(["/home/", user]),
            TildeExpr::WorkingDir => argument.text.push('.'),
            _ => argument.text.push(UNKNOWN),
        },
        WordPiece::ParameterExpansion(expression) => {
            let value = parameter(expression, scene, findings);
            argument.fetched |= value.fetched;
            if quoted == Quoted::Yes {
                argument.text.push_str(&value.text);
            } else {
                argument.glob |= value.text.contains(['*', '?', '[']);
                let split = value.text.replace([' ', '\t', '\n'], &SPLIT.to_string());
                argument.text.push_str(&split);
            }
        }
        WordPiece::CommandSubstitution(text) | WordPiece::BackquotedCommandSubstitution(text) => {
            let value = substitution(text, scene, findings);
            argument.fetched |= value.fetched;
            argument.text.push_str(&value.text);
        }
        WordPiece::EscapeSequence(text) => match text.strip_prefix('\\') {
            Some("\n") => {}
            Some(rest) if quoted == Quoted::No || rest.starts_with(['$', '`', '"', '\\']) => {
                argument.text.push_str(rest);
            }
            _ => argument.text.push_str(text),
        },
        WordPiece::ArithmeticExpression(expression) => {
            expand_one(&expression.value, scene, findings);
            argument.text.push(UNKNOWN);
        }
    }
}

fn parameter(expression: &ParameterExpr, scene: &mut Scene, findings: &mut Findings) -> Argument {
    match expression {
        ParameterExpr::Parameter {
            parameter,
            indirect: false,
        } => match parameter {
            Parameter::Named(name) => scene.variable(name),
            Parameter::Special(SpecialParameter::LastBackgroundProcessId) => {
                Argument::known(OWN_PROCESS)
            }
            _ => Argument::unknown(),
        },
        ParameterExpr::UseDefaultValues {
            default_value: Some(text),
            ..
        }
        | ParameterExpr::AssignDefaultValues {
            default_value: Some(text),
            ..
        }
        | ParameterExpr::UseAlternativeValue {
            alternative_value: Some(text),
            ..
        } => {
            // What the default runs is looked at; whether it is used is known only at run time.
            let value = expand_one(text, scene, findings);
            if value.text.starts_with(['/', HOME]) {
                value
            } else {
                Argument::unknown()
            }
        }
        _ => Argument::unknown(),
    }
}

/// What a command substitution stands for.
fn substitution(text: &str, scene: &Scene, findings: &mut Findings) -> Argument {
    let fetches = findings.fetches();
    let output = scene.clone().follow(Inner::Line(text), findings);
    let known = match text.trim() {
        "pwd" | "git rev-parse --show-toplevel" => Some(".".to_owned()),
        command if command.starts_with("mktemp") => Some("/tmp/made".to_owned()),
        command if is_own_process(command) => Some(OWN_PROCESS.to_string()),
        _ => output.map(|output| output.trim_end().to_owned()),
    };
    Argument {
        text: known.unwrap_or_else(|| UNKNOWN.to_string()),
        glob: false,
        fetched: findings.fetches() > fetches,
    }
}

/// `cat server.pid`: what the project's own server left there.
fn is_own_process(command: &str) -> bool {
    let file = command.strip_prefix("cat ").or(command.strip_prefix('<'));
    file.map(str::trim).is_some_and(|file| {
        file.rsplit_once('.')
            .is_some_and(|(_, ending)| ending == "pid")
            && !file.starts_with(['/', '~'])
            && !file.contains([' ', '$', '`'])
            && !file.contains("..")
    })
}

/// Every text that the braces of a word stand for.
fn braces(text: &str) -> Vec<String> {
    match parse_brace_expansions(text, &ParserOptions::default()) {
        Ok(Some(parts)) if text.contains('{') => combine(&parts),
        _ => vec![text.to_owned()],
    }
}

fn combine(parts: &[BraceExpressionOrText]) -> Vec<String> {
    let mut words = vec![String::new()];
    for part in parts {
        let endings = match part {
            BraceExpressionOrText::Text(text) => vec![text.clone()],
            BraceExpressionOrText::Expr(members) => members.iter().flat_map(member).collect(),
        };
        words = words
            .iter()
            .flat_map(|word| endings.iter().map(move |ending| format!("{word}{ending}")))
            .take(MOST_WORDS)
            .collect();
    }
    words
}

fn member(member: &BraceExpressionMember) -> Vec<String> {
    match member {
        BraceExpressionMember::Child(parts) => combine(parts),
        BraceExpressionMember::NumberSequence { start, end, .. } => {
            vec![start.to_string(), end.to_string()]
        }
        BraceExpressionMember::CharSequence { start, end, .. } => {
            let (first, last) = ((*start).min(*end), (*start).max(*end));
            (first..=last).map(String::from).take(MOST_WORDS).collect()
        }
    }
}
