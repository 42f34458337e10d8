//! `loop answer`: what waits for an answer, in all sessions, and the answer from any terminal.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::args::{AnswerArgs, RunOptions};
use super::compose::{self, print, print_json, say};
use crate::engine::ask::{Answer, AskId, AskKind, Verdict};
use crate::engine::course::{Course, Said};
use crate::engine::decision::taken_for;
use crate::engine::session::Waits;
use crate::error::{Error, ErrorKind, Result};
use crate::run::given::{Given, ways};
use crate::run::listening::{Heard, Listener, Scope};
use crate::run::post::{self, Question, Sender};
use crate::run::store::{Listed, SessionFolder, Sessions, Woken};

/// Lists, waits, or answers.
pub(super) fn answer(args: &AnswerArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    if args.wait {
        return wait(&sessions, args);
    }
    let Some(wanted) = &args.ask else {
        return list(&sessions, args);
    };
    let session = args.session.as_deref();
    let wanted = Wanted::read(wanted, session, |id| {
        let (questions, _) = open(&sessions, session)?;
        Ok(questions
            .iter()
            .any(|question| question.open.ask.id.0 == id))
    })?;
    let (folder, question) = find(&sessions, &wanted)?;
    let Some(given) = given(args)? else {
        let question = question.ok_or_else(|| not_open(&wanted))?;
        return show(&question, args.json);
    };
    let place = (&wanted.id, wanted.asked);
    let sender = sender(loaded.secrets());
    let said = post::answer(&folder, place, |ask| given.read(ask), &sender)?;
    if args.json {
        let mut value = question
            .as_ref()
            .map_or_else(|| json!({"session": folder.id, "ask": wanted.id}), as_json);
        match &said {
            Said::Answer(answer) => value["answer"] = json!(answer),
            Said::Course(course) => value["course"] = json!(course),
        }
        value["running"] = json!(folder.is_running());
        print_json(&value.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let what = match &said {
        Said::Answer(answer) if wanted.id.blocked_ticket().is_some() => taken_for(answer),
        Said::Answer(answer) => in_words(answer),
        Said::Course(Course::Done) => "no more questions".to_owned(),
        Said::Course(Course::Again(number)) => format!("question {number} is asked again"),
    };
    say(&format!(
        "answered {} of session {}: {what}",
        wanted.id, folder.id
    ));
    if !folder.is_running() {
        say(&format!(
            "the session is not running; go on with: loop resume {}",
            folder.id
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(answer: &Answer) -> String {
    match &answer.verdict {
        Some(Verdict::Reject { why }) if why.is_empty() => "no".to_owned(),
        Some(Verdict::Reject { why }) => format!("no: {why}"),
        Some(Verdict::Revise { guidance }) => format!("sent back: {guidance}"),
        _ if answer.text.is_empty() => "left open".to_owned(),
        _ => answer.text.clone(),
    }
}

/// Who speaks here.
pub(super) fn sender(secrets: Vec<(String, String)>) -> Sender {
    let process = std::process::id();
    let terminal = rustix::termios::ttyname(std::io::stderr(), Vec::new());
    let name = match terminal {
        Ok(terminal) => format!("process {process} on {}", terminal.to_string_lossy()),
        Err(_) => format!("process {process}"),
    };
    Sender { name, secrets }
}

fn given(args: &AnswerArgs) -> Result<Option<Given>> {
    let text = args.text.join(" ");
    let ways = [
        (!args.text.is_empty()).then_some(Given::Text(text)),
        args.option.clone().map(Given::Option),
        args.approve.then_some(Given::Approve),
        args.reject.clone().map(Given::Reject),
    ];
    let mut ways = ways.into_iter().flatten();
    match (ways.next(), ways.next()) {
        (given, None) => Ok(given),
        (_, Some(_)) => Err(Error::usage("that is more than one answer")
            .hint("give one of: TEXT, --option, --approve, --reject")),
    }
}

/// `ASK`, `ID/ASK`, with `@SEQ` behind it or without.
struct Wanted {
    session: Option<String>,
    id: AskId,
    asked: Option<u64>,
}

impl Wanted {
    /// Sessions of earlier versions have asks with a `/` in their names: what is open by its whole
    /// name is not taken apart.
    fn read(
        text: &str,
        session: Option<&str>,
        is_open: impl Fn(&str) -> Result<bool>,
    ) -> Result<Self> {
        let (named, asked) = match text.rsplit_once('@') {
            Some((named, asked)) if !is_open(text)? => (named, Some(asked)),
            _ => (text, None),
        };
        let (within, id) = match named.split_once('/') {
            Some((within, id)) if session.is_none() && !is_open(named)? => (Some(within), id),
            _ => (None, named),
        };
        let number = |text: &str| {
            text.parse().map_err(|_| {
                Error::usage(format!("'{text}' is not the number of a line"))
                    .hint("such as approve-prd@55; loop answer --json has it as `seq`")
            })
        };
        Ok(Self {
            session: session.or(within).map(str::to_owned),
            id: AskId(id.to_owned()),
            asked: asked.map(number).transpose()?,
        })
    }
}

/// The session that is meant, and the question if it is open there.
fn find(sessions: &Sessions, wanted: &Wanted) -> Result<(SessionFolder, Option<Question>)> {
    if let Some(part) = &wanted.session {
        let folder = sessions.find(part)?;
        let questions = post::read_session(folder.clone())?.questions()?;
        let question = questions
            .into_iter()
            .find(|question| question.open.ask.id == wanted.id);
        return Ok((folder, question));
    }
    let (questions, _) = post::open_questions(sessions)?;
    let mut found: Vec<Question> = questions
        .into_iter()
        .filter(|question| question.open.ask.id == wanted.id)
        .collect();
    // One that was answered and not taken yet is still there, for those who come too late.
    if found.iter().any(Question::is_waiting) {
        found.retain(Question::is_waiting);
    }
    // What holds a session up comes before what one that is over has left.
    if found.iter().any(|question| !question.is_over) {
        found.retain(|question| !question.is_over);
    }
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok((only.folder.clone(), Some(only))),
        (Some(last), false) => {
            let all = found.iter().chain([&last]);
            let names: Vec<String> = all
                .map(|question| format!("{}/{}", question.folder.id, wanted.id))
                .collect();
            Err(
                Error::usage(format!("{} sessions ask {}", names.len(), wanted.id))
                    .hint(format!("say which: {}", names.join(", "))),
            )
        }
        (None, _) => look_back(sessions, wanted),
    }
}

/// No session that goes on asks that: whether one that is over still does, or any has.
fn look_back(sessions: &Sessions, wanted: &Wanted) -> Result<(SessionFolder, Option<Question>)> {
    for listed in sessions.list()? {
        let Listed::Readable(head) = listed else {
            continue;
        };
        // silent-ok: what cannot be read has asked nothing that could be answered.
        let Ok(read) = post::read_session(head.folder) else {
            continue;
        };
        let mut questions = read.questions()?.into_iter();
        if let Some(question) = questions.find(|question| question.open.ask.id == wanted.id) {
            return Ok((question.folder.clone(), Some(question)));
        }
        if let Some(error) = read.gone(&wanted.id) {
            return Err(error);
        }
    }
    Err(not_open(wanted))
}

fn not_open(wanted: &Wanted) -> Error {
    Error::usage(format!("no session asks '{}'", wanted.id)).hint("what is open: loop answer")
}

fn list(sessions: &Sessions, args: &AnswerArgs) -> Result<ExitCode> {
    if let Some(given) = given(args)? {
        let what = match given {
            Given::Text(text) => format!("\"{text}\""),
            Given::Option(letter) => format!("--option {letter}"),
            Given::Approve => "--approve".to_owned(),
            Given::Reject(_) => "--reject".to_owned(),
        };
        return Err(Error::usage(format!("{what} answers nothing by itself"))
            .hint("name the question: loop answer ASK …; what is open: loop answer"));
    }
    let (mut questions, unreadable) = open(sessions, args.session.as_deref())?;
    for words in unreadable {
        say(&words);
    }
    questions.retain(Question::is_waiting);
    if args.json {
        let all: Vec<Value> = questions.iter().map(as_json).collect();
        print_json(&Value::from(all).to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    if questions.is_empty() {
        say("nothing waits for an answer");
    }
    let mut text = String::new();
    for question in &questions {
        let _ = writeln!(text, "{}", as_line(question)); // silent-ok: writing to a String
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn open(sessions: &Sessions, session: Option<&str>) -> Result<(Vec<Question>, Vec<String>)> {
    match session {
        Some(part) => {
            let read = post::read_session(sessions.find(part)?)?;
            Ok((read.questions()?, Vec::new()))
        }
        None => post::open_questions(sessions),
    }
}

/// Session, question and its words, apart by tabs: one line, whatever the words are.
fn as_line(question: &Question) -> String {
    let ask = &question.open.ask;
    let words: Vec<&str> = ask.text.split_whitespace().collect();
    format!("{}\t{}\t{}", question.folder.id, ask.id, words.join(" "))
}

fn as_json(question: &Question) -> Value {
    let ask = &question.open.ask;
    let reference = ask.reference.as_ref().map(|reference| {
        json!({
            "artifact": reference.artifact,
            "file": question.folder.artifacts().join(&reference.artifact),
            "sha256": reference.sha256,
        })
    });
    json!({
        "session": question.folder.id,
        "ask": ask.id,
        "seq": question.open.seq,
        "asked_at": question.at,
        "kind": ask.kind,
        "text": ask.text,
        "options": ask.options,
        "why": ask.why,
        "reference": reference,
        "waits": match &question.open.waits {
            Waits::Run => "run",
            Waits::Ticket(id) => id,
        },
        "running": question.folder.is_running(),
        "project": question.project,
    })
}

/// One question in full, with what is to be approved.
fn show(question: &Question, as_data: bool) -> Result<ExitCode> {
    let ask = &question.open.ask;
    if as_data {
        let mut value = as_json(question);
        value["shown"] = json!(ask.reference.as_ref().map(|reference| &reference.shown));
        print_json(&value.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    if let Some(reference) = &ask.reference {
        let _ = writeln!(text, "{}\n", reference.shown.trim_end()); // silent-ok: a String
    }
    let _ = writeln!(text, "{}", ask.text); // silent-ok: a String
    for (key, option) in ('A'..='Z').zip(&ask.options) {
        // The tickets of a plan are named by their ids.
        let key = match ask.kind {
            AskKind::Plan => String::new(),
            _ => format!("{key}) "),
        };
        let _ = writeln!(text, "  {key}{option}"); // silent-ok: a String
    }
    if !ask.why.is_empty() {
        let _ = writeln!(text, "why: {}", ask.why); // silent-ok: a String
    }
    print(&text)?;
    match &question.sent {
        Some(letter) => say(&format!("answered by {} at {}", letter.from, letter.at)),
        None => say(&format!("answer with: {}", ways(ask))),
    }
    Ok(ExitCode::SUCCESS)
}

/// Blocks until something waits for an answer, or nothing can any more.
fn wait(sessions: &Sessions, args: &AnswerArgs) -> Result<ExitCode> {
    let began = Instant::now();
    let most = args.timeout.as_deref().map(duration).transpose()?;
    let folder = args
        .session
        .as_deref()
        .map(|part| sessions.find(part))
        .transpose()?;
    let scope = match folder {
        Some(folder) => Scope::One(folder),
        None => Scope::All(sessions.clone()),
    };
    let mut listener = Listener::new(scope.clone());
    let mut is_said = false;
    loop {
        let heard = listener.look()?;
        if !is_said && !matches!(heard, Heard::Question(_)) {
            say_left(listener.left());
            is_said = true;
        }
        match heard {
            Heard::Question(question) if args.json => {
                print_json(&as_json(&question).to_string())?;
                return Ok(ExitCode::SUCCESS);
            }
            Heard::Question(question) => {
                print(&format!("{}\n", as_line(&question)))?;
                return Ok(ExitCode::SUCCESS);
            }
            Heard::Nobody => return Err(nobody(&scope, listener.left())),
            Heard::Nothing => {}
        }
        let left = most.map(|most| most.saturating_sub(began.elapsed()));
        if listener.wait(left)? == Woken::TimeUp {
            return Err(Error::new(
                ErrorKind::Limit,
                "nothing was asked in that time",
            ));
        }
    }
}

/// What is open where nothing runs: nobody waits for it here.
fn say_left(left: &[Question]) {
    let names = left.iter();
    let names: Vec<String> = names
        .map(|question| format!("{}/{}", question.folder.id, question.open.ask.id))
        .collect();
    if !names.is_empty() {
        say(&format!(
            "not waited for, since these sessions are not running: {}; see them with: loop answer",
            names.join(", ")
        ));
    }
}

fn nobody(scope: &Scope, left: &[Question]) -> Error {
    let what = match scope {
        Scope::One(folder) => format!("session {} is not running and asks nothing", folder.id),
        Scope::All(_) if left.is_empty() => {
            "no session is running, and none asks anything".to_owned()
        }
        Scope::All(_) => {
            let what = "no session is running, so none will ask anything";
            return Error::new(ErrorKind::Incomplete, what)
                .hint("answer what is open, then go on with: loop resume ID");
        }
    };
    Error::new(ErrorKind::Incomplete, what).hint("loop sessions list says how each ended")
}

/// `90`, `90s`, `15m` or `2h`.
fn duration(text: &str) -> Result<Duration> {
    let text = text.trim();
    let (number, seconds) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1),
        Some(b'm') => (&text[..text.len() - 1], 60),
        Some(b'h') => (&text[..text.len() - 1], 3_600),
        _ => (text, 1),
    };
    let number: Option<u64> = number.parse().ok(); // silent-ok: said below
    number
        .and_then(|number| number.checked_mul(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| {
            Error::usage(format!("'{text}' is no time to wait")).hint("such as 90, 90s, 15m or 2h")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7_200)] {
            assert_eq!(duration(text).unwrap(), Duration::from_secs(seconds));
        }
        for text in ["", "m", "-1", "1.5h", "soon"] {
            assert_eq!(duration(text).unwrap_err().kind, ErrorKind::Usage, "{text}");
        }
    }

    #[test]
    fn a_question_is_named_with_session_and_line_or_without() {
        let check =
            |text: &str, option: Option<&str>, session: Option<&str>, asked: Option<u64>| {
                let wanted = Wanted::read(text, option, |_| Ok(false)).unwrap();
                assert_eq!(wanted.session.as_deref(), session);
                assert_eq!((wanted.id.0.as_str(), wanted.asked), ("approve-prd", asked));
            };
        check("approve-prd", None, None, None);
        check("approve-prd", Some("k3x9"), Some("k3x9"), None);
        check("k3x9/approve-prd@55", None, Some("k3x9"), Some(55));
        assert!(Wanted::read("approve-prd@now", None, |_| Ok(false)).is_err());
    }

    #[test]
    fn a_name_with_a_slash_is_not_taken_apart() {
        let old = "allow-cp-reads-~/.ssh";
        let is_open = |id: &str| Ok(id == old);
        for (text, session, within) in [
            (old.to_owned(), None, None),
            (old.to_owned(), Some("k3x9"), Some("k3x9")),
            (format!("{old}@55"), None, None),
            (format!("{old}@55"), Some("k3x9"), Some("k3x9")),
            (format!("k3x9/{old}"), None, Some("k3x9")),
        ] {
            let wanted = Wanted::read(&text, session, is_open).unwrap();
            assert_eq!(
                (wanted.id.0.as_str(), wanted.session.as_deref()),
                (old, within)
            );
            assert_eq!(wanted.asked, text.ends_with("@55").then_some(55));
        }
    }
}
