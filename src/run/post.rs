//! Speaking to a session from elsewhere: what it asks, and answers, words and the wish to stop as
//! letters. Reads journals and writes letters; never touches a journal, and never waits for the
//! run but where it says so.

use std::time::{Duration, Instant};

use super::people::with_document;
use crate::engine::ask::{Answer, AnsweredBy, Ask, AskId, Verdict};
use crate::engine::course::Said;
use crate::engine::event::{Audience, Event, Outcome, Record};
use crate::engine::session::{OpenAsk, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{
    AnswerLetter, Delivered, Durability, Found, Listed, Redactor, SessionFolder, SessionState,
    Sessions, StopLetter, TellLetter, Watch, Woken, clock, look, read,
};
use crate::tools::secrets;

/// Who answers or speaks at the run itself.
pub const HERE: &str = "the session's own terminal";
/// The longest word for a model, in characters: it stays in the conversation for good.
pub const LONGEST_WORD: usize = 4_000;
/// How long a process may take to notice that it is to stop; then it gets a signal, and as long
/// again.
const NOTICES_WITHIN: Duration = Duration::from_secs(10);

/// Who speaks.
#[derive(Clone, Debug)]
pub struct Sender {
    /// In words, for those who come too late: `process 4711 on /dev/pts/3`.
    pub name: String,
    /// Names and values that must not be written.
    pub secrets: Vec<(String, String)>,
}

impl Sender {
    /// Takes out what must not be written, the project's own secrets among it.
    fn redactor(&self, session: &Session) -> Redactor {
        let found = secrets(std::path::Path::new(&session.started.project));
        let all = self.secrets.iter().cloned().chain(found.values);
        Redactor::new(all)
    }
}

/// A session as its journal stands now.
#[derive(Clone, Debug)]
pub struct Read {
    /// Where it is.
    pub folder: SessionFolder,
    /// What its journal adds up to.
    pub session: Session,
    /// Its lines.
    pub records: Vec<Record>,
}

/// A question that is open.
#[derive(Clone, Debug)]
pub struct Question {
    /// Where its session is.
    pub folder: SessionFolder,
    /// The project of the session.
    pub project: String,
    /// The question, and what waits for it; with the document that is to be approved.
    pub open: OpenAsk,
    /// When it was asked.
    pub at: String,
    /// The answer that is on its way, if there is one.
    pub sent: Option<AnswerLetter>,
    /// Its session is over because of it, and goes on with the answer.
    pub is_over: bool,
}

/// Reads a session.
pub fn read_session(folder: SessionFolder) -> Result<Read> {
    let content = read(&folder.journal())?;
    let session = Session::fold(&content.records).map_err(|error| {
        Error::new(
            ErrorKind::Session,
            format!("{}: {error}", folder.journal().display()),
        )
    })?;
    Ok(Read {
        folder,
        session,
        records: content.records,
    })
}

impl Read {
    /// The questions that are open in it.
    pub fn questions(&self) -> Result<Vec<Question>> {
        if !self.can_be_answered() {
            return Ok(Vec::new());
        }
        let open = self.session.open_asks.values();
        open.map(|open| self.question(open)).collect()
    }

    /// Whether an answer can lead anywhere: the session is not over, or is because of a blocked
    /// ticket about which somebody may still decide.
    fn can_be_answered(&self) -> bool {
        let finished = self.session.finished.as_ref();
        finished.is_none_or(|(outcome, _)| *outcome == Outcome::Blocked)
    }

    fn question(&self, open: &OpenAsk) -> Result<Question> {
        let mailbox = self.folder.mailbox(Redactor::default());
        let sent = match mailbox.find_answer(open.seq)? {
            Some(Found::Letter(letter)) => Some(letter),
            Some(Found::Unreadable(_)) | None => None,
        };
        let asked = self.records.iter().find(|record| record.seq == open.seq);
        Ok(Question {
            folder: self.folder.clone(),
            project: self.session.started.project.clone(),
            open: OpenAsk {
                ask: with_document(&self.session, &open.ask),
                ..open.clone()
            },
            at: asked.map_or_else(String::new, |record| record.at.clone()),
            sent,
            is_over: self.session.finished.is_some(),
        })
    }

    /// Why a question cannot be answered any more; none if it was never asked.
    pub fn gone(&self, id: &AskId) -> Option<Error> {
        let about = |record: &&Record| match &record.event {
            Event::Asked { ask } => ask.id == *id,
            Event::Answered { id: of, .. } => of == id,
            _ => false,
        };
        let last = self.records.iter().rev().find(about)?;
        let end = match &last.event {
            Event::Answered { answer, .. } => {
                format!("it was answered by {} at {}", who(answer), last.at)
            }
            _ => "the session went on without an answer".to_owned(),
        };
        let what = format!(
            "{id} of session {} is not open any more: {end}",
            self.folder.id
        );
        let stopped = self.session.stopped_for();
        let hint = match id.blocked_ticket() {
            Some(ticket) if stopped.contains(&ticket) => {
                format!("it is asked again by: loop resume {}", self.folder.id)
            }
            _ => "what is open: loop answer".to_owned(),
        };
        Some(Error::new(ErrorKind::Incomplete, what).hint(hint))
    }
}

impl Question {
    /// Whether that is this question, asked at the same line.
    pub fn is_same(&self, other: &Self) -> bool {
        self.folder == other.folder && self.open.seq == other.open.seq
    }

    /// Whether it still needs an answer.
    pub fn is_waiting(&self) -> bool {
        self.sent.is_none()
    }
}

/// Whether an answer to one of the questions that are open was sent and not taken yet.
pub fn has_answer(folder: &SessionFolder, session: &Session) -> bool {
    let mut open = session.open_asks.values();
    open.any(|open| is_answered(folder, open.seq))
}

/// Whether an answer to the question of that `asked` line was sent.
pub fn is_answered(folder: &SessionFolder, asked: u64) -> bool {
    let mailbox = folder.mailbox(Redactor::default());
    matches!(mailbox.find_answer(asked), Ok(Some(_)))
}

/// Who answered, in words.
fn who(answer: &Answer) -> &str {
    match (&answer.from, answer.answered_by) {
        (Some(from), _) => from,
        (None, AnsweredBy::User) => HERE,
        (None, AnsweredBy::File) => "the answers file",
        (None, AnsweredBy::Model) => "the model",
        (None, AnsweredBy::Flag) => "--yes",
    }
}

/// The questions of all sessions that are not over, or are because of a blocked ticket, the newest
/// session first; and what could not be read, in words.
pub fn open_questions(sessions: &Sessions) -> Result<(Vec<Question>, Vec<String>)> {
    let mut questions = Vec::new();
    let mut unreadable = Vec::new();
    for listed in sessions.list()? {
        let folder = match listed {
            Listed::Readable(head) => match head.state {
                SessionState::Finished(Outcome::Blocked) => head.folder,
                SessionState::Finished(_) => continue,
                _ => head.folder,
            },
            Listed::Damaged { folder, reason } => {
                unreadable.push(format!("session {} cannot be read: {reason}", folder.id));
                continue;
            }
        };
        match read_session(folder).and_then(|read| read.questions()) {
            Ok(found) => questions.extend(found),
            Err(error) => unreadable.push(error.message),
        }
    }
    Ok((questions, unreadable))
}

/// Answers the question of that name, and of that `asked` line if that was said: as it stands in
/// the journal now, and only if nobody was faster. What it gives is what was sent.
pub fn answer(
    folder: &SessionFolder,
    (id, asked): (&AskId, Option<u64>),
    given: impl FnOnce(&Ask) -> Result<Said>,
    sender: &Sender,
) -> Result<Said> {
    let read = read_session(folder.clone())?;
    let session = &read.session;
    let open = match session.open_asks.get(id) {
        Some(open) if read.can_be_answered() => open,
        _ => {
            let unknown = || {
                Error::usage(format!("session {} has no question '{id}'", folder.id))
                    .hint("what is open: loop answer")
            };
            return Err(read.gone(id).unwrap_or_else(unknown));
        }
    };
    if asked.is_some_and(|asked| asked != open.seq) {
        return Err(Error::new(
            ErrorKind::Incomplete,
            format!(
                "{id} was asked again since then, and is {id}@{} now",
                open.seq
            ),
        )
        .hint(format!(
            "look at it with: loop answer -s {} {id}",
            folder.id
        )));
    }
    let mut said = given(&with_document(session, &open.ask))?;
    let verdict = match &mut said {
        Said::Answer(answer) => {
            answer.answered_by = AnsweredBy::User;
            answer.verdict.as_ref()
        }
        Said::Course(_) => None,
    };
    let approves = matches!(verdict, Some(Verdict::Approve | Verdict::Arrange { .. }));
    if let Some(reference) = &open.ask.reference
        && approves
        && folder.artifact_sha256(&reference.artifact).as_ref() != Some(&reference.sha256)
    {
        return Err(Error::new(
            ErrorKind::Incomplete,
            format!(
                "{} was changed on the disk after {id} was asked: it is not approved",
                folder.artifacts().join(&reference.artifact).display()
            ),
        )
        .hint(format!(
            "put the file back as it was, or say what is to be different: loop answer -s {} {id} --reject \"…\"",
            folder.id
        )));
    }
    let letter = AnswerLetter::says(&open.ask, &sender.name, clock::now(), said.clone());
    let mailbox = folder.mailbox(sender.redactor(session));
    match mailbox.answer(open.seq, &letter, Durability::Synced)? {
        Delivered::First => Ok(said),
        Delivered::Late(found) => Err(late(folder, id, &found)),
    }
}

fn late(folder: &SessionFolder, id: &AskId, found: &Found) -> Error {
    let what = match found {
        Found::Letter(letter) if letter.takes_back() => {
            format!("was taken back by {}, and is asked afresh", letter.from)
        }
        Found::Letter(letter) => {
            format!("was answered already by {} at {}", letter.from, letter.at)
        }
        Found::Unreadable(why) => format!("has a letter that cannot be read: {why}"),
    };
    Error::new(
        ErrorKind::Incomplete,
        format!("{id} of session {} {what}", folder.id),
    )
    .hint("the first answer counts; what is open: loop answer")
}

/// Sends the model a word. It is heard before the next request, or by those it is for.
pub fn tell(
    folder: &SessionFolder,
    text: &str,
    to: Option<Audience>,
    sender: &Sender,
) -> Result<()> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::usage("there is nothing to tell")
            .hint("say it in a sentence: loop tell \"use tabs\""));
    }
    if text.chars().count() > LONGEST_WORD {
        return Err(Error::usage(format!(
            "that is longer than {LONGEST_WORD} characters, and would stay in the conversation"
        ))
        .hint("write it into a file of the project, and tell the name of the file"));
    }
    let read = read_session(folder.clone())?;
    let session = &read.session;
    if let Some((outcome, _)) = &session.finished {
        let word = SessionState::Finished(*outcome).words();
        return Err(Error::new(
            ErrorKind::Incomplete,
            format!(
                "session {} is over ({word}): nobody hears it any more",
                folder.id
            ),
        )
        .hint("begin a new one with: loop start \"…\""));
    }
    let to = match to {
        Some(Audience::Ticket(id)) => Some(Audience::Ticket(named_ticket(session, &id)?)),
        other => other,
    };
    let letter = TellLetter {
        at: clock::now(),
        from: sender.name.clone(),
        text: text.to_owned(),
        to,
    };
    folder.mailbox(sender.redactor(session)).tell(&letter)?;
    Ok(())
}

