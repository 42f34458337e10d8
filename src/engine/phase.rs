//! The pipeline as data: phases, their steps, and what each step needs. The default one is
//! `pipeline.yaml` beside this file, embedded in the binary. Everything a step can be is an enum
//! here; no phase has a name that the engine knows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::artifact::ArtifactName;
use super::ports::Access;
use super::yaml::too_much;

/// The pipeline that is used unless a person brings their own.
pub const DEFAULT_PIPELINE: &str = include_str!("pipeline.yaml");

/// Phases in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// The form of the file; 1 is the only one.
    pub version: u32,
    /// The phases, in the order in which they run.
    pub phases: Vec<Phase>,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name, as used by `--from`, `--until` and in the journal.
    pub name: String,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Whether it also runs for a task that was judged simple.
    #[serde(default)]
    pub simple: SimpleTask,
    /// Whether failing here fails the session.
    #[serde(default)]
    pub duty: Duty,
}

/// What happens to a phase when the task is simple.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SimpleTask {
    /// It runs.
    #[default]
    Run,
    /// It is left out.
    Skip,
}

/// Whether a phase must succeed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// The session cannot complete without it.
    #[default]
    Required,
    /// Limited in time, and only worth doing when something was completed; what it cannot do is
    /// told and left.
    Polish,
}

/// One step of a phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Judge the task, ask questions, see whether the answers suffice.
    Interview {
        /// The skill whose text is the system prompt.
        skill: String,
        /// Most questions of the first round.
        questions: usize,
        /// Most follow-up rounds.
        rounds: u32,
        /// What the model is shown.
        inputs: Vec<Input>,
    },
    /// Fill in an artifact through a schema.
    Document {
        /// The skill whose text is the system prompt.
        skill: String,
        /// Which artifact.
        artifact: ArtifactName,
        /// Whose approval it needs.
        #[serde(default)]
        approval: DocumentApproval,
        /// What the model is shown.
        inputs: Vec<Input>,
    },
    /// Look around with tools; the final text is the artifact.
    Explore {
        /// The skill whose text is the system prompt.
        skill: String,
        /// Which artifact.
        artifact: ArtifactName,
        /// What commands may do to the project.
        access: Access,
        /// What the model is shown.
        inputs: Vec<Input>,
    },
    /// Work through the tickets, each in a fresh conversation, each behind its gate.
    Tickets {
        /// The skill whose text is the system prompt.
        skill: String,
        /// What commands may do to the project.
        access: Access,
        /// What the model is shown.
        inputs: Vec<Input>,
        /// Who judges a ticket once its gate has passed it; none, if this is left out.
        #[serde(default)]
        critic: Option<CriticStep>,
    },
    /// Start the result once, as the plan says.
    Smoke {},
    /// Repair what the review found, finding by finding; each is taken back if it breaks anything.
    Repair {
        /// The skill whose text is the system prompt.
        skill: String,
        /// What commands may do to the project.
        access: Access,
        /// What the model is shown.
        inputs: Vec<Input>,
    },
}

/// The critic of a step that works through tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriticStep {
    /// The skill whose text is the system prompt.
    pub skill: String,
    /// What the model is shown.
    pub inputs: Vec<Input>,
}

/// Which of the two stops a document is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentApproval {
    /// None.
    #[default]
    None,
    /// The document alone.
    Document,
    /// The plan: tickets, commands, packages, estimate on one screen.
    Plan,
}

/// A section of the first user message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// What the person asked for.
    Task,
    /// What the project looks like.
    Picture,
    /// `AGENTS.md`.
    Guidance,
    /// What is installed.
    Inventory,
    /// Questions and answers.
    Interview,
    /// The PRD.
    Prd,
    /// All tickets.
    Tickets,
    /// The findings of research.
    Research,
    /// The plan's summary.
    Plan,
    /// The ticket at hand, with its plan.
    Ticket,
    /// The project's files as they are now.
    Layout,
    /// What earlier attempts and tickets left to know.
    Notes,
    /// What the session changed, as a diff; for a critic, what the ticket changed.
    Changes,
    /// The ticket at hand with its criteria numbered, and the checks that passed.
    Criteria,
    /// Tests that were there before and that the ticket changed.
    ChangedTests,
    /// The finding to be repaired.
    Findings,
}

