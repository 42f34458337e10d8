//! The administrator's policy: how its file is read, and that nothing goes below it.

mod machine;
mod project;
mod run;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use loop_orchestration::config::{
    Environment, Inputs, Loaded, Overrides, POLICY_FILE, load, read_floor, show,
};
use loop_orchestration::engine::floor::{Floor, Reachable};
use loop_orchestration::engine::screen::Forbidden;
use loop_orchestration::engine::settings::Switch;
use loop_orchestration::engine::tier::Tier;
use loop_orchestration::error::{Error, ErrorKind};
use tempfile::TempDir;

/// Everything that a policy can say.
const STRICT: &str = "# ours
hosts:
  - https://gpu.example:8443
loopback: off
sandbox: full
network: off
commands:
  git push: changes go through review
  docker: containers have the rights of the machine
";

struct Place(TempDir);

impl Place {
    fn with(policy: &str) -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::write(place.policy(), policy).unwrap();
        place
    }

    fn policy(&self) -> PathBuf {
        self.0.path().join("policy.yaml")
    }

    fn floor(&self) -> Result<Floor, Error> {
        read_floor(&self.policy())
    }

    fn load(&self, config: &str, overrides: Overrides) -> Result<Loaded, Error> {
        fs::write(self.0.path().join("config.yaml"), config).unwrap();
        load(&Inputs {
            policy: self.policy(),
            environment: Environment::of([("LOOP_HOME", self.0.path()), ("HOME", self.0.path())]),
            overrides,
            ..Inputs::default()
        })
    }
}

/// What a mistake says, without the path in front, and its hint.
fn complaint(error: &Error, path: &Path) -> (String, String) {
    assert_eq!(error.kind, ErrorKind::Usage, "{error}");
    let message = error.message.replace(&format!("{}:", path.display()), "");
    (message, error.hint.clone().unwrap())
}

#[test]
fn everything_that_a_policy_can_say_is_read() {
    let place = Place::with(STRICT);
    let floor = place.floor().unwrap();
    let rule = |command: &str, why: &str| Forbidden {
        command: command.to_owned(),
        why: why.to_owned(),
    };
    assert_eq!(floor.file, Some(place.policy()));
    let hosts = floor.hosts.unwrap();
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["https://gpu.example:8443"]);
    assert_eq!(floor.loopback, Switch::Off);
    assert_eq!(floor.sandbox, Tier::Full);
    assert_eq!(floor.network, Reachable::Off);
    let rules = [
        rule("git push", "changes go through review"),
        rule("docker", "containers have the rights of the machine"),
    ];
    assert_eq!(floor.commands, rules);
}

#[test]
fn what_a_policy_does_not_say_is_not_demanded() {
    for policy in ["", "# nothing yet\n", "network: ask\n", "network: on\n"] {
        let place = Place::with(policy);
        let floor = Floor {
            file: Some(place.policy()),
            ..Floor::default()
        };
        assert_eq!(place.floor().unwrap(), floor, "{policy}");
        assert_eq!(floor.demands(), Vec::<String>::new());
    }
    let place = Place(TempDir::new().unwrap());
    assert_eq!(place.floor().unwrap(), Floor::default());
    let below_nothing = place.0.path().join("not/there/policy.yaml");
    assert_eq!(read_floor(&below_nothing).unwrap(), Floor::default());
}

#[test]
fn every_mistake_is_named_by_line_and_key() {
    let check = |policy: &str, expected: &str| {
        let place = Place::with(policy);
        let (message, hint) = complaint(&place.floor().unwrap_err(), &place.policy());
        assert_eq!(message, expected, "{policy}");
        assert_ne!(hint, "");
    };
    check(
        "hosts: [x\n",
        "2: not valid YAML: did not find expected ',' or ']'",
    );
    check("- network\n", "1: expected keys, found a list of 1");
    check("\nnetwrok: off\n", "2: unknown key 'netwrok'");
    check(
        "network: off\nnetwork: on\n",
        "2: network stands there twice",
    );
    check(
        "network:\n",
        "1: network: expected off or ask, found nothing",
    );
    check(
        "network: false\n",
        "1: network: expected off or ask, found false",
    );
    check(
        "sandbox: on\n",
        "1: sandbox: expected full, partial or none, found 'on'",
    );
    check(
        "loopback: no\n",
        "1: loopback: expected on or off, found 'no'",
    );
    check(
        "hosts: gpu\n",
        "1: hosts: expected a list of servers, such as https://gpu.example:8443, found 'gpu'",
    );
    check(
        "hosts:\n",
        "1: hosts: expected a list of servers, such as https://gpu.example:8443, found nothing",
    );
    check(
        "hosts:\n  - gpu\n  - '*.local'\n",
        "3: hosts: '*.local' is not the name or the address of a server",
    );
    check(
        "commands: [git push]\n",
        "1: commands: expected a reason for each command, such as git push: people do that, found a list of 1",
    );
    check(
        "commands:\n  docker: no\n  git push:\n",
        "3: commands: git push: expected the reason why it is not run, found nothing",
    );
    check(
        "commands:\n  git push | cat: no\n",
        "2: commands: 'git push | cat' is not a program's name with words after it, such as git push, so no command would ever match it",
    );
    for silent in ["A=b git", "if true", "rm ~", "git > x"] {
        check(
            &format!("commands:\n  {silent}: no\n"),
            &format!(
                "2: commands: '{silent}' is not a program's name with words after it, such as git push, so no command would ever match it"
            ),
        );
    }
    check(
        &format!("hosts: {}", "[".repeat(5_000)),
        "1: brackets are nested too deeply",
    );
}

