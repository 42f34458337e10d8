//! What a typed line means for a document that is to be approved, and for a plan: which tickets, in
//! which order. The same words count at a prompt and in an answer from elsewhere. An order in which a
//! ticket comes before what it needs is not approved.

use super::ask::Verdict;

/// How the tickets that another one needs stand behind its title.
const AFTER: &str = " (after ";

/// A ticket as it stands in an arrangement: its id, its title and what it needs.
pub fn entry(id: &str, title: &str, needs: &[String]) -> String {
    match needs {
        [] => format!("{id} {title}"),
        needs => format!("{id} {title}{AFTER}{})", needs.join(", ")),
    }
}

/// The tickets as they stand now; each as [`entry`] writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrangement {
    original: Vec<String>,
    /// Those that stay, in their order.
    pub tickets: Vec<String>,
    /// Those that were taken out.
    pub dropped: Vec<String>,
}

/// What a typed line has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The arrangement has changed.
    Changed,
    /// The person has decided.
    Decided(Verdict),
    /// A sentence of guidance is wanted.
    NeedsGuidance,
    /// The document is to be edited.
    Edit,
    /// The person wants to know why.
    Why,
    /// Leave, and decide later.
    Leave,
    /// Not understood, or not possible; what to say about it.
    Unclear(String),
}

/// A decision about a document, which is the part that a plan's approval shares with others.
pub fn decide(line: &str) -> Step {
    let line = line.trim();
    let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match (command.to_ascii_lowercase().as_str(), rest) {
        ("a" | "approve" | "y" | "yes", "") => Step::Decided(Verdict::Approve),
        ("e" | "edit", "") => Step::Edit,
        ("q" | "quit", "") => Step::Leave,
        ("?" | "why", "") => Step::Why,
        ("s" | "send", "" | "back") => Step::NeedsGuidance,
        ("s" | "send", guidance) => revise(guidance.strip_prefix("back ").unwrap_or(guidance)),
        ("", _) => {
            Step::Unclear("Nothing is approved by an empty line: type `a` for that.".to_owned())
        }
        _ => Step::Unclear(format!(
            "`{line}` is none of the choices. To send it back with that, type: s {line}"
        )),
    }
}

/// The verdict that sends a document back.
pub fn revise(guidance: &str) -> Step {
    Step::Decided(Verdict::Revise {
        guidance: guidance.trim().to_owned(),
    })
}

impl Arrangement {
    /// The plan as it was written.
    pub fn new(tickets: &[String]) -> Self {
        Self {
            original: tickets.to_vec(),
            tickets: tickets.to_vec(),
            dropped: Vec::new(),
        }
    }

    /// Whether a text means the tickets, and is no sentence about something else: it begins with a
    /// command, and a ticket is named behind it, or what looks like the name of one.
    pub fn is_meant_by(&self, text: &str) -> bool {
        let mut words = text.split([' ', ',', ';', '\t', '\n']);
        let command = words.next().unwrap_or_default().to_ascii_lowercase();
        matches!(command.as_str(), "drop" | "order" | "up" | "down" | "reset")
            && words.any(|word| {
                let mut tickets = self.original.iter();
                looks_like_an_id(word)
                    || tickets.any(|ticket| id(ticket).eq_ignore_ascii_case(word))
            })
    }

    /// What is to be known about it as it stands: who comes before what they need, and who needs
    /// what was dropped.
    pub fn remarks(&self) -> Vec<String> {
        let dropped = self.dropped.iter().map(|ticket| id(ticket));
        let dropped: Vec<&str> = dropped.collect();
        let missing = self.tickets.iter().flat_map(|ticket| {
            let gone = needs(ticket).filter(|need| dropped.contains(need));
            gone.map(|need| format!("{} was to build on {need}, which is dropped.", id(ticket)))
        });
        self.misplaced().into_iter().chain(missing).collect()
    }

