//! Commands that their name says enough about.

use super::argument::Argument;
use super::findings::Findings;
use super::packages;
use super::scene::Scene;

/// So many bytes may fill a disk.
pub(super) const HUGE: u64 = 4 << 30;

const STOPS: &str = "stops the machine";

/// Verbs of `systemctl` that stop the machine.
const STOPPING: &[&str] = &[
    "reboot",
    "poweroff",
    "halt",
    "kexec",
    "rescue",
    "emergency",
    "suspend",
    "hibernate",
];

const DANGEROUS: &[(&[&str], &str)] = &[
    (
        &["shutdown", "reboot", "halt", "poweroff", "telinit", "kexec"],
        STOPS,
    ),
    (
        &[
            "mkfs",
            "mkfs.ext2",
            "mkfs.ext3",
            "mkfs.ext4",
            "mkfs.xfs",
            "mkfs.btrfs",
            "mkfs.vfat",
            "mkfs.fat",
            "mkfs.ntfs",
            "mke2fs",
            "mkswap",
            "fdisk",
            "sfdisk",
            "cfdisk",
            "gdisk",
            "sgdisk",
            "parted",
            "wipefs",
            "blkdiscard",
            "cryptsetup",
            "hdparm",
            "tune2fs",
            "resize2fs",
            "debugfs",
            "fsck",
            "e2fsck",
            "zfs",
            "btrfs",
            "nvme",
            "lvremove",
            "vgremove",
            "pvremove",
            "mdadm",
            "zpool",
            "dmsetup",
            "badblocks",
            "diskutil",
        ],
        "changes or empties a disk",
    ),
    (&["killall5"], "ends every process there is"),
    (
        &["efibootmgr", "grub-install", "update-grub", "bootctl"],
        "changes how the machine starts",
    ),
    (
        &["setenforce", "apparmor_parser", "aa-disable", "auditctl"],
        "takes the machine's protections away",
    ),
    (
        &["su", "doas", "pkexec", "run0"],
        "asks for the rights of another user",
    ),
    (
        &[
            "iptables",
            "ip6tables",
            "nft",
            "ufw",
            "firewall-cmd",
            "pfctl",
        ],
        "changes the firewall",
    ),
    (
        &[
            "passwd", "chpasswd", "useradd", "userdel", "usermod", "adduser", "deluser",
            "groupadd", "visudo", "chsh", "vipw",
        ],
        "changes the users of the machine",
    ),
    (
        &[
            "insmod", "rmmod", "modprobe", "swapoff", "swapon", "setcap", "sysctl",
        ],
        "changes the kernel's settings",
    ),
];

const SUSPICIOUS: &[(&[&str], &str)] = &[
    (&["sudo"], "asks for the rights of another user"),
    (
        &[
            "mount", "umount", "losetup", "chroot", "unshare", "nsenter", "setpriv", "capsh",
            "bwrap", "firejail",
        ],
        "changes what it may see of the machine",
    ),
    (
        &["nohup", "setsid", "disown", "daemonize", "systemd-run"],
        "outlives the call",
    ),
    (
        &[
            "vim", "vi", "nvim", "nano", "emacs", "pico", "top", "htop", "tmux", "screen", "mc",
            "lazygit", "gdbtui",
        ],
        "waits for a terminal, and there is none",
    ),
    (
        &[
            "redis-cli",
            "psql",
            "mysql",
            "mariadb",
            "mongo",
            "mongosh",
            "dropdb",
            "createdb",
        ],
        "talks to a database that may hold somebody's data",
    ),
    (
        &["pkill", "killall", "fuser"],
        "ends processes that it may not have started",
    ),
    (
        &[
            "apt",
            "apt-get",
            "aptitude",
            "dpkg",
            "dnf",
            "yum",
            "rpm",
            "apk",
            "pacman",
            "zypper",
            "brew",
            "snap",
            "flatpak",
            "port",
            "nix-env",
            "systemctl",
            "service",
            "launchctl",
            "loginctl",
            "hostnamectl",
            "timedatectl",
            "hwclock",
            "nmcli",
            "resolvectl",
            "defaults",
            "osascript",
            "open",
            "xdg-open",
            "powershell",
            "powershell.exe",
            "pwsh",
            "cmd.exe",
            "wsl.exe",
            "gsettings",
            "xdotool",
            "update-alternatives",
        ],
        "changes the machine",
    ),
    (&["hash"], "may give a command name another program"),
    (&["enable"], "may load code into the shell"),
];

