//! Every attack that the wall claims to stop: it works without a wall, so that it is a real one,
//! and fails behind it. What the lesser wall does not stop is said row by row; what does not work
//! on this machine even without a wall is said when the tests run.
//!
//! | attack | where |
//! |---|---|
//! | write absolute, by `..`, by a link, by a hard link; move in and out; remove | `FILES` |
//! | change mode, owner, time, attributes outside; truncate | `FILES` |
//! | keys, home, the root of a process, shared memory, hidden files | `FILES` |
//! | a secret variable, an inherited file | `FILES` |
//! | another's environment, root, memory, command line, files; signals, tracing | `PROCESSES` |
//! | TCP, UDP, IPv6; sockets in home, `/run`, `/tmp`, abstract ones | `NETWORK` |
//! | vsock, packet, crypto, audit sockets | `NETWORK` |
//! | namespaces, mounts, devices, the kernel's log, keys, settings; `io_uring`, `int 0x80` | `MACHINE` |
//! | typing into a terminal | `a_terminal_takes_no_keys_from_a_command` |
//! | git's hooks, configuration, attributes; another `.git` | `GIT`, `sandbox_policy` |
//! | daemons, double forks, bombs; the program killed; time, output, memory, files | `sandbox_life` |
//!
//! `rm -rf /*` is left out: it would remove this machine where the wall fails. Its parts are rows.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::RefCell;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::Stdio;

use loop_orchestration::sandbox::{Tier, landlock_version};

use self::rows::Partial::{LetsThrough, Stops, StopsFrom};
use self::rows::Without::{Harms, Maybe, Works};
use self::rows::{FILES, GIT, MACHINE, NETWORK, PROCESSES, Row, TYPES};
use super::sandbox_ground::{CANARY, GROUND_FOLDER, Ground, base, say, tiers};
use crate::support::pty::Program;

mod rows;

/// A variable that no command may see.
const SECRET: &str = "LOOP_TEST_SECRET";

