//! The opening of a conversation: the skill as system text, and one user message made of the
//! sections that the step names. Journaled whole, so a resume sends the same bytes. No clock and
//! nothing that changes by itself stands in it.

use super::budget;
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
    let system = skill.body.trim();
    let order = sections::order(session, opening);
    let schemas = tools.iter().filter_map(|name| Tool::named(name));
    let schemas: usize = schemas.map(|tool| tool.schema().to_string().len()).sum();
    let fixed = (system.len() + order.len() + schemas) as u64;
    let room = budget::opening_room(session, fixed, &opening.purpose);
    let mut user = sections::sections(session, opening, extras, room);
    user.push_str(&order);
    Some(ConversationStarted {
        purpose: opening.purpose.clone(),
        model: session.model().to_owned(),
        messages: vec![
            Message::text(Role::System, system),
            Message::text(Role::User, user),
        ],
        tools,
    })
}
