//! The system calls a command may make: everything but what changes the machine, what looks
//! behind the wall, and sockets the tier does not have. Written out by hand, since the filter has
//! to know the other calling conventions of a processor as well.

use std::io;

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W, EAFNOSUPPORT,
    ENOSYS, EPERM, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, c_long,
    sock_filter, sock_fprog,
};

use crate::sandbox::protocol::Reach;
use crate::sandbox::tier::Tier;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;

/// From here on numbers belong to the x32 convention.
#[cfg(target_arch = "x86_64")]
const FOREIGN: u32 = 0x4000_0000;

/// Namespaces that `clone` could make.
const CLONE_NAMESPACES: u32 = 0x7E02_0000;

/// The set-user-id bit.
const SET_USER_ID: u32 = 0o4000;

/// Offsets in what the kernel hands to the filter.
const NUMBER: u32 = 0;
const MACHINE: u32 = 4;
const fn argument(index: u32) -> u32 {
    // The low half: both processors are little-endian.
    16 + 8 * index
}

/// What is refused whatever its arguments are.
const REFUSED: &[c_long] = &[
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_vhangup,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_uselib,
];

/// Changes of a mode, with the place of the mode among the arguments.
const MODES: &[(c_long, u32)] = &[
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_chmod, 1),
    (libc::SYS_fchmod, 1),
    (libc::SYS_fchmodat, 2),
    // `fchmodat2`, the same number everywhere.
    (452, 2),
];

/// Restricts this process and all it will start. Needs `no_new_privs`.
pub(super) fn apply(tier: Tier, network: Reach) -> io::Result<()> {
    load(&program(tier, network))
}

#[expect(unsafe_code, reason = "no library wraps it")]
fn load(program: &[sock_filter]) -> io::Result<()> {
    let length = u16::try_from(program.len()).map_err(io::Error::other)?;
    let program = sock_fprog {
        len: length,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the structure and the instructions live through the call, which only reads them.
    let result = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::c_ulong::from(libc::SECCOMP_MODE_FILTER),
            &raw const program,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        let error = io::Error::last_os_error();
        Err(io::Error::other(format!("seccomp is refused ({error})")))
    }
}

/// Builds the filter: each rule ends in an answer, or leads on to the next one.
fn program(tier: Tier, network: Reach) -> Vec<sock_filter> {
    let mut filter = Filter::default();
    filter.load(MACHINE);
    filter.unless_equal(ARCHITECTURE, SECCOMP_RET_KILL_PROCESS);
    filter.load(NUMBER);
    #[cfg(target_arch = "x86_64")]
    filter.when(BPF_JGE, FOREIGN, errno(ENOSYS));
    for number in REFUSED {
        filter.when(BPF_JEQ, call(*number), errno(EPERM));
    }
    // Its arguments are behind a pointer; libraries fall back to `clone`.
    filter.when(BPF_JEQ, call(libc::SYS_clone3), errno(ENOSYS));
    filter.on(
        libc::SYS_clone,
        0,
        &[(BPF_JSET, CLONE_NAMESPACES, errno(EPERM))],
        SECCOMP_RET_ALLOW,
    );
    let typing = [libc::TIOCSTI, libc::TIOCLINUX]
        .map(|request| (BPF_JEQ, u32::try_from(request).unwrap_or(0), errno(EPERM)));
    filter.on(libc::SYS_ioctl, 1, &typing, SECCOMP_RET_ALLOW);
    for (number, mode) in MODES {
        let refused = [(BPF_JSET, SET_USER_ID, errno(EPERM))];
        filter.on(*number, *mode, &refused, SECCOMP_RET_ALLOW);
    }
    if tier != Tier::None {
        sockets(&mut filter, tier, network);
    }
    filter.answer(SECCOMP_RET_ALLOW);
    filter.0
}

