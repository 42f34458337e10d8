//! A session to hand to somebody else: one text to read, or an archive that can be replayed. Both
//! without secrets, those that were configured since then included.

use std::fmt::Write as _;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::StoreError;
use super::folder::SessionFolder;
use super::journal;
use super::line::{self, Chain};
use super::redact::Redactor;
use crate::engine::artifact::ArtifactName;
use crate::engine::event::{Event, Record};
use crate::engine::neutral::neutral;

/// The documents in the order in which they come about.
const ARTIFACTS: [ArtifactName; 7] = [
    ArtifactName::Interview,
    ArtifactName::Prd,
    ArtifactName::Tickets,
    ArtifactName::Research,
    ArtifactName::Plan,
    ArtifactName::Review,
    ArtifactName::Summary,
];

/// The session as one Markdown text: what was asked for, the documents, what happened.
pub fn markdown(folder: &SessionFolder, redactor: &Redactor) -> Result<String, StoreError> {
    let content = journal::read(&folder.journal())?;
    let mut text = String::new();
    for warning in &content.warnings {
        line(&mut text, &format!("> {warning}\n"));
    }
    for record in &content.records {
        if let Event::SessionStarted(started) = &record.event {
            line(&mut text, &format!("# {}\n", one_line(&started.task)));
            line(&mut text, &format!("- session: {}", folder.id));
            line(&mut text, &format!("- started: {}", record.at));
            line(&mut text, &format!("- project: {}", started.project));
            line(&mut text, &format!("- model: {}", started.model));
            line(&mut text, &format!("- version: {}\n", started.version));
        }
    }
    for name in ARTIFACTS {
        let file = name.rendered_file().unwrap_or(name.file());
        let path = folder.artifacts().join(file);
        match std::fs::read_to_string(&path) {
            Ok(document) => {
                line(&mut text, &format!("## {file}\n"));
                block(&mut text, &document, file);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        }
    }
    line(&mut text, "## What happened\n");
    for record in &content.records {
        tell(&mut text, record);
    }
    Ok(neutral(&redactor.text(&text)).into_owned())
}

/// The session as `.tar.gz`: its journal and its documents, in a folder with its id. A journal
/// that cannot be read goes in as it is, but for its secrets.
pub fn archive(
    folder: &SessionFolder,
    redactor: &Redactor,
    into: impl Write,
) -> Result<(), StoreError> {
    let path = folder.journal();
    let journal = match journal::read(&path) {
        Ok(content) => sealed_again(&content.records, redactor)?,
        Err(StoreError::Io {
            action,
            path,
            source,
        }) => {
            return Err(StoreError::Io {
                action,
                path,
                source,
            });
        }
        Err(_) => {
            let bytes = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
            redactor.text(&String::from_utf8_lossy(&bytes)).into_owned()
        }
    };
    let documents = documents(folder, redactor)?;
    let pack = || {
        let mut archive = tar::Builder::new(GzEncoder::new(into, Compression::default()));
        add(
            &mut archive,
            &format!("{}/journal.jsonl", folder.id),
            &journal,
        )?;
        for (name, text) in &documents {
            add(
                &mut archive,
                &format!("{}/artifacts/{name}", folder.id),
                text,
            )?;
        }
        archive.into_inner()?.finish()?.flush()
    };
    pack().map_err(StoreError::io("export", &folder.path))
}

/// The journal's text with secrets taken out and checksums that fit again.
fn sealed_again(records: &[Record], redactor: &Redactor) -> Result<String, StoreError> {
    let mut chain = Chain::default();
    let mut text = String::new();
    for record in records {
        let body = line::body(record).map_err(StoreError::Encode)?;
        let body = redactor.body(&body).map_or(body, |(body, _)| body);
        text.push_str(&chain.seal(body));
    }
    Ok(text)
}

fn documents(
    folder: &SessionFolder,
    redactor: &Redactor,
) -> Result<Vec<(String, String)>, StoreError> {
    let root = folder.artifacts();
    let entries = match std::fs::read_dir(&root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io("read", &root)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(StoreError::io("read", &root))?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            let bytes = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
            let text = redactor.text(&String::from_utf8_lossy(&bytes)).into_owned();
            found.push((name.to_string_lossy().into_owned(), text));
        }
    }
    found.sort();
    Ok(found)
}

