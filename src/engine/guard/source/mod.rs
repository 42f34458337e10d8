//! Reading source text without a parser: what of it is code, which tests and functions stand in
//! it, what it imports.

pub(super) mod apart;
pub(super) mod blocks;
pub(super) mod bodies;
mod called;
pub(super) mod case;
pub(super) mod cases;
pub(super) mod code;
mod ended;
pub(super) mod functions;
pub(super) mod imports;
mod indented;
pub(super) mod tokens;
