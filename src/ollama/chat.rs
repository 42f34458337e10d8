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
use super::wire::is_cloud_name;
use crate::engine::ports::{ChatRequest, Model, Progress};
use crate::engine::prefix::Prefix;
use crate::engine::reply::{Fault, Reply};

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
        let mut retried = 0;
        loop {
            // A body of bytes can always be sent twice, and the copy shares them.
            let Some(attempt) = prepared.try_clone() else {
                unreachable!("the body is not a stream")
            };
            on_progress(Progress::Waiting);
            let came = reply(
                &self.connection,
                attempt,
                request.model,
                patience,
                on_progress,
            )
            .await;
            let failure = match came {
                Ok(reply) => {
                    self.body.answered(request);
                    self.learned.answered(request.model, &written, reply.usage);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            let pause = failure
                .trouble
                .and_then(|trouble| self.backoff.pause(retried, trouble));
            let Some(after) = pause else {
                return Err(failure.fault);
            };
            let why = failure.fault.to_string();
            on_progress(Progress::Retrying { why, after });
            tokio::time::sleep(after).await;
            retried += 1;
        }
    }

    async fn window_in_force(&mut self, model: &str) -> Option<u64> {
        let running = self.ps().await.ok()?; // silent-ok: not known
        let mut running = running.iter();
        running.find(|entry| entry.is_called(model))?.context_length
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
    model: &str,
    patience: Patience,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Reply, Failure> {
    let began = Instant::now();
    let sent = first_byte(
        connection,
        model,
        patience.forecast,
        request.send(),
        on_progress,
    )
    .await;
    let mut response = connection.head(sent, began.elapsed(), model).await?;
    let mut stream = Stream::new(model);
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
