//! A tool loop: turns, calls, nudges, claims and the gate behind a claim. What differs between
//! exploring, tickets and repairs is only what a claim must show and what failing means.

use super::attempts;
use super::critic;
use super::effect::{Effect, GateKind, finish_phase, note, note_with};
use crate::engine::artifact::{ArtifactName, Decision, accept_decision, read_json};
use crate::engine::ask::{Ask, AskId, AskKind};
use crate::engine::context::{Opening, budget, opening_in_text};
use crate::engine::event::{
    Author, Ended, Event, Interruption, NoteKind, Outcome, Purpose, Receipt,
};
use crate::engine::ladder::{self, Rung};
use crate::engine::marker::Marker;
use crate::engine::message::Role;
use crate::engine::phase::Step;
use crate::engine::protocol::Protocol;
use crate::engine::session::{Conversation, PendingProgress, Session, Tail};

/// Replies in a row without a call or a marker: a nudge, a forced decision, then the end.
const SILENT_MOST: u32 = 3;
/// Compactions without a turn between them, or in a row that freed too little.
const COMPACTIONS_MOST: u32 = 2;

/// What a claim must show, and what failing means.
pub(super) enum Scope<'a> {
    /// Findings about the project.
    Explore(ArtifactName),
    /// One ticket.
    Ticket(&'a str),
    /// A finding of the review.
    Repair,
}

/// What exploring still needs.
pub(super) fn explore(session: &Session, step: &Step, artifact: ArtifactName) -> Option<Effect> {
    if session.artifacts.contains_key(&artifact) {
        return None;
    }
    Some(match work_conversation(session) {
        Some(conversation) => turn(session, step, conversation, &Scope::Explore(artifact)),
        None => open(step, None),
    })
}

/// Opens a conversation with tools.
pub(super) fn open(step: &Step, ticket: Option<&str>) -> Effect {
    Effect::OpenConversation(Opening {
        purpose: Purpose::Work,
        step: step.clone(),
        ticket: ticket.map(str::to_owned),
    })
}

/// The open conversation with tools, if there is one.
pub(super) fn work_conversation(session: &Session) -> Option<&Conversation> {
    session
        .conversation
        .as_ref()
        .filter(|conversation| conversation.purpose == Purpose::Work)
}

/// The next thing to do in a tool loop.
pub(super) fn turn(
    session: &Session,
    step: &Step,
    conversation: &Conversation,
    scope: &Scope<'_>,
) -> Effect {
    if let Some(effect) = circles(session, conversation, scope) {
        return effect;
    }
    if let Some(ask) = session.open_ask()
        && ask.kind == AskKind::Question
        && !matches!(conversation.tail, Tail::Calls)
    {
        return Effect::AskPerson(ask.clone());
    }
    match &conversation.tail {
        Tail::Calls => next_call(session, step, conversation, scope),
        Tail::ModelNext => next_request(session, conversation, scope),
        Tail::Rejected(why) => {
            let meant = conversation.meant.as_ref();
            Effect::Record(ladder::failed(&conversation.ladder, why, meant))
        }
        Tail::Text(_) => silence(session, step, conversation, scope),
        Tail::Claim {
            marker: Marker::NeedsUserInput,
            text,
        } => Effect::AskPerson(question(session, text)),
        Tail::Claim {
            marker: Marker::PhaseComplete | Marker::TaskComplete,
            text,
        } => claim(session, step, conversation, scope, text),
        Tail::Settled => fail(scope, session, "the conversation is over".to_owned()),
    }
}

/// What a model that goes in circles is told, and the end of its attempt. Exploring, which has no
/// attempts of its own, begins afresh as often as a ticket may.
fn circles(session: &Session, conversation: &Conversation, scope: &Scope<'_>) -> Option<Effect> {
    if let Some(found) = conversation.loops.finding() {
        let told = note_with(NoteKind::Loop, found.text.clone(), found.data());
        return Some(Effect::Record(vec![told]));
    }
    let reason = conversation.loops.over()?.to_owned();
    let attempt = session.explorations + 1;
    Some(match scope {
        Scope::Explore(_) if attempt < session.settings.limits.attempts => {
            Effect::Record(vec![attempt_failed(attempt, reason)])
        }
        Scope::Explore(_) | Scope::Ticket(_) | Scope::Repair => fail(scope, session, reason),
    })
}

fn next_call(
    session: &Session,
    step: &Step,
    conversation: &Conversation,
    scope: &Scope<'_>,
) -> Effect {
    let Some(pending) = conversation.pending.first() else {
        return next_request(session, conversation, scope);
    };
    match &pending.progress {
        PendingProgress::Started { before, after } => Effect::Reconcile {
            call: pending.call.clone(),
            before: before.clone(),
            after: after.clone(),
        },
        PendingProgress::Waiting => {
            let most = session.settings.limits.tool_calls;
            if conversation.tool_calls >= most {
                return over_limit(
                    scope,
                    session,
                    format!("{most} tool calls (limits.tool_calls)"),
                );
            }
            Effect::RunTool {
                call: pending.call.clone(),
                access: step.access(),
            }
        }
    }
}

