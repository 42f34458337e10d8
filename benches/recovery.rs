//! What a run survives: each of twenty faults at each of twenty places of a run, and storms that
//! mix all of them. A run has survived if it came to the same program as one without faults: the
//! same files, every ticket shown to work, every call carried out as often as before.
//!
//! Run it with `cargo bench --bench recovery`. Behind `--`: `--fault NAME` for one fault, with
//! `--at N` at one place (which also prints the run's journal), `--storm SEED` for one storm (the
//! same) or `--storm 1-100` for many with `--percent P`, `--times K` for a fault that comes so often
//! in a row, `--speaker text` for a model that has no tools capability.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use support::recovery::{Cell, Fault, Plan, Ran, Speaker, judge, run};

/// Requests to the model are counted from 1 to this.
const PLACES: u64 = 20;
/// The storms: a fault with this probability at every request.
const PERCENT: u64 = 30;
const SEEDS: [u64; 3] = [1, 2, 3];

/// What is to be run, from the command line.
#[derive(Debug)]
struct Wanted {
    faults: Vec<Fault>,
    places: Vec<u64>,
    times: u64,
    storms: Vec<u64>,
    percent: u64,
    speaker: Speaker,
}

fn main() {
    let wanted = wanted();
    let began = Instant::now();
    let clean = run(Plan::Clean, wanted.speaker);
    assert_eq!(clean.unfinished, None, "{:?}", clean.journal.of("checked"));
    println!(
        "without faults: {} requests, {} tokens",
        clean.ledger.requests, clean.ledger.tokens
    );
    let plans = [wanted.rows(), wanted.storms()].concat();
    if let [plan] = plans.as_slice() {
        alone(&clean, *plan, wanted.speaker);
        return;
    }
    let mut lost = matrix(&clean, &wanted);
    lost += storms(&clean, &wanted);
    println!("\n{lost} runs lost, {:.0} s", began.elapsed().as_secs_f64());
}

impl Wanted {
    /// The fault at every place.
    fn row(&self, fault: Fault) -> Vec<Plan> {
        let times = self.times;
        let places = self.places.iter();
        places.map(|&at| Plan::From { fault, at, times }).collect()
    }

    fn rows(&self) -> Vec<Plan> {
        let faults = self.faults.iter();
        faults.flat_map(|&fault| self.row(fault)).collect()
    }

    fn storms(&self) -> Vec<Plan> {
        let percent = self.percent;
        let seeds = self.storms.iter();
        seeds.map(|&seed| Plan::Storm { seed, percent }).collect()
    }
}

fn wanted() -> Wanted {
    let mut wanted = Wanted {
        faults: Fault::ALL.to_vec(),
        places: (1..=PLACES).collect(),
        times: 1,
        storms: SEEDS.to_vec(),
        percent: PERCENT,
        speaker: Speaker::Native,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value behind the option");
        match argument.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--fault" => {
                let name = value();
                let fault = Fault::named(&name)
                    .unwrap_or_else(|| panic!("no fault {name}; there are {}", names().join(", ")));
                wanted.faults = vec![fault];
                wanted.storms.clear();
            }
            "--at" => wanted.places = vec![value().parse().unwrap()],
            "--times" => wanted.times = value().parse().unwrap(),
            "--percent" => wanted.percent = value().parse().unwrap(),
            "--storm" => {
                wanted.faults.clear();
                let seeds = value();
                let (first, last) = seeds.split_once('-').unwrap_or((&seeds, &seeds));
                wanted.storms = (first.parse().unwrap()..=last.parse().unwrap()).collect();
            }
            "--speaker" => {
                wanted.speaker = Speaker::named(&value()).expect("native or text");
            }
            other => panic!("no option {other}; the head of benches/recovery.rs has them"),
        }
    }
    wanted
}

fn names() -> Vec<&'static str> {
    Fault::ALL.into_iter().map(Fault::name).collect()
}

