//! What the command sees of the file system: everything read-only, home empty but for toolchains,
//! the project where it is, a `/tmp` of the session's own, few devices, its own processes.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change,
    move_mount, open_tree,
};

use super::system::restrict_mount;
use crate::sandbox::caches::{UPPER, WORK};
use crate::sandbox::protocol::{Cache, Order, Reach, Rights};

const READ_ONLY: u32 = rustix::mount::MountAttrFlags::MOUNT_ATTR_RDONLY.bits();
const NO_SETUID: u32 = rustix::mount::MountAttrFlags::MOUNT_ATTR_NOSUID.bits();
const NO_DEVICES: u32 = rustix::mount::MountAttrFlags::MOUNT_ATTR_NODEV.bits();

/// Bytes of the throw-away home and of shared memory.
const SCRATCH: &std::ffi::CStr = c"size=268435456,mode=0755";

/// Folders in which people and services keep what is theirs.
const EMPTIED: &[&str] = &["/home", "/root", "/run", "/mnt", "/media", "/srv"];

/// What makes git run programs.
const GIT_READ_ONLY: &[&str] = &["config", "config.worktree", "hooks", "info", "commondir"];

/// Below a project: what its tools fetched. No snapshot holds it, and its tests need it.
const DEPENDENCIES: &[&str] = &["node_modules", ".venv", "venv"];
const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom", "tty"];

/// Names below `/run` that a network needs.
const NAME_SERVICE: &[&str] = &[
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
];

/// A tree taken out of the old world, to be put where it was.
struct Kept {
    place: PathBuf,
    tree: OwnedFd,
}

/// Changes the mounts of this namespace.
pub(super) fn make(order: &Order) -> io::Result<()> {
    let policy = &order.policy;
    mount_change(
        "/",
        MountPropagationFlags::REC | MountPropagationFlags::DOWNSTREAM,
    )
    .map_err(|error| told("mounts cannot be changed", &error.into()))?;
    let mut kept = keep(order)?;
    let session_tmp = take(&policy.session_tmp, NO_SETUID | NO_DEVICES)?;
    let second_tmp = take(&policy.session_tmp, NO_SETUID | NO_DEVICES)?;
    let devices = DEVICES
        .iter()
        .filter(|name| Path::new("/dev").join(name).exists())
        .map(|name| Ok((*name, take(&Path::new("/dev").join(name), NO_SETUID)?)))
        .collect::<io::Result<Vec<_>>>()?;
    let nothing = take(Path::new("/dev/null"), NO_SETUID | READ_ONLY)?;

    let root = open_path(Path::new("/"))?;
    restrict_mount(root.as_fd(), READ_ONLY | NO_SETUID)?;
    empty(policy.home.as_deref())?;
    put(&session_tmp.tree, Path::new("/tmp"))?;
    if Path::new("/var/tmp").is_dir() {
        put(&second_tmp.tree, Path::new("/var/tmp"))?;
    }
    make_devices(&devices)?;
    // A fresh view of the processes; where it is refused the old one shows them, without rights.
    // silent-ok: see above.
    let _ = mount(
        "proc",
        "/proc",
        "proc",
        MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
        None,
    );
    // Outer folders first: what lies inside them is put on top.
    kept.sort_by_key(|kept| kept.place.components().count());
    for kept in &kept {
        make_place(&kept.place, &kept.tree)?;
        put(&kept.tree, &kept.place)?;
    }
    if order.project == Rights::Write {
        carve_git(&policy.project)?;
    }
    for hidden in &policy.hidden {
        hide(hidden, &nothing.tree)?;
    }
    Ok(())
}

fn told(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what} ({error})"))
}

