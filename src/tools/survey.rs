//! The program's own look at a project, without a model: a bounded walk and some looks at names,
//! fast enough to come before the first request. Starts no process and follows no link.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use super::clean::{clean, escape_name};
use super::surroundings::Surroundings;
use super::survey_commands::{build_commands, test_commands};
use super::survey_python::{Pytest, pytest};
use super::text::{head, without_mark};
use super::workspace::Workspace;
use crate::engine::picture::{Extent, Language, Picture};

/// Entries that a quick look takes in.
pub const QUICK_ENTRIES: usize = 2_000;
/// Up to so many files are all named.
const SMALL_PROJECT: usize = 40;
/// The most characters of a project's guidance.
const MAX_GUIDANCE: usize = 4_000;

/// Takes the picture of a project, looking at no more than `max_entries` files and folders.
pub fn quick(project: &Path, surroundings: &Surroundings, max_entries: usize) -> Picture {
    let seen = walk(project, max_entries);
    let mut toolchains: Vec<String> = TOOLCHAINS
        .iter()
        .filter(|name| surroundings.program(project, name).is_some())
        .map(|name| (*name).to_owned())
        .collect();
    let pytest = pytest(project, surroundings);
    if pytest == Pytest::Module && !toolchains.iter().any(|name| name == "pytest") {
        toolchains.push("pytest".to_owned());
    }
    if project.join(".venv/bin/python").exists() {
        toolchains.push(".venv/bin/python".to_owned());
    }
    let mut picture = Picture {
        files: seen.files.len() as u64,
        bytes: seen.bytes,
        extent: seen.extent,
        repository: project.join(".git").exists().then(|| "git".to_owned()),
        languages: languages(&seen.files),
        manifests: seen
            .files
            .iter()
            .filter(|path| is_manifest(path))
            .map(|path| shown(path))
            .collect(),
        toolchains,
        layout: layout(&seen),
        ..Picture::default()
    };
    picture.test_commands = test_commands(project, &seen.files, &picture, pytest);
    picture.build_commands = build_commands(project, &seen.files);
    picture
}

/// The commands that show whether the project's own tests pass.
pub fn detected_verify(picture: &Picture) -> Vec<String> {
    picture.test_commands.clone()
}

/// What the project itself says to whoever works on it (`AGENTS.md`), as data and cut to size.
pub fn guidance(workspace: &Workspace) -> Option<String> {
    let opened = workspace.open_file_at(Path::new("AGENTS.md")).ok()??;
    let text = super::read::whole_text(&opened).ok()?;
    let text = clean(without_mark(&text));
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let kept = head(text, MAX_GUIDANCE);
    Some(if kept.len() < text.len() {
        format!("{kept}\n[cut: AGENTS.md is longer; read_file shows the rest]")
    } else {
        kept.to_owned()
    })
}

/// What a walk has seen: files relative to the project, in order.
struct Seen {
    files: Vec<PathBuf>,
    bytes: u64,
    extent: Extent,
}

/// Level by level and sorted, so that a walk that ends early sees the same each time.
fn walk(project: &Path, max_entries: usize) -> Seen {
    let mut seen = Seen {
        files: Vec::new(),
        bytes: 0,
        extent: Extent::Whole,
    };
    let mut left = max_entries;
    let mut folders = VecDeque::from([PathBuf::new()]);
    while let Some(folder) = folders.pop_front() {
        let Ok(entries) = std::fs::read_dir(project.join(&folder)) else {
            continue;
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).take(left + 1).collect();
        if entries.len() > left {
            seen.extent = Extent::Part;
        }
        entries.sort_by_key(std::fs::DirEntry::file_name);
        entries.truncate(left);
        left -= entries.len();
        for entry in entries {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let path = folder.join(entry.file_name());
            if kind.is_dir() {
                if !is_foreign(&path) {
                    folders.push_back(path);
                }
            // A worktree has a file of that name.
            } else if kind.is_file() && path != Path::new(".git") {
                seen.bytes += entry.metadata().map_or(0, |metadata| metadata.len());
                seen.files.push(path);
            }
        }
        if left == 0 && !folders.is_empty() {
            seen.extent = Extent::Part;
            break;
        }
    }
    seen.files.sort();
    seen
}

