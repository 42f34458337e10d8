//! The administrator's floor: what no user, project, flag, answer or journal goes below. The
//! demands as data and what they say to a setting, a server, a wall and a command; where they are
//! written is known elsewhere.

use std::path::PathBuf;

use serde::Serialize;

use super::address::{Address, AllowedHost};
use super::screen::{Forbidden, Reach, Screening};
use super::settings::{CommandSettings, Switch};
use super::tier::Tier;

/// What an administrator demands. The default demands nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Floor {
    /// The file that demands it; none if there is none.
    pub file: Option<PathBuf>,
    /// The model servers that may be used besides this machine; none for any.
    pub hosts: Option<Vec<AllowedHost>>,
    /// Whether this machine itself may serve the model.
    pub loopback: Switch,
    /// The least wall that commands run behind.
    pub sandbox: Tier,
    /// Whether commands can get the network at all.
    pub network: Reachable,
    /// Commands that are not run.
    pub commands: Vec<Forbidden>,
}

/// Whether commands can get the network at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reachable {
    /// Never, whoever says so.
    Off,
    /// As a person says.
    #[default]
    Ask,
}

/// Why a setting cannot be in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// `group.name` of the setting.
    pub key: &'static str,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub hint: &'static str,
}

impl Default for Floor {
    fn default() -> Self {
        Self {
            file: None,
            hosts: None,
            loopback: Switch::On,
            sandbox: Tier::None,
            network: Reachable::default(),
            commands: Vec::new(),
        }
    }
}

impl Floor {
    /// The least wall. A network that stays off needs a wall that keeps it off.
    pub fn least(&self) -> Tier {
        match self.network {
            Reachable::Off => self.sandbox.max(Tier::Partial),
            Reachable::Ask => self.sandbox,
        }
    }

    /// Why these settings cannot be in force.
    pub fn objection(&self, commands: &CommandSettings) -> Option<Objection> {
        if commands.sandbox == Switch::Off && self.least() > Tier::None {
            return Some(Objection {
                key: "commands.sandbox",
                what: format!("the sandbox cannot be off: {}", self.wall_demanded()),
                hint: "leave it on; only the administrator of this machine can change the policy",
            });
        }
        if commands.network == Switch::On && self.network == Reachable::Off {
            let file = self.file();
            return Some(Objection {
                key: "commands.network",
                what: format!("the network cannot be on: {file} demands `network: off`"),
                hint: "leave it off; only the administrator of this machine can change the policy",
            });
        }
        None
    }

    /// The settings as far as they can be lowered to the floor without asking.
    #[must_use]
    pub fn lowered(&self, commands: &CommandSettings) -> CommandSettings {
        let mut commands = commands.clone();
        if self.network == Reachable::Off {
            commands.network = Switch::Off;
        }
        commands
    }

    /// Why a model that is served there cannot be used.
    pub fn refuses_server(&self, address: &Address) -> Option<String> {
        let file = self.file();
        if address.is_this_machine() {
            return (self.loopback == Switch::Off)
                .then(|| format!("{file} demands `loopback: off`, and it is this machine"));
        }
        let hosts = self.hosts.as_ref()?;
        let is_allowed = hosts.iter().any(|host| host.allows(address));
        (!is_allowed).then(|| match hosts.as_slice() {
            [] => format!("{file} allows no server on another machine"),
            hosts => format!("{file} allows {} only", listed(hosts)),
        })
    }

    /// Why commands do not run behind that wall.
    pub fn refuses_tier(&self, tier: Tier) -> Option<String> {
        (tier < self.least()).then(|| {
            format!(
                "commands would run behind the sandbox tier {tier}: {}",
                self.wall_demanded()
            )
        })
    }

    /// Why a command does not run whoever is asked, said to the model.
    pub fn refuses_command(&self, screening: &Screening) -> Option<String> {
        if let Some(why) = &screening.forbidden {
            return Some(format!(
                "This command was refused: it {why}. Nobody here can allow it. Reach the goal in another way."
            ));
        }
        (self.network == Reachable::Off && screening.reach == Reach::Elsewhere).then(|| {
            format!(
                "This command was refused: it {}, and {}. Nobody here can allow it. Use what is installed.",
                screening.why,
                self.network_kept_off()
            )
        })
    }

    /// Why nothing is fetched, said to the model; none if it may be.
    pub fn refuses_fetching(&self) -> Option<String> {
        (self.network == Reachable::Off).then(|| self.network_kept_off())
    }

    /// What is demanded, a line for each thing, for people.
    pub fn demands(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match (&self.hosts, self.loopback) {
            (Some(hosts), Switch::On) if hosts.is_empty() => {
                lines.push("model served by this machine only".to_owned());
            }
            (Some(hosts), Switch::On) => {
                lines.push(format!("model served by this machine or {}", listed(hosts)));
            }
            (Some(hosts), Switch::Off) => {
                lines.push(format!("model served by {} only", listed(hosts)));
            }
            (None, Switch::Off) => lines.push("model not served by this machine".to_owned()),
            (None, Switch::On) => {}
        }
        if self.least() > Tier::None {
            lines.push(format!("sandbox at least {}", self.least()));
        }
        if self.network == Reachable::Off {
            lines.push("network off for every command".to_owned());
        }
        let commands = self.commands.iter();
        lines.extend(commands.map(|rule| format!("not run: {} ({})", rule.command, rule.why)));
        lines
    }

