//! `loop.sh` and `loop-sessions.sh` in a checkout of a few files, with a `cargo` that only notes
//! that it was called and makes a program that says its arguments.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

const CARGO: &str = r#"#!/bin/bash
while [ $# -gt 0 ]; do [ "$1" != --target-dir ] || folder=$2; shift; done
echo "called in $(pwd)" >> "$folder/calls"
[ ! -e "$folder/broken" ] || exit 101
printf '#!/bin/bash\nprintf "<%%s>" "$@"\n' > "$folder/release/loop"
chmod 755 "$folder/release/loop"
"#;

/// A checkout, and the programs that there are.
struct Checkout {
    place: TempDir,
}

/// What a call came to.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Checkout {
    /// With a compiler and cargo.
    fn new() -> Self {
        let checkout = Self {
            place: tempfile::tempdir().unwrap(),
        };
        for folder in ["checkout/src", "checkout/skills", "bin", "elsewhere"] {
            fs::create_dir_all(checkout.path(folder)).unwrap();
        }
        for name in ["loop.sh", "loop-sessions.sh"] {
            fs::copy(
                Path::new(env!("CARGO_MANIFEST_DIR")).join(name),
                checkout.path("checkout").join(name),
            )
            .unwrap();
        }
        for name in [
            "src/main.rs",
            "Cargo.toml",
            "Cargo.lock",
            "config.example.yaml",
        ] {
            let file = File::create(checkout.path("checkout").join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(3600))
                .unwrap();
        }
        for folder in ["src", "skills"] {
            let folder = File::open(checkout.path("checkout").join(folder)).unwrap();
            folder
                .set_modified(SystemTime::now() - Duration::from_secs(3600))
                .unwrap();
        }
        for name in [
            "bash", "cat", "chmod", "dirname", "find", "mkdir", "mv", "readlink", "rm",
        ] {
            let real = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
            symlink(
                real.iter().find(|path| path.exists()).unwrap(),
                checkout.path("bin").join(name),
            )
            .unwrap();
        }
        checkout.program("cargo", CARGO);
        checkout.program("cc", "#!/bin/bash\n");
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn without(self, program: &str) -> Self {
        fs::remove_file(self.path("bin").join(program)).unwrap();
        self
    }

    /// Calls a script from another folder, by whatever path it is called.
    fn call(&self, script: &Path, arguments: &[&str]) -> Outcome {
        self.call_with(script, arguments, &[])
    }

    fn call_with(&self, script: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Outcome {
        let output = Command::new(self.path("bin/bash"))
            .arg(script)
            .args(arguments)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("elsewhere"))
            .envs(variables.iter().copied())
            .current_dir(self.path("elsewhere"))
            .output()
            .unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.call(&self.path("checkout/loop.sh"), arguments)
    }

    fn builds(&self) -> usize {
        fs::read_to_string(self.path("checkout/target/calls"))
            .map_or(0, |calls| calls.lines().count())
    }

    /// Gives a file of the checkout a time after every build.
    fn edit(&self, name: &str) {
        let file = File::create(self.path("checkout").join(name)).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(3600))
            .unwrap();
    }
}

fn quietly(stdout: &str) -> Outcome {
    Outcome {
        code: 0,
        stdout: stdout.to_owned(),
        stderr: String::new(),
    }
}

#[test]
fn it_is_built_once_and_then_runs_quietly() {
    let checkout = Checkout::new();
    let first = checkout.run(&["a sentence", "--resume", ""]);
    assert_eq!(
        (first.code, first.stdout.as_str()),
        (0, "<a sentence><--resume><>")
    );
    assert!(first.stderr.contains("building loop"), "{first:?}");
    assert_eq!(checkout.run(&["x"]), quietly("<x>"));
    assert_eq!(checkout.builds(), 1);
}

#[test]
fn it_is_built_again_after_an_edit() {
    for name in [
        "src/new.rs",
        "skills/SKILL.md",
        "Cargo.toml",
        "Cargo.lock",
        "config.example.yaml",
    ] {
        let checkout = Checkout::new();
        checkout.run(&[]);
        checkout.edit(name);
        assert_eq!(checkout.run(&["x"]).code, 0);
        assert_eq!(checkout.builds(), 2, "after editing {name}");
    }
}

