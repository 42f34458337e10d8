//! What a policy opens and closes, behind every wall there is.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use loop_orchestration::engine::floor::Reachable;
use loop_orchestration::engine::ports::{Access, Command, Confine, Network};
use loop_orchestration::sandbox::{Tier, Trial, landlock_version, try_out};

use super::sandbox_ground::{CANARY, GROUND_FOLDER, Ground, launcher, say, tiers};

#[tokio::test]
async fn links_in_the_project_do_not_open_what_they_point_at() {
    let ground = Ground::new().with_git();
    let git = ground.project.join(".git");
    fs::remove_dir_all(git.join("hooks")).unwrap();
    std::os::unix::fs::symlink(ground.home.join(".ssh"), git.join("hooks")).unwrap();
    for tier in tiers(&ground) {
        if tier > Tier::None {
            let finished = ground
                .run(&ground.wall(tier, &[]), "cat .git/hooks/id")
                .await;
            assert!(!finished.output.contains(CANARY), "{tier}: {finished:?}");
        }
    }
}

#[tokio::test]
async fn a_look_at_the_project_changes_nothing() {
    let ground = Ground::new();
    fs::write(ground.project.join("a"), "a").unwrap();
    for tier in tiers(&ground) {
        if tier == Tier::None {
            continue;
        }
        let command = Command {
            access: Access::Read,
            ..ground
                .command("cat a; echo b > a; echo c > c; rm a; echo d > $TMPDIR/d; cat $TMPDIR/d")
        };
        let finished = ground.wall(tier, &[]).run(&command).await.unwrap();
        assert!(finished.output.starts_with('a'), "{tier}: {finished:?}");
        assert!(finished.output.ends_with("d\n"), "{tier}: {finished:?}");
        assert_eq!(fs::read_to_string(ground.project.join("a")).unwrap(), "a");
        assert!(!ground.project.join("c").exists(), "{tier}");
    }
}

#[tokio::test]
async fn what_the_policy_opens_is_open_and_what_it_hides_is_hidden() {
    let ground = Ground::new();
    fs::create_dir_all(ground.home.join("tools/secret")).unwrap();
    fs::write(ground.home.join("tools/a"), "a").unwrap();
    fs::write(ground.home.join("tools/b"), "b").unwrap();
    fs::write(ground.home.join("tools/secret/c"), "c").unwrap();
    let mut policy = ground.policy();
    policy.read.push(ground.home.join("tools"));
    policy.write.push(ground.outside.clone());
    policy.hidden.push(ground.home.join("tools/b"));
    policy.hidden.push(ground.home.join("tools/secret"));
    for tier in tiers(&ground) {
        if tier == Tier::None {
            continue;
        }
        let wall = ground.wall_with(policy.clone(), tier, &[]);
        let script = "cd $LC_HOME/tools; cat a; cat b; cat secret/c; echo x > a; \
                      echo new > $LC_OUT/new; cat $LC_OUT/new";
        let finished = ground
            .run(&wall, &format!("{{ {script}; }} 2>/dev/null"))
            .await;
        assert_eq!(finished.output, "anew\n", "{tier}");
        assert_eq!(
            fs::read_to_string(ground.outside.join("new")).unwrap(),
            "new\n"
        );
    }
}

#[tokio::test]
async fn programs_of_an_environment_of_the_persons_can_be_run() {
    let ground = Ground::new();
    let bin = ground.home.join("venvs/dev/bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(
        ground.home.join("venvs/dev/pyvenv.cfg"),
        "home = /usr/bin\n",
    )
    .unwrap();
    fs::write(bin.join("tested"), "#!/bin/sh\necho ran\n").unwrap();
    let readable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(bin.join("tested"), readable).unwrap();
    let search = format!("{}:/usr/bin:/bin", bin.display());
    for tier in tiers(&ground) {
        let policy = ground.policy().with_environments(search.as_ref());
        let wall = ground.wall_with(policy, tier, &[("PATH", search.clone())]);
        let finished = ground.run(&wall, "tested").await;
        assert_eq!(finished.output, "ran\n", "{tier}");
    }
}

#[tokio::test]
async fn a_network_leads_to_the_allowed_ports_only() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let ground = Ground::new();
    for tier in tiers(&ground) {
        if tier == Tier::None {
            continue;
        }
        for (ports, network, expected) in [
            (vec![port], Reachable::Ask, "open\n"),
            (vec![443], Reachable::Ask, "closed\n"),
            // An administrator's no is stronger than the command's own permission.
            (vec![port], Reachable::Off, "closed\n"),
        ] {
            let mut policy = ground.policy();
            policy.ports = ports;
            let wall = ground.wall_with(policy, tier, &[]).network(network);
            let script = format!(
                "if exec 9<>/dev/tcp/127.0.0.1/{port}; then echo open; else echo closed; fi 2>/dev/null"
            );
            let command = Command {
                network: Network::On,
                ..ground.command(&script)
            };
            let finished = wall.run(&command).await.unwrap();
            assert_eq!(finished.output, expected, "{tier}");
        }
    }
}

#[tokio::test]
async fn a_full_wall_has_a_loopback_of_its_own() {
    let ground = Ground::new();
    if !tiers(&ground).contains(&Tier::Full) {
        return;
    }
    let script = "python3 -c \"import socket; s = socket.create_server(('127.0.0.1', 0)); \
                  c = socket.create_connection(s.getsockname()); print('met')\"";
    let finished = ground.run(&ground.wall(Tier::Full, &[]), script).await;
    assert_eq!(finished.output, "met\n");
}

