//! The documents of a session: their names here, one file each for their content.

mod name;

pub use name::ArtifactName;
