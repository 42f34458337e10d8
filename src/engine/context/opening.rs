//! The opening of a conversation: the skill as system text, and one user message made of the
//! sections that the step names. Journaled whole, so a resume sends the same bytes. No clock and
//! nothing that changes by itself stands in it.

use super::budget;
use super::compaction::work_so_far;
use super::request::{Extras, Opening};
use super::sections;
use crate::engine::event::{ConversationStarted, Purpose};
use crate::engine::manner::EditForm;
use crate::engine::message::{Message, Role};
use crate::engine::protocol::{Protocol, describe};
use crate::engine::session::{Conversation, Session};
use crate::engine::tool::Tool;

/// What follows the skill where passages cannot be replaced; it stands last, so it wins.
const WRITE_WHOLE: &str = "\n\nThere is no edit_file here. To change a file, read it with read_file, then send its complete new text with write_file.";

/// The conversation that opens. None if the pipeline names a skill that was not frozen.
pub fn opening(
    session: &Session,
    opening: &Opening,
    extras: &Extras,
) -> Option<ConversationStarted> {
    let skill = session.skills.get(opening.skill()?)?;
    let model = match opening.purpose {
        Purpose::Critique => session.critic_model(),
        _ => session.model(),
    };
    let writes_whole = session.manner(model).edits == EditForm::WholeFile
        && [Tool::WriteFile, Tool::EditFile]
            .iter()
            .all(|tool| skill.tools.contains(tool));
    let mut system = skill.body.trim().to_owned();
    let tools: Vec<String> = match opening.purpose {
        Purpose::Work => Tool::ALL
            .into_iter()
            .filter(|tool| skill.tools.contains(tool))
            .filter(|tool| !(writes_whole && *tool == Tool::EditFile))
            .map(|tool| tool.name().to_owned())
            .collect(),
        Purpose::Questions
        | Purpose::Coverage
        | Purpose::Fill
        | Purpose::Document(_)
        | Purpose::Critique => Vec::new(),
    };
    // A document has no tools, so there is nothing that could be called in two ways.
    let protocol = match opening.purpose {
        Purpose::Work => session.protocol(model),
        Purpose::Questions
        | Purpose::Coverage
        | Purpose::Fill
        | Purpose::Document(_)
        | Purpose::Critique => Protocol::Native,
    };
    let schemas: usize = match protocol {
        Protocol::Native => {
            let tools = tools.iter().filter_map(|name| Tool::named(name));
            tools.map(|tool| tool.schema().to_string().len()).sum()
        }
        Protocol::Text => {
            system = with_tools(&system, &tools);
            0
        }
    };
    if writes_whole {
        system.push_str(WRITE_WHOLE);
    }
    let order = sections::order(session, opening);
    let fixed = (system.len() + order.len() + schemas) as u64;
    let room = budget::opening_room(session, model, fixed, &opening.purpose);
    let mut user = sections::sections(session, opening, extras, room);
    user.push_str(&order);
    Some(ConversationStarted {
        purpose: opening.purpose.clone(),
        model: model.to_owned(),
        messages: vec![
            Message::text(Role::System, system),
            Message::text(Role::User, user),
        ],
        tools,
        protocol,
    })
}

/// The opening with which a conversation goes on in the text protocol: the same words, the tools
/// in the system text, and what a compaction keeps of the work so far.
pub fn opening_in_text(session: &Session, conversation: &Conversation) -> ConversationStarted {
    let tools: Vec<String> = conversation.tools.iter().filter_map(name).collect();
    let mut messages = conversation.opening_messages();
    if let Some(system) = messages.first_mut() {
        system.content = with_tools(&system.content, &tools);
    }
    if let Some(done) = work_so_far(session, conversation)
        && let Some(last) = messages.last_mut()
    {
        last.content.push_str("\n\n");
        last.content.push_str(&done);
    }
    ConversationStarted {
        purpose: conversation.purpose.clone(),
        model: conversation.model.clone(),
        messages,
        tools,
        protocol: Protocol::Text,
    }
}

fn with_tools(system: &str, tools: &[String]) -> String {
    let tools: Vec<serde_json::Value> = tools
        .iter()
        .filter_map(|name| Tool::named(name))
        .map(Tool::schema)
        .collect();
    format!("{system}\n\n{}", describe(&tools))
}

fn name(tool: &serde_json::Value) -> Option<String> {
    let name = tool.pointer("/function/name")?.as_str()?;
    Some(name.to_owned())
}