impl Step {
    /// The skill it needs, if a model takes part.
    pub fn skill(&self) -> Option<&str> {
        match self {
            Self::Interview { skill, .. }
            | Self::Document { skill, .. }
            | Self::Explore { skill, .. }
            | Self::Tickets { skill, .. }
            | Self::Repair { skill, .. } => Some(skill),
            Self::Smoke {} => None,
        }
    }

    /// The sections its first user message has.
    pub fn inputs(&self) -> &[Input] {
        match self {
            Self::Interview { inputs, .. }
            | Self::Document { inputs, .. }
            | Self::Explore { inputs, .. }
            | Self::Tickets { inputs, .. }
            | Self::Repair { inputs, .. } => inputs,
            Self::Smoke {} => &[],
        }
    }

    /// What commands of its tool loop may do to the project.
    pub fn access(&self) -> Access {
        match self {
            Self::Explore { access, .. }
            | Self::Tickets { access, .. }
            | Self::Repair { access, .. } => *access,
            Self::Interview { .. } | Self::Document { .. } | Self::Smoke {} => Access::Read,
        }
    }

    /// Who judges its tickets.
    pub fn critic(&self) -> Option<&CriticStep> {
        match self {
            Self::Tickets { critic, .. } => critic.as_ref(),
            Self::Interview { .. }
            | Self::Document { .. }
            | Self::Explore { .. }
            | Self::Smoke {}
            | Self::Repair { .. } => None,
        }
    }

    /// The artifact that stands when the step is done.
    pub fn artifact(&self) -> Option<ArtifactName> {
        match self {
            Self::Interview { .. } => Some(ArtifactName::Interview),
            Self::Document { artifact, .. } | Self::Explore { artifact, .. } => Some(*artifact),
            Self::Tickets { .. } | Self::Smoke {} | Self::Repair { .. } => None,
        }
    }
}

impl Pipeline {
    /// Reads and checks a pipeline as a whole. Every fault is named; none is left for later.
    pub fn parse(text: &str, known_skills: &BTreeSet<String>) -> Result<Self, Vec<String>> {
        if let Some((line, what)) = too_much(text) {
            return Err(vec![format!("{what} (line {line})")]);
        }
        let pipeline: Self = serde_yaml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let faults = pipeline.faults(known_skills);
        if faults.is_empty() {
            Ok(pipeline)
        } else {
            Err(faults)
        }
    }

    fn faults(&self, known_skills: &BTreeSet<String>) -> Vec<String> {
        let mut faults = Vec::new();
        if self.version != 1 {
            faults.push(format!(
                "version {} is unknown; this program reads version 1",
                self.version
            ));
        }
        if self.phases.is_empty() {
            faults.push("there are no phases".to_owned());
        }
        let mut names = BTreeSet::new();
        let mut made = BTreeSet::new();
        for phase in &self.phases {
            if phase.name.is_empty()
                || !phase
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            {
                faults.push(format!(
                    "phase name '{}' is not lowercase letters, digits and '-'",
                    phase.name
                ));
            }
            if !names.insert(phase.name.as_str()) {
                faults.push(format!("phase '{}' occurs twice", phase.name));
            }
            if phase.steps.is_empty() {
                faults.push(format!("phase '{}' has no steps", phase.name));
            }
            for step in &phase.steps {
                let critic = step.critic().map(|critic| critic.skill.as_str());
                for skill in step.skill().into_iter().chain(critic) {
                    if known_skills.contains(skill) {
                        continue;
                    }
                    faults.push(format!(
                        "phase '{}' names the skill '{skill}', which does not exist",
                        phase.name
                    ));
                }
                if let Some(artifact) = step.artifact()
                    && !made.insert(artifact)
                {
                    faults.push(format!("{} is made by more than one step", artifact.file()));
                }
                faults.extend(step_faults(&phase.name, step, &made));
            }
        }
        faults
    }

