//! The documents of a session, one file each: their types, what the model is asked to fill, what
//! is accepted of it, and how they look to a person. Nothing here reads or writes a file, and
//! nothing a model wrote becomes a document without passing an `accept_…` function.

mod answers;
mod critique;
mod decision;
mod fields;
mod interview;
mod json;
mod markdown;
mod name;
mod order;
mod paths;
mod plan;
mod prd;
mod questions;
mod readback;
mod references;
mod review;
mod schema;
mod simple;
mod tickets;

#[cfg(test)]
mod skill_sizes;

pub use answers::{ANSWER_LIMIT, Shorthand, is_vague, read_shorthand};
pub use critique::{CriterionVerdict, Judged, accept_critique};
pub use decision::{Decided, Decision, accept_decision};
pub use interview::{
    Coverage, Filled, Interview, Question, QuestionAnswer, Questions, accept_coverage, accept_fill,
    accept_questions,
};
pub use json::read_json;
pub use name::ArtifactName;
pub use order::order;
pub use plan::{FileChange, Plan, PlanTicket, accept_plan, render_plan};
pub use prd::{Feature, Prd, accept_prd, render_prd};
pub use questions::built_in_questions;
pub use readback::{LineFault, read_prd_markdown};
pub use review::{Finding, Review, ReviewVerdict, Severity, accept_review, render_review};
pub use schema::{SchemaKind, schema};
pub use simple::{plan_for_single, prd_for_simple, single_ticket};
pub use tickets::{MAX_TICKETS, Ticket, Tickets, accept_tickets, render_tickets, uncovered};
