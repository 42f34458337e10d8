//! What is changed in a copy of the project to see that its tests show the work.

pub(super) mod hollow;
pub(super) mod must_fail;
pub(super) mod set_back;
pub(super) mod stubs;
