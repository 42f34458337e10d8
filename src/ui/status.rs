//! The line at the bottom: where the run is and what it is doing now. Owns what was told last and
//! since when; refuses to draw (`ui/surface.rs`). Its wording is in `Status::line`.

use std::time::Duration;

use super::text::{Line, Look, Tone, spent, thousands};
use super::words::Facts;
use crate::engine::ports::Progress;

#[derive(Debug, Default)]
enum Doing {
    #[default]
    Nothing,
    /// The server has a request and has said nothing yet.
    Waiting(Progress),
    Thinking(Pace),
    Writing(Pace),
    Calling(String),
    Running(String),
    Other(String),
    Retrying(String, Duration),
}

/// Pieces of text that came since the first of them; a piece is about a token.
#[derive(Clone, Copy, Debug)]
struct Pace {
    first: Duration,
    pieces: u32,
}

/// What is known of the present.
#[derive(Debug, Default)]
pub(super) struct Status {
    doing: Doing,
    since: Duration,
    turn: Option<(u32, u32)>,
}

impl Status {
    pub(super) fn turn(&mut self, turn: u32, max: u32, now: Duration) {
        self.turn = Some((turn, max));
        self.begin(Doing::Waiting(Progress::Waiting), now);
    }

    pub(super) fn model(&mut self, progress: &Progress, now: Duration) {
        match (progress, &mut self.doing) {
            (Progress::Thinking(_), Doing::Thinking(pace))
            | (Progress::Text(_), Doing::Writing(pace)) => pace.pieces += 1,
            (Progress::Thinking(_), _) => self.begin(Doing::Thinking(Pace::from(now)), now),
            (Progress::Text(_), _) => self.begin(Doing::Writing(Pace::from(now)), now),
            // One wait, of which more is known; only reading after a load has a time of its own.
            (wait, Doing::Waiting(known)) if is_wait(wait) => {
                let restarts = matches!(known, Progress::Loading { .. })
                    && matches!(wait, Progress::Reading { .. });
                *known = wait.clone();
                if restarts {
                    self.since = now;
                }
            }
            (
                Progress::Waiting
                | Progress::Loading { .. }
                | Progress::Reading { .. }
                | Progress::Busy,
                _,
            ) => self.begin(Doing::Waiting(progress.clone()), now),
            (Progress::Call(name), _) => self.begin(Doing::Calling(name.clone()), now),
            (Progress::Retrying { why, after }, _) => {
                self.begin(Doing::Retrying(why.clone(), *after), now);
            }
        }
    }

    pub(super) fn running(&mut self, what: String, now: Duration) {
        self.begin(Doing::Running(what), now);
    }

    pub(super) fn waiting(&mut self, what: &str, now: Duration) {
        self.begin(Doing::Other(what.to_owned()), now);
    }

    /// A turn of another phase or ticket starts from nothing.
    pub(super) fn leave_turn(&mut self, now: Duration) {
        self.turn = None;
        self.rest(now);
    }

    pub(super) fn rest(&mut self, now: Duration) {
        self.begin(Doing::Nothing, now);
    }

    /// Whether the model or a command is at work.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.doing, Doing::Nothing)
    }

    fn begin(&mut self, doing: Doing, now: Duration) {
        self.doing = doing;
        self.since = now;
    }

    /// `prd 1/6 · T2 2/5 · turn 3/50 · writing 24 tok/s · 0:42`, or nothing to say.
    pub(super) fn line(&self, facts: &Facts, now: Duration, look: &Look) -> Option<Line> {
        let dot = look.glyphs.dot();
        let turn = self.turn.map(|(turn, max)| format!("turn {turn}/{max}"));
        let places = [facts.phase_place(), facts.ticket_place(), turn];
        let place = places.into_iter().flatten().collect::<Vec<_>>().join(dot);
        let Some(doing) = self.doing(now, look) else {
            // Between two steps of a turn: what stands there must not flicker.
            return self.turn.map(|_| Line::new(Tone::Bold, &place).fit(look));
        };
        let elapsed = now.saturating_sub(self.since).as_secs();
        let end = format!("{dot}{}:{:02}", elapsed / 60, elapsed % 60);
        let mut head = Line::new(Tone::Bold, &place);
        if !place.is_empty() {
            head = head.with(Tone::Dim, dot);
        }
        let end = Line::new(Tone::Dim, &end);
        let room = look
            .columns
            .saturating_sub(head.width() + end.width())
            .max(10);
        let doing = Line::new(Tone::Plain, &doing).fit(&Look {
            columns: room,
            ..*look
        });
        Some(
            head.with(Tone::Accent, &doing.plain())
                .with(Tone::Dim, &end.plain())
                .fit(look),
        )
    }

    fn doing(&self, now: Duration, look: &Look) -> Option<String> {
        Some(match &self.doing {
            Doing::Nothing => return None,
            Doing::Waiting(wait) => waiting(wait, look),
            Doing::Thinking(pace) => format!("thinking{}", pace.words(now)),
            Doing::Writing(pace) => format!("writing{}", pace.words(now)),
            Doing::Calling(name) => format!("calling {name}"),
            Doing::Running(what) => format!("running {what}"),
            Doing::Other(what) => what.clone(),
            Doing::Retrying(why, after) => {
                let after = spent(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
                format!("trying again in {after}: {why}")
            }
        })
    }
}