    /// Tickets that come before what they need.
    fn misplaced(&self) -> Vec<String> {
        let places = self.tickets.iter().enumerate();
        let early = places.flat_map(|(place, ticket)| {
            let later = &self.tickets[place + 1..];
            needs(ticket)
                .filter(|need| later.iter().any(|other| id(other) == *need))
                .map(|need| format!("{} needs {need}, which comes later.", id(ticket)))
        });
        early.collect()
    }

    /// Carries out one line.
    pub fn take(&mut self, line: &str) -> Step {
        let mut words = line
            .split([' ', ',', '\t', '\n'])
            .filter(|word| !word.is_empty());
        let command = words.next().unwrap_or_default().to_ascii_lowercase();
        let named: Vec<&str> = words.collect();
        match command.as_str() {
            "drop" => self.drop_tickets(&named),
            "order" => self.order(&named),
            "up" | "down" => self.shift(&command, &named),
            "reset" if named.is_empty() => {
                *self = Self::new(&self.original);
                Step::Changed
            }
            _ => match decide(line) {
                Step::Decided(Verdict::Approve) => self.approval(),
                Step::Edit => Step::Unclear(
                    "A plan is arranged with drop, up and order, or sent back with a sentence."
                        .to_owned(),
                ),
                step => step,
            },
        }
    }

    /// The yes to it as it stands, if it can be.
    pub fn approval(&self) -> Step {
        if self.tickets == self.original {
            return Step::Decided(Verdict::Approve);
        }
        let misplaced = self.misplaced();
        if !misplaced.is_empty() {
            let why = misplaced.join(" ");
            return Step::Unclear(format!("{why} Order them otherwise, or drop one."));
        }
        Step::Decided(Verdict::Arrange {
            tickets: self
                .tickets
                .iter()
                .map(|ticket| id(ticket).to_owned())
                .collect(),
        })
    }

    /// Where each named ticket stands, or what to say.
    fn places(&self, named: &[&str], usage: &str) -> Result<Vec<usize>, Step> {
        if named.is_empty() {
            return Err(Step::Unclear(format!("Which ticket? Such as: {usage}")));
        }
        let place = |name: &&str| {
            let found = self
                .tickets
                .iter()
                .position(|ticket| id(ticket).eq_ignore_ascii_case(name));
            found.ok_or_else(|| {
                let ids: Vec<&str> = self.tickets.iter().map(|ticket| id(ticket)).collect();
                let ids = ids.join(", ");
                Step::Unclear(format!(
                    "There is no ticket {name} in this plan; there are {ids}."
                ))
            })
        };
        named.iter().map(place).collect()
    }

    fn drop_tickets(&mut self, named: &[&str]) -> Step {
        let mut places = match self.places(named, "drop T2") {
            Ok(places) => places,
            Err(step) => return step,
        };
        places.sort_unstable();
        places.dedup();
        if places.len() == self.tickets.len() {
            return Step::Unclear(
                "One ticket must stay. To refuse the whole plan, send it back or quit.".to_owned(),
            );
        }
        for place in places.into_iter().rev() {
            self.dropped.push(self.tickets.remove(place));
        }
        Step::Changed
    }

    fn order(&mut self, named: &[&str]) -> Step {
        let places = match self.places(named, "order T2 T1 T3") {
            Ok(places) => places,
            Err(step) => return step,
        };
        let mut sorted = places.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != self.tickets.len() || places.len() != sorted.len() {
            let ids: Vec<&str> = self.tickets.iter().map(|ticket| id(ticket)).collect();
            return Step::Unclear(format!("Name each ticket once: {}", ids.join(" ")));
        }
        self.tickets = places
            .into_iter()
            .map(|place| self.tickets[place].clone())
            .collect();
        Step::Changed
    }

    fn shift(&mut self, command: &str, named: &[&str]) -> Step {
        let places = match self.places(named, &format!("{command} T2")) {
            Ok(places) => places,
            Err(step) => return step,
        };
        let [place] = places[..] else {
            return Step::Unclear(format!("One ticket at a time: {command} T2"));
        };
        let other = if command == "up" {
            place.checked_sub(1)
        } else {
            Some(place + 1)
        };
        match other.filter(|other| *other < self.tickets.len()) {
            Some(other) => {
                self.tickets.swap(place, other);
                Step::Changed
            }
            None => Step::Unclear("It stands at the end already.".to_owned()),
        }
    }
}

