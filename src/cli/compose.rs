//! Puts together what every command that works on a session needs: configuration, screen, server,
//! project, answers. Also the few words that are printed outside a run.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{ColorChoice, OnOff, RunOptions};
use crate::config::{Color, Environment, Inputs, Loaded, Overrides, POLICY_FILE, frozen, load};
use crate::engine::artifact::{ArtifactName, read_prd_markdown};
use crate::engine::floor::Floor;
use crate::engine::neutral::{neutral, neutral_json};
use crate::engine::settings::{Approval, CommandSettings, Settings, Switch};
use crate::engine::yaml::too_much;
use crate::error::{Error, ErrorKind, Result};
use crate::run::begin::Setup;

use crate::run::catalog::{Places, ProjectFiles, Trust, agree, project_files};
use crate::run::health::allowed;
use crate::run::store::TMP;
use crate::run::{
    Answers, Attendance, CommandEnvironment, Hooks, Interrupt, Launcher, Policy, Server,
    ServerSettings, Surroundings, Tier, Unattended, Wall,
};
use crate::ui::{Attention, Bell, Choices, Colour, Detail, Glyphs, Input, Mode, Screen, standard};

/// The configuration, with what the flags say.
pub(super) fn configuration(run: &RunOptions) -> Result<Loaded> {
    configuration_with(run, run.host.clone())
}

/// The same where a session was begun with a host of its own and this run names no other.
pub(super) fn configuration_of(session: &Settings, run: &RunOptions) -> Result<Option<Loaded>> {
    match (&run.host, &session.host) {
        (None, Some(host)) => configuration_with(run, Some(host.clone())).map(Some),
        _ => Ok(None),
    }
}

/// The host that a resume is to find again: what `--host` said, unless a password stands in it.
pub(super) fn host_to_keep(loaded: &Loaded, run: &RunOptions) -> Option<String> {
    let host = run.host.as_ref()?;
    let is_written_as_it_is = frozen(&loaded.config)["server"]["host"] == **host;
    is_written_as_it_is.then(|| host.clone())
}

fn configuration_with(run: &RunOptions, host: Option<String>) -> Result<Loaded> {
    load(&Inputs {
        policy: PathBuf::from(POLICY_FILE),
        file: run.config.clone(),
        environment: Environment::of_process(),
        overrides: Overrides {
            model: run.model.clone(),
            host,
            num_ctx: run.num_ctx,
            max_turns: run.max_turns,
            verify: run.verify.clone(),
            approvals: run.yes.then_some(Approval::Yes),
            sandbox: run.sandbox.map(|sandbox| match sandbox {
                OnOff::On => Switch::On,
                OnOff::Off => Switch::Off,
            }),
            network: run.allow_network.then_some(Switch::On),
            color: run.color.map(|color| match color {
                ColorChoice::Auto => Color::Auto,
                ColorChoice::Always => Color::Always,
                ColorChoice::Never => Color::Never,
            }),
        },
    })
}

/// What a run needs besides the model and the screen.
pub(super) fn setup(
    loaded: &Loaded,
    run: &RunOptions,
    project: PathBuf,
    interrupt: Interrupt,
) -> Result<Setup> {
    Ok(Setup {
        sessions: loaded.paths.sessions.clone(),
        state: state(loaded),
        project,
        floor: loaded.floor.clone(),
        secrets: loaded.secrets(),
        answers: match &run.answers {
            Some(path) => answers(path)?,
            None => Answers::default(),
        },
        unattended: if run.yes {
            Unattended::LetTheModelDecide
        } else {
            Unattended::Stop
        },
        attendance: if run.may_wait() {
            Attendance::Elsewhere
        } else if !run.no_input && has_terminal() {
            Attendance::Person
        } else {
            Attendance::Nobody
        },
        server_wait: Duration::from_secs(loaded.config.server.wait_minutes * 60),
        interrupt,
        surroundings: surroundings(),
    })
}

/// Files and folders that no project may hold.
pub(super) fn state(loaded: &Loaded) -> Vec<PathBuf> {
    let paths = &loaded.paths;
    vec![
        paths.sessions.clone(),
        paths.config_file.clone(),
        paths.models.clone(),
        paths.policy.clone(),
    ]
}

