//! What is in force and what is not, found out by trying: the server and its model, the wall
//! around commands, git. Says nothing itself and changes nothing that stays.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::health::{Check, Chosen, choose};
use crate::engine::card::Judgement;
use crate::engine::floor::Floor;
use crate::engine::manner::Manner;
use crate::engine::protocol::Protocol;
use crate::engine::settings::{ModelSettings, Switch};
use crate::engine::window::Loaded;
use crate::error::{Error, Result};
use crate::git::Git;
use crate::ollama::{Running, Server, address, is_this_machine, port};
use crate::sandbox::{
    Canary, Environment, Launcher, Limits, Policy, Probed, Tier, Trial, landlock_version,
    model_in_reach, try_out,
};
use crate::store::Cards;
use crate::tools::Surroundings;

/// What is looked at.
#[derive(Debug)]
pub struct Patient {
    /// The server as configured.
    pub server: Server,
    /// What is asked of the model.
    pub model: ModelSettings,
    /// Where the cards of models are.
    pub cards: Cards,
    /// What commands see.
    pub environment: Environment,
    /// Whether commands are to have a wall.
    pub sandbox: Switch,
    /// Whether commands may reach the network.
    pub network: Switch,
    /// The project folder.
    pub project: PathBuf,
    /// What an administrator demands.
    pub floor: Floor,
    /// Folders and files of this program's own.
    pub state: Vec<PathBuf>,
    /// Where the attacks may be tried; nothing stays there.
    pub ground: PathBuf,
    /// What the machine offers.
    pub surroundings: Surroundings,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// The server and the model.
    pub server: ServerFound,
    /// The wall.
    pub sandbox: SandboxFound,
    /// git.
    pub git: GitFound,
    /// What commands may do.
    pub policy: PolicyFound,
}

/// The server and the model.
#[derive(Debug, Default, Serialize)]
pub struct ServerFound {
    /// Where it is.
    pub url: String,
    /// Whether that is this machine; else file contents go there.
    pub this_machine: bool,
    /// What it says it is; none if it does not answer.
    pub version: Option<String>,
    /// The model that a run would use.
    pub model: Option<ModelFound>,
    /// Why a run could not use it.
    pub problem: Option<Problem>,
}

/// A model.
#[derive(Debug, Serialize)]
pub struct ModelFound {
    /// Its name.
    pub name: String,
    /// Such as `tools` and `thinking`.
    pub capabilities: Vec<String>,
    /// How a run would have it call tools.
    pub protocol: Protocol,
    /// Tokens it was trained for.
    pub trained_window: Option<u64>,
    /// Tokens a run would ask for.
    pub window: u64,
    /// Why so many.
    pub window_reason: String,
    /// How a run would talk to it.
    pub manner: Manner,
    /// What its card says, if it was probed.
    pub card: Option<Judgement>,
    /// How it is loaded at the moment, if it is.
    pub loaded: Option<Loaded>,
    /// What to do about how it is loaded.
    pub advice: Option<String>,
}

/// What is wrong, and what to do.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// What.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

/// The wall, tried out.
#[derive(Debug, Serialize)]
pub struct SandboxFound {
    /// The tier in force.
    pub tier: Tier,
    /// The version of Landlock that the kernel has; 0 for none, nothing on other systems.
    pub landlock: Option<u32>,
    /// Whether a person has switched it off.
    pub configured: Switch,
    /// Why no better tier is in force.
    pub shortcomings: Vec<String>,
    /// The attacks, and whether each was stopped.
    pub attacks: Vec<Attack>,
    /// How much a command may use.
    pub limits: Limits,
    /// Why it could not be tried.
    pub problem: Option<String>,
}

/// One attack and how it went.
#[derive(Debug, Serialize)]
pub struct Attack {
    /// What was tried.
    pub attack: &'static str,
    /// Whether it was stopped.
    pub stopped: bool,
    /// Whether the tier in force promises that.
    pub promised: bool,
}

