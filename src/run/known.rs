//! What is known here of the machine, of whoever uses it, and of where things are: what a recording
//! that goes to somebody else must not tell. Finds it out; `engine/recording/` takes it out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::caution::identity;
use super::landing::workplace;
use crate::engine::recording::Known;
use crate::engine::session::Session;
use crate::store::SessionFolder;
use crate::tools::Surroundings;

/// Folders that every machine has, and what is in them.
const EVERYBODYS: [&str; 12] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/nix", "/proc", "/sbin", "/snap", "/sys",
    "/usr",
];

/// What is known.
pub(super) async fn known(
    session: &Session,
    folder: &SessionFolder,
    surroundings: &Surroundings,
    variables: &BTreeMap<String, String>,
) -> Known {
    let login = Login::of_this_process();
    let home = surroundings.home.as_deref();
    Known {
        machines: machines(variables),
        people: people(session, folder, surroundings, variables, &login).await,
        folders: folders(session, folder, home, variables, &login),
        variables: variables.clone(),
    }
}

fn machines(variables: &BTreeMap<String, String>) -> Vec<String> {
    let system = rustix::system::uname();
    let mut machines = vec![system.nodename().to_string_lossy().into_owned()];
    let variable = |name: &&str| variables.get(*name).cloned();
    machines.extend(["HOSTNAME", "HOST"].iter().filter_map(variable));
    // silent-ok: a system without these files tells nothing in them, to commands neither.
    let said = |file: &&str| std::fs::read_to_string(file).ok();
    let files = ["/etc/hostname", "/etc/machine-id"].iter().filter_map(said);
    machines.extend(files.map(|text| text.trim().to_owned()));
    let first = |name: &String| name.split_once('.').map(|(first, _)| first.to_owned());
    machines.extend(machines.iter().filter_map(first).collect::<Vec<_>>());
    machines
}

async fn people(
    session: &Session,
    folder: &SessionFolder,
    surroundings: &Surroundings,
    variables: &BTreeMap<String, String>,
    login: &Login,
) -> Vec<String> {
    let mut people: Vec<String> = [
        "USER",
        "LOGNAME",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "EMAIL",
    ]
    .iter()
    .filter_map(|name| variables.get(*name).cloned())
    .collect();
    people.extend(
        [&login.name, &login.full_name]
            .into_iter()
            .flatten()
            .cloned(),
    );
    let home = surroundings.home.as_deref();
    let last = home.and_then(Path::file_name);
    people.extend(last.map(|name| name.to_string_lossy().into_owned()));
    // Of the project, and of the worktree that the session may work in.
    for place in [
        workplace(session, folder),
        PathBuf::from(&session.started.project),
    ] {
        let git = identity(surroundings, &place).await.into_iter();
        people.extend(git.map(|(_, value)| value));
    }
    people
}

/// The folders that are somebody's, and what they are in, as they are named and as they are really.
/// What is below one is left to it: its name is masked in the same way wherever it stands.
fn folders(
    session: &Session,
    folder: &SessionFolder,
    home: Option<&Path>,
    variables: &BTreeMap<String, String>,
    login: &Login,
) -> Vec<String> {
    let project = Path::new(&session.started.project);
    let forked = session.started.forked_from.iter();
    let mut named: BTreeSet<PathBuf> = forked
        .flat_map(|from| from.places.iter().map(PathBuf::from))
        .collect();
    named.extend(home.map(Path::to_owned));
    named.extend(login.home.as_ref().map(PathBuf::from));
    named.extend([project.to_owned(), folder.path.clone()]);
    // Where tools and their files are: commands are told these variables.
    let values = variables.values().flat_map(|value| value.split(':'));
    named.extend(
        values
            .filter(|value| value.starts_with('/'))
            .map(PathBuf::from),
    );
    let really = |path: &PathBuf| path.canonicalize().ok(); // silent-ok: it is not there
    let really: Vec<PathBuf> = named.iter().filter_map(really).collect();
    named.extend(really);
    let own = [home, Some(project), Some(&folder.path)];
    let is_below = |path: &Path| {
        let within = [project, &folder.path];
        within
            .iter()
            .any(|own| path.starts_with(own) && path != *own)
    };
    let mut somebodys = BTreeSet::new();
    for path in named.iter().filter(|path| !is_below(path)) {
        let is_own = own.contains(&Some(path));
        for (above, path) in path.ancestors().enumerate() {
            // A folder at the top, such as `/tmp`, is everybody's; a home or a project there is not.
            let depth = path.components().count() - 1;
            let is_everybodys = EVERYBODYS.iter().any(|top| path.starts_with(top));
            if depth >= 2 && !is_everybodys || is_own && above == 0 && depth > 0 {
                somebodys.insert(path.display().to_string());
            }
        }
    }
    somebodys.into_iter().collect()
}

/// Whoever runs this, as the system knows them.
#[derive(Debug, Default)]
struct Login {
    name: Option<String>,
    full_name: Option<String>,
    home: Option<String>,
}

impl Login {
    fn of_this_process() -> Self {
        let user = rustix::process::getuid().as_raw().to_string();
        // silent-ok: a system without that file tells no name, to commands neither.
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let mut users = users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>());
        let Some(fields) = users.find(|fields| fields.get(2) == Some(&user.as_str())) else {
            return Self::default();
        };
        let field = |place: usize| {
            let text = fields.get(place)?.split(',').next()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        Self {
            name: field(0),
            full_name: field(4),
            home: field(5).filter(|home| home.starts_with('/')),
        }
    }
}
