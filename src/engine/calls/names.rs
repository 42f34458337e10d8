//! The tools that a request offered, and which of them a name means. Only an offered name runs:
//! a name is matched after harmless normalisation, never by likeness. Likeness serves the
//! sentence that goes back to the model.

use std::cell::OnceCell;

use serde_json::{Map, Value};

use crate::engine::protocol::Protocol;

/// The tools of one request.
pub(super) struct Offered<'a> {
    tools: Vec<OfferedTool<'a>>,
    /// How calls are written.
    pub(super) protocol: Protocol,
    /// Their names in normal form, made when the first name that is none of them comes.
    normal: OnceCell<Vec<String>>,
}

/// One of them.
pub(super) struct OfferedTool<'a> {
    /// Its name, as offered.
    pub(super) name: &'a str,
    /// Its schema; looked into when it is called, since every reply offers all of them.
    schema: &'a Value,
    /// How a call of it is written.
    pub(super) protocol: Protocol,
}

impl<'a> Offered<'a> {
    /// Reads `{"type":"function","function":{…}}` or the bare inner object; others are ignored.
    pub(super) fn new(schemas: &'a [Value], protocol: Protocol) -> Self {
        let tools = schemas
            .iter()
            .filter_map(|schema| {
                let tool = schema.get("function").unwrap_or(schema);
                Some(OfferedTool {
                    name: tool.get("name")?.as_str()?,
                    schema: tool,
                    protocol,
                })
            })
            .collect();
        Self {
            tools,
            protocol,
            normal: OnceCell::new(),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// Whether a tool of exactly that name is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool.name == name)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &OfferedTool<'a>> {
        self.tools.iter()
    }

    /// The tool that the name means, if it is offered and no other could be meant.
    pub(super) fn resolve(&self, name: &str) -> Option<&OfferedTool<'a>> {
        if let Some(tool) = self.tools.iter().find(|tool| tool.name == name) {
            return Some(tool);
        }
        let wanted = normalise(name);
        let normal = self
            .normal
            .get_or_init(|| self.tools.iter().map(|tool| normalise(tool.name)).collect());
        let mut matches = self
            .tools
            .iter()
            .zip(normal)
            .filter(|(_, normal)| **normal == wanted);
        match (matches.next(), matches.next()) {
            (Some((tool, _)), None) => Some(tool),
            _ => None,
        }
    }

    /// The offered tool whose name is nearest in meaning, then in spelling.
    pub(super) fn nearest(&self, name: &str) -> Option<&OfferedTool<'a>> {
        let wanted = normalise(name);
        let meaning = meanings(&wanted);
        self.tools.iter().min_by_key(|tool| {
            let offered = normalise(tool.name);
            let shared = meanings(&offered)
                .iter()
                .filter(|word| meaning.contains(word))
                .count();
            (std::cmp::Reverse(shared), distance(&wanted, &offered))
        })
    }

    /// `read_file, list_dir`.
    pub(super) fn list(&self) -> String {
        let names: Vec<&str> = self.tools.iter().map(|tool| tool.name).collect();
        names.join(", ")
    }
}

impl OfferedTool<'_> {
    /// The schema of one argument.
    pub(super) fn property(&self, key: &str) -> Option<&Value> {
        self.properties()?.get(key)
    }

    /// The schemas of all arguments.
    pub(super) fn properties(&self) -> Option<&Map<String, Value>> {
        self.schema
            .get("parameters")?
            .get("properties")?
            .as_object()
    }

    /// The arguments that must be there.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        self.schema
            .get("parameters")
            .and_then(|parameters| parameters.get("required")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }
}

/// Case, dashes, namespaces and the suffixes that servers leave on a name.
fn normalise(name: &str) -> String {
    let name = name.trim();
    let name = name
        .find("<|constrain|>")
        .filter(|&at| name[at..].trim_end() == "<|constrain|>json")
        .map_or(name, |at| name[..at].trim_end());
    let name = name
        .rsplit_once(':')
        .filter(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(name, |(head, _)| head);
    let mut name = name.to_ascii_lowercase();
    if name.contains('-') {
        name = name.replace('-', "_");
    }
    for namespace in ["functions.", "default_api."] {
        if let Some(bare) = name.strip_prefix(namespace) {
            return bare.to_owned();
        }
    }
    name
}

/// Words of a name, each as the verb that the tools use for it.
fn meanings(name: &str) -> Vec<&str> {
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match word {
            "view" | "open" | "cat" | "show" | "get" | "load" | "fetch" | "head" => "read",
            "grep" | "find" | "rg" | "query" | "lookup" | "locate" => "search",
            "ls" | "tree" | "dir" | "directory" | "folder" | "glob" => "list",
            "create" | "save" | "put" | "new" | "touch" | "store" => "write",
            "replace" | "patch" | "update" | "modify" | "change" | "insert" | "apply" => "edit",
            "bash" | "shell" | "exec" | "execute" | "terminal" | "cmd" | "sh" | "python" => "run",
            "question" | "prompt" | "confirm" | "clarify" => "ask",
            "files" => "file",
            other => other,
        })
        .collect()
}

/// Edit distance in which swapped neighbours count once. Names are cut at 64 letters.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (i, &a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in right.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(a != b))
                .min(rows[i][j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && a == right[j - 1] && left[i - 1] == b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}
