//! Talking to the model: one request, its progress on the screen, its reply in the journal, and
//! what becomes of each fault. The client has tried what the same request can survive; here a
//! request is changed, the conversation shortened, or the server waited for.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::driver::{Ending, Run};
use crate::engine::artifact::{SchemaKind, schema};
use crate::engine::context::budget;
use crate::engine::event::{Event, Interruption, Note, NoteKind, Purpose, Replied, RequestKind};
use crate::engine::ladder;
use crate::engine::loops::{Cut, rules};
use crate::engine::message::{Message, Role};
use crate::engine::ports::{
    ChatRequest, Confine, Model, Operator, Progress, Sampling, Think, Update,
};
use crate::engine::protocol::Protocol;
use crate::engine::reply::{Fault, Reply};
use crate::engine::session::{Conversation, Session};
use crate::engine::window::Loaded;
use crate::error::Result;

/// Cut replies in a row before they count as unusable.
const CUTS_MOST: u32 = 3;
/// Between two looks whether a server is back.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// However short the wait, there are that many looks.
const LOOKS_LEAST: u32 = 100;

/// What a request came to.
pub(super) enum Came {
    Reply(Reply, Duration),
    Fault(Fault),
    Interrupted,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// The conversation's next turn.
    pub(super) async fn call_model(
        &mut self,
        format: Option<SchemaKind>,
    ) -> Result<Option<Ending>> {
        let Some(conversation) = &self.session.conversation else {
            return Ok(None);
        };
        self.operator.show(Update::Turn {
            turn: conversation.turns + 1,
            max: self.session.max_turns(),
            prompt_tokens: budget::prompt_tokens(&self.session, conversation),
            num_ctx: budget::window(&self.session),
        });
        let format = format.map(schema);
        let think = self.think(&conversation.model);
        let request = ChatRequest {
            model: &conversation.model,
            conversation: Some(conversation.generation),
            messages: &conversation.messages,
            tools: conversation.offered_natively(),
            format: format.as_ref(),
            sampling: sampling(&self.session, conversation, 0),
            think: &think,
            keep_alive: &self.session.settings.model.keep_alive,
        };
        let came = send(
            &mut self.model,
            &mut self.operator,
            &self.interrupt,
            &request,
        )
        .await;
        match came {
            Came::Reply(reply, took) => self.replied(reply, took, RequestKind::Turn).await,
            Came::Fault(fault) => self.fault(fault).await,
            Came::Interrupted => Ok(None),
        }
    }

    /// A single request beside the conversation, forced into a small schema.
    pub(super) async fn ask_for_decision(&mut self) -> Result<Option<Ending>> {
        let Some(conversation) = &self.session.conversation else {
            return Ok(None);
        };
        let mut messages = conversation.messages.clone();
        messages.push(Message::text(
            Role::User,
            "Decide now. continue: there is a next step to do with a tool. complete: the work is done. blocked: it cannot be done. Answer with JSON only.",
        ));
        let format = schema(SchemaKind::Decision);
        let request = ChatRequest {
            model: &conversation.model,
            conversation: None,
            messages: &messages,
            tools: &[],
            format: Some(&format),
            sampling: Sampling {
                num_predict: 256,
                ..sampling(&self.session, conversation, 1)
            },
            think: &Think::Off,
            keep_alive: &self.session.settings.model.keep_alive,
        };
        let came = send(
            &mut self.model,
            &mut self.operator,
            &self.interrupt,
            &request,
        )
        .await;
        match came {
            Came::Reply(reply, took) => self.replied(reply, took, RequestKind::Decision).await,
            Came::Fault(
                Fault::Unusable { .. }
                | Fault::ContextFull { .. }
                | Fault::Unfinished { .. }
                | Fault::Circling { .. }
                | Fault::Cut { .. },
            ) => {
                // No decision is a decision to go on; the number of silent replies is bounded.
                let reply = Reply {
                    content: r#"{"decision":"continue"}"#.to_owned(),
                    ..Reply::default()
                };
                self.replied(reply, Duration::ZERO, RequestKind::Decision)
                    .await
            }
            Came::Fault(fault) => self.fault(fault).await,
            Came::Interrupted => Ok(None),
        }
    }

    pub(super) async fn replied(
        &mut self,
        reply: Reply,
        took: Duration,
        to: RequestKind,
    ) -> Result<Option<Ending>> {
        self.cuts = 0;
        self.broken = false;
        self.gone_since = None;
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let conversation = self.session.conversation.as_ref().filter(|_| to.is_turn());
        let estimated = conversation.map(|open| budget::prompt_tokens(&self.session, open));
        let prefix = self.model.prefix();
        let moved = prefix.as_ref().and_then(|prefix| prefix.moved.clone());
        self.append(Event::Replied(Replied {
            reply,
            to,
            ms,
            estimated,
            prefix,
        }))?;
        if let Some(moved) = moved {
            let text = format!(
                "{moved} changed within a conversation, so the model had to read all of it again"
            );
            self.append(Event::Warned { text })?;
        }
        let repairs = self
            .session
            .conversation
            .as_mut()
            .map(|c| std::mem::take(&mut c.repairs_made));
        if let Some(what) = repairs.filter(|what| !what.is_empty()) {
            self.append(Event::Repaired { what })?;
        }
        if self.session.window_in_force.is_none() {
            self.read_window_back().await?;
        }
        // Finding out takes a few milliseconds, which nobody waits for any more.
        if self.session.wall.is_none() {
            self.tell_wall()?;
        }
        Ok(None)
    }

