//! Skills: SKILL.md files.
