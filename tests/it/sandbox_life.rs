//! How long commands live behind every wall: their limits, and that nothing of them stays.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use loop_orchestration::engine::ports::{Command, Confine, Stopped};
use loop_orchestration::sandbox::Tier;

use super::sandbox_ground::{Ground, lifeline, listen, say, tiers, wait_for_death};

/// Ways to outlive a call. Each holds the lifeline open and says so on it.
const DAEMONS: &[&str] = &[
    "sleep 600 & echo up >&9",
    "trap '' INT TERM HUP; (trap '' INT TERM HUP; sleep 600) & echo up >&9",
    "setsid sleep 600 & echo up >&9",
    "(setsid bash -c '(sleep 600 &) ; sleep 600' & ) ; echo up >&9",
    "nohup setsid bash -c \"trap '' TERM INT; while :; do sleep 1; done\" >/dev/null 2>&1 & echo up >&9",
    "for i in $(seq 40); do (setsid sleep 600 &) ; done; echo up >&9",
];

#[tokio::test]
async fn nothing_survives_the_end() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        for daemon in DAEMONS {
            let ground = Ground::new();
            let alive = listen(&lifeline(&ground.project));
            let line = format!("exec 9>alive; {daemon}; echo done");
            let finished = ground.run(&ground.wall(tier, &[]), &line).await;
            assert_eq!(finished.output, "done\n", "{tier}: {daemon}");
            assert_eq!(finished.exit, Some(0), "{tier}: {daemon}");
            wait_for_death(alive);
        }
    }
}

#[tokio::test]
async fn nothing_survives_the_timeout() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let ground = Ground::new();
        let alive = listen(&lifeline(&ground.project));
        let wait = "while :; do sleep 0.05; done";
        let line = format!(
            "exec 9>alive; trap '' INT TERM HUP; (setsid bash -c \"trap '' INT TERM; {wait}\" &); {wait}"
        );
        let command = Command {
            timeout: Duration::from_millis(500),
            ..ground.command(&line)
        };
        let finished = ground.wall(tier, &[]).run(&command).await.unwrap();
        assert_eq!(finished.stopped, Some(Stopped::Timeout), "{tier}");
        assert_eq!(finished.signal, Some(9), "{tier}");
        wait_for_death(alive);
    }
}

#[tokio::test]
async fn a_command_may_clean_up() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let command = Command {
            timeout: Duration::from_secs(1),
            ..ground.command("trap 'echo bye; exit 9' INT; while :; do sleep 0.05; done")
        };
        let wall = ground.wall(tier, &[]).grace(Duration::from_secs(20));
        let finished = wall.run(&command).await.unwrap();
        assert_eq!(finished.stopped, Some(Stopped::Timeout), "{tier}");
        assert_eq!((finished.exit, finished.signal), (Some(9), None), "{tier}");
        assert_eq!(finished.output, "bye\n", "{tier}");
    }
}

#[tokio::test]
async fn nothing_survives_when_nobody_waits_any_more() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let ground = Ground::new();
        let alive = lifeline(&ground.project);
        let command = ground.command("exec 9>alive; (setsid sleep 600 &); sleep 600");
        let wall = ground.wall(tier, &[]);
        let mut running = Box::pin(wall.run(&command));
        let opened = tokio::task::spawn_blocking(move || fs::File::open(alive).unwrap());
        let alive = tokio::select! {
            _ = &mut running => panic!("it sleeps"),
            opened = opened => opened.unwrap(),
        };
        drop(running);
        wait_for_death(alive);
    }
}

#[tokio::test]
async fn what_an_abandoned_command_planted_is_taken_away() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let ground = Ground::new().with_git();
        let alive = lifeline(&ground.project);
        let plant = "mkdir -p n/.git/hooks; echo evil > n/.git/hooks/pre-commit; \
                     echo evil > .git/hooks/pre-commit; exec 9>alive; (trap '' INT TERM; sleep 600)";
        let command = ground.command(plant);
        let wall = ground.wall(tier, &[]);
        let mut running = Box::pin(wall.run(&command));
        let opened = tokio::task::spawn_blocking(move || fs::File::open(alive).unwrap());
        tokio::select! {
            _ = &mut running => panic!("it sleeps"),
            opened = opened => opened.unwrap(),
        };
        assert!(ground.project.join("n/.git/hooks/pre-commit").exists());
        drop(running);
        for hook in ["n/.git/hooks/pre-commit", ".git/hooks/pre-commit"] {
            assert!(!ground.project.join(hook).exists(), "{tier}: {hook}");
        }
        let told = wall.notices();
        assert!(
            told.iter()
                .any(|line| line.contains("`n/.git/hooks/pre-commit`")),
            "{told:?}"
        );
        assert!(wall.notices().is_empty(), "told once");
    }
}

/// In the second process: the ground and the tier.
const VICTIM: &str = "LOOP_TEST_VICTIM";

#[tokio::test]
async fn nothing_survives_when_the_program_is_killed() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        let ground = Ground::at(Path::new(&folder));
        let tier = match ground.project.join("tier").metadata().unwrap().len() {
            2 => Tier::Full,
            1 => Tier::Partial,
            _ => Tier::None,
        };
        let line = "exec 9>alive; (setsid sleep 600 &); sleep 600";
        ground.run(&ground.wall(tier, &[]), line).await;
        return;
    }
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let ground = Ground::new();
        fs::write(ground.project.join("tier"), vec![0; tier as usize]).unwrap();
        let alive = lifeline(&ground.project);
        let test = "sandbox_life::nothing_survives_when_the_program_is_killed";
        let mut program = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env(VICTIM, ground.project.parent().unwrap())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let alive = fs::File::open(alive).unwrap();
        program.kill().unwrap();
        assert_eq!(program.wait().unwrap().signal(), Some(9));
        wait_for_death(alive);
    }
}

