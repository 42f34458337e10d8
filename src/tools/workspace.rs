//! The only place where a model's string becomes a path. The project folder is opened once; every
//! later step is relative to that descriptor and can not leave it, whatever is renamed meanwhile.
//! Refuses `.git`, the program's own state, everything outside, and all that is not a plain file.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use cap_fs_ext::{DirExt, OpenOptionsExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use rustix::fs::OFlags;

use super::refusal::{denied, failed, is_escape, missing, not_plain, outside, shown, trouble};
use super::text::kilobytes;
use crate::engine::tool::ToolResult;

/// The project folder, held open.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    given: PathBuf,
    dir: Dir,
    protected: Vec<PathBuf>,
}

/// A plain file that was opened below the project.
pub(super) struct OpenFile {
    pub(super) file: File,
    /// Where it really is, below the project and without symbolic links.
    pub(super) real: PathBuf,
    pub(super) bytes: u64,
    pub(super) mode: u32,
    pub(super) links: u64,
}

/// A folder that was opened below the project.
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
        let root = folder.canonicalize()?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority())?;
        let protected = protected
            .iter()
            .map(|path| canonical_as_far_as_possible(&root.join(path)))
            .filter_map(|path| path.strip_prefix(&root).map(Path::to_path_buf).ok())
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        Ok(Self {
            given: std::path::absolute(folder)?,
            root,
            dir,
            protected,
        })
    }

    /// The project folder, absolute and without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A model's path made relative to the project and free of `.` and `..`; empty for the
    /// project itself. Looks at no file.
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
            place = [&self.root, &self.given]
                .into_iter()
                .find_map(|root| place.strip_prefix(root).ok().map(Path::to_path_buf))
                .ok_or_else(|| outside(asked, self.below_after_all(&place)))?;
        }
        self.guard(&place)?;
        Ok(place)
    }

    /// `/src/main.py` usually means the one of the project.
    fn below_after_all(&self, absolute: &Path) -> Option<PathBuf> {
        let relative = absolute.strip_prefix("/").ok()?;
        (!relative.as_os_str().is_empty() && self.dir.exists(relative))
            .then(|| relative.to_path_buf())
    }

    /// Refuses what no tool may touch, by the names on the way to it.
    fn guard(&self, place: &Path) -> Result<(), ToolResult> {
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
            .ok_or_else(|| missing(&self.root, &place))
    }

    /// The same for a place; none if there is no such file.
    pub(super) fn open_file_at(&self, place: &Path) -> Result<Option<OpenFile>, ToolResult> {
        if place.as_os_str().is_empty() {
            return Err(failed(
                "this is the project folder itself: list_dir shows what is in it",
            ));
        }
        let mut options = OpenOptions::new();
        // A FIFO without a writer would hang, a terminal would become ours.
        options
            .read(true)
            .nonblock(true)
            .custom_flags(OFlags::NOCTTY.bits().cast_signed());
        let opened = self.below(place, |path| self.dir.open_with(path, &options));
        let file = match opened {
            Ok(file) => file.into_std(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble(&self.root, place, &error)),
        };
        let real = self.real(&file, place)?;
        let metadata = file
            .metadata()
            .map_err(|error| trouble(&self.root, place, &error))?;
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
                io::ErrorKind::NotFound => missing(&self.root, &place),
                io::ErrorKind::NotADirectory => failed(format!(
                    "{} is a file, not a folder: use read_file",
                    shown(&place)
                )),
                _ => trouble(&self.root, &place, &error),
            })
            .and_then(|dir| {
                let real = self.real(&dir, &place)?;
                Ok(OpenFolder { dir, real })
            })
    }

    fn open_folder_at(&self, place: &Path) -> io::Result<Dir> {
        if place.as_os_str().is_empty() {
            return self.dir.try_clone();
        }
        self.below(place, |path| self.dir.open_dir(path))
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
        if self
            .dir
            .symlink_metadata(&place)
            .is_ok_and(|metadata| metadata.is_symlink())
        {
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
                Err(error) => return Err(trouble(&self.root, folder, &error)),
            }
        }
        Err(missing(&self.root, &place))
    }

    /// The folder of a real place, one component at a time and never through a symbolic link.
    /// Folders that are missing are made and reach the disk.
    pub(super) fn make_parent(&self, real: &Path) -> io::Result<Dir> {
        let mut dir = self.dir.try_clone()?;
        for name in real.parent().into_iter().flat_map(Path::components) {
            dir = match dir.open_dir_nofollow(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    dir.create_dir(name)?;
                    sync_folder(&dir)?;
                    dir.open_dir_nofollow(name)?
                }
                other => other?,
            };
        }
        Ok(dir)
    }

    /// Opens below the project. An absolute symbolic link that points inside is refused by the
    /// kernel as an escape: it is followed by name once, and what comes of it opened below again.
    fn below<T>(&self, place: &Path, open: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
        open(place).or_else(|error| {
            if !is_escape(&error) {
                return Err(error);
            }
            let followed = self.root.join(place).canonicalize().ok();
            match followed
                .as_deref()
                .map(|path| path.strip_prefix(&self.root))
            {
                Some(Ok(inside)) if !inside.as_os_str().is_empty() => open(inside),
                _ => Err(error),
            }
        })
    }

    /// Where an open descriptor really is, below the project; refused if no tool may touch it.
    fn real(&self, opened: &impl AsFd, place: &Path) -> Result<PathBuf, ToolResult> {
        let real = match (path_of(opened), path_of(&self.dir)) {
            (Ok(path), Ok(root)) => path.strip_prefix(root).map(Path::to_path_buf).ok(),
            // Without /proc the names are followed once more.
            _ => self.dir.canonicalize(place).ok(),
        };
        let Some(real) = real else {
            return Err(denied(format!(
                "{} was moved out of the project",
                shown(place)
            )));
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

/// Waits until the entries of a folder are on the disk.
pub(super) fn sync_folder(dir: &Dir) -> io::Result<()> {
    // The folder itself may be open for its path only, which can not be waited for.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = rustix::fs::openat(dir, ".", flags, rustix::fs::Mode::empty())?;
    Ok(rustix::fs::fsync(readable)?)
}

/// The path of an open descriptor, as the kernel knows it at this moment.
#[cfg(target_os = "linux")]
fn path_of(opened: &impl AsFd) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd;
    std::fs::read_link(format!("/proc/self/fd/{}", opened.as_fd().as_raw_fd()))
}

/// The path of an open descriptor, as the kernel knows it at this moment.
#[cfg(target_vendor = "apple")]
fn path_of(opened: &impl AsFd) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let path = rustix::fs::getpath(opened)?;
    Ok(std::ffi::OsString::from_vec(path.into_bytes()).into())
}

/// Other systems do not tell.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn path_of(_opened: &impl AsFd) -> io::Result<PathBuf> {
    Err(io::ErrorKind::Unsupported.into())
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
