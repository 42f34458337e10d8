//! What bends the outcome of tests and is no test itself: settings that leave some out, plugins
//! that decide how they end, sources that disguise what they exchange, and other ways by which a
//! command comes to something else than before. One place from which all of these are looked at.

use super::disguised::disguised;
use super::leaving_out::left_out;
use super::plugins::plugged_in;
use crate::engine::guard::commands::redirected::redirected;
use crate::engine::guard::finding::Finding;
use crate::engine::guard::scene::Scene;

/// Everything of the kind that the work has brought.
pub(in crate::engine::guard) fn bent(scene: &Scene<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in scene.changed {
        found.extend(left_out(file, scene));
        found.extend(plugged_in(file, scene));
        found.extend(disguised(file, scene.read));
    }
    found.extend(redirected(scene));
    found
}
