//! A model's card: what a probe measured, what that makes of the model, and the settings that
//! follow. Judging is a pure function of the measured facts; its thresholds are one table. Who
//! measures is `run/probe`.

use serde::{Deserialize, Serialize};

use super::manner::{AnswerPart, EditForm, Patience};
use super::protocol::Protocol;
use super::tool::Tool;
use super::window::{Loaded, WITHOUT_KNOWLEDGE, gigabytes};

/// What a probe measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that was tried"
)]
pub struct Measured {
    /// The window in which everything but `loads` was tried.
    pub window: u64,
    /// What the model was trained for.
    pub trained: Option<u64>,
    /// One call of each tool.
    pub calls: Vec<Called>,
    /// Turns of a conversation in which the model did what was next.
    pub turns: u32,
    /// Whether it ended that conversation with the marker.
    pub marker: bool,
    /// Whether it changed a passage as asked.
    pub edit: bool,
    /// Whether it wrote a file anew as asked.
    pub whole_file: bool,
    /// Whether a document filled in by `format` could be used.
    pub document: bool,
    /// Facts in a long prompt.
    pub recall: Vec<Recalled>,
    /// Tokens a second of a prompt; 0 if not measured.
    pub reads_per_second: u64,
    /// Tokens a second of an answer; 0 if not measured.
    pub writes_per_second: u64,
    /// Milliseconds that loading took.
    pub load_ms: u64,
    /// How it stood in memory, by window, the smallest first.
    pub loads: Vec<Loaded>,
}

/// One call that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Of which tool.
    pub tool: Tool,
    /// How it came; none if it did not, or not so that it could be run.
    pub form: Option<Protocol>,
}

/// One fact in a long prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recalled {
    /// Where it stood: 0 is the beginning, 100 the end.
    pub percent: u8,
    /// Whether the answer named it.
    pub found: bool,
}

/// Turns of the conversation of the probe.
pub const TURNS: u32 = 3;

/// From where on a model counts as what. Our own judgement: each number is what one missing part
/// costs a run, not a score to compare models by.
struct Thresholds {
    /// Native calls, in percent of the tools, from which the server's own tool calls are used.
    /// Below, each phase would lose several turns to corrections.
    native_percent: u64,
    /// Calls in any form, in percent, below which nothing gets done.
    calls_percent: u64,
    /// The same for a good model.
    calls_percent_good: u64,
    /// Turns below which it loses the thread.
    turns: u32,
    /// Facts, in percent, below which its window is kept small.
    recall_percent: u64,
    /// Tokens a second below which a ticket takes an evening: 4,000 tokens in 13 minutes.
    writes_per_second: u64,
}

const THRESHOLDS: Thresholds = Thresholds {
    native_percent: 70,
    calls_percent: 60,
    calls_percent_good: 85,
    turns: 2,
    recall_percent: 60,
    writes_per_second: 5,
};

/// What a model is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It can do the work.
    Good,
    /// It can, with settings that help it.
    Usable,
    /// It cannot.
    NotForThis,
}

impl Verdict {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Usable => "usable",
            Self::NotForThis => "not for this",
        }
    }
}

/// A row of the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What was tried.
    pub what: String,
    /// How it went.
    pub came: Came,
    /// In words.
    pub detail: String,
}

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// As it should.
    Well,
    /// In part.
    Partly,
    /// Not at all.
    Badly,
    /// A number, which is neither.
    Measured,
}

/// What follows from a card for a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Advice {
    /// How tools are called.
    pub tools: Protocol,
    /// How files are changed.
    pub edits: EditForm,
    /// The window; none leaves it to the memory.
    pub window: Option<u64>,
    /// The part of it for an answer.
    pub answer: AnswerPart,
    /// The patience it needs.
    pub patience: Patience,
}

/// What the facts make of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// In one word.
    pub verdict: Verdict,
    /// Everything that was tried.
    pub rows: Vec<Row>,
    /// The settings that follow.
    pub advice: Advice,
}

