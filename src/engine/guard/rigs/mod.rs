//! What rigs the outcome of tests and is no test itself: settings, plugins, stand-ins, disguises.

pub(super) mod bent;
pub(super) mod disguised;
mod disguised_in_javascript;
mod exchanged;
mod exchanged_in_rust;
pub(super) mod leaving_out;
pub(super) mod plugins;
mod printed;
mod put_together;
pub(super) mod rigged;
pub(super) mod settings;
pub(super) mod stand_in;
