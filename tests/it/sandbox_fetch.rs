//! The command that fetches packages: from a mirror of the person's own settings, into a layer of
//! the session's own, where the commands after it find them. What this machine lacks is left out,
//! and said.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use loop_orchestration::engine::ports::{Access, Command, Confine, Finished, Network};
use loop_orchestration::sandbox::{Policy, Tier, Wall, fetched_crates};
use loop_orchestration::tools::packages::access_of;

use super::sandbox_ground::{Ground, say, tiers};
use crate::support::mirror::Mirror;

/// A home with the settings of a person whose packages come from a mirror, and the toolchains of
/// the real one.
struct Fetching {
    ground: Ground,
    mirror: Mirror,
    policy: Policy,
}

impl Fetching {
    fn new() -> Self {
        let ground = Ground::new();
        let mirror = Mirror::new(&ground.outside);
        let mut policy = ground.policy();
        let own = std::env::home_dir().unwrap();
        policy
            .read
            .extend([".rustup", ".cargo/bin", ".pyenv"].map(|name| own.join(name)));
        Self {
            ground,
            mirror,
            policy,
        }
    }

    /// A file of the person's own.
    fn at_home(&self, path: &str, text: &str) {
        let path = self.ground.home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn wall(&self, tier: Tier) -> Wall {
        let mut more = Vec::new();
        // The toolchain is found where it is; what it keeps is below this home.
        if let Some(rustup) = own(".rustup") {
            more.push(("RUSTUP_HOME", rustup.display().to_string()));
        }
        if let Some(python) = own(".pyenv") {
            more.push(("PYENV_ROOT", python.display().to_string()));
        }
        self.ground.wall_with(self.policy.clone(), tier, &more)
    }

    async fn run(&self, tier: Tier, network: Network, access: Access, line: &str) -> Finished {
        let command = Command {
            network,
            access,
            ..self.ground.command(line)
        };
        self.wall(tier).run(&command).await.unwrap()
    }
}

fn own(name: &str) -> Option<PathBuf> {
    let path = std::env::home_dir()?.join(name);
    path.is_dir().then_some(path)
}

/// The tiers that have a wall; none if a tool that the test needs does not run without one.
async fn walls(tool: &str) -> Vec<Tier> {
    let ground = Ground::new();
    let line = format!("{tool} --version");
    let environment = ground.environment(&[]);
    let environment = own(".rustup").map_or(environment.clone(), |rustup| {
        environment.with("RUSTUP_HOME", rustup)
    });
    let plain = loop_orchestration::sandbox::Plain::new(environment);
    let finished = ground.run(&plain, &line).await;
    if finished.exit != Some(0) {
        say(&format!(
            "left out: fetching with {tool}: {}",
            finished.output
        ));
        return Vec::new();
    }
    let mut tiers = tiers(&ground);
    tiers.retain(|tier| *tier > Tier::None);
    tiers
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.file_type().unwrap().is_dir() {
                files(&entry.path())
            } else {
                1
            }
        })
        .sum()
}

#[tokio::test]
async fn crates_come_from_the_persons_mirror_and_stay_for_the_session() {
    for tier in walls("cargo").await {
        let fetching = Fetching::new();
        fetching
            .mirror
            .add_crate("demo-crate", "pub fn seven() -> u32 { 7 }\n");
        fetching.at_home(
            ".cargo/config.toml",
            &format!(
                "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+{}/\"\n",
                fetching.mirror.url()
            ),
        );
        let registry = fetching.ground.home.join(".cargo/registry");
        fs::create_dir_all(&registry).unwrap();
        fs::write(registry.join("CACHEDIR.TAG"), "before").unwrap();
        let project = &fetching.ground.project;
        fs::create_dir(project.join("src")).unwrap();
        fs::write(
            project.join("Cargo.toml"),
            "[package]\nname = \"p\"\nedition = \"2021\"\n[workspace]\n",
        )
        .unwrap();
        fs::write(
            project.join("src/main.rs"),
            "fn main() { println!(\"{}\", demo_crate::seven()); }\n",
        )
        .unwrap();
        // Without a network there is nothing to add.
        let add = "cargo add demo-crate && cargo fetch";
        let offline = fetching.run(tier, Network::Off, Access::Write, add).await;
        assert_ne!(offline.exit, Some(0), "{tier}: {offline:?}");
        let before = fetching.mirror.requests();
        assert_eq!(before, 0, "{tier}");
        // With a network, but not for fetching: the mirror's port is none of those that are open.
        let online = fetching.run(tier, Network::On, Access::Write, add).await;
        assert_ne!(online.exit, Some(0), "{tier}: {online:?}");
        let fetched = fetching
            .run(tier, Network::Fetch, access_of(add), add)
            .await;
        assert_eq!(fetched.exit, Some(0), "{tier}: {fetched:?}");
        assert!(fetching.mirror.requests() > before, "{tier}");
        // The next command has no network and finds it; what it reads it cannot write.
        let run = "cargo run -q --offline && ! touch ${CARGO_HOME:-$HOME/.cargo}/registry/x";
        let ran = fetching.run(tier, Network::Off, Access::Write, run).await;
        assert_eq!(
            (ran.exit, ran.output.lines().next()),
            (Some(0), Some("7")),
            "{tier}: {ran:?}"
        );
        let session = fetching.ground.tmp.parent().unwrap();
        if tier == Tier::Full {
            assert_eq!(files(&registry), 1, "the person's own cache has changed");
            assert_eq!(files(&fetched_crates(session)), 1);
        } else {
            assert!(files(&registry) > 1, "{tier}");
        }
        // What is locked is fetched without touching the project.
        let lock = fs::read_to_string(project.join("Cargo.lock")).unwrap();
        assert!(lock.contains("name = \"demo-crate\""), "{lock}");
        let locked = "cargo fetch --locked";
        assert_eq!(access_of(locked), Access::Read);
        let line = format!("{locked} && ! touch new");
        let again = fetching
            .run(tier, Network::Fetch, Access::Read, &line)
            .await;
        assert_eq!(again.exit, Some(0), "{tier}: {again:?}");
    }
}