fn next_request(session: &Session, conversation: &Conversation, scope: &Scope<'_>) -> Effect {
    let native = conversation.ladder.protocol() == Protocol::Native;
    if native && session.protocol(&conversation.model) == Protocol::Text {
        let opening = opening_in_text(session, conversation);
        return Effect::Record(vec![Event::ConversationStarted(opening)]);
    }
    let why = conversation.ladder.why();
    let rung = conversation.ladder.rung();
    match rung {
        Rung::Asked | Rung::Corrected | Rung::Forced => {}
        Rung::Text => {
            let note = ladder::to_text(&conversation.ladder, why, &conversation.model);
            return Effect::Record(vec![note]);
        }
        Rung::Blocked => {
            let many = conversation.rejected;
            let reason = format!("{many} replies in a row could not be used; the last: {why}");
            return fail(scope, session, reason);
        }
    }
    let most = session.max_turns();
    if conversation.turns >= most {
        return over_limit(scope, session, format!("{most} turns (limits.max_turns)"));
    }
    if budget::fits(session, conversation) {
        return match rung {
            Rung::Forced => Effect::ForceCall,
            _ => Effect::CallModel { format: None },
        };
    }
    let in_vain = conversation.compactions.max(conversation.meagre) >= COMPACTIONS_MOST;
    if in_vain || !budget::can_compact(conversation) {
        return too_full(session, conversation, scope);
    }
    Effect::Compact
}

/// The conversation cannot go on. A fresh attempt has room again; where it has not, the attempts
/// soon end. What was found out so far is better than nothing.
fn too_full(session: &Session, conversation: &Conversation, scope: &Scope<'_>) -> Effect {
    let why = budget::too_full(session, conversation);
    match scope {
        Scope::Ticket(_) | Scope::Repair => fail(scope, session, why),
        Scope::Explore(artifact) => match findings(conversation, "") {
            found if found.is_empty() => over_limit(scope, session, why),
            found => write_findings(*artifact, &found),
        },
    }
}

/// No marker and no call: one nudge, a forced decision, and then it is over.
fn silence(
    session: &Session,
    step: &Step,
    conversation: &Conversation,
    scope: &Scope<'_>,
) -> Effect {
    if conversation.silent == 0 {
        let nudge = nudge(scope, conversation.ladder.protocol());
        return Effect::Record(vec![note(NoteKind::Nudge, nudge)]);
    }
    if conversation.silent >= SILENT_MOST || conversation.loops.is_worn_out() {
        return fail(
            scope,
            session,
            "the model neither used a tool nor said that it is done".to_owned(),
        );
    }
    let Some(decision) = &conversation.decision else {
        return Effect::AskForDecision;
    };
    // What is no decision is a decision to go on; how often is bounded above.
    let decided = read_json(decision)
        .ok() // silent-ok: as said above
        .and_then(|json| accept_decision(&json).ok()); // silent-ok: as said above
    match decided.as_ref().map(|decided| decided.decision) {
        Some(Decision::Complete) => claim(session, step, conversation, scope, ""),
        Some(Decision::Blocked) => {
            let reason = decided.map(|decided| decided.reason).unwrap_or_default();
            fail(
                scope,
                session,
                format!("the model says that it is blocked: {reason}"),
            )
        }
        Some(Decision::Continue) | None => Effect::Record(vec![note(
            NoteKind::Nudge,
            format!(
                "Then go on now: call the tool for the next step. {}",
                nudge(scope, conversation.ladder.protocol())
            ),
        )]),
    }
}

fn nudge(scope: &Scope<'_>, protocol: Protocol) -> String {
    let (work, marker) = match scope {
        Scope::Explore(_) => (
            "If you know enough, write your findings and end with",
            "[PHASE_COMPLETE]",
        ),
        Scope::Ticket(_) => (
            "If the ticket is done and its checks pass, end with",
            "[TASK_COMPLETE]",
        ),
        Scope::Repair => (
            "If the finding is repaired and the checks pass, end with",
            "[PHASE_COMPLETE]",
        ),
    };
    let form = match protocol {
        Protocol::Native => "send it as a tool call: text in a code block does nothing",
        Protocol::Text => "send its block again, not in a code block: that does nothing",
    };
    format!(
        "That reply had no tool call and no marker line. If you wrote a call as text, {form}. If work remains, call a tool now. If it cannot be done, say why. {work} a last line that contains only {marker}, with nothing else on that line and no code block around it"
    )
}

