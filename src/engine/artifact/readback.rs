//! Reading `prd.md` back after a person edited it. Strict: every line is understood or named;
//! nothing is dropped in silence and nothing is guessed. The forms are those of `render_prd`.

use super::fields::{one_line, paragraphs};
use super::markdown::{NONE, is_criteria, item, unescaped};
use super::prd::{Feature, Prd, feature_id};

/// A line that cannot be read, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for LineFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// The sections, in their order; all but the first and the fourth are lists.
const SECTIONS: [&str; 8] = [
    "Problem",
    "Users",
    "Goals",
    "Features",
    "Non-goals",
    "Constraints",
    "Success",
    "Assumptions",
];
const PROBLEM: usize = 0;
const FEATURES: usize = 3;

/// The PRD in the text, with feature ids given anew, or every line that cannot be read.
pub fn read_prd_markdown(text: &str) -> Result<Prd, Vec<LineFault>> {
    let mut reader = Reader::default();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        reader.line = index + 1;
        reader.read(line);
    }
    reader.finish()
}

/// What the next line of text belongs to.
#[derive(Clone, Copy, Default, PartialEq)]
enum Place {
    /// Before the first section.
    #[default]
    Top,
    /// In the section of that number.
    Section(usize),
    /// In the description of the last feature.
    Description,
    /// In the acceptance criteria of the last feature.
    Criteria,
    /// Below a heading that was not understood: one fault is enough.
    Unknown,
}

#[derive(Default)]
struct Reader {
    line: usize,
    place: Place,
    title: Option<String>,
    problem: Vec<String>,
    lists: [Vec<String>; SECTIONS.len()],
    features: Vec<Feature>,
    /// The lines of the section headings.
    headings: [Option<usize>; SECTIONS.len()],
    faults: Vec<LineFault>,
}

impl Reader {
    fn read(&mut self, raw: &str) {
        let line = raw.trim();
        let is_indented = raw.starts_with([' ', '\t']);
        if line.starts_with('#') {
            return self.heading(line);
        }
        match self.place {
            Place::Unknown => {}
            Place::Section(PROBLEM) => self.problem.push(unescaped(line).to_owned()),
            Place::Description if is_criteria(line) => self.place = Place::Criteria,
            Place::Description if item(line).is_some() => {
                self.fault(
                    "a list item outside a list; put it below a line 'Acceptance criteria:'",
                );
            }
            Place::Description => {
                let text = unescaped(line);
                if let Some(feature) = self.features.last_mut() {
                    feature.description.push_str(text);
                    feature.description.push('\n');
                }
            }
            _ if line.is_empty() => {}
            Place::Top => self.fault("text before the first section; put it below '## Problem'"),
            Place::Section(FEATURES) => {
                self.fault("text before the first feature; start it with '### ' and a title");
            }
            Place::Section(_) | Place::Criteria => self.list_line(line, is_indented),
        }
    }

    fn heading(&mut self, line: &str) {
        let level = line.chars().take_while(|&c| c == '#').count();
        let text = one_line(&line[level..]);
        match level {
            _ if !line[level..].starts_with(char::is_whitespace) && line.len() > level => {
                self.fault(
                    "a heading needs a space after #; put \\ in front to keep the line as text",
                );
            }
            1 if self.title.is_some() => {
                self.fault("a second title; there is only one line with '# '");
            }
            1 if text.is_empty() => self.fault("the title is empty"),
            1 => {
                self.title = Some(text);
                self.place = Place::Top;
            }
            2 => self.section(&text),
            3 if self.place == Place::Unknown => {}
            3 if !self.is_in_features() => {
                self.place = Place::Unknown;
                self.fault("a feature outside '## Features'");
            }
            3 => self.feature(&text),
            _ => self
                .fault("headings go no deeper than ###; put \\ in front to keep the line as text"),
        }
    }

    fn section(&mut self, name: &str) {
        let Some(number) = SECTIONS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))
        else {
            self.place = Place::Unknown;
            let known = SECTIONS.join(", ");
            return self.fault(&format!("unknown section '{name}'; there are {known}"));
        };
        self.place = Place::Section(number);
        match self.headings[number] {
            Some(first) => self.fault(&format!(
                "section '{}' stands already on line {first}; join the two",
                SECTIONS[number]
            )),
            None => self.headings[number] = Some(self.line),
        }
    }

    fn feature(&mut self, text: &str) {
        let title = without_id(text);
        if title.is_empty() {
            self.fault("the feature has no title");
        }
        self.features.push(Feature {
            id: feature_id(self.features.len()),
            title: title.to_owned(),
            ..Feature::default()
        });
        self.place = Place::Description;
    }

    fn list_line(&mut self, line: &str, is_indented: bool) {
        let items = match self.place {
            Place::Section(number) => &mut self.lists[number],
            _ => match self.features.last_mut() {
                Some(feature) => &mut feature.acceptance_criteria,
                None => return,
            },
        };
        match (item(line), items.last_mut()) {
            (Some(""), _) => {}
            (Some(text), _) => items.push(one_line(text)),
            (None, None) if line.eq_ignore_ascii_case(NONE) => {}
            // An editor that wraps lines indents what belongs to the item.
            (None, Some(last)) if is_indented => *last = format!("{last} {}", one_line(line)),
            (None, _) => self.fault("not a list item; start it with '- '"),
        }
    }

    fn is_in_features(&self) -> bool {
        matches!(
            self.place,
            Place::Section(FEATURES) | Place::Description | Place::Criteria
        )
    }

    fn fault(&mut self, what: &str) {
        self.faults.push(LineFault {
            line: self.line,
            what: what.to_owned(),
        });
    }

    fn finish(mut self) -> Result<Prd, Vec<LineFault>> {
        let problem = paragraphs(&self.problem.join("\n"));
        if self.title.is_none() && self.faults.is_empty() {
            self.line = 1;
            self.fault("the title is missing; start with '# ' and a name");
        }
        for (number, is_missing, what) in [
            (
                PROBLEM,
                problem.is_empty(),
                "the section '## Problem' is missing or empty",
            ),
            (
                FEATURES,
                self.features.is_empty(),
                "there are no features; add '### ' and a title below '## Features'",
            ),
        ] {
            if is_missing && self.faults.is_empty() {
                self.line = self.headings[number].unwrap_or(self.line.max(1));
                self.fault(what);
            }
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        for feature in &mut self.features {
            feature.description = paragraphs(&feature.description);
        }
        let [
            _,
            users,
            goals,
            _,
            non_goals,
            constraints,
            success,
            assumptions,
        ] = self.lists;
        Ok(Prd {
            title: self.title.unwrap_or_default(),
            problem,
            users,
            goals,
            features: self.features,
            non_goals,
            constraints,
            success,
            assumptions,
        })
    }
}

/// The title behind `F1: `; the number means nothing, since ids follow the order.
fn without_id(text: &str) -> &str {
    match text.split_once(':') {
        Some((id, title))
            if id.strip_prefix(['F', 'f']).is_some_and(|digits| {
                !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
            }) =>
        {
            title.trim()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests;
