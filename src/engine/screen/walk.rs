//! Walks through the grammar of a command line and hands every simple command, as the shell would
//! see it, to `commands`.

use std::borrow::Cow;

use brush_parser::ast::{
    AndOr, AssignmentName, AssignmentValue, Command, CommandPrefixOrSuffixItem, CompoundCommand,
    CompoundList, ExtendedTestExpr, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect, Pipeline,
    SeparatorOperator, SimpleCommand, SubshellCommand, Word,
};
use brush_parser::{Parser, ParserOptions};

use super::argument::{Argument, OWN_PROCESS, UNKNOWN};
use super::findings::Findings;
use super::scene::{Audience, Feed, Inner, Scene};
use super::words::{expand, expand_document, expand_one};
use super::{commands, files, variables};

/// Strings inside strings are followed this deep.
const DEEPEST: u32 = 12;

/// Walks through a whole command line, or through a command inside one.
pub(super) fn walk(inner: Inner<'_>, scene: &mut Scene, findings: &mut Findings) -> Option<String> {
    match inner {
        Inner::Line(text) => scene.text(text, findings),
        Inner::Words(words) => commands::run(words, scene, findings),
    }
}

impl Scene {
    /// Walks through a text as a shell would run it. Returns what it writes, if its text says so.
    fn text(&mut self, text: &str, findings: &mut Findings) -> Option<String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            findings.unreadable("is nested too deeply to be looked through");
            return None;
        }
        if !findings.goes_on() {
            return None;
        }
        let text = told_apart(text);
        let mut parser = Parser::new(text.as_bytes(), &ParserOptions::default());
        let Ok(program) = parser.parse_program() else {
            findings.unreadable("cannot be read as a shell command");
            return None;
        };
        let mut output = None;
        for list in &program.complete_commands {
            output = self.list(list, findings);
        }
        self.depth -= 1;
        output.filter(|_| program.complete_commands.len() == 1)
    }

    fn list(&mut self, list: &CompoundList, findings: &mut Findings) -> Option<String> {
        let mut output = None;
        for item in &list.0 {
            let spread = matches!(item.1, SeparatorOperator::Async);
            let outer = (self.spreads, self.bounded);
            self.spreads |= spread;
            self.bounded |= spread;
            output = self.pipeline(&item.0.first, findings);
            for more in &item.0.additional {
                let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = more;
                self.pipeline(pipeline, findings);
            }
            if spread {
                self.set("!", Argument::known(OWN_PROCESS));
            }
            (self.spreads, self.bounded) = outer;
        }
        output.filter(|_| matches!(list.0.as_slice(), [item] if item.0.additional.is_empty()))
    }

    fn pipeline(&mut self, pipeline: &Pipeline, findings: &mut Findings) -> Option<String> {
        if let [command] = pipeline.seq.as_slice() {
            return self.command(command, findings);
        }
        let mut feed = self.feed.clone();
        let mut output = None;
        for (place, command) in pipeline.seq.iter().enumerate() {
            // Each part of a pipe is a process of its own.
            let mut scene = self.clone();
            scene.feed = feed;
            scene.spreads = true;
            scene.into_file = pipeline.seq[place + 1..].iter().any(keeps_all);
            scene.audience = if pipeline.seq[place + 1..].iter().all(only_filters) {
                Audience::Filters
            } else {
                Audience::Anyone
            };
            let fetches = findings.fetches();
            let fetched_before = scene.feed == Feed::Fetched;
            output = scene.command(command, findings);
            self.written.append(&mut scene.written);
            feed = if fetched_before || findings.fetches() > fetches {
                Feed::Fetched
            } else {
                output.clone().map_or(Feed::Unknown, Feed::Text)
            };
        }
        output
    }

    fn command(&mut self, command: &Command, findings: &mut Findings) -> Option<String> {
        match command {
            Command::Simple(simple) => self.simple(simple, findings),
            Command::Compound(compound, redirections) => {
                let feed = self.feed.clone();
                for redirection in redirections.iter().flat_map(|list| &list.0) {
                    self.redirect(redirection, findings);
                }
                self.compound(compound, findings);
                self.feed = feed;
                None
            }
            Command::Function(function) => {
                let mut scene = self.clone();
                scene.inside_functions.push(function.fname.value.clone());
                scene.spreads = false;
                scene.compound(&function.body.0, findings);
                None
            }
            Command::ExtendedTest(test, _) => {
                self.test(&test.expr, findings);
                None
            }
        }
    }

    fn compound(&mut self, compound: &CompoundCommand, findings: &mut Findings) {
        match compound {
            CompoundCommand::BraceGroup(group) => {
                self.list(&group.list, findings);
            }
            CompoundCommand::Subshell(shell) => self.subshell(shell, findings),
            CompoundCommand::ForClause(clause) => {
                let mut values = Vec::new();
                for word in clause.values.iter().flatten() {
                    values.extend(expand(word, self, findings));
                }
                if values.is_empty() || values.len() > 16 {
                    values = vec![Argument::unknown()];
                }
                for value in values {
                    self.set(&clause.variable_name, value);
                    self.list(&clause.body.list, findings);
                }
            }
            CompoundCommand::CaseClause(clause) => {
                expand(&clause.value, self, findings);
                for case in &clause.cases {
                    if let Some(list) = &case.cmd {
                        self.clone().list(list, findings);
                    }
                }
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition, findings);
                self.clone().list(&clause.then, findings);
                for other in clause.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.list(condition, findings);
                    }
                    self.clone().list(&other.body, findings);
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0, findings);
                let body = &clause.1.list;
                if body
                    .0
                    .iter()
                    .all(|item| matches!(item.1, SeparatorOperator::Async))
                {
                    findings.dangerous("starts processes without end");
                }
                self.list(body, findings);
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                self.list(&clause.body.list, findings);
            }
            CompoundCommand::Arithmetic(arithmetic) => {
                expand_one(&arithmetic.expr.value, self, findings);
            }
            CompoundCommand::Coprocess(process) => {
                self.clone().command(&process.body, findings);
            }
        }
    }

    fn subshell(&self, shell: &SubshellCommand, findings: &mut Findings) {
        if shell
            .list
            .0
            .iter()
            .any(|item| matches!(item.1, SeparatorOperator::Async))
        {
            findings.suspicious("leaves a process in the background that nothing waits for");
        }
        self.clone().list(&shell.list, findings);
    }

    fn test(&mut self, test: &ExtendedTestExpr, findings: &mut Findings) {
        match test {
            ExtendedTestExpr::And(left, right) | ExtendedTestExpr::Or(left, right) => {
                self.test(left, findings);
                self.test(right, findings);
            }
            ExtendedTestExpr::Not(inner) | ExtendedTestExpr::Parenthesized(inner) => {
                self.test(inner, findings);
            }
            ExtendedTestExpr::UnaryTest(_, word) => {
                expand(word, self, findings);
            }
            ExtendedTestExpr::BinaryTest(_, left, right) => {
                expand(left, self, findings);
                expand(right, self, findings);
            }
        }
    }

    fn simple(&mut self, simple: &SimpleCommand, findings: &mut Findings) -> Option<String> {
        let (feed, into_file) = (self.feed.clone(), self.into_file);
        let mut arguments = Vec::new();
        let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = simple.suffix.iter().flat_map(|suffix| &suffix.0);
        for item in prefix {
            self.item(item, simple.word_or_name.as_ref(), &mut arguments, findings);
        }
        if let Some(name) = &simple.word_or_name {
            arguments.extend(expand(name, self, findings));
        }
        for item in suffix {
            match item {
                // After the name it is an operand: `dd of=…`, `export PATH=…`.
                CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                    arguments.extend(expand(word, self, findings));
                }
                item => self.item(item, None, &mut arguments, findings),
            }
        }
        let output = commands::run(&arguments, self, findings);
        if let (Some(target), Some(text)) = (self.target.take(), &output) {
            self.written.entry(target).or_default().push_str(text);
        }
        let output = output.filter(|_| !self.into_file || into_file);
        (self.feed, self.into_file) = (feed, into_file);
        output
    }

    fn item(
        &mut self,
        item: &CommandPrefixOrSuffixItem,
        name: Option<&Word>,
        arguments: &mut Vec<Argument>,
        findings: &mut Findings,
    ) {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirection) => {
                self.redirect(redirection, findings);
            }
            CommandPrefixOrSuffixItem::Word(word) => {
                arguments.extend(expand(word, self, findings));
            }
            CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                let value = match &assignment.value {
                    AssignmentValue::Scalar(word) => expand_one(&word.value, self, findings),
                    AssignmentValue::Array(words) => {
                        for (_, word) in words {
                            expand(word, self, findings);
                        }
                        Argument::unknown()
                    }
                };
                let (AssignmentName::VariableName(variable)
                | AssignmentName::ArrayElementName(variable, _)) = &assignment.name;
                variables::assignment(variable, &value, self, findings);
                if name.is_none() {
                    let value = if assignment.append {
                        Argument::unknown()
                    } else {
                        value
                    };
                    self.set(variable, value);
                }
            }
            CommandPrefixOrSuffixItem::ProcessSubstitution(_, shell) => {
                arguments.push(self.process(shell, findings));
            }
        }
    }

    /// A command behind a file name: `<(…)`.
    fn process(&self, shell: &SubshellCommand, findings: &mut Findings) -> Argument {
        let fetches = findings.fetches();
        self.clone().list(&shell.list, findings);
        Argument {
            text: format!("/dev/fd/{UNKNOWN}"),
            glob: false,
            fetched: findings.fetches() > fetches,
        }
    }

    fn redirect(&mut self, redirection: &IoRedirect, findings: &mut Findings) {
        match redirection {
            IoRedirect::File(_, kind, target) => match target {
                IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => {
                    let target = expand_one(&word.value, self, findings);
                    match kind {
                        IoFileRedirectKind::Read => {
                            files::read(&target, self, findings);
                            self.feed = Feed::Unknown;
                        }
                        IoFileRedirectKind::DuplicateInput => {}
                        _ => self.redirect_into(&target, findings),
                    }
                }
                IoFileRedirectTarget::ProcessSubstitution(_, shell) => {
                    let fetched = self.process(shell, findings).fetched;
                    self.feed = if fetched {
                        Feed::Fetched
                    } else {
                        Feed::Unknown
                    };
                }
                IoFileRedirectTarget::Fd(_) => {}
            },
            IoRedirect::OutputAndError(word, _) => {
                let target = expand_one(&word.value, self, findings);
                self.redirect_into(&target, findings);
            }
            IoRedirect::HereDocument(_, document) => {
                let text = if document.requires_expansion {
                    expand_document(&document.doc.value, self, findings).text
                } else {
                    document.doc.value.clone()
                };
                self.feed = Feed::Document(text);
            }
            IoRedirect::HereString(_, word) => {
                self.feed = Feed::Document(expand_one(&word.value, self, findings).text);
            }
        }
    }

    fn redirect_into(&mut self, target: &Argument, findings: &mut Findings) {
        // `>&2` and `>&-` are no files.
        if target.text == "-" || target.text.chars().all(|digit| digit.is_ascii_digit()) {
            return;
        }
        self.into_file = target.text != "/dev/null";
        self.target = Some(target.text.trim_start_matches("./").to_owned());
        if target.text.starts_with("/dev/tcp/") || target.text.starts_with("/dev/udp/") {
            findings.dangerous("connects the shell to the network");
        } else {
            files::write(target, self, findings);
        }
    }
}