    /// What the server really gave, once the model is loaded.
    async fn read_window_back(&mut self) -> Result<()> {
        let model = self.session.model().to_owned();
        let loaded = self.model.loaded(&model).await;
        let in_force = loaded.and_then(|loaded| loaded.window).unwrap_or(0);
        let asked = self.session.num_ctx;
        let place = loaded.as_ref().map_or_else(String::new, |loaded| {
            format!("; the model takes {}", loaded.place())
        });
        self.append(Event::Note(Note {
            kind: NoteKind::Window,
            text: format!("context window in force: {in_force} tokens; asked for: {asked}{place}"),
            data: Value::from(in_force),
        }))?;
        if let Some(text) = loaded.as_ref().and_then(Loaded::advice) {
            self.append(Event::Warned { text })?;
        }
        if in_force > 0 && in_force < asked {
            self.append(Event::Warned {
                text: format!(
                    "The server gives '{model}' a context window of {in_force} tokens, not the {asked} asked for. Prompts are kept inside {in_force}."
                ),
            })?;
        }
        Ok(())
    }

    pub(super) async fn fault(&mut self, fault: Fault) -> Result<Option<Ending>> {
        let is_cut = matches!(fault, Fault::Cut { .. });
        match fault {
            Fault::Cancelled => Ok(None),
            Fault::Cut { .. } | Fault::Unfinished { .. } if self.cuts < CUTS_MOST => {
                self.cuts += 1;
                let text = format!(
                    "{fault}; the same turn is asked for again ({} of {CUTS_MOST})",
                    self.cuts
                );
                self.append(Event::Warned { text }).map(|()| None)
            }
            Fault::Circling { rule, detail } => self.circling(&Cut { rule, detail }).map(|()| None),
            // What the model can be told once may have been its doing; a stream that breaks again
            // after that is the server's.
            Fault::Cut { .. } if self.broken => self
                .stop(Interruption::ServerGone, fault.to_string())
                .map(Some),
            Fault::Cut { detail } | Fault::Unfinished { detail } | Fault::Unusable { detail } => {
                self.broken = is_cut;
                self.cuts = 0;
                self.lost_reply(&detail).map(|()| None)
            }
            Fault::NoTools { model } if self.works_natively() => {
                let Some(conversation) = &self.session.conversation else {
                    return Ok(None);
                };
                let why = "the server says that the model has no tool calls of its own";
                let event = ladder::to_text(&conversation.ladder, why, &model);
                self.append(event).map(|()| None)
            }
            Fault::ContextFull {
                prompt_tokens,
                num_ctx,
            } => self.context_full(prompt_tokens, num_ctx),
            Fault::NoThinking { .. } if !self.cannot_think => {
                self.cannot_think = true;
                self.append(Event::Warned {
                    text: format!("{fault}; it goes on without"),
                })
                .map(|()| None)
            }
            Fault::Unreachable { .. }
            | Fault::TimedOut { .. }
            | Fault::Server {
                status: 429 | 502 | 503 | 504,
                ..
            } => self.wait_for_server(&fault).await,
            Fault::NoThinking { .. }
            | Fault::NoTools { .. }
            | Fault::ModelMissing { .. }
            | Fault::Cloud { .. }
            | Fault::Server { .. } => self
                .stop(Interruption::ServerGone, fault.to_string())
                .map(Some),
        }
    }

    /// There is a reply that cannot be had, in a row of those that could not be used: the model is
    /// told, which is a rung of the ladder where it works with tools.
    fn lost_reply(&mut self, detail: &str) -> Result<()> {
        let Some(conversation) = &self.session.conversation else {
            return Ok(());
        };
        let again = match (&conversation.purpose, conversation.ladder.protocol()) {
            (Purpose::Work, Protocol::Native) => {
                "Do the same step again: one tool call with complete, valid JSON arguments, and keep it shorter."
            }
            (Purpose::Work, Protocol::Text) => {
                "Do the same step again: one tool block with all its tags closed, and keep it shorter."
            }
            _ => "Answer again with the whole JSON, shorter.",
        };
        let why =
            format!("Your last reply could not be used ({detail}). Nothing was done. {again}");
        let events = match conversation.purpose {
            Purpose::Work => ladder::failed(&conversation.ladder, &why, None),
            _ => vec![Event::Note(Note {
                kind: NoteKind::Correction,
                text: why,
                data: Value::Null,
            })],
        };
        events.into_iter().try_for_each(|event| self.append(event))
    }

