//! `plan.json` and `plan.md`: how each ticket is done and shown to be done. Owns what is accepted
//! of a model; whether packages exist and commands may run is checked elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{Fields, one_line, says_nothing};
use super::markdown;
use super::paths::project_path;
use super::references::{Named, resolve};
use super::tickets::{Ticket, Tickets};

/// How the work is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// The approach in a few sentences.
    pub summary: String,
    /// Packages that must be installed.
    pub packages: Vec<String>,
    /// Commands that start the result.
    pub run: Vec<String>,
    /// One entry for every ticket, in their order.
    pub tickets: Vec<PlanTicket>,
}

/// How one ticket is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanTicket {
    /// The ticket.
    pub id: String,
    /// How.
    pub approach: String,
    /// What changes where.
    pub files: Vec<FileChange>,
    /// Commands whose success shows that it is done.
    pub verify: Vec<String>,
    /// What can go wrong.
    pub risks: Vec<String>,
}

/// A change of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileChange {
    /// Relative to the project, inside it.
    pub path: String,
    /// What changes.
    pub change: String,
}

/// The plan a model filled in, its entries in the order of the tickets, or what is wrong with it.
pub fn accept_plan(value: &Value, tickets: &Tickets) -> Result<Plan, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the plan", &mut faults) else {
        return Err(faults);
    };
    let summary = fields.paragraphs("summary", &mut faults);
    let packages = fields.lines("packages", &mut faults);
    let run = commands(&fields, "run", "the plan", &mut faults);
    let named: Vec<Named<'_>> = tickets
        .tickets
        .iter()
        .map(|ticket| Named {
            id: &ticket.id,
            title: &ticket.title,
        })
        .collect();
    let mut planned: Vec<Option<PlanTicket>> = vec![None; named.len()];
    for (place, entry) in fields
        .required_entries("tickets", &mut faults)
        .iter()
        .enumerate()
    {
        let name = format!("entry {}", place + 1);
        let Some(entry) = Fields::of(entry, &format!("{name} of the plan"), &mut faults) else {
            continue;
        };
        match resolve(&entry.line("id", &mut faults), &named) {
            Ok(at) => {
                let id = &tickets.tickets[at].id;
                if planned[at].is_some() {
                    faults.push(format!(
                        "ticket {id} is planned twice; join the two entries"
                    ));
                }
                planned[at] = Some(read_entry(id, &entry, &mut faults));
            }
            Err(why) => faults.push(format!("{name} of the plan is for ticket {why}")),
        }
    }
    for (ticket, entry) in tickets.tickets.iter().zip(&planned) {
        if entry.is_none() {
            faults.push(missing(ticket));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Plan {
        summary,
        packages,
        run,
        tickets: planned.into_iter().flatten().collect(),
    })
}

fn missing(ticket: &Ticket) -> String {
    format!(
        "the plan has no entry for ticket {} ({}); add one",
        ticket.id, ticket.title
    )
}

fn read_entry(id: &str, entry: &Fields<'_>, faults: &mut Vec<String>) -> PlanTicket {
    let name = format!("ticket {id}");
    let verify = commands(entry, "verify", &name, faults);
    if verify.is_empty() {
        faults.push(format!(
            "{name} has no verify command; add the command that runs its tests"
        ));
    }
    PlanTicket {
        id: id.to_owned(),
        approach: entry.paragraphs("approach", faults),
        files: entry
            .entries("files")
            .iter()
            .filter_map(|file| read_file_change(file, &name, faults))
            .collect(),
        verify,
        risks: entry.lines("risks", faults),
    }
}

/// A file and its change; a text alone is the path.
fn read_file_change(file: &Value, name: &str, faults: &mut Vec<String>) -> Option<FileChange> {
    let (path, change) = match file {
        Value::Null => return None,
        Value::String(path) => (path.clone(), String::new()),
        other => {
            let fields = Fields::of(other, &format!("a file of {name}"), faults)?;
            (
                fields.required_line("path", faults),
                fields.line("change", faults),
            )
        }
    };
    match project_path(&path) {
        Ok(path) => Some(FileChange { path, change }),
        Err(_) if path.is_empty() => None, // silent-ok: said above, or an empty entry
        Err(why) => {
            faults.push(format!("{name}: {why}"));
            None
        }
    }
}

/// Whether a command can exit 0 although a part of it failed: alternatives, sequences, background;
/// or prints words of its own, which may look like a test runner's.
/// `&&` is fine, and a pipe is too, since checks run with `pipefail`.
fn hides_failure(command: &str) -> bool {
    let prints = command.split("&&").any(|part| {
        let first = part.split_whitespace().next().unwrap_or_default();
        matches!(first, "echo" | "printf")
    });
    if prints {
        return true;
    }
    let mut quote = None;
    let mut before = ' ';
    let mut characters = command.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ';') => return true,
            (None, '|') if characters.peek() == Some(&'|') => return true,
            // `2>&1` and `&>` redirect, `&&` joins; a single `&` goes to the background.
            (None, '&') if characters.peek() == Some(&'&') => {
                characters.next();
            }
            (None, '&') if before != '>' && characters.peek() != Some(&'>') => return true,
            _ => {}
        }
        before = c;
    }
    false
}

