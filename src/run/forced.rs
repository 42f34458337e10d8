//! The rung below a correction: one request beside the conversation, without tools, whose reply a
//! schema forces into the form of a call. What comes is journaled and read like any other reply.

use super::driver::{Ending, Run};
use super::model::{Came, sampling, send};
use crate::engine::event::RequestKind;
use crate::engine::ladder;
use crate::engine::ports::{ChatRequest, Confine, Model, Operator, Think};
use crate::error::Result;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Asks for the call that went wrong, as JSON.
    pub(super) async fn force_call(&mut self) -> Result<Option<Ending>> {
        let Some(conversation) = &self.session.conversation else {
            return Ok(None);
        };
        let mut messages = conversation.messages.clone();
        if let Some(last) = messages.last_mut() {
            last.content.push_str("\n\n");
            last.content.push_str(ladder::FORCE);
        }
        let format = ladder::schema(&conversation.tools, conversation.meant.as_ref());
        let request = ChatRequest {
            model: &conversation.model,
            conversation: None,
            messages: &messages,
            tools: &[],
            format: Some(&format),
            sampling: sampling(&self.session, conversation, 1),
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
        let (reply, took) = match came {
            Came::Reply(reply, took) => (reply, took),
            // Asked again, or a rung down, like the fault of any other request.
            Came::Fault(fault) => return self.fault(fault).await,
            Came::Interrupted => return Ok(None),
        };
        let ending = self.replied(reply, took, RequestKind::Forced).await?;
        let came = self.session.conversation.as_ref();
        if let Some(conversation) = came.filter(|conversation| !conversation.pending.is_empty()) {
            let event = ladder::recovered(&conversation.ladder);
            self.append(event)?;
        }
        Ok(ending)
    }
}