/// Takes out everything that stays visible in emptied folders.
fn keep(order: &Order) -> io::Result<Vec<Kept>> {
    let policy = &order.policy;
    let writable = NO_SETUID | NO_DEVICES;
    let mut kept = Vec::new();
    let project = match order.project {
        Rights::Read => writable | READ_ONLY,
        Rights::Write => writable,
    };
    let stands_there = order.instead.as_ref().unwrap_or(&policy.project);
    kept.push(Kept {
        place: policy.project.clone(),
        ..take(stands_there, project)?
    });
    if let Some(instead) = &order.instead {
        for name in DEPENDENCIES {
            let own = policy.project.join(name);
            let is_folder = own.symlink_metadata().is_ok_and(|found| found.is_dir());
            if is_folder && instead.join(name).symlink_metadata().is_err() {
                kept.push(take(&own, writable | READ_ONLY)?);
            }
        }
    }
    for path in policy.write.iter().filter(|path| path.exists()) {
        kept.push(take(path, writable)?);
    }
    let services = match order.network {
        Reach::Nothing => [].as_slice(),
        Reach::Everything => NAME_SERVICE,
    };
    let services = services.iter().map(PathBuf::from);
    let system = ["/run/current-system", "/run/wrappers"].map(PathBuf::from);
    for path in policy.read.iter().cloned().chain(services).chain(system) {
        if path.exists() && !path.starts_with(&policy.project) {
            kept.push(take(&path, writable | READ_ONLY)?);
        }
    }
    for cache in &order.caches {
        kept.push(layer(cache)?);
    }
    Ok(kept)
}

/// A cache with a layer over it: what is there is read, what is new goes into the layer. Where
/// the kernel or the disk has no such layers, the layer stands alone.
fn layer(cache: &Cache) -> io::Result<Kept> {
    let attributes = match cache.rights {
        Rights::Write => NO_SETUID | NO_DEVICES,
        Rights::Read => NO_SETUID | NO_DEVICES | READ_ONLY,
    };
    if cache.place.is_dir() && mount_over(cache).is_ok() {
        return take(&cache.place, attributes);
    }
    let alone = take(&cache.layer.join(UPPER), attributes)?;
    Ok(Kept {
        place: cache.place.clone(),
        ..alone
    })
}

fn mount_over(cache: &Cache) -> io::Result<()> {
    let upper = option(&cache.layer.join(UPPER));
    let place = option(&cache.place);
    let options = match cache.rights {
        Rights::Write => [
            [&b"lowerdir="[..], &place].concat(),
            [&b"upperdir="[..], &upper].concat(),
            [&b"workdir="[..], &option(&cache.layer.join(WORK))].concat(),
        ]
        .join(&b","[..]),
        Rights::Read => [&b"lowerdir="[..], &upper, b":", &place].concat(),
    };
    let options = CString::new([&options[..], b",userxattr"].concat())?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    Ok(mount(
        "cache",
        &cache.place,
        "overlay",
        flags,
        Some(options.as_c_str()),
    )?)
}

/// A path among the options of a mount, where some characters have a meaning.
fn option(path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in path.as_os_str().as_bytes() {
        if matches!(byte, b',' | b':' | b'\\') {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text
}

/// A copy of the tree at a path, in no place yet.
fn take(path: &Path, attributes: u32) -> io::Result<Kept> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(CWD, path, flags)
        .map_err(|error| told(&format!("cannot take `{}`", path.display()), &error.into()))?;
    restrict_mount(tree.as_fd(), attributes)?;
    Ok(Kept {
        place: path.to_owned(),
        tree,
    })
}

fn open_path(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Puts a tree where a path leads. Links are not followed: a place is in a folder that commands
/// may have written to before.
fn put(tree: &OwnedFd, place: &Path) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let onto = openat2(CWD, place, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)
        .or_else(|error| match error {
            // Places of the system may lie behind links of the system.
            rustix::io::Errno::LOOP if !place.starts_with("/tmp") => {
                rustix::fs::open(place, flags, Mode::empty())
            }
            error => Err(error),
        })
        .map_err(|error| {
            told(
                &format!("no place for `{}`", place.display()),
                &error.into(),
            )
        })?;
    put_onto(tree, &onto)
}

fn put_onto(tree: &OwnedFd, onto: &OwnedFd) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(move_mount(tree, "", onto, "", flags)?)
}

