//! The configuration from all four places, and what every mistake in it says.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::PathBuf;

use loop_orchestration::config::{
    Color, Config, DEFAULT_FILE, Environment, Inputs, KEYS, Loaded, Overrides, Source, frozen,
    init, load, show,
};
use loop_orchestration::engine::settings::{Approval, Settings, Switch};
use loop_orchestration::error::{Error, ErrorKind};
use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn with(file: &str) -> Self {
        let home = TempDir::new().unwrap();
        fs::write(home.path().join("config.yaml"), file).unwrap();
        Self(home)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn inputs(&self, variables: &[(&str, &str)], overrides: Overrides) -> Inputs {
        let home = self.0.path().to_str().unwrap();
        let all = [("LOOP_HOME", home), ("HOME", home)];
        Inputs {
            policy: self.path("no-policy.yaml"),
            file: None,
            environment: Environment::of(all.into_iter().chain(variables.iter().copied())),
            overrides,
        }
    }

    fn load(&self) -> Result<Loaded, Error> {
        load(&self.inputs(&[], Overrides::default()))
    }
}

#[test]
fn nothing_configured_is_the_defaults_and_writes_nothing() {
    let home = TempDir::new().unwrap();
    let root = home.path().join("not/there/yet");
    let inputs = Inputs {
        policy: root.join("no-policy.yaml"),
        environment: Environment::of([("LOOP_HOME", &root)]),
        ..Inputs::default()
    };
    let loaded = load(&inputs).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.sources.len(), 0);
    assert_eq!(loaded.paths.config_file, root.join("config.yaml"));
    assert_eq!(loaded.paths.sessions, root.join("sessions"));
    assert_eq!(loaded.paths.skills, root.join("skills"));
    assert!(!home.path().join("not").exists());
}

#[test]
fn the_example_file_holds_every_key_with_its_default() {
    let home = Home::with(DEFAULT_FILE);
    assert_eq!(home.load().unwrap().config, Config::default());
    assert!(KEYS.len() <= 40);
    let tree = serde_json::to_value(Config::default()).unwrap();
    let in_types: usize = tree
        .as_object()
        .unwrap()
        .values()
        .map(|group| group.as_object().unwrap().len())
        .sum();
    assert_eq!(in_types, KEYS.len());
    for key in KEYS {
        assert!(tree[key.group].get(key.name).is_some(), "{key:?}");
        let group = DEFAULT_FILE
            .split(&format!("\n{}:\n", key.group))
            .nth(1)
            .unwrap();
        let end = group.find("\n\n#").unwrap_or(group.len());
        let mentioned = group[..end].lines().any(|line| {
            let line = line.trim_start().trim_start_matches("# ");
            line.starts_with(&format!("{}:", key.name))
        });
        assert!(mentioned, "{key:?}");
    }
}

