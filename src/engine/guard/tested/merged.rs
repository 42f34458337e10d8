//! Several tests that became one with a table of values: each value that a test that is gone had
//! stands there in the same order, and what it called is called.

use crate::engine::guard::seen::TestSeen;
use crate::engine::guard::source::tokens::is_name;

/// Whether what a test did is in another one now.
pub(in crate::engine::guard) fn is_merged(gone: &TestSeen, into: &TestSeen) -> bool {
    let (values, table) = (values(&gone.essence), values(&into.around.table));
    let has_values = !values.is_empty() && table.windows(values.len()).any(|part| *part == values);
    let calls = called(&into.essence);
    has_values
        && called(&gone.essence)
            .iter()
            .all(|name| calls.contains(name) || is_of_the_tool(name))
}

fn is_of_the_tool(name: &str) -> bool {
    name.starts_with("assert") || matches!(name, "def" | "expect" | "test" | "it" | "self")
}

/// Numbers, texts and constants in their order.
fn values(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if matches!(first, '"' | '`') {
            let inner = rest[1..].find(first).map_or(rest.len(), |end| end + 2);
            found.push(rest[..inner].replace('`', "\""));
            inner
        } else if first.is_alphanumeric() || first == '_' {
            let is_word =
                |c: char| c.is_alphanumeric() || c == '_' || (c == '.' && first.is_ascii_digit());
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            let is_constant = matches!(word, "True" | "False" | "None" | "true" | "false" | "null");
            if first.is_ascii_digit() || is_constant {
                found.push(word.to_owned());
            }
            end
        } else {
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// The names in front of brackets.
pub(super) fn called(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('(') {
        let before = &text[..at];
        let start = before
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |place| {
                place + before[place..].chars().next().map_or(1, char::len_utf8)
            });
        if is_name(&before[start..]) {
            found.push(&before[start..]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guard::asserts::assertion::Asserts;
    use crate::engine::guard::seen::Around;

    fn seen(essence: &str, table: &str) -> TestSeen {
        TestSeen {
            path: "test_a.py".to_owned(),
            name: "test".to_owned(),
            essence: essence.to_owned(),
            asserts: Asserts::Something,
            idle: None,
            around: Around {
                table: table.to_owned(),
                ..Around::default()
            },
        }
    }

    #[test]
    fn a_table_has_the_values_of_the_tests_that_became_it() {
        let gone = seen("def (self):self.assertEqual(twice(2),4)", "");
        let with = |table: &str| {
            let body = format!("def (self):for n,w in{table}:self.assertEqual(twice(n),w)");
            is_merged(&gone, &seen(&body, &body))
        };
        assert!(with("[(2,4),(0,0)]"));
        assert!(with("[(0,0),(2,4)]"));
        assert!(!with("[(0,0),(2,5)]"));
        assert!(!with("[(4,2)]"));
        let other = "def (self):for n,w in[(2,4)]:self.assertEqual(n+n,w)";
        assert!(!is_merged(&gone, &seen(other, other)));
        assert!(!is_merged(
            &seen("def (self):self.run()", ""),
            &seen("run()", "run()")
        ));
    }
}