/// Commands that need other machines.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (
        &[
            "ssh",
            "scp",
            "sftp",
            "ftp",
            "telnet",
            "rclone",
            "mosh",
            "ssh-add",
            "ssh-copy-id",
            "sshpass",
            "lftp",
            "tftp",
            "dig",
            "nslookup",
            "host",
            "whois",
            "traceroute",
            "mtr",
            "nmap",
            "mail",
            "mailx",
            "mutt",
            "sendmail",
            "msmtp",
            "swaks",
            "croc",
            "wormhole",
        ],
        "reaches other machines",
    ),
    (
        &[
            "kubectl",
            "helm",
            "terraform",
            "tofu",
            "ansible",
            "ansible-playbook",
            "pulumi",
            "aws",
            "gcloud",
            "az",
            "heroku",
            "fly",
            "flyctl",
            "firebase",
            "wrangler",
            "serverless",
            "surge",
            "twine",
            "s3cmd",
            "gsutil",
            "oc",
            "eksctl",
            "skaffold",
            "vercel",
            "netlify",
            "gh",
            "doctl",
            "docker-compose",
        ],
        "changes services elsewhere",
    ),
];

/// Programs that make this machine's ports known elsewhere.
const TUNNELS: &[&str] = &[
    "ngrok",
    "cloudflared",
    "localtunnel",
    "lt",
    "tailscale",
    "bore",
];

/// Every name with a rule of its own: what a pattern in a command name could stand for.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let tables = DANGEROUS.iter().chain(SUSPICIOUS).chain(ELSEWHERE);
    tables.flat_map(|(names, _)| names.iter().copied()).chain([
        "rm", "dd", "chmod", "chown", "kill", "find", "mv", "sh", "bash", "curl", "wget",
    ])
}

/// Looks at a command by its name.
pub(super) fn rule(name: &str, rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let words: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let find = |table: &'static [(&[&str], &'static str)]| {
        table.iter().find(|(names, _)| names.contains(&name))
    };
    if let Some((_, why)) = find(DANGEROUS) {
        findings.dangerous(*why);
    } else if name.starts_with("mkfs") {
        findings.dangerous("changes or empties a disk");
    }
    match (name, words.as_slice()) {
        ("init", ["0" | "1" | "6", ..]) => findings.dangerous(STOPS),
        ("systemctl" | "loginctl", words) if words.iter().any(|word| STOPPING.contains(word)) => {
            findings.dangerous(STOPS);
        }
        (name, words) if only_reads(name, words) => return,
        ("crontab", ["-l"]) => findings.suspicious("reads scheduled jobs"),
        ("crontab", _) => findings.dangerous("plants a job that runs later"),
        ("pkill" | "killall", words) if words.iter().any(|word| matches!(*word, "-u" | "-U")) => {
            findings.dangerous("ends every process of a user");
        }
        ("gdb" | "strace" | "ltrace" | "lldb", words)
            if words
                .iter()
                .any(|word| matches!(*word, "-p" | "--pid" | "attach")) =>
        {
            findings.suspicious("looks into another process");
        }
        ("printenv", []) => findings.suspicious("shows the environment"),
        ("kubectl" | "helm" | "gh" | "aws" | "oc", ["version", ..])
        | ("terraform" | "tofu", ["validate" | "fmt" | "version" | "graph", ..]) => return,
        ("history", ["-c" | "-w", ..]) => findings.suspicious("removes traces"),
        ("hash", words) if !words.contains(&"-p") => return,
        ("ip", [_, "add" | "del" | "set" | "flush", ..]) => {
            findings.dangerous("changes the network of the machine");
        }
        _ => {}
    }
    if packages::fetches(name, &words) {
        findings.reaches("needs the network for packages");
    }
    if let Some((_, why)) = find(SUSPICIOUS) {
        findings.suspicious(*why);
    }
    if let Some((_, why)) = find(ELSEWHERE) {
        findings.reaches(why);
    }
    if TUNNELS.contains(&name) {
        findings.reaches("opens this machine to others");
    }
    let own = |word: &&str| matches!(*word, "localhost" | "127.0.0.1" | "::1");
    if matches!(name, "ping" | "ping6") && !words.iter().any(own) {
        findings.reaches("reaches other machines");
    }
    if name == "yes" && scene.into_file {
        findings.suspicious("writes without end");
    }
}