#[tokio::test]
async fn git_is_as_it_was_after_every_command() {
    for tier in tiers(&Ground::new()) {
        let ground = Ground::new().with_git();
        let script = "echo evil > .git/hooks/pre-commit; echo '[core] fsmonitor = x' >> .git/config; \
                      echo ../x > .git/commondir; echo done";
        let before = fs::read_to_string(ground.project.join(".git/config")).unwrap();
        let finished = ground
            .run(
                &ground.wall(tier, &[]),
                &format!("{{ {script}; }} 2>/dev/null"),
            )
            .await;
        assert!(
            finished
                .output
                .starts_with("done\n[sandbox: `.git/commondir`"),
            "{tier}: {finished:?}"
        );
        let after = fs::read_to_string(ground.project.join(".git/config")).unwrap();
        assert_eq!(before, after, "{tier}");
        for name in ["hooks/pre-commit", "commondir"] {
            assert!(
                !ground.project.join(".git").join(name).exists(),
                "{tier}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn a_broken_repository_does_not_lead_to_the_one_around_it() {
    // The tests themselves may run inside a repository, which commands must not change.
    let ground = Ground::new();
    let ask = "git rev-parse --git-dir 2>/dev/null || echo none";
    for line in [
        ask.to_owned(),
        format!("cd .. && {ask}"),
        format!("unset GIT_CEILING_DIRECTORIES; {ask}"),
        format!("cd ../outside && unset GIT_CEILING_DIRECTORIES; {ask}"),
    ] {
        let finished = ground.run(&ground.plain(&[]), &line).await;
        assert_eq!(finished.output, "none\n", "{line}");
        for tier in tiers(&ground) {
            let finished = ground.run(&ground.wall(tier, &[]), &line).await;
            assert_eq!(finished.output, "none\n", "{tier}: {line}");
        }
    }
}

#[tokio::test]
async fn canaries_tell_what_holds() {
    let ground = Ground::new();
    let model = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = model.local_addr().unwrap().port();
    for tier in tiers(&ground) {
        let (_, canaries) = try_out(Trial {
            launcher: launcher(),
            environment: ground.environment(&[]),
            most: tier,
            folder: &ground.outside,
            model: Some(("127.0.0.1".to_owned(), port)),
        })
        .await
        .unwrap();
        let attacks: Vec<&str> = canaries.iter().map(|canary| canary.attack).collect();
        for attack in [
            "leave a process behind",
            "outlive this program when it is killed",
            "type into the terminal",
            "connect to the model's server",
            "connect to the model's server with the network on",
        ] {
            assert!(attacks.contains(&attack), "{tier}: {attacks:?}");
        }
        let broken: Vec<_> = canaries
            .iter()
            .filter(|canary| canary.promised && !canary.stopped)
            .collect();
        assert!(broken.is_empty(), "{tier}: {broken:?}");
        // Without a wall most get through: the attacks are real.
        let through = canaries.iter().filter(|canary| !canary.stopped).count();
        let expected = match tier {
            Tier::Full => 0,
            Tier::Partial => 1,
            Tier::None => 8,
        };
        assert_eq!(through, expected, "{tier}: {canaries:?}");
    }
}

/// Whether this machine lets somebody make namespaces and mount in them, found out by another
/// program; none if that is not there.
fn offers_namespaces() -> Option<bool> {
    let tried = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--pid", "--fork"])
        .args(["--net", "--ipc", "--uts", "--cgroup"])
        .args(["mount", "-t", "tmpfs", "tried", "/mnt"])
        .output();
    Some(tried.ok()?.status.success())
}

#[tokio::test]
async fn the_wall_is_the_best_that_this_machine_offers() {
    if std::env::var(EXPECTED).is_ok() {
        return;
    }
    let ground = Ground::new();
    let wall = ground.wall(Tier::Full, &[]);
    let found = wall.probed();
    say(&format!("the wall of this machine is {}", found.tier));
    let expected = match (offers_namespaces(), landlock_version()) {
        (_, 0) => Tier::None,
        (Some(true), _) => Tier::Full,
        (Some(false) | None, _) => Tier::Partial,
    };
    assert!(found.tier >= expected, "{expected} is possible: {found:?}");
}

/// In a second process, behind a wall: the tier it is to find.
const EXPECTED: &str = "LC_EXPECTED";

#[tokio::test]
async fn behind_a_wall_the_next_best_tier_is_found() {
    let ground = Ground::new();
    if let Ok(expected) = std::env::var(EXPECTED) {
        let wall = ground.wall(Tier::Full, &[]);
        assert_eq!(wall.tier(), expected, "{:?}", wall.probed());
        let finished = ground.run(&wall, "echo ran; echo x > $LC_OUT/new").await;
        assert!(finished.output.starts_with("ran\n"), "{finished:?}");
        assert!(!ground.outside.join("new").exists());
        return;
    }
    if !tiers(&ground).contains(&Tier::Partial) {
        return;
    }
    // Namespaces are refused there, as in a container without privileges.
    let program = std::env::current_exe().unwrap();
    let mut policy = ground.policy();
    policy.read.push(program.parent().unwrap().to_owned());
    policy.read.push(env!("CARGO_BIN_EXE_loop").into());
    let more = [(EXPECTED, "partial".to_owned())];
    let wall = ground.wall_with(policy, Tier::Partial, &more);
    let test = "sandbox_policy::behind_a_wall_the_next_best_tier_is_found";
    let line = format!(
        "{GROUND_FOLDER}=$PWD {} --exact {test} --nocapture",
        program.display()
    );
    let finished = ground.run(&wall, &line).await;
    assert_eq!(finished.exit, Some(0), "{finished:?}");
    assert!(finished.output.contains("1 passed"), "{finished:?}");
}
