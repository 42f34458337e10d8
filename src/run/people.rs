//! Asking a person: from the answers file, at the prompt, from elsewhere, or not at all. Every
//! question and every answer is journaled at once, so a kill loses none and asks none twice.

use std::fmt::Write as _;

use super::driver::{Attendance, Ending, Run, Unattended};
use crate::engine::approval::entry;
use crate::engine::artifact::{ArtifactName, render_prd};
use crate::engine::ask::{Answer, AnsweredBy, Ask, AskId, AskKind, Verdict};
use crate::engine::course::Course;
use crate::engine::decide::interview_ask;
use crate::engine::event::{Event, Interruption, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator, Response, Update};
use crate::engine::session::{PackageState, Session};
use crate::engine::settings::Switch;
use crate::error::Result;

/// Said to the model when its question reaches nobody.
const NOBODY: &str = "Nobody can be asked now. Decide yourself, choose the simplest sensible way, and say what you assumed.";

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Asks, and journals the answer. An ending means that the run stops here.
    pub(super) async fn ask_person(&mut self, mut ask: Ask) -> Result<Option<Ending>> {
        self.incoming.ask(&mut ask);
        if !self.session.is_open(&ask) || self.was_taken_back(&ask.id)? {
            let known = self.refusal(&ask).or_else(|| self.prepared(&ask));
            if let Some(answer) = known {
                // Nobody is to see as open what is answered at once.
                self.claim_next(&ask, answer)?;
            }
            self.append(Event::Asked { ask: ask.clone() })?;
        }
        if let Some(answer) = self.refusal(&ask) {
            return self.settle(&ask.id, answer).map(|()| None);
        }
        // What was sent while nobody ran the session comes before any other answer.
        if self.take_answers()? {
            return Ok(None);
        }
        if let Some(answer) = self.prepared(&ask) {
            return self.settle(&ask.id, answer).map(|()| None);
        }
        self.call_to_question()?;
        let shown = with_document(&self.session, &ask);
        let Some(response) = self.ask_here(&shown).await? else {
            return Ok(None);
        };
        match response {
            Response::Answer(answer) => self.settle(&ask.id, answer).map(|()| None),
            Response::Interrupted => self
                .stop(Interruption::Signal, "interrupted at a question".to_owned())
                .map(Some),
            Response::Unavailable => self.unavailable(ask).await,
            Response::Course(Course::Again(place)) => self.go_to(&ask.id, place).map(|()| None),
            Response::Course(Course::Done) => self.leave_open(&ask.id).map(|()| None),
        }
    }

    /// The answer of the answers file.
    fn prepared(&self, ask: &Ask) -> Option<Answer> {
        let answer = self.answers.to(ask);
        answer.filter(|answer| !was_given_before(&self.session, ask, answer))
    }

    /// The no of an administrator.
    fn refusal(&self, ask: &Ask) -> Option<Answer> {
        let why = self.refused_beforehand(ask)?;
        Some(Answer {
            verdict: Some(Verdict::Reject { why }),
            ..Answer::default()
        })
    }

    /// Asks at the terminal, which gives way to an answer from elsewhere. None: that came, or the
    /// run is to stop.
    async fn ask_here(&mut self, shown: &Ask) -> Result<Option<Response>> {
        loop {
            let Some(letters) = &mut self.letters else {
                return Ok(Some(self.operator.ask(shown).await));
            };
            tokio::select! {
                biased;
                () = self.interrupt.requested() => return Ok(None),
                response = self.operator.ask(shown) => return Ok(Some(response)),
                answered = letters.answered(&self.session) => answered?,
            }
            if self.take_answers()? {
                return Ok(None);
            }
            // What came was none, and was moved aside: the question stands.
        }
    }

    /// Waits until somebody answers from elsewhere, at no cost.
    async fn wait_for_answer(&mut self, id: &AskId) -> Result<()> {
        let session = &self.session.started.id;
        self.operator.show(Update::Say(&format!(
            "waiting for an answer to {id}: loop answer -s {session} {id}"
        )));
        while !self.take_answers()? {
            let Some(letters) = &mut self.letters else {
                return Ok(());
            };
            tokio::select! {
                biased;
                () = self.interrupt.requested() => return Ok(()),
                answered = letters.answered(&self.session) => answered?,
            }
        }
        Ok(())
    }

    /// Why nobody's yes to this question would count: an administrator has said no.
    fn refused_beforehand(&self, ask: &Ask) -> Option<String> {
        if let PackageState::Missing { fetch, .. } = &self.session.packages
            && ask.id.0 == AskId::FETCH_PACKAGES
        {
            return self.refuses_fetching(fetch);
        }
        None
    }

    /// Goes from a question to an earlier one, counted from 1; a place that does not exist changes
    /// nothing, and neither does one that was answered meanwhile.
    fn go_to(&mut self, from: &AskId, place: u32) -> Result<()> {
        let index = (place as usize).checked_sub(1);
        match index.and_then(|index| interview_ask(&self.session, index)) {
            Some(ask) if self.take_back_question(from)? => self.append(Event::Asked { ask }),
            Some(_) | None => Ok(()),
        }
    }

    /// The person has had enough: the questions that are left stay open.
    fn leave_open(&mut self, at: &AskId) -> Result<()> {
        for (id, answer) in self.left_open(at) {
            self.settle(&id, answer)?;
        }
        Ok(())
    }

    /// What enough means for each question: those without an answer stay open, and the one at hand
    /// keeps the answer that it has from before.
    pub(super) fn left_open(&self, at: &AskId) -> Vec<(AskId, Answer)> {
        let questions = &self.session.interview.record.questions;
        let mut left: Vec<(AskId, Answer)> = questions
            .iter()
            .filter(|question| question.answer.is_none())
            .map(|question| {
                let open = Answer {
                    skipped: true,
                    ..Answer::default()
                };
                (AskId(question.id.clone()), open)
            })
            .collect();
        let kept = questions.iter().find(|question| question.id == at.0);
        if let Some(kept) = kept.and_then(|question| question.answer.as_ref()) {
            let kept = Answer {
                text: kept.text.clone(),
                option: kept.option.clone(),
                skipped: kept.skipped,
                answered_by: kept.answered_by,
                ..Answer::default()
            };
            left.push((at.clone(), kept));
        }
        left
    }

    /// Nobody is there to decide about a blocked ticket: it stays open, and the run goes past it.
    fn leave_blocked(&mut self, ask: &Ask) -> Result<()> {
        self.append(Event::Note(Note {
            kind: NoteKind::LeftBlocked,
            text: format!("nobody could be asked: the question {} stays open", ask.id),
            data: serde_json::Value::Null,
        }))
    }

    /// Nobody is there. What may be filled in is; an approval is never taken for granted here,
    /// and a permission is refused where nobody can be asked at all.
    async fn unavailable(&mut self, ask: Ask) -> Result<Option<Ending>> {
        let by_model = |text: &str, skipped| Answer {
            text: text.to_owned(),
            skipped,
            answered_by: AnsweredBy::Model,
            ..Answer::default()
        };
        if ask.kind == AskKind::Blocked && self.attendance != Attendance::Elsewhere {
            return self.leave_blocked(&ask).map(|()| None);
        }
        let answer = match (ask.kind, self.unattended) {
            (AskKind::Permission, _) if self.attendance != Attendance::Elsewhere => Some(Answer {
                verdict: Some(Verdict::Reject {
                    why: "nobody could be asked".to_owned(),
                }),
                ..Answer::default()
            }),
            (AskKind::Interview | AskKind::Challenge, Unattended::LetTheModelDecide) => {
                Some(by_model("", true))
            }
            (AskKind::Question, Unattended::LetTheModelDecide) => Some(by_model(NOBODY, false)),
            (AskKind::Document | AskKind::Plan | AskKind::Blocked | AskKind::Permission, _)
            | (AskKind::Interview | AskKind::Challenge | AskKind::Question, Unattended::Stop) => {
                None
            }
        };
        if let Some(answer) = answer {
            self.settle(&ask.id, answer).map(|()| None)
        } else if self.attendance == Attendance::Elsewhere {
            self.wait_for_answer(&ask.id).await.map(|()| None)
        } else {
            let reason = format!("the question '{}' needs an answer: {}", ask.id, ask.text);
            self.stop(Interruption::NeedsInput, reason).map(Some)
        }
    }
}

