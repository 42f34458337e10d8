//! The installed models: what the server says of each, what its card says, and whether it fits
//! this machine. Loads none of them.

use serde::Serialize;

use super::health::Look;
use crate::engine::card::Verdict;
use crate::engine::settings::ModelSettings;
use crate::engine::window::Loaded;
use crate::error::Result;
use crate::ollama::{Installed, Running, Server};
use crate::store::Cards;

/// An installed model.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// The digest of its weights.
    pub digest: String,
    /// Bytes of its weights.
    pub bytes: u64,
    /// Where it runs.
    pub runs: Runs,
    /// Such as `tools` and `thinking`.
    pub capabilities: Vec<String>,
    /// Tokens it was trained for.
    pub trained_window: Option<u64>,
    /// Tokens a run would ask for.
    pub window: Option<u64>,
    /// Why so many.
    pub window_reason: String,
    /// Whether it fits this machine's memory; none if that is not known.
    pub fits: Option<bool>,
    /// What its card says, if it was probed.
    pub card: Option<Verdict>,
    /// How it is loaded at the moment, if it is.
    pub loaded: Option<Loaded>,
}

/// Where a model runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Runs {
    /// On the server's own machine.
    Here,
    /// In the cloud: it is refused.
    Elsewhere,
}

/// Every installed model, in the server's order.
pub async fn list(server: &Server, settings: &ModelSettings, cards: &Cards) -> Result<Vec<Listed>> {
    let look = Look::at(server, cards).await?;
    let mut all = Vec::new();
    for model in &look.installed {
        all.push(one(server, settings, &look, model).await);
    }
    Ok(all)
}

async fn one(
    server: &Server,
    settings: &ModelSettings,
    look: &Look<'_>,
    model: &Installed,
) -> Listed {
    let name = model.name.as_str();
    let mut listed = Listed {
        name: name.to_owned(),
        digest: model.digest.clone(),
        bytes: model.size,
        runs: if model.is_cloud() {
            Runs::Elsewhere
        } else {
            Runs::Here
        },
        capabilities: model.capabilities.clone().unwrap_or_default(),
        trained_window: model.details.context_length,
        window: None,
        window_reason: String::new(),
        fits: None,
        card: look.card(name).map(|card| card.measured.judge().verdict),
        loaded: look.running(name).map(Running::loaded),
    };
    if listed.runs == Runs::Elsewhere {
        return listed;
    }
    // What it does not say of one model is unknown; the others are listed all the same.
    if let Ok(shown) = server.show(name).await {
        let facts = look.facts(name, &shown, settings.num_ctx);
        let window = facts.choose();
        listed.capabilities.clone_from(&shown.capabilities);
        listed.trained_window = shown.context_length();
        listed.window = Some(window.tokens);
        listed.window_reason = window.why;
        listed.fits = facts.fits();
    }
    listed
}