/// The person's own commands for when they are wanted.
pub(super) fn hooks(loaded: &Loaded) -> Hooks {
    let environment = Environment::of_process();
    let variables = environment.variables();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let notify = &loaded.config.notify;
    Hooks::new(
        notify.commands.clone(),
        Duration::from_secs(notify.timeout_seconds),
        CommandEnvironment::whole(variables),
        environment.home().unwrap_or_else(|| PathBuf::from("/")),
    )
}

/// What the machine offers.
pub(super) fn surroundings() -> Surroundings {
    let environment = Environment::of_process();
    Surroundings {
        search_path: environment.search_path(),
        home: environment.home(),
        cargo_home: environment.path("CARGO_HOME"),
        fetched_crates: None,
    }
}

/// The server as configured, if an administrator allows it. Connects to nothing.
pub(super) fn server(loaded: &Loaded) -> Result<Server> {
    let config = &loaded.config.server;
    let mut settings = ServerSettings::new(&config.host);
    settings.ca_file.clone_from(&config.ca_file);
    settings.headers = loaded
        .headers
        .iter()
        .map(|header| (header.name.clone(), header.value.reveal().to_owned()))
        .collect();
    settings.first_byte = Duration::from_secs(config.first_byte_seconds);
    settings.idle = Duration::from_secs(config.idle_seconds);
    let server = Server::new(&settings)?;
    allowed(&server, &loaded.floor)?;
    Ok(server)
}

/// Refuses a machine whose best wall is less than an administrator demands, before anything of a
/// session is written.
pub(super) fn check_wall(settings: &CommandSettings, floor: &Floor, project: &Path) -> Result<()> {
    if floor.least() == Tier::None {
        return Ok(());
    }
    let place = tempfile::tempdir()
        .map_err(|error| Error::usage(format!("cannot make a temporary folder: {error}")))?;
    let environment = Environment::of_process();
    wall(
        environment,
        settings.clone(),
        floor.clone(),
        Commands::default(),
    )(project, place.path())
    .map(drop)
}

/// What the commands of a session are told, and kept from.
#[derive(Debug, Default)]
pub(super) struct Commands {
    /// Who commits, as variables of git.
    pub(super) person: Vec<(&'static str, String)>,
    /// The model's port: what fetches packages does not get there.
    pub(super) model_port: Option<u16>,
}

/// The wall around the commands of a session: the best the machine has, or none if that was said;
/// never less than an administrator demands.
pub(super) fn wall(
    environment: Environment,
    settings: CommandSettings,
    floor: Floor,
    around: Commands,
) -> impl FnOnce(&Path, &Path) -> Result<Wall> {
    move |project, session| {
        let cannot = |what: String, error: std::io::Error| {
            Error::new(ErrorKind::Incomplete, format!("cannot use {what}: {error}"))
        };
        let tmp = session.join(TMP);
        std::fs::create_dir_all(&tmp).map_err(|error| cannot(tmp.display().to_string(), error))?;
        let launcher =
            Launcher::own().map_err(|error| cannot("the program's own file".to_owned(), error))?;
        let variables = environment
            .variables()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables = around.person.into_iter().fold(
            CommandEnvironment::from_vars(variables, &settings.env),
            |variables, (name, value)| variables.with(name, value),
        );
        let mut policy = Policy::new(project.to_owned(), tmp, environment.home())
            .with_environments(&environment.search_path());
        policy.model_port = around.model_port;
        let most = match settings.sandbox {
            Switch::On => Tier::Full,
            Switch::Off => Tier::None,
        };
        let wall = Wall::new(policy, variables, launcher)
            .at_most(most)
            .network(floor.network)
            .kept_ready();
        // Without a demand nothing is tried before the first command.
        let is_demanded = floor.least() > Tier::None;
        let refused = is_demanded
            .then(|| floor.refuses_tier(wall.probed().tier))
            .flatten();
        match refused {
            None => Ok(wall),
            Some(why) => Err(Error::usage(why)
                .hint("`loop doctor` says what the sandbox lacks here; only the administrator of this machine can change the policy")),
        }
    }
}

/// How a run is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Show {
    /// Lines of the journal, results only, or everything.
    pub mode: Mode,
    /// How much is told.
    pub detail: Detail,
    /// Whether a person may be asked.
    pub may_ask: bool,
}