/// Guidance of a file is followed once; the document that comes of it is asked about, or a file
/// would send the model round for ever. So is an answer about a blocked ticket.
fn was_given_before(session: &Session, ask: &Ask, answer: &Answer) -> bool {
    if ask.kind == AskKind::Blocked {
        return session.guided.get(&ask.id) == Some(&answer.text);
    }
    matches!(&answer.verdict, Some(Verdict::Revise { guidance })
        if session.guided.get(&ask.id) == Some(guidance))
}

/// The ask with what is to be approved, which is not journaled a second time.
pub fn with_document(session: &Session, ask: &Ask) -> Ask {
    let mut ask = ask.clone();
    let Some(reference) = &mut ask.reference else {
        return ask;
    };
    if reference.artifact == ArtifactName::Plan.file() {
        reference.shown = plan_screen(session);
        ask.options = session
            .ticket_ids()
            .into_iter()
            .filter_map(|id| session.ticket(id))
            .map(|ticket| entry(&ticket.id, &ticket.title, &ticket.depends_on))
            .collect();
    } else if let Some(prd) = &session.documents.prd {
        reference.shown = render_prd(prd);
    }
    ask
}

/// Everything that is approved at once: tickets with their checks, packages, how to start the
/// result, an estimate.
fn plan_screen(session: &Session) -> String {
    let plan = session.documents.plan.clone().unwrap_or_default();
    let mut text = format!("{}\n\n", plan.summary.trim());
    for planned in &plan.tickets {
        let ticket = session.ticket(&planned.id);
        let title = ticket.map_or("", |ticket| ticket.title.as_str());
        let after = match ticket.map(|ticket| ticket.depends_on.join(", ")) {
            Some(others) if !others.is_empty() => format!(" (after {others})"),
            _ => String::new(),
        };
        let files = planned.files.iter().map(|file| file.path.as_str());
        let files = files.collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "- **{} {title}**{after}", planned.id); // silent-ok: a String
        for (label, value) in [
            ("", planned.approach.trim().replace('\n', "\n  ")),
            ("files: ", files),
            ("checked by: ", quoted(&planned.verify)),
            ("risks: ", planned.risks.join("; ")),
        ] {
            if !value.is_empty() {
                let _ = writeln!(text, "  {label}{value}"); // silent-ok: a String
            }
        }
    }
    let packages = if plan.packages.is_empty() {
        "none".to_owned()
    } else {
        plan.packages.join(", ")
    };
    text.push('\n');
    for (label, value) in [
        ("Packages", packages),
        ("Started with", quoted(&plan.run)),
        ("Your own checks", quoted(&session.settings.commands.verify)),
        ("Commands", around_commands(session)),
        ("Estimate", estimate(session).unwrap_or_default()),
    ] {
        if !value.is_empty() {
            let _ = writeln!(text, "- **{label}**: {value}"); // silent-ok: a String
        }
    }
    text
}

