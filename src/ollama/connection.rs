//! The HTTP side: one client for a run, its headers, its limits of time, and transport errors in
//! words. It knows nothing of what is asked or answered.

use std::error::Error as StdError;
use std::future::Future;
use std::iter::successors;
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use reqwest::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};

use super::faults::{self, Failure};
use super::host::{base_url, without_user};
use super::retry::Trouble;
use super::tls;
use crate::engine::reply::Fault;
use crate::error::{Error, Result};

/// A server on a network answers or refuses within this time; one on this machine at once.
const CONNECT: Duration = Duration::from_secs(2);
/// Questions that need no model are answered within this time, or the server is not well. One that
/// loads a model onto a busy machine takes seconds for the simplest answer.
const QUESTION: Duration = Duration::from_secs(15);
/// Between two looks at a server that has not answered yet.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How much of a refusal is read.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// How to reach a server and how long to wait for it.
#[derive(Clone)]
pub struct ServerSettings {
    /// The base address, as `base_url` makes it.
    pub host: String,
    /// Certificates to trust instead of the system's; for `https` only.
    pub ca_file: Option<PathBuf>,
    /// Names and secret values of further headers.
    pub headers: Vec<(String, String)>,
    /// The most a reply may take to begin. A model that is seen to be loaded, or a prompt that is
    /// known to take longer, gets more (`waiting.rs`).
    pub first_byte: Duration,
    /// The most that may pass between two pieces: a whole tool call is one piece.
    pub idle: Duration,
    /// How often the server is asked where a request stands that has no answer yet.
    pub look_every: Duration,
}

impl ServerSettings {
    /// That server, with the limits the wire contract advises.
    pub fn new(host: &str) -> Self {
        Self {
            host: base_url(host),
            ca_file: None,
            headers: Vec::new(),
            first_byte: Duration::from_secs(30 * 60),
            idle: Duration::from_secs(10 * 60),
            look_every: LOOK_EVERY,
        }
    }
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| (name, "***")).collect();
        f.debug_struct("ServerSettings")
            .field("host", &without_user(&self.host))
            .field("ca_file", &self.ca_file)
            .field("headers", &headers)
            .field("first_byte", &self.first_byte)
            .field("idle", &self.idle)
            .field("look_every", &self.look_every)
            .finish()
    }
}

/// The connection that is kept for a run; a clone shares it.
#[derive(Clone)]
pub(super) struct Connection {
    client: Client,
    /// Where requests go, with the name and the password that it may have.
    target: String,
    /// What is shown of it.
    url: String,
    first_byte: Duration,
    idle: Duration,
    look_every: Duration,
}