fn sockets(filter: &mut Filter, tier: Tier, network: Reach) {
    let mut families = Vec::new();
    if tier == Tier::Full {
        // Sockets below the project are in reach, others do not exist.
        families.push(libc::AF_UNIX);
    }
    if tier == Tier::Full || network == Reach::Everything {
        families.extend([libc::AF_INET, libc::AF_INET6]);
    }
    let allowed = |families: &[i32]| -> Vec<_> {
        families
            .iter()
            .map(|family| {
                let family = u32::try_from(*family).unwrap_or(u32::MAX);
                (BPF_JEQ, family, SECCOMP_RET_ALLOW)
            })
            .collect()
    };
    if !families.is_empty() {
        // Interfaces are listed through netlink; its other protocols are for administrators.
        let netlink = u32::try_from(libc::AF_NETLINK).unwrap_or(u32::MAX);
        filter.on_two(libc::SYS_socket, (0, netlink), (2, 0));
    }
    let refusal = errno(EAFNOSUPPORT);
    filter.on(libc::SYS_socket, 0, &allowed(&families), refusal);
    filter.on(libc::SYS_socketpair, 0, &allowed(&[libc::AF_UNIX]), refusal);
}

fn errno(number: i32) -> u32 {
    SECCOMP_RET_ERRNO | u32::try_from(number).unwrap_or(0)
}

fn call(number: c_long) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Instructions, and the few shapes in which they come.
#[derive(Default)]
struct Filter(Vec<sock_filter>);

impl Filter {
    fn push(&mut self, code: u32, value: u32, yes: usize, no: usize) {
        self.0.push(sock_filter {
            code: u16::try_from(code).unwrap_or(0),
            jt: u8::try_from(yes).unwrap_or(0),
            jf: u8::try_from(no).unwrap_or(0),
            k: value,
        });
    }

