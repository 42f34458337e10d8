//! The opening of a conversation: the skill as system text, and one user message made of the
//! sections that the step names. Journaled whole, so a resume sends the same bytes. No clock and
//! nothing that changes by itself stands in it.

use super::request::{Extras, Opening};
use super::sections;
use crate::engine::event::{ConversationStarted, Purpose};
use crate::engine::message::{Message, Role};
use crate::engine::session::Session;
use crate::engine::tool::Tool;

/// The conversation that opens. None if the pipeline names a skill that was not frozen.
pub fn opening(
    session: &Session,
    opening: &Opening,
    extras: &Extras,
) -> Option<ConversationStarted> {
    let skill = session.skills.get(opening.step.skill()?)?;
    let tools: Vec<String> = match opening.purpose {
        Purpose::Work => Tool::ALL
            .into_iter()
            .filter(|tool| skill.tools.contains(tool))
            .map(|tool| tool.name().to_owned())
            .collect(),
        Purpose::Questions | Purpose::Coverage | Purpose::Fill | Purpose::Document(_) => Vec::new(),
    };
    let mut user = sections::sections(session, opening, extras);
    user.push_str(sections::order(session, opening).as_str());
    Some(ConversationStarted {
        purpose: opening.purpose.clone(),
        model: session.model().to_owned(),
        messages: vec![
            Message::text(Role::System, skill.body.trim()),
            Message::text(Role::User, user),
        ],
        tools,
    })
}