/// A shell in a shell, `( (…) )`, which the parser takes for arithmetic: a command that does
/// nothing stands between. Real arithmetic has nothing between its parentheses.
fn told_apart(text: &str) -> Cow<'_, str> {
    let mut told: Option<String> = None;
    let mut open = None;
    for (at, character) in text.char_indices() {
        match (character, open) {
            ('(', Some(before)) if at > before + 1 => {
                let kept = told.get_or_insert_with(|| text[..=before].to_owned());
                kept.push_str(":;(");
            }
            (character, _) => {
                if let Some(told) = &mut told {
                    told.push(character);
                }
            }
        }
        match character {
            '(' => open = Some(at),
            character if character.is_whitespace() => {}
            _ => open = None,
        }
    }
    told.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Whether a part of a pipe only picks and orders lines.
fn only_filters(command: &Command) -> bool {
    const FILTERS: [&str; 9] = [
        "sort", "uniq", "head", "tail", "grep", "wc", "cut", "less", "cat",
    ];
    let Command::Simple(simple) = command else {
        return false;
    };
    let name = simple.word_or_name.as_ref().map_or("", |name| &name.value);
    FILTERS.contains(&name) && !keeps_all(command)
}

/// Whether a part of a pipe writes what it gets to a file, however much it is.
fn keeps_all(command: &Command) -> bool {
    let Command::Simple(simple) = command else {
        return false;
    };
    let name = simple.word_or_name.as_ref().map_or("", |name| &name.value);
    let items = simple.suffix.iter().flat_map(|suffix| &suffix.0);
    let mut redirections = items.filter_map(|item| match item {
        CommandPrefixOrSuffixItem::IoRedirect(redirection) => Some(redirection),
        _ => None,
    });
    matches!(name, "dd" | "tee" | "sponge" | "split")
        || redirections.any(|redirection| {
            matches!(redirection, IoRedirect::OutputAndError(..))
                || matches!(
                    redirection,
                    IoRedirect::File(
                        _,
                        IoFileRedirectKind::Write
                            | IoFileRedirectKind::Append
                            | IoFileRedirectKind::Clobber,
                        _
                    )
                )
        })
}
