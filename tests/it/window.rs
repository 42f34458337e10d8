//! The context window: no request is ever larger, whatever was said and read before.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod large;
mod long;
mod properties;
