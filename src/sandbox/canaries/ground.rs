//! The ground on which attacks are tried, and what comes of one.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::engine::ports::{Access, Command, Confine as _, Network};
use crate::sandbox::Wall;

/// One attack and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// What was tried, in a few words.
    pub attack: &'static str,
    /// Whether the wall stopped it, or put it right.
    pub stopped: bool,
    /// Whether the wall in force promises that.
    pub promised: bool,
}

/// A project, a home with a key and a folder outside, with a wall around the project.
pub(super) struct Ground {
    pub(super) root: PathBuf,
    pub(super) wall: Wall,
}

impl Ground {
    /// A command in the project.
    pub(super) fn command(&self, network: Network, script: &str) -> Command {
        Command {
            line: format!("{{ {script}; }} 2>/dev/null"),
            folder: self.root.join("project"),
            timeout: Duration::from_secs(10),
            access: Access::Write,
            network,
            output_limit: 1000,
        }
    }

    /// Whether the attack has failed.
    pub(super) async fn stops(&self, network: Network, script: &str) -> io::Result<bool> {
        fs::write(self.root.join("outside/file"), "file")?;
        fs::write(self.root.join("project/.git/config"), "config")?;
        let finished = self.wall.run(&self.command(network, script)).await?;
        let breached = finished.output.contains("breach") || self.is_harmed();
        // silent-ok: it is there only if the attack went through.
        let _ = fs::remove_file(self.root.join("outside/new"));
        Ok(!breached)
    }

    /// What the attack would have left.
    fn is_harmed(&self) -> bool {
        let git = self.root.join("project/.git");
        git.join("hooks/pre-commit").exists()
            || fs::read_to_string(git.join("config")).is_ok_and(|text| text != "config")
            || self.root.join("outside/new").exists()
    }
}
