//! `tickets.json` and `tickets.md`: the work in pieces. Owns what is accepted of a model: ids and
//! order are the program's, references must lead somewhere, every feature is covered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{Fields, one_line};
use super::markdown;
use super::order::order;
use super::paths::project_path;
use super::prd::{Feature, Prd};
use super::references::{Named, resolve};

/// The most tickets of a session.
pub const MAX_TICKETS: usize = 30;

/// The work in pieces, in the order in which it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickets {
    /// Every ticket after those it depends on.
    pub tickets: Vec<Ticket>,
}

/// A piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ticket {
    /// `T1`, `T2`, …: given by the program, in order.
    pub id: String,
    /// In a few words; unique.
    pub title: String,
    /// In full.
    pub description: String,
    /// Ids of the features it is for.
    pub features: Vec<String>,
    /// Facts that can be checked.
    pub acceptance_criteria: Vec<String>,
    /// Ids of the tickets that come first.
    pub depends_on: Vec<String>,
    /// Paths it will probably touch: a hint.
    pub files: Vec<String>,
}

/// The tickets a model filled in, numbered anew in an order that can be worked through, or what
/// is wrong with them. Faults speak of tickets by the ids the model gave them.
pub fn accept_tickets(value: &Value, prd: &Prd) -> Result<Tickets, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the reply", &mut faults) else {
        return Err(faults);
    };
    let entries = fields.required_entries("tickets", &mut faults);
    if entries.is_empty() && faults.is_empty() {
        faults.push("there are no tickets; add at least one".to_owned());
    }
    if entries.len() > MAX_TICKETS {
        return Err(vec![format!(
            "there are {} tickets; join small ones until there are at most {MAX_TICKETS}",
            entries.len()
        )]);
    }
    let mut tickets: Vec<Ticket> = entries
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| read_ticket(place, entry, &mut faults))
        .collect();
    check_titles(&tickets, &mut faults);
    name_features(&mut tickets, prd, &mut faults);
    for feature in uncovered(&prd.features, &tickets) {
        faults.push(format!(
            "no ticket covers feature {0} ({1}); write a ticket for it, or name {0} in a ticket whose description and criteria then say what {0} needs",
            feature.id, feature.title
        ));
    }
    let depends_on = read_dependencies(&tickets, &mut faults);
    match order(&depends_on) {
        Ok(order) if faults.is_empty() => Ok(numbered(&tickets, &depends_on, &order)),
        Ok(_) => Err(faults),
        Err(circle) => {
            let circle: Vec<&str> = circle.iter().map(|&at| tickets[at].id.as_str()).collect();
            faults.push(format!(
                "tickets wait for each other in a circle: {}; remove one of these dependencies",
                circle.join(" → ")
            ));
            Err(faults)
        }
    }
}

/// A ticket with the model's own id and references.
fn read_ticket(place: usize, entry: &Value, faults: &mut Vec<String>) -> Option<Ticket> {
    let own_id = entry.get("id").map_or(String::new(), |id| match id {
        Value::String(id) => one_line(id),
        Value::Number(number) => format!("T{number}"),
        _ => String::new(),
    });
    let id = if own_id.is_empty() {
        ticket_id(place)
    } else {
        own_id
    };
    let fields = Fields::of(entry, &format!("ticket {id}"), faults)?;
    let ticket = Ticket {
        title: fields.required_line("title", faults),
        description: fields.paragraphs("description", faults),
        features: fields.lines("features", faults),
        acceptance_criteria: fields.lines("acceptance_criteria", faults),
        depends_on: fields.lines("depends_on", faults),
        // Only hints: what lies outside is left out here, the plan is where paths are checked.
        files: fields
            .lines("files", faults)
            .iter()
            .filter_map(|path| project_path(path).ok()) // silent-ok: see above
            .collect(),
        id,
    };
    if ticket.acceptance_criteria.is_empty() {
        faults.push(format!(
            "ticket {} has no acceptance_criteria; add at least one fact a test can check",
            ticket.id
        ));
    }
    Some(ticket)
}

