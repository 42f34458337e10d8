//! Commands: what comes back from them, how they are ended, what they leave behind.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use loop_orchestration::engine::ports::{Access, Command, Confine, Finished, Network, Stopped};
use loop_orchestration::sandbox::{Environment, Plain};

use super::sandbox_ground::{lifeline, listen, wait_for_death};

fn command(folder: &Path, line: &str) -> Command {
    Command {
        line: line.to_owned(),
        folder: folder.to_owned(),
        timeout: Duration::from_secs(60),
        access: Access::Write,
        network: Network::Off,
        output_limit: 1000,
    }
}

fn plain() -> Plain {
    let path = std::env::var_os("PATH").unwrap();
    let vars = [
        ("PATH".into(), path),
        ("HOME".into(), "/nonexistent".into()),
        ("SECRET".into(), "canary".into()),
    ];
    Plain::new(Environment::from_vars(vars, &[])).grace(Duration::from_millis(20))
}

async fn run(line: &str) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    plain().run(&command(folder.path(), line)).await.unwrap()
}

#[tokio::test]
async fn output_and_errors_come_in_order() {
    let finished = run("echo one; echo two >&2; echo three; exit 7").await;
    assert_eq!(finished.output, "one\ntwo\nthree\n");
    assert_eq!(finished.output_bytes, 14);
    assert_eq!((finished.exit, finished.signal), (Some(7), None));
    assert_eq!(finished.stopped, None);
}

#[tokio::test]
async fn the_environment_is_an_allow_list() {
    let finished = run("echo ${SECRET-none} $TERM $CI $CARGO_NET_OFFLINE $HOME").await;
    assert_eq!(finished.output, "none dumb 1 true /nonexistent\n");
}

#[tokio::test]
async fn nobody_answers_and_pipes_break_as_in_a_terminal() {
    let finished = run("read answer; echo read $?; exec 3<>/dev/tty || echo no terminal").await;
    assert!(finished.output.starts_with("read 1\n"), "{finished:?}");
    assert!(finished.output.ends_with("no terminal\n"), "{finished:?}");
    let finished = run("yes | head -1; echo ${PIPESTATUS[@]}").await;
    assert_eq!(finished.output, "y\n141 0\n");
}

#[tokio::test]
async fn long_output_is_cut_and_counted() {
    let finished = run("head -c 300000 /dev/zero | tr '\\0' x; echo; echo end").await;
    assert_eq!(finished.output_bytes, 300_005);
    assert!(finished.output.starts_with("xxx"), "{finished:?}");
    assert!(finished.output.ends_with("x\nend\n"), "{finished:?}");
    assert!(finished.output.contains("bytes of output left out"));
    assert!(finished.output.len() < 1100);
}

#[tokio::test]
async fn a_flood_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = plain().flood_bytes(1_000_000);
    let finished = sandbox.run(&command(folder.path(), "yes")).await.unwrap();
    assert_eq!(finished.stopped, Some(Stopped::OutputFlood));
    assert_eq!(finished.signal, Some(9));
    assert!(finished.output_bytes > 1_000_000);
}

#[tokio::test]
async fn time_runs_out_step_by_step() {
    let check = async |line: String, exit, signal| {
        let folder = tempfile::tempdir().unwrap();
        let command = Command {
            timeout: Duration::from_millis(1500),
            ..command(folder.path(), &line)
        };
        let sandbox = plain().grace(Duration::from_secs(1));
        let finished = sandbox.run(&command).await.unwrap();
        assert_eq!(finished.stopped, Some(Stopped::Timeout), "{line}");
        assert_eq!((finished.exit, finished.signal), (exit, signal), "{line}");
    };
    let wait = "while :; do sleep 0.05; done";
    tokio::join!(
        check("sleep 600".to_owned(), None, Some(2)),
        check(format!("trap 'exit 9' INT; {wait}"), Some(9), None),
        check(
            format!("trap '' INT; trap 'exit 8' TERM; {wait}"),
            Some(8),
            None
        ),
        check(format!("trap '' INT TERM; {wait}"), None, Some(9)),
    );
}

#[tokio::test]
async fn a_command_that_cannot_start_is_an_error() {
    let command = command(Path::new("/nonexistent/folder"), "true");
    assert!(plain().run(&command).await.is_err());
}

#[tokio::test]
async fn what_a_command_leaves_behind_dies_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let alive = listen(&lifeline(folder.path()));
    let line = "exec 9>alive; trap '' INT TERM HUP; sleep 600 & echo started";
    let finished = plain().run(&command(folder.path(), line)).await.unwrap();
    assert_eq!(finished.output, "started\n");
    wait_for_death(alive);
}

#[tokio::test]
async fn a_command_nobody_waits_for_dies() {
    let folder = tempfile::tempdir().unwrap();
    let alive = lifeline(folder.path());
    let command = command(folder.path(), "exec 9>alive; sleep 600");
    let sandbox = plain();
    let mut running = Box::pin(sandbox.run(&command));
    tokio::select! {
        biased;
        _ = &mut running => panic!("it sleeps"),
        () = std::future::ready(()) => {}
    }
    let alive = std::fs::File::open(alive).unwrap();
    drop(running);
    wait_for_death(alive);
}
