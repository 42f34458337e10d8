//! The few Markdown forms the rendered documents use, and how text is kept from being read as
//! one of them. `readback.rs` relies on `escaped` and `unescaped` being each other's inverse.

/// Stands where a list is empty.
pub(super) const NONE: &str = "None.";

/// Stands between a description and its list.
pub(super) const CRITERIA: &str = "Acceptance criteria:";

/// A heading.
pub(super) fn heading(out: &mut String, level: usize, text: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&"#".repeat(level));
    out.push(' ');
    out.push_str(text);
    out.push('\n');
}

/// Text of one or more lines; nothing if it is empty.
pub(super) fn text(out: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    out.push('\n');
    for line in text.lines() {
        out.push_str(&escaped(line));
        out.push('\n');
    }
}

/// A list, or the word for an empty one.
pub(super) fn list<T: std::fmt::Display>(out: &mut String, items: &[T]) {
    out.push('\n');
    for item in items {
        out.push_str("- ");
        out.push_str(&item.to_string());
        out.push('\n');
    }
    if items.is_empty() {
        out.push_str(NONE);
        out.push('\n');
    }
}

/// A list under a line that says what it is; nothing if it is empty.
pub(super) fn labelled_list<T: std::fmt::Display>(out: &mut String, label: &str, items: &[T]) {
    if !items.is_empty() {
        out.push('\n');
        out.push_str(label);
        out.push('\n');
        list(out, items);
    }
}

/// The text of a list item, if the line is one.
pub(super) fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '+'])?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
}

/// Whether the line is the one before a list of acceptance criteria.
pub(super) fn is_criteria(line: &str) -> bool {
    line.eq_ignore_ascii_case(CRITERIA)
}

/// The line of text without the backslash that keeps it text.
pub(super) fn unescaped(line: &str) -> &str {
    match line.strip_prefix('\\') {
        Some(rest) if has_form(rest) => rest,
        _ => line,
    }
}

fn escaped(line: &str) -> String {
    if has_form(line) {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

fn has_form(line: &str) -> bool {
    line.starts_with(['#', '\\']) || item(line).is_some() || is_criteria(line)
}
