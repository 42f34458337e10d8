//! Which processes a command has made, what memory they hold, and how all of them end. In a
//! namespace of its own the kernel knows; elsewhere they are found by their parents.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// One process as `/proc` tells of it.
#[derive(Clone, Copy, Debug)]
struct Process {
    parent: i32,
    state: char,
}

/// Whether this process has children, ended ones included.
pub(super) fn has_children() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::All, options), Err(rustix::io::Errno::CHILD))
}

/// Kills every process of the namespace but this one, which is its first.
#[expect(unsafe_code, reason = "the library has no word for every process")]
pub(super) fn kill_everything() -> io::Result<()> {
    // Never outside a namespace of our own.
    if rustix::process::getpid() != Pid::INIT {
        return Err(io::Error::other("not in a process namespace of its own"));
    }
    // SAFETY: it takes numbers only.
    unsafe { libc::kill(-1, libc::SIGKILL) };
    Ok(())
}

/// Kills everything below a process: first all are stopped, until no new ones appear, so that
/// none can start another behind our back.
pub(super) fn kill_below(root: Pid) -> io::Result<()> {
    let mut stopped = std::collections::BTreeSet::new();
    // Each round stops what the one before missed; a bomb is held by its limit of processes.
    for _ in 0..100 {
        let found = below(root)?;
        let fresh: Vec<i32> = found
            .iter()
            .filter(|(pid, process)| process.state != 'Z' && stopped.insert(**pid))
            .map(|(pid, _)| *pid)
            .collect();
        if fresh.is_empty() {
            break;
        }
        for pid in fresh {
            signal(pid, Signal::STOP);
        }
    }
    for pid in stopped {
        signal(pid, Signal::KILL);
    }
    Ok(())
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // silent-ok: it has ended already.
        let _ = kill_process(pid, signal);
    }
}

/// Memory that only the processes of this namespace hold, without the first one.
pub(super) fn memory_of_all() -> u64 {
    numbered().filter(|pid| *pid != 1).map(memory).sum()
}

/// Memory that only the processes below one hold.
pub(super) fn memory_below(root: Pid) -> u64 {
    below(root).map_or(0, |found| found.keys().map(|pid| memory(*pid)).sum())
}

fn memory(pid: i32) -> u64 {
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/status")) else {
        return 0;
    };
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()); // silent-ok: a thread of the kernel.
    kilobytes.unwrap_or(0) * 1024
}

fn numbered() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok()) // silent-ok: no process.
}

/// Every process whose ancestor is `root`.
fn below(root: Pid) -> io::Result<BTreeMap<i32, Process>> {
    fs::metadata("/proc/self/stat")?;
    let all: BTreeMap<i32, Process> = numbered()
        .filter_map(|pid| Some((pid, read(pid)?)))
        .collect();
    let mut found = BTreeMap::new();
    let mut parents = vec![root.as_raw_nonzero().get()];
    while let Some(parent) = parents.pop() {
        for (pid, process) in all.iter().filter(|(_, process)| process.parent == parent) {
            if found.insert(*pid, *process).is_none() {
                parents.push(*pid);
            }
        }
    }
    Ok(found)
}

fn read(pid: i32) -> Option<Process> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?; // silent-ok: it has ended.
    // The name stands in parentheses and may itself hold any character.
    let mut words = text.rsplit_once(')')?.1.split_whitespace();
    let state = words.next()?.chars().next()?;
    let parent = words.next()?.parse().ok()?; // silent-ok: not a line of this file.
    Some(Process { parent, state })
}