/// The ticket that is meant, in upper or lower case, if it can still be told something.
fn named_ticket(session: &Session, id: &str) -> Result<String> {
    let ids = session.ticket_ids();
    let Some(&id) = ids.iter().find(|known| known.eq_ignore_ascii_case(id)) else {
        let hint = if ids.is_empty() {
            "the tickets are not written yet; tell it to all with --all".to_owned()
        } else {
            format!("the tickets are {}", ids.join(", "))
        };
        return Err(Error::usage(format!("there is no ticket '{id}'")).hint(hint));
    };
    let progress = session.tickets.get(id);
    let blocked = AskId::blocked(id);
    if session.open_asks.contains_key(&blocked) {
        let what = format!("{id} is blocked, and hears only the answer to its question");
        let hint = format!(
            "loop answer -s {} {blocked} \"retry AND WHAT TO DO DIFFERENTLY\"",
            session.started.id
        );
        return Err(Error::new(ErrorKind::Incomplete, what).hint(hint));
    }
    if progress.is_some_and(|progress| progress.ended.is_some()) {
        return Err(
            Error::new(ErrorKind::Incomplete, format!("{id} is over already"))
                .hint("tell it to all with --all, or do the phase again with --from"),
        );
    }
    Ok(id.to_owned())
}

/// Asks the process that has the session to stop as Ctrl-C would. Waits for nothing.
pub fn ask_to_stop(folder: &SessionFolder, sender: &Sender) -> Result<()> {
    if !folder.is_running() {
        return Err(not_running(folder));
    }
    let letter = StopLetter {
        at: clock::now(),
        from: sender.name.clone(),
    };
    let redactor = Redactor::new(sender.secrets.clone());
    folder.mailbox(redactor).stop(&letter)?;
    Ok(())
}

