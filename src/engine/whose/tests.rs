//! What speaks for a command, and what does not.

use super::*;

fn did(command: &str, path: &str, came: Came) -> bool {
    with(command, path, came, "", &[])
}

fn with(command: &str, path: &str, came: Came, output: &str, texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    let folders = ["src", "data", "tests"].map(PathBuf::from).into();
    let suspect = Suspect {
        command,
        output,
        texts: &texts,
        folders: &folders,
    };
    suspect.did(Path::new(path), came)
}

#[test]
fn what_a_command_makes_is_its_own() {
    for (command, path) in [
        ("echo x > notes.txt", "notes.txt"),
        ("cd src && touch 'a b.txt'", "src/a b.txt"),
        ("cargo new todo --bin", "todo/src/main.rs"),
        ("cargo init", "src/main.rs"),
        ("cargo test", "Cargo.lock"),
        ("npm init -y", "package.json"),
        ("npm install left-pad", "package-lock.json"),
        ("go mod init todo", "go.mod"),
        ("python3 gen.py data", "data/part-1.json"),
        ("python3 gen.py --out=made/all", "made/all/x.json"),
        ("npx tsc src/todo.ts", "src/todo.js"),
        ("protoc --python_out=. todo.proto", "todo_pb2.py"),
        ("for i in 1 2; do echo $i > part$i.txt; done", "part2.txt"),
        ("npx jest", "src/__snapshots__/todo.test.js.snap"),
        (
            "python3 manage.py makemigrations",
            "todo/migrations/0001_initial.py",
        ),
        ("git stash pop", "mine.txt"),
        ("tar xf all.tar", "whatever.txt"),
    ] {
        assert!(did(command, path, Came::New), "{command}: {path}");
    }
    for (command, path) in [
        ("sed -i s/a/b/ *.py", "todo.py"),
        ("cargo fmt", "src/main.rs"),
        ("black .", "src/todo.py"),
        ("npx prettier --write .", "src/todo.ts"),
        ("npm run format", "src/todo.ts"),
        ("npm install x", "package.json"),
        ("patch -p1 < x.diff; git apply y.diff", "src/todo.py"),
    ] {
        assert!(did(command, path, Came::Changed), "{command}: {path}");
    }
    assert!(did("rm -r data", "data/x/y.txt", Came::Gone));
    assert!(with(
        "python3 gen.py",
        "x7.json",
        Came::New,
        "wrote x7.json.",
        &[]
    ));
    let text = ["open('todos.json', 'w'); os.makedirs(\"made\")"];
    assert!(with("python3 gen.py", "todos.json", Came::New, "", &text));
    assert!(with(
        "python3 gen.py",
        "todos.json",
        Came::Changed,
        "",
        &text
    ));
    assert!(with("python3 gen.py", "made/1.bin", Came::New, "", &text));
}

#[test]
fn what_nothing_speaks_for_may_be_a_persons() {
    for (command, path) in [
        ("python3 -m unittest test_add", "notes.txt"),
        ("python3 -m unittest discover tests", "tests/mine.txt"),
        ("ls src", "src/mine.txt"),
        ("cat *.txt", "mine.txt"),
        ("make", "src/mine.py"),
        ("pytest tests/test_add.py", "test_add.txt"),
        ("python3 gen.py", "data/mine.json"),
        ("n=min; echo mine > ${n}e.txt", "mine.txt"),
    ] {
        assert!(!did(command, path, Came::New), "{command}: {path}");
    }
    for (command, path) in [
        ("python3 -m unittest test_add", "calc.py"),
        ("pytest tests/*.py", "tests/test_mine.py"),
        ("cargo test", "Cargo.toml"),
        ("cargo fmt --check", "src/main.rs"),
        ("cargo test", "src/main.rs"),
        ("npm test", "package.json"),
    ] {
        assert!(!did(command, path, Came::Changed), "{command}: {path}");
    }
    assert!(!did("pytest tests", "tests/test_mine.py", Came::Gone));
    // A program that names a source does not write it, and no text speaks for a secret.
    let text = ["import('calc.py'); load('.env.local', 'site.key')"];
    assert!(!with("python3 gen.py", "calc.py", Came::Changed, "", &text));
    assert!(!with("python3 gen.py", ".env.local", Came::New, "", &text));
    assert!(!with("python3 gen.py", "site.key", Came::New, "", &text));
    assert!(!with("x", "do.txt", Came::New, "todo.txt do.txt.old", &[]));
}
