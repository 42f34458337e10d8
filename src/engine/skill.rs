//! A skill: the instructions for one phase, in the open Agent Skills format (SKILL.md). The
//! frontmatter has a name and a description; ours stands under `metadata`: tools, max-turns,
//! temperature. Keys of other programs are ignored, ours are checked. Where skills come from is
//! not known here.

use serde_yaml::{Mapping, Value};

use super::tool::Tool;
use super::yaml::too_much;

/// The longest name that the format allows.
const MAX_NAME: usize = 64;
/// The longest description that the format allows.
const MAX_DESCRIPTION: usize = 1024;

/// Instructions and limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Skill {
    /// Lowercase letters, digits and hyphens.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// The tools it may use; none for a document.
    pub tools: Vec<Tool>,
    /// The most model calls of one attempt, if it says so.
    pub max_turns: Option<u32>,
    /// Sampling temperature, if it says so.
    pub temperature: Option<f64>,
    /// The instructions.
    pub body: String,
}

/// What is wrong with a SKILL.md, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; {advice}")]
pub struct SkillError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

impl Skill {
    /// Reads a SKILL.md.
    pub fn parse(text: &str) -> Result<Self, SkillError> {
        let (frontmatter, body) = split(text)?;
        let body = body.trim();
        let front = Front::read(frontmatter)?;
        let skill = Self {
            name: front.name()?,
            description: front.description()?,
            tools: front.tools()?,
            max_turns: front.max_turns()?,
            temperature: front.temperature()?,
            body: body.to_owned(),
        };
        if body.is_empty() {
            return Err(error(
                frontmatter.lines().count() + 2,
                "there are no instructions",
                "write them below the second '---'",
            ));
        }
        Ok(skill)
    }
}

fn error(line: usize, problem: impl Into<String>, advice: impl Into<String>) -> SkillError {
    SkillError {
        line,
        problem: problem.into(),
        advice: advice.into(),
    }
}

/// The text between the two `---` lines, and the text after them.
fn split(text: &str) -> Result<(&str, &str), SkillError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != "---" {
        return Err(error(
            1,
            "there is no frontmatter",
            "start the file with a line '---', then name and description, then '---'",
        ));
    }
    let mut pos = first.len();
    for line in lines {
        if line.trim_end() == "---" {
            return Ok((&text[first.len()..pos], &text[pos + line.len()..]));
        }
        pos += line.len();
    }
    Err(error(
        1,
        "the frontmatter is not closed",
        "put a line '---' after its last key",
    ))
}

/// The frontmatter and its text, which knows the lines.
struct Front<'a> {
    text: &'a str,
    map: Mapping,
}

impl<'a> Front<'a> {
    fn read(text: &'a str) -> Result<Self, SkillError> {
        if let Some((line, what)) = too_much(text) {
            let fix = "write each key as 'key: value'";
            return Err(error(line + 1, what, fix));
        }
        let value: Value = serde_yaml::from_str(text).map_err(|problem| {
            let line = problem.location().map_or(1, |location| location.line()) + 1;
            error(
                line,
                format!("the frontmatter is not YAML ({problem})"),
                "write each key as 'key: value', and quote values that hold ': ' or '#'",
            )
        })?;
        match value {
            Value::Mapping(map) => Ok(Self { text, map }),
            Value::Null => Ok(Self {
                text,
                map: Mapping::new(),
            }),
            _ => Err(error(
                2,
                "the frontmatter is no list of keys",
                "write each key as 'key: value'",
            )),
        }
    }

    /// The line of a key in the file, or of the opening `---` if the key is missing.
    fn line(&self, key: &str) -> usize {
        self.text
            .lines()
            .position(|line| {
                line.trim_start()
                    .trim_start_matches(['"', '\''])
                    .strip_prefix(key)
                    .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
            })
            .map_or(1, |at| at + 2)
    }

    fn fail<T>(
        &self,
        key: &str,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> Result<T, SkillError> {
        Err(error(self.line(key), problem, advice))
    }

    fn string(&self, key: &str, advice: &str) -> Result<&str, SkillError> {
        match self.map.get(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim()),
            None | Some(Value::Null | Value::String(_)) => {
                self.fail(key, format!("'{key}' is missing or empty"), advice)
            }
            Some(_) => self.fail(
                key,
                format!("'{key}' is no text"),
                format!("put its value in quotes; {advice}"),
            ),
        }
    }

