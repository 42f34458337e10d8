//! Are the packages that a plan wants there? Told from the file system, without a network and
//! without starting anything. What comes with a language is never missing.

use std::path::Path;

use super::surroundings::Surroundings;
use super::survey_python::has_distribution;
use super::survey_versions::cached_crates;
use crate::engine::picture::Picture;
use crate::engine::ports::Access;

/// A package that is not there, and how to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The package, without its manager's name in front.
    pub name: String,
    /// Whose package it is.
    pub manager: Manager,
    /// The command that fetches it into the project; it needs the network.
    pub fetch_command: String,
}

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Python's.
    Pip,
    /// Node's.
    Npm,
    /// Rust's.
    Cargo,
}

impl Manager {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
        }
    }
}

/// The packages of the list that are not there. A name may say whose it is (`pip:flask`); else
/// the project's language decides. What can not be told is not called missing.
pub fn missing(
    packages: &[String],
    picture: &Picture,
    project: &Path,
    surroundings: &Surroundings,
) -> Vec<Missing> {
    let mut found: Vec<Missing> = Vec::new();
    for package in packages {
        let Some((manager, name)) = whose(package, picture) else {
            continue;
        };
        // Nothing that is no name gets into a command.
        let odd = name.starts_with(['-', '.', '/']) || name.contains("..");
        if name.is_empty() || odd || picture.has(name) || comes_with_language(manager, name) {
            continue;
        }
        let is_there = match manager {
            Manager::Pip => has_distribution(project, surroundings, name),
            Manager::Npm => project.join("node_modules").join(name).is_dir(),
            Manager::Cargo => is_crate_there(project, surroundings, name),
        };
        let missing = Missing {
            name: name.to_owned(),
            manager,
            fetch_command: fetch_command(manager, name, project),
        };
        if !is_there && !found.contains(&missing) {
            found.push(missing);
        }
    }
    found
}

/// The manager and the bare name of a package: no version, no extras.
fn whose<'a>(package: &'a str, picture: &Picture) -> Option<(Manager, &'a str)> {
    let package = package.trim();
    let (manager, name) = match package.split_once(':') {
        Some(("pip" | "pypi" | "python", name)) => (Manager::Pip, name),
        Some(("npm" | "node", name)) => (Manager::Npm, name),
        Some(("cargo" | "crate" | "crates", name)) => (Manager::Cargo, name),
        // `node:fs` and the like were handled; any other prefix is not known.
        Some(_) => return None,
        None => (guess(picture)?, package),
    };
    let name = name.trim();
    // A scope begins with the sign that otherwise begins a version.
    let body = name.strip_prefix('@').unwrap_or(name);
    let end = body
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')))
        .unwrap_or(body.len());
    Some((manager, &name[..name.len() - body.len() + end]))
}

/// The manager of the language that the project uses most.
fn guess(picture: &Picture) -> Option<Manager> {
    let by_language = |name: &str| match name {
        "Python" => Some(Manager::Pip),
        "JavaScript" | "TypeScript" | "Vue" | "Svelte" => Some(Manager::Npm),
        "Rust" => Some(Manager::Cargo),
        _ => None,
    };
    picture
        .languages
        .iter()
        .find_map(|language| by_language(&language.name))
        .or_else(|| {
            let is = |name: &str| picture.manifests.iter().any(|path| path == name);
            if is("Cargo.toml") {
                Some(Manager::Cargo)
            } else if is("package.json") {
                Some(Manager::Npm)
            } else if is("pyproject.toml") || is("requirements.txt") {
                Some(Manager::Pip)
            } else {
                None
            }
        })
}

fn is_crate_there(project: &Path, surroundings: &Surroundings, name: &str) -> bool {
    let versioned = |entry: &String| {
        entry
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    };
    project.join("vendor").join(name).is_dir() || cached_crates(surroundings).iter().any(versioned)
}

/// System folders are read-only for commands: Python packages go into an environment of the
/// project that sees the system's packages as well.
fn fetch_command(manager: Manager, name: &str, project: &Path) -> String {
    match manager {
        Manager::Pip if project.join(".venv/bin/python").exists() => {
            format!(".venv/bin/python -m pip install {name}")
        }
        Manager::Pip => format!(
            "python3 -m venv --system-site-packages .venv && .venv/bin/python -m pip install {name}"
        ),
        Manager::Npm => format!("npm install {name}"),
        Manager::Cargo if is_in(project, "Cargo.lock", &format!("name = \"{name}\"")) => {
            LOCKED.to_owned()
        }
        Manager::Cargo => format!("cargo add {name} && cargo fetch"),
    }
}

/// Fetches what the lock file names, and changes nothing of the project.
const LOCKED: &str = "cargo fetch --locked";

/// What a fetching command needs of the project. Most managers put into it what they fetch, or
/// write down that they did.
pub fn access_of(fetch_command: &str) -> Access {
    if fetch_command.split(" && ").all(|part| part == LOCKED) {
        Access::Read
    } else {
        Access::Write
    }
}

fn is_in(project: &Path, file: &str, line: &str) -> bool {
    let text = std::fs::read_to_string(project.join(file)).unwrap_or_default(); // silent-ok: no such file.
    text.lines().any(|found| found.trim() == line)
}

fn comes_with_language(manager: Manager, name: &str) -> bool {
    match manager {
        Manager::Pip => {
            let module = name.split('.').next().unwrap_or(name);
            is_one_of(PYTHON, module) || matches!(name, "python" | "python3" | "pip" | "stdlib")
        }
        Manager::Npm => is_one_of(NODE, name) || matches!(name, "node" | "npm" | "nodejs"),
        Manager::Cargo => matches!(
            name,
            "std" | "core" | "alloc" | "proc_macro" | "test" | "rust" | "cargo"
        ),
    }
}

fn is_one_of(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|one| one == name)
}

/// Modules of Python's standard library.
const PYTHON: &str = "\
    abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb \
    binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop \
    collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg \
    crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email \
    encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib \
    functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac \
    html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword \
    lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap \
    modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers \
    opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil \
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr \
    pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy \
    sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket \
    socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string \
    stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib \
    tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace \
    traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid \
    venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp \
    zipfile zipimport zlib zoneinfo";

/// Modules that are part of Node.
const NODE: &str = "\
    assert async_hooks buffer child_process cluster console crypto dgram dns domain events fs \
    fs/promises http http2 https inspector module net os path perf_hooks process punycode \
    querystring readline repl sqlite stream string_decoder test timers tls tty url util v8 vm \
    wasi worker_threads zlib";