fn check_titles(tickets: &[Ticket], faults: &mut Vec<String>) {
    for (place, ticket) in tickets.iter().enumerate() {
        let same = |other: &&Ticket| other.title.to_lowercase() == ticket.title.to_lowercase();
        if let Some(first) = tickets[..place]
            .iter()
            .find(same)
            .filter(|_| !ticket.title.is_empty())
        {
            faults.push(format!(
                "tickets {} and {} have the same title '{}'; join them or give each its own",
                first.id, ticket.id, ticket.title
            ));
        }
    }
}

/// Puts the program's feature ids in place of whatever the model wrote.
fn name_features(tickets: &mut [Ticket], prd: &Prd, faults: &mut Vec<String>) {
    let features: Vec<Named<'_>> = prd
        .features
        .iter()
        .map(|feature| Named {
            id: &feature.id,
            title: &feature.title,
        })
        .collect();
    for ticket in tickets {
        let mut ids: Vec<String> = Vec::new();
        for reference in &ticket.features {
            match resolve(reference, &features) {
                Ok(place) => {
                    let id = prd.features[place].id.clone();
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                Err(why) => faults.push(format!("ticket {} is for feature {why}", ticket.id)),
            }
        }
        ticket.features = ids;
    }
}

/// The features that no ticket names.
pub fn uncovered<'a>(features: &'a [Feature], tickets: &[Ticket]) -> Vec<&'a Feature> {
    let is_covered = |feature: &&Feature| {
        !tickets
            .iter()
            .any(|ticket| ticket.features.contains(&feature.id))
    };
    features.iter().filter(is_covered).collect()
}

/// The places each ticket depends on.
fn read_dependencies(tickets: &[Ticket], faults: &mut Vec<String>) -> Vec<Vec<usize>> {
    let named: Vec<Named<'_>> = tickets
        .iter()
        .map(|ticket| Named {
            id: &ticket.id,
            title: &ticket.title,
        })
        .collect();
    let mut depends_on = vec![Vec::new(); tickets.len()];
    for (place, ticket) in tickets.iter().enumerate() {
        for reference in &ticket.depends_on {
            match resolve(reference, &named) {
                Ok(need) if need == place => faults.push(format!(
                    "ticket {} depends on itself; remove that from its depends_on",
                    ticket.id
                )),
                Ok(need) if depends_on[place].contains(&need) => {}
                Ok(need) => depends_on[place].push(need),
                Err(why) => faults.push(format!("ticket {} depends on {why}", ticket.id)),
            }
        }
    }
    depends_on
}

/// The tickets in that order, with the program's ids everywhere.
fn numbered(tickets: &[Ticket], depends_on: &[Vec<usize>], order: &[usize]) -> Tickets {
    let mut ids = vec![String::new(); tickets.len()];
    for (number, &place) in order.iter().enumerate() {
        ids[place] = ticket_id(number);
    }
    let renamed = |&place: &usize| Ticket {
        id: ids[place].clone(),
        depends_on: depends_on[place]
            .iter()
            .map(|&need| ids[need].clone())
            .collect(),
        ..tickets[place].clone()
    };
    Tickets {
        tickets: order.iter().map(renamed).collect(),
    }
}

fn ticket_id(place: usize) -> String {
    format!("T{}", place + 1)
}

/// The tickets as a person reads them.
pub fn render_tickets(tickets: &Tickets) -> String {
    let mut out = String::new();
    markdown::heading(&mut out, 1, "Tickets");
    for ticket in &tickets.tickets {
        markdown::heading(&mut out, 2, &format!("{}: {}", ticket.id, ticket.title));
        markdown::text(&mut out, &ticket.description);
        let facts: Vec<String> = [
            ("Features", &ticket.features),
            ("Depends on", &ticket.depends_on),
            ("Files", &ticket.files),
        ]
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(name, items)| format!("{name}: {}", items.join(", ")))
        .collect();
        if !facts.is_empty() {
            markdown::list(&mut out, &facts);
        }
        markdown::labelled_list(&mut out, markdown::CRITERIA, &ticket.acceptance_criteria);
    }
    out
}

#[cfg(test)]
mod tests;
