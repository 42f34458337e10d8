//! What was found in a command: the worst counts, and of the worst the first.

use super::argument::Argument;
use super::forbidden::Forbidden;
use super::verdict::{Class, Reach, Screening, Stakes};

/// So many commands and texts of one line are looked at.
const MOST_COMMANDS: u32 = 1_500;

/// Collects reasons while a command is walked through.
#[derive(Debug, Default)]
pub(super) struct Findings {
    worst: Screening,
    fetches: u32,
    program: String,
    patterns: Vec<String>,
    stakes: Stakes,
    reach: Reach,
    is_unreadable: bool,
    looked_at: u32,
    rules: Vec<Forbidden>,
    forbidden: Option<String>,
}

impl Findings {
    /// Nothing found yet; these commands are not allowed.
    pub(super) fn under(rules: &[Forbidden]) -> Self {
        Self {
            rules: rules.to_vec(),
            ..Self::default()
        }
    }

    /// Holds a command against what is not allowed.
    pub(super) fn hold(&mut self, program: &Argument, rest: &[Argument]) {
        let broken = self.rules.iter().find(|rule| rule.is_about(program, rest));
        if let Some(rule) = broken {
            let reason = rule.reason();
            self.forbidden.get_or_insert(reason);
        }
    }

    /// Counts a command or a text that is looked at. False: there were so many that no more are, as
    /// braces, loops and patterns can multiply a short line without end.
    pub(super) fn goes_on(&mut self) -> bool {
        self.looked_at += 1;
        if self.looked_at > MOST_COMMANDS {
            self.unreadable("stands for too many commands to be looked through");
        }
        self.looked_at <= MOST_COMMANDS
    }

    /// What follows is about that program.
    pub(super) fn about(&mut self, program: &str) {
        program.clone_into(&mut self.program);
    }

    /// Something a person should see first.
    pub(super) fn suspicious(&mut self, why: impl Into<String>) {
        self.add(Class::Suspicious, why);
    }

    /// The same, and what is lost by it is in no copy.
    pub(super) fn loses(&mut self, why: impl Into<String>) {
        self.stakes = Stakes::Lost;
        self.add(Class::Suspicious, why);
    }

    /// The same, and it needs other machines for it.
    pub(super) fn reaches(&mut self, why: &str) {
        self.reach = Reach::Elsewhere;
        self.suspicious(why);
    }

    /// Something that runs what nobody can know beforehand: where some commands are not allowed,
    /// it could be one of them.
    pub(super) fn obscure(&mut self, why: &str) {
        if !self.rules.is_empty() {
            self.forbidden.get_or_insert(format!(
                "{why}, and the administrator of this machine does not allow every command"
            ));
        }
        self.suspicious(why);
    }

    /// Something that cannot be looked through: a yes to it is no yes to another.
    pub(super) fn unreadable(&mut self, why: &str) {
        self.is_unreadable = true;
        self.obscure(why);
    }

    /// Something that is not done.
    pub(super) fn dangerous(&mut self, why: impl Into<String>) {
        self.add(Class::Dangerous, why);
    }

    /// A finding of that class.
    pub(super) fn add(&mut self, class: Class, why: impl Into<String>) {
        let why = why.into();
        if class == Class::Suspicious {
            let pattern = pattern(&self.program, &why);
            if !self.patterns.contains(&pattern) {
                self.patterns.push(pattern);
            }
        }
        if class > self.worst.class {
            self.worst = Screening {
                class,
                why,
                ..Screening::default()
            };
        }
    }

    /// Notes that something comes from the network.
    pub(super) const fn fetch(&mut self) {
        self.fetches += 1;
    }

    /// How many commands so far get something from the network: to be compared before and after.
    pub(super) const fn fetches(&self) -> u32 {
        self.fetches
    }

    /// The verdict.
    pub(super) fn screening(self) -> Screening {
        if let Some(why) = self.forbidden {
            return Screening {
                class: Class::Dangerous,
                why: why.clone(),
                forbidden: Some(why),
                ..Screening::default()
            };
        }
        Screening {
            patterns: if self.is_unreadable {
                Vec::new()
            } else {
                self.patterns
            },
            stakes: self.stakes,
            reach: self.reach,
            ..self.worst
        }
    }
}

/// Program and reason as one word, to be typed and to be compared. A `/` would end the name of a
/// session in `loop answer`, and a shell would replace a `~`: they become hyphens, and `~/x` and `/x` stay two.
fn pattern(program: &str, why: &str) -> String {
    let said = format!("{program} {why}").to_lowercase().replace('+', " ");
    let words = said.split_whitespace().map(|word| {
        // An option is known without its hyphens; `src-a` is not `src/a`.
        let word = if word.contains('/') {
            word
        } else {
            word.trim_start_matches('-')
        };
        word.replace('-', "+").replace('~', "--").replace('/', "-")
    });
    let words = words.collect::<Vec<_>>().join(" ");
    let is_kept = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let words = words.split(|c: char| !is_kept(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn what_differs_is_asked_about_by_another_name() {
        let of = |why: &str| pattern("rm", why);
        assert_eq!(of("removes ~/src/a"), "rm-removes----src-a");
        let places = [
            "src/a", "src-a", "src--a", "src.a", "~/src/a", "/src/a", "-src/a",
        ];
        for (at, place) in places.iter().enumerate() {
            for other in &places[at + 1..] {
                let one = of(&format!("removes {place}"));
                assert_ne!(one, of(&format!("removes {other}")), "{place} {other}");
            }
        }
    }
}
