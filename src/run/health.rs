//! The look at the server before the first request: is it there, is there a model, does the model
//! run on the server's own machine, how can it call tools; and what follows: its window and its manner.
//! At most three questions, none of which loads the model.

use super::manners::{Known, manner};
use super::ranking;
use crate::engine::card::{Card, Verdict};
use crate::engine::floor::Floor;
use crate::engine::manner::Manners;
use crate::engine::protocol::Protocol;
use crate::engine::reply::Fault;
use crate::engine::settings::ModelSettings;
use crate::engine::window::{self, Facts, Window};
use crate::error::{Error, ErrorKind, Result};
use crate::ollama::{Installed, Running, Server, Shown, address, is_this_machine};
use crate::store::Cards;

/// The window that is asked for when the server is not looked at.
pub const DEFAULT_NUM_CTX: u64 = window::WITHOUT_KNOWLEDGE;

/// The model to work with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// The digest of its weights, if the server told one.
    pub digest: String,
    /// How it calls tools.
    pub protocol: Protocol,
    /// The window that every request asks for.
    pub num_ctx: u64,
    /// How it and the models of single phases are talked to, and why the window is what it is.
    pub manners: Manners,
    /// What a person should know before it begins.
    pub warning: Option<String>,
}

/// Whether the server is looked at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Yes.
    Look,
    /// `--skip-check`
    Skip,
}

/// What is known of the server's models, asked once.
#[derive(Debug)]
pub struct Look<'a> {
    /// The installed models.
    pub installed: Vec<Installed>,
    /// The loaded ones.
    pub running: Vec<Running>,
    /// The cards of those that were probed.
    pub cards: &'a Cards,
    /// The server's address.
    pub url: String,
}

impl<'a> Look<'a> {
    /// Asks the server for both lists.
    pub async fn at(server: &Server, cards: &'a Cards) -> Result<Self> {
        let url = server.url().to_owned();
        let installed = server.tags().await.map_err(|fault| in_words(fault, &url))?;
        Ok(Self {
            installed,
            // silent-ok: what is loaded is a reason to keep a window, no more.
            running: server.ps().await.unwrap_or_default(),
            cards,
            url,
        })
    }

    /// The installed model of that name.
    pub fn installed(&self, name: &str) -> Option<&Installed> {
        self.installed.iter().find(|model| model.is_called(name))
    }

    /// The loaded model of that name.
    pub fn running(&self, name: &str) -> Option<&Running> {
        self.running.iter().find(|model| model.is_called(name))
    }

    /// The card of that model.
    pub fn card(&self, name: &str) -> Option<Card> {
        self.cards.read(&self.installed(name)?.digest)
    }

    /// Everything that its window depends on.
    pub fn facts(&self, name: &str, shown: &Shown, wanted: Option<u64>) -> Facts {
        let advice = self.card(name).map(|card| card.advice_on(&self.url));
        Facts {
            wanted,
            trained: shown.context_length(),
            weights: self.installed(name).map_or(0, |model| model.size),
            cache_per_token: shown.cache_per_token(),
            memory: is_this_machine(&self.url).then(ranking::memory).flatten(),
            advised: advice.and_then(|advice| advice.window),
            loaded: self.running(name).and_then(|model| model.context_length),
        }
    }
}

/// The model to work with, or why there is none.
pub async fn choose(
    server: &mut Server,
    settings: &ModelSettings,
    check: Check,
    cards: &Cards,
) -> Result<Chosen> {
    if let (Check::Skip, Some(name)) = (check, &settings.name) {
        return unseen(name, settings);
    }
    let look = Look::at(server, cards).await?;
    let (name, shown) = match &settings.name {
        Some(name) => (name.clone(), ask(server, name).await?),
        None => find(server, &look.installed).await?,
    };
    let Window { tokens, why } = look.facts(&name, &shown, settings.num_ctx).choose();
    let mut manners = Manners {
        window: why,
        ..Manners::default()
    };
    add(&mut manners, &name, settings, &shown, &look)?;
    for other in others(settings).filter(|other| *other != name) {
        let shown = ask(server, other).await?;
        add(&mut manners, other, settings, &shown, &look)?;
    }
    let digest = look.installed(&name).map(|model| model.digest.clone());
    let unfit = look
        .card(&name)
        .filter(|card| card.measured.judge().verdict == Verdict::NotForThis);
    Ok(Chosen {
        warning: unfit.map(|_| format!("The card of '{name}' says: not for this. See loop doctor; another model, or loop models probe {name} to measure anew.")),
        digest: digest.unwrap_or_default(),
        num_ctx: tokens,
        protocol: manners.models.get(&name).map_or_else(Protocol::default, |manner| manner.tools),
        manners,
        name,
    })
}

/// Models for single phases, and for judging tickets.
fn others(settings: &ModelSettings) -> impl Iterator<Item = &str> {
    let phases = settings.per_phase.values().map(String::as_str);
    phases.chain(settings.critic.named())
}

/// What the server says of a model that can write.
pub async fn ask(server: &Server, name: &str) -> Result<Shown> {
    let shown = server.show(name).await;
    let shown = shown.map_err(|fault| in_words(fault, server.url()))?;
    if shown.only_embeds() {
        let what = format!("Model '{name}' cannot write: it only makes embeddings");
        return Err(Error::new(ErrorKind::Model, what)
            .hint("choose a model with the capability `completion`: loop models list"));
    }
    Ok(shown)
}

