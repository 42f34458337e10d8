//! The statistics of a session, and of many, as a text in Markdown: a table by phase and ticket,
//! then what went wrong on the way, then the share of each kind of time. Counts nothing itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{spent, thousands};
use crate::engine::stats::{Across, Spent, Stats};

/// One session.
pub fn figures(stats: &Stats) -> String {
    let mut text = format!(
        "# Session {}\n\nmodel {}, {} over, a person was needed {} besides the planned stops\n\n",
        stats.session,
        stats.model,
        count(stats.tickets, "ticket"),
        times(stats.interventions)
    );
    text.push_str("| where | wall | model | commands | tools | waiting | own | read | wrote | replies | commands run | checks | attempts |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for phase in &stats.phases {
        row(&mut text, &phase.phase, &phase.spent);
        for ticket in &phase.tickets {
            row(
                &mut text,
                &format!("{} {}", phase.phase, ticket.ticket),
                &ticket.spent,
            );
        }
    }
    row(&mut text, "all", &stats.total);
    text.push('\n');
    let total = &stats.total;
    let mut lines = vec![shares(total), cache(total)];
    lines.extend(counted("Repairs of replies", &total.repairs));
    lines.extend(counted("Going in circles was noticed", &total.loops));
    if total.failed_attempts > 0 {
        lines.push(format!("Attempts that failed: {}", total.failed_attempts));
    }
    if stats.paused_ms > 0 {
        lines.push(format!(
            "Stopped, not counted above: {} (between runs, and what a stop cut off)",
            spent(stats.paused_ms)
        ));
    }
    for line in lines {
        let _ = writeln!(text, "- {line}"); // silent-ok: a String
    }
    text
}

/// Many sessions.
pub fn figures_across(across: &Across) -> String {
    let some = |number: Option<u64>, words: &dyn Fn(u64) -> String| {
        number.map_or_else(|| "no ticket yet".to_owned(), words)
    };
    format!(
        "# {}\n\n- completed: {}, of them {} without anybody needed besides the planned stops\n- a person was needed {} for {}: {}\n- tokens: {}; {}\n",
        count(across.sessions, "session"),
        across.completed,
        across.without_intervention,
        times(across.interventions),
        count(across.tickets, "ticket"),
        some(across.interventions_per_100_tickets, &|n| format!(
            "{}.{:02} a ticket",
            n / 100,
            n % 100
        )),
        thousands(across.tokens),
        some(across.tokens_per_ticket, &|n| format!(
            "{} a ticket",
            thousands(n)
        )),
    )
}

fn count(number: u64, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {word}{plural}")
}

fn row(text: &mut String, place: &str, spent_there: &Spent) {
    let time = [
        spent_there.wall_ms,
        spent_there.model_ms,
        spent_there.command_ms,
        spent_there.tool_ms,
        spent_there.waiting_ms,
        spent_there.overhead_ms,
    ];
    let counts = [
        spent_there.prompt_tokens,
        spent_there.eval_tokens,
        spent_there.replies,
        spent_there.commands,
        spent_there.checks,
        spent_there.attempts,
    ];
    let cells: Vec<String> = time
        .map(spent)
        .into_iter()
        .chain(counts.map(thousands))
        .collect();
    let _ = writeln!(text, "| {place} | {} |", cells.join(" | ")); // silent-ok: a String
}

fn shares(total: &Spent) -> String {
    let percent = |part: u64| (part * 100).checked_div(total.wall_ms).unwrap_or_default();
    format!(
        "Of the wall time: model {} %, commands {} %, other tools {} %, waiting for a person {} %, the program itself {} %",
        percent(total.model_ms),
        percent(total.command_ms),
        percent(total.tool_ms),
        percent(total.waiting_ms),
        total.overhead_percent()
    )
}

fn cache(total: &Spent) -> String {
    let shared = total.shared_percent().map_or_else(
        || "no request followed another".to_owned(),
        |percent| format!("{percent} % of each request stood in the one before"),
    );
    let cache = total.cache;
    if cache.used + cache.lost + cache.unknown == 0 {
        return format!("Cache: {shared}");
    }
    format!(
        "Cache: {shared}; by its times the server used that {} and lost it {}; it cannot be told of {}",
        times(cache.used),
        times(cache.lost),
        requests(cache.unknown)
    )
}

fn counted(words: &str, counts: &BTreeMap<String, u64>) -> Option<String> {
    let list: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    (!list.is_empty()).then(|| format!("{words}: {}", list.join("; ")))
}

fn requests(count: u64) -> String {
    match count {
        1 => "1 request".to_owned(),
        many => format!("{} requests", thousands(many)),
    }
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        many => format!("{} times", thousands(many)),
    }
}
