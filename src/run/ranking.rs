//! Families of models: which model to use when none is configured, which to fetch when none is
//! installed, how each is talked to. The table is data (`models.yaml`, with its sources); here it
//! is only read.

use serde::Deserialize;

use crate::engine::manner::Tuning;
use crate::engine::settings::ThinkSetting;
use crate::error::{Error, ErrorKind, Result};

/// A family of models, best first in the table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    /// A prefix of the model's name, in lower case.
    #[serde(rename = "family")]
    pub prefix: String,
    /// What to fetch when nothing is installed, if it is proposed at all.
    pub pull: Option<String>,
    /// GiB of memory that it needs.
    #[serde(default)]
    pub memory_gib: u64,
    /// Whether it thinks.
    #[serde(default = "off")]
    pub think: ThinkSetting,
    /// How it picks its words.
    #[serde(default)]
    pub sampling: Tuning,
    /// The same while it thinks, if that differs.
    pub sampling_thinking: Option<Tuning>,
}

const fn off() -> ThinkSetting {
    ThinkSetting::Off
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

/// The family of a model and its place in the table: that of the longest prefix, since qwen3-coder
/// is not qwen3.
pub(super) fn family<'a>(families: &'a [Family], name: &str) -> Option<(usize, &'a Family)> {
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    families
        .iter()
        .enumerate()
        .filter(|(_, family)| base.starts_with(&family.prefix))
        .max_by_key(|(_, family)| family.prefix.len())
}

/// The best of these models by family; within a family the largest. Families that the table does
/// not know come last, in the order given.
pub(super) fn best<'a>(families: &[Family], installed: &[(&'a str, u64)]) -> Option<&'a str> {
    let rank = |name: &str| family(families, name).map_or(families.len(), |(place, _)| place);
    installed
        .iter()
        .min_by_key(|(name, size)| (rank(name), std::cmp::Reverse(*size)))
        .map(|(name, _)| *name)
}

/// What to fetch on a machine with that much memory: the best family that leaves room for the
/// rest of the machine; the smallest of the table if none does or the memory is unknown.
pub(super) fn fitting(families: &[Family], memory_gib: Option<u64>) -> Option<&str> {
    let room = memory_gib.map_or(0, |memory| memory * 3 / 4);
    let proposed = || families.iter().filter(|family| family.pull.is_some());
    proposed()
        .find(|family| family.memory_gib <= room)
        .or_else(|| proposed().min_by_key(|family| family.memory_gib))
        .and_then(|family| family.pull.as_deref())
}

/// GiB of memory of this machine, rounded up, if it tells.
pub(super) fn memory_gib() -> Option<u64> {
    memory().map(|bytes| bytes.div_ceil(1 << 30))
}

/// Bytes of memory of this machine, if it tells.
pub(super) fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?; // silent-ok: not Linux
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?; // silent-ok: unknown
    Some(kib * 1024)
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
        let pull = |gib| fitting(&families, gib).unwrap();
        assert_eq!(pull(Some(64)), "qwen3.6:27b");
        assert_eq!(pull(Some(16)), "qwen3.5:9b");
        assert_eq!(pull(Some(4)), "qwen3:8b");
        assert_eq!(pull(None), "qwen3:8b");
    }

    #[test]
    fn the_longest_prefix_names_the_family_wherever_a_model_comes_from() {
        let families = families().unwrap();
        for (name, expected) in [
            ("qwen3:8b", Some("qwen3")),
            (
                "hf.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M",
                Some("qwen3-coder"),
            ),
            ("gemma3:12b", Some("gemma")),
            ("deepseek-r1:14b", Some("deepseek-r1")),
            ("deepseek-coder-v2", Some("deepseek")),
            ("tiny", None),
        ] {
            let found = family(&families, name).map(|(_, family)| family.prefix.as_str());
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn no_family_is_decoded_greedily_and_none_is_left_to_itself() {
        for family in families().unwrap() {
            let both = [Some(family.sampling), family.sampling_thinking];
            for tuning in both.into_iter().flatten() {
                assert_ne!(tuning.temperature, Some(0.0), "{}", family.prefix);
            }
            assert_ne!(family.think, ThinkSetting::Auto, "{}", family.prefix);
            assert_eq!(family.prefix, family.prefix.to_ascii_lowercase());
        }
    }
}
