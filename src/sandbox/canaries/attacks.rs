//! The attacks of one command each, and the ground on which they are tried.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use super::ground::{Canary, Ground};
use super::remains;
#[cfg(target_os = "linux")]
use super::{program, terminal};
use crate::engine::ports::Network;
use crate::sandbox::environment::Environment;
use crate::sandbox::policy::Policy;
use crate::sandbox::tier::{Probed, Tier};
use crate::sandbox::{Launcher, Wall, landlock_version};

/// What is tried.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The program that starts commands.
    pub launcher: Launcher,
    /// What commands see.
    pub environment: Environment,
    /// At most this tier, whatever the machine has.
    pub most: Tier,
    /// Where the ground is made; nothing stays there.
    pub folder: &'a Path,
    /// Host and port of the model's server, if that is this machine.
    pub model: Option<(String, u16)>,
}

/// What stops an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// Every tier, if only by putting it right.
    All,
    /// The tiers with a wall, the lesser one from this version of Landlock on.
    Walls(u32),
    /// The full tier only.
    Full,
}

impl By {
    fn promises(self, tier: Tier) -> bool {
        match self {
            Self::All => true,
            Self::Walls(version) => {
                tier == Tier::Full || (tier == Tier::Partial && landlock_version() >= version)
            }
            Self::Full => tier == Tier::Full,
        }
    }
}

/// Words, what promises to stop it, and a script that prints `breach`.
const ATTACKS: &[(&str, By, &str)] = &[
    (
        "write outside the project",
        By::Walls(1),
        "echo x > ../outside/new && echo breach",
    ),
    (
        "change the mode of a file outside",
        By::Full,
        "chmod 600 ../outside/file && echo breach",
    ),
    (
        "read a key in the home folder",
        By::Walls(1),
        "grep -q key ../home/.ssh/id && echo breach",
    ),
    (
        "connect to a server on this machine",
        By::Walls(1),
        "(exec 9<>/dev/tcp/127.0.0.1/$LC_SERVER) && echo breach",
    ),
    (
        "signal this program",
        By::Walls(6),
        "kill -0 $LC_PROGRAM && echo breach",
    ),
    (
        "read this program's environment",
        By::Walls(1),
        "cat /proc/$LC_PROGRAM/environ > /dev/null && echo breach",
    ),
    (
        "plant a git hook",
        By::All,
        "echo x > .git/hooks/pre-commit; true",
    ),
    (
        "change git's configuration",
        By::All,
        "echo x >> .git/config; true",
    ),
];

/// Tries every attack with the wall that would be in force, in a new folder. Says which wall that
/// is.
pub async fn try_out(trial: Trial<'_>) -> io::Result<(Probed, Vec<Canary>)> {
    let folder = tempfile::Builder::new()
        .prefix("canaries")
        .tempdir_in(trial.folder)?;
    let root = folder.path().canonicalize()?;
    for name in ["project/.git/hooks", "home/.ssh", "outside", "tmp"] {
        fs::create_dir_all(root.join(name))?;
    }
    fs::write(root.join("home/.ssh/id"), "key")?;
    let server = TcpListener::bind("127.0.0.1:0")?;
    let mut policy = Policy::new(
        root.join("project"),
        root.join("tmp"),
        Some(root.join("home")),
    );
    let open = policy.ports.clone();
    let environment = trial
        .environment
        .with("LC_SERVER", server.local_addr()?.port().to_string())
        .with("LC_PROGRAM", std::process::id().to_string());
    #[cfg(target_os = "linux")]
    let environment = {
        let binary = trial.launcher.path()?;
        policy.read.push(binary.clone());
        environment.with("LC_BINARY", binary)
    };
    let wall = Wall::new(policy, environment, trial.launcher).at_most(trial.most);
    let ground = Ground { root, wall };
    let tier = ground.wall.probed().tier;
    let mut canaries = vec![remains::after_a_command(&ground).await?];
    #[cfg(target_os = "linux")]
    {
        canaries.push(program::killed(&ground)?);
        canaries.extend(terminal::typed_into(&ground)?);
    }
    for (attack, by, script) in ATTACKS {
        canaries.push(Canary {
            attack,
            stopped: ground.stops(Network::Off, script).await?,
            promised: by.promises(tier),
        });
    }
    if let Some((host, port)) = trial.model.filter(|(host, port)| answers(host, *port)) {
        let script = format!("(exec 9<>/dev/tcp/{host}/{port}) && echo breach");
        canaries.push(Canary {
            attack: "connect to the model's server",
            stopped: ground.stops(Network::Off, &script).await?,
            promised: By::Walls(1).promises(tier),
        });
        canaries.push(Canary {
            attack: "connect to the model's server with the network on",
            stopped: ground.stops(Network::On, &script).await?,
            promised: model_in_reach(tier, &open, port).is_none(),
        });
    }
    Ok((ground.wall.probed().clone(), canaries))
}

/// Why commands that have a network may reach the model's server, if nothing keeps them from it.
pub fn model_in_reach(tier: Tier, open: &[u16], port: u16) -> Option<String> {
    if tier == Tier::None {
        Some("nothing is kept from commands without a sandbox".to_owned())
    } else if open.contains(&port) {
        Some(format!("its port {port} is one of those that are open"))
    } else if landlock_version() < 4 {
        Some("this kernel cannot tell ports apart, which needs Linux 6.7".to_owned())
    } else {
        None
    }
}

/// Whether somebody listens there at all.
fn answers(host: &str, port: u16) -> bool {
    let addresses = (host, port).to_socket_addrs().into_iter().flatten();
    let mut connected =
        addresses.map(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)));
    connected.any(|connected| connected.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_models_port_open_is_said() {
        let check = |tier, open: &[u16], port, expected: &str| {
            let why = model_in_reach(tier, open, port).unwrap_or_default();
            assert!(why.contains(expected), "{tier}: {why}");
        };
        check(Tier::None, &[80], 11434, "without a sandbox");
        check(Tier::Full, &[80, 443], 443, "port 443 is one of those");
        let apart = landlock_version() >= 4;
        let why = model_in_reach(Tier::Full, &[80], 11434);
        assert_eq!(why.is_none(), apart, "{why:?}");
    }
}