/// Verbs and options with which tools that change the machine only say what there is.
const READS: &[(&[&str], &[&str])] = &[
    (
        &["dpkg"],
        &[
            "-l",
            "-s",
            "-L",
            "-S",
            "--list",
            "--status",
            "--listfiles",
            "--search",
            "--get-selections",
        ],
    ),
    (&["apt", "aptitude"], &["list", "show", "policy", "depends"]),
    (
        &["dnf", "yum", "apk", "snap", "flatpak", "brew"],
        &["list", "info", "ls", "deps"],
    ),
    (
        &["rpm", "pacman"],
        &[
            "-q", "-qa", "-qi", "-ql", "-qf", "-Q", "-Qi", "-Ql", "-Qs", "-Qo",
        ],
    ),
    (
        &[
            "systemctl",
            "launchctl",
            "loginctl",
            "hostnamectl",
            "timedatectl",
            "resolvectl",
        ],
        &[
            "status",
            "list-units",
            "list-unit-files",
            "is-active",
            "is-enabled",
            "show",
            "list",
        ],
    ),
    (
        &["update-alternatives"],
        &["--list", "--display", "--query"],
    ),
    (&["defaults", "gsettings"], &["read", "get"]),
];

fn only_reads(name: &str, words: &[&str]) -> bool {
    let known = READS.iter().filter(|(names, _)| names.contains(&name));
    let first = words.first();
    known
        .flat_map(|(_, verbs)| *verbs)
        .any(|verb| first == Some(verb))
}

/// A number with a unit, as `dd`, `head` and `truncate` take it.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches(['+', '-']);
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let number: u64 = digits[..end].parse().ok()?; // silent-ok: it is no number.
    let factor = match digits[end..].chars().next() {
        None => 1,
        Some('k' | 'K') => 1 << 10,
        Some('m' | 'M') => 1 << 20,
        Some('g' | 'G') => 1 << 30,
        Some('t' | 'T') => 1 << 40,
        Some(_) => return None,
    };
    Some(number.saturating_mul(factor))
}

/// Whether one of the operands is a size that may fill a disk.
pub(super) fn huge(rest: &[Argument]) -> bool {
    rest.iter()
        .filter_map(|word| bytes(word.text.trim_start_matches("-c").trim_start_matches("-s")))
        .any(|size| size >= HUGE)
}

/// Whether a command writes without end, or very much.
pub(super) fn endless(arguments: &[Argument]) -> bool {
    let words: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    match words.as_slice() {
        ["yes", ..] => true,
        ["cat" | "base64" | "xxd", rest @ ..] => rest.iter().any(|word| {
            matches!(
                *word,
                "/dev/zero" | "/dev/urandom" | "/dev/random" | "/dev/full"
            )
        }),
        ["head" | "tail", ..] => huge(arguments),
        _ => false,
    }
}
