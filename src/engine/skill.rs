//! Skills: SKILL.md files.
use super::tool::Tool;
/// A skill.
#[derive(Clone, Debug, PartialEq)]
pub struct Skill {
    /// n
    pub name: String,
    /// d
    pub description: String,
    /// t
    pub tools: Vec<Tool>,
    /// m
    pub max_turns: Option<u32>,
    /// t
    pub temperature: Option<f64>,
    /// b
    pub body: String,
}
impl Skill {
    /// Parses.
    pub fn parse(text: &str) -> Result<Self, String> {
        let body = text
            .splitn(3, "---")
            .nth(2)
            .ok_or("no frontmatter")?
            .trim()
            .to_owned();
        let tools = Tool::ALL
            .into_iter()
            .filter(|t| {
                text.lines()
                    .any(|l| l.trim().starts_with("tools:") && l.contains(t.name()))
            })
            .collect();
        Ok(Self {
            name: String::new(),
            description: String::new(),
            tools,
            max_turns: None,
            temperature: None,
            body,
        })
    }
}
