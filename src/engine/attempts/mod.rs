//! Attempts at a ticket: what one that failed leaves to the next (`note`, `output`), how that is
//! said to the model (`opening`) and to a person (`diagnosis`), and what is different about the
//! next one (`rule`, data in `retry.yaml`). Which attempt is next is decided in `decide/`.

mod diagnosis;
mod note;
mod opening;
mod output;
mod rule;

pub use diagnosis::{diagnosis, question, waiting_for, what_to_do};
pub use note::note;
pub use opening::told;
pub use rule::{RetryRule, Variation, retry_rule};
