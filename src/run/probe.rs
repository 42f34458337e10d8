//! Finds out what a model can do by letting it: loads it with ever larger windows, lets it call
//! every tool once, work through a few turns, change a file, fill in a document, remember. The
//! tasks and their checks are `engine/trial`, the judgement `engine/card`. No tool is run and
//! nothing is written but the card.

use std::path::PathBuf;

use serde_json::Value;

use super::health::{Look, ask, in_words};
use super::manners::{Known, manner};
use crate::engine::artifact::{SchemaKind, accept_prd, read_json, schema};
use crate::engine::call::ToolCall;
use crate::engine::card::{Called, Card, Measured, Recalled, TURNS};
use crate::engine::estimate;
use crate::engine::event::{ConversationStarted, Purpose, Replied, RequestKind};
use crate::engine::manner::Manner;
use crate::engine::message::{Message, Role};
use crate::engine::ports::{ChatRequest, Model, Sampling, Think};
use crate::engine::protocol::{self, Protocol};
use crate::engine::reply::{Fault, Reply, Usage};
use crate::engine::session::{Conversation, Tail};
use crate::engine::settings::ModelSettings;
use crate::engine::tool::{Tool, ToolResult, ToolStatus};
use crate::engine::trial;
use crate::engine::window::{Facts, SIZES};
use crate::error::{Error, ErrorKind, Result};
use crate::ollama::Server;
use crate::store::Cards;

/// Seconds that reading the long prompt may take: it is as long as the model's speed allows.
const READING: u64 = 45;
/// Tokens of the longest prompt, however fast it is read.
const LONGEST: u64 = 24_576;
/// Tokens of an answer, and of one that is thought about first.
const ANSWER: u64 = 1_024;
const ANSWER_THINKING: u64 = 4_096;

/// A model under trial.
struct Probe<'a> {
    server: &'a mut Server,
    model: &'a str,
    manner: Manner,
    keep_alive: &'a str,
    /// Whether the server takes tools for it.
    form: Protocol,
    measured: Measured,
    written: Usage,
    ratio: f64,
    /// Whether any reply arrived, and the last fault that was the model's own.
    has_answered: bool,
    refusal: Option<Fault>,
    tell: &'a mut dyn FnMut(&str),
}

/// Probes a model and keeps its card; gives the card's file too, if it has one. `tell` hears what
/// is done next.
pub async fn probe(
    server: &mut Server,
    name: &str,
    settings: &ModelSettings,
    cards: &Cards,
    tell: &mut dyn FnMut(&str),
) -> Result<(Card, Option<PathBuf>)> {
    let look = Look::at(server, cards).await?;
    let url = look.url.clone();
    let shown = ask(server, name).await?;
    let facts = Facts {
        advised: None,
        loaded: None,
        ..look.facts(name, &shown, None)
    };
    let known = Known {
        shown: Some(&shown),
        advice: None,
    };
    let mut probe = Probe {
        manner: manner(name, settings, known)?,
        model: name,
        keep_alive: &settings.keep_alive,
        form: if shown.can("tools") {
            Protocol::Native
        } else {
            Protocol::Text
        },
        measured: Measured {
            trained: facts.trained,
            ..Measured::default()
        },
        written: Usage::default(),
        ratio: 1.0,
        has_answered: false,
        refusal: None,
        server,
        tell,
    };
    probe
        .everything(&facts)
        .await
        .map_err(|fault| in_words(fault, &url))?;
    if let (false, Some(fault)) = (probe.has_answered, probe.refusal) {
        let what =
            format!("the model '{name}' gave no answer at all, so nothing was kept: {fault}");
        return Err(Error::new(ErrorKind::Model, what)
            .hint("look at the log of the server, or try another model"));
    }
    let installed = look.installed(name);
    let card = Card {
        model: name.to_owned(),
        digest: installed.map_or_else(String::new, |model| model.digest.clone()),
        server: url,
        bytes: installed.map_or(0, |model| model.size),
        measured: probe.measured,
    };
    let file = cards
        .write(&card)
        .map_err(|error| Error::new(ErrorKind::Incomplete, error.to_string()))?;
    Ok((card, file))
}

