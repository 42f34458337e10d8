//! What a wall costs: the time of `bash -c :` behind each one, over the time of a bare spawn.
//! Medians of two hundred runs, after twenty that do not count. `cargo bench --bench sandbox`.
#![expect(clippy::print_stdout, reason = "a benchmark tells its numbers")]

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use loop_orchestration::engine::ports::{Access, Command, Confine, Network};
use loop_orchestration::sandbox::{Environment, Launcher, Plain, Policy, Tier, Wall};

const WARM_UP: usize = 20;
const RUNS: usize = 200;

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure())
}

async fn measure() -> io::Result<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (project, tmp) = (folder.path().join("project"), folder.path().join("tmp"));
    std::fs::create_dir(&project)?;
    std::fs::create_dir(&tmp)?;
    let environment = Environment::from_vars(std::env::vars_os(), &[]);
    let command = Command {
        line: ":".to_owned(),
        folder: project.clone(),
        timeout: Duration::from_secs(60),
        access: Access::Write,
        network: Network::Off,
        output_limit: 1000,
    };

    let mut bare = Vec::new();
    for _ in 0..WARM_UP + RUNS {
        let started = Instant::now();
        tokio::process::Command::new("bash")
            .args(["--noprofile", "--norc", "-c", ":"])
            .current_dir(&project)
            .status()
            .await?;
        bare.push(started.elapsed());
    }
    let bare = median(bare);
    println!("bare      {:6.2} ms", milliseconds(bare));

    let plain = Plain::new(environment.clone());
    tell("plain", bare, &plain, &command).await?;
    for tier in [Tier::None, Tier::Partial, Tier::Full] {
        let policy = Policy::new(project.clone(), tmp.clone(), std::env::home_dir());
        let launcher = Launcher::at(Path::new(env!("CARGO_BIN_EXE_loop")))?;
        let wall = Wall::new(policy, environment.clone(), launcher).at_most(tier);
        if wall.probed().tier == tier {
            tell(tier.name(), bare, &wall, &command).await?;
        } else {
            println!("{tier:9} not on this machine: {:?}", wall.probed().refused);
        }
    }
    Ok(())
}

async fn tell(
    name: &str,
    bare: Duration,
    sandbox: &impl Confine,
    command: &Command,
) -> io::Result<()> {
    let mut times = Vec::new();
    for _ in 0..WARM_UP + RUNS {
        let started = Instant::now();
        sandbox.run(command).await?;
        times.push(started.elapsed());
    }
    let time = median(times);
    let over = time.saturating_sub(bare);
    println!(
        "{name:9} {:6.2} ms, {:5.2} ms over a bare spawn",
        milliseconds(time),
        milliseconds(over)
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.drain(..WARM_UP);
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
