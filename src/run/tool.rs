//! One tool call: started in the journal, then done, then finished in the journal. What a kill
//! left in between is found out on resume, or said to be unknown; nothing that changes something
//! is done twice.

use std::time::Instant;

use super::driver::{Ending, Run};
use super::permission::Leave;
use super::stretch::Changed;
use crate::engine::ask::{Answer, Ask, AskId, AskKind};
use crate::engine::call::ToolCall;
use crate::engine::context::budget;
use crate::engine::event::Event;
use crate::engine::ports::{Access, Confine, Model, Operator, Update};
use crate::engine::session::normal_path;
use crate::engine::tool::{Tool, ToolResult, ToolStatus};
use crate::error::Result;
use crate::tools::{Executed, PlannedWrite, Toolbox, Workspace, commit, current_hash, execute};

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs a call that was not started yet.
    pub(super) async fn run_tool(
        &mut self,
        call: ToolCall,
        access: Access,
    ) -> Result<Option<Ending>> {
        let runs_command = Tool::named(&call.name) == Some(Tool::RunCommand);
        let leave = if !self.is_on_offer(&call) {
            Leave::Refused(format!("{} is not on offer here.", call.name))
        } else if runs_command {
            self.leave(call.text("command").unwrap_or_default()).await?
        } else {
            Leave::Given
        };
        match leave {
            Leave::Given => {}
            Leave::Stopped(ending) => return Ok(ending),
            Leave::Refused(why) => {
                self.start(&call, None)?;
                let refusal = ToolResult::new(ToolStatus::Denied, why);
                return self
                    .finish_call(&call, refusal, Instant::now(), Vec::new())
                    .map(|()| None);
            }
        }
        self.operator.show(Update::ToolRunning(&call));
        let before = match (runs_command, access) {
            (true, Access::Write) => self.before_step(call.text("command")).await?,
            _ => None,
        };
        let began = Instant::now();
        if let Some(result) = self.made_already(&call) {
            self.start(&call, None)?;
            return self
                .finish_call(&call, result, began, Vec::new())
                .map(|()| None);
        }
        if runs_command {
            self.start(&call, None)?;
        }
        let executed = self.execute(&call, access).await;
        self.tell_notices()?;
        // Looking at what changed takes no time of the tool's.
        let over = Instant::now();
        let changed = self.changed_since(before).await?;
        let began = began + over.elapsed();
        let Some(executed) = executed else {
            return self
                .interrupted_call(&call, began, runs_command, changed)
                .map(|()| None);
        };
        match executed {
            Executed::Result(result) => {
                if !runs_command {
                    self.start(&call, None)?;
                }
                self.finish_call(&call, result, began, changed)?;
                Ok(None)
            }
            Executed::Planned(planned) => {
                if let Some(refusal) = self.would_lose(&planned) {
                    self.start(&call, None)?;
                    self.finish_call(&call, refusal, began, Vec::new())?;
                } else {
                    self.keep_aside(&planned).await?;
                    self.start(&call, Some(&planned))?;
                    self.write(&call, &planned, began).await?;
                }
                Ok(None)
            }
            Executed::Question { question, options } => {
                self.start(&call, None)?;
                self.question(&call, question, options).await
            }
        }
    }

    /// A call was started by a process that is gone.
    pub(super) async fn reconcile(
        &mut self,
        call: ToolCall,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<Option<Ending>> {
        let began = Instant::now();
        match Tool::named(&call.name) {
            Some(Tool::AskUser) => {
                let (question, options) = question_of(&call);
                self.question(&call, question, options).await
            }
            Some(Tool::ReadFile | Tool::ListDir | Tool::SearchFiles) => {
                match self.execute(&call, Access::Read).await {
                    Some(Executed::Result(result)) => self
                        .finish_call(&call, result, began, Vec::new())
                        .map(|()| None),
                    _ => Ok(None),
                }
            }
            Some(Tool::WriteFile | Tool::EditFile) => {
                self.reconcile_write(&call, before, after, began).await
            }
            Some(Tool::RunCommand) | None => {
                let result = ToolResult::new(
                    ToolStatus::Unknown,
                    "The program was stopped while this command ran. It may have run, wholly or in part. Look at what is there before you run it again.",
                );
                self.finish_call(&call, result, began, Vec::new())
                    .map(|()| None)
            }
        }
    }

    /// The file's content tells: as it was to become means done, as it was means do it now.
    async fn reconcile_write(
        &mut self,
        call: &ToolCall,
        before: Option<String>,
        after: Option<String>,
        began: Instant,
    ) -> Result<Option<Ending>> {
        let path = call.text("path").unwrap_or_default().to_owned();
        let now = current_hash(&self.workspace, &path).ok().flatten(); // silent-ok: no such file
        if after.is_none() && before.is_none() {
            // It was refused before it could be planned; asking again gives the same answer.
            if let Some(Executed::Result(result)) = self.execute(call, Access::Write).await {
                return self
                    .finish_call(call, result, began, Vec::new())
                    .map(|()| None);
            }
        }
        if after.is_some() && now == after {
            let result = ToolResult::new(ToolStatus::Ok, format!("{path} was written."));
            let changed = self.left_by_write(path).await?;
            return self
                .finish_call(call, result, began, changed)
                .map(|()| None);
        }
        if now == before
            && let Some(Executed::Planned(planned)) = self.execute(call, Access::Write).await
            && after.as_deref() == Some(planned.after_hash.as_str())
        {
            return self.write(call, &planned, began).await.map(|()| None);
        }
        let result = ToolResult::new(
            ToolStatus::Unknown,
            format!(
                "The program was stopped while it wrote {path}, and the file has changed since. Read it before you go on."
            ),
        );
        self.finish_call(call, result, began, Vec::new())
            .map(|()| None)
    }

    /// Executes as far as that goes without a record or a person. None: interrupted.
    async fn execute(&self, call: &ToolCall, access: Access) -> Option<Executed> {
        let conversation = self.session.conversation.as_ref()?;
        let toolbox = Toolbox {
            workspace: &self.workspace,
            confine: &self.confine,
            settings: &self.session.settings.commands,
            access,
            read: &conversation.read_paths,
            max_chars: budget::result_chars(&self.session),
        };
        tokio::select! {
            biased;
            executed = execute(call, &toolbox) => Some(executed),
            () = self.interrupt.requested() => None,
        }
    }

    /// The answer to an edit that is sent again while the file is as that edit left it. Where the new
    /// text holds the old one, it could be made again and again.
    fn made_already(&self, call: &ToolCall) -> Option<ToolResult> {
        let path = call.text("path")?;
        let conversation = self.session.conversation.as_ref()?;
        let (arguments, after) = conversation.edits.get(&normal_path(path))?;
        let now = current_hash(&self.workspace, path).ok().flatten(); // silent-ok: no such file
        (*arguments == call.arguments && now.as_ref() == Some(after)).then(|| {
            ToolResult::new(
                ToolStatus::Ok,
                format!("This very edit of {path} was made already, and the file has not changed since. It was not made a second time. Go on with the next step."),
            )
        })
    }

    /// A write that would put a stand-in where a secret is.
    fn would_lose(&self, planned: &PlannedWrite) -> Option<ToolResult> {
        let before = planned.before_text.as_deref().unwrap_or_default();
        let stand_in = self.incoming.stand_in(&planned.after_text, before)?;
        Some(ToolResult::new(
            ToolStatus::Denied,
            format!(
                "Nothing was written: {stand_in} stands for a value that you were not shown, and would replace it. Change other lines of {} with edit_file.",
                planned.path
            ),
        ))
    }

    async fn write(
        &mut self,
        call: &ToolCall,
        planned: &PlannedWrite,
        began: Instant,
    ) -> Result<()> {
        let result = commit(&self.workspace, planned);
        let done = result.status == ToolStatus::Ok;
        if done {
            let before = planned.before_text.as_deref();
            self.operator.show(Update::Diff {
                path: &planned.path,
                before: before.map(|text| self.incoming.text(text)).as_deref(),
                after: &self.incoming.text(&planned.after_text),
            });
        }
        let changed = if done && Workspace::is_in_project(&planned.path) {
            self.left_by_write(planned.path.clone()).await?
        } else {
            Changed::default()
        };
        self.finish_call(call, result, began, changed)
    }

    /// Asks the model's question; an answer that was given before a kill is not asked for again.
    async fn question(
        &mut self,
        call: &ToolCall,
        question: String,
        options: Vec<String>,
    ) -> Result<Option<Ending>> {
        let id = AskId(format!("ask-{}", call.id));
        let began = Instant::now();
        if !self.was_answered(&id) {
            let ask = Ask {
                id: id.clone(),
                kind: AskKind::Question,
                text: question,
                options,
                why: "The model asks; it cannot find this out by itself.".to_owned(),
                reference: None,
                place: None,
            };
            if let Some(ending) = self.ask_person(ask).await? {
                return Ok(Some(ending));
            }
        }
        let Some(answer) = self.answer_to(&id) else {
            return Ok(None);
        };
        let result = ToolResult::new(ToolStatus::Ok, words(&answer));
        self.finish_call(call, result, began, Vec::new())
            .map(|()| None)
    }

    fn answer_to(&self, id: &AskId) -> Option<Answer> {
        self.session
            .last_answer
            .as_ref()
            .filter(|(answered, _)| answered == id)
            .map(|(_, answer)| answer.clone())
    }

    fn was_answered(&self, id: &AskId) -> bool {
        self.answer_to(id).is_some()
    }

    fn is_on_offer(&self, call: &ToolCall) -> bool {
        let conversation = self.session.conversation.as_ref();
        conversation.is_some_and(|conversation| {
            conversation.tools.iter().any(|tool| {
                tool.pointer("/function/name")
                    .and_then(serde_json::Value::as_str)
                    == Some(&call.name)
            })
        })
    }

    fn start(&mut self, call: &ToolCall, planned: Option<&PlannedWrite>) -> Result<()> {
        self.append(Event::ToolStarted {
            call: call.clone(),
            before: planned.and_then(|planned| planned.before_hash.clone()),
            after: planned.map(|planned| planned.after_hash.clone()),
        })
    }

    fn interrupted_call(
        &mut self,
        call: &ToolCall,
        began: Instant,
        started: bool,
        changed: Changed,
    ) -> Result<()> {
        if !started {
            return Ok(());
        }
        let result = ToolResult::new(
            ToolStatus::Unknown,
            "The person stopped the program while this command ran; it was ended. Look at what is there before you run it again.",
        );
        self.finish_call(call, result, began, changed)
    }

    fn finish_call(
        &mut self,
        call: &ToolCall,
        result: ToolResult,
        began: Instant,
        changed: impl Into<Changed>,
    ) -> Result<()> {
        let Changed { paths, tree, mode } = changed.into();
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.append(Event::ToolFinished {
            id: call.id.clone(),
            result,
            ms,
            changed: paths,
            tree,
            mode,
        })
    }
}

fn question_of(call: &ToolCall) -> (String, Vec<String>) {
    let options = call
        .arguments
        .get("options")
        .and_then(serde_json::Value::as_array);
    let options = options
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str);
    (
        call.text("question").unwrap_or_default().to_owned(),
        options.map(str::to_owned).collect(),
    )
}

fn words(answer: &Answer) -> String {
    if answer.skipped || answer.text.trim().is_empty() {
        "The person gave no answer. Decide yourself.".to_owned()
    } else {
        answer.text.clone()
    }
}
