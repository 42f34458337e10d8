//! What was probably meant by a word that is not one of those there are.

/// The candidate that is closest to the word, if one is close enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    candidates
        .into_iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().collect();
            (distance(&word, &letters), letters.len(), candidate)
        })
        .filter(|(distance, length, _)| *distance <= 1 + word.len().max(*length) / 5)
        // A word that shares no letter is never meant.
        .filter(|(distance, length, _)| distance < length)
        .min_by_key(|(distance, ..)| *distance)
        .map(|(.., candidate)| candidate)
}

/// How many letters have to be added, removed, replaced or swapped with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_meant_if_it_is_close() {
        let check = |word: &str, expected: Option<&str>| {
            let words = ["start", "resume", "sessions", "doctor", "diff", "demo"];
            assert_eq!(nearest(word, words), expected, "{word}");
        };
        check("strat", Some("start"));
        check("Resum", Some("resume"));
        check("session", Some("sessions"));
        check("dof", None);
        check("dif", Some("diff"));
        check("dmeo", Some("demo"));
        check("todo", None);
        check("", None);
        check("xy", None);
    }
}
