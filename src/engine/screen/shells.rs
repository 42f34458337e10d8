//! Texts and files that a shell runs: which ones are looked through, and which nobody can know.

use super::argument::Argument;
use super::files;
use super::findings::Findings;
use super::scene::{Feed, Inner, Scene};

/// A text that is run as a command line.
pub(super) fn line(text: &Argument, scene: &Scene, findings: &mut Findings) {
    if text.fetched {
        findings.dangerous("runs what comes from the network");
    } else if text.is_dynamic() {
        findings.obscure("runs a text that is known only when it runs");
    }
    let mut inner = scene.clone();
    inner.feed = Feed::Nothing;
    inner.follow(Inner::Line(&text.text), findings);
}

/// A shell: its text, its script, or what it reads.
pub(super) fn shell(rest: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    let (options, words) = options(rest);
    let short = |letter: char| {
        options
            .iter()
            .any(|option| !option.starts_with("--") && option.contains(letter))
    };
    if short('n') && !short('c') {
        return;
    }
    files::secrets(words, scene, findings);
    if short('c') {
        if let Some(text) = words.first() {
            line(text, scene, findings);
        }
    } else if words.is_empty() || short('s') {
        feed(scene, findings);
    } else {
        script(words, scene, findings);
    }
}

/// A shell's options and what follows them. Some take the next word: `-euo pipefail` as well as
/// `--rcfile FILE`.
fn options(rest: &[Argument]) -> (Vec<&str>, &[Argument]) {
    let mut options = Vec::new();
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        let text = word.text.as_str();
        if !word.is_option() && !text.starts_with('+') {
            break;
        }
        at += 1;
        if text == "--" {
            break;
        }
        options.push(text);
        let is_long = text.starts_with("--");
        let takes_a_value =
            matches!(text, "--rcfile" | "--init-file") || (!is_long && text.ends_with(['o', 'O']));
        at += usize::from(takes_a_value);
    }
    (options, rest.get(at..).unwrap_or_default())
}

/// A shell that runs what it reads.
fn feed(scene: &Scene, findings: &mut Findings) {
    match &scene.feed {
        Feed::Nothing => {}
        Feed::Fetched => findings.dangerous("runs what comes from the network"),
        Feed::Unknown => findings.obscure("runs what another command writes"),
        Feed::Text(text) | Feed::Document(text) => {
            if matches!(scene.feed, Feed::Text(_)) {
                findings.suspicious("runs what another command writes");
            }
            let mut inner = scene.clone();
            inner.feed = Feed::Nothing;
            inner.follow(Inner::Line(text), findings);
        }
    }
}

/// A file that is run: what is in it, its name does not say.
pub(super) fn script(words: &[Argument], scene: &Scene, findings: &mut Findings) {
    let Some(file) = words.first() else { return };
    if file.fetched {
        findings.dangerous("runs what comes from the network");
    } else if matches!(file.text.as_str(), "/dev/stdin" | "-") {
        feed(scene, findings);
    } else if file.is_dynamic() {
        findings.obscure("runs a script that is known only when it runs");
    } else {
        files::read(file, scene, findings);
        written(file, scene, findings);
    }
}

/// A file that is run, if this command line has written it: then its text is known.
pub(super) fn written(file: &Argument, scene: &Scene, findings: &mut Findings) {
    let name = file.text.trim_start_matches("./");
    if let Some(text) = scene.written.get(name) {
        let mut inner = scene.clone();
        inner.feed = Feed::Nothing;
        // A script that runs itself says nothing new.
        inner.written.remove(name);
        inner.follow(Inner::Line(text), findings);
    }
}

/// Words that become one text.
pub(super) fn eval(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let text: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let joined = Argument {
        text: text.join(" "),
        glob: false,
        fetched: rest.iter().any(|word| word.fetched),
    };
    line(&joined, scene, findings);
}
