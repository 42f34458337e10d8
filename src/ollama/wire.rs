//! The shapes of Ollama's answers, as far as the program reads them. Every field may be absent or
//! null, since versions differ and zeroes are left out; what must be there is said at its use.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::engine::reply::{Done, Usage};

/// Whether a name says that the model runs in the cloud.
pub fn is_cloud_name(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.ends_with(":cloud") || name.ends_with("-cloud")
}

/// `/api/version`.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub(super) version: String,
}

/// `/api/tags` and `/api/ps`.
#[derive(Debug, Deserialize)]
pub(super) struct Models<T> {
    pub(super) models: Option<Vec<T>>,
}

/// An installed model, from `/api/tags`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Installed {
    /// Name with its tag.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Bytes on disk.
    #[serde(deserialize_with = "null_as_default")]
    pub size: u64,
    /// Identifies the manifest.
    #[serde(deserialize_with = "null_as_default")]
    pub digest: String,
    /// Family, size, quantisation.
    #[serde(deserialize_with = "null_as_default")]
    pub details: Details,
    /// A hint at most: some models have more than is said here. `/api/show` knows.
    pub capabilities: Option<Vec<String>>,
    /// Where it runs, if not here.
    pub remote_host: Option<String>,
    /// What it is called there.
    pub remote_model: Option<String>,
}

impl Installed {
    /// Whether it runs somewhere else than on the server's own machine.
    pub fn is_cloud(&self) -> bool {
        is_cloud_name(&self.name)
            || is_remote(self.remote_host.as_ref(), self.remote_model.as_ref())
    }
}

/// What kind of model it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Such as `qwen3`.
    #[serde(deserialize_with = "null_as_default")]
    pub family: String,
    /// Such as `8.2B`.
    #[serde(deserialize_with = "null_as_default")]
    pub parameter_size: String,
    /// Such as `Q4_K_M`.
    #[serde(deserialize_with = "null_as_default")]
    pub quantization_level: String,
    /// What it was trained for, in tokens, if the server says so here.
    pub context_length: Option<u64>,
}

/// `/api/show`, of a model that runs on the server's own machine.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Such as `completion`, `tools`, `thinking`; in no fixed order.
    #[serde(deserialize_with = "null_as_default")]
    pub capabilities: Vec<String>,
    /// Family, size, quantisation.
    #[serde(deserialize_with = "null_as_default")]
    pub details: Details,
    /// The model's own settings: one name and value a line.
    #[serde(deserialize_with = "null_as_default")]
    pub parameters: String,
    #[serde(deserialize_with = "null_as_default")]
    model_info: Map<String, Value>,
    remote_host: Option<String>,
    remote_model: Option<String>,
}

impl Shown {
    /// Whether it has a capability, such as `tools`.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    /// The window it was trained for, in tokens.
    pub fn context_length(&self) -> Option<u64> {
        let architecture = self.model_info.get("general.architecture")?.as_str()?;
        self.model_info
            .get(&format!("{architecture}.context_length"))
            .and_then(Value::as_u64)
            .or(self.details.context_length)
    }

    /// One of its own settings, such as `num_ctx`, as text.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.lines().find_map(|line| {
            let (key, value) = line.trim().split_once(char::is_whitespace)?;
            (key == name).then_some(value.trim())
        })
    }

    pub(super) fn is_cloud(&self) -> bool {
        is_remote(self.remote_host.as_ref(), self.remote_model.as_ref())
    }
}

/// A loaded model, from `/api/ps`. It is listed only once it is ready.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Running {
    /// Name with its tag; another one if two names share their weights.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Identifies the manifest.
    #[serde(deserialize_with = "null_as_default")]
    pub digest: String,
    /// Bytes in all.
    #[serde(deserialize_with = "null_as_default")]
    pub size: u64,
    /// Bytes on the graphics card; fewer than `size` means slow.
    #[serde(deserialize_with = "null_as_default")]
    pub size_vram: u64,
    /// The window really in force, in tokens.
    pub context_length: Option<u64>,
}

impl Running {
    /// Whether it is the model of that name.
    pub(super) fn is_called(&self, model: &str) -> bool {
        self.name == model || self.name.strip_suffix(":latest") == Some(model)
    }
}

/// A step of `/api/pull`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PullProgress {
    /// Such as `pulling manifest`.
    #[serde(deserialize_with = "null_as_default")]
    pub status: String,
    /// Which layer, if it is one.
    pub digest: Option<String>,
    /// Its bytes.
    #[serde(deserialize_with = "null_as_default")]
    pub total: u64,
    /// Those that are here.
    #[serde(deserialize_with = "null_as_default")]
    pub completed: u64,
}

/// One line of a chat's stream. Without `message` and without `done` it is an error, under
/// whatever key: old servers wrote `{"error parsing tool call": "…"}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    pub(super) error: Option<Value>,
    pub(super) message: Option<Piece>,
    pub(super) done: Option<bool>,
    pub(super) remote_host: Option<String>,
    done_reason: Option<String>,
    prompt_eval_count: Option<Number>,
    eval_count: Option<Number>,
    prompt_eval_duration: Option<Number>,
    eval_duration: Option<Number>,
    load_duration: Option<Number>,
}

/// What a frame adds to the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Piece {
    #[serde(deserialize_with = "null_as_default")]
    pub(super) content: String,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) thinking: String,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) tool_calls: Vec<Value>,
}

impl Frame {
    /// How the reply ended. Reasons that are not known count as the model's own.
    pub(super) fn how_it_ended(&self) -> Done {
        match self.done_reason.as_deref() {
            Some("length") => Done::Length,
            _ => Done::Stop,
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let count = |number: &Option<Number>| number.as_ref().and_then(Number::as_u64).unwrap_or(0);
        let milliseconds = |number| count(number) / 1_000_000;
        Usage {
            prompt_tokens: count(&self.prompt_eval_count),
            eval_tokens: count(&self.eval_count),
            prompt_ms: milliseconds(&self.prompt_eval_duration),
            eval_ms: milliseconds(&self.eval_duration),
            load_ms: milliseconds(&self.load_duration),
        }
    }
}

fn is_remote(host: Option<&String>, model: Option<&String>) -> bool {
    [host, model]
        .into_iter()
        .flatten()
        .any(|text| !text.is_empty())
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
