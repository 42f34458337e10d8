//! Hooks of pytest that decide which tests run and how they end, wherever they stand: in a
//! `conftest.py`, or in a module that pytest is told to load.

use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::name;
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::language::Language;
use crate::engine::guard::scene::Scene;
use crate::engine::guard::source::code::Code;

/// Hooks that stand in the place of a test's own outcome; elsewhere than in a `conftest.py`.
const HOOKS: &[&str] = &[
    "pytest_runtest_makereport",
    "pytest_pyfunc_call",
    "pytest_runtest_protocol",
    "pytest_cmdline_main",
    "pytest_ignore_collect",
    "pytest_report_teststatus",
    "pytest_runtest_call",
    "pytest_runtestloop",
    "pytest_collection",
    "pytest_exception_interact",
    "pytest_pycollect_makeitem",
];

/// What hooks that may be innocent do to tests: as it stands in the code, without blanks.
const DONE: &[&str] = &[
    ".runtest=",
    ".outcome=",
    ".excinfo=",
    "setattr(item",
    ".option.keyword=",
    ".option.markexpr=",
    ".option.deselect=",
    ".option.ignore=",
    ".option.collectonly=",
    ".option.file_or_dir=",
    "config.args=",
];

/// The same, in any file with hooks: tests are taken out, or the end is another.
pub(super) const TAKEN_OUT: &[&str] = &[
    "items[:]=",
    "items.clear(",
    "items.remove(",
    "items.pop(",
    "delitems",
    "pytest_deselected(",
    "session.exitstatus=",
];

/// Where modules are named that pytest loads, besides the files that were changed.
const NAMING: &[&str] = &[
    "conftest.py",
    "tests/conftest.py",
    "test/conftest.py",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "setup.py",
    "Makefile",
];

/// What in a file decides in the place of tests, and was not there before.
pub(in crate::engine::guard) fn plugged_in(file: &Changed, scene: &Scene<'_>) -> Option<Finding> {
    let path = file.path.as_str();
    let text = file.now.as_ref().and_then(Content::text)?;
    if Language::of(path) != Some(Language::Python) || !text.contains("pytest_") {
        return None;
    }
    let is_conftest = name(path) == "conftest.py";
    if !is_conftest && !is_loaded(path, scene) {
        return None;
    }
    let signs = |text: &str| -> Vec<(usize, String)> {
        let code = Code::read(text, Language::Python);
        let lines = code.lines().enumerate();
        let decides = lines.filter(|(_, line)| {
            let bare: String = code.bare(line.clone()).split_whitespace().collect();
            let does = |sign: &str| {
                let mut rest = bare.match_indices(sign);
                rest.any(|(at, _)| {
                    !bare[at + sign.len()..].starts_with('=') || !sign.ends_with('=')
                })
            };
            let is_hook = |hook: &str| bare.starts_with(&format!("def{hook}("));
            // What a `conftest.py` must not define is looked for elsewhere.
            let hooks = if is_conftest {
                &HOOKS[HOOKS.len() - 1..]
            } else {
                HOOKS
            };
            DONE.iter().chain(TAKEN_OUT).any(|sign| does(sign))
                || hooks.iter().any(|hook| is_hook(hook))
        });
        let said = decides.map(|(number, line)| (number + 1, code.text[line].trim().to_owned()));
        said.collect()
    };
    let old = file
        .before
        .as_ref()
        .and_then(Content::text)
        .map(signs)
        .unwrap_or_default();
    let mut new = signs(text).into_iter();
    let (line, sign) = new.find(|(_, sign)| !old.iter().any(|(_, other)| other == sign))?;
    let what = format!(
        "`{path}`, line {line}: `{sign}`, in what pytest loads, decides the outcome of tests without them"
    );
    Some(Finding::new(Rule::Rigged, what))
}

