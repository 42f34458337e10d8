//! What the replies of this process taught about each model: how many tokens its bytes make, how
//! fast it reads and writes. Owns what is expected of the next request; the rules are the engine's.

use std::collections::BTreeMap;
use std::time::Duration;

use super::body::Written;
use super::waiting::Forecast;
use crate::engine::estimate::{Speed, UNMEASURED, learned_ratio, tokens};
use crate::engine::prefix::{Prefix, fresh};
use crate::engine::reply::Usage;

/// Writing may take so many times what it is expected to take: a whole call comes in one piece.
const LONGEST_WRITING: u32 = 2;

/// What is known of the models that were asked.
#[derive(Debug, Default)]
pub(super) struct Learned {
    models: BTreeMap<String, Model>,
    /// What the last request that was answered shared with the one before.
    pub(super) prefix: Option<Prefix>,
}

#[derive(Clone, Copy, Debug)]
struct Model {
    ratio: f64,
    speed: Speed,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            ratio: UNMEASURED,
            speed: Speed::default(),
        }
    }
}

impl Learned {
    /// What reading that request will take.
    pub(super) fn forecast(&self, model: &str, written: &Written) -> Forecast {
        let known = self.of(model);
        let expected = |bytes| {
            let tokens = tokens(bytes, known.ratio);
            (tokens, known.speed.reading(tokens))
        };
        Forecast {
            fresh: expected(written.bytes - shared(written)),
            whole: expected(written.bytes),
        }
    }

    /// How long nothing may come while so many tokens are written.
    pub(super) fn idle(&self, model: &str, tokens: u64, least: Duration) -> Duration {
        let writing = self.of(model).speed.writing(tokens).unwrap_or_default();
        least.max(writing.saturating_mul(LONGEST_WRITING))
    }

    /// Takes in what the server counted for that request.
    pub(super) fn answered(&mut self, model: &str, written: &Written, usage: Usage) {
        let mut known = self.of(model);
        let judged = |shared: crate::engine::prefix::Shared| {
            shared.judged(written.bytes, usage, known.speed)
        };
        self.prefix = written.shared.clone().map(judged);
        if usage.prompt_tokens > 0 {
            let new = fresh(usage.prompt_tokens, written.bytes, shared(written));
            known.ratio = learned_ratio(written.bytes, usage.prompt_tokens, known.ratio);
            known.speed.learn(usage, new);
        }
        self.models.insert(model.to_owned(), known);
    }

    fn of(&self, model: &str) -> Model {
        self.models.get(model).copied().unwrap_or_default()
    }
}

fn shared(written: &Written) -> u64 {
    written.shared.as_ref().map_or(0, |shared| shared.bytes)
}