#[tokio::test]
async fn the_way_it_ended_is_told() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let wall = ground.wall(tier, &[]);
        let check = async |line: &str, exit, signal, output: &str| {
            let finished = ground.run(&wall, line).await;
            assert_eq!(
                (finished.exit, finished.signal),
                (exit, signal),
                "{tier}: {line}"
            );
            assert_eq!(finished.output, output, "{tier}: {line}");
            assert_eq!(finished.stopped, None, "{tier}: {line}");
        };
        check("echo a; echo b >&2; exit 3", Some(3), None, "a\nb\n").await;
        check("kill -SEGV $$", None, Some(11), "").await;
        check(
            "yes | head -1; echo ${PIPESTATUS[@]}",
            Some(0),
            None,
            "y\n141 0\n",
        )
        .await;
        check("exec > >(sed s/a/b/); echo a", Some(0), None, "b\n").await;
        check("read x; echo $?", Some(0), None, "1\n").await;
        check("nonsense 2>/dev/null", Some(127), None, "").await;
        check("echo x > $TMPDIR/kept; echo $?", Some(0), None, "0\n").await;
        check("cat $TMPDIR/kept", Some(0), None, "x\n").await;
    }
}

#[tokio::test]
async fn too_much_is_ended() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let mut policy = ground.policy();
        policy.limits.memory_bytes = Some(100 << 20);
        policy.limits.file_bytes = 1 << 20;
        policy.limits.open_files = 64;
        let wall = ground.wall_with(policy, tier, &[]).flood_bytes(1_000_000);
        let flood = ground.run(&wall, "yes").await;
        assert_eq!(flood.stopped, Some(Stopped::OutputFlood), "{tier}");
        let memory = ground.run(&wall, "tail /dev/zero").await;
        assert_eq!(memory.stopped, Some(Stopped::Memory), "{tier}: {memory:?}");
        let file = ground
            .run(
                &wall,
                "{ head -c 3000000 /dev/zero > big; } 2>/dev/null; stat -c %s big; ulimit -n; ulimit -c",
            )
            .await;
        assert!(
            file.output.ends_with("1048576\n64\n0\n"),
            "{tier}: {file:?}"
        );
    }
}

#[tokio::test]
async fn a_throw_away_home_and_shared_memory_have_an_end() {
    let ground = Ground::new();
    if !tiers(&ground).contains(&Tier::Full) {
        return;
    }
    let fill =
        "head -c 300000000 /dev/zero > $HOME/big; head -c 300000000 /dev/zero > /dev/shm/big";
    let line = format!("{{ {fill}; }} 2>/dev/null; stat -c %s $HOME/big /dev/shm/big");
    let finished = ground.run(&ground.wall(Tier::Full, &[]), &line).await;
    let sizes: Vec<u64> = finished
        .output
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    assert_eq!(sizes.len(), 2, "{finished:?}");
    assert!(sizes.iter().all(|size| *size <= 256 << 20), "{sizes:?}");
    assert!(!ground.home.join("big").exists());
}

#[tokio::test]
async fn processes_are_counted() {
    if rustix::process::geteuid().is_root() {
        say("left out: the number of processes: the kernel does not count root's");
        return;
    }
    let ground = Ground::new();
    for tier in tiers(&ground).into_iter().filter(|tier| *tier > Tier::None) {
        let mut policy = ground.policy();
        policy.limits.processes = 20;
        let line = "python3 -c \"import os, time\nfor made in range(3000):\n try: child = os.fork()\n \
                    except OSError: print('refused', flush=True); break\n if child == 0: time.sleep(60)\"";
        let finished = ground.run(&ground.wall_with(policy, tier, &[]), line).await;
        assert_eq!(finished.output, "refused\n", "{tier}: {finished:?}");
    }
}

#[tokio::test]
async fn a_bomb_ends_with_the_call() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        // The kernel does not count root's processes: the bomb has a size of its own there.
        let line = "exec 9>alive; bomb() { (( $1 > 0 )) && { bomb $(( $1 - 1 )) & bomb $(( $1 - 1 )) & }; \
                    trap '' INT TERM; sleep 600; }; bomb 6";
        let ground = Ground::new();
        let alive = listen(&lifeline(&ground.project));
        let command = Command {
            timeout: Duration::from_millis(700),
            ..ground.command(line)
        };
        let finished = ground.wall(tier, &[]).run(&command).await.unwrap();
        assert_eq!(finished.stopped, Some(Stopped::Timeout), "{tier}");
        wait_for_death(alive);
    }
}

#[tokio::test]
async fn a_command_that_cannot_start_is_an_error_that_says_why() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let command = Command {
            folder: ground.project.join("missing"),
            ..ground.command("true")
        };
        let error = ground.wall(tier, &[]).run(&command).await.unwrap_err();
        assert!(error.to_string().contains("missing"), "{tier}: {error}");
    }
}

#[test]
fn a_lifeline_ends_when_its_holder_does() {
    let ground = Ground::new();
    let path = lifeline(&ground.project);
    let mut alive = listen(&path);
    drop(fs::OpenOptions::new().write(true).open(&path).unwrap());
    assert_eq!(alive.read(&mut [0]).unwrap(), 0);
}
