//! Tokens are estimated from bytes and corrected by what the server counts: vocabularies differ
//! per model, and a tokenizer per model would be a library each.

/// Bytes a token has on average, before any measurement (English text and code).
const BYTES_PER_TOKEN: u64 = 4;

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

/// Measured tokens per estimated token after this reply. Bounded, so that one odd answer of a
/// server cannot make every later request look empty or full.
pub fn learned_ratio(bytes: u64, prompt_tokens: u64, before: f64) -> f64 {
    let estimated = tokens(bytes, 1.0);
    if estimated < 64 {
        return before;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let measured = prompt_tokens as f64 / estimated as f64;
    measured.clamp(0.5, 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_are_a_token_until_measured() {
        assert_eq!(tokens(4000, 1.0), 1000);
        assert_eq!(tokens(4001, 1.0), 1001);
        assert_eq!(tokens(4000, 1.5), 1500);
        assert_eq!(tokens(0, 1.0), 0);
    }
}