/// Shell commands, each on one line. Backticks around a whole command and a prompt in front of it
/// are how commands are written in prose, and are not part of it.
fn commands(fields: &Fields<'_>, key: &str, name: &str, faults: &mut Vec<String>) -> Vec<String> {
    let mut commands = Vec::new();
    for text in fields.texts(key, faults) {
        let mut command = text.trim();
        if let Some(inner) = command
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'))
            && !inner.contains('`')
        {
            command = inner.trim();
        }
        command = command.strip_prefix("$ ").unwrap_or(command).trim();
        if command.chars().any(char::is_control) {
            let line = one_line(command);
            faults.push(format!(
                "the command '{line}' in '{key}' of {name} must be on one line"
            ));
        } else if key == "verify" && hides_failure(command) {
            faults.push(format!(
                "the command '{command}' in 'verify' of {name} can look like success although a test fails; use the plain test command, without ||, ;, & or echo"
            ));
        } else if !says_nothing(command) {
            commands.push(command.to_owned());
        }
    }
    commands
}

/// The plan as a person reads it.
pub fn render_plan(plan: &Plan) -> String {
    let mut out = String::new();
    markdown::heading(&mut out, 1, "Plan");
    markdown::text(&mut out, &plan.summary);
    markdown::heading(&mut out, 2, "Packages");
    markdown::list(&mut out, &plan.packages);
    markdown::heading(&mut out, 2, "How to run it");
    markdown::list(&mut out, &quoted(&plan.run));
    for ticket in &plan.tickets {
        markdown::heading(&mut out, 2, &ticket.id);
        markdown::text(&mut out, &ticket.approach);
        let files: Vec<String> = ticket
            .files
            .iter()
            .map(|file| match file.change.as_str() {
                "" => format!("`{}`", file.path),
                change => format!("`{}`: {change}", file.path),
            })
            .collect();
        markdown::labelled_list(&mut out, "Files:", &files);
        markdown::labelled_list(&mut out, "Verified by:", &quoted(&ticket.verify));
        markdown::labelled_list(&mut out, "Risks:", &ticket.risks);
    }
    out
}

fn quoted(commands: &[String]) -> Vec<String> {
    commands
        .iter()
        .map(|command| format!("`{command}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::simple::single_ticket;
    use super::*;
    use serde_json::json;

    fn two_tickets() -> Tickets {
        let mut tickets = single_ticket("Add tasks");
        let second = Ticket {
            id: "T2".to_owned(),
            title: "List tasks".to_owned(),
            ..Ticket::default()
        };
        tickets.tickets.push(second);
        tickets
    }

    fn good() -> Value {
        json!({
            "summary": "A script and its tests.",
            "packages": ["pytest", "None"],
            "run": ["`python todo.py list`"],
            "tickets": [
                {"id": "List tasks", "approach": "Read the file.", "files": ["./todo.py"], "verify": "$ pytest -q"},
                {"id": "t1", "approach": "Write it.", "files": [{"path": "todo.py", "change": "new"}],
                 "verify": ["pytest -q", "", "none"], "risks": ["two writers"]}
            ]
        })
    }

    #[test]
    fn every_ticket_is_planned_in_order() {
        let plan = accept_plan(&good(), &two_tickets()).unwrap();
        insta::assert_snapshot!(render_plan(&plan), @r"
        # Plan

        A script and its tests.

        ## Packages

        - pytest

        ## How to run it

        - `python todo.py list`

        ## T1

        Write it.

        Files:

        - `todo.py`: new

        Verified by:

        - `pytest -q`

        Risks:

        - two writers

        ## T2

        Read the file.

        Files:

        - `todo.py`

        Verified by:

        - `pytest -q`
        ");
    }

    #[test]
    fn faults_say_what_to_do() {
        let value = json!({"run": ["a\nb"], "tickets": [
            {"id": "T1", "files": ["/etc/passwd", {"path": ".git/x"}, {"change": "x"}], "verify": [" "]},
            {"id": "1", "verify": ["true"]},
            {"id": "T3", "verify": ["true"]},
        ]});
        assert_eq!(
            accept_plan(&value, &two_tickets()).unwrap_err(),
            [
                "the command 'a b' in 'run' of the plan must be on one line",
                "ticket T1 has no verify command; add the command that runs its tests",
                "ticket T1: path '/etc/passwd' is not relative; write it from the project folder, without a leading /",
                "ticket T1: path '.git/x' is inside .git, which is not to be touched",
                "a file of ticket T1 needs 'path', and it is empty",
                "ticket T1 is planned twice; join the two entries",
                "entry 3 of the plan is for ticket 'T3', which does not exist; use one of T1, T2",
                "the plan has no entry for ticket T2 (List tasks); add one",
            ]
        );
    }

    #[test]
    fn the_file_has_the_fixed_keys() {
        let mut ticket = PlanTicket::default();
        ticket.files.push(FileChange::default());
        let plan = Plan {
            tickets: vec![ticket],
            ..Plan::default()
        };
        assert_eq!(
            serde_json::to_string(&plan).unwrap(),
            r#"{"summary":"","packages":[],"run":[],"tickets":[{"id":"","approach":"","files":[{"path":"","change":""}],"verify":[],"risks":[]}]}"#
        );
    }

    #[test]
    fn a_check_must_not_hide_a_failure() {
        for command in [
            "cargo test || true",
            "cargo test; true",
            "pytest & true",
            "make test ||:",
            "cargo build && echo 'test result: ok. 1 passed'",
        ] {
            assert!(hides_failure(command), "{command}");
        }
        for command in [
            "cargo test",
            "cd app && npm test 2>&1 | tail -5",
            "python3 -c 'import a; a.run()'",
            "go test ./... &> log",
        ] {
            assert!(!hides_failure(command), "{command}");
        }
    }
}
