//! Tries the wall out with attacks that do no harm, in folders made for it: what is promised for
//! the tier in force, and what was stopped. What `doctor` shows.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use super::environment::Environment;
use super::policy::Policy;
use super::tier::{Probed, Tier};
use super::{Launcher, Wall};
use crate::engine::ports::{Access, Command, Confine, Network};

/// One attack and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// What was tried, in a few words.
    pub attack: &'static str,
    /// Whether the wall stopped it, or put it right.
    pub stopped: bool,
    /// Whether the tier in force promises that.
    pub promised: bool,
}

/// Attacks: words, the least tier that promises to stop them, and a script that prints `breach`.
const ATTACKS: &[(&str, Tier, &str)] = &[
    (
        "write outside the project",
        Tier::Partial,
        "echo x > ../outside/new && echo breach",
    ),
    (
        "change the mode of a file outside",
        Tier::Full,
        "chmod 600 ../outside/file && echo breach",
    ),
    (
        "read a key in the home folder",
        Tier::Partial,
        "grep -q key ../home/.ssh/id && echo breach",
    ),
    (
        "connect to a server on this machine",
        Tier::Partial,
        "(exec 9<>/dev/tcp/127.0.0.1/$LC_SERVER) && echo breach",
    ),
    (
        "signal this program",
        Tier::Partial,
        "kill -0 $LC_PROGRAM && echo breach",
    ),
    (
        "read this program's environment",
        Tier::Partial,
        "cat /proc/$LC_PROGRAM/environ > /dev/null && echo breach",
    ),
    (
        "plant a git hook",
        Tier::None,
        "echo x > .git/hooks/pre-commit; true",
    ),
    (
        "change git's configuration",
        Tier::None,
        "echo x >> .git/config; true",
    ),
];

/// Tries every attack with the wall that would be in force, in a new folder below `folder`. Says
/// which wall that is.
pub async fn try_out(
    launcher: Launcher,
    environment: Environment,
    most: Tier,
    folder: &Path,
) -> io::Result<(Probed, Vec<Canary>)> {
    let ground = tempfile::Builder::new()
        .prefix("canaries")
        .tempdir_in(folder)?;
    let root = ground.path().canonicalize()?;
    for name in ["project/.git/hooks", "home/.ssh", "outside", "tmp"] {
        fs::create_dir_all(root.join(name))?;
    }
    fs::write(root.join("home/.ssh/id"), "key")?;
    let server = TcpListener::bind("127.0.0.1:0")?;
    let policy = Policy::new(
        root.join("project"),
        root.join("tmp"),
        Some(root.join("home")),
    );
    let environment = environment
        .with("LC_SERVER", server.local_addr()?.port().to_string())
        .with("LC_PROGRAM", std::process::id().to_string());
    let wall = Wall::new(policy, environment, launcher).at_most(most);
    let mut canaries = vec![leave_a_process(&wall, &root).await?];
    for (attack, least, script) in ATTACKS {
        fs::write(root.join("outside/file"), "file")?;
        fs::write(root.join("project/.git/config"), "config")?;
        let finished = wall.run(&command(&root, script)).await?;
        let breached = finished.output.contains("breach") || harmed(&root);
        canaries.push(Canary {
            attack,
            stopped: !breached,
            promised: wall.probed().tier >= *least,
        });
        // silent-ok: it is there only if the attack went through.
        let _ = fs::remove_file(root.join("outside/new"));
    }
    Ok((wall.probed().clone(), canaries))
}

fn command(root: &Path, script: &str) -> Command {
    Command {
        line: format!("{{ {script}; }} 2>/dev/null"),
        folder: root.join("project"),
        timeout: Duration::from_secs(10),
        access: Access::Write,
        network: Network::Off,
        output_limit: 1000,
    }
}

/// What the attack would have left.
fn harmed(root: &Path) -> bool {
    let git = root.join("project/.git");
    git.join("hooks/pre-commit").exists()
        || fs::read_to_string(git.join("config")).is_ok_and(|text| text != "config")
        || root.join("outside/new").exists()
}

/// A process that leaves its session and heeds no signal holds a pipe open for as long as it
/// lives.
async fn leave_a_process(wall: &Wall, root: &Path) -> io::Result<Canary> {
    let pipe = root.join("project/alive");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU)?;
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NONBLOCK;
    let reader = rustix::fs::open(&pipe, flags, rustix::fs::Mode::empty())?;
    let script = "exec 9>alive; (trap '' TERM INT HUP; setsid sleep 60 &); echo left";
    wall.run(&command(root, script)).await?;
    let mut files = [rustix::event::PollFd::new(
        &reader,
        rustix::event::PollFlags::IN,
    )];
    let second = rustix::time::Timespec {
        tv_sec: 1,
        tv_nsec: 0,
    };
    // The end of the last writer wakes the reader.
    let ended = rustix::event::poll(&mut files, Some(&second))? > 0;
    fs::remove_file(pipe)?;
    Ok(Canary {
        attack: "leave a process behind",
        stopped: ended,
        promised: cfg!(target_os = "linux") || wall.probed().tier > Tier::None,
    })
}