    fn name(&self) -> Result<String, SkillError> {
        let advice = "use lowercase letters, digits and single hyphens, at most 64, such as \
                      'code-reviewer'";
        let name = self.string("name", advice)?;
        let parts_fit = name.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if !parts_fit || name.len() > MAX_NAME {
            return self.fail("name", format!("'{name}' is no skill name"), advice);
        }
        Ok(name.to_owned())
    }

    fn description(&self) -> Result<String, SkillError> {
        let advice = "say in a sentence or two what the skill does and when to use it";
        let description = self.string("description", advice)?;
        let length = description.chars().count();
        if length > MAX_DESCRIPTION {
            return self.fail(
                "description",
                format!("the description has {length} characters of at most {MAX_DESCRIPTION}"),
                "shorten it",
            );
        }
        Ok(description.to_owned())
    }

    /// One of our keys under `metadata`.
    fn ours(&self, key: &str) -> Result<Option<&Value>, SkillError> {
        match self.map.get("metadata") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Mapping(metadata)) => {
                Ok(metadata.get(key).filter(|value| !value.is_null()))
            }
            Some(_) => self.fail(
                "metadata",
                "'metadata' holds no keys",
                "indent its keys below it, such as '  tools: read_file list_dir'",
            ),
        }
    }

    fn tools(&self) -> Result<Vec<Tool>, SkillError> {
        let known: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
        let advice = format!("list any of {}", known.join(", "));
        let mut names = Vec::new();
        match self.ours("tools")? {
            None => {}
            Some(Value::String(text)) => {
                names.extend(text.split([',', ' ', '\n']).filter(|name| !name.is_empty()));
            }
            Some(Value::Sequence(items)) => {
                for item in items {
                    match item {
                        Value::String(name) => names.push(name.trim()),
                        _ => return self.fail("tools", "a tool is no text", advice),
                    }
                }
            }
            Some(_) => return self.fail("tools", "'tools' is no list", advice),
        }
        let mut tools = Vec::new();
        for name in names {
            match Tool::named(name) {
                Some(tool) if tools.contains(&tool) => {}
                Some(tool) => tools.push(tool),
                None => return self.fail("tools", format!("there is no tool '{name}'"), advice),
            }
        }
        // Tools are always offered in one order, so that a prompt does not depend on a list's.
        tools.sort_unstable();
        Ok(tools)
    }

    fn max_turns(&self) -> Result<Option<u32>, SkillError> {
        let Some(value) = self.ours("max-turns")? else {
            return Ok(None);
        };
        match number(value) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole and in range"
            )]
            Some(turns) if turns.fract() == 0.0 && (1.0..=10_000.0).contains(&turns) => {
                Ok(Some(turns as u32))
            }
            _ => self.fail(
                "max-turns",
                "'max-turns' is no whole number from 1 to 10000",
                "write a number such as 30, or leave the key out",
            ),
        }
    }

    fn temperature(&self) -> Result<Option<f64>, SkillError> {
        let Some(value) = self.ours("temperature")? else {
            return Ok(None);
        };
        match number(value) {
            Some(temperature) if (0.0..=2.0).contains(&temperature) => Ok(Some(temperature)),
            _ => self.fail(
                "temperature",
                "'temperature' is no number from 0 to 2",
                "write a number such as 0.6, or leave the key out",
            ),
        }
    }
}