fn not_running(folder: &SessionFolder) -> Error {
    let (what, hint) = match look(folder.clone()) {
        Listed::Readable(head) if matches!(head.state, SessionState::Finished(_)) => (
            format!("is over already ({})", head.state.words()),
            format!("what came of it: loop sessions show {}", folder.id),
        ),
        _ => (
            "is not running".to_owned(),
            format!("go on with it: loop resume {}", folder.id),
        ),
    };
    let what = format!("session {} {what}", folder.id);
    Error::new(ErrorKind::Incomplete, what).hint(hint)
}

/// The same, and waits until the process has given the session up. One that does not notice, such
/// as that of an earlier version, gets a signal; one that stands still all the same is named.
pub fn stop(folder: &SessionFolder, sender: &Sender) -> Result<()> {
    stop_within(folder, sender, NOTICES_WITHIN)
}

/// The same with so much time before the signal, and after it.
pub fn stop_within(folder: &SessionFolder, sender: &Sender, patience: Duration) -> Result<()> {
    let mut watch = Watch::new();
    watch.add(&folder.path);
    ask_to_stop(folder, sender)?;
    let mailbox = folder.mailbox(Redactor::default());
    watch.add(mailbox.folder());
    let began = Instant::now();
    let mut until = patience;
    while folder.is_running() {
        let left = until.saturating_sub(began.elapsed());
        let woken = watch.wait(Some(left)).map_err(|error| {
            Error::new(
                ErrorKind::Incomplete,
                format!("cannot wait for session {} to stop: {error}", folder.id),
            )
        })?;
        if woken != Woken::TimeUp {
            continue;
        }
        if until > patience {
            return still_runs(folder, until);
        }
        until += patience;
        if mailbox.is_stop_waiting() {
            signal(folder);
        }
    }
    // Nobody is there to take it any more.
    mailbox.take_stop()?;
    Ok(())
}

