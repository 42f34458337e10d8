//! Finds the one passage of a text that a model means. Exact first; then two readings that leave
//! no doubt: pasted line numbers, and other white space. Never guesses between two places. Pure.

use std::collections::BTreeMap;

use super::text::head;

/// Where a passage stands and what is to replace it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Byte range in the text.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) new: String,
    pub(super) reading: Reading,
}

/// How the passage was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Exact,
    WithoutLineNumbers,
    OtherWhiteSpace,
}

/// Why there is no such place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// It stands at these lines.
    Several(Vec<usize>),
    /// It stands nowhere; the nearest text, if anything is near.
    Nowhere(Option<Near>),
}

/// The passage most like the one that was looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Near {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    pub(super) lines: Vec<String>,
}

/// Below this likeness a line is not near.
const NEAR: f32 = 0.5;
/// The most lines of a nearest passage.
const MAX_NEAR: usize = 30;
/// The most lines that are compared to find it.
const MAX_COMPARED: usize = 20_000;

/// Finds `old` in `text`; both with plain line ends.
pub(super) fn locate(text: &str, old: &str, new: &str) -> Result<Place, Miss> {
    if let Some(place) = exact(text, old, new, Reading::Exact)? {
        return Ok(place);
    }
    if let Some(old) = without_line_numbers(old) {
        let new = without_line_numbers(new).unwrap_or_else(|| new.to_owned());
        if let Some(place) = exact(text, &old, &new, Reading::WithoutLineNumbers)? {
            return Ok(place);
        }
    }
    match by_lines(text, old, new) {
        Some(place) => Ok(place),
        None => Err(Miss::Nowhere(nearest(text, old))),
    }
}

fn exact(text: &str, old: &str, new: &str, reading: Reading) -> Result<Option<Place>, Miss> {
    let mut found = text.match_indices(old).map(|(start, _)| start);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(start), None) => Ok(Some(Place {
            start,
            end: start + old.len(),
            new: new.to_owned(),
            reading,
        })),
        (Some(first), Some(second)) => Err(Miss::Several(
            [first, second]
                .into_iter()
                .chain(found)
                .map(|start| line_of(text, start))
                .collect(),
        )),
    }
}

/// The line, counted from 1, in which a byte position lies.
pub(super) fn line_of(text: &str, position: usize) -> usize {
    text[..position].matches('\n').count() + 1
}

/// The text without the numbers of `read_file`, if every line has one.
fn without_line_numbers(text: &str) -> Option<String> {
    let ends = text.ends_with('\n');
    let lines = text
        .lines()
        .map(|line| {
            let digits = line.trim_start();
            let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.len() == digits.len() {
                return None;
            }
            rest.strip_prefix(": ")
                .or_else(|| rest.strip_prefix('\t'))
                .or_else(|| (rest == ":").then_some(""))
        })
        .collect::<Option<Vec<_>>>()?;
    let mut stripped = lines.join("\n");
    if ends {
        stripped.push('\n');
    }
    (!stripped.trim().is_empty()).then_some(stripped)
}

/// Whole lines that differ in white space only, if there is one such place and the new lines can
/// be indented as the file is.
fn by_lines(text: &str, old: &str, new: &str) -> Option<Place> {
    let wanted: Vec<&str> = old.trim_matches('\n').lines().collect();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let pattern: Vec<String> = wanted.iter().map(|line| words(line)).collect();
    if pattern.iter().all(String::is_empty) {
        return None;
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let normal: Vec<String> = lines.iter().map(|line| words(line)).collect();
    let mut windows = normal
        .windows(pattern.len())
        .enumerate()
        .filter(|(_, window)| *window == pattern)
        .map(|(index, _)| index);
    let (Some(index), None) = (windows.next(), windows.next()) else {
        return None;
    };
    let found = &lines[index..index + wanted.len()];
    let start: usize = lines[..index].iter().map(|line| line.len()).sum();
    let whole: usize = found.iter().map(|line| line.len()).sum();
    let ends_a_line = found.last().is_some_and(|line| line.ends_with('\n'));
    let new = reindent(&wanted, found, new.trim_matches('\n'))?;
    Some(Place {
        start,
        // The last line's own end stays, unless the passage goes away as a whole.
        end: start + whole - usize::from(ends_a_line && !new.is_empty()),
        new,
        reading: Reading::OtherWhiteSpace,
    })
}

/// The new lines, indented as the file's lines are where the model's were indented otherwise.
/// None if that can not be told for sure: a wrong indentation is a wrong program.
fn reindent(wanted: &[&str], found: &[&str], new: &str) -> Option<String> {
    let indent = |line: &str| line[..line.len() - line.trim_start().len()].to_owned();
    let mut map = BTreeMap::new();
    for (theirs, ours) in wanted.iter().zip(found) {
        if theirs.trim().is_empty() {
            continue;
        }
        let ours = indent(ours.trim_end());
        if map
            .insert(indent(theirs), ours.clone())
            .is_some_and(|old| old != ours)
        {
            return None;
        }
    }
    let same = map.iter().all(|(theirs, ours)| theirs == ours);
    // One amount more or less for every line.
    let deeper = shift(map.iter().map(|(theirs, ours)| (ours, theirs)));
    let shallower = shift(map.iter());
    new.lines()
        .map(|line| {
            let theirs = indent(line);
            let body = &line[theirs.len()..];
            if body.is_empty() || same {
                return Some(line.to_owned());
            }
            let ours = match (map.get(&theirs), &deeper, &shallower) {
                (Some(ours), ..) => ours.clone(),
                (None, Some(more), _) => format!("{more}{theirs}"),
                (None, None, Some(less)) => theirs.strip_prefix(less)?.to_owned(),
                (None, None, None) => return None,
            };
            Some(format!("{ours}{body}"))
        })
        .collect::<Option<Vec<_>>>()
        .map(|lines| lines.join("\n"))
}

/// What every longer one has in front of its shorter one, if it is the same for all.
fn shift<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> Option<&'a str> {
    let mut more = None;
    for (longer, shorter) in pairs {
        let this = longer.strip_suffix(shorter.as_str())?;
        if *more.get_or_insert(this) != this {
            return None;
        }
    }
    more
}

/// The passage whose lines are most like the wanted ones.
fn nearest(text: &str, old: &str) -> Option<Near> {
    let lines: Vec<&str> = text.lines().take(MAX_COMPARED).collect();
    let wanted: Vec<&str> = old.lines().map(str::trim).collect();
    // The longest line says most about the place.
    let (anchor, longest) = wanted
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(_, line)| line.len())?;
    let longest = head(longest, 200);
    let trimmed: Vec<&str> = lines.iter().map(|line| head(line.trim(), 200)).collect();
    let best = similar::get_close_matches(longest, &trimmed, 1, NEAR);
    let best = best.first()?;
    // The same line may stand in several places: the neighbours decide.
    let agreement = |at: usize| {
        wanted
            .iter()
            .enumerate()
            .filter(|(index, line)| {
                !line.is_empty()
                    && (at + index)
                        .checked_sub(anchor)
                        .and_then(|at| trimmed.get(at))
                        == Some(line)
            })
            .count()
    };
    let at = (0..trimmed.len())
        .filter(|at| trimmed[*at] == *best)
        .rev()
        .max_by_key(|at| agreement(*at))?;
    let first = at.saturating_sub(anchor);
    let count = wanted.len().clamp(3, MAX_NEAR);
    Some(Near {
        line: first + 1,
        lines: lines
            .iter()
            .skip(first)
            .take(count)
            .map(|line| (*line).to_owned())
            .collect(),
    })
}

#[cfg(test)]
mod tests;
