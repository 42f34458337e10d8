//! Checks of a plan that are ahead of their time: a ticket can never pass one that names a file which
//! only a later ticket writes.

use crate::engine::artifact::{Plan, PlanTicket, Tickets};
use crate::engine::guard::picked;
use crate::engine::picture::{Extent, Picture};

/// What is wrong with such checks, one sentence each. Where it is not known which files are there
/// already, nothing is.
pub(super) fn faults(plan: &Plan, tickets: &Tickets, picture: Option<&Picture>) -> Vec<String> {
    let Some(picture) = picture.filter(|picture| is_whole(picture)) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for (place, ticket) in plan.tickets.iter().enumerate() {
        let writes = |of: &PlanTicket, path: &str| {
            let listed = tickets.tickets.iter().find(|listed| listed.id == of.id);
            let mut listed = listed.iter().flat_map(|listed| &listed.files);
            of.files.iter().any(|file| plain(&file.path) == path)
                || listed.any(|file| plain(file) == path)
        };
        let (now, later) = plan.tickets.split_at(place + 1);
        for (command, path) in ticket.verify.iter().flat_map(places) {
            let is_there = picture.layout.contains(&path);
            if is_there || now.iter().any(|of| writes(of, &path)) {
                continue;
            }
            if let Some(other) = later.iter().find(|of| writes(of, &path)) {
                faults.push(format!(
                    "the command '{command}' in 'verify' of ticket {} names {path}, which is written only later, by ticket {}; check with tests that {} writes itself",
                    ticket.id, other.id, ticket.id
                ));
            }
        }
    }
    faults
}

/// Every place that a command names, with the command.
fn places(command: &String) -> Vec<(&String, String)> {
    let named = picked(command).into_iter();
    let places = named.flat_map(|one| one.places);
    places.map(|place| (command, place.path)).collect()
}

/// Whether all files of the project are known.
fn is_whole(picture: &Picture) -> bool {
    picture.is_empty()
        || picture.extent == Extent::Whole
            && u64::try_from(picture.layout.len()).is_ok_and(|seen| seen == picture.files)
}

fn plain(path: &str) -> &str {
    path.trim_start_matches("./")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::artifact::FileChange;

    fn ticket(id: &str, file: &str, verify: &[&str]) -> PlanTicket {
        PlanTicket {
            id: id.to_owned(),
            files: vec![FileChange {
                path: file.to_owned(),
                change: "write".to_owned(),
            }],
            verify: verify.iter().map(|line| (*line).to_owned()).collect(),
            ..PlanTicket::default()
        }
    }

    fn said(first: &[&str], second: &[&str], layout: &[&str]) -> Vec<String> {
        let plan = Plan {
            tickets: vec![
                ticket("T1", "test_a.py", first),
                ticket("T2", "test_b.py", second),
            ],
            ..Plan::default()
        };
        let picture = Picture {
            files: layout.len() as u64,
            layout: layout.iter().map(|path| (*path).to_owned()).collect(),
            ..Picture::default()
        };
        faults(&plan, &Tickets::default(), Some(&picture))
    }

    #[test]
    fn a_check_of_what_comes_later_goes_back() {
        let both = "python3 -m pytest -q test_a.py test_b.py";
        let none: [String; 0] = [];
        assert_eq!(
            said(&[both], &[both], &[]),
            [
                "the command 'python3 -m pytest -q test_a.py test_b.py' in 'verify' of ticket T1 names test_b.py, which is written only later, by ticket T2; check with tests that T1 writes itself"
            ]
        );
        assert_eq!(
            said(&["python3 -m unittest test_b"], &[], &["a.py"]).len(),
            1
        );
        assert_eq!(
            said(&["pytest -q test_a.py"], &["pytest test_a.py"], &[]),
            none
        );
        assert_eq!(said(&["pytest -q test_c.py", "pytest"], &[], &[]), none);
        // It was there before.
        assert_eq!(said(&[both], &[], &["test_b.py"]), none);
    }

    #[test]
    fn where_files_are_not_known_nothing_is_said() {
        let plan = Plan {
            tickets: vec![
                ticket("T1", "a.py", &["pytest test_b.py"]),
                ticket("T2", "test_b.py", &[]),
            ],
            ..Plan::default()
        };
        let large = Picture {
            files: 900,
            layout: vec!["src/".to_owned()],
            ..Picture::default()
        };
        let none = Tickets::default();
        assert!(faults(&plan, &none, Some(&large)).is_empty());
        assert!(faults(&plan, &none, None).is_empty());
        assert_eq!(faults(&plan, &none, Some(&Picture::default())).len(), 1);
    }
}
