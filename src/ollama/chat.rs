//! The server as the engine's model: one request, its tries, one reply. A request that is tried
//! again starts from nothing; `Progress::Retrying` says that what was shown before is void.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;

use super::connection::{Connection, within};
use super::faults::Failure;
use super::retry::Trouble;
use super::server::Server;
use super::stream::Stream;
use super::waiting::{Forecast, first_byte};
use super::wire::{Running, is_cloud_name};
use crate::engine::ports::{ChatRequest, Model, Progress};
use crate::engine::prefix::Prefix;
use crate::engine::reply::{Fault, Reply};
use crate::engine::window::Loaded;

/// After the final frame only the end of the body can come; a connection on which it does not
/// come soon is not worth keeping.
const DRAIN: Duration = Duration::from_secs(1);

impl Model for Server {
    async fn chat(
        &mut self,
        request: &ChatRequest<'_>,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Fault> {
        if is_cloud_name(request.model) {
            return Err(Fault::Cloud {
                model: request.model.to_owned(),
            });
        }
        let mut written = self.body.of(request).map_err(|error| Fault::Unusable {
            detail: format!("cannot write the request: {error}"),
        })?;
        let body = std::mem::take(&mut written.body);
        let prepared = self.connection.post("/api/chat", body);
        let patience = Patience {
            forecast: self.learned.forecast(request.model, &written),
            idle: self.learned.idle(
                request.model,
                request.sampling.num_predict,
                self.connection.idle(),
            ),
        };
        let mut before = Vec::new();
        loop {
            // A body of bytes can always be sent twice, and the copy shares them.
            let Some(attempt) = prepared.try_clone() else {
                unreachable!("the body is not a stream")
            };
            on_progress(Progress::Waiting);
            let came = reply(&self.connection, attempt, request, patience, on_progress).await;
            let failure = match came {
                Ok(reply) => {
                    self.body.answered(request);
                    self.learned.answered(request.model, &written, reply.usage);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            let Some(trouble) = failure.trouble else {
                return Err(failure.fault);
            };
            let Some(after) = self.backoff.pause(&before, trouble) else {
                return Err(failure.fault);
            };
            let why = failure.fault.to_string();
            on_progress(Progress::Retrying { why, after });
            tokio::time::sleep(after).await;
            before.push(trouble);
        }
    }

    async fn loaded(&mut self, model: &str) -> Option<Loaded> {
        let running = self.ps().await.ok()?; // silent-ok: not known
        running
            .iter()
            .find(|entry| entry.is_called(model))
            .map(Running::loaded)
    }

    async fn is_there(&mut self, _model: &str) -> bool {
        self.version().await.is_ok()
    }

    fn prefix(&self) -> Option<Prefix> {
        self.learned.prefix.clone()
    }
}

/// How long a reply is waited for.
#[derive(Clone, Copy)]
struct Patience {
    /// Until its first byte.
    forecast: Forecast,
    /// Between two pieces.
    idle: Duration,
}

async fn reply(
    connection: &Connection,
    request: RequestBuilder,
    asked: &ChatRequest<'_>,
    patience: Patience,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Reply, Failure> {
    let began = Instant::now();
    let sent = first_byte(
        connection,
        asked.model,
        patience.forecast,
        request.send(),
        on_progress,
    )
    .await;
    let mut response = connection.head(sent, began.elapsed(), asked.model).await?;
    let mut stream = Stream::new(asked.model, asked.sampling.num_predict);
    while !stream.is_complete() {
        match connection.next_bytes(&mut response, patience.idle).await? {
            Ok(Some(bytes)) => stream.push(bytes.as_ref(), on_progress)?,
            Ok(None) => return stream.finish(on_progress),
            Err(why) if stream.is_silent() => {
                return Err(Failure::again(
                    stream.cut(&format!("({why})")),
                    Trouble::Lost,
                ));
            }
            Err(why) => return Err(stream.cut(&format!("({why})")).into()),
        }
    }
    // Read up to its end, the connection can be used again.
    within(DRAIN, async {
        while let Ok(Some(_)) = response.chunk().await {}
    })
    .await;
    stream.finish(on_progress)
}
