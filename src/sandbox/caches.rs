//! The caches of package tools while a command fetches, and afterwards. Behind a full wall what
//! comes goes into a layer of the session's own, which its later commands read as well: nothing
//! that runs there can leave something behind for the person's other projects. Behind a partial
//! wall there are no layers, so cargo's own cache is written; the other tools get one of the
//! session's. Knows which folders these are, not how they are mounted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::policy::Policy;
use super::protocol::{Cache, Rights};
use super::tier::Tier;
use crate::engine::ports::Network;

/// In a layer: what is new.
pub(super) const UPPER: &str = "upper";
/// In a layer: what the kernel needs beside that.
pub(super) const WORK: &str = "work";

/// The caches as a command sees them, beside what the policy says of them anyway.
pub(super) fn layers(tier: Tier, network: Network, policy: &Policy) -> io::Result<Vec<Cache>> {
    if tier != Tier::Full {
        return Ok(Vec::new());
    }
    let mut layers = Vec::new();
    for place in policy.caches.iter().filter(|place| fits(place, policy)) {
        let layer = policy.layers.join(name(place));
        let rights = match network {
            Network::Fetch => {
                fs::create_dir_all(layer.join(UPPER))?;
                fs::create_dir_all(layer.join(WORK))?;
                Rights::Write
            }
            Network::Off | Network::On => Rights::Read,
        };
        if rights == Rights::Write || has_something(&layer.join(UPPER)) {
            layers.push(Cache {
                place: place.clone(),
                layer,
                rights,
            });
        }
    }
    Ok(layers)
}

/// What a fetching command may write of the person's own, where there are no layers.
pub(super) fn written(tier: Tier, network: Network, policy: &Policy) -> io::Result<Vec<PathBuf>> {
    if tier != Tier::Partial || network != Network::Fetch {
        return Ok(Vec::new());
    }
    let mut written = Vec::new();
    for place in policy.caches.iter().filter(|place| is_cargos(place)) {
        if place.parent().is_some_and(Path::is_dir) {
            fs::create_dir_all(place)?;
            written.push(place.clone());
        }
    }
    Ok(written)
}

/// Cargo's caches follow its folder.
pub(super) fn follow(policy: &mut Policy, environment: &Environment) {
    let (Some(cargo), Some(home)) = (environment.get("CARGO_HOME"), &policy.home) else {
        return;
    };
    let usual = home.join(".cargo");
    for place in &mut policy.caches {
        if let Ok(below) = place.strip_prefix(&usual) {
            *place = Path::new(cargo).join(below);
        }
    }
}

fn has_something(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// A cache that is not there can be made only where nothing read-only is around it.
fn fits(place: &Path, policy: &Policy) -> bool {
    place.is_dir()
        || !policy
            .read
            .iter()
            .any(|read| read != place && place.starts_with(read))
}

fn is_cargos(place: &Path) -> bool {
    place.ends_with("registry") || place.ends_with("git")
}

/// `.cargo/registry` is `cargo-registry`.
fn name(place: &Path) -> String {
    let mut parts: Vec<_> = place
        .components()
        .rev()
        .take(2)
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.reverse();
    parts.join("-").trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::fetched_crates;

    fn policy(root: &Path) -> Policy {
        let home = root.join("home");
        fs::create_dir_all(home.join(".cargo/bin")).unwrap();
        fs::create_dir_all(home.join(".npm")).unwrap();
        fs::create_dir_all(root.join("session/tmp")).unwrap();
        Policy::new(root.join("project"), root.join("session/tmp"), Some(home))
    }

    #[test]
    fn a_layer_takes_in_while_fetching_and_is_read_afterwards() {
        let root = tempfile::tempdir().unwrap();
        let policy = policy(root.path());
        let layers = |network| layers(Tier::Full, network, &policy).unwrap();
        assert_eq!(layers(Network::Off), []);
        let fetching = layers(Network::Fetch);
        let names: Vec<String> = fetching.iter().map(|cache| name(&cache.place)).collect();
        // There is a read-only `.npm` in which no cache can be made.
        assert_eq!(names, ["cargo-registry", "cargo-git", "cache-pip"]);
        assert!(fetching.iter().all(|cache| cache.rights == Rights::Write));
        assert_eq!(layers(Network::Off), []);
        fs::create_dir(fetching[0].layer.join(UPPER).join("cache")).unwrap();
        let later = layers(Network::Off);
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].rights, Rights::Read);
        let crates = fetched_crates(&root.path().join("session"));
        assert_eq!(crates, fetching[0].layer.join(UPPER).join("cache"));
    }

    #[test]
    fn without_layers_only_cargos_own_cache_is_written() {
        let root = tempfile::tempdir().unwrap();
        let policy = policy(root.path());
        let check = |tier, network, expected: usize| {
            let written = written(tier, network, &policy).unwrap();
            assert_eq!(written.len(), expected, "{tier} {network:?}: {written:?}");
        };
        check(Tier::Full, Network::Fetch, 0);
        check(Tier::Partial, Network::Off, 0);
        check(Tier::Partial, Network::On, 0);
        check(Tier::Partial, Network::Fetch, 2);
        assert!(root.path().join("home/.cargo/registry").is_dir());
    }

    #[test]
    fn cargos_caches_follow_its_folder() {
        let root = tempfile::tempdir().unwrap();
        let mut policy = policy(root.path());
        let environment = Environment::default().with("CARGO_HOME", "/opt/cargo");
        follow(&mut policy, &environment);
        assert_eq!(policy.caches[0], Path::new("/opt/cargo/registry"));
        assert!(policy.caches[3].starts_with(root.path()));
    }
}