fn is_wait(progress: &Progress) -> bool {
    matches!(
        progress,
        Progress::Waiting | Progress::Loading { .. } | Progress::Reading { .. } | Progress::Busy
    )
}

/// What a request waits for. Nothing is claimed that the server does not show.
fn waiting(wait: &Progress, look: &Look) -> String {
    let dots = look.glyphs.dots();
    match wait {
        Progress::Loading { beside: None } => format!("loading the model{dots}"),
        Progress::Loading {
            beside: Some(other),
        } => format!("loading the model, {other} is loaded now{dots}"),
        Progress::Reading {
            tokens,
            expected: Some(time),
        } => {
            let time = spent(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
            format!("reading {} tokens, about {time}", thousands(*tokens))
        }
        Progress::Reading {
            tokens,
            expected: None,
        } => format!("waiting for {} tokens to be read{dots}", thousands(*tokens)),
        Progress::Busy => format!("the server is busy, perhaps for somebody else{dots}"),
        _ => format!("waiting for the server{dots}"),
    }
}

impl Pace {
    const fn from(first: Duration) -> Self {
        Self { first, pieces: 1 }
    }

    fn words(self, now: Duration) -> String {
        let ms = now.saturating_sub(self.first).as_millis();
        // A rate of the first moments says nothing.
        if ms < 1000 {
            return String::new();
        }
        format!(" {} tok/s", u128::from(self.pieces) * 1000 / ms)
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::{Colour, Glyphs};
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn check(status: &Status, ms: u64, glyphs: Glyphs, expected: &str) {
        let mut facts = Facts::default();
        facts.phases = vec!["prd".to_owned(), "implement".to_owned()];
        facts.phase = Some("implement".to_owned());
        facts.ticket = Some("T2".to_owned());
        let look = Look {
            columns: 60,
            colour: Colour::Off,
            glyphs,
        };
        let line = status.line(&facts, at(ms), &look);
        assert_eq!(line.map(|line| line.plain()).unwrap_or_default(), expected);
    }

    #[test]
    fn each_wait_has_its_words_and_one_clock() {
        let mut status = Status::default();
        let check = |status: &Status, ms, expected: &str| {
            let look = Look {
                columns: 80,
                colour: Colour::Off,
                glyphs: Glyphs::Unicode,
            };
            let line = status.line(&Facts::default(), at(ms), &look);
            let line = line.map(|line| line.plain()).unwrap_or_default();
            assert_eq!(line, format!("turn 1/9 · {expected}"));
        };
        status.turn(1, 9, at(0));
        status.model(&Progress::Waiting, at(10));
        check(&status, 1_000, "waiting for the server… · 0:01");
        status.model(&Progress::Loading { beside: None }, at(1_000));
        check(&status, 5_000, "loading the model… · 0:05");
        let beside = Some("qwen3:8b".to_owned());
        status.model(&Progress::Loading { beside }, at(6_000));
        check(
            &status,
            7_000,
            "loading the model, qwen3:8b is loaded now… · 0:07",
        );
        let reading = |expected| Progress::Reading {
            tokens: 3_900,
            expected,
        };
        status.model(&reading(None), at(60_000));
        check(
            &status,
            62_000,
            "waiting for 3,900 tokens to be read… · 0:02",
        );
        status.model(&reading(Some(Duration::from_secs(12))), at(63_000));
        check(&status, 65_000, "reading 3,900 tokens, about 12 s · 0:05");
        status.model(&Progress::Busy, at(90_000));
        check(
            &status,
            90_000,
            "the server is busy, perhaps for somebody else… · 0:30",
        );
        status.model(&Progress::Waiting, at(91_000));
        check(&status, 91_000, "waiting for the server… · 0:31");
    }

    #[test]
    fn the_line_says_what_is_done_now_and_since_when() {
        let mut status = Status::default();
        check(&status, 0, Glyphs::Unicode, "");
        status.model(&Progress::Call("read_file".to_owned()), at(0));
        status.turn(3, 50, at(1_000));
        let place = "implement 2/2 · T2 · turn 3/50";
        check(
            &status,
            43_000,
            Glyphs::Unicode,
            &format!("{place} · waiting for the ser… · 0:42"),
        );
        let ascii = "implement 2/2 | T2 | turn 3/50 | waiting for the s... | 0:42";
        check(&status, 43_000, Glyphs::Ascii, ascii);
        for piece in 0..25 {
            status.model(
                &Progress::Thinking("a".to_owned()),
                at(50_000 + 100 * piece),
            );
        }
        check(
            &status,
            52_500,
            Glyphs::Unicode,
            &format!("{place} · thinking 10 tok/s · 0:02"),
        );
        status.model(&Progress::Text("a".to_owned()), at(53_000));
        check(
            &status,
            53_500,
            Glyphs::Unicode,
            &format!("{place} · writing · 0:00"),
        );
        status.running("pytest -q tests".to_owned(), at(60_000));
        check(
            &status,
            135_000,
            Glyphs::Unicode,
            &format!("{place} · running pytest -q t… · 1:15"),
        );
        status.rest(at(136_000));
        check(&status, 137_000, Glyphs::Unicode, place);
        status.leave_turn(at(138_000));
        check(&status, 138_000, Glyphs::Unicode, "");
    }
}
