//! A document: asked for through a schema, validated, handed back with its faults at most twice,
//! written, and approved by a person where the pipeline says so.

use super::ahead;
use super::effect::{Effect, finish_phase, note};
use crate::engine::artifact::{
    ArtifactName, Plan, SchemaKind, Tickets, accept_plan, accept_prd, accept_review,
    accept_tickets, prd_for_simple, read_json, single_ticket,
};
use crate::engine::ask::{Ask, AskId, AskKind, Reference};
use crate::engine::context::{Opening, budget, picture};
use crate::engine::event::{Author, Event, Interruption, NoteKind, Outcome, Purpose};
use crate::engine::phase::{DocumentApproval, Duty, Input, Phase, Step};
use crate::engine::session::{Conversation, PackageState, Session, Tail};
use crate::engine::settings::Approval;
use crate::engine::ticket;

/// Times a document may be wrong before the phase is given up.
const TRIES: u32 = 3;

/// What the document still needs.
pub(super) fn next(
    session: &Session,
    phase: &Phase,
    step: &Step,
    artifact: ArtifactName,
    approval: DocumentApproval,
) -> Option<Effect> {
    if session.simple == Some(true) {
        return None;
    }
    if artifact == ArtifactName::Plan && session.documents.tickets.is_none() {
        return Some(write(
            ArtifactName::Tickets,
            &single_ticket(&session.started.task),
            Author::Program,
        ));
    }
    if let Some(conversation) = open(session, artifact)
        && conversation.tail != Tail::Settled
    {
        return Some(converse(session, phase, conversation, artifact));
    }
    let Some(stored) = session.artifacts.get(&artifact) else {
        if step.inputs().contains(&Input::Inventory) && session.inventory.is_none() {
            return Some(Effect::TakeInventory);
        }
        return Some(Effect::OpenConversation(Opening {
            purpose: Purpose::Document(artifact),
            step: step.clone(),
            ticket: None,
        }));
    };
    if let Some(refused) = &session.refused
        && approval != DocumentApproval::None
    {
        return Some(finish_phase(Outcome::Refused, refused));
    }
    if let Some(content) = &session.replacement {
        return Some(Effect::WriteArtifact {
            name: artifact,
            content: content.clone(),
            by: Author::User,
            then: Vec::new(),
        });
    }
    if artifact == ArtifactName::Plan
        && let Some(effect) = packages(session)
    {
        return Some(effect);
    }
    if !stored.approved && !approved_beforehand(session, approval) {
        return Some(Effect::AskPerson(approval_ask(
            artifact,
            approval,
            &stored.sha256,
        )));
    }
    if artifact == ArtifactName::Plan
        && let Some(order) = &session.arrangement
    {
        return Some(arrange(session, order));
    }
    None
}

fn open(session: &Session, artifact: ArtifactName) -> Option<&Conversation> {
    session
        .conversation
        .as_ref()
        .filter(|conversation| conversation.purpose == Purpose::Document(artifact))
}

fn converse(
    session: &Session,
    phase: &Phase,
    conversation: &Conversation,
    artifact: ArtifactName,
) -> Effect {
    if conversation.rejected >= TRIES {
        let reason = format!(
            "{} could not be written: {TRIES} answers in a row had faults",
            artifact.file()
        );
        let outcome = if phase.duty == Duty::Polish {
            Outcome::Skipped
        } else {
            Outcome::Blocked
        };
        return finish_phase(outcome, &reason);
    }
    match &conversation.tail {
        Tail::Text(text) => match accept(session, artifact, text) {
            Ok(content) => Effect::WriteArtifact {
                name: artifact,
                content,
                by: Author::Model,
                then: Vec::new(),
            },
            Err(faults) => Effect::Record(vec![correction(&faults)]),
        },
        Tail::Rejected(why) => Effect::Record(vec![correction(std::slice::from_ref(why))]),
        Tail::ModelNext | Tail::Calls | Tail::Claim { .. } | Tail::Settled => {
            if budget::fits(session, conversation) {
                Effect::CallModel {
                    format: Some(schema(artifact)),
                }
            } else {
                Effect::Stop(Interruption::Limit, budget::too_full(session, conversation))
            }
        }
    }
}

/// The schema of an artifact that is filled in through one.
fn schema(artifact: ArtifactName) -> SchemaKind {
    match artifact {
        ArtifactName::Prd => SchemaKind::Prd,
        ArtifactName::Tickets => SchemaKind::Tickets,
        ArtifactName::Plan => SchemaKind::Plan,
        ArtifactName::Review => SchemaKind::Review,
        ArtifactName::Interview | ArtifactName::Research | ArtifactName::Summary => {
            unreachable!(
                "Pipeline::parse refuses a document step for {}",
                artifact.file()
            )
        }
    }
}

