//! Calls that come again in the same order with the same results: A, B, A, B. Counts whole rounds
//! of the shortest such circle. Knows calls only by their marks.

use super::rules::rules;

/// The marks of the last calls, each made of a call and its result.
#[derive(Clone, Debug, Default)]
pub(super) struct Circle {
    last: Vec<u64>,
    /// For circles of that many calls: how many calls in a row stood one circle before.
    again: Vec<usize>,
}

/// A circle that has been completed once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round {
    /// Calls of the circle.
    pub(super) calls: usize,
    /// Times through it.
    pub(super) rounds: u32,
}

impl Circle {
    /// Takes the next call. A round, if it ends one that is not the first.
    pub(super) fn push(&mut self, mark: u64) -> Option<Round> {
        let longest = rules().longest_circle;
        self.again.resize(longest + 1, 0);
        let mut found = None;
        for calls in 2..=longest {
            let before = self.last.len().checked_sub(calls);
            let is_again = before.is_some_and(|place| self.last[place] == mark);
            self.again[calls] = if is_again { self.again[calls] + 1 } else { 0 };
            let again = self.again[calls];
            if found.is_none() && again > 0 && again.is_multiple_of(calls) {
                let rounds = u32::try_from(again / calls + 1).unwrap_or(u32::MAX);
                found = Some(Round { calls, rounds });
            }
        }
        self.last.push(mark);
        if self.last.len() > longest {
            self.last.remove(0);
        }
        // One call again and again is no circle of several; another rule counts it.
        found.filter(|round| {
            let circle = &self.last[self.last.len() - round.calls..];
            circle.iter().any(|other| *other != mark)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rounds that are seen in these calls, a letter each.
    fn check(calls: &str, expected: &[(usize, u32)]) {
        let mut circle = Circle::default();
        let seen: Vec<(usize, u32)> = calls
            .bytes()
            .filter_map(|call| circle.push(u64::from(call)))
            .map(|round| (round.calls, round.rounds))
            .collect();
        assert_eq!(seen, expected, "{calls}");
    }

    #[test]
    fn rounds_of_two_to_four_calls_are_counted() {
        check("ABABABAB", &[(2, 2), (2, 3), (2, 4)]);
        check("xyABCABCABC", &[(3, 2), (3, 3)]);
        check("ABCDABCD", &[(4, 2)]);
        check("AABAAB", &[(3, 2)]);
    }

    #[test]
    fn progress_is_no_circle() {
        for calls in [
            "",
            "ABCDEFGH",
            "AAAAAAAA",
            "ABACADAE",
            "ABCBA",
            "ABCDEABCDE",
        ] {
            check(calls, &[]);
        }
        check("ABABxAB", &[(2, 2)]);
    }
}
