//! What the kernel lets the command open, by path, and whom it may signal. Built from the order
//! alone, in the file system that the command sees.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

use crate::sandbox::policy::SYSTEM;
use crate::sandbox::protocol::{Order, Reach, Rights};
use crate::sandbox::tier::Tier;

/// The newest version whose rights are asked for; what an older kernel lacks it leaves out.
const NEWEST: ABI = ABI::V9;

/// Devices there are; shared memory and terminals of others are none of them.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/tty",
    "/dev/random",
    "/dev/urandom",
];

/// Restricts this process and all it will start.
pub(super) fn apply(order: &Order) -> io::Result<()> {
    let status = rules(order)
        .and_then(|rules| rules.restrict_self().map_err(io::Error::other))
        .map_err(|error| io::Error::other(format!("Landlock is refused ({error})")))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(io::Error::other("the kernel has no Landlock"));
    }
    Ok(())
}

fn rules(order: &Order) -> io::Result<RulesetCreated> {
    let all = AccessFs::from_all(NEWEST);
    let mut rules = Ruleset::default()
        .handle_access(all)
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
        .map_err(io::Error::other)?;
    if order.network == Reach::Everything {
        rules = rules
            .handle_access(AccessNet::ConnectTcp)
            .map_err(io::Error::other)?;
    }
    let mut rules = rules.create().map_err(io::Error::other)?;
    if order.network == Reach::Everything {
        for port in &order.policy.ports {
            rules = rules
                .add_rule(NetPort::new(*port, AccessNet::ConnectTcp))
                .map_err(io::Error::other)?;
        }
    }
    let read = AccessFs::from_read(NEWEST);
    let write = all & !(AccessFs::MakeChar | AccessFs::MakeBlock);
    for (path, rights) in granted(order, read, write) {
        rules = grant(rules, &path, rights)?;
    }
    Ok(rules)
}

/// Every path that is granted, with what is granted there.
fn granted(
    order: &Order,
    read: BitFlags<AccessFs>,
    write: BitFlags<AccessFs>,
) -> Vec<(PathBuf, BitFlags<AccessFs>)> {
    let policy = &order.policy;
    let project = match order.project {
        Rights::Read => read,
        Rights::Write => write,
    };
    let mut granted = vec![(policy.project.clone(), project)];
    granted.extend(policy.write.iter().map(|path| (path.clone(), write)));
    if order.tier == Tier::Full {
        granted.push(("/".into(), read));
        for place in ["/tmp", "/var/tmp", "/dev"] {
            granted.push((place.into(), write));
        }
        granted.extend(policy.home.iter().map(|home| (home.clone(), write)));
        let filled = order.caches.iter();
        let filled = filled.filter(|cache| cache.rights == Rights::Write);
        granted.extend(filled.map(|cache| (cache.place.clone(), write)));
    } else {
        granted.push((policy.session_tmp.clone(), write));
        let readable = SYSTEM.iter().map(PathBuf::from);
        for path in readable.chain(policy.read.iter().cloned()) {
            for path in without(&path, &policy.hidden) {
                granted.push((path, read));
            }
        }
        granted.extend(DEVICES.iter().map(|device| (device.into(), write)));
    }
    granted
}

/// A path, or its entries where something below it is hidden: rights can be given, not taken.
fn without(path: &Path, hidden: &[PathBuf]) -> Vec<PathBuf> {
    if hidden.iter().any(|hidden| path.starts_with(hidden)) {
        return Vec::new();
    }
    if !hidden
        .iter()
        .any(|hidden| hidden.starts_with(path) && hidden.exists())
    {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| without(&entry.path(), hidden))
        .collect()
}

/// Grants rights to a path, if it is there. What makes no sense for a file is left out.
fn grant(
    rules: RulesetCreated,
    path: &Path,
    rights: BitFlags<AccessFs>,
) -> io::Result<RulesetCreated> {
    let Ok(place) = PathFd::new(path) else {
        return Ok(rules);
    };
    let rights = if path.is_dir() {
        rights
    } else {
        rights & AccessFs::from_file(NEWEST)
    };
    rules
        .add_rule(PathBeneath::new(place, rights))
        .map_err(io::Error::other)
}
