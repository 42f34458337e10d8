//! The attacks as data: a name, whether it is sure to work without a wall, what the lesser wall
//! makes of it, and the script.

/// What the partial wall makes of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Partial {
    Stops,
    /// From that version of Landlock on.
    StopsFrom(u32),
    LetsThrough,
}

/// Whether the attack works where there is no wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    Works,
    /// It depends on the machine and on who tries it: where it does not, that is said.
    Maybe,
    /// It would harm the machine: only the wall is tried.
    Harms,
}

use Partial::{LetsThrough, Stops, StopsFrom};
use Without::{Harms, Maybe, Works};

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
        Maybe,
        LetsThrough,
        "python3 -c \"import os; os.setxattr('$LC_OUT/file', 'user.x', b'1')\" && echo BREACH",
    ),
    (
        "truncate",
        Works,
        StopsFrom(3),
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
        Works,
        Stops,
        "env | grep -q LOOP_TEST_SECRET && echo BREACH",
    ),
    (
        "inherited file",
        Works,
        Stops,
        "grep -q canary /proc/self/fd/$LC_FILE && echo BREACH",
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
        Maybe,
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
        "files of another",
        Works,
        LetsThrough,
        "ls /proc/$LC_PID/fd | grep -q . && echo BREACH",
    ),
    (
        "signal another",
        Works,
        StopsFrom(6),
        "kill -0 $LC_PID && echo BREACH",
    ),
    (
        "signal the launcher",
        Works,
        StopsFrom(6),
        "kill -0 $PPID && [ $PPID != 1 ] && echo BREACH",
    ),
    (
        "trace another",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); \
         exit(0 if l.ptrace(0x4206, $LC_PID, 0, 0) == 0 else 1)\" && echo BREACH",
    ),
    (
        "read memory of another",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None); b = ctypes.create_string_buffer(8); \
         v = (ctypes.c_size_t * 2)(ctypes.addressof(b), 8); w = (ctypes.c_size_t * 2)($LC_ADDRESS, 8); \
         exit(0 if l.process_vm_readv($LC_PID, v, 1, w, 1, 0) == 8 else 1)\" && echo BREACH",
    ),
    (
        "take a file of another",
        Maybe,
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
        "tcp, version 6",
        Maybe,
        Stops,
        "exec 9<>/dev/tcp/::1/${LC_PORT6:?} && echo BREACH",
    ),
    (
        "udp",
        Works,
        Stops,
        "python3 -c \"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
         s.settimeout(20); s.connect(('127.0.0.1', $LC_UDP)); s.send(b'x'); s.recv(1)\" && echo BREACH",
    ),
    (
        "socket in /tmp",
        Works,
        Stops,
        "cd $LC_TMP_SOCKET && python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); \
         s.connect('s')\" && echo BREACH",
    ),
    (
        "socket in /run",
        Maybe,
        Stops,
        "cd ${LC_RUN_SOCKET:?} && python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); \
         s.connect('s')\" && echo BREACH",
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
        Maybe,
        Stops,
        "python3 -c 'import socket; socket.socket(40, 1)' && echo BREACH",
    ),
    (
        "packet",
        Maybe,
        Stops,
        "python3 -c 'import socket; socket.socket(17, 3)' && echo BREACH",
    ),
    (
        "crypto",
        Maybe,
        Stops,
        "python3 -c 'import socket; socket.socket(38, 5)' && echo BREACH",
    ),
    (
        "audit",
        Maybe,
        Stops,
        "python3 -c 'import socket; socket.socket(16, 3, 9)' && echo BREACH",
    ),
];

/// Calls with arguments that are wrong: the kernel's word is another if they get that far.
pub(super) const MACHINE: &[Row] = &[
    (
        "user namespace",
        Maybe,
        Stops,
        "unshare -U true && echo BREACH",
    ),
    (
        "mount",
        Harms,
        Stops,
        "mount -t tmpfs x /mnt && echo BREACH",
    ),
    (
        "other clone",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(435, 0, 0); \
         exit(1 if ctypes.get_errno() == 38 else 0)\" && echo BREACH",
    ),
    (
        "clone into a namespace",
        Maybe,
        Stops,
        "python3 -c \"import ctypes, os; l = ctypes.CDLL(None, use_errno=True); \
         p = l.syscall(56, 0x10000011, 0, 0, 0, 0); os._exit(0 if p >= 0 else 1)\" && echo BREACH",
    ),
    (
        "calls of another processor",
        Maybe,
        Stops,
        "printf '%s' 'int main() { int r; __asm__ volatile(\"int $0x80\" : \"=a\"(r) : \"a\"(20) : \"memory\"); \
         return r > 0 ? 0 : 1; }' > call.c && gcc call.c -o call && ./call && echo BREACH",
    ),
    (
        "mount, with nothing",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.mount(0, 0, 0, 0, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "unmount",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.umount2(b'.', 2); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "remount",
        Harms,
        Stops,
        "mount -o remount,rw / && echo BREACH",
    ),
    ("device file", Maybe, Stops, "mknod d b 8 0 && echo BREACH"),
    (
        "kernel log",
        Maybe,
        Stops,
        "exec 9< /dev/kmsg && echo BREACH",
    ),
    (
        "raw disk",
        Maybe,
        Stops,
        "cat /dev/[vs]d? 2>/dev/null | head -c1 | grep -q . && echo BREACH",
    ),
    (
        "kernel setting",
        Maybe,
        Stops,
        "exec 9>> /proc/sys/kernel/core_pattern && echo BREACH",
    ),
    (
        "system request",
        Maybe,
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
        Maybe,
        Stops,
        "echo -1000 > /proc/self/oom_score_adj && echo BREACH",
    ),
    (
        "io_uring",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(425, 1, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "bpf",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.bpf = l.syscall(321, 99, 0, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "keys of the kernel",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(250, 0, -3, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
    ),
    (
        "restart the machine",
        Maybe,
        Stops,
        "python3 -c \"import ctypes; l = ctypes.CDLL(None, use_errno=True); l.syscall(169, 0, 0, 0, 0); \
         exit(1 if ctypes.get_errno() == 1 else 0)\" && echo BREACH",
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

/// Types into its standard input, into the terminal of its session, and into the one that its
/// starter has.
pub(super) const TYPES: &str = "python3 -c \"import fcntl, os, termios\n\
    for name in ('/dev/stdin', '/dev/tty', os.environ['LC_TTY']):\n \
     try:\n  \
      fcntl.ioctl(os.open(name, os.O_RDWR), termios.TIOCSTI, b'x')\n  \
      print('BREACH')\n \
     except OSError: pass\"; echo tried";
