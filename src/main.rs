//! The binary: nothing but the exit code of what the command line asks for.

fn main() {}
