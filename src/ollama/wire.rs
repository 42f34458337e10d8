//! The shapes of Ollama's answers, as far as the program reads them. Every field may be absent or
//! null, since versions differ and zeroes are left out; what must be there is said at its use.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::engine::reply::{Done, Usage};
use crate::engine::window::Loaded;

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
#[derive(Debug)]
pub(super) struct Models<T> {
    pub(super) models: Vec<T>,
}

/// An entry that cannot be read costs no other.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Models<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Listed {
            models: Option<Vec<Value>>,
        }
        let listed = Listed::deserialize(deserializer)?;
        let entries = listed.models.unwrap_or_default().into_iter();
        // silent-ok: what is no model cannot be chosen; the others can.
        let models = entries.filter_map(|entry| serde_json::from_value(entry).ok());
        Ok(Self {
            models: models.collect(),
        })
    }
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
    /// Whether it goes by that name, with or without the usual tag.
    pub fn is_called(&self, name: &str) -> bool {
        same_name(&self.name, name)
    }

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

    /// Whether it only turns text into numbers. Servers that tell no capabilities are believed to
    /// have models that write.
    pub fn only_embeds(&self) -> bool {
        !self.capabilities.is_empty() && !self.can("completion")
    }

    /// The window it was trained for, in tokens. Zero is no answer.
    pub fn context_length(&self) -> Option<u64> {
        let told = self.shape("context_length").or(self.details.context_length);
        told.filter(|tokens| *tokens > 0)
    }

    /// Bytes of cache that a token of the window takes at 16 bits a number, if the model tells its
    /// shape. Models that look back in only some of their layers say in which.
    pub fn cache_per_token(&self) -> Option<u64> {
        let layers = self.shape("block_count")?;
        let layers = layers / self.shape("full_attention_interval").unwrap_or(1).max(1);
        let heads = self.shape("attention.head_count");
        let kept = self.shape("attention.head_count_kv").or(heads)?;
        let width = || self.shape("embedding_length")?.checked_div(heads?);
        let key = self.shape("attention.key_length").or_else(width)?;
        let value = self.shape("attention.value_length").or_else(width)?;
        Some(2 * layers * kept * (key + value))
    }

    fn shape(&self, name: &str) -> Option<u64> {
        let architecture = self.model_info.get("general.architecture")?.as_str()?;
        self.model_info
            .get(&format!("{architecture}.{name}"))
            .and_then(Value::as_u64)
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
    /// Whether it goes by that name, with or without the usual tag.
    pub fn is_called(&self, name: &str) -> bool {
        same_name(&self.name, name)
    }

    /// How it is loaded.
    pub fn loaded(&self) -> Loaded {
        Loaded {
            window: self.context_length,
            bytes: self.size,
            bytes_on_gpu: self.size_vram,
        }
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

    /// Whether it ends no reply, but tells that the model was loaded or unloaded.
    pub(super) fn is_about_loading(&self) -> bool {
        matches!(self.done_reason.as_deref(), Some("load" | "unload"))
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

/// A name without a tag means the tag `latest`.
fn same_name(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_suffix(":latest").unwrap_or(name).to_owned();
    bare(one) == bare(other)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(shape: &Value, expected: Option<u64>) {
        let mut info = json!({"general.architecture": "a"});
        for (name, value) in shape.as_object().unwrap() {
            info[format!("a.{name}")] = value.clone();
        }
        let shown: Shown = serde_json::from_value(json!({"model_info": info})).unwrap();
        assert_eq!(shown.cache_per_token(), expected, "{shape}");
    }

    #[test]
    fn an_entry_that_cannot_be_read_costs_no_other() {
        let list = json!({"models": [{"name": 5}, null, {"name": "a", "size": null}, "b"]});
        let models: Models<Installed> = serde_json::from_value(list).unwrap();
        let names: Vec<&str> = models
            .models
            .iter()
            .map(|model| model.name.as_str())
            .collect();
        assert_eq!(names, ["a"]);
        let none: Models<Installed> = serde_json::from_value(json!({"models": null})).unwrap();
        assert!(none.models.is_empty());
    }

    #[test]
    fn a_window_of_nothing_and_a_model_that_only_embeds_are_told() {
        let shown: Shown = serde_json::from_value(json!({
            "capabilities": ["embedding"],
            "model_info": {"general.architecture": "a", "a.context_length": 0},
        }))
        .unwrap();
        assert_eq!(shown.context_length(), None);
        assert!(shown.only_embeds());
        assert!(!Shown::default().only_embeds());
    }

    #[test]
    fn the_cache_of_a_token_follows_from_the_shape() {
        // qwen3:8b
        let told = json!({"block_count": 36, "attention.head_count": 32, "attention.head_count_kv": 8,
            "attention.key_length": 128, "attention.value_length": 128, "embedding_length": 4096});
        check(&told, Some(147_456));
        // llama3.1:8b does not say how wide a head is.
        let derived = json!({"block_count": 32, "attention.head_count": 32,
            "attention.head_count_kv": 8, "embedding_length": 4096});
        check(&derived, Some(131_072));
        // qwen3.6:27b looks back in every fourth layer.
        let hybrid = json!({"block_count": 64, "full_attention_interval": 4, "attention.head_count": 24,
            "attention.head_count_kv": 4, "attention.key_length": 256, "attention.value_length": 256});
        check(&hybrid, Some(65_536));
        // Lists are left out of the answer.
        let listed = json!({"block_count": 24, "attention.head_count": null, "attention.head_count_kv": null});
        check(&listed, None);
        check(&json!({}), None);
    }
}