impl Show {
    /// As the options of a run say.
    pub(super) fn of(run: &RunOptions) -> Self {
        Self {
            mode: match (run.json, run.quiet) {
                (true, _) => Mode::Json,
                (false, true) => Mode::Quiet,
                (false, false) => Mode::Terminal,
            },
            detail: if run.verbose {
                Detail::Verbose
            } else {
                Detail::Normal
            },
            may_ask: !run.no_input,
        }
    }
}

/// The screen on the standard streams.
pub(super) fn screen(color: Color, bell: Switch, show: Show) -> Screen {
    let environment = Environment::of_process();
    let input = if show.may_ask {
        let bell = if bell == Switch::On {
            Bell::Rings
        } else {
            Bell::Silent
        };
        Input::Person(
            bell,
            environment.editor().map(str::to_owned),
            Box::new(read_back),
        )
    } else {
        Input::Nobody
    };
    let attention = match (bell, environment.text("TERM")) {
        (Switch::Off, _) => Attention::None,
        (Switch::On, None | Some("dumb")) => Attention::Bell,
        (Switch::On, Some(_)) => Attention::BellAndTitle,
    };
    standard(Choices {
        attention,
        mode: show.mode,
        detail: show.detail,
        colour: colour(color),
        glyphs: glyphs(),
        input,
    })
}

/// Which signs the terminal can draw.
pub(super) fn glyphs() -> Glyphs {
    let environment = Environment::of_process();
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| environment.text(name))
        .is_none_or(|value| value.to_lowercase().contains("utf"));
    if utf8 { Glyphs::Unicode } else { Glyphs::Ascii }
}

/// Colour as configured; none if the terminal decides.
pub(super) const fn colour(color: Color) -> Option<Colour> {
    match color {
        Color::Auto => None,
        Color::Always => Some(Colour::On),
        Color::Never => Some(Colour::Off),
    }
}

/// An edited document as the JSON of its artifact, or what cannot be read, by line.
fn read_back(artifact: &str, markdown: &str) -> Result<String, Vec<(usize, String)>> {
    if artifact != ArtifactName::Prd.file() {
        return Err(vec![(1, format!("{artifact} cannot be edited as text"))]);
    }
    let prd = read_prd_markdown(markdown).map_err(|faults| {
        faults
            .into_iter()
            .map(|fault| (fault.line, fault.what))
            .collect::<Vec<_>>()
    })?;
    serde_json::to_string(&prd).map_err(|error| vec![(1, error.to_string())])
}

/// The answers file: question id or text, and the answer.
pub(super) fn answers(path: &Path) -> Result<Answers> {
    let cannot = |why: String| {
        Error::usage(format!(
            "cannot use the answers file {}: {why}",
            path.display()
        ))
        .hint("write one line for each question: its id or its text, a colon, and the answer")
    };
    let text = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
    let text = text.trim_start_matches('\u{feff}');
    if let Some((line, what)) = too_much(text) {
        return Err(cannot(format!("{what} (line {line})")));
    }
    let entries: serde_yaml::Mapping = if text.trim().is_empty() {
        serde_yaml::Mapping::new()
    } else {
        serde_yaml::from_str(text).map_err(|error| cannot(error.to_string()))?
    };
    let mut answers = Vec::new();
    for (key, value) in &entries {
        let (Some(key), Some(value)) = (scalar(key), scalar(value)) else {
            return Err(cannot(format!("an answer is a text, not {value:?}")));
        };
        answers.push((key, value));
    }
    Ok(Answers::new(answers))
}