fn id(ticket: &str) -> &str {
    ticket.split_whitespace().next().unwrap_or_default()
}

fn needs(ticket: &str) -> impl Iterator<Item = &str> {
    let behind = ticket.rsplit_once(AFTER).map(|(_, needs)| needs);
    let needs = behind.and_then(|needs| needs.strip_suffix(')'));
    needs.into_iter().flat_map(|needs| needs.split(", "))
}

/// `T9`, `t12`
fn looks_like_an_id(word: &str) -> bool {
    let number = word.strip_prefix(['T', 't']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Arrangement {
        Arrangement::new(&["T1 Store", "T2 List", "T3 Docs"].map(str::to_owned))
    }

    /// Takes all lines; what the last one led to.
    fn check(lines: &[&str], expected: &Step) {
        let mut plan = plan();
        let last = lines.iter().map(|line| plan.take(line)).last();
        assert_eq!(last.as_ref(), Some(expected), "{lines:?}");
    }

    fn arranged(ids: &[&str]) -> Step {
        Step::Decided(Verdict::Arrange {
            tickets: ids.iter().map(|id| (*id).to_owned()).collect(),
        })
    }

    #[test]
    fn an_arrangement_is_approved_as_it_stands() {
        check(&["a"], &Step::Decided(Verdict::Approve));
        check(&["drop t2", "approve"], &arranged(&["T1", "T3"]));
        check(&["order T2, T1, T3", "a"], &arranged(&["T2", "T1", "T3"]));
        check(&["up T3", "a"], &arranged(&["T1", "T3", "T2"]));
        check(&["down T1", "drop T3", "a"], &arranged(&["T2", "T1"]));
        check(&["drop T2", "reset", "a"], &Step::Decided(Verdict::Approve));
        check(&["up T2", "down T2", "a"], &Step::Decided(Verdict::Approve));
    }

    #[test]
    fn impossible_arrangements_change_nothing() {
        for line in [
            "drop",
            "drop T9",
            "drop T1 T2 T3",
            "order T2 T1",
            "order T1 T1 T2 T3",
            "up T1",
            "down T3",
            "up T1 T2",
            "edit",
        ] {
            let mut taken = plan();
            assert!(matches!(taken.take(line), Step::Unclear(_)), "{line}");
            assert_eq!(taken, plan(), "{line}");
        }
    }

    #[test]
    fn no_ticket_comes_before_what_it_needs() {
        let needs = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let tickets = [
            entry("T1", "Store", &[]),
            entry("T2", "List", &needs(&["T1"])),
            entry("T3", "Docs (short)", &needs(&["T1", "T2"])),
        ];
        let after = |line: &str| {
            let mut plan = Arrangement::new(&tickets);
            assert_eq!(plan.take(line), Step::Changed, "{line}");
            plan
        };
        let mut early = after("order T2 T1 T3");
        assert_eq!(early.remarks(), ["T2 needs T1, which comes later."]);
        assert!(matches!(early.take("a"), Step::Unclear(why) if why.contains("T2 needs T1")));
        let mut without = after("drop T1");
        let both = ["T2", "T3"].map(|id| format!("{id} was to build on T1, which is dropped."));
        assert_eq!(without.remarks(), both);
        assert_eq!(without.take("a"), arranged(&["T2", "T3"]));
        assert_eq!(after("drop T3").remarks(), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_approved_or_sent_back_by_accident() {
        for line in ["", "  ", "ok then", "approve it all", "no", "quit now"] {
            assert!(matches!(decide(line), Step::Unclear(_)), "{line:?}");
        }
        assert_eq!(decide("s"), Step::NeedsGuidance);
        assert_eq!(decide("send back"), Step::NeedsGuidance);
        assert_eq!(decide("s make it smaller"), revise("make it smaller"));
        assert_eq!(
            decide("send back make it smaller"),
            revise("make it smaller")
        );
        assert_eq!(decide("q"), Step::Leave);
    }
}