/// Folders of tools and dependencies: not what the project is made of.
fn is_foreign(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (name.starts_with('.') && name != ".github")
        || matches!(
            &*name,
            "node_modules"
                | "target"
                | "__pycache__"
                | "venv"
                | "env"
                | "vendor"
                | "dist"
                | "build"
                | "site-packages"
                | "bower_components"
                | "Pods"
                | "DerivedData"
                | "coverage"
                | "_build"
                | "deps"
        )
        || name.ends_with(".egg-info")
}

/// The programming languages of these files, the most used first.
pub fn languages(files: &[PathBuf]) -> Vec<Language> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for path in files {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if let Some(name) = extension.and_then(language) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let mut languages: Vec<Language> = counts
        .into_iter()
        .map(|(name, files)| Language {
            name: name.to_owned(),
            files,
        })
        .collect();
    languages.sort_by(|one, other| other.files.cmp(&one.files).then(one.name.cmp(&other.name)));
    languages
}

fn language(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "py" | "pyi" => "Python",
        "rs" => "Rust",
        "js" | "mjs" | "cjs" | "jsx" => "JavaScript",
        "ts" | "tsx" | "mts" | "cts" => "TypeScript",
        "go" => "Go",
        "java" => "Java",
        "kt" | "kts" => "Kotlin",
        "c" | "h" => "C",
        "cc" | "cpp" | "cxx" | "hpp" | "hh" => "C++",
        "cs" => "C#",
        "swift" => "Swift",
        "rb" => "Ruby",
        "php" => "PHP",
        "ex" | "exs" => "Elixir",
        "scala" => "Scala",
        "lua" => "Lua",
        "pl" | "pm" | "t" => "Perl",
        "sh" | "bash" => "Shell",
        "html" | "htm" => "HTML",
        "css" | "scss" => "CSS",
        "sql" => "SQL",
        "dart" => "Dart",
        "zig" => "Zig",
        "hs" => "Haskell",
        "vue" => "Vue",
        "svelte" => "Svelte",
        _ => return None,
    })
}

fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    MANIFESTS.contains(&&*name)
        || path
            .extension()
            .is_some_and(|end| end == "csproj" || end == "sln" || end == "gemspec")
}

/// Files that describe a package or a build.
const MANIFESTS: [&str; 25] = [
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "Makefile",
    "makefile",
    "justfile",
    "Justfile",
    "CMakeLists.txt",
    "Gemfile",
    "composer.json",
    "Package.swift",
    "mix.exs",
    "deno.json",
    "Dockerfile",
    "tsconfig.json",
    "build.zig",
];

/// Programs that are looked for.
const TOOLCHAINS: [&str; 36] = [
    "bash", "git", "python3", "pytest", "uv", "node", "npm", "pnpm", "yarn", "bun", "deno", "tsc",
    "cargo", "rustc", "go", "java", "javac", "mvn", "gradle", "gcc", "clang", "make", "cmake",
    "just", "ruby", "bundle", "php", "composer", "perl", "dotnet", "swift", "mix", "lua", "zig",
    "sqlite3", "jq",
];

/// All files of a small project; of a larger one the top level, folders with what they hold.
fn layout(seen: &Seen) -> Vec<String> {
    if seen.files.len() <= SMALL_PROJECT {
        return seen.files.iter().map(|path| shown(path)).collect();
    }
    let mut top: BTreeMap<String, u64> = BTreeMap::new();
    for path in &seen.files {
        let mut parts = path.iter();
        let first = parts.next().map(escape_name).unwrap_or_default();
        let is_folder = parts.next().is_some();
        let name = if is_folder {
            format!("{first}/")
        } else {
            first
        };
        *top.entry(name).or_default() += u64::from(is_folder);
    }
    top.into_iter()
        .map(|(name, files)| match files {
            0 => name,
            files => format!("{name} ({files})"),
        })
        .collect()
}

fn shown(path: &Path) -> String {
    escape_name(path.as_os_str())
}
