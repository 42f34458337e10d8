//! The models the stand-in has, and what it says about them.

use serde_json::{Value, json};

use super::script::RequestSeen;

/// An installed model: a small one with tools, unless told otherwise.
#[derive(Clone, Debug)]
pub(crate) struct FakeModel {
    pub(super) name: String,
    size: u64,
    window: u64,
    on_gpu_up_to: u64,
    capabilities: Vec<&'static str>,
    remote_host: Option<&'static str>,
    parameters: &'static str,
}

impl FakeModel {
    /// A model of that name.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            size: 5_000_000_000,
            window: 32_768,
            on_gpu_up_to: 0,
            capabilities: vec!["completion", "tools"],
            remote_host: None,
            parameters: "",
        }
    }

    /// What it can do.
    pub(crate) fn capabilities(mut self, capabilities: &[&'static str]) -> Self {
        self.capabilities = capabilities.to_vec();
        self
    }

    /// What it was trained for, in tokens.
    pub(crate) fn window(mut self, tokens: u64) -> Self {
        self.window = tokens;
        self
    }

    /// Up to this window it stands on the graphics card, with a larger one four fifths of it do.
    pub(crate) fn on_gpu_up_to(mut self, tokens: u64) -> Self {
        self.on_gpu_up_to = tokens;
        self
    }

    /// Bytes on disk.
    pub(crate) fn size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// It runs elsewhere.
    pub(crate) fn remote(mut self, host: &'static str) -> Self {
        self.remote_host = Some(host);
        self
    }

    /// Its own settings, one a line.
    pub(crate) fn parameters(mut self, text: &'static str) -> Self {
        self.parameters = text;
        self
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        let with_tag = |name: &str| {
            if name.contains(':') {
                name.to_owned()
            } else {
                format!("{name}:latest")
            }
        };
        with_tag(&self.name) == with_tag(name)
    }

    pub(super) fn in_tags(&self) -> Value {
        let mut entry = json!({
            "name": self.name, "model": self.name, "modified_at": "2026-01-31T12:00:00Z",
            "size": self.size, "digest": self.digest(), "details": Self::details(),
        });
        if let Some(host) = self.remote_host {
            entry["remote_host"] = host.into();
            entry["remote_model"] = self.name.clone().into();
        }
        entry
    }

    pub(super) fn in_show(&self) -> Value {
        let mut answer = json!({
            "modelfile": "", "template": "{{ .Prompt }}", "parameters": self.parameters,
            "details": Self::details(), "capabilities": self.capabilities, "tensors": [],
            "model_info": {"general.architecture": "tiny", "tiny.context_length": self.window, "tokenizer.ggml.tokens": null},
        });
        if let Some(host) = self.remote_host {
            answer["remote_host"] = host.into();
        }
        answer
    }

    pub(super) fn in_ps(&self, num_ctx: u64) -> Value {
        let on_gpu = match self.on_gpu_up_to {
            0 => 0,
            most if num_ctx <= most => self.size,
            _ => self.size / 5 * 4,
        };
        json!({
            "name": self.name, "model": self.name, "size": self.size, "digest": self.digest(),
            "details": Self::details(), "expires_at": "2026-01-31T12:30:00Z", "size_vram": on_gpu,
            "context_length": num_ctx.min(self.window),
        })
    }

    /// What the server answers before a model is asked, as status and words.
    pub(super) fn refuses(&self, chat: &RequestSeen) -> Option<(u16, String)> {
        let asks_for = |key: &str| match &chat.json[key] {
            Value::Null | Value::Bool(false) => false,
            Value::Array(items) => !items.is_empty(),
            _ => true,
        };
        let lacks = |capability| !self.capabilities.contains(&capability);
        if self.remote_host.is_some() {
            return Some((
                403,
                "ollama cloud is disabled: remote model is unavailable".to_owned(),
            ));
        }
        if asks_for("tools") && lacks("tools") {
            let name = &self.name;
            return Some((
                400,
                format!("registry.example/library/{name} does not support tools"),
            ));
        }
        if asks_for("think") && lacks("thinking") {
            return Some((400, format!("\"{}\" does not support thinking", self.name)));
        }
        None
    }

    fn details() -> Value {
        json!({
            "parent_model": "", "format": "gguf", "family": "tiny", "families": null,
            "parameter_size": "8.2B", "quantization_level": "Q4_K_M",
        })
    }

    fn digest(&self) -> String {
        format!("{:064x}", self.name.bytes().map(u64::from).sum::<u64>())
    }
}
