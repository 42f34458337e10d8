//! The built-in skills keep to what small models can use: their size, their form, and the marker
//! rule at the end of those that work with tools. Only tests.

use super::super::protocol::describe;
use super::super::tool::Tool;
use super::{SchemaKind, schema};
use serde_json::Value;

/// The most characters of system text and tool schemas together.
const TOOL_LOOP_LIMIT: usize = 6_000;
/// The most characters of system text and form together.
const DOCUMENT_LIMIT: usize = 3_500;
const WORD_LIMIT: usize = 350;

struct BuiltIn {
    name: &'static str,
    text: &'static str,
    /// The forms it fills in; none for a tool loop.
    forms: &'static [SchemaKind],
    /// The last line of its body.
    ending: &'static str,
}

macro_rules! built_in {
    ($name:literal, $forms:expr, $ending:literal) => {
        BuiltIn {
            name: $name,
            text: include_str!(concat!("../../../skills/", $name, "/SKILL.md")),
            forms: $forms,
            ending: $ending,
        }
    };
}

const INTERVIEW: &[SchemaKind] = &[
    SchemaKind::Questions,
    SchemaKind::Coverage,
    SchemaKind::Fill,
    SchemaKind::Prd,
];

const SKILLS: [BuiltIn; 8] = [
    built_in!("prd-interviewer", INTERVIEW, "instructions."),
    built_in!("ticket-writer", &[SchemaKind::Tickets], "instructions."),
    built_in!("researcher", &[], "contains only [PHASE_COMPLETE]"),
    built_in!("planner", &[SchemaKind::Plan], "instructions."),
    built_in!("implementer", &[], "contains only [TASK_COMPLETE]"),
    built_in!("reviewer", &[SchemaKind::Review], "speaks to you."),
    built_in!("refactorer", &[], "contains only [PHASE_COMPLETE]"),
    built_in!("critic", &[SchemaKind::Critique], "speaks to you."),
];

impl BuiltIn {
    fn parts(&self) -> (&'static str, &'static str) {
        let rest = self.text.strip_prefix("---\n").unwrap();
        let (front, body) = rest.split_once("\n---\n").unwrap();
        (front, body.trim())
    }

    fn tools(&self) -> Vec<Tool> {
        let (front, _) = self.parts();
        let line = front
            .lines()
            .find_map(|line| line.strip_prefix("  tools: "))
            .unwrap();
        let names = line.trim_matches('"').split_whitespace();
        names.map(|name| Tool::named(name).unwrap()).collect()
    }
}

#[test]
fn system_text_and_tools_stay_small() {
    for skill in SKILLS {
        let (_, body) = skill.parts();
        let words = body.split_whitespace().count();
        assert!(words <= WORD_LIMIT, "{}: {words} words", skill.name);
        let schemas: Vec<String> = skill
            .tools()
            .iter()
            .map(|tool| tool.schema().to_string())
            .collect();
        let size = body.chars().count() + schemas.concat().chars().count() + schemas.len() + 1;
        assert!(size <= TOOL_LOOP_LIMIT, "{}: {size} characters", skill.name);
        let schemas: Vec<Value> = skill.tools().iter().map(|tool| tool.schema()).collect();
        let size = body.chars().count() + describe(&schemas).chars().count() + 2;
        assert!(
            size <= TOOL_LOOP_LIMIT,
            "{} as text: {size} characters",
            skill.name
        );
        for form in skill.forms {
            let size = body.chars().count() + schema(*form).to_string().chars().count();
            assert!(
                size <= DOCUMENT_LIMIT,
                "{}, {form:?}: {size} characters",
                skill.name
            );
        }
    }
}

#[test]
fn documents_have_no_tools_and_loops_have_few() {
    for skill in SKILLS {
        let tools = skill.tools();
        assert_eq!(tools.is_empty(), !skill.forms.is_empty(), "{}", skill.name);
        assert!(tools.len() <= 6, "{}", skill.name);
    }
}

#[test]
fn every_skill_has_its_form() {
    for skill in SKILLS {
        let (front, body) = skill.parts();
        let name = front.lines().find_map(|line| line.strip_prefix("name: "));
        assert_eq!(name, Some(skill.name));
        assert!(front.lines().any(|line| line.starts_with("description: ")));
        assert!(body.ends_with(skill.ending), "{}", skill.name);
        // Text that looks like a call makes small models write calls as text.
        for call in ["='", "=\"", "({", "<tool", "```"] {
            assert!(!body.contains(call), "{} contains {call}", skill.name);
        }
    }
}

#[test]
fn a_skill_names_every_key_of_its_forms() {
    for skill in SKILLS {
        let (_, body) = skill.parts();
        for form in skill.forms {
            let mut forms = vec![schema(*form)];
            while let Some(form) = forms.pop() {
                for (key, value) in form["properties"].as_object().unwrap() {
                    let words = || body.split(|c: char| !c.is_alphanumeric() && c != '_');
                    assert!(
                        words().any(|word| word == key),
                        "{} lacks {key}",
                        skill.name
                    );
                    let items = &value["items"];
                    if items["type"] == "object" {
                        forms.push(items.clone());
                    }
                }
            }
        }
    }
}
