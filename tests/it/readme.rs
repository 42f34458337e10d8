//! The README against the program: what there is stands in it, and what stands in it is there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use loop_orchestration::config::{Config, KEYS};
use loop_orchestration::engine::loops::{Rule, rules};
use loop_orchestration::error::ErrorKind;

const README: &str = include_str!("../../README.md");

/// The lines below a heading, down to the next one.
fn section(heading: &str) -> Vec<&'static str> {
    let lines: Vec<_> = README
        .lines()
        .skip_while(|line| line.trim_start_matches('#').trim() != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .collect();
    assert!(!lines.is_empty(), "there is no section '{heading}'");
    lines
}

/// The cells of each row of the tables below a heading, without the heads.
fn rows(heading: &str) -> Vec<Vec<String>> {
    section(heading)
        .into_iter()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.replace("\\|", "/")
                .trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

/// What stands between single backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn help(verbs: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_loop"))
        .args(verbs)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{verbs:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn verbs(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// `-C`, `--project` and the like, each at the beginning of a word.
fn options(text: &str) -> BTreeSet<String> {
    text.split(|c: char| c.is_whitespace() || "`,[]()/|…".contains(c))
        .filter(|word| {
            let name = word.trim_start_matches('-');
            let dashes = word.len() - name.len();
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
            is_name && (dashes == 2 || (dashes == 1 && name.len() == 1))
        })
        .map(|word| word.trim_end_matches(['.', ':', ';']).to_owned())
        .collect()
}

/// Options of a help text: what stands at the beginning of its lines.
fn listed(help: &str) -> BTreeSet<String> {
    help.lines()
        .filter(|line| line.trim_start().starts_with('-'))
        .flat_map(|line| {
            options(
                line.split("  ")
                    .find(|part| !part.is_empty())
                    .unwrap_or(line),
            )
        })
        .collect()
}

/// Verbs that the help does not show.
const HIDDEN: [&str; 7] = [
    "completions",
    "man",
    "debug",
    "tell",
    "stop",
    "fork",
    "replay",
];

/// Every command with its help.
fn commands() -> Vec<(String, String)> {
    let top = help(&[]);
    let shown = verbs(&top).into_iter().filter(|verb| verb != "help");
    let hidden = HIDDEN.map(str::to_owned);
    let mut all = vec![(String::new(), top.clone())];
    for verb in shown.chain(hidden) {
        let text = help(&[&verb]);
        for inner in verbs(&text).iter().filter(|inner| *inner != "help") {
            all.push((format!("{verb} {inner}"), help(&[&verb, inner])));
        }
        all.push((verb, text));
    }
    all
}

#[test]
fn every_command_and_option_stands_in_it() {
    let tables: Vec<String> = rows("Commands")
        .into_iter()
        .chain(rows("Options of start and resume"))
        .map(|row| row.join(" "))
        .collect();
    let written = tables.join("\n");
    let named = options(&written);
    for (command, help) in commands() {
        let has_verbs = !verbs(&help).is_empty();
        let line = format!("`loop {command}");
        assert!(
            has_verbs || written.contains(&line),
            "no {line}` in the README"
        );
        for option in listed(&help) {
            assert!(
                named.contains(&option),
                "no {option} of {line}` in the README"
            );
        }
    }
}

#[test]
fn every_command_and_option_in_it_exists() {
    let mut known: BTreeSet<String> = commands()
        .iter()
        .flat_map(|(_, help)| listed(help))
        .collect();
    // An alias, which the help does not show.
    known.insert("--max-iterations".to_owned());
    let commands: BTreeSet<String> = commands().into_iter().map(|(name, _)| name).collect();
    for row in rows("Options of start and resume") {
        for option in options(&row[0]) {
            assert!(known.contains(&option), "there is no option {option}");
        }
    }
    for row in rows("Commands") {
        for option in options(&row.join(" ")) {
            assert!(known.contains(&option), "there is no option {option}");
        }
        for line in code(&row[0]).filter(|line| !line.contains(['"', '-'])) {
            let words: Vec<&str> = line
                .split_whitespace()
                .skip(1)
                .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
                .collect();
            let name = words.join(" ");
            assert!(
                commands.contains(&name) || name == "help",
                "there is no `{line}`"
            );
        }
    }
}

#[test]
fn every_key_stands_in_it_with_its_default() {
    let defaults = serde_yaml::to_value(Config::default()).unwrap();
    let keys: Vec<String> = rows("Configuration")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let known: Vec<String> = KEYS.iter().map(|key| format!("`{}`", key.path())).collect();
    assert_eq!(keys, known);
    for (key, row) in KEYS.iter().zip(rows("Configuration")) {
        let default = &defaults[key.group][key.name];
        let written = match code(&row[1]).next() {
            Some(text) => serde_yaml::from_str(text).unwrap(),
            None => serde_yaml::Value::Null,
        };
        assert_eq!(*default, written, "{}", key.path());
    }
}

#[test]
fn every_rule_against_circles_stands_in_it_with_its_counts() {
    const HEADING: &str = "What stops a run that goes in circles";
    let known: Vec<Vec<String>> = Rule::ALL
        .into_iter()
        .map(|rule| {
            let entry = rules().entry(rule);
            let told: Vec<String> = entry.say.iter().map(|say| say.at.to_string()).collect();
            vec![
                format!("`{}`", rule.name()),
                entry.what.clone(),
                format!("at {}", told.join(", ")),
                format!("at {}", entry.end),
            ]
        })
        .collect();
    assert_eq!(rows(HEADING), known);
    let words = section(HEADING).join(" ");
    let limits = rules().repeats;
    assert_eq!((limits.text.times, limits.thinking.times), (4, 4));
    let thousands = |bytes: u64| format!("{},{:03} bytes of", bytes / 1000, bytes % 1000);
    for number in [
        "four repeats".to_owned(),
        format!("{} text", thousands(limits.text.bytes)),
        format!("{} thinking", thousands(limits.thinking.bytes)),
        format!("{} % of `model.num_predict`", rules().thinking.percent),
    ] {
        assert!(words.contains(&number), "{number} is not in {words}");
    }
}

#[test]
fn every_exit_code_stands_in_it() {
    let codes: Vec<String> = rows("Exit codes")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let mut known = vec![0];
    known.extend(
        [
            ErrorKind::Incomplete,
            ErrorKind::Usage,
            ErrorKind::NeedsInput,
            ErrorKind::Limit,
            ErrorKind::Model,
            ErrorKind::Session,
            ErrorKind::Bug,
            ErrorKind::Interrupted,
        ]
        .map(ErrorKind::code),
    );
    let known: Vec<String> = known.iter().map(u8::to_string).collect();
    assert_eq!(codes, known);
}

#[test]
fn it_has_one_command_that_runs_the_tests() {
    let (_, after) = README.split_once("\n<!-- test command -->\n").unwrap();
    assert!(after.starts_with("```sh\ncargo test\n```\n"), "{after:.40}");
}

/// `[words](target)`, outside of fences.
fn links() -> Vec<(&'static str, &'static str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in README.lines() {
        fenced ^= line.starts_with("```");
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let Some(from) = line[..at].rfind('[') else {
                continue;
            };
            let target = line[at + 2..].split(')').next().unwrap_or_default();
            found.push((&line[from + 1..at], target));
        }
    }
    found
}

#[test]
fn every_link_leads_somewhere_and_every_test_it_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut inside = 0;
    for (words, target) in links() {
        if target.starts_with("https://") {
            continue;
        }
        inside += 1;
        if let Some(heading) = target.strip_prefix('#') {
            let is_heading = |line: &str| {
                line.starts_with('#')
                    && line
                        .trim_start_matches('#')
                        .trim()
                        .to_lowercase()
                        .replace(' ', "-")
                        == heading
            };
            assert!(README.lines().any(is_heading), "no heading {target}");
            continue;
        }
        let path = root.join(target);
        assert!(path.exists(), "{target} does not exist");
        if let Some(test) = code(words).next() {
            let source = std::fs::read_to_string(&path).unwrap();
            assert!(
                source.contains(&format!("fn {test}(")),
                "{target} has no test {test}"
            );
        }
    }
    assert!(inside > 10, "{inside} links");
}

#[test]
fn every_benchmark_it_names_is_there() {
    let manifest = include_str!("../../Cargo.toml");
    assert!(!README.contains("@@"), "something is still to be filled in");
    for (at, before) in README.match_indices("--bench ") {
        let name: String = README[at + before.len()..]
            .chars()
            .take_while(char::is_ascii_lowercase)
            .collect();
        let entry = format!("[[bench]]\nname = \"{name}\"");
        assert!(
            name.is_empty() || manifest.contains(&entry),
            "no benchmark {name}"
        );
    }
}
