//! Reads tool calls out of a reply.
