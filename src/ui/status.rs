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
    Reading,
    Thinking(Pace),
    Writing(Pace),
    Calling(String),
    Running(String),
    Waiting(String),
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
    prompt_tokens: u64,
    loaded: Loaded,
}

/// The first request of a run may have to wait for the model to be loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Loaded {
    #[default]
    Perhaps,
    Yes,
}

impl Status {
    pub(super) fn turn(&mut self, turn: u32, max: u32, prompt_tokens: u64, now: Duration) {
        self.turn = Some((turn, max));
        self.prompt_tokens = prompt_tokens;
        self.begin(Doing::Reading, now);
    }

    pub(super) fn model(&mut self, progress: &Progress, now: Duration) {
        if !matches!(progress, Progress::Waiting | Progress::Retrying { .. }) {
            self.loaded = Loaded::Yes;
        }
        match (progress, &mut self.doing) {
            (Progress::Thinking(_), Doing::Thinking(pace))
            | (Progress::Text(_), Doing::Writing(pace)) => pace.pieces += 1,
            (Progress::Thinking(_), _) => self.begin(Doing::Thinking(Pace::from(now)), now),
            (Progress::Text(_), _) => self.begin(Doing::Writing(Pace::from(now)), now),
            (Progress::Waiting, Doing::Reading) => {}
            (Progress::Waiting, _) => self.begin(Doing::Reading, now),
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
        self.begin(Doing::Waiting(what.to_owned()), now);
    }

    /// A turn of another phase or ticket starts from nothing.
    pub(super) fn leave_turn(&mut self, now: Duration) {
        self.turn = None;
        self.prompt_tokens = 0;
        self.rest(now);
    }

    pub(super) fn rest(&mut self, now: Duration) {
        self.begin(Doing::Nothing, now);
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
        let dots = look.glyphs.dots();
        Some(match &self.doing {
            Doing::Nothing => return None,
            Doing::Reading => {
                let load = match self.loaded {
                    Loaded::Perhaps => "loading the model, ",
                    Loaded::Yes => "",
                };
                match self.prompt_tokens {
                    0 => format!("{load}reading{dots}"),
                    tokens => format!("{load}reading {} tokens{dots}", thousands(tokens)),
                }
            }
            Doing::Thinking(pace) => format!("thinking{}", pace.words(now)),
            Doing::Writing(pace) => format!("writing{}", pace.words(now)),
            Doing::Calling(name) => format!("calling {name}"),
            Doing::Running(what) => format!("running {what}"),
            Doing::Waiting(what) => what.clone(),
            Doing::Retrying(why, after) => {
                let after = spent(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
                format!("trying again in {after}: {why}")
            }
        })
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
    fn the_line_says_what_is_done_now_and_since_when() {
        let mut status = Status::default();
        check(&status, 0, Glyphs::Unicode, "");
        status.model(&Progress::Call("read_file".to_owned()), at(0));
        status.turn(3, 50, 2310, at(1_000));
        let place = "implement 2/2 · T2 · turn 3/50";
        check(
            &status,
            43_000,
            Glyphs::Unicode,
            &format!("{place} · reading 2,310 token… · 0:42"),
        );
        let ascii = "implement 2/2 | T2 | turn 3/50 | reading 2,310 tok... | 0:42";
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