/// What holds commands in, once that is known.
fn around_commands(session: &Session) -> String {
    let network = match session.settings.commands.network {
        Switch::On => "on",
        Switch::Off => "off",
    };
    match &session.wall {
        Some(tier) => format!("sandbox {tier}, network {network}"),
        None => String::new(),
    }
}

fn quoted(commands: &[String]) -> String {
    let commands = commands.iter().map(|command| format!("`{command}`"));
    commands.collect::<Vec<_>>().join(", ")
}

/// A rough estimate from the speed measured so far: ten turns a ticket, of a few hundred tokens
/// each, and a fresh prompt for every ticket.
fn estimate(session: &Session) -> Option<String> {
    const TURNS: u64 = 10;
    const TOKENS_A_TURN: u64 = 350;
    let totals = session.totals;
    let tickets = session.ticket_ids().len() as u64;
    if totals.eval_ms == 0 || totals.eval_tokens == 0 || tickets == 0 {
        return None;
    }
    let tokens_per_second = (totals.eval_tokens * 1000)
        .checked_div(totals.eval_ms)?
        .max(1);
    let minutes = (tickets * TURNS * TOKENS_A_TURN / tokens_per_second)
        .div_ceil(60)
        .max(1);
    let count = |number: u64, word: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {word}{plural}")
    };
    Some(format!(
        "about {} of work for {}, at the measured {tokens_per_second} tokens a second",
        count(minutes, "minute"),
        count(tickets, "ticket")
    ))
}