fn scalar(value: &serde_yaml::Value) -> Option<String> {
    match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        serde_yaml::Value::Bool(true) => Some("yes".to_owned()),
        serde_yaml::Value::Bool(false) => Some("no".to_owned()),
        serde_yaml::Value::Null => Some(String::new()),
        serde_yaml::Value::Sequence(items) => {
            let items: Option<Vec<String>> = items.iter().map(scalar).collect();
            Some(items?.join(", "))
        }
        serde_yaml::Value::Mapping(_) | serde_yaml::Value::Tagged(_) => None,
    }
}

/// A project folder that is there.
pub(super) fn existing_project(path: &Path) -> Result<PathBuf> {
    let found = path.canonicalize().map_err(|error| {
        Error::usage(format!(
            "cannot use the project folder {}: {error}",
            path.display()
        ))
        .hint("name an existing folder with -C DIR")
    })?;
    if found.is_dir() {
        Ok(found)
    } else {
        Err(Error::usage(format!(
            "{} is a file, not a project folder",
            path.display()
        ))
        .hint("name a folder with -C DIR"))
    }
}

/// Where skills, pipeline and agreements are looked for.
pub(super) fn places<'a>(loaded: &'a Loaded, project: &'a Path) -> Places<'a> {
    Places {
        project,
        skills: &loaded.paths.skills,
        pipeline: loaded.paths.pipeline.as_deref(),
        agreements: loaded
            .paths
            .sessions
            .parent()
            .unwrap_or(&loaded.paths.sessions)
            .join("trusted.json"),
    }
}

/// Whether the project's own pipeline and skills are used: after a person has agreed to them.
pub(super) fn trust(places: &Places<'_>, run: &RunOptions) -> Result<Trust> {
    let ProjectFiles::Asks { files, hash } = project_files(places)? else {
        return Ok(match project_files(places)? {
            ProjectFiles::Agreed => Trust::Use,
            ProjectFiles::None | ProjectFiles::Asks { .. } => Trust::LeaveOut,
        });
    };
    let list = files.join(", ");
    let agreed = run.trust_project
        || (can_ask(run)
            && confirm(&format!(
                "This project brings its own instructions for the program: {list}. They decide what the model is told. Use them?"
            ))?);
    if agreed {
        agree(places, &hash)?;
        return Ok(Trust::Use);
    }
    say(&format!(
        "left out, since nobody has agreed to them (--trust-project does): {list}"
    ));
    Ok(Trust::LeaveOut)
}

/// Whether a person can be asked outside a run.
pub(super) fn can_ask(run: &RunOptions) -> bool {
    !run.no_input && !run.json && has_terminal()
}

fn has_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A yes or no before a run, as a whole line; anything but a clear yes is no. The cursor is never
/// hidden here, so that an interrupt at this place has nothing to give back.
pub(super) fn confirm(question: &str) -> Result<bool> {
    let line: String = dialoguer::Input::new()
        .with_prompt(format!("{} [y/N]", neutral(question)))
        .allow_empty(true)
        .interact_text()
        .map_err(|error| {
            crate::ui::restore_terminal();
            Error::new(ErrorKind::Interrupted, format!("no answer: {error}"))
        })?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Text, on standard output: whoever wrote it, it acts on no terminal.
pub(super) fn print(text: &str) -> Result<()> {
    write_out(&neutral(text))
}

/// One line of JSON, on standard output: it says all that it says, and acts on no terminal.
pub(super) fn print_json(json: &str) -> Result<()> {
    write_out(&format!("{}\n", neutral_json(json)))
}

/// Text that the screen has cleaned and coloured, on standard output.
pub(super) fn print_dressed(text: &str) -> Result<()> {
    write_out(text)
}

/// A reader that has gone away is no failure of ours.
fn write_out(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::new(
            ErrorKind::Incomplete,
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Everything else, on standard error.
pub(super) fn say(text: &str) {
    // silent-ok: a reader that has gone away is told nothing.
    let _ = writeln!(std::io::stderr(), "{}", neutral(text));
}

/// The runtime: one thread, since a run does one thing at a time.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot start: {error}")))?;
    let result = runtime.block_on(work);
    // What is still waiting, such as a read of the terminal, must not hold up the end.
    runtime.shutdown_background();
    result
}
