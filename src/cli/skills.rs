//! `loop skills`: which are in force, where each comes from, and the text of one.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use super::args::SkillsAction;
use super::compose::{self, print, say};
use crate::config::{Environment, Inputs, load, nearest};
use crate::error::{Error, Result};
use crate::run::catalog::{Catalog, ProjectFiles, Trust, catalog, project_files};

/// Does what was asked.
pub(super) fn skills(action: SkillsAction) -> Result<ExitCode> {
    match action {
        SkillsAction::List { project } => {
            let catalog = in_force(project.as_deref())?;
            let mut text = String::new();
            for (name, skill) in &catalog.skills {
                let _ = writeln!(
                    text,
                    "{name}\t{}\t{}",
                    skill.origin, skill.skill.description
                ); // silent-ok: a String
            }
            print(&text)?;
        }
        SkillsAction::Show { name, project } => {
            let catalog = in_force(project.as_deref())?;
            let Some(skill) = catalog.skills.get(&name) else {
                let names: Vec<&str> = catalog.skills.keys().map(String::as_str).collect();
                let hint = match nearest(&name, names.iter().copied()) {
                    Some(other) => format!("did you mean {other}?"),
                    None => format!("there are {}", names.join(", ")),
                };
                return Err(Error::usage(format!("there is no skill '{name}'")).hint(hint));
            };
            say(&format!("{name} ({})", skill.origin));
            print(&skill.text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn in_force(project: Option<&Path>) -> Result<Catalog> {
    let inputs = Inputs {
        environment: Environment::of_process(),
        ..Inputs::default()
    };
    let loaded = load(&inputs)?;
    let project = compose::existing_project(project.unwrap_or(Path::new(".")))?;
    let places = compose::places(&loaded, &project);
    let trust = match project_files(&places)? {
        ProjectFiles::Agreed => Trust::Use,
        ProjectFiles::None => Trust::LeaveOut,
        ProjectFiles::Asks { files, .. } => {
            say(&format!(
                "not in force, since nobody has agreed to them (--trust-project does): {}",
                files.join(", ")
            ));
            Trust::LeaveOut
        }
    };
    catalog(&places, trust)
}