    fn load(&mut self, offset: u32) {
        self.push(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
    }

    fn answer(&mut self, answer: u32) {
        self.push(BPF_RET | BPF_K, answer, 0, 0);
    }

    /// Answers when the comparison holds, goes on when not.
    fn when(&mut self, comparison: u32, value: u32, answer: u32) {
        self.push(BPF_JMP | comparison | BPF_K, value, 0, 1);
        self.answer(answer);
    }

    fn unless_equal(&mut self, value: u32, answer: u32) {
        self.push(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
        self.answer(answer);
    }

    /// For one call: compares an argument, answers `otherwise` if nothing holds.
    fn on(&mut self, number: c_long, index: u32, cases: &[(u32, u32, u32)], otherwise: u32) {
        let length = 2 + 2 * cases.len();
        self.push(BPF_JMP | BPF_JEQ | BPF_K, call(number), 0, length);
        self.load(argument(index));
        for (comparison, value, answer) in cases {
            self.when(*comparison, *value, *answer);
        }
        self.answer(otherwise);
    }

    /// For one call: allows it if two arguments have these values, and else goes on with the
    /// number loaded again.
    fn on_two(&mut self, number: c_long, first: (u32, u32), second: (u32, u32)) {
        self.push(BPF_JMP | BPF_JEQ | BPF_K, call(number), 0, 6);
        self.load(argument(first.0));
        self.push(BPF_JMP | BPF_JEQ | BPF_K, first.1, 0, 3);
        self.load(argument(second.0));
        self.push(BPF_JMP | BPF_JEQ | BPF_K, second.1, 0, 1);
        self.answer(SECCOMP_RET_ALLOW);
        self.load(NUMBER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter as the kernel would.
    fn answer(tier: Tier, network: Reach, number: c_long, arguments: [u64; 6]) -> u32 {
        judge(
            &program(tier, network),
            ARCHITECTURE,
            call(number),
            arguments,
        )
    }

    fn judge(program: &[sock_filter], machine: u32, number: u32, arguments: [u64; 6]) -> u32 {
        let mut accumulator = 0;
        let mut at = 0;
        loop {
            let instruction = program[at];
            at += 1;
            let value = instruction.k;
            let holds = match u32::from(instruction.code) & 0xF0 {
                BPF_JEQ => accumulator == value,
                BPF_JGE => accumulator >= value,
                BPF_JSET => accumulator & value != 0,
                _ => false,
            };
            match u32::from(instruction.code) & 0x07 {
                BPF_LD if value == NUMBER => accumulator = number,
                BPF_LD if value == MACHINE => accumulator = machine,
                BPF_LD => {
                    let word = arguments[((value - 16) / 8) as usize];
                    accumulator = u32::try_from(word & 0xFFFF_FFFF).unwrap();
                }
                BPF_RET => return value,
                _ => {
                    at += usize::from(if holds {
                        instruction.jt
                    } else {
                        instruction.jf
                    });
                }
            }
        }
    }

    #[test]
    fn calls_that_change_the_machine_are_refused() {
        for number in REFUSED {
            let refused = answer(Tier::Full, Reach::Nothing, *number, [0; 6]);
            assert_eq!(refused, errno(EPERM), "{number}");
        }
        for number in [libc::SYS_read, libc::SYS_execve, libc::SYS_ptrace] {
            let allowed = answer(Tier::Full, Reach::Nothing, number, [0; 6]);
            assert_eq!(allowed, SECCOMP_RET_ALLOW, "{number}");
        }
    }

    #[test]
    fn sockets_depend_on_the_tier_and_the_network() {
        let check = |tier, network, family: i32, protocol, expected| {
            let family = u64::try_from(family).unwrap();
            let got = answer(
                tier,
                network,
                libc::SYS_socket,
                [family, 1, protocol, 0, 0, 0],
            );
            assert_eq!(got, expected, "{tier} {network:?} {family} {protocol}");
        };
        let (allow, refuse) = (SECCOMP_RET_ALLOW, errno(EAFNOSUPPORT));
        check(Tier::Full, Reach::Nothing, libc::AF_INET, 0, allow);
        check(Tier::Full, Reach::Nothing, libc::AF_UNIX, 0, allow);
        check(Tier::Full, Reach::Nothing, libc::AF_NETLINK, 0, allow);
        check(Tier::Full, Reach::Nothing, libc::AF_NETLINK, 9, refuse);
        check(Tier::Full, Reach::Everything, libc::AF_VSOCK, 0, refuse);
        check(Tier::Full, Reach::Everything, libc::AF_PACKET, 0, refuse);
        check(Tier::Partial, Reach::Nothing, libc::AF_INET, 0, refuse);
        check(Tier::Partial, Reach::Nothing, libc::AF_UNIX, 0, refuse);
        check(Tier::Partial, Reach::Nothing, libc::AF_NETLINK, 0, refuse);
        check(Tier::Partial, Reach::Everything, libc::AF_INET6, 0, allow);
        check(Tier::Partial, Reach::Everything, libc::AF_UNIX, 0, refuse);
        check(Tier::None, Reach::Nothing, libc::AF_INET, 0, allow);
        let pair = |family: u64| {
            let arguments = [family, 1, 0, 0, 0, 0];
            answer(
                Tier::Partial,
                Reach::Nothing,
                libc::SYS_socketpair,
                arguments,
            )
        };
        assert_eq!(pair(1), allow);
        assert_eq!(pair(2), refuse);
    }

    #[test]
    fn arguments_are_looked_at_where_they_matter() {
        let full = |number, arguments| answer(Tier::Full, Reach::Nothing, number, arguments);
        let namespace = 0x1000_0000;
        assert_eq!(
            full(libc::SYS_clone, [namespace, 0, 0, 0, 0, 0]),
            errno(EPERM)
        );
        assert_eq!(
            full(libc::SYS_clone, [17, 0, 0, 0, 0, 0]),
            SECCOMP_RET_ALLOW
        );
        assert_eq!(full(libc::SYS_clone3, [0; 6]), errno(ENOSYS));
        // The kernel takes the low half of the request only.
        let request = 0xFFFF_FFFF_0000_5412;
        assert_eq!(
            full(libc::SYS_ioctl, [0, request, 0, 0, 0, 0]),
            errno(EPERM)
        );
        assert_eq!(
            full(libc::SYS_fchmod, [3, 0o4755, 0, 0, 0, 0]),
            errno(EPERM)
        );
        assert_eq!(
            full(libc::SYS_fchmod, [3, 0o755, 0, 0, 0, 0]),
            SECCOMP_RET_ALLOW
        );
    }

    #[test]
    fn other_calling_conventions_are_closed() {
        let program = program(Tier::Full, Reach::Nothing);
        let other = judge(&program, 0x4000_0003, 1, [0; 6]);
        assert_eq!(other, SECCOMP_RET_KILL_PROCESS);
        #[cfg(target_arch = "x86_64")]
        assert_eq!(
            judge(&program, ARCHITECTURE, FOREIGN + 41, [0; 6]),
            errno(ENOSYS)
        );
    }
}
