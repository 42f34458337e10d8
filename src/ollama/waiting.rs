//! The time between a request and its first byte, in which the server says nothing by itself: a
//! second connection asks it for the loaded models now and then. Owns what follows from that: what
//! a person is told, and how long it is worth waiting.
//!
//! What the server shows: a model that is not listed is being loaded, or room is made for it; a
//! listed one is ready. Whether a ready model reads this prompt or works for somebody else cannot
//! be seen. A client that goes away aborts a load, so no load may run into the limit of a reply.

use std::pin::pin;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::wire::{Models, Running};
use crate::engine::ports::Progress;

/// Loading may take so many times the limit for a first byte. The server itself gives up on a load
/// that does not move for five minutes, so this is for loads that do.
const LONGEST_LOAD: u32 = 3;
/// Reading may take so many times what it is expected to take.
const LONGEST_READING: u32 = 3;
/// After so many times the expected time, something else must be in front.
const OVERDUE: u32 = 2;
/// Estimates of short times are off by more than that.
const GRACE: Duration = Duration::from_secs(5);

/// What the prompt will take, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Forecast {
    /// Tokens that the server has not read yet, and how long it takes to read them.
    pub(super) fresh: (u64, Option<Duration>),
    /// All of them: a model that is loaded anew knows nothing.
    pub(super) whole: (u64, Option<Duration>),
}

/// What the server said of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Listed {
    /// It is loaded.
    Ready,
    /// It is not; another one may be.
    Absent(Option<String>),
    /// The server gave no answer.
    NotTold,
}

/// How the waiting stands. Times count from the moment at which the request went out.
#[derive(Debug)]
struct Wait {
    forecast: Forecast,
    first_byte: Duration,
    /// Until when the model was seen not to be loaded.
    loading_until: Option<Duration>,
    told: Progress,
}

/// Waits for an answer as long as it is worth it; none if it is not any more.
pub(super) async fn first_byte<T>(
    connection: &Connection,
    model: &str,
    forecast: Forecast,
    answer: impl Future<Output = T>,
    on_progress: &mut dyn FnMut(Progress),
) -> Option<T> {
    let began = Instant::now();
    let mut wait = Wait::new(forecast, connection.first_byte());
    let mut answer = pin!(answer);
    loop {
        let left = wait.limit().saturating_sub(began.elapsed());
        let listed = tokio::select! {
            biased;
            answer = &mut answer => return Some(answer),
            listed = look(connection, model) => listed,
            () = tokio::time::sleep(left) => return None,
        };
        if let Some(news) = wait.looked(listed, began.elapsed()) {
            on_progress(news);
        }
    }
}

/// One look, after the usual pause.
async fn look(connection: &Connection, model: &str) -> Listed {
    tokio::time::sleep(connection.look_every()).await;
    let Ok(answer) = connection.answer(connection.look("/api/ps"), model).await else {
        return Listed::NotTold;
    };
    match serde_json::from_slice::<Models<Running>>(&answer) {
        Ok(Models { models }) => listed(&models, model),
        Err(_) => Listed::NotTold,
    }
}

fn listed(running: &[Running], model: &str) -> Listed {
    if running.iter().any(|entry| entry.is_called(model)) {
        return Listed::Ready;
    }
    Listed::Absent(running.first().map(|entry| entry.name.clone()))
}

impl Wait {
    fn new(forecast: Forecast, first_byte: Duration) -> Self {
        Self {
            forecast,
            first_byte,
            loading_until: None,
            told: Progress::Waiting,
        }
    }

    /// Takes in a look; gives what is new for a person.
    fn looked(&mut self, listed: Listed, at: Duration) -> Option<Progress> {
        let now = match listed {
            Listed::Absent(beside) => {
                self.loading_until = Some(at);
                Progress::Loading { beside }
            }
            Listed::NotTold => Progress::Waiting,
            Listed::Ready => {
                let (tokens, expected) = self.to_read();
                let reading = at.saturating_sub(self.loading_until.unwrap_or_default());
                if expected.is_some_and(|expected| reading > expected * OVERDUE + GRACE) {
                    Progress::Busy
                } else {
                    Progress::Reading { tokens, expected }
                }
            }
        };
        if now == self.told {
            return None;
        }
        self.told = now.clone();
        Some(now)
    }

