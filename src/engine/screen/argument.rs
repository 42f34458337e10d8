//! One word of a command as the shell hands it over, and the marks inside its text that stand for
//! what is known only at run time. How a word becomes one is in `words`.

/// Stands for the home folder.
pub(super) const HOME: char = '\u{e000}';
/// Stands for text that is known only at run time.
pub(super) const UNKNOWN: char = '\u{e001}';
/// Stands for the process id of a process that the command itself started.
pub(super) const OWN_PROCESS: char = '\u{e002}';
/// A word after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Argument {
    /// The text, with marks.
    pub(super) text: String,
    /// It has unquoted pattern characters.
    pub(super) glob: bool,
    /// It stands for output that comes from the network.
    pub(super) fetched: bool,
}

impl Argument {
    /// A word that is known as it stands.
    pub(super) fn known(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A word nothing is known of.
    pub(super) fn unknown() -> Self {
        Self::known(UNKNOWN)
    }

    /// Whether some of it is known only at run time.
    pub(super) fn is_dynamic(&self) -> bool {
        self.text.contains([UNKNOWN, OWN_PROCESS])
    }

    /// Whether it is an option.
    pub(super) fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('-')
    }

    /// The text for people, without marks.
    pub(super) fn shown(&self) -> String {
        let shown = self.text.replace(HOME, "~").replace(UNKNOWN, "…");
        match shown.char_indices().nth(60) {
            Some((end, _)) => format!("{}…", &shown[..end]),
            None => shown,
        }
    }
}

/// What follows the options.
pub(super) fn operands<'a>(rest: &'a [Argument], with_value: &[&str]) -> &'a [Argument] {
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        if word.text == "--" {
            return rest.get(at + 1..).unwrap_or_default();
        }
        if !word.is_option() {
            break;
        }
        at += if with_value.contains(&word.text.as_str()) {
            2
        } else {
            1
        };
    }
    rest.get(at..).unwrap_or_default()
}