/// The best installed model. One whose list said nothing may turn out not to write: then the next.
async fn find(server: &Server, installed: &[Installed]) -> Result<(String, Shown)> {
    let mut left = installed.to_vec();
    loop {
        let name = pick(&left)?;
        let shown = server.show(&name).await;
        let shown = shown.map_err(|fault| in_words(fault, server.url()))?;
        if !shown.only_embeds() {
            return Ok((name, shown));
        }
        left.retain(|model| model.name != name);
    }
}

fn add(
    manners: &mut Manners,
    name: &str,
    settings: &ModelSettings,
    shown: &Shown,
    look: &Look<'_>,
) -> Result<()> {
    let known = Known {
        shown: Some(shown),
        advice: look.card(name).map(|card| card.advice_on(&look.url)),
    };
    let manner = manner(name, settings, known)?;
    manners.models.insert(name.to_owned(), manner);
    Ok(())
}

/// What can be said of a model that nobody looked at: by its name, and what was configured.
fn unseen(name: &str, settings: &ModelSettings) -> Result<Chosen> {
    let num_ctx = settings.num_ctx.unwrap_or(DEFAULT_NUM_CTX);
    let mut manners = Manners {
        window: format!("{num_ctx} tokens: the server was not looked at."),
        ..Manners::default()
    };
    for name in others(settings).chain([name]) {
        let manner = manner(name, settings, Known::default())?;
        manners.models.insert(name.to_owned(), manner);
    }
    Ok(Chosen {
        name: name.to_owned(),
        digest: String::new(),
        protocol: Protocol::Native,
        num_ctx,
        manners,
        warning: None,
    })
}

/// The best installed model that runs here and can call tools, else the best one that can write.
/// Servers that do not tell the capabilities of their models in the list are believed to have
/// them; `show` is asked anyway.
fn pick(installed: &[Installed]) -> Result<String> {
    let able = |capability: &str| -> Vec<(&str, u64)> {
        let here = installed.iter().filter(|model| !model.is_cloud());
        here.filter(|model| {
            let all = model.capabilities.as_ref();
            all.is_none_or(|all| all.iter().any(|one| one == capability))
        })
        .map(|model| (model.name.as_str(), model.size))
        .collect()
    };
    let families = ranking::families()?;
    ranking::best(&families, &able("tools"))
        .or_else(|| ranking::best(&families, &able("completion")))
        .map(str::to_owned)
        .ok_or_else(none_installed)
}

/// No model: the exact command that fetches one that fits, and the way without a network.
fn none_installed() -> Error {
    let pull = suggestion().unwrap_or_else(|| "qwen3:8b".to_owned());
    Error::new(ErrorKind::Model, "no usable model is installed").hint(format!(
        "fetch one that fits this machine:\n  ollama pull {pull}\nfor a machine without a network, run that command on one that has it and copy the folder ~/.ollama/models over"
    ))
}

/// Whether the server answers and has no model that could be used.
pub async fn nothing_usable(server: &Server) -> bool {
    match server.tags().await {
        Ok(installed) => pick(&installed).is_err(),
        Err(_) => false,
    }
}

/// The model to fetch on this machine.
pub fn suggestion() -> Option<String> {
    let families = ranking::families().ok()?; // silent-ok: no suggestion
    ranking::fitting(&families, ranking::memory_gib()).map(str::to_owned)
}

/// A fault of the look, as a person is told it.
pub fn in_words(fault: Fault, url: &str) -> Error {
    match fault {
        Fault::TimedOut { seconds, .. } => Error::new(
            ErrorKind::Model,
            format!("Ollama at {url} did not answer within {seconds} s"),
        )
        .hint("it may be busy: try again, or look at what it does with: ollama ps"),
        Fault::Unreachable { .. } => Error::new(
            ErrorKind::Model,
            format!("Cannot connect to Ollama at {url}. Is it running?"),
        )
        .hint("Start with: ollama serve"),
        Fault::ModelMissing { model } => {
            Error::new(ErrorKind::Model, format!("Model '{model}' not found at {url}"))
                .hint(format!("ollama pull {model}"))
        }
        Fault::Cloud { .. } => Error::new(ErrorKind::Model, fault.to_string())
            .hint("choose a model that is installed: `ollama list`; names that end in ':cloud' run elsewhere"),
        other => Error::new(ErrorKind::Model, other.to_string()),
    }
}

/// Refuses a server that an administrator does not allow. Connects to nothing.
pub fn allowed(server: &Server, floor: &Floor) -> Result<()> {
    let refused = |place: &str, why: &str| {
        Error::usage(format!("the model cannot be served by {place}: {why}")).hint(
            "choose another server with --host or OLLAMA_HOST; only the administrator of this machine can change the policy",
        )
    };
    let Some(address) = address(server.url()) else {
        return Err(refused("that address", "it has no host"));
    };
    match floor.refuses_server(&address) {
        None => Ok(()),
        Some(why) => Err(refused(&address.to_string(), &why)),
    }
}

/// What the banner says about where file contents go; none if they stay on this machine.
pub fn remote_warning(url: &str) -> Option<String> {
    (!is_this_machine(url)).then(|| {
        format!("The model runs at {url}, which is not this machine: the task and contents of files go there.")
    })
}