fn accept(
    session: &Session,
    artifact: ArtifactName,
    text: &str,
) -> Result<serde_json::Value, Vec<String>> {
    let json = read_json(text).map_err(|fault| vec![fault])?;
    let value = match artifact {
        ArtifactName::Prd => serde_json::to_value(accept_prd(&json)?),
        ArtifactName::Tickets => {
            let prd = session
                .documents
                .prd
                .clone()
                .unwrap_or_else(|| prd_for_simple(&session.started.task));
            serde_json::to_value(accept_tickets(&json, &prd)?)
        }
        ArtifactName::Plan => {
            let none = Tickets::default();
            let tickets = session.documents.tickets.as_ref().unwrap_or(&none);
            let plan = accept_plan(&json, tickets)?;
            let faults = ahead::faults(&plan, tickets, picture(session).as_ref());
            if !faults.is_empty() {
                return Err(faults);
            }
            serde_json::to_value(plan)
        }
        ArtifactName::Review => serde_json::to_value(accept_review(&json)?),
        ArtifactName::Interview | ArtifactName::Research | ArtifactName::Summary => Ok(json),
    };
    value.map_err(|error| vec![error.to_string()])
}

/// Faults as the model is told them.
pub(super) fn correction(faults: &[String]) -> Event {
    let mut text = String::from("Faults of your last answer:\n");
    for fault in faults.iter().take(12) {
        text.push_str("- ");
        text.push_str(fault);
        text.push('\n');
    }
    text.push_str("Answer again with the whole corrected JSON and nothing else.");
    note(NoteKind::Correction, text)
}

fn write<T: serde::Serialize>(name: ArtifactName, value: &T, by: Author) -> Effect {
    Effect::WriteArtifact {
        name,
        content: serde_json::to_value(value).unwrap_or_default(),
        by,
        then: Vec::new(),
    }
}

fn packages(session: &Session) -> Option<Effect> {
    let cannot_replan = session.replanned || open(session, ArtifactName::Plan).is_none();
    if cannot_replan && matches!(session.packages, PackageState::DoWithout { .. }) {
        return None;
    }
    match &session.packages {
        PackageState::Unknown => Some(Effect::CheckPackages),
        PackageState::Missing { names, fetch } => Some(Effect::AskPerson(Ask {
            id: AskId(AskId::FETCH_PACKAGES.to_owned()),
            kind: AskKind::Permission,
            text: format!(
                "The plan needs {}, which is not installed. Fetch it now, with the network on for this one command?\n  {fetch}",
                names.join(", ")
            ),
            options: Vec::new(),
            why: "Work goes on without a network; packages must be there before it starts."
                .to_owned(),
            reference: None,
            place: None,
        })),
        PackageState::MayFetch { fetch } => Some(Effect::FetchPackages(fetch.clone())),
        PackageState::DoWithout { names } => Some(Effect::Record(vec![note(
            NoteKind::Guidance,
            format!(
                "These packages are not installed and cannot be fetched: {}. Plan again without them, using only what is installed.",
                names.join(", ")
            ),
        )])),
        PackageState::Present => None,
    }
}

/// `--yes`, also when it was said only on a resume.
fn approved_beforehand(session: &Session, approval: DocumentApproval) -> bool {
    match approval {
        DocumentApproval::None => true,
        DocumentApproval::Document => session.settings.approvals.documents == Approval::Yes,
        DocumentApproval::Plan => session.settings.approvals.plan == Approval::Yes,
    }
}

fn approval_ask(artifact: ArtifactName, approval: DocumentApproval, sha256: &str) -> Ask {
    let (id, kind, text) = match approval {
        DocumentApproval::Plan => ("approve-plan", AskKind::Plan, "Is this the plan?"),
        DocumentApproval::Document | DocumentApproval::None => {
            ("approve-prd", AskKind::Document, "Is this what you want?")
        }
    };
    Ask {
        id: AskId(id.to_owned()),
        kind,
        text: text.to_owned(),
        options: Vec::new(),
        why: "Everything after this follows from it.".to_owned(),
        reference: Some(Reference {
            artifact: artifact.file().to_owned(),
            sha256: sha256.to_owned(),
            shown: String::new(),
        }),
        place: None,
    }
}

/// Tickets dropped or reordered on the approval screen: first the tickets, then the plan.
fn arrange(session: &Session, order: &[String]) -> Effect {
    let tickets = session.documents.tickets.clone().unwrap_or_default();
    // An order that cannot be is approved nowhere; if it comes all the same, nothing moves.
    let arranged = ticket::arrange(&tickets, order).unwrap_or_else(|_| tickets.clone());
    if arranged != tickets {
        return write(ArtifactName::Tickets, &arranged, Author::User);
    }
    let plan = session.documents.plan.clone().unwrap_or_default();
    let tickets = order
        .iter()
        .filter_map(|id| plan.tickets.iter().find(|ticket| ticket.id == *id).cloned())
        .collect();
    write(ArtifactName::Plan, &Plan { tickets, ..plan }, Author::User)
}