    fn wall_demanded(&self) -> String {
        let file = self.file();
        if self.least() > self.sandbox {
            format!("{file} demands `network: off`, which nothing holds without a sandbox")
        } else {
            format!("{file} demands `sandbox: {}`", self.sandbox)
        }
    }

    fn network_kept_off(&self) -> String {
        format!(
            "the administrator of this machine keeps the network off ({})",
            self.file()
        )
    }

    fn file(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => "the administrator's policy".to_owned(),
        }
    }
}

fn listed(hosts: &[AllowedHost]) -> String {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    hosts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::screen::screen;

    fn floor() -> Floor {
        Floor {
            file: Some(PathBuf::from("/etc/p.yaml")),
            ..Floor::default()
        }
    }

    fn commands(sandbox: Switch, network: Switch) -> CommandSettings {
        CommandSettings {
            sandbox,
            network,
            ..CommandSettings::default()
        }
    }

    #[test]
    fn settings_below_the_floor_are_objected_to() {
        use Switch::{Off, On};
        let check = |floor: &Floor, sandbox, network, expected: Option<&str>| {
            let objection = floor.objection(&commands(sandbox, network));
            let said = objection.map(|objection| format!("{}: {}", objection.key, objection.what));
            assert_eq!(said.as_deref(), expected);
        };
        check(&floor(), Off, On, None);
        let partial = Floor {
            sandbox: Tier::Partial,
            ..floor()
        };
        check(&partial, On, On, None);
        check(
            &partial,
            Off,
            Off,
            Some(
                "commands.sandbox: the sandbox cannot be off: /etc/p.yaml demands `sandbox: partial`",
            ),
        );
        let offline = Floor {
            network: Reachable::Off,
            ..floor()
        };
        check(&offline, On, Off, None);
        check(
            &offline,
            On,
            On,
            Some("commands.network: the network cannot be on: /etc/p.yaml demands `network: off`"),
        );
        check(
            &offline,
            Off,
            Off,
            Some(
                "commands.sandbox: the sandbox cannot be off: /etc/p.yaml demands `network: off`, which nothing holds without a sandbox",
            ),
        );
        assert_eq!(offline.lowered(&commands(On, On)), commands(On, Off));
        assert_eq!(partial.lowered(&commands(On, On)), commands(On, On));
    }

    #[test]
    fn a_wall_below_the_floor_is_refused() {
        let check = |sandbox, network, refused: &[Tier]| {
            let floor = Floor {
                sandbox,
                network,
                ..floor()
            };
            for tier in [Tier::None, Tier::Partial, Tier::Full] {
                let said = floor.refuses_tier(tier);
                assert_eq!(said.is_some(), refused.contains(&tier), "{said:?}");
            }
        };
        check(Tier::None, Reachable::Ask, &[]);
        check(Tier::None, Reachable::Off, &[Tier::None]);
        check(Tier::Partial, Reachable::Ask, &[Tier::None]);
        check(Tier::Full, Reachable::Off, &[Tier::None, Tier::Partial]);
    }

    #[test]
    fn a_server_has_to_be_allowed() {
        let check = |hosts: Option<&[&str]>, loopback, host: &str, expected: Option<&str>| {
            let hosts = hosts.map(|all| {
                let all = all.iter();
                all.map(|host| AllowedHost::parse(host).unwrap()).collect()
            });
            let floor = Floor {
                hosts,
                loopback,
                ..floor()
            };
            let address = Address {
                scheme: "http".to_owned(),
                host: host.to_owned(),
                port: 11434,
            };
            let said = floor.refuses_server(&address);
            assert_eq!(said.as_deref(), expected, "{host}");
        };
        check(None, Switch::On, "far.example", None);
        check(Some(&[]), Switch::On, "localhost", None);
        check(
            Some(&[]),
            Switch::On,
            "far.example",
            Some("/etc/p.yaml allows no server on another machine"),
        );
        check(Some(&["gpu", "cpu:1"]), Switch::On, "gpu", None);
        check(
            Some(&["gpu", "cpu:1"]),
            Switch::On,
            "cpu",
            Some("/etc/p.yaml allows gpu, cpu:1 only"),
        );
        check(
            None,
            Switch::Off,
            "127.0.0.1",
            Some("/etc/p.yaml demands `loopback: off`, and it is this machine"),
        );
    }

    #[test]
    fn commands_that_need_the_network_are_refused_where_it_stays_off() {
        let offline = Floor {
            network: Reachable::Off,
            ..floor()
        };
        assert_eq!(
            offline.refuses_command(&screen("git push")).unwrap(),
            "This command was refused: it reaches other machines, and the administrator of this machine keeps the network off (/etc/p.yaml). Nobody here can allow it. Use what is installed."
        );
        assert_eq!(offline.refuses_command(&screen("printenv")), None);
        assert_eq!(floor().refuses_command(&screen("git push")), None);
        assert_eq!(floor().refuses_fetching(), None);
        assert!(offline.refuses_fetching().is_some());
    }

    #[test]
    fn what_is_demanded_is_told_a_line_for_each_thing() {
        assert_eq!(floor().demands(), Vec::<String>::new());
        let strict = Floor {
            hosts: Some(vec![AllowedHost::parse("gpu.local").unwrap()]),
            network: Reachable::Off,
            commands: vec![Forbidden {
                command: "git push".to_owned(),
                why: "people do that".to_owned(),
            }],
            ..floor()
        };
        assert_eq!(
            strict.demands(),
            [
                "model served by this machine or gpu.local",
                "sandbox at least partial",
                "network off for every command",
                "not run: git push (people do that)",
            ]
        );
    }
}
