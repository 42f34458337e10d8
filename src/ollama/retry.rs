//! When the same request is sent again: one table, and the pauses between. Faults that are not
//! in the table would fail the same way again, or (a first byte that is late) would be made worse
//! by asking twice: the server drops a half-loaded model when its client goes away.

use std::time::Duration;

/// A fault that the same request can survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nobody listens, or the name is unknown just now.
    NoConnection,
    /// The connection broke before anything came back, or a proxy lost its server (502).
    Lost,
    /// The queue is full (503), or a proxy asks for patience (429).
    Busy,
    /// A model did not load, its process died, or the server failed in a way it did not explain.
    Failed,
    /// The server says that the request was taken back (499), which it was not, or that the model
    /// was unloaded.
    TakenBack,
}

impl Trouble {
    /// How often a request is sent again because of this, at most.
    const fn retries(self) -> u32 {
        match self {
            Self::NoConnection => 4,
            Self::Lost | Self::Failed => 3,
            Self::Busy => 6,
            Self::TakenBack => 2,
        }
    }
}

/// The pauses between tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second try; doubled before each further one.
    pub first: Duration,
    /// None is longer.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(8),
        }
    }
}

impl Backoff {
    /// The pause before the next try, given what the request has been through; none if this trouble
    /// came often enough. Each is counted by itself: a server that was busy may still lose its model.
    pub(super) fn pause(self, before: &[Trouble], trouble: Trouble) -> Option<Duration> {
        let count = |tries: usize| u32::try_from(tries).unwrap_or(u32::MAX);
        let same = before.iter().filter(|other| **other == trouble).count();
        (count(same) < trouble.retries()).then(|| {
            self.first
                .saturating_mul(2_u32.saturating_pow(count(before.len())))
                .min(self.longest)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_limit_and_end() {
        let backoff = Backoff::default();
        let pauses: Vec<_> = (0..)
            .map_while(|tries| backoff.pause(&vec![Trouble::Busy; tries], Trouble::Busy))
            .map(|pause| pause.as_millis())
            .collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 8000]);
        assert_eq!(
            backoff.pause(&[Trouble::TakenBack; 2], Trouble::TakenBack),
            None
        );
    }

    #[test]
    fn one_trouble_does_not_use_up_the_tries_of_another() {
        let backoff = Backoff::default();
        let busy = [Trouble::Busy; 3];
        let pause = backoff.pause(&busy, Trouble::Failed);
        assert_eq!(pause, Some(Duration::from_secs(4)));
    }
}
