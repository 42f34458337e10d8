//! Puts the configuration together: defaults, file, environment, flags; and says where each value
//! comes from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check::{self, Problem};
use super::environment::Environment;
use super::file::{self, FromFile};
use super::floor::read_floor;
use super::host;
use super::inputs::Inputs;
use super::layers;
use super::secret::Header;
use super::source::Source;
use super::types::Config;
use crate::engine::floor::{Floor, Objection};
use crate::error::{Error, Result};

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
    /// What an administrator demands; the values are not below it.
    pub floor: Floor,
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
    /// The administrator's policy, whether it is there or not.
    pub policy: PathBuf,
    /// The configuration file, whether it is there or not.
    pub config_file: PathBuf,
    /// The folder of all sessions.
    pub sessions: PathBuf,
    /// The folder of the person's own skills, whether it is there or not.
    pub skills: PathBuf,
    /// The folder of the cards of models, whether it is there or not.
    pub models: PathBuf,
    /// The pipeline that replaces the built-in one.
    pub pipeline: Option<PathBuf>,
}

/// Puts everything together and checks it, also against what an administrator demands. Writes
/// nothing.
pub fn load(inputs: &Inputs) -> Result<Loaded> {
    let floor = read_floor(&inputs.policy)?;
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
    layers::environment(&mut config, &mut sources, environment);
    layers::flags(&mut config, &mut sources, &inputs.overrides);

    let sessions = config.session.folder.clone();
    let skills = config.session.skills.clone();
    let paths = Paths {
        policy: inputs.policy.clone(),
        sessions: sessions.unwrap_or_else(|| standard.data.join("sessions")),
        skills: skills.unwrap_or_else(|| standard.config.join("skills")),
        models: standard.data.join("models"),
        pipeline: config.session.pipeline.clone(),
        config_file,
    };
    let headers = check::values(&config)
        .and_then(|()| check::files(&config, &paths.sessions))
        .and_then(|()| check::headers(&config, environment))
        .map_err(|problem| in_words(problem, &sources))?;
    if let Some(Objection { key, what, hint }) = floor.objection(&config.commands) {
        let hint = hint.to_owned();
        return Err(in_words(Problem { key, what, hint }, &sources));
    }
    Ok(Loaded {
        config,
        sources,
        paths,
        headers,
        floor,
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
