//! What a person took back of the session's work, and put there again: what of it still holds, and
//! every such hand at the project's files, in order, so that what it wrote is known as ours.
//! Refuses to know what a snapshot is.

use std::collections::BTreeSet;

use serde_json::Value;

/// What was taken back and put there again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What was taken back since, and not put there again.
    pub back: Vec<TakenBack>,
    /// Each of both, oldest first.
    pub moves: Vec<Moved>,
}

/// Something was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The ticket, `all`, or the name of a phase.
    pub of: String,
    /// The project before (a git tree id).
    pub from: String,
    /// The project after.
    pub to: String,
    /// The files.
    pub paths: BTreeSet<String>,
    /// Files of it that were left as they are.
    pub left: BTreeSet<String>,
    /// How many stretches of work there were then: what came later is not taken back.
    pub(super) works: usize,
}

/// The program gave files an earlier content, or a later one again, because a person said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What was taken back: a ticket, `all`, or the name of a phase. None: it was put there again.
    pub of: Option<String>,
    /// The project before (a git tree id).
    pub from: String,
    /// The project after.
    pub to: String,
    /// The files.
    pub paths: BTreeSet<String>,
    /// How many stretches of work had begun.
    pub works: usize,
    /// Whether the last of them went on afterwards.
    pub is_amid: bool,
}

impl Taken {
    /// Takes in the data of a note. How the project was left by it, if it was left by a person's
    /// word.
    pub(super) fn noted(&mut self, data: &Value, works: usize, is_amid: bool) -> Option<String> {
        if let Some(undo) = data.get("undo") {
            let taken = TakenBack {
                works,
                of: text(undo, "of"),
                from: text(undo, "from"),
                to: text(undo, "to"),
                paths: texts(undo, "paths").unwrap_or_default(),
                left: texts(undo, "left").unwrap_or_default(),
            };
            self.back.push(taken.clone());
            // These are put back in the middle of a step of the session's.
            if matches!(taken.of.as_str(), "checks" | "attempt") {
                return None;
            }
            self.moves.push(Moved {
                of: Some(taken.of),
                from: taken.from,
                to: taken.to.clone(),
                paths: taken.paths,
                works,
                is_amid,
            });
            return Some(taken.to);
        }
        let redo = data.get("redo")?;
        let to = redo.get("to").and_then(Value::as_str)?.to_owned();
        // An old journal says no more than how the project was left.
        if let Some(again) = self.back.pop() {
            let from = redo.get("from").and_then(Value::as_str);
            self.moves.push(Moved {
                of: None,
                from: from.map_or(again.to, str::to_owned),
                to: to.clone(),
                paths: texts(redo, "paths").unwrap_or(again.paths),
                works,
                is_amid,
            });
        }
        Some(to)
    }

    /// The work under way begins anew: what was moved since it began lies before it.
    pub(super) fn came_before(&mut self, works: usize) {
        for moved in &mut self.moves {
            if moved.works == works && moved.is_amid {
                moved.works -= 1;
                moved.is_amid = false;
            }
        }
    }
}

fn text(data: &Value, key: &str) -> String {
    data[key].as_str().unwrap_or_default().to_owned()
}

fn texts(data: &Value, key: &str) -> Option<BTreeSet<String>> {
    let texts = data[key].as_array()?.iter();
    Some(texts.filter_map(Value::as_str).map(str::to_owned).collect())
}
