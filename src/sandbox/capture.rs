//! Reads what a command writes while it runs, and for a moment after its end.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::time::timeout;

use super::output::{Collected, Output};

/// The reading end of a command's output.
pub(super) struct Capture {
    pipe: Receiver,
    buffer: Vec<u8>,
    output: Output,
    at_end: bool,
}

impl Capture {
    pub(super) fn new(pipe: OwnedFd, output_limit: usize) -> io::Result<Self> {
        Ok(Self {
            pipe: Receiver::from_owned_fd(pipe)?,
            buffer: vec![0; 64 * 1024],
            output: Output::new(output_limit),
            at_end: false,
        })
    }

    /// Whether nobody can write any more.
    pub(super) const fn at_end(&self) -> bool {
        self.at_end
    }

    /// Bytes there were so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.output.bytes()
    }

    /// Takes in the next piece.
    pub(super) async fn read(&mut self) -> io::Result<()> {
        let read = self.pipe.read(&mut self.buffer).await?;
        self.output.push(&self.buffer[..read]);
        self.at_end = read == 0;
        Ok(())
    }

    /// Takes in what there is until the end, but no longer than `most`.
    pub(super) async fn drain(&mut self, most: Duration) -> io::Result<()> {
        let to_the_end = async {
            while !self.at_end {
                self.read().await?;
            }
            Ok(())
        };
        // silent-ok: what is still written by then is nobody's.
        timeout(most, to_the_end).await.unwrap_or(Ok(()))
    }

    /// What was collected.
    pub(super) fn finish(self) -> Collected {
        self.output.finish()
    }
}
