//! Any tree, any edits of ours and of somebody else, in any order: taking back gives every file
//! that only we changed its bytes from before, and touches no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use loop_orchestration::git::{Standing, Stretch};
use proptest::prelude::*;

use super::ground;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Thing {
    File(Vec<u8>, bool),
    Link(String),
}

/// Few paths, so that files and folders get in each other's way.
const PATHS: [&str; 7] = ["a", "b", "a/x", "a/y/z", "c d", "ü\n", "b/.gitattributes"];

type Tree = BTreeMap<&'static str, Thing>;

#[derive(Clone, Debug)]
struct Edit {
    path: usize,
    /// None removes it.
    thing: Option<Thing>,
    /// Ours, or somebody else's.
    ours: bool,
}

fn thing() -> impl Strategy<Value = Thing> {
    let bytes = prop_oneof![
        Just(b"one\r\ntwo\r\n".to_vec()),
        Just(b"* text eol=lf filter=lfs\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    prop_oneof![
        4 => (bytes, any::<bool>()).prop_map(|(bytes, runs)| Thing::File(bytes, runs)),
        1 => "[a-z/.]{1,3}".prop_map(Thing::Link),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let parts = (
        0..PATHS.len(),
        proptest::option::weighted(0.7, thing()),
        any::<bool>(),
    );
    parts.prop_map(|(path, thing, ours)| Edit { path, thing, ours })
}

/// Puts it there, whatever is in the way; says which paths are another now.
fn carry_out(root: &Path, edit: &Edit, tree: &mut Tree) {
    let path = PATHS[edit.path];
    let full = root.join(path);
    let in_the_way: Vec<&'static str> = tree
        .keys()
        .filter(|other| **other != path)
        .filter(|other| Path::new(path).starts_with(other) || Path::new(other).starts_with(path))
        .copied()
        .collect();
    if edit.thing.is_none() && !tree.contains_key(path) {
        return;
    }
    for other in in_the_way {
        if edit.thing.is_some() {
            tree.remove(other);
            let other = root.join(other);
            if other.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                fs::remove_dir_all(other).unwrap();
            } else if other.symlink_metadata().is_ok() {
                fs::remove_file(other).unwrap();
            }
        }
    }
    match full.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&full).unwrap(),
        Ok(_) => fs::remove_file(&full).unwrap(),
        Err(_) => {}
    }
    tree.remove(path);
    let Some(thing) = &edit.thing else { return };
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    match thing {
        Thing::File(bytes, runs) => {
            fs::write(&full, bytes).unwrap();
            let mode = if *runs { 0o755 } else { 0o644 };
            fs::set_permissions(&full, fs::Permissions::from_mode(mode)).unwrap();
        }
        Thing::Link(target) => symlink(target, &full).unwrap(),
    }
    tree.insert(path, thing.clone());
}

/// What stands there.
fn seen(root: &Path) -> Tree {
    let look = |path: &'static str| {
        let full = root.join(path);
        // Not through a link: what stands behind one stands elsewhere.
        let straight = Path::new(path).ancestors().skip(1).all(|above| {
            above.as_os_str().is_empty()
                || root
                    .join(above)
                    .symlink_metadata()
                    .is_ok_and(|found| found.is_dir())
        });
        let found = full.symlink_metadata().ok().filter(|_| straight)?;
        let thing = if found.is_symlink() {
            let target = fs::read_link(&full).unwrap();
            Thing::Link(target.to_str().unwrap().to_owned())
        } else if found.is_file() {
            let runs = found.permissions().mode() & 0o100 != 0;
            Thing::File(fs::read(&full).unwrap(), runs)
        } else {
            return None;
        };
        Some((path, thing))
    };
    PATHS.into_iter().filter_map(look).collect()
}

fn differing(before: &Tree, after: &Tree) -> BTreeSet<PathBuf> {
    PATHS
        .into_iter()
        .filter(|path| before.get(path) != after.get(path))
        .map(PathBuf::from)
        .collect()
}

async fn check(first: Vec<Edit>, edits: Vec<Edit>) {
    let (_place, root, mut snapshots) = ground();
    let mut tree = Tree::new();
    for edit in &first {
        carry_out(&root, edit, &mut tree);
    }
    let start = seen(&root);
    assert_eq!(start, tree);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut ours = BTreeSet::new();
    let mut others = BTreeSet::new();
    for edit in &edits {
        let (before, from) = (seen(&root), snapshots.take().await.unwrap());
        carry_out(&root, edit, &mut tree);
        let (after, to) = (seen(&root), snapshots.take().await.unwrap());
        let paths = differing(&before, &after);
        if edit.ours {
            ours.extend(paths.clone());
            stretches.push(Stretch { from, to, paths });
        } else {
            others.extend(paths);
        }
    }
    let end = seen(&root);
    let files = snapshots.touched(&stretches).await.unwrap();
    let (wanted, _): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| file.standing == Standing::AsLeft);
    let named: BTreeSet<PathBuf> = wanted.iter().map(|file| file.path.clone()).collect();
    let restored = snapshots.put_back(wanted.clone()).await.unwrap();
    let after = seen(&root);
    let left: BTreeSet<PathBuf> = restored
        .left_alone
        .into_iter()
        .map(|left| left.path)
        .collect();
    for path in PATHS {
        let name = PathBuf::from(path);
        if ours.contains(&name) && !others.contains(&name) {
            let blocked = left.contains(&name);
            assert!(
                after.get(path) == start.get(path) || blocked,
                "{path}: {:?} is not {:?}",
                after.get(path),
                start.get(path)
            );
            assert!(!blocked || !others.is_empty(), "{path} was left alone");
        }
        if !named.contains(&name) {
            assert_eq!(after.get(path), end.get(path), "{path} was touched");
        }
    }
    // Where nobody else was, nothing else is left.
    if others.is_empty() {
        assert_eq!(after, start);
    }
}

/// A folder that was left empty is in the way of the file that stood there before.
#[test]
fn an_empty_folder_makes_room_for_the_file_before_it() {
    let edit = |path, content: Option<&str>| Edit {
        path,
        thing: content.map(|text| Thing::File(text.as_bytes().to_vec(), false)),
        ours: true,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let edits = vec![edit(3, Some("in the way")), edit(3, None)];
    runtime.block_on(check(vec![edit(0, Some("before"))], edits));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_what_we_changed_is_taken_back(
        first in proptest::collection::vec(edit(), 0..6),
        edits in proptest::collection::vec(edit(), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(first, edits));
    }

    #[test]
    fn what_only_we_changed_comes_back_whole(
        first in proptest::collection::vec(edit(), 0..6),
        mut edits in proptest::collection::vec(edit(), 1..8),
    ) {
        for edit in &mut edits {
            edit.ours = true;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(first, edits));
    }
}