    /// The place of a phase.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.phases.iter().position(|phase| phase.name == name)
    }

    /// The names in order.
    pub fn names(&self) -> Vec<&str> {
        self.phases
            .iter()
            .map(|phase| phase.name.as_str())
            .collect()
    }
}

fn step_faults(phase: &str, step: &Step, made: &BTreeSet<ArtifactName>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut need = |artifact: ArtifactName, why: &str| {
        if !made.contains(&artifact) {
            faults.push(format!(
                "phase '{phase}': {why} needs {}, which no step before it makes",
                artifact.file()
            ));
        }
    };
    match step {
        Step::Document {
            artifact, approval, ..
        } => {
            if *artifact == ArtifactName::Plan {
                need(ArtifactName::Tickets, "a plan");
            }
            if *approval == DocumentApproval::Plan && *artifact != ArtifactName::Plan {
                faults.push(format!(
                    "phase '{phase}': 'approval: plan' belongs to the plan only"
                ));
            }
            if matches!(
                artifact,
                ArtifactName::Interview | ArtifactName::Research | ArtifactName::Summary
            ) {
                faults.push(format!(
                    "phase '{phase}': {} is not filled in through a schema",
                    artifact.file()
                ));
            }
        }
        Step::Explore {
            artifact, access, ..
        } => {
            if *artifact != ArtifactName::Research {
                faults.push(format!(
                    "phase '{phase}': exploring makes research.md, not {}",
                    artifact.file()
                ));
            }
            if *access == Access::Write {
                faults.push(format!(
                    "phase '{phase}': exploring must not write ('access: read')"
                ));
            }
        }
        Step::Tickets { .. } => {
            need(ArtifactName::Tickets, "working on tickets");
            need(ArtifactName::Plan, "working on tickets");
        }
        Step::Smoke {} => need(ArtifactName::Plan, "starting the result"),
        Step::Repair { .. } => need(ArtifactName::Review, "repairing"),
        Step::Interview { questions, .. } => {
            if *questions == 0 || *questions > 20 {
                faults.push(format!("phase '{phase}': 'questions' must be 1 to 20"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skills() -> BTreeSet<String> {
        [
            "prd-interviewer",
            "ticket-writer",
            "researcher",
            "planner",
            "implementer",
            "reviewer",
            "refactorer",
            "critic",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect()
    }

    #[test]
    fn the_default_pipeline_has_the_six_phases() {
        let pipeline = Pipeline::parse(DEFAULT_PIPELINE, &skills()).unwrap();
        assert_eq!(
            pipeline.names(),
            [
                "prd",
                "tickets",
                "research",
                "plan",
                "implement",
                "refactor"
            ]
        );
    }

    #[test]
    fn every_fault_of_a_pipeline_is_named_at_once() {
        let text = "version: 1\nphases:\n  - name: Build It\n    steps:\n      - {kind: tickets, skill: nobody, access: write, inputs: [task]}\n";
        let faults = Pipeline::parse(text, &skills()).unwrap_err();
        assert_eq!(
            faults,
            [
                "phase name 'Build It' is not lowercase letters, digits and '-'",
                "phase 'Build It' names the skill 'nobody', which does not exist",
                "phase 'Build It': working on tickets needs tickets.json, which no step before it makes",
                "phase 'Build It': working on tickets needs plan.json, which no step before it makes",
            ]
        );
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let faults =
            Pipeline::parse("version: 1\nphases: []\ncolour: red\n", &skills()).unwrap_err();
        assert!(faults[0].contains("colour"), "{faults:?}");
    }
}
