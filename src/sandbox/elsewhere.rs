//! Systems without the launcher. On macOS commands run under `sandbox-exec` with a profile made
//! here; elsewhere there is no wall. Written from the documentation of that program and not tried
//! on a Mac: what it claims is the lesser tier.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::environment::Environment;
use super::git_watch::GitWatch;
use super::output::note;
use super::plain::Plain;
use super::policy::Policy;
use super::tier::{Probed, Tier};
use crate::engine::floor::Reachable;
use crate::engine::ports::{Access, Command, Confine, Finished, Network};

/// Never by search path: a project could have one of its own.
const SANDBOX_EXEC: &str = "/usr/bin/sandbox-exec";

/// The program that starts commands: nothing here, where there is no launcher.
#[derive(Clone, Copy, Debug)]
pub struct Launcher;

impl Launcher {
    /// The program that is running.
    pub const fn own() -> io::Result<Self> {
        Ok(Self)
    }

    /// The program at that path.
    pub const fn at(_path: &Path) -> io::Result<Self> {
        Ok(Self)
    }
}

/// Runs commands behind what this system has.
#[derive(Debug)]
pub struct Wall {
    policy: Policy,
    environment: Environment,
    git: GitWatch,
    most: Tier,
    network: Reachable,
    probed: OnceLock<Probed>,
}

impl Wall {
    /// Commands may do what the policy says and see this environment.
    pub fn new(policy: Policy, environment: Environment, _launcher: Launcher) -> Self {
        let policy = policy.resolved();
        Self {
            git: GitWatch::new(&policy),
            policy,
            environment,
            most: Tier::Full,
            network: Reachable::Ask,
            probed: OnceLock::new(),
        }
    }

    /// At most this tier, whatever the machine has.
    #[must_use]
    pub const fn at_most(mut self, tier: Tier) -> Self {
        self.most = tier;
        self
    }

    /// Whether commands can get the network at all, whatever they ask for.
    #[must_use]
    pub const fn network(mut self, network: Reachable) -> Self {
        self.network = network;
        self
    }

    /// There is no launcher here to keep ready.
    #[must_use]
    pub const fn kept_ready(self) -> Self {
        self
    }

    /// Which tier is in force, and why no better one.
    pub fn probed(&self) -> &Probed {
        self.probed.get_or_init(|| {
            if self.most == Tier::None {
                return Probed {
                    tier: Tier::None,
                    refused: Vec::new(),
                };
            }
            let tried = std::process::Command::new(SANDBOX_EXEC)
                .args(["-p", "(version 1)(allow default)", "/usr/bin/true"])
                .status();
            let why = match tried {
                Ok(status) if status.success() => None,
                Ok(status) => Some(format!("{SANDBOX_EXEC} ended with {status}")),
                Err(error) => Some(format!("{SANDBOX_EXEC}: {error}")),
            };
            match why {
                None => Probed {
                    tier: Tier::Partial,
                    refused: vec![(Tier::Full, "this system has no namespaces".to_owned())],
                },
                Some(why) => Probed {
                    tier: Tier::None,
                    refused: vec![(Tier::Partial, why)],
                },
            }
        })
    }

    fn plain(&self, command: &Command, environment: Environment) -> Plain {
        let plain = Plain::new(environment.with("TMPDIR", &self.policy.session_tmp));
        if self.probed().tier == Tier::None {
            return plain;
        }
        let network = match self.network {
            Reachable::Ask => command.network,
            Reachable::Off => Network::Off,
        };
        let mut policy = self.policy.clone();
        if let Some(instead) = policy.stand_in(&command.folder) {
            policy.project = instead;
        }
        let (profile, places) = profile(&policy, command.access, network);
        let mut prefix: Vec<OsString> = vec![SANDBOX_EXEC.into(), "-p".into(), profile.into()];
        for (name, place) in places {
            let mut definition = OsString::from(format!("{name}="));
            definition.push(place);
            prefix.extend(["-D".into(), definition]);
        }
        plain.behind(prefix)
    }
}

impl Confine for Wall {
    async fn run(&self, command: &Command) -> io::Result<Finished> {
        let watching = self.git.begin()?;
        let environment = watching.disarm(self.environment.clone());
        let mut finished = self.plain(command, environment).run(command).await?;
        note(&mut finished.output, &watching.end());
        Ok(finished)
    }

    fn tier(&self) -> &'static str {
        self.probed().tier.name()
    }

    fn shortcomings(&self) -> Vec<String> {
        self.probed().shortcomings()
    }

    fn notices(&self) -> Vec<String> {
        self.git.told()
    }
}