impl Probe<'_> {
    async fn everything(&mut self, facts: &Facts) -> Result<(), Fault> {
        self.windows(facts).await?;
        for trial in &trial::CALLS {
            (self.tell)(&format!("a call of {}", trial.tool.name()));
            let form = self.call(trial.ask, |call| trial.is_met(call)).await?;
            let tool = trial.tool;
            self.measured.calls.push(Called { tool, form });
        }
        self.turns().await?;
        (self.tell)("an edit of a passage");
        let ask = trial::edit_ask();
        let edit = self
            .call(&ask, |call| is_change(call, Tool::EditFile))
            .await?;
        self.measured.edit = edit.is_some();
        (self.tell)("a whole file");
        let ask = trial::whole_file_ask();
        let whole = self
            .call(&ask, |call| is_change(call, Tool::WriteFile))
            .await?;
        self.measured.whole_file = whole.is_some();
        self.document().await?;
        self.recall().await?;
        let Usage {
            eval_tokens,
            eval_ms,
            ..
        } = self.written;
        self.measured.writes_per_second = per_second(eval_tokens, eval_ms);
        Ok(())
    }

    /// Ever larger windows, until the model no longer stands wholly on the graphics card; then the
    /// one for everything else.
    async fn windows(&mut self, facts: &Facts) -> Result<(), Fault> {
        let trained = facts.trained.unwrap_or(u64::MAX);
        let mut sizes = SIZES.map(|size| size.min(trained)).to_vec();
        sizes.dedup();
        let smallest = sizes[0];
        for size in sizes {
            // More than all of the memory is never loaded: the machine would swap, not answer.
            let too_large = facts.memory.is_some_and(|all| facts.bytes(size) > all);
            if too_large && size > smallest {
                break;
            }
            (self.tell)(&format!("loading with a window of {size} tokens"));
            self.measured.window = size;
            let messages = [Message::text(Role::User, "Say yes.")];
            let loaded = match self.send(&messages, &[], None, 1).await? {
                Some(_) => self.server.loaded(self.model).await,
                None => None,
            };
            let Some(loaded) = loaded else { break };
            self.measured.loads.push(loaded);
            if !loaded.is_on_gpu() {
                break;
            }
        }
        let whole = self.measured.loads.iter().filter(|load| load.is_on_gpu());
        let largest = whole.filter_map(|load| load.window).max();
        self.measured.window = largest.unwrap_or_else(|| facts.choose().tokens);
        Ok(())
    }

    /// A call that was asked for: how it came, or none.
    async fn call(
        &mut self,
        ask: &str,
        is_met: impl Fn(&ToolCall) -> bool,
    ) -> Result<Option<Protocol>, Fault> {
        let mut conversation = self.open(ask);
        let Some(form) = self.turn(&mut conversation).await? else {
            return Ok(None);
        };
        let met = conversation
            .pending
            .first()
            .is_some_and(|pending| is_met(&pending.call));
        Ok(met.then_some(form))
    }

    /// List, read, answer, end; a turn more than that is forgiven.
    async fn turns(&mut self) -> Result<(), Fault> {
        (self.tell)("several turns");
        let mut conversation = self.open(trial::TURNS_ASK);
        for _ in 0..=TURNS {
            self.turn(&mut conversation).await?;
            if conversation.pending.is_empty() {
                break;
            }
            for pending in conversation.pending.clone() {
                let result = match trial::turn_result(&pending.call) {
                    Some((step, text)) => {
                        self.measured.turns = self.measured.turns.max(step);
                        ToolResult::new(ToolStatus::Ok, text)
                    }
                    None => ToolResult::new(ToolStatus::Failed, "there is no such thing here"),
                };
                conversation.tool_finished(&pending.call.id, &result, false);
            }
        }
        let said = match &conversation.tail {
            Tail::Claim { text, .. } => {
                self.measured.marker = true;
                // The marker may stand alone behind a number that was said before it.
                format!("{text}\n{}", last_words(&conversation))
            }
            Tail::Text(text) => text.clone(),
            _ => String::new(),
        };
        if self.measured.turns == TURNS - 1 && said.contains(trial::TURNS_ANSWER) {
            self.measured.turns = TURNS;
        }
        Ok(())
    }

    async fn document(&mut self) -> Result<(), Fault> {
        (self.tell)("a document");
        let messages = [
            Message::text(Role::System, trial::WITHOUT_TOOLS),
            Message::text(Role::User, trial::DOCUMENT_ASK),
        ];
        let form = schema(SchemaKind::Prd);
        let reply = self.send(&messages, &[], Some(&form), 2 * ANSWER).await?;
        self.measured.document = reply
            .and_then(|reply| read_json(&reply.content).ok()) // silent-ok: then it is none
            .is_some_and(|json| accept_prd(&json).is_ok());
        Ok(())
    }

    async fn recall(&mut self) -> Result<(), Fault> {
        let speed = self.measured.reads_per_second;
        let affordable = if speed == 0 { LONGEST } else { speed * READING };
        let most = LONGEST.min(self.measured.window * 6 / 10);
        let tokens = affordable.clamp(most.min(2_048), most);
        (self.tell)(&format!("remembering what stands in {tokens} tokens"));
        let messages = [
            Message::text(Role::System, trial::WITHOUT_TOOLS),
            Message::text(Role::User, trial::recall_ask(tokens, self.ratio)),
        ];
        let reply = self.send(&messages, &[], None, ANSWER).await?;
        if let Some(usage) = reply.as_ref().map(|reply| reply.usage) {
            // The longest prompt tells the speed best.
            let speed = per_second(usage.prompt_tokens, usage.prompt_ms);
            if speed > 0 {
                self.measured.reads_per_second = speed;
            }
        }
        let said = reply.map(|reply| reply.content).unwrap_or_default();
        self.measured.recall = trial::FACTS
            .into_iter()
            .map(|(percent, _, code)| Recalled {
                percent,
                found: said.contains(code),
            })
            .collect();
        Ok(())
    }

    /// A conversation with every tool.
    fn open(&self, ask: &str) -> Conversation {
        let mut system = trial::WITH_TOOLS.to_owned();
        if self.form == Protocol::Text {
            let schemas = Tool::ALL.map(Tool::schema);
            system.push_str("\n\n");
            system.push_str(&protocol::describe(&schemas));
        }
        let started = ConversationStarted {
            purpose: Purpose::Work,
            model: self.model.to_owned(),
            messages: vec![
                Message::text(Role::System, system),
                Message::text(Role::User, ask),
            ],
            tools: Tool::ALL.map(|tool| tool.name().to_owned()).to_vec(),
            protocol: self.form,
        };
        Conversation::open(1, &started)
    }

    /// The conversation's next reply, read as every run reads it; how its calls came, if it has any.
    async fn turn(&mut self, conversation: &mut Conversation) -> Result<Option<Protocol>, Fault> {
        let tools = conversation.offered_natively();
        let reply = self
            .send(&conversation.messages, tools, None, ANSWER)
            .await?;
        let Some(reply) = reply else { return Ok(None) };
        let form = if reply.tool_calls.is_empty() {
            Protocol::Text
        } else {
            Protocol::Native
        };
        let mut calls = u64::from(conversation.turns) * 10;
        let replied = Replied {
            reply,
            to: RequestKind::Turn,
            ms: 0,
            estimated: None,
            prefix: None,
        };
        conversation.replied(&replied, &mut calls);
        Ok((!conversation.pending.is_empty()).then_some(form))
    }

    /// One request. What is the model's failure is no reply; what is the server's ends the probe.
    async fn send(
        &mut self,
        messages: &[Message],
        tools: &[Value],
        format: Option<&Value>,
        answer: u64,
    ) -> Result<Option<Reply>, Fault> {
        let think = Think::from(self.manner.think);
        let num_predict = match think {
            Think::Off => answer,
            Think::On | Think::Level(_) => answer.max(ANSWER_THINKING),
        };
        let request = ChatRequest {
            model: self.model,
            conversation: None,
            messages,
            tools,
            format,
            sampling: Sampling {
                num_ctx: self.measured.window,
                num_predict,
                tuning: self.manner.tuning,
                seed: Some(1),
            },
            think: &think,
            keep_alive: self.keep_alive,
        };
        match self.server.chat(&request, &mut |_| {}).await {
            Ok(reply) => {
                self.has_answered = true;
                self.count(&reply, messages, tools);
                Ok(Some(reply))
            }
            Err(
                fault @ (Fault::Unreachable { .. }
                | Fault::TimedOut { .. }
                | Fault::ModelMissing { .. }
                | Fault::Cloud { .. }
                | Fault::Cancelled),
            ) => Err(fault),
            Err(fault) => {
                self.refusal = Some(fault);
                Ok(None)
            }
        }
    }

    fn count(&mut self, reply: &Reply, messages: &[Message], tools: &[Value]) {
        let usage = reply.usage;
        let said: usize = messages.iter().map(|message| message.content.len()).sum();
        let offered: usize = tools.iter().map(|tool| tool.to_string().len()).sum();
        let bytes = (said + offered) as u64;
        self.ratio = estimate::learned_ratio(bytes, usage.prompt_tokens, self.ratio);
        self.measured.load_ms = self.measured.load_ms.max(usage.load_ms);
        self.written.eval_tokens += usage.eval_tokens;
        self.written.eval_ms += usage.eval_ms;
        if self.measured.reads_per_second == 0 && !tools.is_empty() {
            // The first prompt with tools: nothing of it was read before.
            self.measured.reads_per_second = per_second(usage.prompt_tokens, usage.prompt_ms);
        }
    }
}

fn is_change(call: &ToolCall, tool: Tool) -> bool {
    call.name == tool.name() && trial::makes_the_change(call)
}

fn last_words(conversation: &Conversation) -> &str {
    let last = conversation.messages.last();
    last.map_or("", |message| message.content.as_str())
}

fn per_second(tokens: u64, ms: u64) -> u64 {
    (tokens * 1_000).checked_div(ms).unwrap_or(0)
}
