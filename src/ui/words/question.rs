//! The wording of questions, of the hints below them and of what is said about an answer that
//! cannot be taken. What an answer means is decided in `prompt/`.

use crate::engine::ask::{Answer, AnsweredBy, Ask, AskId, AskKind, Verdict};
use crate::engine::decision::taken_for;
use crate::ui::markdown;
use crate::ui::text::{Line, Look, Tone, heading, labelled, paragraph};

/// An answer longer than this is cut.
pub(in crate::ui) const LONGEST_ANSWER: usize = 2_000;

/// The letters of options; more options than these cannot be chosen by letter.
pub(in crate::ui) fn letters(ask: &Ask) -> impl Iterator<Item = (char, &str)> {
    ('A'..='Z').zip(ask.options.iter().map(String::as_str))
}

/// The question as it stands in a log, where nobody answers at this place.
pub(super) fn asked(ask: &Ask, look: &Look) -> Vec<Line> {
    let mut lines = labelled(
        Tone::Bold,
        &format!("question {}: ", ask.id),
        &ask.text,
        look,
    );
    if ask.kind != AskKind::Plan {
        lines.extend(options(ask, look));
    }
    lines
}

/// The answer, in a line.
pub(super) fn answered(id: &AskId, answer: &Answer, look: &Look) -> Vec<Line> {
    let what = match &answer.verdict {
        Some(Verdict::Approve) => "approved".to_owned(),
        Some(Verdict::Replace { .. }) => "approved, with changes".to_owned(),
        Some(Verdict::Arrange { tickets }) => format!("approved: {}", tickets.join(", ")),
        Some(Verdict::Revise { guidance }) => format!("sent back: {guidance}"),
        Some(Verdict::Reject { why }) if why.is_empty() => "no".to_owned(),
        Some(Verdict::Reject { why }) => format!("no: {why}"),
        None => words_of(id, answer),
    };
    let by = match answer.answered_by {
        AnsweredBy::User => "",
        AnsweredBy::File => "  (from the answers file)",
        AnsweredBy::Model => "  (filled in by the model)",
        AnsweredBy::Flag => "  (--yes)",
    };
    let label = match answer.answered_by {
        AnsweredBy::Model => format!("{id} {} ", look.glyphs.arrow()),
        AnsweredBy::User | AnsweredBy::File | AnsweredBy::Flag => {
            format!("{} ", look.glyphs.arrow())
        }
    };
    labelled(Tone::Accent, &label, &format!("{what}{by}"), look)
}

/// The words of an answer; about a blocked ticket, what they are taken for.
pub(in crate::ui) fn words_of(id: &AskId, answer: &Answer) -> String {
    if id.blocked_ticket().is_some() {
        return taken_for(answer);
    }
    match answer.text.trim() {
        "" => "left open".to_owned(),
        _ => answer.text.clone(),
    }
}

/// The question as a person sees it before they answer.
pub(in crate::ui) fn question(ask: &Ask, look: &Look) -> Vec<Line> {
    let mut lines = vec![Line::default(), heading(&title(ask), look)];
    lines.extend(body(ask, look));
    lines
}

/// What sort of question it is, in a few words.
pub(in crate::ui) fn title(ask: &Ask) -> String {
    let place = ask
        .place
        .map(|(number, total)| format!("Question {number} of {total}"));
    match (ask.kind, place) {
        (AskKind::Interview, Some(place)) => place,
        (AskKind::Challenge, Some(place)) => format!("{place}, once more"),
        (AskKind::Challenge, None) => "Once more".to_owned(),
        (AskKind::Interview | AskKind::Question, _) => "A question".to_owned(),
        (AskKind::Document | AskKind::Plan, _) => "Your approval".to_owned(),
        (AskKind::Blocked, _) => "A ticket is blocked".to_owned(),
        (AskKind::Permission, _) => "Your permission".to_owned(),
    }
}