#[test]
fn what_is_commented_out_in_the_example_can_be_put_in() {
    let example: String = DEFAULT_FILE
        .lines()
        .map(|line| {
            let rest = line.strip_prefix("  # ").unwrap_or(line);
            let is_key = KEYS
                .iter()
                .any(|key| rest.starts_with(&format!("{}: ", key.name)));
            let paths = ["ca_file", "pipeline", "skills"];
            if is_key && rest != line && !paths.iter().any(|path| rest.starts_with(path)) {
                format!("  {rest}\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let config = Home::with(&example).load().unwrap().config;
    assert_eq!(config.model.name.as_deref(), Some("qwen3:14b"));
    assert_eq!(config.model.temperature, Some(0.2));
    assert_eq!(config.limits.session_tokens, Some(2_000_000));
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let home = Home::with(
        "model: {name: from-file, per_phase: {plan: p}, num_ctx: 4096}\nserver:\n  host: file:1\n  idle_seconds: 5\nscreen:\n  color: always\n",
    );
    let variables = [
        ("OLLAMA_HOST", "environment:2"),
        ("LOOP_MODEL", "from-environment"),
        ("NO_COLOR", "1"),
    ];
    let flags = Overrides {
        host: Some("flag:3".to_owned()),
        max_turns: Some(7),
        approvals: Some(Approval::Yes),
        network: Some(Switch::On),
        color: Some(Color::Auto),
        ..Overrides::default()
    };
    let loaded = load(&home.inputs(&variables, flags)).unwrap();
    let config = &loaded.config;
    assert_eq!(config.model.name.as_deref(), Some("from-environment"));
    assert_eq!(config.model.per_phase.len(), 0);
    assert_eq!(config.model.num_ctx, Some(4096));
    assert_eq!(config.server.host, "flag:3");
    assert_eq!(config.server.idle_seconds, 5);
    assert_eq!(config.limits.max_turns, 7);
    assert_eq!(config.approvals.plan, Approval::Yes);
    assert_eq!(config.commands.network, Switch::On);
    assert_eq!(config.screen.color, Color::Auto);
    assert_eq!(loaded.sources["server.host"], Source::Flag("--host"));
    assert_eq!(
        loaded.sources["model.name"],
        Source::Environment("LOOP_MODEL")
    );
    let line = Source::File {
        path: home.path("config.yaml"),
        line: 4,
    };
    assert_eq!(loaded.sources["server.idle_seconds"], line);
}

#[test]
fn paths_are_meant_from_the_file_and_the_home() {
    let home = Home::with("session:\n  folder: ~/mine\n  skills: own\n");
    fs::create_dir(home.path("own")).unwrap();
    let paths = home.load().unwrap().paths;
    assert_eq!(paths.sessions, home.path("mine"));
    assert_eq!(paths.skills, home.path("own"));
}

/// What a file says of itself: after its path, without the hint, and the hint.
fn complaint(file: &str) -> (String, String) {
    let home = Home::with(file);
    let error = home.load().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage);
    let path = format!("{}:", home.path("config.yaml").display());
    let message = error
        .message
        .replace(&path, "")
        .replace(home.0.path().to_str().unwrap(), "HOME");
    (message, error.hint.unwrap())
}

#[test]
fn every_mistake_is_named_by_line_and_key() {
    let check = |file: &str, expected: &str| assert_eq!(complaint(file).0, expected, "{file}");
    check(
        "model:\n  name: [x\nserver:\n",
        "3: not valid YAML: did not find expected ',' or ']'",
    );
    check(
        "limits:\n  max_turns: 3\n  attempts: 1\n  max_turns: 4\n",
        "4: limits.max_turns stands there twice",
    );
    check(
        "model:\n  think: off\nmodel:\n",
        "3: model stands there twice",
    );
    check("model:\n  nmae: x\n", "2: unknown key 'model.nmae'");
    check("# c\n\nmodle:\n", "3: unknown key 'modle'");
    check("- x\n", "1: expected groups of keys, found a list of 1");
    check("limits: 3\n", "1: limits: expected keys below it, found 3");
    check(
        "limits:\n  # c\n  max_turns: abc\n",
        "3: limits.max_turns: expected a whole number of at least 1, found 'abc'",
    );
    check(
        "limits:\n  max_turns: -3\n",
        "2: limits.max_turns: expected a whole number of at least 1, found -3",
    );
    check(
        "limits: {attempts: 1, max_turns: 0}\n",
        "1: limits.max_turns: expected a whole number of at least 1, found 0",
    );
    check(
        "limits:\n  max_turns_per_phase:\n    plan: 0\n",
        "2: limits.max_turns_per_phase: expected a whole number of at least 1, found 0",
    );
    check(
        "limits:\n  max_turns_per_phase:\n    max_turns: x\n",
        "2: limits.max_turns_per_phase: expected a whole number of at least 1 for each phase named, found {max_turns: x}",
    );
    check(
        "commands:\n  sandbox: true\n",
        "2: commands.sandbox: expected on or off, found true",
    );
    check(
        "commands:\n  verify: make\n",
        "2: commands.verify: expected a list of commands, found 'make'",
    );
    check(
        "commands:\n  max_timeout_seconds: 5\n",
        "2: commands.max_timeout_seconds: 5 is less than commands.timeout_seconds, which is 60",
    );
    check(
        "model:\n  temperature: 3\n",
        "2: model.temperature: expected a number from 0 to 2, found 3",
    );
    check(
        "model:\n  keep_alive: soon\n",
        "2: model.keep_alive: 'soon' is not a duration",
    );
    check(
        "server:\n  host: 'http://a b'\n",
        "2: server.host: the address 'http://a b' has blanks in it",
    );
    check(
        "server:\n  ca_file: no.pem\n",
        "2: server.ca_file: cannot read HOME/no.pem: No such file or directory (os error 2)",
    );
    check(
        "server:\n  headers:\n    Authorization: NOT_SET\n",
        "2: server.headers: Authorization: the environment variable NOT_SET is not set",
    );
    check(
        "server:\n  headers:\n    Authorization: Bearer abc\n",
        "2: server.headers: Authorization: takes the name of an environment variable",
    );
    check(
        "session:\n  folder: config.yaml/x\n",
        "2: session.folder: sessions cannot be kept in HOME/config.yaml/x: HOME/config.yaml is not a folder",
    );
    check(
        "session:\n  skills: none\n",
        "2: session.skills: HOME/none is not a folder",
    );
}

#[test]
fn the_nearest_key_is_named() {
    let check = |file: &str, expected: &str| assert_eq!(complaint(file).1, expected, "{file}");
    check("model:\n  nmae: x\n", "did you mean model.name?");
    check("modle:\n", "did you mean model?");
    check("max_turns: 3\n", "did you mean limits.max_turns?");
    check("model:\n  max_turn: 3\n", "did you mean limits.max_turns?");
    assert!(complaint("zzz: 3\n").1.contains("loop config init"));
}

#[test]
fn flags_and_variables_are_named_when_they_are_wrong() {
    let home = Home::with("");
    let check = |variables: &[(&str, &str)], flags: Overrides, expected: &str| {
        let error = load(&home.inputs(variables, flags)).unwrap_err();
        assert_eq!(error.message, expected);
        assert_eq!(error.kind, ErrorKind::Usage);
    };
    check(
        &[("OLLAMA_HOST", "ftp://x")],
        Overrides::default(),
        "OLLAMA_HOST: server.host: the address 'ftp://x' begins with something other than http:// or https://",
    );
    check(
        &[],
        Overrides {
            max_turns: Some(0),
            ..Overrides::default()
        },
        "--max-turns: limits.max_turns: expected a whole number of at least 1, found 0",
    );
    let missing = Inputs {
        file: Some(home.path("other.yaml")),
        ..home.inputs(&[], Overrides::default())
    };
    assert!(load(&missing).unwrap_err().message.contains("other.yaml"));
}

#[test]
fn durations_may_be_numbers() {
    for value in ["-1", "0", "300", "1h30m", "'5m'"] {
        let home = Home::with(&format!("model:\n  keep_alive: {value}\n"));
        let found = home.load().unwrap().config.model.keep_alive;
        assert_eq!(found, value.trim_matches('\''));
    }
}

#[test]
fn secrets_are_known_by_name_only() {
    let home = Home::with(
        "server:\n  host: https://me:s3cret@gpu.local\n  headers:\n    Authorization: OUR_TOKEN\n    X-Team: $OUR_TEAM\n",
    );
    let variables = [("OUR_TOKEN", "Bearer t0ken"), ("OUR_TEAM", "blue")];
    let loaded = load(&home.inputs(&variables, Overrides::default())).unwrap();
    let values: Vec<_> = loaded
        .headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.reveal()))
        .collect();
    assert_eq!(
        values,
        [("Authorization", "Bearer t0ken"), ("X-Team", "blue")]
    );
    let secrets = [
        ("OUR_TOKEN", "Bearer t0ken"),
        ("OUR_TOKEN", "t0ken"),
        ("OUR_TEAM", "blue"),
        ("server.host", "s3cret"),
    ];
    let secrets = secrets.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(loaded.secrets(), secrets);
    let texts = [
        show(&loaded).unwrap(),
        frozen(&loaded.config).to_string(),
        format!("{:?}", loaded.headers),
    ];
    for text in &texts {
        assert!(
            !text.contains("t0ken") && !text.contains("s3cret"),
            "{text}"
        );
    }
    assert!(
        texts[0].contains("Authorization: $OUR_TOKEN"),
        "{}",
        texts[0]
    );
    assert!(texts[1].contains("\"$OUR_TOKEN\""), "{}", texts[1]);
}

#[test]
fn what_is_shown_can_be_read_back() {
    let file = "model:\n  name: m\n  per_phase:\n    plan: p\ncommands:\n  verify:\n    - make test\n    - 'x: y # z'\nscreen:\n  bell: off\n";
    let home = Home::with(file);
    let loaded = home.load().unwrap();
    let shown = show(&loaded).unwrap();
    let path = home.path("config.yaml");
    let comment = format!("  bell: off  # {}:10\n", path.display());
    assert!(shown.contains(&comment), "{shown}");
    assert_eq!(Home::with(&shown).load().unwrap().config, loaded.config);
    let settings: Settings = serde_json::from_value(frozen(&loaded.config)).unwrap();
    assert_eq!(settings, loaded.config.settings());
}

#[test]
fn init_writes_the_default_file_once() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("new/config.yaml");
    init(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), DEFAULT_FILE);
    fs::write(&path, "mine").unwrap();
    let error = init(&path).unwrap_err();
    assert!(error.message.contains("is there already"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

proptest::proptest! {
    #[test]
    fn no_file_panics(file in "(\\PC|\n|model:|limits:|  max_turns: |[-:{}\\[\\]'\"&*#]){0,40}") {
        let home = Home::with(&file);
        let _ = home.load();
    }
}