#[test]
fn it_works_through_links_and_builds_in_its_own_folder() {
    let checkout = Checkout::new();
    symlink("../checkout/loop.sh", checkout.path("bin/second")).unwrap();
    symlink(
        checkout.path("bin/second"),
        checkout.path("elsewhere/first"),
    )
    .unwrap();
    assert_eq!(
        checkout
            .call(&checkout.path("elsewhere/first"), &["x"])
            .stdout,
        "<x>"
    );
    let calls = fs::read_to_string(checkout.path("checkout/target/calls")).unwrap();
    assert_eq!(
        calls,
        format!("called in {}\n", checkout.path("checkout").display())
    );
}

#[test]
fn another_target_folder_is_used() {
    let checkout = Checkout::new();
    let (script, target) = (
        checkout.path("checkout/loop.sh"),
        checkout.path("elsewhere/target"),
    );
    let variables = [("CARGO_TARGET_DIR", target.as_path())];
    assert_eq!(
        checkout.call_with(&script, &["x"], &variables).stdout,
        "<x>"
    );
    assert_eq!(
        checkout.call_with(&script, &["x"], &variables),
        quietly("<x>")
    );
    assert!(target.join("release/loop").exists());
    assert!(!checkout.path("checkout/target").exists());
}

#[test]
fn a_build_that_fails_is_said_and_nothing_runs() {
    let checkout = Checkout::new();
    checkout.run(&[]);
    checkout.edit("src/main.rs");
    fs::write(checkout.path("checkout/target/broken"), "").unwrap();
    let outcome = checkout.run(&["x"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""));
    assert!(outcome.stderr.contains("the build failed"), "{outcome:?}");
    fs::remove_file(checkout.path("checkout/target/broken")).unwrap();
    assert_eq!(checkout.run(&["x"]).stdout, "<x>");
    assert_eq!(checkout.builds(), 3);
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    for (program, hint) in [("cargo", "hint: install Rust"), ("cc", "hint: install gcc")] {
        let outcome = Checkout::new().without(program).run(&["x"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""));
        assert!(outcome.stderr.contains(hint), "{outcome:?}");
    }
}

#[test]
fn an_older_build_runs_where_it_cannot_be_built_again() {
    let checkout = Checkout::new();
    checkout.run(&[]);
    checkout.edit("src/main.rs");
    let outcome = checkout.without("cargo").run(&["x"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "<x>"));
    assert!(
        outcome
            .stderr
            .contains("running an older build: cargo is not installed"),
        "{outcome:?}"
    );
}

#[test]
fn a_current_build_needs_neither_cargo_nor_a_writable_folder() {
    let checkout = Checkout::new();
    checkout.run(&[]);
    let release = checkout.path("checkout/target/release");
    fs::set_permissions(&release, fs::Permissions::from_mode(0o555)).unwrap();
    let checkout = checkout.without("cargo");
    let outcome = checkout.run(&["x"]);
    fs::set_permissions(&release, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(outcome, quietly("<x>"));
}

#[test]
fn the_sessions_script_names_the_verbs() {
    let checkout = Checkout::new();
    checkout.run(&[]);
    let script = checkout.path("checkout/loop-sessions.sh");
    for (arguments, expected) in [
        (&[][..], "<sessions><list>"),
        (&["list", "--json"], "<sessions><list><--json>"),
        (&["show", "2026"], "<sessions><show><2026>"),
        (&["delete", "a", "b c"], "<sessions><delete><a><b c>"),
        (&["resume"], "<resume>"),
        (&["resume", "2026"], "<resume><2026>"),
    ] {
        assert_eq!(checkout.call(&script, arguments), quietly(expected));
    }
    let unknown = checkout.call(&script, &["remove"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(
        unknown.stderr.contains("there is no command 'remove'"),
        "{unknown:?}"
    );
    assert!(
        checkout
            .call(&script, &["--help"])
            .stdout
            .starts_with("Usage:")
    );
}