/// It was told in every way there is; the wish stays, should it go on.
fn still_runs(folder: &SessionFolder, waited: Duration) -> Result<()> {
    let id = &folder.id;
    let Some(pid) = folder.process() else {
        return Err(not_running(folder));
    };
    let what = format!(
        "session {id} was told to stop, and process {pid} has not ended after {} s; kill -9 {pid} ends it and loses nothing",
        waited.as_secs()
    );
    let hint = if is_suspended(pid) {
        format!(
            "the shell has it suspended (Ctrl-Z), and it stops as told once it goes on: fg in that shell, or kill -CONT {pid}"
        )
    } else {
        format!(
            "it may write to a pipe that nobody reads; after the kill go on with: loop resume {id}"
        )
    };
    Err(Error::new(ErrorKind::Incomplete, what).hint(hint))
}

/// Whether a process was stopped by its shell. Where nobody says so, it was not.
fn is_suspended(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default(); // silent-ok: not Linux
    // Its name, which may hold anything, stands in brackets before the state.
    let state = status.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|state| state.starts_with('T'))
}

/// Ctrl-C for the process that has the session.
fn signal(folder: &SessionFolder) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = folder
        .process()
        .and_then(|pid| i32::try_from(pid).ok()) // silent-ok: no process has such a number
        .and_then(Pid::from_raw);
    if let Some(pid) = pid
        && folder.is_running()
    {
        // silent-ok: a process that is gone has given the session up.
        let _ = kill_process(pid, Signal::INT);
    }
}