#[tokio::test]
async fn node_modules_come_from_the_persons_mirror_without_their_password() {
    for tier in walls("npm").await {
        let fetching = Fetching::new();
        fetching
            .mirror
            .add_node_module("demo-module", "module.exports = 7\n");
        let url = fetching.mirror.url();
        let host = url.trim_start_matches("http:");
        fetching.at_home(
            ".npmrc",
            &format!("registry={url}/\n{host}/:_authToken=canary-token\naudit=false\nfund=false\n"),
        );
        fetching.at_home(".npm/_cacache/kept", "before");
        fs::write(fetching.ground.project.join("package.json"), "{}").unwrap();
        let line = "npm install demo-module && cat \"$npm_config_userconfig\"; \
                    cat $LC_HOME/.npmrc; node -p 'require(\"demo-module\")'";
        let fetched = fetching
            .run(tier, Network::Fetch, access_of(line), line)
            .await;
        assert!(fetched.output.ends_with("\n7\n"), "{tier}: {fetched:?}");
        assert!(fetched.output.contains("registry="), "{tier}: {fetched:?}");
        assert!(
            !fetched.output.contains("canary-token"),
            "{tier}: {fetched:?}"
        );
        assert!(!fetching.mirror.was_authorized(), "{tier}");
        let cache = fetching.ground.home.join(".npm");
        assert_eq!(
            files(&cache),
            1,
            "{tier}: the person's own cache has changed"
        );
    }
}

#[tokio::test]
async fn python_packages_come_from_the_persons_mirror() {
    for tier in walls("python3 -m pip").await {
        let fetching = Fetching::new();
        fetching.mirror.add_wheel("demo_wheel", "SEVEN = 7\n");
        fetching.at_home(
            ".config/pip/pip.conf",
            &format!("[global]\nindex-url = {}/simple/\n", fetching.mirror.url()),
        );
        let line = "python3 -m venv --without-pip --system-site-packages .venv && \
                    .venv/bin/python -m pip install -q demo_wheel && \
                    .venv/bin/python -c 'import demo_wheel; print(demo_wheel.SEVEN)'";
        let fetched = fetching
            .run(tier, Network::Fetch, access_of(line), line)
            .await;
        assert!(fetched.output.ends_with("7\n"), "{tier}: {fetched:?}");
    }
}

#[tokio::test]
async fn a_mirror_does_not_open_the_models_port() {
    for tier in walls("true").await {
        let mut fetching = Fetching::new();
        let port = fetching.mirror.port();
        fetching.at_home(".npmrc", &format!("registry={}/\n", fetching.mirror.url()));
        let connect = format!("(exec 9<>/dev/tcp/127.0.0.1/{port}) && echo open");
        let check = async |fetching: &Fetching, expected: &str| {
            let said = fetching
                .run(tier, Network::Fetch, Access::Read, &connect)
                .await;
            assert_eq!(
                said.output.lines().last() == Some("open"),
                expected == "open",
                "{tier}: {said:?}"
            );
        };
        check(&fetching, "open").await;
        fetching.policy.model_port = Some(port);
        check(&fetching, "closed").await;
    }
}
