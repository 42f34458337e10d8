//! Makes a reply of the text protocol readable while it streams: what a tool's block writes is
//! shown as it comes, without the tags around it. Reads for the eye only; what is executed is
//! read elsewhere.

use crate::engine::tool::Tool;

/// A reply on its way to the screen.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// A line that begins like a tag and may still become one.
    held: String,
    /// Whether the current line goes to the screen as it comes.
    line: Way,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    /// Nothing of the line has come that tells.
    #[default]
    Open,
    /// It is shown as it comes.
    Through,
}

/// Where in a block the reply is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Prose,
    Block(Tool),
    Value {
        tool: Tool,
        close: String,
    },
}

/// A whole reply for the screen.
pub(super) fn readable(text: &str) -> String {
    let mut blocks = Blocks::default();
    let shown = blocks.read(text);
    shown + &blocks.rest()
}

impl Blocks {
    /// What is shown of the next piece.
    pub(super) fn read(&mut self, piece: &str) -> String {
        let mut shown = String::with_capacity(piece.len());
        for part in piece.split_inclusive('\n') {
            if self.line == Way::Open {
                self.held.push_str(part);
                let begun = self.held.trim_start();
                if begun.starts_with('<') || begun.is_empty() {
                    if part.ends_with('\n') {
                        let line = std::mem::take(&mut self.held);
                        shown.push_str(&self.line(&line));
                    }
                    continue;
                }
                shown.push_str(&std::mem::take(&mut self.held));
            } else {
                shown.push_str(part);
            }
            self.line = if part.ends_with('\n') {
                Way::Open
            } else {
                Way::Through
            };
        }
        shown
    }

    /// What is shown of the last line, which has no end.
    pub(super) fn rest(&mut self) -> String {
        let line = std::mem::take(&mut self.held);
        self.line = Way::Open;
        self.line(&line)
    }

    /// A whole line that begins like a tag.
    fn line(&mut self, line: &str) -> String {
        let word = line.trim();
        let tag = |text: &str| Some(text.strip_prefix('<')?.strip_suffix('>')?.to_owned());
        match &self.place {
            Place::Prose => match tag(word).and_then(|name| Tool::named(&name)) {
                Some(tool) => self.place = Place::Block(tool),
                None => return line.to_owned(),
            },
            Place::Value { tool, close } if word == close => self.place = Place::Block(*tool),
            Place::Value { .. } => return line.to_owned(),
            Place::Block(tool) => {
                let tool = *tool;
                let Some((key, value)) = word.strip_prefix('<').and_then(|w| w.split_once('>'))
                else {
                    return line.to_owned();
                };
                let close = format!("</{key}>");
                if let Some(value) = value.strip_suffix(&close) {
                    return format!("{} {value}\n", tool.name());
                }
                if key.strip_prefix('/') == Some(tool.name()) {
                    self.place = Place::Prose;
                } else if value.is_empty() {
                    self.place = Place::Value { tool, close };
                    if key != "content" {
                        return format!("{key}:\n");
                    }
                } else {
                    return line.to_owned();
                }
            }
        }
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &str = "I write it.\n<write_file>\n<path>a.html</path>\n<content>\n<b>\n  x\n</b>\n</content>\n</write_file>\n<edit_file>\n<path>b</path>\n<old_text>\n1\n</old_text>\n<new_text>\n2\n</new_text>\n</edit_file>\na < b\n<c>";

    const SHOWN: &str = "I write it.\nwrite_file a.html\n<b>\n  x\n</b>\nedit_file b\nold_text:\n1\nnew_text:\n2\na < b\n<c>";

    #[test]
    fn tags_go_and_what_they_hold_stays_wherever_the_reply_is_torn() {
        assert_eq!(readable(REPLY), SHOWN);
        for at in 0..REPLY.len() {
            let mut blocks = Blocks::default();
            let (before, after) = REPLY.split_at(at);
            let shown = blocks.read(before) + &blocks.read(after) + &blocks.rest();
            assert_eq!(shown, SHOWN, "torn at {at}");
        }
    }

    #[test]
    fn a_line_that_is_no_tag_is_shown_at_once() {
        let mut blocks = Blocks::default();
        assert_eq!(blocks.read("prin"), "prin");
        assert_eq!(blocks.read("t(1) <"), "t(1) <");
        assert_eq!(blocks.read("b>\n  "), "b>\n");
        assert_eq!(blocks.read("x"), "  x");
    }
}
