//! A folder that file tools may work in, held open: every step is relative to the descriptor and
//! cannot leave it, whatever is renamed meanwhile. Which paths mean which folder is said elsewhere.

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use cap_fs_ext::DirExt;
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::refusal::is_escape;

/// A folder, held open.
#[derive(Debug)]
pub(super) struct Root {
    /// Absolute and without symbolic links.
    pub(super) path: PathBuf,
    pub(super) dir: Dir,
}

impl Root {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.canonicalize()?;
        let dir = Dir::open_ambient_dir(&path, ambient_authority())?;
        Ok(Self { path, dir })
    }

    /// Opens below the folder. An absolute symbolic link that points inside is refused by the
    /// kernel as an escape: it is followed by name once, and what comes of it opened below again.
    pub(super) fn below<T>(
        &self,
        place: &Path,
        open: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        open(place).or_else(|error| {
            if !is_escape(&error) {
                return Err(error);
            }
            let followed = self.path.join(place).canonicalize().ok();
            match followed
                .as_deref()
                .map(|path| path.strip_prefix(&self.path))
            {
                Some(Ok(inside)) if !inside.as_os_str().is_empty() => open(inside),
                _ => Err(error),
            }
        })
    }

    pub(super) fn open_dir(&self, place: &Path) -> io::Result<Dir> {
        if place.as_os_str().is_empty() {
            return self.dir.try_clone();
        }
        self.below(place, |path| self.dir.open_dir(path))
    }

    /// Where an open descriptor really is, below the folder; none if it was moved out.
    pub(super) fn real(&self, opened: &impl AsFd, place: &Path) -> Option<PathBuf> {
        match (path_of(opened), path_of(&self.dir)) {
            (Ok(path), Ok(root)) => path.strip_prefix(root).map(Path::to_path_buf).ok(),
            // Without /proc the names are followed once more.
            _ => self.dir.canonicalize(place).ok(),
        }
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
}

/// Waits until the entries of a folder are on the disk.
pub(super) fn sync_folder(dir: &Dir) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    // The folder itself may be open for its path only, which can not be waited for.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = rustix::fs::openat(dir, ".", flags, Mode::empty())?;
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
