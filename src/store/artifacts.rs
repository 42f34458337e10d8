//! The documents of a session as files: written whole or not at all, without secrets.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::folder::{SessionFolder, make_folder, sync_folder};
use super::line::hex;
use super::redact::Redactor;
use crate::engine::artifact::ArtifactName;

impl SessionFolder {
    /// The file of an artifact.
    pub fn artifact(&self, name: ArtifactName) -> PathBuf {
        self.artifacts().join(name.file())
    }

    /// Writes an artifact (a JSON string is a text, anything else a document) and its copy for
    /// people; what is there already is not written again. Gives the SHA-256 of the artifact's
    /// file, in hexadecimal.
    pub fn write_artifact(
        &self,
        name: ArtifactName,
        content: &Value,
        rendered: Option<&str>,
        redactor: &Redactor,
    ) -> Result<String, StoreError> {
        let text = match redactor.value(content) {
            Value::String(text) => text,
            document => format!("{document:#}\n"),
        };
        let folder = self.artifacts();
        make_folder(&folder)?;
        write_whole(&folder, name.file(), &text)?;
        if let (Some(file), Some(rendered)) = (name.rendered_file(), rendered) {
            write_whole(&folder, file, &redactor.text(rendered))?;
        }
        Ok(hex(&Sha256::digest(text.as_bytes())))
    }

    /// The SHA-256 of a file among the artifacts as it is now; none if it cannot be read.
    pub fn artifact_sha256(&self, file: &str) -> Option<String> {
        let bytes = fs::read(self.artifacts().join(file)).ok()?; // silent-ok: as said above
        Some(hex(&Sha256::digest(&bytes)))
    }

    /// The text of an artifact's file; none if it is not there.
    pub fn read_artifact(&self, name: ArtifactName) -> Result<Option<String>, StoreError> {
        let path = self.artifact(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }
}

/// Puts a file in place with one rename, and waits until it is on the disk.
pub(super) fn write_whole(folder: &Path, file: &str, text: &str) -> Result<(), StoreError> {
    let path = folder.join(file);
    if fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes()) {
        return Ok(());
    }
    let write = || {
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(text.as_bytes())?;
        draft.as_file().sync_all()?;
        draft.persist(&path)?;
        Ok(())
    };
    write().map_err(StoreError::io("write", &path))?;
    sync_folder(folder)
}