/// The profile, and the paths that its names stand for. Paths never stand in the text itself,
/// and have no links in them: the system compares what it resolved.
fn profile(policy: &Policy, access: Access, network: Network) -> (String, Vec<(String, PathBuf)>) {
    let mut text = vec![
        "(version 1)".to_owned(),
        "(deny default)".to_owned(),
        "(allow process-exec process-fork)".to_owned(),
        "(allow signal process-info* (target same-sandbox))".to_owned(),
        "(allow sysctl-read)".to_owned(),
        "(allow pseudo-tty)".to_owned(),
        "(allow ipc-posix-sem)".to_owned(),
        "(allow mach-lookup (global-name \"com.apple.system.opendirectoryd.libinfo\"))".to_owned(),
        "(allow file-read*)".to_owned(),
    ];
    let mut places = Vec::new();
    // Of several rules that fit, the last one counts.
    let mut rule = |text: &mut Vec<String>, rule: &str, path: &Path| {
        let name = format!("P{}", places.len());
        text.push(rule.replace('@', &format!("(param \"{name}\")")));
        let resolved = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        places.push((name, resolved));
    };
    if let Some(home) = &policy.home {
        rule(&mut text, "(deny file-read* (subpath @))", home);
    }
    for path in policy.read.iter().filter(|path| path.exists()) {
        rule(&mut text, "(allow file-read* (subpath @))", path);
    }
    let mut writable = vec![&policy.session_tmp];
    writable.extend(&policy.write);
    if access == Access::Write {
        writable.push(&policy.project);
    }
    if network == Network::Fetch {
        writable.extend(&policy.caches);
    }
    rule(&mut text, "(allow file-read* (subpath @))", &policy.project);
    for path in writable {
        rule(
            &mut text,
            "(allow file-read* file-write* (subpath @))",
            path,
        );
    }
    text.push("(allow file-write* (literal \"/dev/null\") (literal \"/dev/tty\"))".to_owned());
    for name in ["hooks", "config", "config.worktree", "info", "commondir"] {
        let path = policy.project.join(".git").join(name);
        rule(&mut text, "(deny file-write* (subpath @))", &path);
    }
    for path in &policy.hidden {
        rule(&mut text, "(deny file-read* file-write* (subpath @))", path);
    }
    if network != Network::Off {
        text.push(
            "(allow network-outbound (literal \"/private/var/run/mDNSResponder\"))".to_owned(),
        );
        text.push("(allow system-socket)".to_owned());
        for port in &policy.ports {
            text.push(format!(
                "(allow network-outbound (remote tcp \"*:{port}\"))"
            ));
        }
    }
    (text.join("\n"), places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let mut policy = Policy::new(
            "/nowhere/project".into(),
            "/nowhere/tmp".into(),
            Some("/nowhere/home".into()),
        );
        policy.hidden = vec!["/nowhere/home/.ssh".into()];
        policy
    }

    /// The profile with the paths put in, a line each.
    fn shown(access: Access, network: Network) -> Vec<String> {
        let (text, places) = profile(&policy(), access, network);
        assert!(!text.contains("/nowhere"), "a path stands in the text");
        let filled = places.iter().fold(text, |text, (name, place)| {
            let param = format!("(param \"{name}\")");
            text.replace(&param, &format!("\"{}\"", place.display()))
        });
        filled.lines().map(str::to_owned).collect()
    }

    fn place(lines: &[String], line: &str) -> usize {
        let found = lines.iter().position(|other| other == line);
        found.unwrap_or_else(|| panic!("no {line} in {lines:#?}"))
    }

    #[test]
    fn denials_stand_after_what_they_deny() {
        let lines = shown(Access::Write, Network::Off);
        let all = place(&lines, "(allow file-read*)");
        let home = place(&lines, "(deny file-read* (subpath \"/nowhere/home\"))");
        let project = place(
            &lines,
            "(allow file-read* file-write* (subpath \"/nowhere/project\"))",
        );
        let hooks = "(deny file-write* (subpath \"/nowhere/project/.git/hooks\"))";
        let keys = "(deny file-read* file-write* (subpath \"/nowhere/home/.ssh\"))";
        assert!(all < home && home < project);
        assert!(project < place(&lines, hooks));
        assert!(home < place(&lines, keys));
        assert_eq!(lines[1], "(deny default)");
    }

    #[test]
    fn a_look_writes_nothing_and_reaches_nothing() {
        let lines = shown(Access::Read, Network::Off);
        let project = "(allow file-read* file-write* (subpath \"/nowhere/project\"))";
        assert!(!lines.iter().any(|line| line == project));
        assert!(!lines.iter().any(|line| line.contains("network")));
    }

    #[test]
    fn a_network_leads_to_the_named_ports() {
        let lines = shown(Access::Write, Network::On);
        place(&lines, "(allow network-outbound (remote tcp \"*:443\"))");
        assert!(!lines.iter().any(|line| line.contains("11434")));
        assert!(!lines.iter().any(|line| line == "(allow network*)"));
    }

    #[test]
    fn caches_are_filled_while_fetching_only() {
        let rule = "(allow file-read* file-write* (subpath \"/nowhere/home/.cargo/registry\"))";
        let is_there = |network| {
            let lines = shown(Access::Read, network);
            lines.iter().any(|line| line == rule)
        };
        assert!(is_there(Network::Fetch));
        assert!(!is_there(Network::On));
    }

    #[tokio::test]
    async fn without_the_program_there_is_no_wall() {
        let launcher = Launcher::own().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let policy_here = Policy::new(folder.path().into(), folder.path().join("tmp"), None);
        let wall = Wall::new(policy_here, Environment::default(), launcher);
        if !Path::new(SANDBOX_EXEC).exists() {
            assert_eq!(wall.tier(), "none");
            assert_eq!(wall.probed().refused.len(), 1);
            let nothing = Command {
                line: "exit 3".to_owned(),
                folder: "/".into(),
                timeout: std::time::Duration::from_secs(60),
                access: Access::Read,
                network: Network::Off,
                output_limit: 0,
            };
            assert_eq!(wall.run(&nothing).await.unwrap().exit, Some(3));
        }
        let launcher = Launcher::at(Path::new("/nowhere")).unwrap();
        let wall = Wall::new(policy(), Environment::default(), launcher);
        assert_eq!(wall.at_most(Tier::None).tier(), "none");
    }
}