    /// How long the first byte may take in all: loading does not count, reading at the known speed
    /// does not either, and both have an end.
    fn limit(&self) -> Duration {
        let loading = self.loading_until.unwrap_or_default();
        let reading = self.to_read().1.unwrap_or_default();
        loading.min(self.first_byte.saturating_mul(LONGEST_LOAD))
            + self.first_byte.max(reading.saturating_mul(LONGEST_READING))
    }

    fn to_read(&self) -> (u64, Option<Duration>) {
        match self.loading_until {
            None => self.forecast.fresh,
            Some(_) => self.forecast.whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn wait() -> Wait {
        let forecast = Forecast {
            fresh: (400, Some(SECOND * 2)),
            whole: (4_000, Some(SECOND * 20)),
        };
        Wait::new(forecast, SECOND * 60)
    }

    fn loading() -> Progress {
        Progress::Loading { beside: None }
    }

    fn reading(tokens: u64, seconds: u32) -> Progress {
        Progress::Reading {
            tokens,
            expected: Some(SECOND * seconds),
        }
    }

    #[test]
    fn a_loaded_model_reads_what_is_new_and_then_something_is_in_front() {
        let mut wait = wait();
        assert_eq!(wait.looked(Listed::Ready, SECOND), Some(reading(400, 2)));
        assert_eq!(wait.looked(Listed::Ready, SECOND * 9), None);
        assert_eq!(
            wait.looked(Listed::Ready, SECOND * 10),
            Some(Progress::Busy)
        );
        assert_eq!(
            wait.looked(Listed::NotTold, SECOND * 11),
            Some(Progress::Waiting)
        );
    }

    #[test]
    fn a_model_that_is_loaded_anew_reads_everything() {
        let mut wait = wait();
        let absent = || Listed::Absent(None);
        assert_eq!(wait.looked(absent(), SECOND), Some(loading()));
        assert_eq!(wait.looked(absent(), SECOND * 50), None);
        assert_eq!(
            wait.looked(Listed::Ready, SECOND * 52),
            Some(reading(4_000, 20))
        );
        assert_eq!(wait.looked(Listed::Ready, SECOND * 94), None);
        assert_eq!(
            wait.looked(Listed::Ready, SECOND * 96),
            Some(Progress::Busy)
        );
    }

    #[test]
    fn without_a_speed_nothing_is_late() {
        let forecast = Forecast {
            fresh: (400, None),
            whole: (4_000, None),
        };
        let mut wait = Wait::new(forecast, SECOND * 60);
        wait.looked(Listed::Ready, SECOND);
        assert_eq!(wait.looked(Listed::Ready, SECOND * 3_000), None);
    }

    #[test]
    fn neither_a_load_nor_a_long_prompt_runs_into_the_limit() {
        let mut wait = wait();
        assert_eq!(wait.limit(), SECOND * 60);
        for seconds in 1..=180 {
            wait.looked(Listed::Absent(None), SECOND * seconds);
            assert_eq!(wait.limit(), SECOND * (seconds + 60));
        }
        wait.looked(Listed::Absent(None), SECOND * 10_000);
        assert_eq!(wait.limit(), SECOND * 240, "a load has an end");
        wait.forecast.whole.1 = Some(SECOND * 100);
        assert_eq!(wait.limit(), SECOND * (180 + 300));
    }

    #[test]
    fn the_tag_that_everything_has_need_not_be_said() {
        let running = [Running {
            name: "tiny:latest".to_owned(),
            ..Running::default()
        }];
        assert_eq!(listed(&running, "tiny"), Listed::Ready);
        assert_eq!(
            listed(&running, "huge"),
            Listed::Absent(Some("tiny:latest".to_owned()))
        );
        assert_eq!(listed(&[], "tiny"), Listed::Absent(None));
    }
}
