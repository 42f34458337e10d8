//! The only place where a model's string becomes a path: in the project, or in the folder that
//! commands of the session see as `/tmp`. Both are opened once, and nothing can lead out of them.
//! Refuses `.git`, the program's own state, everything outside, and all that is not a plain file.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use cap_fs_ext::{OpenOptionsExt, OpenOptionsSyncExt};
use cap_std::fs::{Dir, OpenOptions};
use rustix::fs::OFlags;

use super::ignored::files_below;
use super::refusal::{denied, failed, missing, not_plain, outside, shown, trouble};
use super::root::Root;
use super::text::kilobytes;
use crate::engine::tool::ToolResult;

/// What commands see as temporary; places in it are absolute, those of the project relative.
const TMP: &str = "/tmp";

/// The project folder and the session's own temporary one, held open.
#[derive(Debug)]
pub struct Workspace {
    project: Root,
    given: PathBuf,
    tmp: Option<Root>,
    protected: Vec<PathBuf>,
}

/// A plain file that was opened.
pub(super) struct OpenFile {
    pub(super) file: File,
    /// Where it really is, without symbolic links: below the project, or from `/tmp` on.
    pub(super) real: PathBuf,
    pub(super) bytes: u64,
    pub(super) mode: u32,
    pub(super) links: u64,
}

/// A folder that was opened.
pub(super) struct OpenFolder {
    pub(super) dir: Dir,
    pub(super) real: PathBuf,
}

/// Where a file is to be written.
pub(super) struct Target {
    pub(super) real: PathBuf,
    pub(super) existing: Option<OpenFile>,
}

impl Workspace {
    /// Opens a project folder. `protected` are files and folders that no tool may touch, absolute
    /// or relative to the project; those outside are out of reach anyway.
    pub fn open(folder: &Path, protected: &[PathBuf]) -> io::Result<Self> {
        let project = Root::open(folder)?;
        let protected = protected
            .iter()
            .map(|path| canonical_as_far_as_possible(&project.path.join(path)))
            .filter_map(|path| path.strip_prefix(&project.path).map(Path::to_path_buf).ok())
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        Ok(Self {
            given: std::path::absolute(folder)?,
            project,
            tmp: None,
            protected,
        })
    }

    /// The same, with the folder that commands see as `/tmp`.
    pub fn with_tmp(mut self, folder: &Path) -> io::Result<Self> {
        self.tmp = Some(Root::open(folder)?);
        Ok(self)
    }

    /// The project folder, absolute and without symbolic links.
    pub fn root(&self) -> &Path {
        &self.project.path
    }

    /// Whether a place belongs to the project: what changes elsewhere is no change of it.
    pub fn is_in_project(path: &str) -> bool {
        !Path::new(path).is_absolute()
    }