impl Connection {
    pub(super) fn new(settings: &ServerSettings) -> Result<Self> {
        let target = settings.host.trim_end_matches('/').to_owned();
        let url = without_user(&target);
        let unusable = |why: &str| {
            Error::usage(format!("cannot use the server address '{url}': {why}"))
                .hint("an address looks like http://127.0.0.1:11434")
        };
        let parsed = reqwest::Url::parse(&target).map_err(|error| unusable(&error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(unusable("only http and https are spoken"));
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls::settings(&url, settings.ca_file.as_deref())?)
            .default_headers(headers(&settings.headers)?)
            .user_agent(concat!("loop-orchestration/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(None)
            .tcp_keepalive(Duration::from_secs(60))
            .tcp_nodelay(true)
            .build()
            .map_err(|error| unusable(&root_cause(&error)))?;
        Ok(Self {
            client,
            target,
            url,
            first_byte: settings.first_byte,
            idle: settings.idle,
            look_every: settings.look_every,
        })
    }

    pub(super) fn wait_at_least(&mut self, first_byte: Duration, idle: Duration) {
        self.first_byte = self.first_byte.max(first_byte);
        self.idle = self.idle.max(idle);
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn first_byte(&self) -> Duration {
        self.first_byte
    }

    pub(super) fn idle(&self) -> Duration {
        self.idle
    }

    pub(super) fn look_every(&self) -> Duration {
        self.look_every
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.target))
    }

    /// A question on a connection of its own, which is not kept: the one of the chat stays the
    /// only one.
    pub(super) fn look(&self, path: &str) -> RequestBuilder {
        self.get(path)
            .header(CONNECTION, HeaderValue::from_static("close"))
    }

    pub(super) fn post(&self, path: &str, body: Vec<u8>) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.target))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
    }

    /// Sends a request and waits for the head of its answer, which the server sends together
    /// with the first byte of the body.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        model: &str,
    ) -> Result<Response, Failure> {
        let sent = within(self.first_byte, request.send()).await;
        self.head(sent, self.first_byte, model).await
    }

    /// What came of a request that was waited for so long.
    pub(super) async fn head(
        &self,
        sent: Option<reqwest::Result<Response>>,
        waited: Duration,
        model: &str,
    ) -> Result<Response, Failure> {
        let response = sent
            .ok_or_else(|| self.timed_out(waited, "first byte"))?
            .map_err(|error| self.unreachable(&error))?;
        self.accept(response, model).await
    }

    /// The next bytes of a body, none at its end.
    pub(super) async fn next_bytes(
        &self,
        response: &mut Response,
        idle: Duration,
    ) -> Result<Result<Option<impl AsRef<[u8]> + use<>>, String>, Fault> {
        let next = within(idle, response.chunk())
            .await
            .ok_or_else(|| self.timed_out(idle, "next byte"))?;
        Ok(next.map_err(|error| root_cause(&error)))
    }

    /// The whole answer to a question that needs no model.
    pub(super) async fn answer(
        &self,
        request: RequestBuilder,
        model: &str,
    ) -> Result<Vec<u8>, Fault> {
        let limit = self.first_byte.min(QUESTION);
        let whole = async {
            let response = request
                .send()
                .await
                .map_err(|error| self.unreachable(&error))?;
            let response = self.accept(response, model).await?;
            let bytes = response
                .bytes()
                .await
                .map_err(|error| self.unreachable(&error))?;
            Ok::<_, Failure>(bytes.to_vec())
        };
        within(limit, whole)
            .await
            .ok_or_else(|| self.timed_out(limit, "first byte"))?
            .map_err(|failure| failure.fault)
    }

    async fn accept(&self, mut response: Response, model: &str) -> Result<Response, Failure> {
        if response.status() == 200 {
            return Ok(response);
        }
        let mut body = Vec::new();
        // A refusal that does not arrive whole is judged by what there is of it.
        while body.len() < LONGEST_REFUSAL
            && let Some(Ok(Some(bytes))) = within(QUESTION, response.chunk()).await
        {
            body.extend_from_slice(&bytes);
        }
        Err(faults::refusal(response.status().as_u16(), &body, model))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let fault = Fault::Unreachable {
            url: self.url.clone(),
            detail: root_cause(error),
        };
        if is_about_tls(error) {
            return fault.into();
        }
        let trouble = if error.is_connect() {
            Trouble::NoConnection
        } else {
            Trouble::Lost
        };
        Failure::again(fault, trouble)
    }

    fn timed_out(&self, limit: Duration, waiting_for: &'static str) -> Fault {
        Fault::TimedOut {
            url: self.url.clone(),
            seconds: limit.as_secs(),
            waiting_for,
        }
    }
}

/// None if the time ran out.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = tokio::time::sleep(limit) => None,
    }
}

fn headers(configured: &[(String, String)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in configured {
        let header = HeaderName::try_from(name.as_str())
            .map_err(|_| Error::usage(format!("'{name}' cannot be the name of a header")))?;
        let mut value = HeaderValue::try_from(value.as_str()).map_err(|_| {
            Error::usage(format!(
                "the value of header '{name}' has characters a header cannot carry"
            ))
        })?;
        value.set_sensitive(true);
        headers.append(header, value);
    }
    Ok(headers)
}

/// What the operating system or TLS said; the layers above it only repeat that something failed.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

/// A certificate that is refused once is refused again.
fn is_about_tls(error: &reqwest::Error) -> bool {
    causes(error).any(<dyn StdError>::is::<rustls::Error>)
}

/// The error and what lies behind it. An `io::Error` hides the one it was made from.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    successors(Some(first), |&error| {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inside) => Some(inside),
            None => error.source(),
        }
    })
}
