//! The nine questions that stand in when a model cannot propose its own. Their ids are fixed:
//! answers files use them.

use super::interview::Question;

/// The questions, in the order in which they are asked.
pub fn built_in_questions() -> Vec<Question> {
    [
        (
            "name",
            "What is it to be called?",
            &[][..],
            "The name appears in the code, the commands and the documents.",
        ),
        (
            "what",
            "In one or two sentences: what is to be built?",
            &[],
            "Everything else is judged by this.",
        ),
        (
            "problem",
            "Which problem does it solve, and how is that done today?",
            &[],
            "It tells what matters and what can be left out.",
        ),
        (
            "users",
            "Who will use it?",
            &[
                "Only me",
                "A few people I know",
                "Anyone who installs it",
                "Other programs",
            ],
            "It decides how much has to be explained, checked and protected.",
        ),
        (
            "features",
            "What must it be able to do? Name the three to five most important things.",
            &[],
            "Each of them becomes work with tests of its own.",
        ),
        (
            "success",
            "How will you see that it works?",
            &[],
            "It becomes the checks that decide when the work is done.",
        ),
        (
            "scope",
            "What should it not do, at least for now?",
            &[],
            "What is left out is not built by accident.",
        ),
        (
            "platform",
            "Where does it run?",
            &[
                "On the command line",
                "In a web browser",
                "As a desktop program",
                "As a library or a service",
            ],
            "It decides the form of the whole program.",
        ),
        (
            "technology",
            "Which language, libraries or limits are given?",
            &[
                "What the project uses already",
                "Whatever is installed and fits best",
            ],
            "There is no network while it is built: what is used must be installed.",
        ),
    ]
    .into_iter()
    .map(|(id, text, options, why)| Question {
        id: id.to_owned(),
        text: text.to_owned(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        why: why.to_owned(),
        answer: None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nine_ids_are_fixed() {
        let questions = built_in_questions();
        let ids: Vec<&str> = questions
            .iter()
            .map(|question| question.id.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "name",
                "what",
                "problem",
                "users",
                "features",
                "success",
                "scope",
                "platform",
                "technology"
            ]
        );
        assert!(questions.iter().all(|question| question.options.len() <= 4));
    }
}
