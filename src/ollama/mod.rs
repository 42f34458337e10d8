//! Our own client of Ollama's HTTP interface: addresses, requests, the stream of a reply, and
//! what every answer means. It decides nothing about a run: a reply or a typed fault goes back
//! to whoever asked, and only faults that the same request can survive are tried again here.

mod body;
mod chat;
mod connection;
mod faults;
mod host;
mod learned;
mod lines;
mod pull;
mod retry;
mod server;
mod stream;
mod tls;
mod waiting;
mod wire;

pub use connection::ServerSettings;
pub use host::{address, base_url, is_this_machine, port};
pub use retry::Backoff;
pub use server::Server;
pub use wire::{Details, Installed, PullProgress, Running, Shown, is_cloud_name};
