//! What the model is asked to fill in, as JSON schemas for the `format` of a request. Written
//! inline with only type, description, enum, items, properties and required: the keywords that
//! survive every server and every grammar. Ids and order are the program's; what is asked for
//! here is only what lets the model refer to its own entries.

use serde_json::{Map, Value, json};

use super::critique::CriterionVerdict;

/// The forms there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaKind {
    /// The interview's questions, and whether the task needs none.
    Questions,
    /// Whether the answers suffice, and what is still to be asked.
    Coverage,
    /// Answers to questions that were left open.
    Fill,
    /// What is to be built.
    Prd,
    /// The work in pieces.
    Tickets,
    /// How each ticket is done.
    Plan,
    /// What is wrong with the work.
    Review,
    /// Whether to go on.
    Decision,
    /// Whether a ticket's criteria are met.
    Critique,
}

impl SchemaKind {
    /// Every form.
    pub const ALL: [Self; 9] = [
        Self::Questions,
        Self::Coverage,
        Self::Fill,
        Self::Prd,
        Self::Tickets,
        Self::Plan,
        Self::Review,
        Self::Decision,
        Self::Critique,
    ];
}

/// The schema of a form.
pub fn schema(kind: SchemaKind) -> Value {
    match kind {
        SchemaKind::Questions => object([
            ("simple", flag("true only for one small, clear change")),
            ("questions", questions()),
        ]),
        SchemaKind::Coverage => object([
            ("complete", flag("true if the answers are enough for a PRD")),
            ("questions", questions()),
        ]),
        SchemaKind::Fill => object([(
            "answers",
            list([
                ("id", text("id of the question")),
                ("text", text("the likely answer")),
            ]),
        )]),
        SchemaKind::Prd => prd(),
        SchemaKind::Tickets => tickets(),
        SchemaKind::Plan => plan(),
        SchemaKind::Review => review(),
        SchemaKind::Decision => object([
            ("reason", text("one sentence")),
            ("decision", choice(&["continue", "complete", "blocked"])),
        ]),
        SchemaKind::Critique => critique(),
    }
}

fn questions() -> Value {
    list([
        ("id", text("one lowercase word")),
        ("text", text("the question")),
        ("options", texts("2 to 4 likely answers, or none")),
        ("why", text("what depends on the answer")),
    ])
}

fn prd() -> Value {
    object([
        ("title", text("name of the product")),
        ("problem", text("what is missing today")),
        ("users", texts("who uses it")),
        ("goals", texts("what it must achieve")),
        (
            "features",
            list([
                ("title", text("short and unique")),
                ("description", text("what it does")),
                ("acceptance_criteria", texts("facts a test can check")),
            ]),
        ),
        ("non_goals", texts("what is left out")),
        ("constraints", texts("platform, language, limits")),
        ("success", texts("how success is seen")),
        ("assumptions", texts("what nobody said")),
    ])
}

fn tickets() -> Value {
    object([(
        "tickets",
        list([
            ("id", text("T1, T2, …")),
            ("title", text("short and unique")),
            ("description", text("what to build")),
            ("features", texts("ids of PRD features, such as F1")),
            ("acceptance_criteria", texts("facts a test can check")),
            ("depends_on", texts("ids of tickets that come first")),
            ("files", texts("paths it will touch")),
        ]),
    )])
}

fn plan() -> Value {
    object([
        ("summary", text("the approach in two sentences")),
        ("packages", texts("packages to install, or none")),
        ("run", texts("commands that start the result")),
        (
            "tickets",
            list([
                ("id", text("id of the ticket")),
                ("approach", text("how to do it")),
                (
                    "files",
                    list([
                        ("path", text("relative to the project")),
                        ("change", text("what changes in it")),
                    ]),
                ),
                ("verify", texts("commands that run its tests")),
                ("risks", texts("what can go wrong")),
            ]),
        ),
    ])
}

fn review() -> Value {
    object([
        (
            "findings",
            list([
                ("severity", choice(&["critical", "warning", "suggestion"])),
                ("file", text("path, or empty")),
                (
                    "line",
                    json!({"type": "integer", "description": "line number, or 0"}),
                ),
                ("title", text("the problem in a few words")),
                ("detail", text("why it is wrong and how to fix it")),
            ]),
        ),
        ("verdict", choice(&["pass", "fail"])),
    ])
}

/// What is seen stands in front of the verdict: a model that writes its reason first judges better.
fn critique() -> Value {
    object([(
        "criteria",
        list([
            (
                "criterion",
                json!({"type": "integer", "description": "number of the criterion"}),
            ),
            ("line", text("path:line, or empty")),
            ("why", text("what decides it")),
            ("verdict", choice(&CriterionVerdict::WORDS)),
        ]),
    )])
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn texts(description: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": description})
}

fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

fn choice(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn list<const N: usize>(fields: [(&str, Value); N]) -> Value {
    json!({"type": "array", "items": object(fields)})
}

/// An object whose keys are all required, in this order.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let required: Vec<&str> = fields.iter().map(|(key, _)| *key).collect();
    let required = json!(required);
    let properties: Map<String, Value> = fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at schemas only, not at the names of properties.
    fn check(schema: &Value, kind: SchemaKind) {
        const KNOWN: [&str; 6] = [
            "type",
            "description",
            "enum",
            "items",
            "properties",
            "required",
        ];
        for (keyword, value) in schema.as_object().unwrap() {
            assert!(KNOWN.contains(&keyword.as_str()), "{keyword} in {kind:?}");
            match keyword.as_str() {
                "items" => check(value, kind),
                "properties" => value
                    .as_object()
                    .unwrap()
                    .values()
                    .for_each(|v| check(v, kind)),
                _ => {}
            }
        }
    }

    #[test]
    fn only_keywords_that_survive() {
        for kind in SchemaKind::ALL {
            check(&schema(kind), kind);
        }
    }

    #[test]
    fn keys_stand_in_the_order_of_the_documents() {
        let keys = |kind| -> Vec<String> {
            let schema = schema(kind);
            let properties = schema["properties"].as_object().unwrap();
            properties.keys().cloned().collect()
        };
        assert_eq!(keys(SchemaKind::Questions), ["simple", "questions"]);
        assert_eq!(keys(SchemaKind::Coverage), ["complete", "questions"]);
        assert_eq!(
            keys(SchemaKind::Prd),
            [
                "title",
                "problem",
                "users",
                "goals",
                "features",
                "non_goals",
                "constraints",
                "success",
                "assumptions"
            ]
        );
        assert_eq!(
            keys(SchemaKind::Plan),
            ["summary", "packages", "run", "tickets"]
        );
        assert_eq!(keys(SchemaKind::Review), ["findings", "verdict"]);
        assert_eq!(keys(SchemaKind::Critique), ["criteria"]);
    }
}
