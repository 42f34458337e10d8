//! Fits arguments to a tool's schema. A value changes its type only where nothing is lost; what
//! then still has the wrong type, or is missing, is a fault with a name. Nothing is invented.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::names::OfferedTool;
use super::values::{Dialect, Flaw, Reader, Repair};

/// Whole numbers up to here survive a detour through floating point.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// Why arguments do not fit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Misfit {
    /// They are no object, and no text of one.
    NotAnObject(Value),
    /// They are the text of a damaged object.
    Damaged { text: String, flaw: Flaw },
    /// They hold a call where arguments belong.
    HoldsCall,
    /// They are the definition of the tool.
    Definition,
    /// Required ones are not there; the rest is.
    Missing {
        missing: Vec<String>,
        given: Map<String, Value>,
    },
    /// One has the wrong type.
    Wrong {
        argument: String,
        wanted: String,
        found: Value,
    },
}

/// The arguments as the schema wants them. What was changed is added to `repairs`.
pub(super) fn fit(
    arguments: &Value,
    tool: &OfferedTool<'_>,
    repairs: &mut Vec<String>,
) -> Result<Map<String, Value>, Misfit> {
    let given = object(arguments, repairs)?;
    if is_definition(&given, tool) {
        return Err(Misfit::Definition);
    }
    let mut fitted = Map::new();
    let mut wrong = None;
    for (key, value) in given.as_ref() {
        let Some(schema) = tool.property(key) else {
            fitted.insert(key.clone(), value.clone());
            continue;
        };
        if value.is_null() && !accepts(schema, "null") {
            repairs.push(format!("left out '{key}', which was null"));
            continue;
        }
        match coerce(value, schema, key, repairs) {
            Ok(value) => {
                fitted.insert(key.clone(), value);
            }
            Err(misfit) => wrong = wrong.or(Some(misfit)),
        }
    }
    let missing: Vec<String> = tool
        .required()
        .filter(|key| given.get(*key).is_none_or(Value::is_null))
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        return Err(Misfit::Missing {
            missing,
            given: given.into_owned(),
        });
    }
    wrong.map_or(Ok(fitted), Err)
}

/// The object that arguments are, or are the text of. Null and nothing are the empty object.
pub(super) fn object<'a>(
    arguments: &'a Value,
    repairs: &mut Vec<String>,
) -> Result<Cow<'a, Map<String, Value>>, Misfit> {
    match arguments {
        Value::Null => Ok(Cow::default()),
        Value::Object(map) => Ok(Cow::Borrowed(map)),
        Value::String(text) if text.trim().is_empty() => Ok(Cow::default()),
        Value::String(text) if text.trim_start().starts_with('{') => {
            let mut reader = Reader::new(text, 0, Dialect::Json);
            match reader.value() {
                Ok(_) if reader.repairs.contains(&Repair::LastNumber) => Err(Misfit::Damaged {
                    text: text.clone(),
                    flaw: Flaw::incomplete(text.len()),
                }),
                Ok(Value::Object(map)) if text[reader.pos()..].trim().is_empty() => {
                    repairs.extend(
                        reader
                            .repairs
                            .iter()
                            .map(|repair| repair.words().to_owned()),
                    );
                    repairs.push("read the text of the arguments as JSON".to_owned());
                    Ok(Cow::Owned(map))
                }
                Ok(_) => Err(Misfit::NotAnObject(arguments.clone())),
                Err(flaw) => Err(Misfit::Damaged {
                    text: text.clone(),
                    flaw,
                }),
            }
        }
        other => Err(Misfit::NotAnObject(other.clone())),
    }
}

/// Models that do not know what to do sometimes send the schema back.
fn is_definition(given: &Map<String, Value>, tool: &OfferedTool<'_>) -> bool {
    given.get("type").and_then(Value::as_str) == Some("object")
        && given.get("properties").is_some_and(Value::is_object)
        && tool.property("properties").is_none()
}

/// Whether the schema names that type, or none at all.
fn accepts(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => true,
    }
}