/// The question below its title.
pub(in crate::ui) fn body(ask: &Ask, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(reference) = ask
        .reference
        .as_ref()
        .filter(|found| !found.shown.is_empty())
    {
        lines.extend(markdown::lines(&reference.shown, look));
        let rule = look.glyphs.rule();
        lines.push(Line::new(Tone::Dim, &rule.repeat(look.columns.min(72))));
    }
    lines.extend(paragraph(Tone::Bold, &ask.text, "", look));
    if ask.kind == AskKind::Challenge {
        let text =
            "That answer leaves much open. Say it more exactly, or give it again to keep it.";
        lines.extend(paragraph(Tone::Warn, text, "", look));
    }
    if ask.kind != AskKind::Plan {
        lines.extend(options(ask, look));
    }
    lines.extend(hint(ask, look));
    lines
}

/// `A) …` lines; what does not fit goes on below its own beginning.
fn options(ask: &Ask, look: &Look) -> Vec<Line> {
    let narrower = Look {
        columns: look.columns.saturating_sub(5),
        ..*look
    };
    letters(ask)
        .flat_map(|(letter, text)| {
            let rows = paragraph(Tone::Plain, text, "", &narrower);
            rows.into_iter().enumerate().map(move |(index, row)| {
                let head = if index == 0 {
                    format!("  {letter}) ")
                } else {
                    "     ".to_owned()
                };
                Line::new(Tone::Accent, &head).with(Tone::Plain, &row.plain())
            })
        })
        .collect()
}

/// What can be typed.
pub(in crate::ui) fn hint(ask: &Ask, look: &Look) -> Vec<Line> {
    let words = if ask.options.is_empty() {
        "your own words"
    } else {
        "a letter or your own words"
    };
    let why = if ask.why.is_empty() { "" } else { ", ? why" };
    let text = match ask.kind {
        AskKind::Interview | AskKind::Challenge => {
            let back = match ask.place {
                Some((1, _)) => "",
                _ => ", back, edit 1",
            };
            format!("{words}{why}{back}, skip, done (no more questions)")
        }
        AskKind::Question => format!("{words}{why}"),
        AskKind::Blocked => format!("retry and what to do differently, skip, or stop{why}"),
        AskKind::Document => "[a]pprove, [e]dit, [s]end back with a sentence, [q]uit".to_owned(),
        AskKind::Plan => format!(
            "[a]pprove, drop T2, up T2, order T2 T1 {}, [s]end back with a sentence, [q]uit",
            look.glyphs.dots()
        ),
        AskKind::Permission => format!("y/N{why}"),
    };
    paragraph(Tone::Dim, &text, "", look)
}

/// What was answered before, where a question is asked again.
pub(in crate::ui) fn earlier(answer: &str, look: &Look) -> Vec<Line> {
    labelled(Tone::Dim, "your answer so far: ", answer, look)
}

/// What a letter stood for.
pub(in crate::ui) fn understood(id: &AskId, answer: &Answer, look: &Look) -> Vec<Line> {
    let label = format!("{} ", look.glyphs.arrow());
    labelled(Tone::Accent, &label, &words_of(id, answer), look)
}

/// Why the question is asked.
pub(in crate::ui) fn why(ask: &Ask, look: &Look) -> Vec<Line> {
    let reason = if ask.why.is_empty() {
        "nobody said"
    } else {
        &ask.why
    };
    labelled(Tone::Accent, "why: ", reason, look)
}

/// The tickets as they would be approved now.
pub(in crate::ui) fn arrangement(tickets: &[String], dropped: &[String], look: &Look) -> Vec<Line> {
    let mut lines: Vec<Line> = tickets
        .iter()
        .map(|ticket| Line::new(Tone::Plain, &format!("  {ticket}")).fit(look))
        .collect();
    lines.extend(
        dropped
            .iter()
            .map(|ticket| Line::new(Tone::Dim, &format!("  dropped: {ticket}")).fit(look)),
    );
    lines
}

/// What was wrong with an edited document: the faulty line, and what is the matter with it.
pub(in crate::ui) fn faults(edited: &str, faults: &[(usize, String)], look: &Look) -> Vec<Line> {
    let mut lines = paragraph(Tone::Warn, "Not all of it could be read:", "", look);
    for (number, fault) in faults {
        lines.extend(labelled(
            Tone::Bad,
            &format!("line {number}: "),
            fault,
            look,
        ));
        if let Some(source) = number
            .checked_sub(1)
            .and_then(|index| edited.lines().nth(index))
        {
            lines.push(Line::new(Tone::Dim, &format!("    {source}")).fit(look));
        }
    }
    lines
}
