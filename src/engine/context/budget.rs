//! How much of the context window a request uses. A request that does not fit is never sent: its
//! parts are made to fit beforehand.

use crate::engine::estimate;
use crate::engine::event::Purpose;
use crate::engine::manner::AnswerPart;
use crate::engine::session::{Conversation, Session};

/// The window that counts: what was asked for, or less if the server gave less.
pub fn window(session: &Session) -> u64 {
    match session.window_in_force {
        Some(in_force) if in_force > 0 => in_force.min(session.num_ctx),
        _ => session.num_ctx,
    }
}

/// Estimated tokens of the next request.
pub fn prompt_tokens(session: &Session, conversation: &Conversation) -> u64 {
    estimate::prompt(
        conversation.bytes,
        conversation.counted,
        session.token_ratio,
    )
}

/// The most tokens of an answer that nobody configured: a whole file and some thinking. What is
/// longer is a model that does not end.
const LONGEST_ANSWER: u64 = 16_384;

/// Tokens kept free for the answer of that model, and the most it may have: what was configured, or
/// the model's part of the window. The same for every request of a conversation, so that its options
/// never change.
pub fn reserve(session: &Session, model: &str) -> u64 {
    answer(
        window(session),
        session.settings.model.num_predict,
        session.manner(model).answer,
    )
}

fn answer(window: u64, configured: Option<u64>, part: AnswerPart) -> u64 {
    configured
        .unwrap_or_else(|| part.of(window).min(LONGEST_ANSWER))
        .min(window / 3)
}

/// Whether the next request fits with its answer.
pub fn fits(session: &Session, conversation: &Conversation) -> bool {
    prompt_tokens(session, conversation) + reserve(session, &conversation.model) <= window(session)
}

/// Tokens beside the answer of that model that are left when so many bytes are taken.
pub fn left(session: &Session, model: &str, bytes: u64) -> u64 {
    (window(session) - reserve(session, model))
        .saturating_sub(estimate::uncounted(bytes, session.token_ratio))
}

/// Bytes of a new conversation's first message, if system text and tools have so many: with tools
/// half of what is left, since the work itself needs room; for a document most of it.
pub fn opening_room(session: &Session, model: &str, fixed: u64, purpose: &Purpose) -> usize {
    let left = left(session, model, fixed);
    let tokens = match purpose {
        Purpose::Work => left / 2,
        Purpose::Questions
        | Purpose::Coverage
        | Purpose::Fill
        | Purpose::Document(_)
        | Purpose::Critique => left * 6 / 10,
    };
    estimate::room(tokens, session.token_ratio).max(1_500)
}

/// Whether there is anything between the opening and the last exchange to leave out.
pub fn can_compact(conversation: &Conversation) -> bool {
    conversation.messages.len() > conversation.opening + 2
}

/// Characters that one tool result may have: a third of what is left beside the opening, so that
/// the window holds several, and a compaction can keep the latest.
pub fn result_chars(session: &Session) -> usize {
    let (model, fixed) = match &session.conversation {
        Some(open) => (open.model.as_str(), open.fixed_bytes()),
        None => (session.model(), 0),
    };
    let left = left(session, model, fixed);
    let window = usize::try_from(window(session) * 4 / 10).unwrap_or(usize::MAX);
    estimate::room(left / 3, session.token_ratio)
        .min(window)
        .clamp(1_200, 12_000)
}

/// Why nothing can be sent any more, in words.
pub fn too_full(session: &Session, conversation: &Conversation) -> String {
    format!(
        "about {} tokens of prompt and {} for the answer do not fit in the context window of {} tokens, even shortened; a larger --num-ctx helps",
        prompt_tokens(session, conversation),
        reserve(session, &conversation.model),
        window(session)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gets_a_part_of_any_window() {
        for (window, quarter, third) in [
            (4_096, 1_024, 1_365),
            (8_192, 2_048, 2_730),
            (16_384, 4_096, 5_461),
            (32_768, 8_192, 10_922),
            (65_536, 16_384, 16_384),
            (131_072, 16_384, 16_384),
        ] {
            assert_eq!(answer(window, None, AnswerPart::Quarter), quarter);
            assert_eq!(answer(window, None, AnswerPart::Third), third);
            // What a person configured holds, as long as a prompt still fits.
            assert_eq!(answer(window, Some(512), AnswerPart::Quarter), 512);
            assert_eq!(
                answer(window, Some(u64::MAX), AnswerPart::Third),
                window / 3
            );
        }
    }
}