fn add(archive: &mut tar::Builder<impl Write>, path: &str, text: &str) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    archive.append_data(&mut header, path, text.as_bytes())
}

/// One event as an entry of the list, with what belongs to it below.
fn tell(text: &mut String, record: &Record) {
    let place: Vec<&str> = [&record.phase, &record.ticket]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    let (words, detail) = words(&record.event);
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(" [{}]", place.join(" "))
    };
    line(
        text,
        &format!("- {} {}{place} {words}", record.seq, record.at),
    );
    if !detail.trim().is_empty() {
        line(text, "");
        block(text, detail, "");
    }
}

/// The event in a few words, and the text that belongs to it.
fn words(event: &Event) -> (String, &str) {
    match event {
        Event::SessionStarted(started) => ("session started".to_owned(), &started.task),
        Event::PhaseEntered { name, reason } => {
            (format!("phase {name}"), reason.as_deref().unwrap_or(""))
        }
        Event::ConversationStarted(opening) => {
            let last = opening.messages.last();
            let words = format!("conversation with {}", opening.model);
            (words, last.map_or("", |message| &message.content))
        }
        Event::TicketStarted { attempt, .. } => (format!("ticket started, attempt {attempt}"), ""),
        Event::AttemptFailed {
            attempt, reason, ..
        } => (format!("attempt {attempt} failed"), reason),
        Event::Replied(replied) => {
            let usage = replied.reply.usage;
            let words = format!(
                "model replied: {} calls, {} tokens read, {} written, {} ms",
                replied.reply.tool_calls.len(),
                usage.prompt_tokens,
                usage.eval_tokens,
                replied.ms
            );
            (words, &replied.reply.content)
        }
        Event::Repaired { what } => (format!("reply repaired: {}", what.join(", ")), ""),
        Event::ToolStarted { call, .. } => (
            format!("{} {}", call.name, one_line(&call.arguments.to_string())),
            "",
        ),
        Event::ToolFinished { result, ms, .. } => (
            format!("{} after {ms} ms", result.status.word()),
            &result.text,
        ),
        Event::Asked { ask } => ("asked".to_owned(), &ask.text),
        Event::Answered { answer, .. } => ("answered".to_owned(), &answer.text),
        Event::ArtifactWritten { name, .. } => (format!("wrote {}", name.file()), ""),
        Event::Checked(receipt) => {
            let verdict = if receipt.passed { "passed" } else { "failed" };
            let exit = receipt
                .exit
                .map_or("none".to_owned(), |exit| exit.to_string());
            let command = one_line(&receipt.command);
            let words = format!(
                "check {verdict}: {command} (exit {exit}, {} ms)",
                receipt.ms
            );
            (words, &receipt.output)
        }
        Event::Compacted { before, after, .. } => (
            format!("conversation shortened from {before} to {after} tokens"),
            "",
        ),
        Event::Told { text, .. } => ("told by the person".to_owned(), text),
        Event::Note(note) => ("note".to_owned(), &note.text),
        Event::Warned { text } => ("warning".to_owned(), text),
        Event::TicketFinished {
            outcome, reason, ..
        } => (format!("ticket {}", outcome_word(*outcome)), reason),
        Event::PhaseFinished { outcome, reason } => {
            (format!("phase {}", outcome_word(*outcome)), reason)
        }
        Event::Interrupted { reason, .. } => ("interrupted".to_owned(), reason),
        Event::Resumed { version, .. } => (format!("resumed by version {version}"), ""),
        Event::SessionFinished { outcome, reason } => {
            (format!("session {}", outcome_word(*outcome)), reason)
        }
    }
}

const fn outcome_word(outcome: crate::engine::event::Outcome) -> &'static str {
    super::head::SessionState::Finished(outcome).words()
}

fn one_line(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(200) {
        words.truncate(end);
        words.push('…');
    }
    words
}

/// A fenced block, with a fence that the text does not hold.
fn block(text: &mut String, content: &str, file: &str) {
    let longest = content
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let language = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    line(text, &format!("{fence}{language}"));
    line(text, content.trim_end());
    line(text, &format!("{fence}\n"));
}

fn line(text: &mut String, words: &str) {
    // silent-ok: writing to a String cannot fail.
    let _ = writeln!(text, "{words}");
}
