//! A document in the person's own editor, as often as they want, until it can be read back or they
//! give up. Refuses to know what a document is: reading it back is handed in.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::person::{Conversation, Entered};
use crate::engine::ask::Reference;
use crate::ui::display::Shared;
use crate::ui::text::{Tone, paragraph};
use crate::ui::words::question;

/// How an edit ended.
pub(super) enum Edited {
    /// The artifact's JSON after the edit.
    Content(String),
    /// Nothing has changed, or the edit was given up; why, in words.
    Nothing(String),
    /// The person wants to leave.
    Leave,
}

/// Opens the editor on the document.
pub(super) async fn edit(talk: &mut Conversation<'_>, reference: &Reference) -> Edited {
    let Some(editor) = talk.person.editor.clone() else {
        return Edited::Nothing(
            "No editor is known: set EDITOR, such as EDITOR=nano, or send it back with a sentence."
                .to_owned(),
        );
    };
    match edit_with(talk, reference, &editor).await {
        Ok(edited) => edited,
        Err(error) => Edited::Nothing(format!("The editor `{editor}` could not be used: {error}")),
    }
}

async fn edit_with(
    talk: &mut Conversation<'_>,
    reference: &Reference,
    editor: &str,
) -> io::Result<Edited> {
    let stem = reference.artifact.split('.').next().unwrap_or("document");
    let mut file = tempfile::Builder::new()
        .prefix(&format!("{stem}-"))
        .suffix(".md")
        .tempfile()?;
    file.write_all(reference.shown.as_bytes())?;
    file.flush()?;
    let mut draft = Draft {
        file: Some(file),
        shared: Arc::clone(&talk.shared),
    };
    let edited = edit_draft(talk, reference, (editor, &draft.path())).await;
    draft.file = None;
    edited
}

/// The file that is being edited. Of one whose question is taken back meanwhile, it is said where
/// it stands: the work in it is not thrown away.
struct Draft {
    file: Option<NamedTempFile>,
    shared: Arc<Shared>,
}

impl Draft {
    fn path(&self) -> PathBuf {
        let path = self.file.as_ref().map(NamedTempFile::path);
        path.unwrap_or_else(|| Path::new("")).to_owned()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else {
            return;
        };
        // The file as it was opened may be another one by now: its name is what counts.
        let words = match file.into_temp_path().keep() {
            Ok(path) => format!("Your changes were not sent; they are in {}", path.display()),
            Err(error) => format!("Your changes were not sent, and are not kept: {error}"),
        };
        self.shared.with(|display| {
            let look = display.look();
            let lines = paragraph(Tone::Warn, &words, "", &look);
            display.surface.say(&lines, look.colour);
        });
    }
}

async fn edit_draft(
    talk: &mut Conversation<'_>,
    reference: &Reference,
    (editor, file): (&str, &Path),
) -> io::Result<Edited> {
    loop {
        talk.lend();
        let status = open(editor, file).await;
        talk.take_back()?;
        let status = status?;
        if !status.success() {
            return Ok(Edited::Nothing(format!(
                "The editor ended with {status}: nothing is changed."
            )));
        }
        // Some editors replace the file: read it by its name.
        let text = std::fs::read_to_string(file)?;
        if text == reference.shown {
            return Ok(Edited::Nothing("Nothing was changed.".to_owned()));
        }
        match (talk.person.read_back)(&reference.artifact, &text) {
            Ok(content) => return Ok(Edited::Content(content)),
            Err(faults) => {
                talk.say(|look| question::faults(&text, &faults, look));
                match again(talk).await {
                    Again::Yes => {}
                    Again::GiveUp => {
                        return Ok(Edited::Nothing("Your changes were given up.".to_owned()));
                    }
                    Again::Leave => return Ok(Edited::Leave),
                }
            }
        }
    }
}

enum Again {
    Yes,
    GiveUp,
    Leave,
}

async fn again(talk: &mut Conversation<'_>) -> Again {
    loop {
        talk.say(|look| {
            paragraph(
                Tone::Dim,
                "Enter opens the editor again, g gives your changes up",
                "",
                look,
            )
        });
        match talk.line("> ").await {
            Entered::Leave => return Again::Leave,
            Entered::Line(line) => match line.trim().to_ascii_lowercase().as_str() {
                "" | "e" | "edit" => return Again::Yes,
                "g" | "give up" => return Again::GiveUp,
                _ => {}
            },
        }
    }
}

/// Runs the editor in the foreground. It ends with the question if that is taken back.
async fn open(editor: &str, file: &Path) -> io::Result<std::process::ExitStatus> {
    let words = shell_words::split(editor).map_err(io::Error::other)?;
    let [program, arguments @ ..] = words.as_slice() else {
        return Err(io::Error::other("its command line is empty"));
    };
    tokio::process::Command::new(program)
        .args(arguments)
        .arg(file)
        .kill_on_drop(true)
        .status()
        .await
}
