//! A session told in time: a line for each thing that happened, with the time since the start and
//! how long it took; waiting for a person and pauses between runs stand out. What is not worth a
//! line on screen has none here either.

use super::text::{Colour, Glyphs, Line, Look, Tone, clean, spent, thousands};
use super::words::Facts;
use super::words::event::{self, Detail};
use crate::engine::ask::AnsweredBy;
use crate::engine::event::{Event, Interruption, Outcome, Replied};
use crate::engine::timeline::{Moment, Took};

/// Columns for the phase and the ticket.
const PLACE: usize = 15;
/// Where nobody says how wide it is.
const USUAL: usize = 100;

/// The timeline as text, for a terminal of so many columns; without one, for a file.
pub fn timeline(moments: &[Moment<'_>], columns: Option<usize>, colour: Option<Colour>) -> String {
    let look = Look {
        columns: columns.unwrap_or(USUAL).max(40),
        colour: match columns {
            Some(_) => colour.unwrap_or(Colour::On),
            None => Colour::Off,
        },
        glyphs: Glyphs::Unicode,
    };
    let mut facts = Facts::default();
    let mut text = String::new();
    for moment in moments {
        facts.learn(moment.record);
        if let Took::Pause(ms) = moment.took {
            let words = format!("nothing ran for {}", spent(ms));
            put(
                &mut text,
                row(moment, Line::new(Tone::Warn, &words), &look),
                &look,
            );
        }
        if let Some(words) = words(moment, &facts, &look) {
            put(&mut text, row(moment, words, &look), &look);
        }
    }
    text
}

fn put(text: &mut String, line: Line, look: &Look) {
    text.push_str(&line.fit(look).paint(look.colour));
    text.push('\n');
}

/// `  0:04:12  implement T1   WORDS  2.1 s`
fn row(moment: &Moment<'_>, words: Line, look: &Look) -> Line {
    let seconds = moment.since_start / 1_000;
    let at = format!(
        "{:>3}:{:02}:{:02}  ",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    let record = moment.record;
    let place: Vec<&str> = [&record.phase, &record.ticket]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let place = format!("{:<PLACE$} ", clean(&place.join(" ")));
    let took = match moment.took {
        // A command's line says it already.
        Took::Work(ms) if words.plain().ends_with(&spent(ms)) => Line::default(),
        Took::Work(ms) => Line::new(Tone::Dim, &format!("  {}", spent(ms))),
        Took::Waiting(ms) => Line::new(Tone::Warn, &format!("  waited {}", spent(ms))),
        Took::CutOff(0) | Took::Nothing | Took::Pause(_) => Line::default(),
        Took::CutOff(ms) => Line::new(Tone::Dim, &format!("  cut off after {}", spent(ms))),
    };
    let start = Line::new(Tone::Dim, &at).with(Tone::Accent, &place);
    let room = look
        .columns
        .saturating_sub(start.width() + took.width())
        .max(20);
    let words = words.fit(&Look {
        columns: room,
        ..*look
    });
    [words, took].into_iter().fold(start, Line::followed_by)
}

/// One line of words; none for what is no news.
fn words(moment: &Moment<'_>, facts: &Facts, look: &Look) -> Option<Line> {
    let plain = |text: &str| Some(Line::new(Tone::Plain, text));
    let wide = Look {
        columns: usize::MAX,
        ..*look
    };
    match &moment.record.event {
        Event::SessionStarted(started) => {
            let task = started
                .task
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            Some(Line::new(
                Tone::Bold,
                &format!("session {}: {task}", started.id),
            ))
        }
        Event::PhaseEntered { name, .. } => Some(Line::new(Tone::Bold, &format!("phase {name}"))),
        Event::Replied(replied) => Some(reply(replied, look)),
        Event::Asked { ask } => {
            let question = ask.text.lines().next().unwrap_or_default();
            let asked = match moment.took {
                Took::Waiting(_) => "went back to: ",
                _ => "asked: ",
            };
            Some(Line::new(Tone::Accent, &format!("{asked}{question}")))
        }
        Event::Answered { answer, .. } => {
            let by = match answer.answered_by {
                AnsweredBy::User => "answered",
                AnsweredBy::File => "answered by the file",
                AnsweredBy::Model => "left to the model",
                AnsweredBy::Flag => "answered by --yes",
            };
            plain(&match answer.text.lines().next() {
                Some(text) if !text.is_empty() => format!("{by}: {text}"),
                _ if answer.skipped && answer.answered_by != AnsweredBy::Model => {
                    format!("{by}: left open")
                }
                _ => by.to_owned(),
            })
        }
        Event::PhaseFinished { outcome, .. } => plain(&format!("phase {}", outcome_word(*outcome))),
        Event::SessionFinished { outcome, reason } => Some(Line::new(
            Tone::Bold,
            &format!("session {}: {reason}", outcome_word(*outcome)),
        )),
        Event::Interrupted { why, reason } => {
            let what = match why {
                Interruption::Signal => "stopped by the person",
                Interruption::Limit => "stopped at a limit",
                Interruption::NeedsInput => "stopped for an answer",
                Interruption::ServerGone => "the server went away",
            };
            Some(Line::new(Tone::Warn, &format!("{what}: {reason}")))
        }
        Event::Resumed { .. } => plain("resumed"),
        Event::ArtifactWritten { name, .. } => plain(&format!("wrote {}", name.file())),
        _ => event::lines(moment.record, facts, Detail::Normal, &wide)
            .into_iter()
            .find(|line| !line.plain().trim().is_empty()),
    }
}

fn reply(replied: &Replied, look: &Look) -> Line {
    let usage = replied.reply.usage;
    let calls = match replied.reply.tool_calls.len() {
        0 => String::new(),
        1 => ", 1 call".to_owned(),
        many => format!(", {many} calls"),
    };
    let words = format!(
        "model: {} {} {} tokens{calls}",
        thousands(usage.prompt_tokens),
        look.glyphs.arrow(),
        thousands(usage.eval_tokens)
    );
    Line::new(Tone::Dim, &words)
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Blocked => "blocked",
        Outcome::Refused => "refused",
        Outcome::Skipped => "skipped",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::event::Record;
    use crate::engine::timeline::timeline as in_time;

    #[test]
    fn the_way_back_has_a_line_and_what_is_skipped_is_left_open() {
        let record = |seq: u64, second: u64, event: serde_json::Value| Record {
            seq,
            at: format!("2026-01-31T12:00:{second:02}.000Z"),
            phase: Some("prd".to_owned()),
            ticket: None,
            event: serde_json::from_value(event).unwrap(),
        };
        let asked = |seq: u64, second: u64, place: u32| {
            let ask = json!({
                "id": format!("q{place}"), "kind": "interview", "text": format!("Question {place}?"),
                "options": [], "why": "", "place": [place, 3],
            });
            record(seq, second, json!({"event": "asked", "ask": ask}))
        };
        let answer = json!({"text": "", "skipped": true, "answered_by": "user"});
        let skipped = json!({"event": "answered", "id": "q1", "answer": answer});
        let skipped = record(4, 9, skipped);
        let records = [asked(1, 0, 1), asked(2, 1, 2), asked(3, 4, 1), skipped];
        let text = timeline(&in_time(&records), None, None);
        for line in [
            "asked: Question 2?",
            "went back to: Question 1?  waited 3.0 s",
            "answered: left open  waited 5.0 s",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
