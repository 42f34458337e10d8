//! The opening of a conversation: the skill as system text, and one user message made of the
//! sections that the step names. Journaled whole, so a resume sends the same bytes. No clock and
//! nothing that changes by itself stands in it.

use super::request::{Extras, Opening};
use super::sections;
use crate::engine::event::{ConversationStarted, Purpose};
use crate::engine::manner::EditForm;
use crate::engine::message::{Message, Role};
use crate::engine::session::Session;
use crate::engine::tool::Tool;

/// What follows the skill where passages cannot be replaced; it stands last, so it wins.
const WRITE_WHOLE: &str = "\n\nThere is no edit_file here. To change a file, read it with read_file, then send its complete new text with write_file.";

/// The conversation that opens. None if the pipeline names a skill that was not frozen.
pub fn opening(
    session: &Session,
    opening: &Opening,
    extras: &Extras,
) -> Option<ConversationStarted> {
    let skill = session.skills.get(opening.step.skill()?)?;
    let model = session.model();
    let writes_whole = session.manner(model).edits == EditForm::WholeFile
        && [Tool::WriteFile, Tool::EditFile]
            .iter()
            .all(|tool| skill.tools.contains(tool));
    let mut system = skill.body.trim().to_owned();
    if writes_whole {
        system.push_str(WRITE_WHOLE);
    }
    let tools: Vec<String> = match opening.purpose {
        Purpose::Work => Tool::ALL
            .into_iter()
            .filter(|tool| skill.tools.contains(tool))
            .filter(|tool| !(writes_whole && *tool == Tool::EditFile))
            .map(|tool| tool.name().to_owned())
            .collect(),
        Purpose::Questions | Purpose::Coverage | Purpose::Fill | Purpose::Document(_) => Vec::new(),
    };
    let mut user = sections::sections(session, opening, extras);
    user.push_str(sections::order(session, opening).as_str());
    Some(ConversationStarted {
        purpose: opening.purpose.clone(),
        model: model.to_owned(),
        messages: vec![
            Message::text(Role::System, system),
            Message::text(Role::User, user),
        ],
        tools,
    })
}
