//! The moments of a journal as numbers, so that times between its lines can be told. Reads the one
//! form that the journal writes; knows no clock and no time zone.

/// Milliseconds since 1970 of `2026-01-31T12:00:00.123Z`; none for any other form.
pub fn milliseconds(at: &str) -> Option<u64> {
    let bytes = at.as_bytes();
    let marks = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'.'),
        (23, b'Z'),
    ];
    if bytes.len() != 24 || marks.iter().any(|(place, mark)| bytes[*place] != *mark) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = at.get(from..to)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        all.then(|| digits.parse().ok()).flatten() // silent-ok: it is no moment then
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    Some((days * 86_400 + seconds) * 1_000 + number(20, 23)?)
}

/// Milliseconds from one moment to a later one; 0 if either cannot be read or the clock was set back.
pub fn between(earlier: &str, later: &str) -> u64 {
    match (milliseconds(earlier), milliseconds(later)) {
        (Some(earlier), Some(later)) => later.saturating_sub(earlier),
        _ => 0,
    }
}

/// Days of the Gregorian calendar, with years that begin in March: the day that is added in a leap
/// year is then the last one.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    const DAYS_UNTIL_1970: u64 = 719_468;
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year % 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (year / 400) * 146_097 + of_era - DAYS_UNTIL_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_the_journal_writes_them() {
        for (at, expected) in [
            ("1970-01-01T00:00:00.000Z", Some(0)),
            ("2000-02-29T12:00:00.001Z", Some(951_825_600_001)),
            ("2026-01-31T12:00:00.120Z", Some(1_769_860_800_120)),
            ("2026-12-31T23:59:59.999Z", Some(1_798_761_599_999)),
            ("2026-01-31T12:00:00Z", None),
            ("2026-01-31 12:00:00.120Z", None),
            ("2026-13-31T12:00:00.120Z", None),
            ("2026-01-31T12:00:0x.120Z", None),
            ("", None),
        ] {
            assert_eq!(milliseconds(at), expected, "{at}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_takes_no_time() {
        let (one, two) = ("2026-01-31T12:00:00.000Z", "2026-02-01T00:00:00.500Z");
        assert_eq!(between(one, two), 43_200_500);
        assert_eq!((between(two, one), between(one, "later")), (0, 0));
    }
}
