//! The table that every benchmark prints: what was measured, its median, least and most, what it
//! may be, and whether it is.

use std::time::Duration;

/// What a number counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    /// Milliseconds.
    Ms,
    /// Megabytes.
    Mb,
    /// Characters.
    Chars,
}

/// A table of one unit.
pub(crate) struct Table {
    unit: Unit,
}

impl Table {
    /// Prints the head.
    pub(crate) fn new(title: &str, unit: Unit) -> Self {
        let name = match unit {
            Unit::Ms => "ms",
            Unit::Mb => "MB",
            Unit::Chars => "characters",
        };
        println!("\n{title} ({name})");
        println!(
            "{:<44} {:>9} {:>9} {:>9} {:>9}",
            "", "median", "min", "max", "limit"
        );
        Self { unit }
    }

    /// Prints a row; the median has to be within the limit, if there is one.
    pub(crate) fn row(&self, what: &str, mut values: Vec<f64>, limit: Option<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        let Some((least, most)) = values.first().zip(values.last()) else {
            println!("{what:<44} nothing was measured");
            return 0.0;
        };
        let median = values[values.len() / 2];
        let show = |value: f64| match self.unit {
            Unit::Ms => format!("{value:.3}"),
            Unit::Mb => format!("{value:.1}"),
            Unit::Chars => format!("{value:.0}"),
        };
        let (limit_text, verdict) = match limit {
            Some(limit) if median <= limit => (show(limit), "ok"),
            Some(limit) => (show(limit), "over"),
            None => (String::new(), ""),
        };
        println!(
            "{what:<44} {:>9} {:>9} {:>9} {limit_text:>9} {verdict}",
            show(median),
            show(*least),
            show(*most)
        );
        median
    }
}

/// Milliseconds with their fraction.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
