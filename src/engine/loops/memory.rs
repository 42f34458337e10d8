//! What a conversation remembers to notice that it goes in circles: calls with their results,
//! edits that missed, the last text, replies that were cut. Made by the fold alone, so a resume
//! remembers the same; it survives compaction. It finds; telling and ending is for others.

use std::collections::BTreeMap;

use super::alike::{
    call_mark, failure_mark, mark, only_looks, path_name, result_mark, telling_line,
};
use super::circle::{Circle, Round};
use super::finding::{Finding, Follows};
use super::rule::Rule;
use super::rules::rules;
use crate::engine::call::ToolCall;
use crate::engine::tool::{Tool, ToolEffect, ToolResult, ToolStatus};

/// What one conversation remembers.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Usable replies so far: what a model did twice in one reply, it did not do knowingly.
    replies: u32,
    /// Results so far that may have changed a file.
    changes: u32,
    calls: BTreeMap<u64, Repeated>,
    circle: Circle,
    /// When a circle was last told.
    circle_told: Option<u32>,
    edits: BTreeMap<String, Missed>,
    /// The mark of the last text, and how often it came.
    text: Option<(u64, u32)>,
    /// Replies cut in a row, by rule.
    cut: BTreeMap<Rule, u32>,
    /// What was found and is not in the journal yet.
    finding: Option<Finding>,
    /// Why the attempt is over.
    over: Option<String>,
    /// What goes into the next message.
    words: Option<String>,
}

/// A call that was made.
#[derive(Clone, Debug)]
struct Repeated {
    result: u64,
    /// The same with everything that differs every time.
    exact: u64,
    /// Whether every result was the same to the letter.
    identical: bool,
    count: u32,
    /// The reply and the number of changes at which it was counted.
    reply: u32,
    changes: u32,
    /// Whether the model has its result before it. After a compaction, or an edit that missed, it
    /// may look once more.
    in_view: bool,
    /// The file that it reads.
    reads: Option<String>,
}

/// Edits of a file that could not be made.
#[derive(Clone, Debug)]
struct Missed {
    count: u32,
    reply: u32,
}

impl Memory {
    /// The model made calls.
    pub fn acted(&mut self) {
        self.replied();
        self.text = None;
    }

    /// The model wrote a text without calls.
    pub fn said(&mut self, text: &str) {
        self.replied();
        let text = mark(text.split_whitespace().collect::<Vec<_>>());
        let count = match self.text {
            Some((last, count)) if last == text => count + 1,
            _ => 1,
        };
        self.text = Some((text, count));
        self.finding = Finding::of(Rule::SameText, count, "the same words again", &[]);
    }

    /// A person said something: whoever answers that with the same words goes in no circle.
    pub fn told(&mut self) {
        self.text = None;
        self.finding = self
            .finding
            .take()
            .filter(|found| found.rule != Rule::SameText);
    }

    fn replied(&mut self) {
        self.replies += 1;
        self.finding = None;
        self.words = None;
        self.cut.clear();
    }

    /// A call has its result; `changed` if it wrote a file.
    pub fn finished(&mut self, call: &ToolCall, result: &ToolResult, changed: bool) {
        self.finding = None;
        // What may have run, unseen, says nothing.
        if result.status == ToolStatus::Unknown {
            return;
        }
        let own = u32::from(changed || may_have_changed(call, result));
        self.changes += own;
        let path = call.text("path").map(path_name);
        let missed = self.missed(call, result, path.as_deref());
        let (rule, count, round) = self.repeated(call, result, own);
        let what = || {
            let argument = ["path", "command", "pattern", "question"]
                .iter()
                .find_map(|key| call.text(key))
                .and_then(|text| text.lines().next())
                .unwrap_or_default();
            format!("{} {argument}", call.name).trim().to_owned()
        };
        let found = [
            missed.and_then(|(path, count)| {
                let so_far = format!("edits of {path} that could not be made");
                Finding::of(Rule::FailingEdits, count, &so_far, &[("{path}", &path)])
            }),
            round.and_then(|round| {
                let calls = round.calls.to_string();
                let so_far = format!("{calls} calls in the same order, the last: {}", what());
                Finding::of(
                    Rule::Alternation,
                    self.rounds(round),
                    &so_far,
                    &[("{detail}", &calls)],
                )
            }),
            Finding::means(rule, count)
                .then(|| {
                    let line = telling_line(&result.text);
                    let instead = rules().instead(&call.name).replace("{line}", &line);
                    let so_far = format!("{}: {line}", what());
                    Finding::of(rule, count, &so_far, &[("{instead}", &instead)])
                })
                .flatten(),
        ];
        let mut found: Vec<Finding> = found.into_iter().flatten().collect();
        // What ends the attempt comes first, then what says most.
        found.sort_by_key(|finding| finding.follows == Follows::Words);
        self.finding = found.into_iter().next();
    }

