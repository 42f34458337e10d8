//! The few system calls that no library wraps. Everything unsafe of the launcher is here and in
//! `filter`.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd};

use rustix::process::Pid;

/// Both sides of a fork.
pub(super) enum Forked {
    Child,
    Parent(Pid),
}

/// Turns the result of a system call into an error.
fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// Makes a second process.
#[expect(unsafe_code, reason = "the launcher forks")]
pub(super) fn fork() -> io::Result<Forked> {
    // SAFETY: the launcher has one thread, so the child may do all that the parent may.
    let pid = check(unsafe { libc::fork() }.into())?;
    // The value came from a `pid_t`.
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw); // silent-ok: none is the child.
    Ok(pid.map_or(Forked::Child, Forked::Parent))
}

/// Ends this process at once: what its parent had buffered is not written twice.
#[expect(unsafe_code, reason = "ends a forked child")]
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: it takes no pointers and does not return.
    unsafe { libc::_exit(code) }
}

/// Every signal does what it does in a fresh process, and none is blocked.
#[expect(unsafe_code, reason = "signal dispositions are inherited")]
pub(super) fn reset_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL is a valid disposition; for signals that cannot be set it fails.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: both calls get a pointer to a set that lives through them.
    unsafe {
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// A file that can be read when a child has ended.
#[expect(unsafe_code, reason = "signals as a file")]
pub(super) fn child_signals() -> io::Result<File> {
    // SAFETY: the set is initialised before it is used; the result is a new descriptor or -1.
    unsafe {
        let mut children = std::mem::zeroed();
        libc::sigemptyset(&raw mut children);
        libc::sigaddset(&raw mut children, libc::SIGCHLD);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const children, std::ptr::null_mut());
        let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
        let file = libc::signalfd(-1, &raw const children, flags);
        check(file.into())?;
        Ok(File::from_raw_fd(file))
    }
}

/// Closes everything but the three standard streams when a program is executed.
#[expect(unsafe_code, reason = "no library wraps it")]
pub(super) fn close_on_exec() -> io::Result<()> {
    let (first, last) = (3_u32, u32::MAX);
    // SAFETY: it takes numbers only, and only marks descriptors.
    check(unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first,
            last,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    })?;
    Ok(())
}

/// What a mount may not do.
#[repr(C)]
#[derive(Default)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    namespace: u64,
}

/// Sets attributes of a mount and of all mounts below it.
#[expect(unsafe_code, reason = "no library wraps it")]
pub(super) fn restrict_mount(mount: BorrowedFd<'_>, attributes: u32) -> io::Result<()> {
    let attributes = MountAttributes {
        set: attributes.into(),
        ..MountAttributes::default()
    };
    let flags = libc::AT_EMPTY_PATH | libc::AT_RECURSIVE;
    // SAFETY: the path is a string, and the structure is as the kernel has it, with its size.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attributes,
            size_of::<MountAttributes>(),
        )
    })?;
    Ok(())
}

/// Switches the loopback interface on.
#[expect(unsafe_code, reason = "no library wraps it")]
pub(super) fn loopback_up() -> io::Result<()> {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        None,
    )?;
    // SAFETY: the structure is zeroed and names an interface; the kernel reads and writes within.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (place, byte) in request.ifr_name.iter_mut().zip(*b"lo") {
            *place = libc::c_char::from_ne_bytes([byte]);
        }
        check(libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS, &raw mut request).into())?;
        let up = i16::try_from(libc::IFF_UP).unwrap_or(1);
        request.ifr_ifru.ifru_flags |= up;
        check(libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request).into())?;
    }
    Ok(())
}

/// Takes a capability from all that this process will ever run.
#[expect(unsafe_code, reason = "the library knows only some of them")]
pub(super) fn drop_from_bounding_set(capability: u32) -> bool {
    // SAFETY: it takes numbers only.
    unsafe {
        libc::prctl(
            libc::PR_CAPBSET_DROP,
            libc::c_ulong::from(capability),
            0,
            0,
            0,
        ) == 0
    }
}

/// Gives up the right to undo any of this: programs run as root get no capabilities either.
#[expect(unsafe_code, reason = "one call for all bits")]
pub(super) fn lock_privileges() -> io::Result<()> {
    // Each bit with its lock: noroot, no setuid fixup, no ambient raise; keep-caps locked at off.
    let bits: libc::c_ulong = 0b1110_1111;
    // SAFETY: it takes numbers only.
    check(unsafe { libc::prctl(libc::PR_SET_SECUREBITS, bits, 0, 0, 0) }.into())?;
    Ok(())
}
