//! `prd.json` and `prd.md`: what is to be built. Owns the type, what is accepted of a model, and
//! the text a person reads; reading that text back is in `readback.rs`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::Fields;
use super::markdown;

/// What is to be built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prd {
    /// The product's name.
    pub title: String,
    /// What is missing today.
    pub problem: String,
    /// Who uses it.
    pub users: Vec<String>,
    /// What it must achieve.
    pub goals: Vec<String>,
    /// What it does.
    pub features: Vec<Feature>,
    /// What is left out.
    pub non_goals: Vec<String>,
    /// What is given.
    pub constraints: Vec<String>,
    /// How success is seen.
    pub success: Vec<String>,
    /// What nobody said.
    pub assumptions: Vec<String>,
}

/// Something it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Feature {
    /// `F1`, `F2`, …: given by the program, in order.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// In full.
    pub description: String,
    /// Facts that can be checked.
    pub acceptance_criteria: Vec<String>,
}

/// The PRD a model filled in, with ids given anew, or what is wrong with it.
pub fn accept_prd(value: &Value) -> Result<Prd, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the PRD", &mut faults) else {
        return Err(faults);
    };
    let prd = Prd {
        title: fields.required_line("title", &mut faults),
        problem: fields.required_paragraphs("problem", &mut faults),
        users: fields.lines("users", &mut faults),
        goals: fields.lines("goals", &mut faults),
        features: read_features(&fields, &mut faults),
        non_goals: fields.lines("non_goals", &mut faults),
        constraints: fields.lines("constraints", &mut faults),
        success: fields.lines("success", &mut faults),
        assumptions: fields.lines("assumptions", &mut faults),
    };
    if faults.is_empty() {
        Ok(prd)
    } else {
        Err(faults)
    }
}

fn read_features(fields: &Fields<'_>, faults: &mut Vec<String>) -> Vec<Feature> {
    let before = faults.len();
    let entries = fields.required_entries("features", faults);
    if entries.is_empty() && faults.len() == before {
        faults.push("the PRD has no features; add at least one".to_owned());
    }
    let mut features = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let id = feature_id(place);
        if let Some(entry) = Fields::of(entry, &format!("feature {id}"), faults) {
            features.push(Feature {
                id,
                title: entry.required_line("title", faults),
                description: entry.paragraphs("description", faults),
                acceptance_criteria: entry.lines("acceptance_criteria", faults),
            });
        }
    }
    features
}

/// The id of the feature at that place.
pub(super) fn feature_id(place: usize) -> String {
    format!("F{}", place + 1)
}

/// The PRD as a person reads and edits it.
pub fn render_prd(prd: &Prd) -> String {
    let mut out = String::new();
    markdown::heading(&mut out, 1, &prd.title);
    markdown::heading(&mut out, 2, "Problem");
    markdown::text(&mut out, &prd.problem);
    for (name, items) in [("Users", &prd.users), ("Goals", &prd.goals)] {
        markdown::heading(&mut out, 2, name);
        markdown::list(&mut out, items);
    }
    markdown::heading(&mut out, 2, "Features");
    for feature in &prd.features {
        markdown::heading(&mut out, 3, &format!("{}: {}", feature.id, feature.title));
        markdown::text(&mut out, &feature.description);
        markdown::labelled_list(&mut out, markdown::CRITERIA, &feature.acceptance_criteria);
    }
    for (name, items) in [
        ("Non-goals", &prd.non_goals),
        ("Constraints", &prd.constraints),
        ("Success", &prd.success),
        ("Assumptions", &prd.assumptions),
    ] {
        markdown::heading(&mut out, 2, name);
        markdown::list(&mut out, items);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_given_by_the_program() {
        let prd = accept_prd(&json!({
            "title": "Todo", "problem": "Tasks get lost.", "users": "me",
            "features": [
                {"id": "F7", "title": "Add", "acceptance_criteria": ["add prints an id"]},
                {"title": "List", "description": "Shows all.", "acceptance_criteria": null}
            ],
            "anything": {"else": true}
        }))
        .unwrap();
        let ids: Vec<&str> = prd
            .features
            .iter()
            .map(|feature| feature.id.as_str())
            .collect();
        assert_eq!(ids, ["F1", "F2"]);
        assert_eq!(prd.users, ["me"]);
        assert_eq!(prd.success, Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(
            accept_prd(&json!({"problem": "x", "features": [{"title": ""}, "Add"]})),
            Err(vec![
                "the PRD needs 'title', and it is empty".to_owned(),
                "feature F1 needs 'title', and it is empty".to_owned(),
                "feature F2 must be a JSON object".to_owned(),
            ])
        );
        assert_eq!(
            accept_prd(&json!({"title": "x", "problem": "y", "features": []})),
            Err(vec!["the PRD has no features; add at least one".to_owned()])
        );
    }

    #[test]
    fn the_file_has_the_fixed_keys() {
        let mut prd = Prd::default();
        prd.features.push(Feature::default());
        assert_eq!(
            serde_json::to_string(&prd).unwrap(),
            r#"{"title":"","problem":"","users":[],"goals":[],"features":[{"id":"","title":"","description":"","acceptance_criteria":[]}],"non_goals":[],"constraints":[],"success":[],"assumptions":[]}"#
        );
    }

    #[test]
    fn a_person_reads_it() {
        let prd = accept_prd(&json!({
            "title": "Todo", "problem": "Tasks get lost.\n\n# not a heading\n- not an item",
            "users": ["me"],
            "features": [
                {"title": "Add", "description": "Adds a task.", "acceptance_criteria": ["prints an id", "fails without a text"]},
                {"title": "List"}
            ],
            "success": ["used for a week"]
        }))
        .unwrap();
        insta::assert_snapshot!(render_prd(&prd), @r"
        # Todo

        ## Problem

        Tasks get lost.

        \# not a heading
        \- not an item

        ## Users

        - me

        ## Goals

        None.

        ## Features

        ### F1: Add

        Adds a task.

        Acceptance criteria:

        - prints an id
        - fails without a text

        ### F2: List

        ## Non-goals

        None.

        ## Constraints

        None.

        ## Success

        - used for a week

        ## Assumptions

        None.
        ");
    }
}
