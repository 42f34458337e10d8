//! Characters of system text and tools that every request of a step carries, by phase.
//!
//! Run it with `cargo bench --bench prompts`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::collections::BTreeSet;

use loop_orchestration::engine::artifact::{SchemaKind, schema};
use loop_orchestration::engine::phase::{DEFAULT_PIPELINE, Pipeline};
use loop_orchestration::engine::protocol::describe;
use loop_orchestration::engine::skill::Skill;
use loop_orchestration::engine::tool::Tool;
use loop_orchestration::run::catalog::{Places, Trust, catalog};
use support::table::{Table, Unit};

const TOOL_LOOP: f64 = 6_000.0;
const DOCUMENT: f64 = 3_500.0;

fn main() {
    let nowhere = tempfile::tempdir().expect("a folder");
    let places = Places {
        project: nowhere.path(),
        skills: nowhere.path(),
        pipeline: None,
        agreements: nowhere.path().join("none"),
    };
    let catalog = catalog(&places, Trust::LeaveOut).expect("what is built in");
    let known: BTreeSet<String> = catalog.skills.keys().cloned().collect();
    let pipeline = Pipeline::parse(DEFAULT_PIPELINE, &known).expect("the default pipeline");
    let table = Table::new("system text and tools of a request", Unit::Chars);
    for phase in &pipeline.phases {
        for step in &phase.steps {
            let critic = step.critic().map(|critic| critic.skill.as_str());
            for name in step.skill().into_iter().chain(critic) {
                let skill = &catalog.skills[name].skill;
                let system = skill.body.trim().chars().count();
                // A document has no tools.
                let (tools, limit) = match tools(skill) {
                    _ if skill.tools.is_empty() => (0, DOCUMENT),
                    tools => (tools, TOOL_LOOP),
                };
                let what = format!("{}: {name} ({system} and tools {tools})", phase.name);
                #[expect(clippy::cast_precision_loss, reason = "characters")]
                table.row(&what, vec![(system + tools) as f64], Some(limit));
                if tools > 0 {
                    let tools = describe(&schemas(skill)).chars().count();
                    let what = format!("the same as text ({system} and tools {tools})");
                    #[expect(clippy::cast_precision_loss, reason = "characters")]
                    table.row(&what, vec![(system + tools) as f64], Some(limit));
                }
            }
        }
    }
    let table = Table::new("schemas of documents, beside the prompt", Unit::Chars);
    for kind in SchemaKind::ALL {
        let text = schema(kind).to_string();
        #[expect(clippy::cast_precision_loss, reason = "characters")]
        table.row(
            &format!("{kind:?}"),
            vec![text.chars().count() as f64],
            None,
        );
    }
}

fn schemas(skill: &Skill) -> Vec<serde_json::Value> {
    Tool::ALL
        .into_iter()
        .filter(|tool| skill.tools.contains(tool))
        .map(Tool::schema)
        .collect()
}

fn tools(skill: &Skill) -> usize {
    serde_json::to_string(&schemas(skill))
        .expect("JSON")
        .chars()
        .count()
}
