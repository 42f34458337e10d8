//! The functions of a file, found again by their names.

use std::collections::{HashMap, HashSet};

use super::case::{Case, Part};

/// Functions in their order.
#[derive(Debug, Default)]
pub(in crate::engine::guard) struct Functions {
    pub(in crate::engine::guard) cases: Vec<Case>,
    whole: HashMap<(Part, String), usize>,
    own: HashMap<String, usize>,
    /// Those that assert and stand in other files.
    pub(in crate::engine::guard) elsewhere: HashSet<String>,
}

impl Functions {
    pub(in crate::engine::guard) fn of(cases: Vec<Case>) -> Self {
        let (mut whole, mut own) = (HashMap::new(), HashMap::new());
        for (place, case) in cases.iter().enumerate() {
            let last = case.name.rsplit('.').next().unwrap_or_default();
            own.entry(last.to_owned()).or_insert(place);
            whole.entry((case.part, case.name.clone())).or_insert(place);
        }
        Self {
            cases,
            whole,
            own,
            elsewhere: HashSet::new(),
        }
    }

    /// The one that is what that one is, here.
    pub(in crate::engine::guard) fn same(&self, case: &Case) -> Option<&Case> {
        let place = self.whole.get(&(case.part, case.name.clone()))?;
        self.cases.get(*place)
    }

    /// The one that is called by this name alone.
    pub(in crate::engine::guard) fn called(&self, name: &str) -> Option<&Case> {
        self.cases.get(*self.own.get(name)?)
    }

    pub(in crate::engine::guard) fn tests(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.part == Part::Test)
    }
}