/// Makes the folder or the empty file that a tree is put onto, where it is not there.
fn make_place(place: &Path, tree: &OwnedFd) -> io::Result<()> {
    if place.symlink_metadata().is_ok() {
        return Ok(());
    }
    let kind = rustix::fs::FileType::from_raw_mode(rustix::fs::fstat(tree)?.st_mode);
    let made = if kind.is_dir() {
        fs::create_dir_all(place)
    } else {
        place
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(place, ""))
    };
    made.map_err(|error| told(&format!("no place for `{}`", place.display()), &error))
}

/// Covers the folders of people and services.
fn empty(home: Option<&Path>) -> io::Result<()> {
    let scratch = |place: &Path| {
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        mount("scratch", place, "tmpfs", flags, Some(SCRATCH))
    };
    for place in EMPTIED.iter().map(Path::new) {
        let real = place
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_dir());
        if real {
            scratch(place)?;
        }
    }
    let Some(home) = home.filter(|home| home.parent().is_some()) else {
        return Ok(());
    };
    if EMPTIED.iter().any(|place| home.starts_with(place)) {
        fs::create_dir_all(home)
    } else if home.is_dir() {
        Ok(scratch(home)?)
    } else {
        Ok(())
    }
}

fn make_devices(devices: &[(&str, Kept)]) -> io::Result<()> {
    let folder = Path::new("/dev");
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount("dev", folder, "tmpfs", flags, Some(c"size=65536,mode=0755"))?;
    for (name, device) in devices {
        let place = folder.join(name);
        fs::write(&place, "")?;
        put(&device.tree, &place)?;
    }
    fs::create_dir(folder.join("shm"))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("shm", folder.join("shm"), "tmpfs", flags, Some(SCRATCH))?;
    fs::create_dir(folder.join("pts"))?;
    let options = c"newinstance,ptmxmode=0666,mode=0620";
    mount(
        "devpts",
        folder.join("pts"),
        "devpts",
        MountFlags::NOSUID | MountFlags::NOEXEC,
        Some(options),
    )?;
    for (link, target) in [
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        std::os::unix::fs::symlink(target, folder.join(link))?;
    }
    Ok(())
}

/// Puts git's own folder onto itself, so that it cannot be moved away, and what makes git run
/// programs onto itself read-only. Paths are resolved without links: the project is the model's.
fn carve_git(project: &Path) -> io::Result<()> {
    let project = open_path(project)?;
    let below = |from: &OwnedFd, name: &str| {
        let flags = OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        openat2(from, name, flags, Mode::empty(), resolve)
    };
    let Ok(git) = below(&project, ".git") else {
        return Ok(());
    };
    let is_folder = is_folder(&git)?;
    onto_itself(&git, if is_folder { 0 } else { READ_ONLY })?;
    if !is_folder {
        return Ok(());
    }
    let git = below(&project, ".git")?;
    for name in GIT_READ_ONLY {
        if let Ok(found) = below(&git, name) {
            onto_itself(&found, READ_ONLY)?;
        }
    }
    Ok(())
}

fn is_folder(path: &OwnedFd) -> io::Result<bool> {
    let mode = rustix::fs::fstat(path)?.st_mode;
    Ok(rustix::fs::FileType::from_raw_mode(mode).is_dir())
}

fn onto_itself(path: &OwnedFd, attributes: u32) -> io::Result<()> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(path, "", flags)?;
    restrict_mount(tree.as_fd(), attributes | NO_SETUID | NO_DEVICES)?;
    put_onto(&tree, path)
}

/// Covers what must not be seen: a folder with an empty one, a file with nothing.
fn hide(path: &Path, nothing: &OwnedFd) -> io::Result<()> {
    let Ok(found) = path.canonicalize() else {
        return Ok(());
    };
    if found.is_dir() {
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::RDONLY;
        Ok(mount(
            "hidden",
            &found,
            "tmpfs",
            flags,
            Some(c"size=4096,mode=0555"),
        )?)
    } else {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_EMPTY_PATH;
        put(&open_tree(nothing, "", flags)?, &found)
    }
}