impl Measured {
    /// What the facts make of the model.
    pub fn judge(&self) -> Judgement {
        Judgement {
            verdict: self.verdict(),
            rows: self.rows(),
            advice: self.advice(),
        }
    }

    fn called(&self, form: Protocol) -> u64 {
        let with = self.calls.iter().filter(|call| call.form == Some(form));
        with.count() as u64
    }

    /// Percent of the calls, native ones and all.
    fn call_percents(&self) -> (u64, u64) {
        let (native, text) = (self.called(Protocol::Native), self.called(Protocol::Text));
        let all = self.calls.len() as u64;
        (percent(native, all), percent(native + text, all))
    }

    fn recalls(&self) -> u64 {
        self.recall.iter().filter(|fact| fact.found).count() as u64
    }

    fn recalls_well(&self) -> bool {
        percent(self.recalls(), self.recall.len() as u64) >= THRESHOLDS.recall_percent
    }

    fn is_quick(&self) -> bool {
        self.writes_per_second == 0 || self.writes_per_second >= THRESHOLDS.writes_per_second
    }

    fn verdict(&self) -> Verdict {
        let (_, calls) = self.call_percents();
        let works = calls >= THRESHOLDS.calls_percent
            && self.turns >= THRESHOLDS.turns
            && (self.edit || self.whole_file);
        let well = calls >= THRESHOLDS.calls_percent_good
            && self.advice().tools == Protocol::Native
            && self.turns == TURNS
            && self.marker
            && self.edit
            && self.document
            && self.recalls_well()
            && self.is_quick();
        match (works, well) {
            (false, _) => Verdict::NotForThis,
            (true, true) => Verdict::Good,
            (true, false) => Verdict::Usable,
        }
    }

    /// The largest window that was wholly on the graphics card.
    fn on_gpu(&self) -> Option<u64> {
        let whole = self.loads.iter().filter(|load| load.is_on_gpu());
        whole.filter_map(|load| load.window).max()
    }

    fn advice(&self) -> Advice {
        let (native, _) = self.call_percents();
        let (edits, answer) = if self.edit || !self.whole_file {
            (EditForm::Replace, AnswerPart::Quarter)
        } else {
            (EditForm::WholeFile, AnswerPart::Third)
        };
        let window = match (self.on_gpu(), self.recalls_well()) {
            (on_gpu, true) => on_gpu,
            (on_gpu, false) => Some(on_gpu.unwrap_or(WITHOUT_KNOWLEDGE).min(WITHOUT_KNOWLEDGE)),
        };
        let tools = if native >= THRESHOLDS.native_percent {
            Protocol::Native
        } else {
            Protocol::Text
        };
        Advice {
            tools,
            edits,
            window,
            answer,
            patience: self.patience(window.unwrap_or(self.window), answer),
        }
    }

    /// Twice what a whole window and a whole answer take at the measured speed.
    fn patience(&self, window: u64, answer: AnswerPart) -> Patience {
        let twice = |tokens: u64, speed| (2 * tokens).checked_div(speed).unwrap_or(0);
        let load = 2 * self.load_ms.div_ceil(1000);
        Patience {
            first_byte_seconds: load + twice(window, self.reads_per_second),
            idle_seconds: twice(answer.of(window), self.writes_per_second),
        }
    }