async fn check(rows: &[Row], prepare: impl Fn() -> Ground, more: &[(&str, String)]) {
    let ground = prepare();
    let tiers = tiers(&ground);
    let mut wrong = Vec::new();
    for (name, without, partial, script) in rows {
        if *without != Harms {
            let said = bare(&prepare(), more, script);
            match (said.contains("BREACH"), without) {
                (false, Works) => wrong.push(format!("{name}: no attack: {said}")),
                (false, Maybe | Harms) => {
                    let why = said.trim().lines().last().unwrap_or("it fails");
                    say(&format!("left out: without a wall, {name}: {why}"));
                }
                (true, _) => {}
            }
        }
        for tier in &tiers {
            let stops = match (tier, partial) {
                (Tier::Full, _) | (Tier::Partial, Stops) => true,
                (Tier::Partial, StopsFrom(version)) => landlock_version() >= *version,
                (Tier::Partial, LetsThrough) => false,
                (Tier::None, _) => continue,
            };
            let ground = prepare();
            let finished = ground.run(&ground.wall(*tier, more), script).await;
            let breached = finished.output.contains("BREACH");
            if breached == stops && (stops || *without == Works) {
                wrong.push(format!("{name}, {tier}: {}", finished.output));
            }
            if stops {
                wrong.extend(harm(&ground).map(|harm| format!("{name}, {tier}: {harm}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a script says that runs with nothing around it.
fn bare(ground: &Ground, more: &[(&str, String)], script: &str) -> String {
    let environment = ground.environment(more);
    let output = std::process::Command::new("bash")
        .args(["--noprofile", "--norc", "-c", script])
        .current_dir(&ground.project)
        .env_clear()
        .envs(environment.iter())
        .env(SECRET, CANARY)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

/// What has changed outside the project.
fn harm(ground: &Ground) -> Option<String> {
    let file = ground.outside.join("file");
    let entries = fs::read_dir(&ground.outside).unwrap().count();
    let whole = fs::read_to_string(&file).is_ok_and(|text| text == CANARY)
        && entries == 1
        && fs::read_to_string(ground.home.join("notes")).is_ok_and(|text| text == CANARY);
    (!whole).then(|| format!("{entries} entries, {:?}", fs::read_to_string(file)))
}

#[tokio::test]
async fn files_outside_stay_as_they_are_and_unread() {
    let memory = tempfile::NamedTempFile::new_in("/dev/shm").unwrap();
    fs::write(memory.path(), CANARY).unwrap();
    let name = memory.path().file_name().unwrap().to_str().unwrap();
    // Open in whatever this process starts, as files of a careless program are.
    let open = fs::File::open(memory.path()).unwrap();
    rustix::io::fcntl_setfd(&open, rustix::io::FdFlags::empty()).unwrap();
    let more = [
        ("LC_SHM", name.to_owned()),
        ("LC_FILE", open.as_raw_fd().to_string()),
        // The list of what commands may see does not name it.
        (SECRET, CANARY.to_owned()),
    ];
    check(FILES, Ground::new, &more).await;
}

#[tokio::test]
async fn other_processes_are_out_of_reach() {
    static WORD: &[u8; 8] = b"canary-7";
    let more = [
        ("LC_PID", std::process::id().to_string()),
        ("LC_ADDRESS", (WORD.as_ptr() as usize).to_string()),
    ];
    check(PROCESSES, Ground::new, &more).await;
}

#[tokio::test]
async fn the_network_is_out_of_reach() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("loop-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract = UnixListener::bind_addr(&address).unwrap();
    let echo = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut more = vec![
        ("LC_PORT", server.local_addr().unwrap().port().to_string()),
        ("LC_UDP", echo.local_addr().unwrap().port().to_string()),
        ("LC_SOCKET", name),
    ];
    std::thread::spawn(move || {
        while let Ok((_, from)) = echo.recv_from(&mut [0; 9]) {
            echo.send_to(b"y", from).unwrap();
        }
    });
    let server6 = TcpListener::bind("[::1]:0");
    if let Ok(server) = &server6 {
        more.push(("LC_PORT6", server.local_addr().unwrap().port().to_string()));
    }
    let listeners = RefCell::new(Vec::new());
    let listen = |folder: &Path| listeners.borrow_mut().push(listen_in(folder));
    let tmp = tempfile::tempdir_in("/tmp").unwrap();
    listen(tmp.path());
    more.push(("LC_TMP_SOCKET", tmp.path().display().to_string()));
    let run = tempfile::tempdir_in("/run");
    if let Ok(run) = &run {
        listen(run.path());
        more.push(("LC_RUN_SOCKET", run.path().display().to_string()));
    }
    let prepare = || {
        let ground = Ground::new();
        listen(&ground.home);
        ground
    };
    check(NETWORK, prepare, &more).await;
}

/// A socket named `s`. Its path may have a hundred characters: it is bound by a short one.
fn listen_in(folder: &Path) -> UnixListener {
    let folder = fs::File::open(folder).unwrap();
    UnixListener::bind(format!("/proc/self/fd/{}/s", folder.as_raw_fd())).unwrap()
}

#[tokio::test]
async fn the_machine_is_out_of_reach() {
    check(MACHINE, Ground::new, &[]).await;
}

#[tokio::test]
async fn what_makes_git_run_programs_is_out_of_reach() {
    check(GIT, || Ground::new().with_git(), &[]).await;
}

/// In a second process, which has a terminal: its ground, and what is around the command.
const TYPIST: &str = "LOOP_TEST_TYPIST";

#[tokio::test]
async fn a_terminal_takes_no_keys_from_a_command() {
    if let Ok(order) = std::env::var(TYPIST) {
        let (around, folder) = order.split_once(' ').unwrap();
        let ground = Ground::at(Path::new(folder));
        let terminal = rustix::termios::ttyname(std::io::stdin(), Vec::new()).unwrap();
        let more = [("LC_TTY", terminal.into_string().unwrap())];
        let said = match around {
            "nothing" => {
                let mut command = std::process::Command::new("bash");
                command.args(["-c", TYPES]).env("LC_TTY", &more[0].1);
                String::from_utf8(command.output().unwrap().stdout).unwrap()
            }
            tier => {
                let tier = match tier {
                    "full" => Tier::Full,
                    _ => Tier::Partial,
                };
                ground.run(&ground.wall(tier, &more), TYPES).await.output
            }
        };
        fs::write(ground.outside.join("said"), said).unwrap();
        return;
    }
    let mut around = vec!["nothing"];
    let walls = tiers(&Ground::new()).into_iter();
    around.extend(walls.filter(|tier| *tier > Tier::None).map(Tier::name));
    for around in around {
        let ground = Ground::new();
        let root = ground.project.parent().unwrap();
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--color=never",
                "--exact",
                "sandbox_attacks::a_terminal_takes_no_keys_from_a_command",
            ])
            .env(TYPIST, format!("{around} {}", root.display()));
        let mut typist = Program::start(&command, 80, 24);
        assert_eq!(typist.wait(), 0, "{}", typist.console.screen.text());
        let said = fs::read_to_string(ground.outside.join("said")).unwrap();
        assert!(said.contains("tried"), "{around}: {said}");
        let breached = said.contains("BREACH");
        if around != "nothing" {
            assert!(!breached, "{around}: {said}");
        } else if !breached {
            say("left out: without a wall, typing into a terminal: this kernel refuses it");
        }
    }
}

/// All of this once more as somebody who is not root, where the tests run as root.
#[test]
fn an_ordinary_user_is_held_as_well() {
    use std::os::unix::process::CommandExt;
    const USER: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir_in(base()).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::chown(folder.path(), Some(USER), Some(USER)).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().uid(), USER);
    let run = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["sandbox_", "--skip", "sandbox_tools", "--test-threads=2"])
        .env(GROUND_FOLDER, folder.path())
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env(SECRET, CANARY)
        .env("HOME", folder.path())
        .uid(USER)
        .gid(USER)
        .output();
    let run = match run {
        Ok(run) => run,
        Err(error) => {
            say(&format!(
                "left out: an ordinary user cannot run this program ({error})"
            ));
            return;
        }
    };
    for line in String::from_utf8_lossy(&run.stderr).lines() {
        if line.starts_with("left out") {
            say(&format!("as an ordinary user, {line}"));
        }
    }
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{output}");
    assert!(
        output.contains("sandbox_attacks::files_outside_stay"),
        "{output}"
    );
}
