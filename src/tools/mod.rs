//! What a model can do to a project: the seven tools, the one resolver of paths, and the
//! program's own look at the project. Nothing here decides whether a call is allowed; it refuses
//! only what no call may do.

pub mod clean;
mod edit;
pub mod execute;
mod ignored;
mod list;
mod locate;
mod outlined;
pub mod packages;
mod planned;
mod read;
mod refusal;
mod root;
mod search;
mod secret_values;
mod secret_words;
mod secrets;
pub mod shell;
mod surroundings;
pub mod survey;
mod survey_commands;
mod survey_python;
mod survey_versions;
mod text;
mod whole;
pub mod workspace;
pub mod write;

pub use execute::{Executed, Toolbox, execute};
pub use outlined::outlined;
pub use planned::PlannedWrite;
pub use secrets::{Secrets, secrets, secrets_in};
pub use surroundings::Surroundings;
pub use survey_versions::inventory;
pub use text::sha256;
pub use whole::whole;
pub use workspace::Workspace;
pub use write::{commit, current_hash, current_mode, plan_write};
