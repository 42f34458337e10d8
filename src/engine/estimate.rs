//! Tokens and times before the server has told them. Tokens are estimated from bytes and corrected
//! by what the server counts: vocabularies differ per model, and a tokenizer per model would be a
//! library each. Times follow from what the same model took before on the same machine.

use std::time::Duration;

use super::reply::Usage;

/// Bytes of a token that ratios refer to: English text and code, on average.
const BYTES_PER_TOKEN: u64 = 4;
/// The ratio before any measurement: 3.5 bytes a token. Vocabularies that cut much finer are rare,
/// and the reserve for the answer covers them until the first count.
pub const UNMEASURED: f64 = 1.15;
/// Text that was not counted yet may be finer than the text before it.
const MARGIN: f64 = 1.1;
/// Fewer tokens than this tell nothing about a ratio or a speed.
const TELLING: u64 = 64;

/// Estimated tokens of that many bytes.
pub fn tokens(bytes: u64, ratio: f64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let estimated = (bytes.div_ceil(BYTES_PER_TOKEN) as f64 * ratio).ceil() as u64;
    estimated
}

/// Estimated tokens of a prompt: what the server counted of its beginning is believed, and the
/// rest is estimated on the high side. `counted` is bytes and tokens of the beginning.
pub fn prompt(bytes: u64, counted: Option<(u64, u64)>, ratio: f64) -> u64 {
    match counted {
        Some((known, count)) if known <= bytes => count + uncounted(bytes - known, ratio),
        _ => uncounted(bytes, ratio),
    }
}

/// Estimated tokens of text that no server has counted, on the high side: 3.2 bytes a token, or
/// fewer if this model was seen to need them. What was counted before says little about the next
/// file, so a lower ratio is not believed.
pub fn uncounted(bytes: u64, ratio: f64) -> u64 {
    tokens(bytes, careful(ratio))
}

fn careful(ratio: f64) -> f64 {
    ratio.max(UNMEASURED) * MARGIN
}

/// Bytes for which so many tokens are surely room.
pub fn room(tokens: u64, ratio: f64) -> usize {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let groups = (tokens as f64 / careful(ratio)) as usize;
    groups.saturating_mul(4)
}

/// Measured tokens per estimated token after this reply. Bounded, so that one odd answer of a
/// server cannot make every later request look empty or full.
pub fn learned_ratio(bytes: u64, prompt_tokens: u64, before: f64) -> f64 {
    let estimated = tokens(bytes, 1.0);
    if estimated < TELLING {
        return before;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let measured = prompt_tokens as f64 / estimated as f64;
    measured.clamp(0.5, 3.0)
}

/// How fast a model reads and writes, in milliseconds a token, learned from what a server counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Speed {
    reading: Option<f64>,
    writing: Option<f64>,
}

impl Speed {
    /// Learns from a reply to a prompt of which so many tokens were new to the server. Prompts
    /// that it mostly knew teach nothing about reading.
    pub fn learn(&mut self, usage: Usage, fresh: u64) {
        if fresh >= 4 * TELLING && fresh * 2 >= usage.prompt_tokens {
            // A prompt that was cached after all looks fast, so what is slower is believed at once.
            self.reading = match (per_token(usage.prompt_ms, fresh), self.reading) {
                (Some(now), Some(before)) if now < before => Some(before + (now - before) / 4.0),
                (Some(now), _) => Some(now),
                (None, before) => before,
            };
        }
        if usage.eval_tokens >= TELLING / 4 {
            self.writing = per_token(usage.eval_ms, usage.eval_tokens).or(self.writing);
        }
    }

    /// How long reading so many new tokens takes.
    pub fn reading(&self, tokens: u64) -> Option<Duration> {
        self.reading.map(|speed| times(speed, tokens))
    }

    /// How long writing so many tokens takes.
    pub fn writing(&self, tokens: u64) -> Option<Duration> {
        self.writing.map(|speed| times(speed, tokens))
    }
}

/// None if the server told no time: a script, or a clock that is too coarse.
fn per_token(ms: u64, tokens: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let speed = ms as f64 / tokens as f64;
    (ms > 0).then_some(speed)
}

fn times(speed: f64, tokens: u64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let seconds = speed * tokens as f64 / 1000.0;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_bytes_are_a_token_at_a_ratio_of_one() {
        assert_eq!(tokens(4000, 1.0), 1000);
        assert_eq!(tokens(4001, 1.0), 1001);
        assert_eq!(tokens(4000, 1.5), 1500);
        assert_eq!(tokens(0, 1.0), 0);
    }

    #[test]
    fn what_was_counted_is_believed() {
        assert_eq!(prompt(4000, None, 2.0), 2200);
        assert_eq!(prompt(4000, None, 0.5), 1265);
        assert_eq!(prompt(4000, Some((4000, 1700)), 1.0), 1700);
        assert_eq!(prompt(8000, Some((4000, 1700)), 2.0), 1700 + 2200);
        assert_eq!(
            prompt(4000, Some((8000, 1700)), 2.0),
            2200,
            "it was shortened since"
        );
    }

    #[test]
    fn one_odd_count_changes_little() {
        assert!((learned_ratio(4000, 1500, 1.0) - 1.5).abs() < 1e-9);
        assert!((learned_ratio(4000, 1, 1.0) - 0.5).abs() < 1e-9);
        assert!((learned_ratio(4000, 1_000_000, 1.0) - 3.0).abs() < 1e-9);
        assert!(
            (learned_ratio(200, 200, 1.3) - 1.3).abs() < 1e-9,
            "too small to tell"
        );
    }

    #[test]
    fn speeds_are_learned_from_what_was_really_read() {
        let usage = |prompt_tokens, prompt_ms, eval_tokens, eval_ms| Usage {
            prompt_tokens,
            prompt_ms,
            eval_tokens,
            eval_ms,
            load_ms: 0,
        };
        let mut speed = Speed::default();
        speed.learn(usage(100, 50, 3, 3), 100);
        assert_eq!(speed, Speed::default(), "too small to tell");
        speed.learn(usage(1000, 0, 100, 0), 1000);
        assert_eq!(speed, Speed::default(), "no times");
        speed.learn(usage(1000, 2000, 100, 3000), 1000);
        assert_eq!(speed.reading(500), Some(Duration::from_secs(1)));
        assert_eq!(speed.writing(10), Some(Duration::from_millis(300)));
        speed.learn(usage(8000, 300, 0, 0), 300);
        assert_eq!(
            speed.reading(500),
            Some(Duration::from_secs(1)),
            "mostly cached"
        );
        speed.learn(usage(1000, 400, 0, 0), 1000);
        assert_eq!(
            speed.reading(1000),
            Some(Duration::from_millis(1600)),
            "faster counts a quarter"
        );
        speed.learn(usage(1000, 4000, 0, 0), 1000);
        assert_eq!(
            speed.reading(1000),
            Some(Duration::from_secs(4)),
            "slower counts at once"
        );
    }

    proptest! {
        #[test]
        fn what_there_is_room_for_fits(most in 0..1_000_000_u64, ratio in 0.5..3.0_f64) {
            let bytes = room(most, ratio) as u64;
            prop_assert!(uncounted(bytes, ratio) <= most);
        }

        #[test]
        fn a_ratio_stays_in_its_bounds(bytes in 0..u64::MAX / 8, counted in any::<u64>(), before in 0.5..3.0_f64) {
            let ratio = learned_ratio(bytes, counted, before);
            prop_assert!((0.5..=3.0).contains(&ratio));
        }
    }
}
