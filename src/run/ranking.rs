//! Which model to use when none is configured, and which to fetch when none is installed. The
//! table is data (`models.yaml`, with its sources); here it is only read.

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};

/// A family of models, best first in the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    /// A prefix of the model's name.
    #[serde(rename = "family")]
    pub prefix: String,
    /// What to fetch when nothing is installed.
    pub pull: String,
    /// GiB of memory that it needs.
    pub memory_gib: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    families: Vec<Family>,
}

/// The table.
pub(super) fn families() -> Result<Vec<Family>> {
    let table: Table = serde_yaml::from_str(include_str!("models.yaml"))
        .map_err(|error| Error::new(ErrorKind::Bug, format!("the table of models: {error}")))?;
    Ok(table.families)
}

/// The best of these models by family; within a family the largest. Families that the table does
/// not know come last, in the order given.
pub(super) fn best<'a>(families: &[Family], installed: &[(&'a str, u64)]) -> Option<&'a str> {
    let rank = |name: &str| {
        let base = name.rsplit('/').next().unwrap_or(name);
        families
            .iter()
            .enumerate()
            .filter(|(_, family)| base.starts_with(&family.prefix))
            // The longest prefix names the family: qwen3-coder is not qwen3.
            .max_by_key(|(_, family)| family.prefix.len())
            .map_or(families.len(), |(place, _)| place)
    };
    installed
        .iter()
        .min_by_key(|(name, size)| (rank(name), std::cmp::Reverse(*size)))
        .map(|(name, _)| *name)
}

/// What to fetch on a machine with that much memory: the best family that leaves room for the
/// rest of the machine; the smallest of the table if none does or the memory is unknown.
pub(super) fn fitting(families: &[Family], memory_gib: Option<u64>) -> Option<&Family> {
    let room = memory_gib.map_or(0, |memory| memory * 3 / 4);
    families
        .iter()
        .find(|family| family.memory_gib <= room)
        .or_else(|| families.iter().min_by_key(|family| family.memory_gib))
}

/// GiB of memory of this machine, if it tells.
pub(super) fn memory_gib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?; // silent-ok: not Linux
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?; // silent-ok: unknown
    Some(kib.div_ceil(1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(installed: &[(&str, u64)], expected: Option<&str>) {
        assert_eq!(best(&families().unwrap(), installed), expected);
    }

    #[test]
    fn the_best_family_wins_and_then_the_largest() {
        check(&[], None);
        check(&[("llama3.1:8b", 5), ("qwen3:8b", 5)], Some("qwen3:8b"));
        check(&[("qwen3:8b", 5), ("qwen3:14b", 9)], Some("qwen3:14b"));
        check(
            &[("qwen3:32b", 20), ("qwen3-coder:30b", 18)],
            Some("qwen3-coder:30b"),
        );
        check(
            &[("someone/qwen3.6:27b", 17), ("gpt-oss:20b", 13)],
            Some("someone/qwen3.6:27b"),
        );
        check(
            &[("unheard-of:1b", 1), ("tiny:latest", 2)],
            Some("tiny:latest"),
        );
    }

    #[test]
    fn what_to_fetch_fits_the_machine() {
        let families = families().unwrap();
        let pull = |gib| fitting(&families, gib).unwrap().pull.as_str();
        assert_eq!(pull(Some(64)), "qwen3.6:27b");
        assert_eq!(pull(Some(16)), "qwen3.5:9b");
        assert_eq!(pull(Some(4)), "qwen3:8b");
        assert_eq!(pull(None), "qwen3:8b");
    }
}
