//! How much of the context window a request uses. A request that does not fit is never sent: its
//! parts are made to fit beforehand.

use crate::engine::estimate;
use crate::engine::event::Purpose;
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

/// Tokens kept free for the answer: what was configured, at most a third of the window.
pub fn reserve(session: &Session) -> u64 {
    session.settings.model.num_predict.min(window(session) / 3)
}

/// Most tokens the next answer may have: what is left, at most what was configured.
pub fn num_predict(session: &Session, conversation: &Conversation) -> u64 {
    let left = window(session).saturating_sub(prompt_tokens(session, conversation));
    session.settings.model.num_predict.min(left).max(64)
}

/// Whether the next request fits with its answer.
pub fn fits(session: &Session, conversation: &Conversation) -> bool {
    prompt_tokens(session, conversation) + reserve(session) <= window(session)
}

/// Tokens beside the answer that are left when so many bytes are taken.
pub fn left(session: &Session, bytes: u64) -> u64 {
    (window(session) - reserve(session))
        .saturating_sub(estimate::uncounted(bytes, session.token_ratio))
}

/// Bytes of a new conversation's first message, if system text and tools have so many: with tools
/// half of what is left, since the work itself needs room; for a document most of it.
pub fn opening_room(session: &Session, fixed: u64, purpose: &Purpose) -> usize {
    let left = left(session, fixed);
    let tokens = match purpose {
        Purpose::Work => left / 2,
        Purpose::Questions | Purpose::Coverage | Purpose::Fill | Purpose::Document(_) => {
            left * 6 / 10
        }
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
    let conversation = session.conversation.as_ref();
    let left = left(session, conversation.map_or(0, Conversation::fixed_bytes));
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
        reserve(session),
        window(session)
    )
}
