//! The attacks as data: a name, whether it is sure to work without a wall, what the lesser wall
//! makes of it, and the script.

/// What the partial wall makes of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Partial {
    Stops,
    LetsThrough,
}

/// Whether the attack is sure to work where there is no wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    Works,
    /// It depends on the machine, or would harm it: only the wall is tried.
    Unsure,
}

use Partial::{LetsThrough, Stops};
use Without::{Unsure, Works};

pub(super) type Row = (&'static str, Without, Partial, &'static str);

/// Each script prints BREACH when it gets through.
pub(super) const FILES: &[Row] = &[
    (
        "write absolute",
        Works,
        Stops,
        "echo x > $LC_OUT/new && echo BREACH",
    ),
    (
        "write by ..",
        Works,
        Stops,
        "echo x > ../outside/new && echo BREACH",
    ),
    (
        "write by a link",
        Works,
        Stops,
        "ln -s $LC_OUT l; echo x > l/new && echo BREACH",
    ),
    (
        "write by a hard link",
        Works,
        Stops,
        "ln $LC_OUT/file h && echo x >> h && echo BREACH",
    ),
    ("move in", Works, Stops, "mv $LC_OUT/file . && echo BREACH"),
    (
        "move out",
        Works,
        Stops,
        "echo x > y; mv y $LC_OUT/ && echo BREACH",
    ),
    (
        "remove",
        Works,
        Stops,
        "rm -rf \"${LC_OUT:?}\"/*; [ -e $LC_OUT/file ] || echo BREACH",
    ),
    ("new folder", Works, Stops, "mkdir $LC_OUT/d && echo BREACH"),
    (
        "change mode",
        Works,
        LetsThrough,
        "chmod 600 $LC_OUT/file && echo BREACH",
    ),
    (
        "change owner",
        Works,
        LetsThrough,
        "chown $(id -u) $LC_OUT/file && echo BREACH",
    ),
    (
        "change time",
        Works,
        LetsThrough,
        "touch -d 2001-01-01 $LC_OUT/file && echo BREACH",
    ),
    (
        "extended attribute",
        Unsure,
        LetsThrough,
        "python3 -c \"import os; os.setxattr('$LC_OUT/file', 'user.x', b'1')\" && echo BREACH",
    ),
    (
        "truncate",
        Works,
        Stops,
        "python3 -c \"import os; os.truncate('$LC_OUT/file', 0)\" && echo BREACH",
    ),
    (
        "read a key",
        Works,
        Stops,
        "grep -q canary $LC_HOME/.ssh/id && echo BREACH",
    ),
    (
        "read home",
        Works,
        Stops,
        "grep -q canary $LC_HOME/notes && echo BREACH",
    ),
    (
        "read by the root of a process",
        Works,
        Stops,
        "grep -q canary /proc/self/root$LC_HOME/notes && echo BREACH",
    ),
    (
        "see a hidden file",
        Works,
        LetsThrough,
        "[ -e $LC_HOME/notes ] && echo BREACH",
    ),
    (
        "shared memory",
        Works,
        Stops,
        "grep -q canary /dev/shm/$LC_SHM && echo BREACH",
    ),
    (
        "secret variable",
        Unsure,
        Stops,
        "env | grep -q LOOP_TEST_SECRET && echo BREACH",
    ),
    (
        "inherited file",
        Unsure,
        Stops,
        "ls /proc/self/fd | grep -qE '^[4-9]$|..' && echo BREACH",
    ),
];

pub(super) const PROCESSES: &[Row] = &[
    (
        "environment of another",
        Works,
        Stops,
        "grep -q PATH /proc/$LC_PID/environ && echo BREACH",
    ),
    (
        "root of another",
        Works,
        Stops,
        "ls /proc/$LC_PID/root/etc && echo BREACH",
    ),
    (
        "memory of another",
        Unsure,
        Stops,
        "exec 9< /proc/$LC_PID/mem && echo BREACH",
    ),
    (
        "command line of another",
        Works,
        LetsThrough,
        "grep -q it- /proc/$LC_PID/cmdline && echo BREACH",
    ),
    (
        "signal another",
        Works,
        Stops,
        "kill -0 $LC_PID && echo BREACH",
    ),
    (
        "signal the launcher",
        Unsure,
        Stops,
        "kill -0 $PPID && [ $PPID != 1 ] && echo BREACH",
    ),
    (
        "trace another",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); \
         exit(0 if l.ptrace(0x4206, $LC_PID, 0, 0) == 0 else 1)\" && echo BREACH",
    ),
    (
        "read memory of another",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None); b = ctypes.create_string_buffer(8); \
         v = (ctypes.c_size_t * 2)(ctypes.addressof(b), 8); w = (ctypes.c_size_t * 2)($LC_ADDRESS, 8); \
         exit(0 if l.process_vm_readv($LC_PID, v, 1, w, 1, 0) == 8 else 1)\" && echo BREACH",
    ),
    (
        "take a file of another",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None); f = l.syscall(434, $LC_PID, 0); \
         exit(0 if l.syscall(438, f, 2, 0) >= 0 else 1)\" && echo BREACH",
    ),
];