    fn works_natively(&self) -> bool {
        let conversation = self.session.conversation.as_ref();
        conversation.is_some_and(|conversation| !conversation.offered_natively().is_empty())
    }

    /// The estimate was too low: what the server counted is believed. What follows is decided as
    /// for every conversation that does not fit.
    fn context_full(&mut self, prompt_tokens: u64, num_ctx: u64) -> Result<Option<Ending>> {
        self.append(Event::Warned {
            text: format!(
                "The prompt was too long ({prompt_tokens} of {num_ctx} tokens); it is shortened."
            ),
        })?;
        if (1..budget::window(&self.session)).contains(&num_ctx) {
            self.append(Event::Note(Note {
                kind: NoteKind::Window,
                text: format!("context window in force: {num_ctx} tokens, by the server's refusal"),
                data: Value::from(num_ctx),
            }))?;
        }
        // A server that does not count has said that it is more than the window.
        let tokens = prompt_tokens.max(budget::window(&self.session) + 1);
        self.append(Event::Note(Note {
            kind: NoteKind::Counted,
            text: format!("the prompt that was refused has {tokens} tokens"),
            data: Value::from(tokens),
        }))
        .map(|()| None)
    }

    /// Waits until the server answers again: the next turn is the look. Nothing is lost meanwhile.
    /// A server that is there and gives no reply is waited for no longer than one that is gone.
    async fn wait_for_server(&mut self, fault: &Fault) -> Result<Option<Ending>> {
        let text = format!(
            "{fault}. Waiting up to {} for it to come back.",
            minutes(self.server_wait)
        );
        self.append(Event::Warned { text: text.clone() })?;
        let gone = *self.gone_since.get_or_insert_with(Instant::now);
        let model = self.session.model().to_owned();
        while gone.elapsed() < self.server_wait {
            self.operator.show(Update::Waiting(&text));
            tokio::select! {
                () = self.interrupt.requested() => return Ok(None),
                () = tokio::time::sleep(LOOK_AGAIN.min(self.server_wait / LOOKS_LEAST)) => {}
            }
            if self.model.is_there(&model).await {
                return Ok(None);
            }
        }
        self.stop(Interruption::ServerGone, fault.to_string())
            .map(Some)
    }

    fn think(&self, model: &str) -> Think {
        if self.cannot_think {
            return Think::Off;
        }
        if let Some(conversation) = &self.session.conversation
            && conversation.loops.must_not_think()
        {
            return rules()
                .least_thinking(&conversation.model)
                .map_or(Think::Off, |word| Think::Level(word.to_owned()));
        }
        Think::from(self.session.manner(model).think)
    }
}

fn minutes(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

/// The options of a request. The seed changes with the attempt, and when a reply has to be asked
/// for again.
pub(super) fn sampling(session: &Session, conversation: &Conversation, beside: u64) -> Sampling {
    let ticket = session.current_ticket.as_ref();
    let attempt = ticket.and_then(|id| session.tickets.get(id));
    let seed = attempt.and_then(|attempt| attempt.seed).unwrap_or(0);
    let again = seed + conversation.again + beside;
    let mut tuning = session.manner(&conversation.model).tuning;
    // What a person has set stays.
    if let (Some(warmer), Some(temperature), None) = (
        attempt.and_then(|attempt| attempt.warmer),
        &mut tuning.temperature,
        session.settings.model.temperature,
    ) {
        *temperature = warmer_by(*temperature, warmer);
    }
    Sampling {
        num_ctx: session.num_ctx,
        num_predict: budget::reserve(session, &conversation.model),
        tuning,
        seed: (again > 0).then_some(again),
    }
}

/// A temperature raised, to 1 at most; in hundredths, so that no digits of arithmetic are sent.
fn warmer_by(temperature: f64, by: f64) -> f64 {
    let raised = (temperature + by).min(temperature.max(1.0));
    (raised * 100.0).round() / 100.0
}

pub(super) async fn send<M: Model, O: Operator>(
    model: &mut M,
    operator: &mut O,
    interrupt: &super::Interrupt,
    request: &ChatRequest<'_>,
) -> Came {
    let began = Instant::now();
    operator.show(Update::Model(&Progress::Waiting));
    let mut show = |progress: Progress| operator.show(Update::Model(&progress));
    let came = tokio::select! {
        biased;
        () = interrupt.requested() => return Came::Interrupted,
        came = model.chat(request, &mut show) => came,
    };
    match came {
        Ok(reply) => Came::Reply(reply, began.elapsed()),
        Err(fault) => Came::Fault(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_is_raised_to_one_at_most() {
        for (before, after) in [(0.1, 0.3), (0.6, 0.8), (0.9, 1.0), (1.0, 1.0), (1.5, 1.5)] {
            let raised = warmer_by(before, 0.2);
            assert_eq!(raised.to_string(), f64::to_string(&after), "{before}");
        }
    }
}
