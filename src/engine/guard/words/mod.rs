//! What words say about a change: of a ticket, of its plan, and of a person.

pub(super) mod announced;
mod asked;
mod named;
mod removal;
