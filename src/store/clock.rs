//! The time as the journal writes it, and as the names of sessions carry it.

use jiff::Timestamp;

/// Now, in UTC, RFC 3339 with milliseconds: `2026-01-31T12:00:00.123Z`.
pub fn now() -> String {
    rfc3339(Timestamp::now())
}

/// Now, in milliseconds since 1970.
pub fn millis() -> i64 {
    Timestamp::now().as_millisecond()
}

/// That moment as the journal writes it.
pub fn rfc3339(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// That moment as it stands in front of a session's id: `20260131-120000`, in UTC, so that the
/// order of the names is the order of the sessions.
pub fn id_stamp(moment: Timestamp) -> String {
    moment.strftime("%Y%m%d-%H%M%S").to_string()
}

/// Seconds between a journal's moment and now; none if the text is not a moment.
pub fn seconds_since(at: &str) -> Option<i64> {
    let then: Timestamp = at.parse().ok()?;
    Some(Timestamp::now().as_second() - then.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_three_digits_and_a_z() {
        let moment = Timestamp::from_millisecond(1_769_860_800_120).unwrap();
        assert_eq!(rfc3339(moment), "2026-01-31T12:00:00.120Z");
        assert_eq!(id_stamp(moment), "20260131-120000");
    }
}
