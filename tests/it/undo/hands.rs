//! Any work of several tickets, any undo and any putting there again, and a person's hand between
//! them: a file that only we wrote comes back, and what a person wrote last is never overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use loop_orchestration::git::{Snapshots, Standing, Step, Stretch, Touched};
use proptest::prelude::*;

use super::ground;

const PATHS: [&str; 3] = ["a", "b", "folder/c"];

#[derive(Clone, Debug)]
enum Hand {
    /// A ticket gives a file this content, or removes it.
    Works(usize, usize, Option<u8>),
    /// What a ticket made is taken back; none: of all.
    Undoes(Option<usize>),
    Redoes,
    /// A person writes what nobody wrote before.
    Writes(usize),
}

fn hand() -> impl Strategy<Value = Hand> {
    let content = proptest::option::weighted(0.8, 0..3_u8);
    prop_oneof![
        5 => (0..3_usize, 0..PATHS.len(), content).prop_map(|(t, p, c)| Hand::Works(t, p, c)),
        3 => proptest::option::weighted(0.8, 0..3_usize).prop_map(Hand::Undoes),
        2 => Just(Hand::Redoes),
        1 => (0..PATHS.len()).prop_map(Hand::Writes),
    ]
}

fn write(root: &Path, path: usize, content: Option<&str>) {
    let path = root.join(PATHS[path]);
    match content {
        Some(text) => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        None if path.exists() => fs::remove_file(path).unwrap(),
        None => {}
    }
}

fn seen(root: &Path) -> BTreeMap<&'static str, String> {
    let read = |path: &'static str| Some((path, fs::read_to_string(root.join(path)).ok()?));
    PATHS.into_iter().filter_map(read).collect()
}

/// What was done, as a session knows it.
enum Did {
    Worked(usize, Stretch),
    TookBack(Option<usize>, Stretch),
    PutAgain(Stretch),
}

fn steps(did: &[Did], of: Option<usize>) -> Vec<Step> {
    let step = |did: &Did| match did {
        Did::Worked(ticket, stretch) => of
            .is_none_or(|of| of == *ticket)
            .then(|| Step::Work(stretch.clone())),
        Did::TookBack(taken, stretch) => Some(Step::Back {
            stretch: stretch.clone(),
            is_whole: taken.is_none() || *taken == of,
        }),
        Did::PutAgain(stretch) => Some(Step::Again(stretch.clone())),
    };
    did.iter().filter_map(step).collect()
}

/// Puts back what stands as it was left.
async fn put(snapshots: &mut Snapshots, mut files: Vec<Touched>) -> Option<Stretch> {
    files.retain(|file| file.standing == Standing::AsLeft);
    let from = snapshots.take().await.unwrap();
    let restored = snapshots.put_back(files).await.unwrap();
    assert!(restored.left_alone.is_empty());
    let to = snapshots.take().await.unwrap();
    let paths: BTreeSet<PathBuf> = restored.restored.into_iter().collect();
    (!paths.is_empty()).then_some(Stretch { from, to, paths })
}

async fn check(first: [Option<u8>; 3], mut hands: Vec<Hand>) {
    let (_place, root, mut snapshots) = ground();
    for (path, content) in first.iter().enumerate() {
        write(&root, path, content.map(|c| format!("{c}")).as_deref());
    }
    let start = seen(&root);
    let (mut did, mut stack) = (Vec::new(), Vec::new());
    // Who wrote last, and whether a person ever did.
    let (mut persons, mut ever) = (BTreeSet::new(), BTreeSet::new());
    hands.push(Hand::Undoes(None));
    for (number, hand) in hands.into_iter().enumerate() {
        let before = seen(&root);
        match hand {
            Hand::Works(ticket, path, content) => {
                let from = snapshots.take().await.unwrap();
                write(&root, path, content.map(|c| format!("{c}")).as_deref());
                let to = snapshots.take().await.unwrap();
                let paths = BTreeSet::from([PathBuf::from(PATHS[path])]);
                if from != to {
                    persons.remove(PATHS[path]);
                    did.push(Did::Worked(ticket, Stretch { from, to, paths }));
                }
            }
            Hand::Undoes(of) => {
                let files = snapshots.touched_by(&steps(&did, of)).await.unwrap();
                if let Some(stretch) = put(&mut snapshots, files).await {
                    stack.push(stretch.clone());
                    did.push(Did::TookBack(of, stretch));
                }
            }
            Hand::Redoes => {
                let Some(last) = stack.pop() else { continue };
                let files = snapshots.touched(&[last]).await.unwrap();
                if let Some(stretch) = put(&mut snapshots, files).await {
                    did.push(Did::PutAgain(stretch));
                }
            }
            Hand::Writes(path) => {
                write(&root, path, Some(&format!("a person, {number}")));
                persons.insert(PATHS[path]);
                ever.insert(PATHS[path]);
            }
        }
        let after = seen(&root);
        for path in PATHS.iter().filter(|path| persons.contains(*path)) {
            let is_theirs = after[path].starts_with("a person");
            assert!(is_theirs, "{path}: {:?}", after.get(path));
            if before
                .get(path)
                .is_some_and(|text| text.starts_with("a person"))
            {
                let wrote_again = after[path] == format!("a person, {number}");
                assert!(wrote_again || before[path] == after[path], "{path}");
            }
        }
    }
    let end = seen(&root);
    for path in PATHS.into_iter().filter(|path| !ever.contains(path)) {
        assert_eq!(end.get(path), start.get(path), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_only_we_wrote_comes_back_and_what_a_person_wrote_stays(
        first in proptest::array::uniform3(proptest::option::of(0..3_u8)),
        hands in proptest::collection::vec(hand(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(first, hands));
    }
}
