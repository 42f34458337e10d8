//! Skills and pipeline: built in, a person's own, or a project's. A project's count only after a
//! person has agreed to exactly this content once; a change asks again. Everything is read and
//! checked before the first model call.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::perform::sha256;
use crate::engine::phase::{DEFAULT_PIPELINE, Pipeline};
use crate::engine::skill::Skill;
use crate::error::{Error, Result};

/// The built-in skills.
const BUILT_IN: [(&str, &str); 8] = [
    (
        "prd-interviewer",
        include_str!("../../skills/prd-interviewer/SKILL.md"),
    ),
    (
        "ticket-writer",
        include_str!("../../skills/ticket-writer/SKILL.md"),
    ),
    (
        "researcher",
        include_str!("../../skills/researcher/SKILL.md"),
    ),
    ("planner", include_str!("../../skills/planner/SKILL.md")),
    (
        "implementer",
        include_str!("../../skills/implementer/SKILL.md"),
    ),
    ("reviewer", include_str!("../../skills/reviewer/SKILL.md")),
    (
        "refactorer",
        include_str!("../../skills/refactorer/SKILL.md"),
    ),
    ("critic", include_str!("../../skills/critic/SKILL.md")),
];

/// Where a skill or pipeline comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The binary.
    BuiltIn,
    /// The person's own file.
    User(PathBuf),
    /// The project's file, agreed to.
    Project(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::User(path) => write!(f, "yours: {}", path.display()),
            Self::Project(path) => write!(f, "the project's: {}", path.display()),
        }
    }
}

/// A skill in force.
#[derive(Clone, Debug)]
pub struct CatalogSkill {
    /// As parsed.
    pub skill: Skill,
    /// As written.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// What is in force.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Skills by name.
    pub skills: BTreeMap<String, CatalogSkill>,
    /// The pipeline's text.
    pub pipeline: String,
    /// Where it comes from.
    pub pipeline_origin: Origin,
}

/// Where to look.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    /// The project.
    pub project: &'a Path,
    /// The person's folder of skills, whether it is there or not.
    pub skills: &'a Path,
    /// The person's pipeline, if they named one.
    pub pipeline: Option<&'a Path>,
    /// Where agreements are kept.
    pub agreements: PathBuf,
}

/// What a project brings along, and whether a person has agreed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectFiles {
    /// Nothing.
    None,
    /// Agreed to.
    Agreed,
    /// Not agreed to, or changed since: the files, and the hash to agree to.
    Asks {
        /// Paths below the project.
        files: Vec<String>,
        /// SHA-256 over all of them.
        hash: String,
    },
}

/// Whether the project's own files are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// They are left out.
    LeaveOut,
    /// They win over everything else.
    Use,
}

/// What the project brings along.
pub fn project_files(places: &Places<'_>) -> Result<ProjectFiles> {
    let files = own_files(places.project);
    if files.is_empty() {
        return Ok(ProjectFiles::None);
    }
    let mut all = String::new();
    for file in &files {
        let text = read(&places.project.join(file))?;
        let _ = write!(all, "{file}\n{}\n{text}\n", text.len()); // silent-ok: writing to a String
    }
    let hash = sha256(all.as_bytes());
    let agreed = agreements(&places.agreements)
        .projects
        .get(&key(places.project))
        == Some(&hash);
    Ok(if agreed {
        ProjectFiles::Agreed
    } else {
        ProjectFiles::Asks { files, hash }
    })
}

/// Remembers that a person agreed to this content.
pub fn agree(places: &Places<'_>, hash: &str) -> Result<()> {
    let mut known = agreements(&places.agreements);
    known.projects.insert(key(places.project), hash.to_owned());
    let cannot = |error: std::io::Error| {
        Error::usage(format!(
            "cannot write {}: {error}",
            places.agreements.display()
        ))
        .hint("make the folder writable, or set LOOP_HOME to one that is")
    };
    let text = serde_json::to_string_pretty(&known).unwrap_or_default();
    if let Some(folder) = places.agreements.parent() {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    std::fs::write(&places.agreements, text).map_err(cannot)
}

#[derive(Default, Serialize, Deserialize)]
struct Agreements {
    projects: BTreeMap<String, String>,
}

fn agreements(path: &Path) -> Agreements {
    // What cannot be read has not been agreed to.
    std::fs::read_to_string(path)
        .ok() // silent-ok: asks again
        .and_then(|text| serde_json::from_str(&text).ok()) // silent-ok: asks again
        .unwrap_or_default()
}

fn key(project: &Path) -> String {
    project.display().to_string()
}

/// `.loop/pipeline.yaml` and `.loop/skills/NAME/SKILL.md`, sorted.
fn own_files(project: &Path) -> Vec<String> {
    let mut files = Vec::new();
    if project.join(".loop/pipeline.yaml").is_file() {
        files.push(".loop/pipeline.yaml".to_owned());
    }
    files.extend(
        skill_names(&project.join(".loop/skills"))
            .into_iter()
            .map(|name| format!(".loop/skills/{name}/SKILL.md")),
    );
    files
}

fn skill_names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()) // silent-ok: not a skill
        .filter(|name| folder.join(name).join("SKILL.md").is_file())
        .collect();
    names.sort();
    names
}

/// Everything that is in force, checked as a whole.
pub fn catalog(places: &Places<'_>, trust: Trust) -> Result<Catalog> {
    let mut skills = BTreeMap::new();
    for (name, text) in BUILT_IN {
        add(&mut skills, name, text.to_owned(), Origin::BuiltIn)?;
    }
    for name in skill_names(places.skills) {
        let path = places.skills.join(&name).join("SKILL.md");
        add(&mut skills, &name, read(&path)?, Origin::User(path))?;
    }
    let own = places.project.join(".loop");
    if trust == Trust::Use {
        for name in skill_names(&own.join("skills")) {
            let path = own.join("skills").join(&name).join("SKILL.md");
            add(&mut skills, &name, read(&path)?, Origin::Project(path))?;
        }
    }
    let own_pipeline = own.join("pipeline.yaml");
    let (pipeline, pipeline_origin) = match (trust, places.pipeline) {
        (Trust::Use, _) if own_pipeline.is_file() => {
            (read(&own_pipeline)?, Origin::Project(own_pipeline))
        }
        (_, Some(path)) => (read(path)?, Origin::User(path.to_owned())),
        _ => (DEFAULT_PIPELINE.to_owned(), Origin::BuiltIn),
    };
    let known: BTreeSet<String> = skills.keys().cloned().collect();
    Pipeline::parse(&pipeline, &known).map_err(|faults| {
        Error::usage(format!(
            "the pipeline ({pipeline_origin}) cannot be used:\n- {}",
            faults.join("\n- ")
        ))
        .hint("correct these places, or leave the file out to use the built-in pipeline")
    })?;
    Ok(Catalog {
        skills,
        pipeline,
        pipeline_origin,
    })
}

fn add(
    skills: &mut BTreeMap<String, CatalogSkill>,
    name: &str,
    text: String,
    origin: Origin,
) -> Result<()> {
    let skill = Skill::parse(&text).map_err(|error| {
        Error::usage(format!(
            "the skill '{name}' ({origin}) cannot be used: {error}"
        ))
    })?;
    skills.insert(
        name.to_owned(),
        CatalogSkill {
            skill,
            text,
            origin,
        },
    );
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::usage(format!("cannot read {}: {error}", path.display())))
}
