//! The look at a project and at what is installed.

use loop_orchestration::engine::picture::{Extent, Picture};
use loop_orchestration::sandbox::fetched_crates;
use loop_orchestration::tools::Surroundings;
use loop_orchestration::tools::inventory;
use loop_orchestration::tools::packages::{Manager, access_of, missing};
use loop_orchestration::tools::survey::{QUICK_ENTRIES, detected_verify, guidance, quick};

use super::*;

/// A machine with these programs; `lib/python3.11/dist-packages` beside them.
fn machine(project: &Project, programs: &[&str]) -> Surroundings {
    let usr = project.temporary.path().join("usr");
    fs::create_dir_all(usr.join("bin")).unwrap();
    for program in programs {
        let path = usr.join("bin").join(program);
        fs::write(&path, format!("#!/bin/sh\necho {program} 1.2.3 in $PWD\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    Surroundings {
        search_path: usr.join("bin").into_os_string(),
        home: Some(project.temporary.path().join("home")),
        cargo_home: None,
        fetched_crates: None,
    }
}

fn distribution(project: &Project, folder: &str) {
    let packages = "usr/lib/python3.11/dist-packages";
    let path = project.temporary.path().join(packages).join(folder);
    fs::create_dir_all(path).unwrap();
}

fn picture(files: &[(&str, &str)], programs: &[&str]) -> Picture {
    let project = Project::new(files);
    let surroundings = machine(&project, programs);
    quick(project.workspace.root(), &surroundings, QUICK_ENTRIES)
}

#[test]
fn an_empty_project() {
    let picture = picture(&[], &["python3", "git"]);
    assert!(picture.is_empty());
    assert_eq!(
        picture.render(),
        "The project folder is empty.\nInstalled: git, python3"
    );
}

#[test]
fn a_project_is_described() {
    let picture = picture(
        &[
            ("todo.py", "x = 1\n"),
            ("tests/test_todo.py", "import unittest\n"),
            ("README.md", "# Todo\n"),
            (".git/HEAD", "ref\n"),
            ("node_modules/x/index.js", "x"),
            ("__pycache__/x.pyc", "x"),
        ],
        &["python3"],
    );
    assert_eq!(
        picture.render(),
        "The project has 3 files (1 KB) and is a git repository.\n\
         Languages, by files: Python (2)\n\
         Run the tests with: `python3 -m unittest discover -s tests`\n\
         Installed: python3\n\
         Files: README.md, tests/test_todo.py, todo.py"
    );
}

#[test]
fn test_commands_are_told_from_what_is_there() {
    let check = |files: &[(&str, &str)], programs: &[&str], expected: &[&str]| {
        assert_eq!(
            detected_verify(&picture(files, programs)),
            expected,
            "{files:?}"
        );
    };
    check(&[("Cargo.toml", "")], &[], &["cargo test --no-fail-fast"]);
    check(&[("go.mod", "")], &[], &["go test ./..."]);
    check(&[("pom.xml", ""), ("mvnw", "")], &[], &["./mvnw test"]);
    check(&[("build.gradle", "")], &[], &["gradle test"]);
    let jest = r#"{"scripts": {"test": "jest", "build": "tsc"}}"#;
    check(&[("package.json", jest)], &[], &["npm test"]);
    check(
        &[("package.json", jest), ("pnpm-lock.yaml", "")],
        &[],
        &["pnpm test"],
    );
    check(
        &[("package.json", jest), ("yarn.lock", "")],
        &[],
        &["yarn test"],
    );
    let fresh = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    check(&[("package.json", fresh)], &[], &[]);
    check(
        &[("package.json", fresh), ("a.test.mjs", "")],
        &[],
        &["node --test"],
    );
    check(&[("package.json", "not json")], &[], &[]);
    let test = ("tests/test_a.py", "");
    check(
        &[test],
        &["python3"],
        &["python3 -m unittest discover -s tests"],
    );
    check(&[test], &["python3", "pytest"], &["python3 -m pytest -q"]);
    check(
        &[test, ("tests/conftest.py", "")],
        &["python3"],
        &["python3 -m pytest -q"],
    );
    check(
        &[test, ("pyproject.toml", "[tool.pytest.ini_options]\n")],
        &[],
        &["python3 -m pytest -q"],
    );
    check(
        &[("test_a.py", "")],
        &["python3"],
        &["python3 -m unittest discover"],
    );
    check(&[("a.py", "")], &["python3", "pytest"], &[]);
    check(
        &[("Makefile", "all:\n\ntest: all\n\techo\n")],
        &[],
        &["make test"],
    );
    check(&[("Makefile", "tests:\ntest := x\n")], &[], &[]);
    check(
        &[("justfile", "test:\n  cargo test\n")],
        &[],
        &["just test"],
    );
    check(
        &[("Cargo.toml", ""), ("Makefile", "test:\n")],
        &[],
        &["cargo test --no-fail-fast"],
    );
    check(
        &[("Cargo.toml", ""), test],
        &[],
        &[
            "cargo test --no-fail-fast",
            "python3 -m unittest discover -s tests",
        ],
    );
}

#[test]
fn a_large_project_is_looked_at_in_part_and_the_same_each_time() {
    let project = Project::new(&[]);
    for folder in 0..10 {
        fs::create_dir(project.path(&format!("f{folder}"))).unwrap();
        for file in 0..30 {
            fs::write(project.path(&format!("f{folder}/{file}.rs")), "").unwrap();
        }
    }
    let look = |entries| quick(project.workspace.root(), &Surroundings::default(), entries);
    let part = look(100);
    assert_eq!((part.files, part.extent), (90, Extent::Part));
    assert_eq!(part, look(100));
    let whole = look(QUICK_ENTRIES);
    assert_eq!((whole.files, whole.extent), (300, Extent::Whole));
    assert_eq!(whole.layout.first().map(String::as_str), Some("f0/ (30)"));
}

#[test]
fn links_pipes_and_programs_of_the_project_are_not_trusted() {
    let project = Project::new(&[("bin/python3", "#!/bin/sh\n")]);
    symlink("/", project.path("root")).unwrap();
    fifo(&project.path("Makefile"));
    let surroundings = Surroundings {
        search_path: project.path("bin").into_os_string(),
        ..Surroundings::default()
    };
    let picture = quick(project.workspace.root(), &surroundings, QUICK_ENTRIES);
    assert_eq!((picture.files, picture.toolchains), (1, vec![]));
}

#[test]
fn guidance_is_cut_and_optional() {
    assert_eq!(guidance(&Project::new(&[]).workspace), None);
    assert_eq!(
        guidance(&Project::new(&[("AGENTS.md", " \n")]).workspace),
        None
    );
    let short = Project::new(&[("AGENTS.md", "Use tabs.\x1b[2J\n")]);
    assert_eq!(guidance(&short.workspace).as_deref(), Some("Use tabs."));
    let long = Project::new(&[("AGENTS.md", &"word ".repeat(2_000))]);
    let text = guidance(&long.workspace).unwrap();
    assert!(text.chars().count() < 4_100);
    assert!(text.ends_with("[cut: AGENTS.md is longer; read_file shows the rest]"));
}

#[test]
fn versions_are_asked_outside_the_project() {
    let project = Project::new(&[("a.py", "")]);
    let surroundings = machine(&project, &["python3", "node"]);
    distribution(&project, "requests-2.31.0.dist-info");
    let root = project.workspace.root();
    let picture = quick(root, &surroundings, QUICK_ENTRIES);
    let text = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(inventory(&picture, root, &surroundings));
    assert_eq!(
        text,
        "python3: python3 1.2.3 in /\nPython packages: requests"
    );
}

#[test]
fn missing_packages_are_named_with_the_command_that_fetches_them() {
    let project = Project::new(&[("a.py", ""), ("node_modules/left-pad/index.js", "")]);
    let surroundings = machine(&project, &["python3"]);
    distribution(&project, "Flask_SQLAlchemy-3.0.dist-info");
    distribution(&project, "yaml");
    let crates = project
        .temporary
        .path()
        .join("home/.cargo/registry/cache/index");
    fs::create_dir_all(&crates).unwrap();
    fs::write(crates.join("serde-1.0.200.crate"), "").unwrap();
    let root = project.workspace.root();
    let picture = quick(root, &surroundings, QUICK_ENTRIES);
    let check = |package: &str, expected: Option<(Manager, &str, &str)>| {
        let found = missing(&[package.to_owned()], &picture, root, &surroundings);
        let found = found.first().map(|missing| {
            (
                missing.manager,
                missing.name.as_str(),
                missing.fetch_command.as_str(),
            )
        });
        assert_eq!(found, expected, "{package}");
    };
    for there in [
        "unittest",
        "sqlite3",
        "json",
        "argparse",
        "python3",
        "yaml",
        "pip:flask-sqlalchemy>=3",
        "npm:left-pad@1",
        "npm:fs",
        "node:fs",
        "cargo:serde",
        "cargo:std",
        "",
        "apt:curl",
        "pip:-r x",
        "pip:../evil",
    ] {
        check(there, None);
    }
    let environment =
        "python3 -m venv --system-site-packages .venv && .venv/bin/python -m pip install flask";
    check(
        "flask[async]>=2; rm -rf x",
        Some((Manager::Pip, "flask", environment)),
    );
    check(
        "npm:@scope/tool@^2",
        Some((Manager::Npm, "@scope/tool", "npm install @scope/tool")),
    );
    check(
        "cargo:serde_json",
        Some((
            Manager::Cargo,
            "serde_json",
            "cargo add serde_json && cargo fetch",
        )),
    );
    fs::write(
        project.path("Cargo.lock"),
        "[[package]]\nname = \"tokio\"\n",
    )
    .unwrap();
    check(
        "cargo:tokio",
        Some((Manager::Cargo, "tokio", "cargo fetch --locked")),
    );
    fs::create_dir_all(project.path(".venv/bin")).unwrap();
    fs::write(project.path(".venv/bin/python"), "").unwrap();
    check(
        "flask",
        Some((
            Manager::Pip,
            "flask",
            ".venv/bin/python -m pip install flask",
        )),
    );
}

#[test]
fn only_a_fetch_that_changes_nothing_sees_the_project_read_only() {
    let check = |command: &str, expected| assert_eq!(access_of(command), expected, "{command}");
    check("cargo fetch --locked", Access::Read);
    check("cargo fetch --locked && cargo fetch --locked", Access::Read);
    check("cargo fetch --locked && npm install a", Access::Write);
    check("cargo add a && cargo fetch", Access::Write);
    check("npm install a", Access::Write);
}

#[test]
fn crates_that_the_session_has_fetched_are_there() {
    let project = Project::new(&[("src/main.rs", ""), ("Cargo.toml", "")]);
    let mut surroundings = machine(&project, &["cargo"]);
    let root = project.workspace.root();
    let picture = quick(root, &surroundings, QUICK_ENTRIES);
    let is_missing = |surroundings: &Surroundings| {
        !missing(&["serde".to_owned()], &picture, root, surroundings).is_empty()
    };
    assert!(is_missing(&surroundings));
    let fetched = fetched_crates(project.temporary.path());
    fs::create_dir_all(fetched.join("index")).unwrap();
    fs::write(fetched.join("index/serde-1.0.200.crate"), "").unwrap();
    surroundings.fetched_crates = Some(fetched);
    assert!(!is_missing(&surroundings));
}

#[test]
fn pytest_is_run_by_the_python_that_has_it_and_else_as_the_program_that_it_is() {
    let commands = |files: &[(&str, &str)], place: &str| {
        let project = Project::new(files);
        let mut surroundings = machine(&project, &["python3"]);
        let place = project.temporary.path().join(place);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        if place.ends_with("pytest") && place.parent().unwrap().ends_with("bin") {
            fs::write(&place, "#!/bin/sh\n").unwrap();
            let folders = [surroundings.search_path.clone().into()]
                .into_iter()
                .chain(place.parent().map(Path::to_path_buf));
            surroundings.search_path = std::env::join_paths(folders).unwrap();
        } else {
            fs::create_dir_all(&place).unwrap();
        }
        detected_verify(&quick(
            project.workspace.root(),
            &surroundings,
            QUICK_ENTRIES,
        ))
    };
    let test = ("tests/test_a.py", "");
    for module in [
        "usr/bin/pytest",
        "usr/lib/python3/dist-packages/pytest",
        "home/.local/lib/python3.12/site-packages/pytest",
    ] {
        assert_eq!(
            commands(&[test], module),
            ["python3 -m pytest -q"],
            "{module}"
        );
    }
    // In an environment of its own, as pipx puts it there.
    let program = "home/.local/bin/pytest";
    assert_eq!(commands(&[test], program), ["pytest -q -o pythonpath=."]);
    let configured = [test, ("pytest.ini", "[pytest]\n")];
    assert_eq!(commands(&configured, program), ["pytest -q"]);
    // Examples in texts are tests where it is told so, and a project may have no others.
    let source = (
        "calc.py",
        "def half(a):\n    \"\"\"\n    >>> half(4)\n    2.0\n    \"\"\"\n    return a / 2\n",
    );
    let told = ("pytest.ini", "[pytest]\naddopts = --doctest-modules\n");
    assert_eq!(commands(&[source, told], program), ["pytest -q"]);
    assert!(commands(&[source, configured[1]], program).is_empty());
    // Another Python's is of no use.
    assert_eq!(
        commands(&[test], "other/lib/python3.12/site-packages/pytest"),
        ["python3 -m unittest discover -s tests"]
    );
}
