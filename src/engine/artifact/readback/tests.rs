//! What a person may do to `prd.md`, and what is said about the rest.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::prd::{accept_prd, render_prd};
use super::*;

const EDITED: &str = "# Todo

## Problem

Tasks get lost.
- a list is text here

## Features

### F7: Add
Adds a task.

acceptance criteria:
* prints an id
- fails without
  a text

-
### List

## Users
None.
";

#[test]
fn an_edited_text_is_read() {
    assert_eq!(
        read_prd_markdown(EDITED),
        Ok(Prd {
            title: "Todo".to_owned(),
            problem: "Tasks get lost.\n- a list is text here".to_owned(),
            features: vec![
                Feature {
                    id: "F1".to_owned(),
                    title: "Add".to_owned(),
                    description: "Adds a task.".to_owned(),
                    acceptance_criteria: vec![
                        "prints an id".to_owned(),
                        "fails without a text".to_owned()
                    ],
                },
                Feature {
                    id: "F2".to_owned(),
                    title: "List".to_owned(),
                    ..Feature::default()
                },
            ],
            ..Prd::default()
        })
    );
}

fn check(text: &str, expected: &[(usize, &str)]) {
    let faults = read_prd_markdown(text).unwrap_err();
    let found: Vec<(usize, &str)> = faults
        .iter()
        .map(|fault| (fault.line, fault.what.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_cannot_be_read_is_named_by_line() {
    check(
        "",
        &[(1, "the title is missing; start with '# ' and a name")],
    );
    check(
        "# T\n\n## Problem\n\n## Features\n### A\n",
        &[(3, "the section '## Problem' is missing or empty")],
    );
    check(
        "# T\n## Problem\nx\n## Feature\n### A\n- b\n",
        &[(
            4,
            "unknown section 'Feature'; there are Problem, Users, Goals, Features, Non-goals, Constraints, \
             Success, Assumptions",
        )],
    );
    check(
        "# T\n## Problem\nx\n## Features\n",
        &[(
            4,
            "there are no features; add '### ' and a title below '## Features'",
        )],
    );
    check(
        "# T\nstray\n# U\n## Problem\nx\n#!/bin/sh\n## Users\nme\n## Users\n### A\nunder it\n## Extra\nmore\n\
         ## Features\nloose\n### F1:\n- item\n#### deep\n",
        &[
            (
                2,
                "text before the first section; put it below '## Problem'",
            ),
            (3, "a second title; there is only one line with '# '"),
            (
                6,
                "a heading needs a space after #; put \\ in front to keep the line as text",
            ),
            (8, "not a list item; start it with '- '"),
            (9, "section 'Users' stands already on line 7; join the two"),
            (10, "a feature outside '## Features'"),
            (
                12,
                "unknown section 'Extra'; there are Problem, Users, Goals, Features, Non-goals, Constraints, \
                 Success, Assumptions",
            ),
            (
                15,
                "text before the first feature; start it with '### ' and a title",
            ),
            (16, "the feature has no title"),
            (
                17,
                "a list item outside a list; put it below a line 'Acceptance criteria:'",
            ),
            (
                18,
                "headings go no deeper than ###; put \\ in front to keep the line as text",
            ),
        ],
    );
    assert_eq!(
        read_prd_markdown("").unwrap_err()[0].to_string(),
        "line 1: the title is missing; start with '# ' and a name"
    );
}

/// Text that looks like structure more often than chance would have it.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z#\\\\*+ -]{0,6}",
        "(?s).{0,6}",
        prop::sample::select(vec![
            "\n",
            "\n\n",
            "- ",
            "# ",
            "## Users",
            "### F1: x",
            "Acceptance criteria:",
            "None.",
            "\\",
            "\\- x",
            "\r\n",
            "F2: ",
            "  ",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn prd() -> impl Strategy<Value = Value> {
    let texts = || prop::collection::vec(text(), 0..4);
    let feature = (text(), text(), texts()).prop_map(|(title, description, criteria)| {
        json!({"title": format!("x{title}"), "description": description, "acceptance_criteria": criteria})
    });
    (text(), text(), prop::collection::vec(feature, 1..4), texts(), texts(), texts()).prop_map(
        |(title, problem, features, users, goals, success)| {
            json!({
                "title": format!("{title}x"), "problem": format!("{problem}x"), "users": users, "goals": goals,
                "features": features, "success": success,
            })
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_accepted_reads_back_the_same(value in prd()) {
        let prd = accept_prd(&value).unwrap();
        prop_assert_eq!(read_prd_markdown(&render_prd(&prd)), Ok(prd));
    }

    #[test]
    fn no_text_panics(lines in prop::collection::vec(text(), 0..12)) {
        let text = lines.join("\n");
        if let Ok(prd) = read_prd_markdown(&text) {
            prop_assert_eq!(read_prd_markdown(&render_prd(&prd)), Ok(prd));
        }
    }
}
