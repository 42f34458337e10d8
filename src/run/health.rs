//! The look at the server before the first request: is it there, is there a model, does the model
//! run on the server's own machine, how can it call tools. At most three questions, none of which
//! loads the model.

use super::ranking;
use crate::engine::protocol::Protocol;
use crate::engine::reply::Fault;
use crate::engine::settings::ModelSettings;
use crate::error::{Error, ErrorKind, Result};
use crate::ollama::{Installed, Server, Shown, is_this_machine};

/// The window that is asked for when none is configured: room for a few files and their edits on
/// a card with 8 GB, where the server's own default of 4,096 tokens would cut the task itself.
pub const DEFAULT_NUM_CTX: u64 = 16_384;

/// The model to work with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// The digest of its weights, if the server told one.
    pub digest: String,
    /// How it calls tools.
    pub protocol: Protocol,
    /// The window that every request asks for.
    pub num_ctx: u64,
}

/// Whether the server is looked at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Yes.
    Look,
    /// `--skip-check`
    Skip,
}

/// The model to work with, or why there is none.
pub async fn choose(server: &mut Server, settings: &ModelSettings, check: Check) -> Result<Chosen> {
    if let (Check::Skip, Some(name)) = (check, &settings.name) {
        return Ok(Chosen {
            name: name.clone(),
            digest: String::new(),
            // A server that knows better says so at the first request.
            protocol: Protocol::Native,
            num_ctx: settings.num_ctx.unwrap_or(DEFAULT_NUM_CTX),
        });
    }
    let url = server.url().to_owned();
    let words = |fault: Fault| in_words(fault, &url);
    let (name, digest) = match &settings.name {
        Some(name) => (name.clone(), String::new()),
        None => pick(&server.tags().await.map_err(words)?)?,
    };
    let shown = server.show(&name).await.map_err(words)?;
    let protocol = if shown.can("tools") {
        Protocol::Native
    } else {
        Protocol::Text
    };
    for other in settings.per_phase.values().filter(|other| **other != name) {
        server.show(other).await.map_err(words)?;
    }
    let num_ctx = window(settings, &shown);
    Ok(Chosen {
        name,
        digest,
        protocol,
        num_ctx,
    })
}

fn window(settings: &ModelSettings, shown: &Shown) -> u64 {
    let trained = shown.context_length().unwrap_or(u64::MAX);
    settings.num_ctx.unwrap_or(DEFAULT_NUM_CTX).min(trained)
}

/// The best installed model that runs here and can call tools, else the best one that can write.
/// Servers that do not tell the capabilities of their models in the list are believed to have
/// them; `show` is asked anyway.
fn pick(installed: &[Installed]) -> Result<(String, String)> {
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
    let best = ranking::best(&families, &able("tools"))
        .or_else(|| ranking::best(&families, &able("completion")));
    if let Some(name) = best {
        let digest = installed
            .iter()
            .find(|model| model.name == name)
            .map(|model| model.digest.clone());
        return Ok((name.to_owned(), digest.unwrap_or_default()));
    }
    Err(none_installed())
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
    ranking::fitting(&families, ranking::memory_gib()).map(|family| family.pull.clone())
}

/// A fault of the look, as a person is told it.
fn in_words(fault: Fault, url: &str) -> Error {
    match fault {
        Fault::Unreachable { .. } | Fault::TimedOut { .. } => Error::new(
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

/// What the banner says about where file contents go; none if they stay on this machine.
pub fn remote_warning(url: &str) -> Option<String> {
    (!is_this_machine(url)).then(|| {
        format!("The model runs at {url}, which is not this machine: the task and contents of files go there.")
    })
}