    fn rows(&self) -> Vec<Row> {
        let (native, text) = (self.called(Protocol::Native), self.called(Protocol::Text));
        let all = self.calls.len();
        let missing: Vec<&str> = self
            .calls
            .iter()
            .filter(|call| call.form.is_none())
            .map(|call| call.tool.name())
            .collect();
        let as_text = match text {
            0 => String::new(),
            text => format!(", {text} of them written as text"),
        };
        let without = match missing.as_slice() {
            [] => String::new(),
            missing => format!("; not {}", missing.join(", ")),
        };
        let calls = format!("{} of {all} as asked{as_text}{without}", native + text);
        let found = self.recalls();
        let places: Vec<String> = self
            .recall
            .iter()
            .map(|fact| {
                let word = if fact.found { "yes" } else { "no" };
                format!("{word} at {} %", fact.percent)
            })
            .collect();
        let mut rows = vec![
            row("tool calls", graded(native + text, all as u64), calls),
            row(
                "several turns",
                graded(self.turns.into(), TURNS.into()),
                format!("{} of {TURNS} steps", self.turns),
            ),
            row("marker", done(self.marker), yes(self.marker)),
            row("edit of a passage", done(self.edit), yes(self.edit)),
            row("whole file", done(self.whole_file), yes(self.whole_file)),
            row("document", done(self.document), yes(self.document)),
            row(
                "recall",
                graded(found, self.recall.len() as u64),
                places.join(", "),
            ),
        ];
        let speed = |tokens: u64| match tokens {
            0 => "not told by the server".to_owned(),
            tokens => format!("{tokens} tokens a second"),
        };
        rows.push(row("reading", Came::Measured, speed(self.reads_per_second)));
        rows.push(row(
            "writing",
            if self.is_quick() {
                Came::Measured
            } else {
                Came::Badly
            },
            speed(self.writes_per_second),
        ));
        for load in &self.loads {
            let what = format!("window {}", load.window.unwrap_or_default());
            let came = match (load.is_on_gpu(), load.bytes_on_gpu) {
                (true, _) => Came::Well,
                (false, 0) => Came::Measured,
                (false, _) => Came::Partly,
            };
            rows.push(row(&what, came, load.place()));
        }
        rows
    }
}

impl Advice {
    /// The settings in words, a line each.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let tools = match self.tools {
            Protocol::Native => "the server's tool calls",
            Protocol::Text => "calls written as text",
        };
        let edits = match self.edits {
            EditForm::Replace => "a passage is replaced",
            EditForm::WholeFile => "files are written whole; edit_file is not offered",
        };
        let window = match self.window {
            Some(tokens) => format!("{tokens} tokens"),
            None => "as the memory allows".to_owned(),
        };
        let answer = match self.answer {
            AnswerPart::Quarter => "a quarter of the window",
            AnswerPart::Third => "a third of the window",
        };
        let Patience {
            first_byte_seconds,
            idle_seconds,
        } = self.patience;
        let patience = if first_byte_seconds == 0 || idle_seconds == 0 {
            "as configured: its speed is not known".to_owned()
        } else {
            format!(
                "at least {first_byte_seconds} s until the first byte, {idle_seconds} s between two"
            )
        };
        vec![
            ("tools", tools.to_owned()),
            ("edits", edits.to_owned()),
            ("window", window),
            ("answer", answer.to_owned()),
            ("patience", patience),
        ]
    }
}

fn row(what: &str, came: Came, detail: impl Into<String>) -> Row {
    Row {
        what: what.to_owned(),
        came,
        detail: detail.into(),
    }
}

fn percent(part: u64, all: u64) -> u64 {
    (part * 100).checked_div(all).unwrap_or(0)
}

fn graded(part: u64, all: u64) -> Came {
    match part {
        0 => Came::Badly,
        part if part >= all => Came::Well,
        _ => Came::Partly,
    }
}

const fn done(it: bool) -> Came {
    if it { Came::Well } else { Came::Badly }
}

const fn yes(it: bool) -> &'static str {
    if it { "yes" } else { "no" }
}

/// A card as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The model's name when it was probed.
    pub model: String,
    /// The digest of its weights.
    pub digest: String,
    /// The server on which it was measured.
    pub server: String,
    /// Bytes of its weights.
    pub bytes: u64,
    /// What was measured.
    pub measured: Measured,
}

impl Card {
    /// What follows for a run on that server. Speed and memory are a machine's: measured on
    /// another one, they say nothing.
    pub fn advice_on(&self, server: &str) -> Advice {
        let advice = self.measured.judge().advice;
        if self.server == server {
            return advice;
        }
        Advice {
            window: None,
            patience: Patience::default(),
            ..advice
        }
    }

    /// What it is a card of.
    pub fn title(&self) -> String {
        format!("{} ({} GB)", self.model, gigabytes(self.bytes))
    }
}

#[cfg(test)]
mod tests;
