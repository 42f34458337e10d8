//! Where a path leads: into the project, above it, home, into the system. Paths are texts here;
//! nothing is looked up, so links inside the project are for the wall to stop.

use super::argument::{HOME, UNKNOWN};
use super::scene::Scene;

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Below the project folder.
    Inside,
    /// The project folder itself, or everything directly in it.
    Project,
    /// What decides which programs git runs.
    GitControl,
    /// The folders above the project.
    Above,
    /// Below the folder for passing files.
    Temporary,
    /// Somewhere it does no harm to write: the null device, a standard stream.
    Nowhere,
    /// A disk or another device.
    Device,
    /// Settings of the kernel.
    Kernel,
    /// What another process holds: memory, environment, open files.
    OtherProcess,
    /// Keys and passwords.
    Secret,
    /// A person's own files.
    Home,
    /// Toolchains below home, which are no secret.
    Toolchain,
    /// The rest of the machine.
    System,
    /// Known only at run time.
    Unknown,
}

/// Below home: what opens other doors. The sandbox hides the same places.
pub const SECRETS: &[&str] = &[
    ".ssh",
    ".aws",
    ".azure",
    ".gnupg",
    ".kube",
    ".docker",
    ".netrc",
    ".pgpass",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".password-store",
    ".config/gh",
    ".config/gcloud",
    ".config/git/credentials",
    ".config/google-chrome",
    ".config/chromium",
    ".mozilla",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".local/share/keyrings",
    ".ollama",
];

const TOOLCHAINS: &[&str] = &[
    ".cargo",
    ".rustup",
    ".npm",
    ".nvm",
    ".pyenv",
    ".rbenv",
    ".asdf",
    ".sdkman",
    ".m2",
    ".gradle",
    "go",
    ".local/lib",
    ".local/bin",
    ".cache",
];

/// Finds out where a path leads, from the folder in which the scene stands.
pub(super) fn place(path: &str, scene: &Scene) -> Place {
    let joined = if path.starts_with(['/', HOME]) {
        path.to_owned()
    } else {
        format!("{}/{path}", scene.folder)
    };
    if joined.starts_with(UNKNOWN) || path.starts_with(UNKNOWN) {
        return Place::Unknown;
    }
    if let Some(below) = joined.strip_prefix(HOME) {
        return match normal(below) {
            Some(parts) => home(&parts),
            None => Place::System,
        };
    }
    let Some(absolute) = joined.strip_prefix('/') else {
        return inside(normal(&joined));
    };
    let parts = normal(absolute).unwrap_or_default();
    let project = normal(&scene.project).unwrap_or_default();
    if !project.is_empty() && parts.starts_with(&project) {
        return inside(Some(parts[project.len()..].to_vec()));
    }
    absolute_place(&parts)
}

/// The components after `.` and `..`; none if they climb out of the beginning.
fn normal(path: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts)
}

fn inside(parts: Option<Vec<&str>>) -> Place {
    let Some(parts) = parts else {
        return Place::Above;
    };
    match parts.as_slice() {
        [] | ["*" | ".*" | "**"] => Place::Project,
        parts => match parts.iter().position(|part| *part == ".git") {
            Some(at) => match parts.get(at + 1) {
                None
                | Some(
                    &("hooks" | "config" | "config.worktree" | "commondir" | "info" | "modules"
                    | "worktrees"),
                ) => Place::GitControl,
                Some(_) => Place::Inside,
            },
            None => Place::Inside,
        },
    }
}

fn home(parts: &[&str]) -> Place {
    let path = parts.join("/");
    let below = |folder: &&str| {
        path.strip_prefix(*folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if SECRETS.iter().any(below) {
        Place::Secret
    } else if TOOLCHAINS.iter().any(below) {
        Place::Toolchain
    } else {
        Place::Home
    }
}

fn absolute_place(parts: &[&str]) -> Place {
    match parts {
        [
            "dev",
            "null" | "zero" | "full" | "random" | "urandom" | "tty" | "stdin" | "stdout" | "stderr",
        ]
        | ["dev", "fd", ..] => Place::Nowhere,
        ["dev", "shm", _, ..] | ["tmp", _, ..] | ["var", "tmp", _, ..] => Place::Temporary,
        ["dev", ..] => Place::Device,
        ["proc", "sys" | "sysrq-trigger", ..] | ["sys", ..] => Place::Kernel,
        [
            "proc",
            process,
            "environ" | "mem" | "maps" | "fd" | "root" | "cwd" | "map_files",
            ..,
        ] if *process != "self" && *process != "thread-self" => Place::OtherProcess,
        ["proc", "self", "root", rest @ ..] if !rest.is_empty() => absolute_place(rest),
        ["proc", "kcore" | "kmem"] => Place::OtherProcess,
        ["root", rest @ ..] | ["home" | "Users", _, rest @ ..] => home(rest),
        ["etc", "shadow" | "gshadow" | "sudoers" | "sudoers.d", ..] => Place::Secret,
        _ => Place::System,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Place) {
        let scene = Scene::new("/home/u/p", |_, _, _| None);
        assert_eq!(place(path, &scene), expected, "{path}");
    }

    #[test]
    fn paths_lead_where_they_lead() {
        check("a/b", Place::Inside);
        check("a/../b", Place::Inside);
        check(".", Place::Project);
        check("a/..", Place::Project);
        check("./*", Place::Project);
        check("..", Place::Above);
        check("a/../../b", Place::Above);
        check("/home/u/p/src", Place::Inside);
        check("/home/u/p", Place::Project);
        check("/home/u/p/../q", Place::Home);
        check("/home/u/.ssh/id", Place::Secret);
        check("\u{e000}/.cargo/registry", Place::Toolchain);
        check("\u{e000}/..", Place::System);
        check("/", Place::System);
        check("/tmp/x", Place::Temporary);
        check("/tmp/../etc", Place::System);
        check("/dev/null", Place::Nowhere);
        check("/dev/sda", Place::Device);
        check("/proc/self/root/etc/shadow", Place::Secret);
        check("\u{e001}/x", Place::Unknown);
        check(".git/hooks/pre-commit", Place::GitControl);
        check("vendor/x/.git/config", Place::GitControl);
        check(".gitignore", Place::Inside);
    }
}