/// git.
#[derive(Debug, Default, Serialize)]
pub struct GitFound {
    /// Its version; none if it cannot be used.
    pub version: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// The person's address.
    pub email: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// What commands may do.
#[derive(Debug, Serialize)]
pub struct PolicyFound {
    /// The project folder.
    pub project: PathBuf,
    /// Why it can be none.
    pub project_refused: Option<String>,
    /// The home folder, of which commands see toolchains only.
    pub home: Option<PathBuf>,
    /// Whether commands may reach the network.
    pub network: Switch,
    /// The TCP ports they may then connect to.
    pub ports: Vec<u16>,
    /// Why nothing keeps them from the model's server then, if so.
    pub model_in_reach: Option<String>,
    /// What an administrator demands; none if there is no policy.
    pub floor: Option<FloorFound>,
}

/// What an administrator demands, and what of it is not in force here.
#[derive(Debug, Serialize)]
pub struct FloorFound {
    /// The demands.
    pub demands: Floor,
    /// What is in force and not enough; commands do not run then.
    pub unmet: Option<String>,
}

impl Diagnosis {
    /// Whether everything that is promised holds.
    pub fn holds(&self) -> bool {
        let floor = self.policy.floor.as_ref();
        self.sandbox.problem.is_none()
            && self.sandbox.attacks.iter().all(Attack::is_as_promised)
            && floor.is_none_or(|floor| floor.unmet.is_none())
    }
}

impl Attack {
    fn is_as_promised(&self) -> bool {
        self.stopped || !self.promised
    }
}

/// Looks at everything.
pub async fn examine(patient: Patient) -> Result<Diagnosis> {
    let launcher = Launcher::own()
        .map_err(|error| Error::usage(format!("cannot use the program's own file: {error}")))?;
    let home = patient.surroundings.home.clone();
    let policy = Policy::new(
        patient.project.clone(),
        patient.ground.clone(),
        home.clone(),
    );
    let sandbox = sandbox(&patient, launcher, policy.limits.clone()).await;
    let state: Vec<&Path> = patient.state.iter().map(PathBuf::as_path).collect();
    let policy = PolicyFound {
        project_refused: Policy::refusal(&patient.project, home.as_deref(), &state),
        project: patient.project.clone(),
        home,
        network: patient.network,
        model_in_reach: port(patient.server.url())
            .and_then(|port| model_in_reach(sandbox.tier, &policy.ports, port)),
        ports: policy.ports,
        floor: patient.floor.file.is_some().then(|| FloorFound {
            unmet: patient.floor.refuses_tier(sandbox.tier),
            demands: patient.floor.clone(),
        }),
    };
    let git = git(&patient).await;
    let server = server(patient.server, &patient.model, &patient.cards).await;
    Ok(Diagnosis {
        server,
        sandbox,
        git,
        policy,
    })
}

async fn sandbox(patient: &Patient, launcher: Launcher, limits: Limits) -> SandboxFound {
    let most = match patient.sandbox {
        Switch::On => Tier::Full,
        Switch::Off => Tier::None,
    };
    let url = patient.server.url();
    let trial = Trial {
        launcher,
        environment: patient.environment.clone(),
        most,
        folder: &patient.ground,
        model: address(url)
            .filter(|_| is_this_machine(url))
            .map(|address| (address.host, address.port)),
    };
    let tried = try_out(trial).await;
    let (probed, canaries, problem) = match tried {
        Ok((probed, canaries)) => (probed, canaries, None),
        Err(error) => {
            let tier = Tier::None;
            let refused = Vec::new();
            (
                Probed { tier, refused },
                Vec::new(),
                Some(error.to_string()),
            )
        }
    };
    let attack = |canary: Canary| Attack {
        attack: canary.attack,
        stopped: canary.stopped,
        promised: canary.promised,
    };
    SandboxFound {
        tier: probed.tier,
        landlock: cfg!(target_os = "linux").then(landlock_version),
        configured: patient.sandbox,
        shortcomings: probed.shortcomings(),
        attacks: canaries.into_iter().map(attack).collect(),
        limits,
        problem,
    }
}

async fn git(patient: &Patient) -> GitFound {
    let surroundings = &patient.surroundings;
    let look = async {
        let home = surroundings.home.clone();
        let git = Git::find(&surroundings.search_path, home, &patient.project)?;
        Ok::<_, crate::git::GitError>((git.version().await?, git.identity(&patient.project).await?))
    };
    match look.await {
        Ok((version, identity)) => GitFound {
            version: Some(version),
            name: identity.name,
            email: identity.email,
            problem: None,
        },
        Err(error) => GitFound {
            problem: Some(error.to_string()),
            ..GitFound::default()
        },
    }
}

async fn server(mut server: Server, settings: &ModelSettings, cards: &Cards) -> ServerFound {
    let url = server.url().to_owned();
    let mut found = ServerFound {
        this_machine: is_this_machine(&url),
        // silent-ok: that it does not answer is told as the problem below.
        version: server.version().await.ok(),
        url,
        ..ServerFound::default()
    };
    match choose(&mut server, settings, Check::Look, cards).await {
        Ok(chosen) => found.model = Some(model(&server, chosen, cards).await),
        Err(error) => {
            found.problem = Some(Problem {
                what: error.message,
                hint: error.hint,
            });
        }
    }
    found
}

async fn model(server: &Server, mut chosen: Chosen, cards: &Cards) -> ModelFound {
    // silent-ok: it answered a moment ago; what it does not say now is unknown.
    let shown = server.show(&chosen.name).await.unwrap_or_default();
    // silent-ok: likewise.
    let running = server.ps().await.unwrap_or_default();
    let loaded = running
        .iter()
        .find(|model| model.is_called(&chosen.name))
        .map(Running::loaded);
    ModelFound {
        trained_window: shown.context_length(),
        capabilities: shown.capabilities,
        protocol: chosen.protocol,
        window: chosen.num_ctx,
        window_reason: chosen.manners.window,
        manner: chosen
            .manners
            .models
            .remove(&chosen.name)
            .unwrap_or_default(),
        card: cards.read(&chosen.digest).map(|card| card.measured.judge()),
        advice: loaded.as_ref().and_then(Loaded::advice),
        loaded,
        name: chosen.name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_broken_promise_is_one() {
        for (stopped, promised, expected) in [
            (true, true, true),
            (true, false, true),
            (false, false, true),
            (false, true, false),
        ] {
            let attack = Attack {
                attack: "plant a git hook",
                stopped,
                promised,
            };
            assert_eq!(attack.is_as_promised(), expected, "{attack:?}");
        }
    }
}
