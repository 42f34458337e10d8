//! The two layers over the file: the environment, and over it the flags.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::inputs::Overrides;
use super::source::Source;
use super::types::{Color, Config};

/// What the environment says.
pub(super) fn environment(
    config: &mut Config,
    sources: &mut BTreeMap<String, Source>,
    given: &Environment,
) {
    let mut from = |key: &str, name: &'static str| {
        sources.insert(key.to_owned(), Source::Environment(name));
    };
    if let Some(host) = given.text("OLLAMA_HOST") {
        host.clone_into(&mut config.server.host);
        from("server.host", "OLLAMA_HOST");
    }
    if let Some(model) = given.text("LOOP_MODEL") {
        use_one_model(config, model);
        from("model.name", "LOOP_MODEL");
        from("model.per_phase", "LOOP_MODEL");
    }
    if given.value("NO_COLOR").is_some() {
        config.screen.color = Color::Never;
        from("screen.color", "NO_COLOR");
    }
}

/// What the flags say.
pub(super) fn flags(
    config: &mut Config,
    sources: &mut BTreeMap<String, Source>,
    given: &Overrides,
) {
    let mut from = |keys: &[&str], name: &'static str| {
        for key in keys {
            sources.insert((*key).to_owned(), Source::Flag(name));
        }
    };
    if let Some(model) = &given.model {
        use_one_model(config, model);
        from(&["model.name", "model.per_phase"], "--model");
    }
    if let Some(host) = &given.host {
        config.server.host.clone_from(host);
        from(&["server.host"], "--host");
    }
    if let Some(num_ctx) = given.num_ctx {
        config.model.num_ctx = Some(num_ctx);
        from(&["model.num_ctx"], "--num-ctx");
    }
    if let Some(max_turns) = given.max_turns {
        config.limits.max_turns = max_turns;
        config.limits.max_turns_per_phase.clear();
        from(
            &["limits.max_turns", "limits.max_turns_per_phase"],
            "--max-turns",
        );
    }
    if !given.verify.is_empty() {
        config.commands.verify.clone_from(&given.verify);
        from(&["commands.verify"], "--verify");
    }
    if let Some(approval) = given.approvals {
        config.approvals.documents = approval;
        config.approvals.plan = approval;
        from(&["approvals.documents", "approvals.plan"], "--yes");
    }
    if let Some(sandbox) = given.sandbox {
        config.commands.sandbox = sandbox;
        from(&["commands.sandbox"], "--sandbox");
    }
    if let Some(network) = given.network {
        config.commands.network = network;
        from(&["commands.network"], "--allow-network");
    }
    if let Some(color) = given.color {
        config.screen.color = color;
        from(&["screen.color"], "--color");
    }
}

/// A model named later is meant for everything: one named earlier for a phase gives way too.
fn use_one_model(config: &mut Config, model: &str) {
    config.model.name = Some(model.to_owned());
    config.model.per_phase.clear();
}
