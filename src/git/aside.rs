//! Files that git ignores, which no snapshot holds: what was in one before a tool wrote over it is
//! kept beside the snapshots, and can be read again. Refuses to put anything back.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::change;
use super::error::GitError;
use super::snapshots::{Snapshots, blocking};
use super::walk;

/// Beside the snapshots: `id SPACE path NUL` for each.
const LIST: &str = "aside";

impl Snapshots {
    /// Keeps what is in that file of the project, unless snapshots hold it.
    pub async fn keep_aside(&self, path: &Path, content: &[u8]) -> Result<(), GitError> {
        let project = self.project.clone();
        let held = blocking(move || walk::walk(&project)).await?.files;
        if walk::finds(&held, path) {
            return Ok(());
        }
        let options = ["-w", "--stdin"];
        let id = self.git("hash-object", &options, content.to_vec()).await?;
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let mut kept = self.aside()?;
        kept.insert(path.to_owned(), id);
        let mut text = Vec::new();
        for (path, id) in &kept {
            text.extend_from_slice(format!("{id} ").as_bytes());
            text.extend_from_slice(path.as_os_str().as_bytes());
            text.push(0);
        }
        // At once or not at all.
        let (list, draft) = (self.git_dir().join(LIST), self.git_dir().join("aside.new"));
        std::fs::write(&draft, text)
            .and_then(|()| std::fs::rename(&draft, &list))
            .map_err(GitError::io(&list))
    }

    /// What was kept last of each file.
    pub async fn kept_aside(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>, GitError> {
        let (paths, ids): (Vec<PathBuf>, Vec<String>) = self.aside()?.into_iter().unzip();
        let contents = self.contents(&ids).await?;
        Ok(paths.into_iter().zip(contents).collect())
    }

    fn aside(&self) -> Result<BTreeMap<PathBuf, String>, GitError> {
        let list = self.git_dir().join(LIST);
        let text = match std::fs::read(&list) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeMap::new());
            }
            Err(error) => return Err(GitError::io(&list)(error)),
        };
        let entries = text.split_inclusive(|byte| *byte == 0).filter_map(|entry| {
            let entry = entry.strip_suffix(&[0])?;
            let space = entry.iter().position(|byte| *byte == b' ')?;
            let id = String::from_utf8_lossy(&entry[..space]).into_owned();
            let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_id.then(|| (change::path(&entry[space + 1..]), id))
        });
        Ok(entries.collect())
    }
}
