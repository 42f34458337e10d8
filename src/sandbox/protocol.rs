//! What passes between the program and its launcher over the launcher's input: one order, then
//! single bytes that ask for an end; back comes one report. When the program's end closes,
//! however it ended, everything the launcher started dies.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::tier::Tier;

/// What the launcher is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) tier: Tier,
    pub(super) line: String,
    pub(super) folder: PathBuf,
    /// What the command finds in the place of the project.
    pub(super) instead: Option<PathBuf>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) project: Rights,
    pub(super) network: Reach,
    pub(super) caches: Vec<Cache>,
    pub(super) policy: Policy,
}

/// A cache of a package tool, seen through a layer of the session's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cache {
    /// Where it stands.
    pub(super) place: PathBuf,
    /// The folder of the layer, with `upper` and `work` in it.
    pub(super) layer: PathBuf,
    /// Whether the layer may take something in.
    pub(super) rights: Rights,
}

/// What may be done to the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Rights {
    Read,
    Write,
}

/// Whether there is a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reach {
    Nothing,
    Everything,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) exit: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) stopped: Option<Cause>,
    /// Why the command was never started.
    pub(super) failed: Option<String>,
}

/// Why the launcher ended a command of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Cause {
    Memory,
    Disk,
}

/// Sends an interrupt to the command.
pub(super) const INTERRUPT: u8 = b'i';
/// Sends a termination.
pub(super) const TERMINATE: u8 = b't';
/// Kills everything.
pub(super) const KILL: u8 = b'k';

/// Longer orders are not read.
const MOST_BYTES: u32 = 4 << 20;

impl Order {
    /// As bytes, the length in front.
    pub(super) fn encode(&self) -> io::Result<Vec<u8>> {
        let body = serde_json::to_vec(self)?;
        let length = u32::try_from(body.len())
            .ok() // silent-ok: told as the error below.
            .filter(|length| *length <= MOST_BYTES)
            .ok_or_else(|| io::Error::other("the command is too long"))?;
        Ok([&length.to_le_bytes()[..], &body].concat())
    }

    /// Reads one order, and no byte more.
    pub(super) fn decode(mut from: impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        if length > MOST_BYTES {
            return Err(io::Error::other("the order is too long"));
        }
        let mut body = vec![0; length as usize];
        from.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Report {
    /// The first report of an answer: what comes later follows from it.
    pub(super) fn first(answer: &[u8]) -> io::Result<Self> {
        let line = answer.split(|byte| *byte == b'\n').next().unwrap_or(answer);
        if line.is_empty() {
            return Err(io::Error::other(
                "the sandbox ended before it told how the command did",
            ));
        }
        Ok(serde_json::from_slice(line)?)
    }

    /// Why the command was never started, or how it ended if it was.
    pub(super) fn why(self) -> String {
        self.failed
            .unwrap_or_else(|| format!("it ended with {:?}, signal {:?}", self.exit, self.signal))
    }

    /// The report as the error it tells of.
    pub(super) fn failure(self) -> io::Error {
        io::Error::other(format!("the command could not be started: {}", self.why()))
    }
}