    /// Counts an edit that missed; an edit or a whole file that was written ends the series.
    fn missed(
        &mut self,
        call: &ToolCall,
        result: &ToolResult,
        path: Option<&str>,
    ) -> Option<(String, u32)> {
        let path = path?;
        let tool = Tool::named(&call.name)?;
        if tool.effect() != ToolEffect::WritesOneFile {
            return None;
        }
        if result.status == ToolStatus::Ok {
            self.edits.remove(path);
            return None;
        }
        if tool != Tool::EditFile || result.status != ToolStatus::Failed {
            return None;
        }
        for read in self.calls.values_mut() {
            if read.reads.as_deref() == Some(path) {
                read.in_view = false;
            }
        }
        let replies = self.replies;
        let missed = self
            .edits
            .entry(path.to_owned())
            .or_insert(Missed { count: 0, reply: 0 });
        if missed.count == 0 || missed.reply != replies {
            missed.count += 1;
            missed.reply = replies;
            return Some((path.to_owned(), missed.count));
        }
        None
    }

    /// Counts a call and its result, by itself and as a part of a circle. What it changed by
    /// itself is no change between it and the same call before.
    fn repeated(
        &mut self,
        call: &ToolCall,
        result: &ToolResult,
        own: u32,
    ) -> (Rule, u32, Option<Round>) {
        let key = call_mark(call);
        let tool = Tool::named(&call.name);
        let fails = matches!(result.status, ToolStatus::Failed | ToolStatus::TimedOut);
        let exact = result_mark(result);
        let alike = if tool == Some(Tool::RunCommand) && fails {
            failure_mark(result)
        } else {
            exact
        };
        let round = self.circle.push(mark((key, alike)));
        let now = Repeated {
            result: alike,
            exact,
            identical: true,
            count: 1,
            reply: self.replies,
            changes: self.changes,
            in_view: true,
            reads: (tool == Some(Tool::ReadFile))
                .then(|| call.text("path").map(path_name))
                .flatten(),
        };
        let before = self.calls.get(&key);
        let next = match before {
            Some(before) if before.result == alike && before.changes + own >= now.changes => {
                let counts = before.in_view && before.reply != now.reply;
                Repeated {
                    identical: before.identical && before.exact == exact,
                    count: before.count + u32::from(counts),
                    ..now
                }
            }
            _ => now,
        };
        let counted = before.is_none_or(|before| before.count != next.count);
        let rule = if next.identical {
            Rule::SameCall
        } else {
            Rule::SameFailure
        };
        let count = if counted { next.count } else { 0 };
        self.calls.insert(key, next);
        (rule, count, round)
    }

    /// Rounds of a circle; the last ones do not count before the model was told.
    fn rounds(&self, round: Round) -> u32 {
        let was_told = self.circle_told.is_some_and(|reply| reply < self.replies);
        let end = rules().entry(Rule::Alternation).end;
        if was_told {
            round.rounds
        } else {
            round.rounds.min(end - 1)
        }
    }

    /// The middle of the conversation was left out: what was seen may be looked at once more.
    pub fn compacted(&mut self) {
        for call in self.calls.values_mut() {
            call.in_view = false;
        }
    }

    /// What was found and is to be noted.
    pub fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }

    /// A finding is in the journal. The words for the result at the end of the conversation, if
    /// that is where they belong.
    pub fn noted(&mut self, finding: Finding) -> Option<String> {
        self.finding = None;
        let Finding {
            rule,
            count,
            follows,
            text,
        } = finding;
        if rule == Rule::Alternation {
            self.circle_told = Some(self.replies);
        }
        match (rule, follows) {
            (Rule::Repetition | Rule::Thinking, _) => {
                self.cut.insert(rule, count);
                if follows == Follows::End {
                    self.over = Some(text);
                }
                None
            }
            // Whether the words hold is for the check behind them; said again, they end it.
            (Rule::SameText, Follows::End) => None,
            (Rule::SameText, Follows::Words) => {
                self.words = Some(text);
                None
            }
            (_, Follows::End) => {
                self.over = Some(text);
                None
            }
            (_, Follows::Words) => Some(text),
        }
    }

    /// What goes into the next message; gives it away.
    pub fn take_words(&mut self) -> Option<String> {
        self.words.take()
    }

    /// Why the attempt is over, if it is.
    pub fn over(&self) -> Option<&str> {
        self.over.as_deref()
    }

    /// Whether the last text was said so often that nothing new is to be expected.
    pub fn is_worn_out(&self) -> bool {
        let end = rules().entry(Rule::SameText).end;
        self.text.is_some_and(|(_, count)| count >= end)
    }

    /// Replies in a row that were cut by this rule.
    pub fn cuts(&self, rule: Rule) -> u32 {
        self.cut.get(&rule).copied().unwrap_or(0)
    }

    /// Whether the next reply must come without thinking.
    pub fn must_not_think(&self) -> bool {
        self.cuts(Rule::Thinking) > 1
    }
}

/// Whether a command that went well may have changed a file: commands do not say.
fn may_have_changed(call: &ToolCall, result: &ToolResult) -> bool {
    result.status == ToolStatus::Ok
        && Tool::named(&call.name) == Some(Tool::RunCommand)
        && !only_looks(call.text("command").unwrap_or_default())
}

#[cfg(test)]
mod tests;
