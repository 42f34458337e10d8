//! What people send to a run from elsewhere: answers, words for the model, the wish to stop. They
//! are looked at before every request and whenever the run waits. A letter is journaled first and
//! taken away afterwards, so a kill in between neither loses nor repeats it.

use super::driver::Run;
use super::inbox::{Letters, is_taken_back};
use super::post::HERE;
use super::tape::Tape;
use crate::engine::ask::{Answer, Ask, AskId, AskKind, Verdict};
use crate::engine::course::Course;
use crate::engine::decide::{Effect, interview_ask};
use crate::engine::event::Event;
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::session::{OpenAsk, Waits};
use crate::error::Result;
use crate::store::{AnswerLetter, Delivered, Durability, Found, Mailbox, clock};

/// How the warning about an answer that does not count begins.
const REFUSED: &str = "The answer to ";

/// Which words of the person are heard now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hear {
    /// All of them: a request goes out next, or none ever will.
    All,
    /// Those for conversations to come.
    Later,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Begins to listen.
    pub(super) fn listen(&mut self) -> Result<()> {
        self.letters = Some(Letters::listen(self.mailbox(), self.interrupt.clone())?);
        Ok(())
    }

    fn mailbox(&self) -> Mailbox {
        let redactor = self.store.journal.redactor().clone();
        self.store.folder.mailbox(redactor)
    }

    /// Tells the model what a person sent, where this is the moment for it. Whether anything was.
    pub(super) fn hear(&mut self, effect: &Effect) -> Result<bool> {
        let hear = match effect {
            Effect::CallModel { .. }
            | Effect::ForceCall
            | Effect::AskForDecision
            | Effect::Finish { .. } => Hear::All,
            Effect::OpenConversation(_) => Hear::Later,
            _ => return Ok(false),
        };
        let mailbox = self.mailbox();
        let mut heard = false;
        for (name, letter) in mailbox.tells()? {
            if hear == Hear::Later && letter.to.is_none() {
                continue;
            }
            if !self.session.was_told(&name) {
                self.append(Event::Told {
                    text: letter.text,
                    to: letter.to,
                    letter: Some(name.clone()),
                })?;
                heard = true;
            }
            mailbox.remove(&name)?;
        }
        Ok(heard)
    }

    /// Takes the answers to tickets' questions, for which nothing else waits.
    pub(super) fn take_tickets_answers(&mut self) -> Result<bool> {
        let mut open = self.session.open_asks.values();
        if open.all(|open| open.waits == Waits::Run) {
            return Ok(false);
        }
        self.take_answers()
    }

    /// Journals what others have answered to the questions that are open. Whether anything was.
    pub(super) fn take_answers(&mut self) -> Result<bool> {
        if let Some(tape) = self.tape.clone() {
            return self.take_recorded_answers(&tape);
        }
        let open: Vec<OpenAsk> = self.session.open_asks.values().cloned().collect();
        let mailbox = self.mailbox();
        let mut taken = false;
        for open in open {
            if let Some(found) = mailbox.find_answer(open.seq)? {
                taken |= self.take(&open, found)?;
            }
        }
        Ok(taken)
    }

    /// The same for a session that is repeated: the answers that came from elsewhere at this place.
    fn take_recorded_answers(&mut self, tape: &Tape) -> Result<bool> {
        let mut taken = false;
        while let Some(record) = tape.next() {
            match record.event {
                // Whoever wanted no more questions has left some open that were not asked.
                Event::Answered { id, answer }
                    if answer.from.is_some()
                        && (self.session.open_asks.contains_key(&id) || answer.skipped) =>
                {
                    self.append(Event::Answered { id, answer })?;
                    taken = true;
                }
                Event::Warned { text } if text.starts_with(REFUSED) => {
                    self.append(Event::Warned { text })?;
                }
                _ => break,
            }
        }
        Ok(taken)
    }

    /// Whether the question was taken back and has to be asked afresh: a person went elsewhere in
    /// the interview, and was stopped on the way.
    pub(super) fn was_taken_back(&self, id: &AskId) -> Result<bool> {
        let Some(open) = self.session.open_asks.get(id) else {
            return Ok(false);
        };
        let found = self.mailbox().find_answer(open.seq)?;
        Ok(found.as_ref().is_some_and(is_taken_back))
    }

    /// Journals an answer that was given here, unless another one came first: then that counts.
    pub(super) fn settle(&mut self, id: &AskId, answer: Answer) -> Result<()> {
        let Some(open) = self.session.open_asks.get(id).cloned() else {
            let id = id.clone();
            return self.append(Event::Answered { id, answer });
        };
        match self.claim(&open, Some(answer.clone()))? {
            None => self.append(Event::Answered {
                id: open.ask.id,
                answer,
            }),
            Some(found) => self.take(&open, found).map(drop),
        }
    }

    /// Claims the place of the answer to a question that is about to be asked.
    pub(super) fn claim_next(&self, ask: &Ask, answer: Answer) -> Result<()> {
        let asked = self.store.journal.last_seq() + 1;
        let letter = AnswerLetter::to(ask, HERE, clock::now(), Some(answer));
        // What a killed run left there is looked at when the question is settled.
        self.mailbox()
            .answer(asked, &letter, Durability::Buffered)
            .map(drop)?;
        Ok(())
    }

    /// Takes a question back, so that it can be asked afresh; false if it was answered meanwhile.
    pub(super) fn take_back_question(&mut self, id: &AskId) -> Result<bool> {
        let Some(open) = self.session.open_asks.get(id).cloned() else {
            return Ok(true);
        };
        match self.claim(&open, None)? {
            None => Ok(true),
            Some(found) => self.take(&open, found).map(|taken| !taken),
        }
    }

    /// Claims the place of the answer; what stands there already if it is taken.
    fn claim(&self, open: &OpenAsk, answer: Option<Answer>) -> Result<Option<Found>> {
        let letter = AnswerLetter::to(&open.ask, HERE, clock::now(), answer);
        // The journal's line is what has to last.
        let delivered = self
            .mailbox()
            .answer(open.seq, &letter, Durability::Buffered)?;
        Ok(match delivered {
            Delivered::First => None,
            Delivered::Late(found) => Some(*found),
        })
    }

    /// Journals an answer that was sent, or refuses it. Whether the question is answered.
    fn take(&mut self, open: &OpenAsk, found: Found) -> Result<bool> {
        let ask = &open.ask;
        let letter = match found {
            Found::Unreadable(why) => return self.refuse(open, "somebody", &why),
            Found::Letter(letter) => letter,
        };
        if let Some(why) = self.objection(ask, &letter) {
            return self.refuse(open, &letter.from, &why);
        }
        if let Some(course) = letter.course {
            return self.go(open, course, &letter.from);
        }
        let Some(mut answer) = letter.answer else {
            return Ok(false);
        };
        // One that was given here and not journaled any more comes from here.
        if letter.from != HERE {
            self.operator.show(Update::Say(&format!(
                "{} was answered by {}",
                ask.id, letter.from
            )));
            answer.from = Some(letter.from);
        }
        let id = ask.id.clone();
        self.append(Event::Answered { id, answer })?;
        Ok(true)
    }

    /// Goes another way through the interview, as somebody elsewhere wants it. The letter counts
    /// until the question at hand is answered or gone, so that comes last.
    fn go(&mut self, open: &OpenAsk, course: Course, from: &str) -> Result<bool> {
        let ask = &open.ask;
        match course {
            Course::Done => {
                let words = format!("{from} wants no more questions");
                self.operator.show(Update::Say(&words));
                let mut left = self.left_open(&ask.id);
                left.sort_by_key(|(id, _)| *id == ask.id);
                for (id, answer) in left {
                    let from = Some(from.to_owned());
                    let answer = Answer { from, ..answer };
                    self.append(Event::Answered { id, answer })?;
                }
            }
            Course::Again(number) => {
                let place = (number as usize).checked_sub(1);
                let Some(other) = place.and_then(|place| interview_ask(&self.session, place))
                else {
                    let why = format!("there is no question {number}");
                    return self.refuse(open, from, &why);
                };
                let words = format!("{from} goes to question {number}");
                self.operator.show(Update::Say(&words));
                self.append(Event::Asked { ask: other })?;
            }
        }
        Ok(true)
    }

    /// Why a letter is no answer to this question.
    fn objection(&self, ask: &Ask, letter: &AnswerLetter) -> Option<String> {
        if !letter.is_to(ask) {
            return Some(format!("it answers {} as it was asked before", letter.ask));
        }
        let is_interview = matches!(ask.kind, AskKind::Interview | AskKind::Challenge);
        if letter.course.is_some() && !is_interview {
            return Some("that is said in an interview only".to_owned());
        }
        let verdict = letter.answer.as_ref()?.verdict.as_ref();
        if let Some(Verdict::Replace { .. }) = verdict
            && letter.from != HERE
        {
            return Some("a document is edited in the session's own terminal only".to_owned());
        }
        let reference = ask.reference.as_ref()?;
        let now = self.store.folder.artifact_sha256(&reference.artifact);
        let approves = matches!(verdict, Some(Verdict::Approve | Verdict::Arrange { .. }));
        (approves && letter.from != HERE && now.as_ref() != Some(&reference.sha256)).then(|| {
            format!(
                "{} was changed on the disk after it was asked about",
                reference.artifact
            )
        })
    }

    fn refuse(&mut self, open: &OpenAsk, from: &str, why: &str) -> Result<bool> {
        self.mailbox().refuse_answer(open.seq, why)?;
        let id = &open.ask.id;
        let text =
            format!("{REFUSED}{id} from {from} does not count: {why}. It can be answered again.");
        self.append(Event::Warned { text })?;
        Ok(false)
    }
}
