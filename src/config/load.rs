//! Puts the configuration together: defaults, file, environment, flags; and says where each value
//! comes from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check::{self, Problem};
use super::environment::Environment;
use super::file::{self, FromFile};
use super::host;
use super::types::{Color, Config};
use crate::engine::settings::{Approval, Switch};
use crate::error::{Error, Result};

/// What the configuration is made from.
#[derive(Debug, Default)]
pub struct Inputs {
    /// A file that was named on the command line; it has to be there.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Environment,
    /// The flags.
    pub overrides: Overrides,
}

/// What the flags say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--model`
    pub model: Option<String>,
    /// `--host`
    pub host: Option<String>,
    /// `--num-ctx`
    pub num_ctx: Option<u64>,
    /// `--max-turns`
    pub max_turns: Option<u32>,
    /// `--verify`, in the order given.
    pub verify: Vec<String>,
    /// `--yes`
    pub approvals: Option<Approval>,
    /// `--sandbox`
    pub sandbox: Option<Switch>,
    /// `--allow-network`
    pub network: Option<Switch>,
    /// `--color`
    pub color: Option<Color>,
}

/// The configuration, and what belongs to it.
#[derive(Debug)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// Where each value comes from, by `group.name`; a key that is not here has its default.
    pub sources: BTreeMap<String, Source>,
    /// Where things are.
    pub paths: Paths,
    /// The headers of every request, with their values.
    pub headers: Vec<Header>,
}

impl Loaded {
    /// Everything that must never be written or shown: names and values.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let headers = self.headers.iter().flat_map(|header| {
            let value = header.value.reveal();
            // The token alone, without the `Bearer` in front of it, is a secret as well.
            let token = value.rsplit_once(' ').map(|(_, token)| token);
            [Some(value), token]
                .into_iter()
                .flatten()
                .map(|value| (header.variable.clone(), value.to_owned()))
        });
        let password = host::password(&self.config.server.host)
            .map(|password| ("server.host".to_owned(), password.to_owned()));
        headers.chain(password).collect()
    }
}

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file, whether it is there or not.
    pub config_file: PathBuf,
    /// The folder of all sessions.
    pub sessions: PathBuf,
    /// The folder of the person's own skills, whether it is there or not.
    pub skills: PathBuf,
    /// The pipeline that replaces the built-in one.
    pub pipeline: Option<PathBuf>,
}

/// A header of every request.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// The environment variable that its value comes from.
    pub variable: String,
    /// Its value.
    pub value: Secret,
}

/// A text that shows itself to nobody by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The text, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(&'static str),
    /// A flag.
    Flag(&'static str),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Puts everything together and checks it. Writes nothing.
pub fn load(inputs: &Inputs) -> Result<Loaded> {
    let environment = &inputs.environment;
    let standard = standard_folders(environment)?;
    let config_file = match &inputs.file {
        Some(path) => absolute(path)?,
        None => standard.config.join("config.yaml"),
    };
    let text = match std::fs::read_to_string(&config_file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && inputs.file.is_none() => {
            String::new()
        }
        Err(error) => {
            let what = format!("cannot read {}: {error}", config_file.display());
            return Err(
                Error::usage(what).hint("correct the path, or write one with: loop config init")
            );
        }
    };
    let FromFile { mut config, lines } = file::parse(&text, &config_file)?;
    let mut sources: BTreeMap<String, Source> = lines
        .into_iter()
        .map(|(key, line)| {
            let path = config_file.clone();
            (key, Source::File { path, line })
        })
        .collect();
    resolve_paths(&mut config, &config_file, environment);
    apply_environment(&mut config, &mut sources, environment);
    apply_flags(&mut config, &mut sources, &inputs.overrides);

    let sessions = config.session.folder.clone();
    let skills = config.session.skills.clone();
    let paths = Paths {
        sessions: sessions.unwrap_or_else(|| standard.data.join("sessions")),
        skills: skills.unwrap_or_else(|| standard.config.join("skills")),
        pipeline: config.session.pipeline.clone(),
        config_file,
    };
    let headers = check::values(&config)
        .and_then(|()| check::files(&config, &paths.sessions))
        .and_then(|()| check::headers(&config, environment))
        .map_err(|problem| in_words(problem, &sources))?;
    Ok(Loaded {
        config,
        sources,
        paths,
        headers,
    })
}

fn in_words(problem: Problem, sources: &BTreeMap<String, Source>) -> Error {
    let Problem { key, what, hint } = problem;
    let message = match sources.get(key) {
        Some(source) => format!("{source}: {key}: {what}"),
        None => format!("{key}: {what}"),
    };
    Error::usage(message).hint(hint)
}

struct StandardFolders {
    config: PathBuf,
    data: PathBuf,
}

fn standard_folders(environment: &Environment) -> Result<StandardFolders> {
    if let Some(home) = environment.path("LOOP_HOME") {
        let home = absolute(&home)?;
        return Ok(StandardFolders {
            config: home.clone(),
            data: home,
        });
    }
    let folders =
        directories::ProjectDirs::from("", "", "loop-orchestration").ok_or_else(|| {
            Error::usage("there is no home folder to keep sessions in")
                .hint("name a folder with the environment variable LOOP_HOME")
        })?;
    Ok(StandardFolders {
        config: folders.config_dir().to_owned(),
        data: folders.data_dir().to_owned(),
    })
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| Error::usage(format!("cannot use the path {}: {error}", path.display())))
}