fn claim(
    session: &Session,
    step: &Step,
    conversation: &Conversation,
    scope: &Scope<'_>,
    text: &str,
) -> Effect {
    let Some(verdict) = &conversation.verdict else {
        return Effect::RunGate(match scope {
            Scope::Explore(_) => GateKind::Paths(findings(conversation, text)),
            Scope::Ticket(id) => GateKind::Ticket((*id).to_owned()),
            Scope::Repair => GateKind::Suite,
        });
    };
    if verdict.passed {
        if let Scope::Ticket(id) = scope
            && let Some(effect) = critic::next(session, step, id, conversation)
        {
            return effect;
        }
        return passed(session, scope, verdict, &findings(conversation, text));
    }
    let worn_out = conversation.loops.is_worn_out();
    if conversation.repairs < session.settings.limits.repairs && !worn_out {
        return Effect::Record(vec![note(NoteKind::CheckFailed, verdict.output.clone())]);
    }
    match scope {
        Scope::Explore(artifact) if !verdict.command.is_empty() => write_findings(
            *artifact,
            &without_lines_naming(&findings(conversation, text), &verdict.command),
        ),
        Scope::Explore(_) | Scope::Ticket(_) | Scope::Repair => {
            fail(scope, session, verdict.output.clone())
        }
    }
}

fn passed(session: &Session, scope: &Scope<'_>, verdict: &Receipt, findings: &str) -> Effect {
    match scope {
        Scope::Explore(artifact) => write_findings(*artifact, findings),
        Scope::Ticket(id) => attempts::passed(session, id, verdict),
        Scope::Repair => Effect::Record(vec![kept(session, verdict)]),
    }
}

/// A step of the repair stays as it is.
fn kept(session: &Session, verdict: &Receipt) -> Event {
    let findings = session.under_repair().into_iter();
    let titles: Vec<&str> = findings.map(|finding| finding.title.as_str()).collect();
    let titles = titles.join("; ");
    let has_changed = session
        .work_under_way()
        .is_some_and(|work| !work.paths.is_empty());
    let edits = session.edits_of_repair().join(", ");
    let text = if has_changed && !edits.is_empty() {
        format!(
            "Repaired after the review: {titles}; tests that were there were changed: {edits}; {}",
            verdict.output
        )
    } else if has_changed {
        format!("Repaired after the review: {titles}; {}", verdict.output)
    } else {
        format!("The review said \"{titles}\"; the model looked and left it as it is.")
    };
    note_with(NoteKind::Kept, text, session.repair_data())
}

fn write_findings(artifact: ArtifactName, text: &str) -> Effect {
    Effect::WriteArtifact {
        name: artifact,
        content: serde_json::Value::String(format!("{}\n", text.trim())),
        by: Author::Model,
        then: Vec::new(),
    }
}

/// The findings are the text of the claim; a marker that stands alone claims what was said before.
fn findings(conversation: &Conversation, text: &str) -> String {
    if !text.trim().is_empty() {
        return text.trim().to_owned();
    }
    conversation
        .messages
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, message)| message.role == Role::Assistant)
        .filter(|(place, _)| !conversation.calls_at(*place))
        .map(|(_, message)| message.content.trim())
        .find(|content| content.len() > 40)
        .unwrap_or_default()
        .to_owned()
}

/// Findings without the lines that name a path of this list (one a line).
fn without_lines_naming(text: &str, paths: &str) -> String {
    text.lines()
        .filter(|line| {
            !paths
                .lines()
                .any(|path| !path.is_empty() && line.contains(path))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Asks the question that the model wrote before its marker.
fn question(session: &Session, text: &str) -> Ask {
    let text = if text.trim().is_empty() {
        "The model needs your input to go on."
    } else {
        text.trim()
    };
    Ask {
        id: AskId(format!("ask-{}", session.asked + 1)),
        kind: AskKind::Question,
        text: text.to_owned(),
        options: Vec::new(),
        why: String::new(),
        reference: None,
        place: None,
    }
}

/// A limit inside a ticket ends the ticket; elsewhere it stops the run, resumably.
fn over_limit(scope: &Scope<'_>, session: &Session, what: String) -> Effect {
    if let Some(effect) = go_back(scope, session, &what) {
        return effect;
    }
    match scope {
        Scope::Ticket(id) => {
            let reason = format!("a limit was reached: {what}");
            attempts::failed(session, id, reason, Ended::Limit)
        }
        Scope::Repair => fail(scope, session, format!("a limit was reached: {what}")),
        Scope::Explore(_) => Effect::Stop(Interruption::Limit, what),
    }
}

/// The attempt is over without success.
pub(super) fn fail(scope: &Scope<'_>, session: &Session, reason: String) -> Effect {
    if let Some(effect) = go_back(scope, session, &reason) {
        return effect;
    }
    match scope {
        Scope::Explore(_) => finish_phase(Outcome::Blocked, &reason),
        Scope::Ticket(id) => attempts::failed(session, id, reason, attempts::ended(session)),
        Scope::Repair => Effect::Record(vec![attempt_failed(1, reason)]),
    }
}

/// An attempt at something else than a ticket leaves no note.
fn attempt_failed(attempt: u32, reason: String) -> Event {
    let note = None;
    Event::AttemptFailed {
        attempt,
        reason,
        note,
    }
}

/// A ticket that had passed its checks before a critic spoke does not fail for the critic's sake.
fn go_back(scope: &Scope<'_>, session: &Session, reason: &str) -> Option<Effect> {
    match scope {
        Scope::Ticket(id) => critic::go_back(session, id, reason),
        Scope::Explore(_) | Scope::Repair => None,
    }
}
