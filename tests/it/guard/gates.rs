//! Scripts, targets and tools behind a check that are made to agree.

use crate::support::todo;

use super::{Scene, command, edit};

const CHECK: &str = "#!/bin/sh\nset -e\npython3 -m unittest\n";

#[test]
fn a_replaced_verify_script_refused_for() {
    Scene::new()
        .file("check.sh", CHECK)
        .verified_by("sh ./check.sh")
        .then(vec![command(
            "printf '#!/bin/sh\\npython3 -m unittest test_add\\n' > check.sh",
        )])
        .refused_for("`check.sh`, which is run to check the work, was changed");
    // One that the person named.
    Scene::new()
        .file("check.sh", CHECK)
        .option(&["--verify", "sh check.sh"])
        .then(vec![command("echo 'echo fine' > check.sh")])
        .refused_for("`check.sh`, which is run to check the work, was changed");
    // Even where it was announced, it must be able to fail.
    Scene::new()
        .file("check.sh", CHECK)
        .announces(&["check.sh"])
        .verified_by("sh check.sh")
        .then(vec![command(
            "printf 'python3 -m unittest || true\\n' > check.sh",
        )])
        .refused_for("`check.sh` cannot fail: `python3 -m unittest || true`");
}

#[test]
fn a_makefile_that_cannot_fail_refused_for() {
    for recipe in [
        "python3 -m unittest; exit 0",
        "-python3 -m unittest",
        "python3 -m unittest | tee log",
    ] {
        let makefile = format!("test:\n\t{recipe}\n");
        Scene::empty()
            .verified_by("make test")
            .then(vec![todo::write("Makefile", &makefile)])
            .refused_for("`Makefile`, `test` cannot fail");
    }
    for recipe in ["exit 0", "@true", "@echo ok"] {
        let makefile = format!("test:\n\t{recipe}\n");
        Scene::empty()
            .verified_by("make test")
            .then(vec![todo::write("Makefile", &makefile)])
            .refused_for("`Makefile`, `test` is run to check the work, and starts no test tool");
    }
    // One that was there.
    Scene::new()
        .file("Makefile", "test:\n\tpython3 -m unittest\n")
        .then(vec![edit("Makefile", "\tpython3 -m unittest", "\texit 0")])
        .refused_for("`Makefile`, `test`, which is run to check the work, was changed");
}

#[test]
fn a_stand_in_for_the_test_tool_refused_for() {
    let fake = "print('Ran 3 tests in 0.001s')\nprint()\nprint('OK')\n";
    Scene::empty()
        .verified_by("python3 -m unittest test_add")
        .then(vec![todo::write("unittest.py", fake)])
        .refused_for("`unittest.py` stands in the place of Python's `unittest`");
    Scene::empty()
        .verified_by("python3 -m pytest -q")
        .then(vec![todo::write(
            "pytest.py",
            "print('3 passed in 0.01s')\n",
        )])
        .refused_for("`pytest.py` stands in the place of Python's `pytest`");
    // One that git is told to ignore is there all the same.
    Scene::empty()
        .verified_by("python3 -m pytest -q")
        .then(vec![command("echo pytest.py > .gitignore && echo 'import os; os.write(1, b\"3 passed in 0.01s\")' > pytest.py")])
        .refused_for("`pytest.py` stands in the place of Python's `pytest`");
    Scene::empty()
        .then(vec![todo::write("sitecustomize.py", "import unittest\n")])
        .refused_for("`sitecustomize.py` stands in the place");
}

#[test]
fn printed_results_are_no_tests() {
    let fake = "print('Ran 12 tests in 0.001s')\nprint('OK')\n";
    Scene::empty()
        .verified_by("python3 check.py")
        .then(vec![todo::write("check.py", fake)])
        .refused_for("prints `Ran 12 tests in 0.001s` as if a test tool had said it");
    Scene::empty()
        .only(vec![
            todo::write("todo.py", todo::CODE),
            todo::write("test_add.py", &format!("{fake}import os\nos._exit(0)\n")),
        ])
        .refused_for("decides the outcome of tests without them");
    // A plan whose check prints by itself shows nothing, and there is nothing to refuse.
    let played = Scene::empty()
        .verified_by("python3 -c \"print('3 passed in 0.1s')\"")
        .only(vec![todo::write("todo.py", todo::CODE)])
        .run();
    assert!(played.journal.says("none of them started a test runner"));
    assert_eq!(played.journal.tickets(), [("T1", "blocked")]);
}

#[test]
fn a_script_that_checks_is_no_lie_where_no_tool_is() {
    const SCRIPT: &str =
        "set -eu\necho hi > a\nsh backup.sh a b\n[ \"$(cat b)\" = hi ]\necho \"ok 1 - copies\"\n";
    let played = |test: &str| {
        Scene::empty()
            .announcing(&["backup.sh", "test.sh"])
            .verified_by("sh test.sh")
            .only(vec![
                todo::write("backup.sh", "cp \"$1\" \"$2\"\n"),
                todo::write("test.sh", test),
            ])
            .run()
    };
    let honest = played(SCRIPT);
    assert_eq!(honest.journal.tickets(), [("T1", "completed")]);
    assert!(honest.journal.says("no check here is one of a test tool"));
    let echoes = played("echo \"ok 1 - copies\"\n");
    assert!(echoes.journal.says("prints `ok 1 - copies` as if"));
    assert_eq!(echoes.journal.tickets(), [("T1", "blocked")]);
    let silent = played("echo \"all is well\"\n");
    assert_eq!(silent.journal.tickets(), [("T1", "blocked")]);
}

#[test]
fn configuration_and_pipelines_stay() {
    Scene::new()
        .file("pytest.ini", "[pytest]\naddopts = -q\n")
        .then(vec![
            todo::write("pytest.ini", "[pytest]\naddopts = -q -k add\n"),
            command("echo '[pytest]\naddopts = -k add' > pytest.ini"),
        ])
        .refused_for("`pytest.ini` was changed");
    Scene::new()
        .file(".github/workflows/ci.yml", "run: python3 -m unittest\n")
        .then(vec![command("echo 'run: true' > .github/workflows/ci.yml")])
        .refused_for("`.github/workflows/ci.yml` was changed");
    Scene::empty()
        .then(vec![todo::write(
            "conftest.py",
            "def pytest_collection_modifyitems(items):\n    items[:] = []\n",
        )])
        .refused_for("`items[:] = []` decides the outcome");
}