#[test]
fn the_nearest_key_is_named_and_who_can_correct_it() {
    let place = Place::with("netwrok: off\n");
    let (_, hint) = complaint(&place.floor().unwrap_err(), &place.policy());
    assert!(hint.starts_with("did you mean network?"), "{hint}");
    assert!(hint.contains("administrator"), "{hint}");
}

#[test]
fn a_policy_that_is_there_and_cannot_be_read_is_no_missing_one() {
    let place = Place(TempDir::new().unwrap());
    let refused = |says: &str| {
        let error = place.floor().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.message.contains(says), "{error}");
        assert!(place.load("", Overrides::default()).is_err());
    };
    symlink("nowhere", place.policy()).unwrap();
    refused("No such file");
    fs::remove_file(place.policy()).unwrap();
    fs::create_dir(place.policy()).unwrap();
    refused("is not a file");
    fs::remove_dir(place.policy()).unwrap();
    fs::write(place.policy(), b"network: off # \xff\n").unwrap();
    refused("UTF-8");
    let below_a_file = place.policy().join("policy.yaml");
    assert!(read_floor(&below_a_file).is_err());
}

#[test]
fn settings_below_it_are_refused_with_where_both_come_from() {
    let place = Place::with("sandbox: partial\nnetwork: off\n");
    let policy = place.policy();
    let config = place.0.path().join("config.yaml");
    let check = |yaml: &str, overrides: Overrides, expected: String| {
        let error = place.load(yaml, overrides).unwrap_err();
        assert_eq!((error.kind, &error.message), (ErrorKind::Usage, &expected));
    };
    let wall = format!(
        "commands.sandbox: the sandbox cannot be off: {} demands `sandbox: partial`",
        policy.display()
    );
    let network = format!(
        "commands.network: the network cannot be on: {} demands `network: off`",
        policy.display()
    );
    let flags = |sandbox, network| Overrides {
        sandbox,
        network,
        ..Overrides::default()
    };
    let off = flags(Some(Switch::Off), None);
    let on = flags(None, Some(Switch::On));
    check("", off, format!("--sandbox: {wall}"));
    check("", on, format!("--allow-network: {network}"));
    let at = config.display();
    let none = Overrides::default;
    check(
        "commands:\n  sandbox: off\n",
        none(),
        format!("{at}:2: {wall}"),
    );
    check(
        "commands:\n  network: on\n",
        none(),
        format!("{at}:2: {network}"),
    );
    let loaded = place.load("commands:\n  sandbox: on\n", none()).unwrap();
    assert_eq!(loaded.floor.sandbox, Tier::Partial);
}

#[test]
fn what_is_shown_says_what_is_demanded_and_can_be_read_back() {
    let place = Place::with(STRICT);
    let loaded = place.load("", Overrides::default()).unwrap();
    let shown = show(&loaded).unwrap();
    let head = format!(
        "# The administrator's policy, {}:\n#   model served by https://gpu.example:8443 only\n",
        place.policy().display()
    );
    assert!(shown.starts_with(&head), "{shown}");
    let again = place.load(&shown, Overrides::default()).unwrap();
    assert_eq!(again.config, loaded.config);
}

#[test]
fn the_example_of_the_readme_is_one() {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("\n## For administrators\n").unwrap();
    let (_, example) = section.split_once("```yaml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let floor = Place::with(example).floor().unwrap();
    assert_eq!(floor.demands().len(), 5);
    assert_eq!(floor.loopback, Switch::On);
}

#[test]
fn the_program_looks_in_one_place_only() {
    assert_eq!(POLICY_FILE, "/etc/loop-orchestration/policy.yaml");
    assert_eq!(Inputs::default().policy, Path::new(POLICY_FILE));
}
