//! A server and the questions it answers without a model: what it is, what it has, what is
//! loaded. They are asked once: whoever asks decides whether to wait.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::json;

use super::body::Body;
use super::connection::{Connection, ServerSettings};
use super::learned::Learned;
use super::retry::Backoff;
use super::wire::{Installed, Models, Running, Shown, Version, is_cloud_name};
use crate::engine::manner::Patience;
use crate::engine::reply::Fault;
use crate::error::Result;

/// An Ollama server.
pub struct Server {
    pub(super) connection: Connection,
    pub(super) backoff: Backoff,
    pub(super) body: Body,
    pub(super) learned: Learned,
}

impl Server {
    /// Prepares everything and connects to nothing. Fails if the settings cannot be used.
    pub fn new(settings: &ServerSettings) -> Result<Self> {
        Ok(Self {
            connection: Connection::new(settings)?,
            backoff: Backoff::default(),
            body: Body::default(),
            learned: Learned::default(),
        })
    }

    /// The same with other pauses between tries.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Waits so long at least from now on; what is configured holds where it is longer.
    pub fn wait_at_least(&mut self, patience: &Patience) {
        self.connection.wait_at_least(
            Duration::from_secs(patience.first_byte_seconds),
            Duration::from_secs(patience.idle_seconds),
        );
    }

    /// The same server for questions while a chat is under way; they take a second connection.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            backoff: self.backoff,
            body: Body::default(),
            learned: Learned::default(),
        }
    }

    /// The base address.
    pub fn url(&self) -> &str {
        self.connection.url()
    }

    /// The server's version.
    pub async fn version(&self) -> Result<String, Fault> {
        let answer: Version = self.get("/api/version").await?;
        Ok(answer.version)
    }

    /// The installed models, cloud ones among them.
    pub async fn tags(&self) -> Result<Vec<Installed>, Fault> {
        let answer: Models<Installed> = self.get("/api/tags").await?;
        Ok(answer.models)
    }

    /// The loaded models.
    pub async fn ps(&self) -> Result<Vec<Running>, Fault> {
        let answer: Models<Running> = self.get("/api/ps").await?;
        Ok(answer.models)
    }

    /// One model. A cloud model is a fault.
    pub async fn show(&self, model: &str) -> Result<Shown, Fault> {
        let body = json!({"model": model}).to_string().into_bytes();
        let request = self.connection.post("/api/show", body);
        let answer = self.connection.answer(request, model).await?;
        let shown: Shown = read("/api/show", &answer)?;
        if is_cloud_name(model) || shown.is_cloud() {
            return Err(Fault::Cloud {
                model: model.to_owned(),
            });
        }
        Ok(shown)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let answer = self
            .connection
            .answer(self.connection.get(path), "")
            .await?;
        read(path, &answer)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

fn read<T: DeserializeOwned>(path: &str, answer: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(answer).map_err(|error| Fault::Server {
        status: 200,
        detail: format!("the answer to {path} is not Ollama's: {error}"),
    })
}