fn coerce(
    value: &Value,
    schema: &Value,
    argument: &str,
    repairs: &mut Vec<String>,
) -> Result<Value, Misfit> {
    let wrong = || Misfit::Wrong {
        argument: argument.to_owned(),
        wanted: wanted(schema),
        found: value.clone(),
    };
    let kept = if accepts(schema, kind_of(value)) {
        Some(value.clone())
    } else {
        let changed = convert(value, schema);
        if changed.is_some() && value.is_string() {
            repairs.push(format!("read the text of '{argument}' as its type"));
        }
        changed
    };
    let kept = kept.ok_or_else(wrong)?;
    if let Some(Value::Array(choices)) = schema.get("enum")
        && !choices.contains(&kept)
    {
        return Err(wrong());
    }
    nested(kept, schema, argument, repairs)
}

/// Items of arrays and properties of objects.
fn nested(
    value: Value,
    schema: &Value,
    argument: &str,
    repairs: &mut Vec<String>,
) -> Result<Value, Misfit> {
    match value {
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else {
                return Ok(Value::Array(items));
            };
            let items: Result<Vec<Value>, Misfit> = items
                .iter()
                .enumerate()
                .map(|(at, item)| coerce(item, schema, &format!("{argument}[{at}]"), repairs))
                .collect();
            items.map(Value::Array)
        }
        Value::Object(mut map) => {
            for (key, value) in &mut map {
                if let Some(schema) = schema.get("properties").and_then(|all| all.get(key)) {
                    *value = coerce(value, schema, &format!("{argument}.{key}"), repairs)?;
                }
            }
            let required = schema.get("required").and_then(Value::as_array);
            let missing = required
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .find(|key| !map.contains_key(*key));
            match missing {
                Some(key) => Err(Misfit::Wrong {
                    argument: format!("{argument}.{key}"),
                    wanted: "there".to_owned(),
                    found: Value::Null,
                }),
                None => Ok(Value::Object(map)),
            }
        }
        other => Ok(other),
    }
}

/// The type's name in schemas. A number without a fraction that is written as one is an integer.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The same value as a type that the schema names, if nothing is lost.
fn convert(value: &Value, schema: &Value) -> Option<Value> {
    let wants = |kind| accepts(schema, kind);
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64()?;
            let whole = float.fract() == 0.0 && float.abs() < EXACT_FLOAT;
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            (wants("integer") && whole).then(|| Value::from(float as i64))
        }
        Value::Number(_) => wants("number").then(|| value.clone()),
        Value::String(text) => {
            let text = text.trim();
            if wants("integer")
                && let Ok(number) = text.parse::<i64>()
                && number.to_string() == text
            {
                return Some(Value::from(number));
            }
            if wants("number")
                && let Ok(number) = serde_json::from_str::<Number>(text)
            {
                return Some(Value::Number(number));
            }
            if wants("boolean") {
                match text {
                    "true" | "True" => return Some(Value::Bool(true)),
                    "false" | "False" => return Some(Value::Bool(false)),
                    _ => {}
                }
            }
            let read: Value = serde_json::from_str(text).ok()?;
            ((wants("object") && read.is_object()) || (wants("array") && read.is_array()))
                .then_some(read)
        }
        _ => None,
    }
}

/// The type as a person says it, with an example.
fn wanted(schema: &Value) -> String {
    if let Some(Value::Array(choices)) = schema.get("enum") {
        let choices: Vec<String> = choices.iter().map(Value::to_string).collect();
        return format!("one of {}", choices.join(", "));
    }
    match schema.get("type") {
        Some(Value::String(kind)) => match kind.as_str() {
            "integer" => "an integer such as 30".to_owned(),
            "number" => "a number such as 1.5".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => "an array such as [\"a\", \"b\"]".to_owned(),
            "object" => "an object".to_owned(),
            other => format!("a {other}"),
        },
        Some(several) => format!("of one of the types {several}"),
        None => "of another type".to_owned(),
    }
}
