//! The order of tickets.
