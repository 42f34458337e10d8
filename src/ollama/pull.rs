//! Fetching a model. The answer is a stream with status 200 from its first line on, so only its
//! last line says how it went.

use serde_json::json;

use super::faults::{self, Failure};
use super::lines::Lines;
use super::server::Server;
use super::wire::{PullProgress, is_cloud_name};
use crate::engine::reply::Fault;

impl Server {
    /// Fetches a model and returns once the server says `success`.
    pub async fn pull(
        &self,
        model: &str,
        on_progress: &mut dyn FnMut(PullProgress),
    ) -> Result<(), Fault> {
        if is_cloud_name(model) {
            return Err(Fault::Cloud {
                model: model.to_owned(),
            });
        }
        let body = json!({"model": model, "stream": true}).to_string();
        let request = self.connection.post("/api/pull", body.into_bytes());
        let mut response = self
            .connection
            .send(request, model)
            .await
            .map_err(|Failure { fault, .. }| fault)?;
        let mut lines = Lines::default();
        loop {
            let idle = self.connection.idle();
            let bytes = match self.connection.next_bytes(&mut response, idle).await? {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break,
                Err(detail) => return Err(Fault::Cut { detail }),
            };
            lines.push(bytes.as_ref());
            while let Ok(Some(line)) = lines.next_line() {
                if let Pulled::Success = read(line, model, on_progress)? {
                    return Ok(());
                }
            }
        }
        if let Some(rest) = lines.rest()
            && let Pulled::Success = read(rest, model, on_progress)?
        {
            return Ok(());
        }
        Err(Fault::Cut {
            detail: format!("the download of '{model}' ended without success"),
        })
    }
}

/// How far a pull is after a line.
enum Pulled {
    Partly,
    Success,
}

fn read(
    line: &[u8],
    model: &str,
    on_progress: &mut dyn FnMut(PullProgress),
) -> Result<Pulled, Fault> {
    let progress = serde_json::from_slice::<PullProgress>(line).unwrap_or_default();
    if progress.status.is_empty() {
        return Err(faults::pull_error(line, model));
    }
    let pulled = if progress.status == "success" {
        Pulled::Success
    } else {
        Pulled::Partly
    };
    on_progress(progress);
    Ok(pulled)
}