/// Paths in a file are meant from where the file stands; `~` is the home folder.
fn resolve_paths(config: &mut Config, file: &Path, environment: &Environment) {
    let base = file.parent().unwrap_or(Path::new("/"));
    let paths = [
        &mut config.server.ca_file,
        &mut config.session.folder,
        &mut config.session.pipeline,
        &mut config.session.skills,
    ];
    for path in paths.into_iter().flatten() {
        *path = match (path.strip_prefix("~"), environment.home()) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => base.join(&*path),
        };
    }
}

fn apply_environment(
    config: &mut Config,
    sources: &mut BTreeMap<String, Source>,
    environment: &Environment,
) {
    let mut from = |key: &str, name: &'static str| {
        sources.insert(key.to_owned(), Source::Environment(name));
    };
    if let Some(host) = environment.text("OLLAMA_HOST") {
        host.clone_into(&mut config.server.host);
        from("server.host", "OLLAMA_HOST");
    }
    if let Some(model) = environment.text("LOOP_MODEL") {
        use_one_model(config, model);
        from("model.name", "LOOP_MODEL");
        from("model.per_phase", "LOOP_MODEL");
    }
    if environment.value("NO_COLOR").is_some() {
        config.screen.color = Color::Never;
        from("screen.color", "NO_COLOR");
    }
}

fn apply_flags(config: &mut Config, sources: &mut BTreeMap<String, Source>, flags: &Overrides) {
    let mut from = |keys: &[&str], name: &'static str| {
        for key in keys {
            sources.insert((*key).to_owned(), Source::Flag(name));
        }
    };
    if let Some(model) = &flags.model {
        use_one_model(config, model);
        from(&["model.name", "model.per_phase"], "--model");
    }
    if let Some(host) = &flags.host {
        config.server.host.clone_from(host);
        from(&["server.host"], "--host");
    }
    if let Some(num_ctx) = flags.num_ctx {
        config.model.num_ctx = Some(num_ctx);
        from(&["model.num_ctx"], "--num-ctx");
    }
    if let Some(max_turns) = flags.max_turns {
        config.limits.max_turns = max_turns;
        config.limits.max_turns_per_phase.clear();
        from(
            &["limits.max_turns", "limits.max_turns_per_phase"],
            "--max-turns",
        );
    }
    if !flags.verify.is_empty() {
        config.commands.verify.clone_from(&flags.verify);
        from(&["commands.verify"], "--verify");
    }
    if let Some(approval) = flags.approvals {
        config.approvals.documents = approval;
        config.approvals.plan = approval;
        from(&["approvals.documents", "approvals.plan"], "--yes");
    }
    if let Some(sandbox) = flags.sandbox {
        config.commands.sandbox = sandbox;
        from(&["commands.sandbox"], "--sandbox");
    }
    if let Some(network) = flags.network {
        config.commands.network = network;
        from(&["commands.network"], "--allow-network");
    }
    if let Some(color) = flags.color {
        config.screen.color = color;
        from(&["screen.color"], "--color");
    }
}

/// A model named later is meant for everything: one named earlier for a phase gives way too.
fn use_one_model(config: &mut Config, model: &str) {
    config.model.name = Some(model.to_owned());
    config.model.per_phase.clear();
}