/// A number, or a text of one: the format says that metadata are texts.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = "---\nname: planner\ndescription: Plans the tickets.\nlicense: MIT\ncompatibility: any\nallowed-tools: Bash Read\nmetadata:\n  author: someone\n  tools: read_file, list_dir search_files\n  max-turns: 12\n  temperature: 0.6\n---\n\n# Plan\n\nDo it.\n";

    fn with(metadata: &str) -> String {
        format!("---\nname: planner\ndescription: Plans.\nmetadata:\n{metadata}\n---\nDo it.\n")
    }

    #[track_caller]
    fn fails(text: &str, line: usize, words: &[&str]) {
        let error = Skill::parse(text).unwrap_err();
        let sentence = error.to_string();
        assert_eq!(error.line, line, "{sentence}");
        for word in words {
            assert!(sentence.contains(word), "{sentence:?} lacks {word:?}");
        }
    }

    #[test]
    fn a_whole_skill_is_read() {
        let skill = Skill {
            name: "planner".to_owned(),
            description: "Plans the tickets.".to_owned(),
            tools: vec![Tool::ReadFile, Tool::ListDir, Tool::SearchFiles],
            max_turns: Some(12),
            temperature: Some(0.6),
            body: "# Plan\n\nDo it.".to_owned(),
        };
        assert_eq!(Skill::parse(WHOLE), Ok(skill.clone()));
        let windows = format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"));
        let body = skill.body.replace('\n', "\r\n");
        assert_eq!(Skill::parse(&windows), Ok(Skill { body, ..skill }));
    }

    #[test]
    fn only_name_description_and_instructions_are_needed() {
        let text = "---\nname: a\ndescription: >\n  Two\n  lines.\n---\nx\n---\ny";
        assert_eq!(
            Skill::parse(text),
            Ok(Skill {
                name: "a".to_owned(),
                description: "Two lines.".to_owned(),
                tools: Vec::new(),
                max_turns: None,
                temperature: None,
                body: "x\n---\ny".to_owned(),
            })
        );
    }

    #[test]
    fn tools_are_a_text_or_a_list_in_one_order() {
        for tools in [
            "  tools: list_dir read_file",
            "  tools: read_file,list_dir,read_file",
            "  tools: [list_dir, read_file]",
            "  tools:\n    - list_dir\n    - read_file",
        ] {
            let skill = Skill::parse(&with(tools)).unwrap();
            assert_eq!(skill.tools, [Tool::ReadFile, Tool::ListDir]);
        }
        let texts = Skill::parse(&with("  max-turns: \"7\"\n  temperature: '0.2'")).unwrap();
        assert_eq!((texts.max_turns, texts.temperature), (Some(7), Some(0.2)));
    }

    #[test]
    fn a_bad_skill_is_refused_with_its_line_and_what_to_do() {
        fails("# Plan", 1, &["no frontmatter", "start the file with"]);
        fails("", 1, &["no frontmatter"]);
        fails("---\nname: a\n", 1, &["not closed"]);
        fails("---\n---\nx", 1, &["'name' is missing"]);
        fails("---\nname: a\n---\nx", 1, &["'description' is missing"]);
        fails(
            "---\ndescription: a\nname: My Skill\n---\nx",
            3,
            &["'My Skill'", "lowercase"],
        );
        fails("---\nname: -a\ndescription: a\n---\nx", 2, &["'-a'"]);
        fails("---\nname: a--b\ndescription: a\n---\nx", 2, &["'a--b'"]);
        fails("---\nname: 12\ndescription: a\n---\nx", 2, &["quotes"]);
        fails("---\nname: a\ndescription: a: b: c\n---\nx", 3, &["YAML"]);
        fails("---\n- name\n---\nx", 2, &["key: value"]);
        fails(
            "---\nname: a\ndescription: b\n---\n \n",
            4,
            &["no instructions"],
        );
        let long = format!("---\nname: {}\ndescription: b\n---\nx", "a".repeat(65));
        fails(&long, 2, &["at most 64"]);
        let long = format!("---\nname: a\ndescription: {}\n---\nx", "é".repeat(1025));
        fails(&long, 3, &["1025 characters", "shorten"]);
        fails(
            "---\nname: a\ndescription: b\nmetadata: c\n---\nx",
            4,
            &["metadata"],
        );
    }

    #[test]
    fn bad_limits_and_unknown_tools_are_refused() {
        fails(
            &with("  tools: read_file browse"),
            5,
            &["'browse'", "search_files"],
        );
        fails(&with("  tools: [1]"), 5, &["no text"]);
        fails(&with("  tools: 3"), 5, &["no list"]);
        for turns in ["0", "-1", "1.5", "many", "[1]", "99999"] {
            fails(
                &with(&format!("  max-turns: {turns}")),
                5,
                &["whole number"],
            );
        }
        for temperature in ["-0.1", "3", "warm", ".nan"] {
            fails(
                &with(&format!("  temperature: {temperature}")),
                5,
                &["0 to 2"],
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn no_input_panics(pieces in prop::collection::vec(prop::sample::select(vec![
            "---\n", "name: a\n", "description: b\n", "metadata:\n", "  tools: ", "read_file ",
            "[", "]", ": ", "- ", "\n", "é", "'", "\"", "  max-turns: 3\n", "&a ", "*a ", "{", "}", "\t",
        ]), 0..16)) {
            let text = pieces.concat();
            if let Ok(skill) = Skill::parse(&text) {
                prop_assert!(!skill.body.is_empty() && !skill.name.is_empty());
            }
        }
    }
}