/// Whether something tells pytest to load a module.
fn is_loaded(path: &str, scene: &Scene<'_>) -> bool {
    let stem = name(path).trim_end_matches(".py");
    let tells = |text: &str| {
        text.lines().any(|line| {
            let loads = [
                "plugins", "PLUGINS", "pytest11", "-p ", "-p=", "import ", "entry",
            ];
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let mut words = line.split(|c: char| !is_word(c));
            words.any(|word| word == stem) && loads.iter().any(|word| line.contains(word))
        })
    };
    let is_naming = |file: &&Changed| {
        let name = name(&file.path);
        NAMING.iter().any(|known| known.ends_with(name))
            || name
                .rsplit_once('.')
                .is_some_and(|(_, ending)| ending == "mk")
    };
    let changed = scene.changed.iter().filter(is_naming);
    let mut changed = changed.filter_map(|file| file.now.as_ref().and_then(Content::text));
    changed.any(|text| tells(text) || tells_over_lines(text, stem))
        || NAMING
            .iter()
            .filter_map(|path| (scene.read)(path))
            .any(|text| tells(&text) || tells_over_lines(&text, stem))
        || scene.commands.iter().any(|command| tells(command))
}

/// Names that stand below the word that says what they are for.
fn tells_over_lines(text: &str, stem: &str) -> bool {
    let after = text.split_once("pytest_plugins").map(|(_, after)| after);
    after.is_some_and(|after| {
        let near: String = after.chars().take(300).collect();
        let mut words = near.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == stem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guard::words::announced::Announcement;

    fn is_found(path: &str, text: &str, conftest: &str, command: &str) -> bool {
        let file = |path: &str, text: &str| Changed {
            path: path.to_owned(),
            before: None,
            now: Some(Content::Text(text.to_owned())),
        };
        let changed = [file("conftest.py", conftest), file(path, text)];
        let scene = Scene {
            changed: &changed,
            announced: &Announcement::default(),
            commands: &[command.to_owned()],
            read: &|_| None,
        };
        plugged_in(&changed[1], &scene).is_some()
    }

    #[test]
    fn hooks_decide_from_wherever_pytest_loads_them() {
        let runs_nothing = "def pytest_runtest_setup(item):\n    item.runtest = lambda: None\n";
        let reports = "def pytest_runtest_makereport(item, call):\n    pass\n";
        for (path, text, conftest, command) in [
            ("conftest.py", runs_nothing, "", ""),
            ("support.py", runs_nothing, "from support import *\n", ""),
            ("support.py", reports, "pytest_plugins = ['support']\n", ""),
            (
                "support.py",
                reports,
                "pytest_plugins = [\n    'support',\n]\n",
                "",
            ),
            ("support.py", reports, "", "pytest -p support"),
            (
                "conftest.py",
                "def pytest_configure(config):\n    config.option.keyword = 'half'\n",
                "",
                "",
            ),
            (
                "tests/conftest.py",
                "def pytest_pycollect_makeitem(collector, name, obj):\n    return []\n",
                "",
                "",
            ),
            (
                "conftest.py",
                "def pytest_runtest_logreport(report):\n    report.outcome = 'passed'\n",
                "",
                "",
            ),
        ] {
            assert!(is_found(path, text, conftest, command), "{path}: {text}");
        }
        for (path, text, conftest) in [
            (
                "timing.py",
                "def pytest_runtest_setup(item):\n    item.started = 1\n",
                "pytest_plugins = ['timing']\n",
            ),
            ("support.py", reports, ""),
            (
                "conftest.py",
                "def pytest_configure(config):\n    config.option.verbose = 1\n    assert config.option.keyword == ''\n",
                "",
            ),
            (
                "conftest.py",
                "def pytest_addoption(parser):\n    parser.addoption('--slow')\n",
                "",
            ),
            (
                "conftest.py",
                "def pytest_collect_file(file_path, parent):\n    return None\n",
                "",
            ),
        ] {
            assert!(!is_found(path, text, conftest, ""), "{path}: {text}");
        }
    }
}