pub(super) const NETWORK: &[Row] = &[
    (
        "tcp",
        Works,
        Stops,
        "exec 9<>/dev/tcp/127.0.0.1/$LC_PORT && echo BREACH",
    ),
    (
        "tcp, other notation",
        Works,
        Stops,
        "python3 -c \"import socket; socket.create_connection(('localhost', $LC_PORT), 2)\" && echo BREACH",
    ),
    (
        "udp",
        Unsure,
        Stops,
        "python3 -c \"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
         s.connect(('192.0.2.1', 53)); s.send(b'x')\" && echo BREACH",
    ),
    (
        "abstract socket",
        Works,
        Stops,
        "python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); \
         s.connect('\\0' + '$LC_SOCKET')\" && echo BREACH",
    ),
    (
        "socket in home",
        Works,
        Stops,
        "cd $LC_HOME && python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); \
         s.connect('s')\" && echo BREACH",
    ),
    (
        "vsock",
        Unsure,
        Stops,
        "python3 -c 'import socket; socket.socket(40, 1)' && echo BREACH",
    ),
    (
        "packet",
        Unsure,
        Stops,
        "python3 -c 'import socket; socket.socket(17, 3)' && echo BREACH",
    ),
    (
        "crypto",
        Unsure,
        Stops,
        "python3 -c 'import socket; socket.socket(38, 5)' && echo BREACH",
    ),
    (
        "audit",
        Unsure,
        Stops,
        "python3 -c 'import socket; socket.socket(16, 3, 9)' && echo BREACH",
    ),
];

/// Calls with arguments that are wrong: the kernel's word is another if they get that far.
pub(super) const MACHINE: &[Row] = &[
    (
        "user namespace",
        Unsure,
        Stops,
        "unshare -U true && echo BREACH",
    ),
    (
        "mount",
        Unsure,
        Stops,
        "mount -t tmpfs x /mnt && echo BREACH",
    ),
    (
        "unmount",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.umount2(b'.', 2); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "remount",
        Unsure,
        Stops,
        "mount -o remount,rw / && echo BREACH",
    ),
    ("device file", Unsure, Stops, "mknod d b 8 0 && echo BREACH"),
    (
        "kernel log",
        Unsure,
        Stops,
        "exec 9< /dev/kmsg && echo BREACH",
    ),
    (
        "raw disk",
        Unsure,
        Stops,
        "cat /dev/[vs]d? 2>/dev/null | head -c1 | grep -q . && echo BREACH",
    ),
    (
        "kernel setting",
        Unsure,
        Stops,
        "exec 9>> /proc/sys/kernel/core_pattern && echo BREACH",
    ),
    (
        "system request",
        Unsure,
        Stops,
        "exec 9>> /proc/sysrq-trigger && echo BREACH",
    ),
    (
        "set-user-id",
        Works,
        Stops,
        "touch s && chmod u+s s && [ -u s ] && echo BREACH",
    ),
    (
        "priority",
        Unsure,
        Stops,
        "echo -1000 > /proc/self/oom_score_adj && echo BREACH",
    ),
    (
        "io_uring",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(425, 1, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "bpf",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.bpf = l.syscall(321, 99, 0, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "keys of the kernel",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(250, 0, -3, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "restart the machine",
        Unsure,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(169, 0, 0, 0, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "type into a terminal",
        Unsure,
        Stops,
        "python3 -c \"import fcntl, os, pty, termios; m, s = pty.openpty(); os.setsid(); \
         fcntl.ioctl(s, termios.TIOCSCTTY, 0); fcntl.ioctl(s, termios.TIOCSTI, b'x')\" && echo BREACH",
    ),
];

pub(super) const GIT: &[Row] = &[
    (
        "hook",
        Works,
        LetsThrough,
        "echo x > .git/hooks/pre-commit && echo BREACH",
    ),
    (
        "configuration",
        Works,
        LetsThrough,
        "git config core.fsmonitor ./x && echo BREACH",
    ),
    (
        "configuration, by hand",
        Works,
        LetsThrough,
        "echo '[x]' >> .git/config && echo BREACH",
    ),
    (
        "attributes",
        Works,
        LetsThrough,
        "echo '* filter=x' > .git/info/attributes && echo BREACH",
    ),
    (
        "replace hooks",
        Works,
        LetsThrough,
        "mv .git/hooks h && mkdir .git/hooks && echo BREACH",
    ),
    (
        "replace it all",
        Works,
        LetsThrough,
        "mv .git g && git init -q && echo BREACH",
    ),
];