/// The plans' cells, in order, worked through by as many threads as there are cores.
fn cells(clean: &Ran, plans: &[Plan], speaker: Speaker) -> Vec<Cell> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let place = plans.iter().position(|other| other == plan).unwrap();
                    let cell = cell(clean, *plan, speaker);
                    done.lock().unwrap().push((place, cell));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, cell)| cell).collect()
}

fn cell(clean: &Ran, plan: Plan, speaker: Speaker) -> Cell {
    let ran = catch_unwind(AssertUnwindSafe(|| run(plan, speaker)));
    ran.map_or_else(
        |_| Cell {
            problems: vec!["the run broke down; the message is above".to_owned()],
            extra_requests: 0,
            extra_tokens: 0,
        },
        |ran| judge(clean, &ran),
    )
}

fn matrix(clean: &Ran, wanted: &Wanted) -> usize {
    if wanted.faults.is_empty() {
        return 0;
    }
    let mut lost = Vec::new();
    heading("fault");
    for fault in &wanted.faults {
        let plans = wanted.row(*fault);
        let cells = cells(clean, &plans, wanted.speaker);
        row(fault.name(), &cells);
        lost.extend(complaints(&plans, &cells));
    }
    tell(&lost)
}

fn storms(clean: &Ran, wanted: &Wanted) -> usize {
    let plans = wanted.storms();
    if plans.is_empty() {
        return 0;
    }
    let cells = cells(clean, &plans, wanted.speaker);
    let percent = wanted.percent;
    heading(&format!("storm, a fault in {percent} of 100 requests"));
    for (seed, cell) in wanted.storms.iter().zip(&cells) {
        row(&format!("seed {seed}"), std::slice::from_ref(cell));
    }
    tell(&complaints(&plans, &cells))
}

fn heading(what: &str) {
    println!(
        "\n{what:<38} {:>10} {:>22} {:>20}",
        "finished", "extra requests (most)", "extra tokens (most)"
    );
}

fn row(name: &str, cells: &[Cell]) {
    let survived: Vec<&Cell> = cells
        .iter()
        .filter(|cell| cell.problems.is_empty())
        .collect();
    let of = |value: fn(&Cell) -> i64| {
        let values: Vec<i64> = survived.iter().map(|cell| value(cell)).collect();
        let count = i64::try_from(values.len().max(1)).unwrap();
        let tenths = values.iter().sum::<i64>() * 10 / count;
        let most = values.iter().max().copied().unwrap_or_default();
        format!("{}.{} ({most})", tenths / 10, (tenths % 10).abs())
    };
    println!(
        "{name:<38} {:>10} {:>22} {:>20}",
        format!("{} / {}", survived.len(), cells.len()),
        of(|cell| cell.extra_requests),
        of(|cell| cell.extra_tokens)
    );
}

/// The runs that were lost: the command that runs each alone, and what is wrong with it.
fn complaints(plans: &[Plan], cells: &[Cell]) -> Vec<String> {
    let lost = plans.iter().zip(cells);
    lost.filter(|(_, cell)| !cell.problems.is_empty())
        .map(|(plan, cell)| format!("  {}\n    {}", plan.command(), cell.problems.join("\n    ")))
        .collect()
}

fn tell(lost: &[String]) -> usize {
    if !lost.is_empty() {
        println!("\nlost:\n{}", lost.join("\n"));
    }
    lost.len()
}

/// One run, with its journal.
fn alone(clean: &Ran, plan: Plan, speaker: Speaker) {
    let ran = run(plan, speaker);
    for line in &ran.journal.0 {
        let text = line.to_string();
        let short: String = text.chars().take(600).collect();
        println!("{short}");
    }
    for (request, fault) in &ran.ledger.thrown {
        println!("request {request}: {}", fault.name());
    }
    let cell = judge(clean, &ran);
    row(&format!("{plan:?}"), std::slice::from_ref(&cell));
    for problem in &cell.problems {
        println!("  {problem}");
    }
}
