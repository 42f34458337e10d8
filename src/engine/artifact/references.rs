//! What a model means when it names a ticket, a feature or a question: its id in any case, its
//! number, or its title. Refuses to choose where two things could be meant.

use super::fields::one_line;

/// Something that can be named.
pub(super) struct Named<'a> {
    /// The id under which the model knows it.
    pub(super) id: &'a str,
    /// Its title.
    pub(super) title: &'a str,
}

/// The place of what the reference means, or why nothing is meant.
pub(super) fn resolve(reference: &str, among: &[Named<'_>]) -> Result<usize, String> {
    let reference = one_line(reference);
    let find = |wanted: &dyn Fn(usize, &Named<'_>) -> bool| -> Vec<usize> {
        let places = among.iter().enumerate();
        places
            .filter(|(place, named)| wanted(*place, named))
            .map(|(place, _)| place)
            .collect()
    };
    let is_id = |text: &str| find(&|_, named| same(named.id, text));
    let number = reference.parse::<usize>().ok();
    // The order matters: what was written exactly as an id is never read as anything else.
    let mut found = is_id(&reference);
    if found.is_empty() {
        found = find(&|_, named| same(named.title, &reference));
    }
    if let (true, Some(number)) = (found.is_empty(), number) {
        found = find(&|_, named| number_of(named.id) == Some(number));
        if found.is_empty() && among.iter().all(|named| number_of(named.id).is_none()) {
            found = find(&|place, _| place + 1 == number);
        }
    }
    if found.is_empty() && number.is_none() {
        // "F1: Add a task" names F1.
        let head = reference.split([':', ' ', '(']).next().unwrap_or_default();
        if number_of(head).is_some() && head.parse::<usize>().is_err() {
            found = is_id(head);
        }
    }
    match found.as_slice() {
        [place] => Ok(*place),
        [] => Err(format!(
            "'{reference}', which does not exist; use one of {}",
            ids(among)
        )),
        _ => Err(format!(
            "'{reference}', which is the name of several; give each its own id"
        )),
    }
}

/// The ids, for a sentence.
fn ids(among: &[Named<'_>]) -> String {
    if among.is_empty() {
        return "none: there are none".to_owned();
    }
    let ids: Vec<&str> = among.iter().map(|named| named.id).collect();
    ids.join(", ")
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The number of an id such as `T2`, `ticket-2` or `2`.
fn number_of(id: &str) -> Option<usize> {
    let digits = id.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[&str], reference: &str, expected: Result<usize, &str>) {
        let titles: Vec<String> = ids.iter().map(|id| format!("Title of {id}")).collect();
        let among: Vec<Named<'_>> = ids
            .iter()
            .zip(&titles)
            .map(|(id, title)| Named { id, title })
            .collect();
        assert_eq!(
            resolve(reference, &among),
            expected.map_err(str::to_owned),
            "{reference} among {ids:?}"
        );
    }

    #[test]
    fn ids_numbers_and_titles_are_understood() {
        let ids = ["T1", "T3"];
        check(&ids, "T1", Ok(0));
        check(&ids, " t3 ", Ok(1));
        check(&ids, "3", Ok(1));
        check(&ids, "title of T3", Ok(1));
        check(&ids, "T3: Title of T3", Ok(1));
        check(&ids, "T3 (the second)", Ok(1));
        check(&["setup", "add"], "2", Ok(1));
        check(&["setup", "add"], "Setup", Ok(0));
    }

    #[test]
    fn nothing_is_guessed() {
        let unknown = |reference: &str, ids: &str| {
            format!("'{reference}', which does not exist; use one of {ids}")
        };
        check(&["T1", "T3"], "T9", Err(&unknown("T9", "T1, T3")));
        check(&["T1", "T3"], "2", Err(&unknown("2", "T1, T3")));
        check(&["T1", "T3"], "3 tasks", Err(&unknown("3 tasks", "T1, T3")));
        check(&["setup"], "7", Err(&unknown("7", "setup")));
        check(&[], "T1", Err(&unknown("T1", "none: there are none")));
        check(
            &["T1", "t1"],
            "T1",
            Err("'T1', which is the name of several; give each its own id"),
        );
    }
}
