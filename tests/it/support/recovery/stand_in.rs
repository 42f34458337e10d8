//! The server that throws faults: real HTTP, a competent model behind it, and a plan that says
//! which requests come to harm. It counts what every request costs and looks at its shape. A
//! server that is gone really does not listen; it comes back when the program has looked for it
//! often enough for ten seconds to have passed.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};

use super::faults::{Fault, Scene};
use super::model::answer;
use super::speaker::Speaker;
use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::shape::check_roles;
use crate::support::todo::Asked;

/// Which requests come to harm. Requests to the model are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// None.
    Clean,
    /// One, and those after it until there were so many in a row.
    From { fault: Fault, at: u64, times: u64 },
    /// Each with this probability in percent, by any of the faults.
    Storm { seed: u64, percent: u64 },
}

/// Faults in a row of a storm; then a reply arrives as it was meant.
const FAULTS_IN_A_ROW: u32 = 2;
/// No run needs as many requests.
const REQUESTS_MOST: u64 = 400;
/// A look that the program takes for a server after its first tries are over: the pauses between
/// those come to 7.5 s, the first look comes 2 s after them, and the second when 11.5 s are over.
const LOOKS_OF_TEN_SECONDS: u32 = 2;

/// What happened, seen from the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// Requests to the model, refused ones among them.
    pub(crate) requests: u64,
    /// Tokens read and written.
    pub(crate) tokens: u64,
    /// Which request came to which harm.
    pub(crate) thrown: Vec<(u64, Fault)>,
    /// Requests whose messages are not in order.
    pub(crate) misshapen: Vec<String>,
}

struct Brain {
    plan: Plan,
    speaker: Speaker,
    ledger: Ledger,
    /// How many of the next requests are refused as well.
    refusals_left: u32,
    in_a_row: u32,
    random: u64,
    is_gone: bool,
}

impl Plan {
    /// One request that comes to harm.
    pub(crate) const fn once(fault: Fault, at: u64) -> Self {
        Self::From {
            fault,
            at,
            times: 1,
        }
    }

    /// The command that runs it alone.
    pub(crate) fn command(self) -> String {
        let options = match self {
            Self::Clean => String::new(),
            Self::From {
                fault,
                at,
                times: 1,
            } => format!(" -- --fault {} --at {at}", fault.name()),
            Self::From { fault, at, times } => {
                format!(" -- --fault {} --at {at} --times {times}", fault.name())
            }
            Self::Storm { seed, percent } => format!(" -- --storm {seed} --percent {percent}"),
        };
        format!("cargo bench --bench recovery{options}")
    }
}

impl Brain {
    fn reply(&mut self, request: &RequestSeen) -> Script {
        self.ledger.requests += 1;
        if let Err(wrong) = check_roles(request) {
            let number = self.ledger.requests;
            self.ledger
                .misshapen
                .push(format!("request {number}: {wrong}"));
        }
        if self.ledger.requests > REQUESTS_MOST {
            return Script::error(400, "the stand-in has had enough");
        }
        if self.refusals_left > 0 {
            self.refusals_left -= 1;
            return busy();
        }
        let asked = Asked(request.json.clone());
        let prompt = request.body.len() as u64 / 4;
        let scene = Scene {
            good: answer(&asked, self.speaker.of(&asked)),
            asked: &asked,
            speaker: self.speaker.of(&asked),
            prompt_tokens: prompt,
        };
        match self.fault() {
            None => {
                self.ledger.tokens += prompt + Scene::EVAL_TOKENS;
                scene.unspoilt()
            }
            Some(fault) => {
                self.ledger.thrown.push((self.ledger.requests, fault));
                match fault {
                    Fault::Busy => {
                        self.refusals_left = 2;
                        return busy();
                    }
                    Fault::Gone => self.is_gone = true,
                    _ => {}
                }
                if fault.reaches_the_model() {
                    self.ledger.tokens += prompt + Scene::EVAL_TOKENS;
                }
                fault.spoil(&scene)
            }
        }
    }

    fn fault(&mut self) -> Option<Fault> {
        let thrown = match self.plan {
            Plan::Clean => None,
            Plan::From { fault, at, times } => {
                let thrown = self.ledger.thrown.len() as u64;
                (self.ledger.requests >= at && thrown < times).then_some(fault)
            }
            Plan::Storm { percent, .. } => {
                let (chance, which) = (self.draw() % 100, self.draw());
                let count = Fault::ALL.len() as u64;
                (chance < percent && self.in_a_row < FAULTS_IN_A_ROW)
                    .then(|| Fault::ALL[usize::try_from(which % count).unwrap_or_default()])
            }
        };
        self.in_a_row = thrown.map_or(0, |_| self.in_a_row + 1);
        thrown
    }

    /// `SplitMix64`: the same numbers for the same seed, everywhere.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.random;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }
}

fn busy() -> Script {
    Script::error(
        503,
        "server busy, please try again.  maximum pending requests exceeded",
    )
}

/// The server, its model, and whether it listens just now.
pub(crate) struct StandIn {
    brain: Arc<Mutex<Brain>>,
    address: SocketAddr,
    server: Option<FakeOllama>,
    looks: u32,
}

impl StandIn {
    pub(crate) fn start(plan: Plan, speaker: Speaker) -> Self {
        let random = match plan {
            Plan::Storm { seed, .. } => seed,
            Plan::Clean | Plan::From { .. } => 0,
        };
        let brain = Brain {
            plan,
            speaker,
            ledger: Ledger::default(),
            refusals_left: 0,
            in_a_row: 0,
            random,
            is_gone: false,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let mut stand_in = Self {
            brain: Arc::new(Mutex::new(brain)),
            address: listener.local_addr().unwrap(),
            server: None,
            looks: 0,
        };
        stand_in.listen(listener);
        stand_in
    }

    fn brain(&self) -> MutexGuard<'_, Brain> {
        self.brain.lock().unwrap()
    }

    fn listen(&mut self, listener: TcpListener) {
        let brain = Arc::clone(&self.brain);
        let model = FakeModel::new("tiny").capabilities(self.brain().speaker.capabilities());
        self.server = Some(
            FakeOllama::listening(listener)
                .model(model)
                .deciding(move |request| brain.lock().unwrap().reply(request)),
        );
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has happened so far.
    pub(crate) fn ledger(&self) -> Ledger {
        self.brain().ledger.clone()
    }

    /// Something was shown: if the server is to be gone, it is from now on.
    pub(crate) fn look_whether_to_go(&mut self) {
        if self.brain().is_gone && self.server.take().is_some() {
            self.looks = 0;
        }
    }

    /// The program waits and will look whether the server is back.
    pub(crate) fn waited_for(&mut self) {
        self.look_whether_to_go();
        if self.server.is_some() {
            return;
        }
        self.looks += 1;
        if self.looks >= LOOKS_OF_TEN_SECONDS {
            self.brain().is_gone = false;
            let listener = TcpListener::bind(self.address).unwrap();
            self.listen(listener);
        }
    }
}
