//! Moments of the journal as numbers, and spans of time as a person reads them on a clock. Reads no
//! clock: what time it is now is told by whoever drives the screen.

use jiff::Timestamp;

/// A journal's moment in milliseconds since 1970; none if the text is no moment.
pub(super) fn millis(at: &str) -> Option<i64> {
    let moment: Timestamp = at.parse().ok()?; // silent-ok: a moment that cannot be read is not shown
    Some(moment.as_millisecond())
}

/// Milliseconds from a journal's moment to now; never less than none.
pub(super) fn since(at: &str, now: i64) -> Option<u64> {
    u64::try_from(now.saturating_sub(millis(at)?).max(0)).ok() // silent-ok: never less than none
}

/// `0:42`, `12:04`, `3:12:09`.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// How long ago, in a word: `12s`, `5m`, `3h`, `2d`.
pub(super) fn age(ms: u64) -> String {
    match ms / 1000 {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// About how long, in a few words: `1 min`, `25 min`, `3 h`.
pub(super) fn about(ms: u64) -> String {
    match ms.div_ceil(60_000) {
        minutes @ 0..90 => format!("{} min", minutes.max(1)),
        minutes => format!("{} h", (minutes + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        assert_eq!(
            [clock(42_900), clock(724_000), clock(11_529_000)],
            ["0:42", "12:04", "3:12:09"]
        );
        assert_eq!(
            [age(12_000), age(300_000), age(11_000_000), age(200_000_000)],
            ["12s", "5m", "3h", "2d"]
        );
        assert_eq!(
            [about(0), about(1_400_000), about(10_000_000)],
            ["1 min", "24 min", "3 h"]
        );
    }

    #[test]
    fn a_moment_that_is_none_and_one_to_come_have_no_age() {
        assert_eq!(millis("2026-01-31T12:00:00.120Z"), Some(1_769_860_800_120));
        assert_eq!(since("yesterday", 5), None);
        assert_eq!(since("2026-01-31T12:00:00.120Z", 5), Some(0));
    }
}
