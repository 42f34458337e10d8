//! Every row of what the wall claims to stop: it works without a wall, so that the attack is a
//! real one, and fails behind it. What the lesser wall does not stop is said row by row.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::print_stderr, reason = "says what it leaves out")]

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};

use loop_orchestration::sandbox::Tier;

use self::rows::Partial::Stops;
use self::rows::Without::Works;
use self::rows::{FILES, GIT, MACHINE, NETWORK, PROCESSES, Row};
use super::sandbox_ground::{CANARY, GROUND_FOLDER, Ground, base, tiers};

mod rows;

async fn check(rows: &[Row], prepare: impl Fn() -> Ground, more: &[(&str, String)]) {
    let ground = prepare();
    let tiers = tiers(&ground);
    let mut wrong = Vec::new();
    for (name, without, partial, script) in rows {
        if *without == Works {
            let ground = prepare();
            let finished = ground.run(&ground.plain(more), script).await;
            if !finished.output.contains("BREACH") {
                wrong.push(format!("{name}: no attack: {}", finished.output));
            }
        }
        for tier in &tiers {
            let stops = match tier {
                Tier::Full => true,
                Tier::Partial => *partial == Stops,
                Tier::None => continue,
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
    check(FILES, Ground::new, &[("LC_SHM", name.to_owned())]).await;
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
    let port = server.local_addr().unwrap().port();
    let name = format!("loop-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract = UnixListener::bind_addr(&address).unwrap();
    let listeners = std::cell::RefCell::new(Vec::new());
    let prepare = || {
        let ground = Ground::new();
        // A socket's path may have a hundred characters: it is bound by a short one.
        let folder = fs::File::open(&ground.home).unwrap();
        let short = format!(
            "/proc/self/fd/{}/s",
            std::os::fd::AsRawFd::as_raw_fd(&folder)
        );
        listeners
            .borrow_mut()
            .push(UnixListener::bind(short).unwrap());
        ground
    };
    let more = [("LC_PORT", port.to_string()), ("LC_SOCKET", name)];
    check(NETWORK, prepare, &more).await;
}

#[tokio::test]
async fn the_machine_is_out_of_reach() {
    check(MACHINE, Ground::new, &[]).await;
}

#[tokio::test]
async fn what_makes_git_run_programs_is_out_of_reach() {
    check(GIT, || Ground::new().with_git(), &[]).await;
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
        .env("LOOP_TEST_SECRET", CANARY)
        .env("HOME", folder.path())
        .uid(USER)
        .gid(USER)
        .output();
    let run = match run {
        Ok(run) => run,
        Err(error) => {
            eprintln!("left out: an ordinary user cannot run this program ({error})");
            return;
        }
    };
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{output}");
    assert!(
        output.contains("sandbox_attacks::files_outside_stay"),
        "{output}"
    );
}