    /// The folder that a place is in, and the place below it.
    pub(super) fn split<'a>(&'a self, place: &'a Path) -> (&'a Root, &'a Path) {
        match (&self.tmp, place.strip_prefix(TMP)) {
            (Some(tmp), Ok(below)) => (tmp, below),
            _ => (&self.project, place),
        }
    }

    /// Plain files below a place, as places; what `.gitignore` leaves out is left out.
    pub(super) fn files_below(&self, place: &Path) -> impl Iterator<Item = PathBuf> + use<> {
        let (root, below) = self.split(place);
        let before = if place.is_absolute() { TMP } else { "" };
        files_below(&root.path, below).map(move |path| Path::new(before).join(path))
    }

    /// A model's path made relative to the project, or absolute in `/tmp`, and free of `.` and
    /// `..`; empty for the project itself. Looks at no file.
    pub(super) fn place(&self, asked: &str) -> Result<PathBuf, ToolResult> {
        if asked.trim().is_empty() {
            return Err(failed(
                "the path is empty: name one relative to the project, such as src/main.py",
            ));
        }
        if asked.contains('\0') {
            return Err(failed(
                "the path holds a NUL character; no file can have that name",
            ));
        }
        let path = Path::new(asked);
        let mut place = PathBuf::new();
        for component in path.components() {
            match component {
                Component::Normal(name) => place.push(name),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => place.push("/"),
                // Above the root of the file system there is only the root again.
                Component::ParentDir => {
                    if !place.pop() && !path.is_absolute() {
                        return Err(outside(asked, None));
                    }
                }
            }
        }
        if place.is_absolute() {
            let below = |root: &Path| place.strip_prefix(root).ok().map(Path::to_path_buf);
            place = [&self.project.path, &self.given]
                .into_iter()
                .find_map(|root| below(root))
                .or_else(|| self.in_tmp(&place))
                .ok_or_else(|| outside(asked, self.below_after_all(&place)))?;
        }
        self.guard(&place)?;
        Ok(place)
    }

    /// The place in `/tmp`, under whichever name a command may have said it.
    fn in_tmp(&self, absolute: &Path) -> Option<PathBuf> {
        let tmp = self.tmp.as_ref()?;
        let below = [&tmp.path, Path::new(TMP), Path::new("/var/tmp")]
            .into_iter()
            .find_map(|root| absolute.strip_prefix(root).ok())?; // silent-ok: it is elsewhere.
        // No slash at the end of the folder itself.
        Some(Path::new(TMP).iter().chain(below).collect())
    }

    /// `/src/main.py` usually means the one of the project.
    fn below_after_all(&self, absolute: &Path) -> Option<PathBuf> {
        let relative = absolute.strip_prefix("/").ok()?;
        (!relative.as_os_str().is_empty() && self.project.dir.exists(relative))
            .then(|| relative.to_path_buf())
    }

    /// Refuses what no tool may touch, by the names on the way to it.
    fn guard(&self, place: &Path) -> Result<(), ToolResult> {
        if place.is_absolute() {
            return Ok(());
        }
        let lower = |path: &Path| -> Vec<String> {
            path.components()
                .map(|part| part.as_os_str().to_string_lossy().to_ascii_lowercase())
                .collect()
        };
        let names = lower(place);
        // What a project tells this program is the person's to write.
        if names.first().is_some_and(|name| name == ".loop") {
            return Err(denied(format!(
                "{} is in .loop, which belongs to the person; leave it alone",
                shown(place)
            )));
        }
        if names.iter().any(|name| name == ".git") {
            return Err(denied(format!(
                "{} is inside .git, which file tools do not touch; run_command can ask git",
                shown(place)
            )));
        }
        if self
            .protected
            .iter()
            .any(|path| names.starts_with(&lower(path)))
        {
            return Err(denied(format!(
                "{} belongs to the program that runs you; leave it alone",
                shown(place)
            )));
        }
        Ok(())
    }

    /// Opens a plain file for reading.
    pub(super) fn open_file(&self, asked: &str) -> Result<OpenFile, ToolResult> {
        let place = self.place(asked)?;
        self.open_file_at(&place)?
            .ok_or_else(|| missing(self.root(), &place))
    }

    /// The same for a place; none if there is no such file.
    pub(super) fn open_file_at(&self, place: &Path) -> Result<Option<OpenFile>, ToolResult> {
        let (root, below) = self.split(place);
        if below.as_os_str().is_empty() {
            return Err(failed(
                "this is the folder itself: list_dir shows what is in it",
            ));
        }
        let mut options = OpenOptions::new();
        // A FIFO without a writer would hang, a terminal would become ours.
        options
            .read(true)
            .nonblock(true)
            .custom_flags(OFlags::NOCTTY.bits().cast_signed());
        let opened = root.below(below, |path| root.dir.open_with(path, &options));
        let file = match opened {
            Ok(file) => file.into_std(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble(self.root(), place, &error)),
        };
        let real = self.real(&file, place)?;
        let metadata = file
            .metadata()
            .map_err(|error| trouble(self.root(), place, &error))?;
        if metadata.is_dir() {
            return Err(failed(format!(
                "{} is a folder: list_dir shows what is in it",
                shown(place)
            )));
        }
        if !metadata.is_file() {
            return Err(denied(not_plain(place)));
        }
        Ok(Some(OpenFile {
            file,
            real,
            bytes: metadata.len(),
            mode: metadata.mode() & 0o7777,
            links: metadata.nlink(),
        }))
    }

    /// Opens a folder.
    pub(super) fn open_folder(&self, asked: &str) -> Result<OpenFolder, ToolResult> {
        let place = self.place(asked)?;
        self.open_folder_at(&place)
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => missing(self.root(), &place),
                io::ErrorKind::NotADirectory => failed(format!(
                    "{} is a file, not a folder: use read_file",
                    shown(&place)
                )),
                _ => trouble(self.root(), &place, &error),
            })
            .and_then(|dir| {
                let real = self.real(&dir, &place)?;
                Ok(OpenFolder { dir, real })
            })
    }

    fn open_folder_at(&self, place: &Path) -> io::Result<Dir> {
        let (root, below) = self.split(place);
        root.open_dir(below)
    }

    /// Where a file that is to be written really is or will be.
    pub(super) fn target(&self, asked: &str) -> Result<Target, ToolResult> {
        let place = self.place(asked)?;
        if asked.ends_with('/') {
            return Err(failed(format!(
                "{asked} names a folder; give the name of a file in it"
            )));
        }
        if let Some(existing) = self.open_file_at(&place)? {
            return Ok(Target {
                real: existing.real.clone(),
                existing: Some(existing),
            });
        }
        let (root, below) = self.split(&place);
        let standing = root.dir.symlink_metadata(below);
        if standing.is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(failed(format!(
                "{} is a symbolic link that leads nowhere",
                shown(&place)
            )));
        }
        for folder in place.ancestors().skip(1) {
            match self.open_folder_at(folder) {
                Ok(dir) => {
                    let rest = place.strip_prefix(folder).unwrap_or(&place);
                    let real = self.real(&dir, folder)?.join(rest);
                    self.guard(&real)?;
                    return Ok(Target {
                        real,
                        existing: None,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(trouble(self.root(), folder, &error)),
            }
        }
        Err(missing(self.root(), &place))
    }

    /// The folder of a real place, made if it is missing.
    pub(super) fn make_parent(&self, real: &Path) -> io::Result<Dir> {
        let (root, below) = self.split(real);
        root.make_parent(below)
    }

    /// Where an open descriptor really is; refused if no tool may touch it.
    fn real(&self, opened: &impl AsFd, place: &Path) -> Result<PathBuf, ToolResult> {
        let (root, below) = self.split(place);
        let Some(real) = root.real(opened, below) else {
            return Err(denied(format!("{} was moved away", shown(place))));
        };
        let real = if place.is_absolute() {
            Path::new(TMP).iter().chain(&real).collect()
        } else {
            real
        };
        self.guard(&real)?;
        Ok(real)
    }
}

impl OpenFile {
    /// The name to show for it.
    pub(super) fn name(&self) -> String {
        shown(&self.real)
    }

    /// How large it is, in words.
    pub(super) fn size(&self) -> String {
        kilobytes(self.bytes)
    }
}

/// State folders may not exist yet: what exists of the path is resolved, the rest appended.
fn canonical_as_far_as_possible(path: &Path) -> PathBuf {
    path.ancestors()
        .find_map(|part| {
            let resolved = part.canonicalize().ok()?;
            let rest = path.strip_prefix(part).ok()?;
            Some(if rest.as_os_str().is_empty() {
                resolved
            } else {
                resolved.join(rest)
            })
        })
        .unwrap_or_else(|| path.to_path_buf())
}
