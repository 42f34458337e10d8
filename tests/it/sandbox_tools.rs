//! Toolchains work behind the full wall as they do without one. What this machine cannot run
//! without a wall is left out, and said.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use loop_orchestration::engine::ports::Confine;
use loop_orchestration::sandbox::{Environment, Plain, Policy, Tier, Wall};

use super::sandbox_ground::{CEILING, Ground, launcher, say, tiers};

/// Each does real work and ends well only if that went well.
const CHECKS: &[(&str, &str)] = &[
    (
        "cargo",
        "mkdir src && printf '[package]\\nname = \"demo\"\\nedition = \"2024\"\\n[workspace]\\n' > Cargo.toml && echo 'fn main() {}' > src/main.rs && cargo test -q --offline && cargo run -q",
    ),
    (
        "rustc",
        "echo 'fn main() {}' > a.rs && rustc a.rs -o a && ./a",
    ),
    (
        "clippy",
        "mkdir src && printf '[package]\\nname = \"demo\"\\nedition = \"2024\"\\n[workspace]\\n' > Cargo.toml && echo 'fn main() {}' > src/main.rs && touch clippy.toml && cargo clippy -q --offline",
    ),
    (
        "rustfmt",
        "echo 'fn main(){}' > a.rs && rustfmt a.rs && grep -q 'main() {}' a.rs",
    ),
    (
        "gcc",
        "printf '#include <stdio.h>\\nint main(){puts(\"hi\");}' > a.c && gcc a.c -o a && ./a",
    ),
    (
        "make",
        "printf 'a: b\\n\\tcp b a\\nb:\\n\\techo x > b\\n' > Makefile && make -j4 && cat a",
    ),
    (
        "address sanitizer",
        "printf '#include <stdlib.h>\\nint main(){void *p = malloc(9); free(p); return 0;}' > a.c && \
         gcc -fsanitize=address a.c -o a && ./a",
    ),
    (
        "leak sanitizer",
        "printf '#include <stdlib.h>\\nvoid *volatile p;\\nint main(){p = malloc(9); p = 0; return 0;}' > a.c && \
         gcc -fsanitize=leak a.c -o a && { ./a 2>&1 | grep -q 'detected memory leaks'; }",
    ),
    (
        "git",
        "git init -q . && git -c user.name=n -c user.email=e commit -q --allow-empty -m a && git log | cat",
    ),
    (
        "git with work",
        "git init -q . && export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=e GIT_COMMITTER_NAME=n \
         GIT_COMMITTER_EMAIL=e && echo a > a && git add a && git commit -q -m a && git checkout -q -b b && \
         echo b >> a && git stash -q && git stash pop -q && git commit -q -am b && git checkout -q - && \
         git merge -q b && git tag t && git worktree add -q ../project/w && git gc -q && git status --short",
    ),
    (
        "node",
        "node -e 'console.log(require(\"os\").cpus().length)'",
    ),
    (
        "node --test",
        "echo 'require(\"node:test\")(\"a\", () => {})' > a.test.js && node --test",
    ),
    (
        "node server",
        "node -e 'const s = require(\"http\").createServer((q, r) => r.end(\"x\")).listen(0, \"127.0.0.1\", () => \
         fetch(\"http://127.0.0.1:\" + s.address().port).then(r => r.text()).then(t => { console.log(t); s.close(); \
         process.exit(0) }))'",
    ),
    (
        "node workers",
        "node -e 'new (require(\"worker_threads\").Worker)(\"1 + 1\", { eval: true })'",
    ),
    (
        "npm",
        "npm init -y >/dev/null && npm pkg set scripts.test='echo tested' && npm test",
    ),
    ("python", "python3 -c 'print(1)'"),
    (
        "python venv",
        "python3 -m venv --without-pip v && v/bin/python -c 'import sys; assert sys.prefix != sys.base_prefix'",
    ),
    (
        "python unittest",
        "printf 'import unittest\\nclass A(unittest.TestCase):\\n def test(self): pass\\n' > test_a.py && python3 -m unittest",
    ),
    (
        "pytest",
        "echo 'def test(tmp_path): (tmp_path / \"a\").touch()' > test_a.py && python3 -m pytest -q",
    ),
    (
        "python processes",
        "python3 -c 'import multiprocessing as m; print(m.Pool(2).map(abs, [-1, 2]), m.Manager().list())'",
    ),
    (
        "python threads",
        "python3 -c 'import concurrent.futures as c; print(list(c.ThreadPoolExecutor(4).map(abs, range(9))))'",
    ),
    (
        "python server",
        "python3 -c 'import http.server, threading, urllib.request as u; \
         s = http.server.HTTPServer((\"127.0.0.1\", 0), http.server.SimpleHTTPRequestHandler); \
         threading.Thread(target=s.serve_forever, daemon=True).start(); \
         print(u.urlopen(\"http://127.0.0.1:%d\" % s.server_port).status)'",
    ),
    (
        "python terminal",
        "python3 -c 'import pty; pty.spawn([\"echo\", \"a\"])'",
    ),
    (
        "python sqlite",
        "python3 -c 'import sqlite3; c = sqlite3.connect(\"a.db\"); c.execute(\"pragma journal_mode=wal\"); c.execute(\"create table a (b)\"); c.commit()'",
    ),
    (
        "python temporary",
        "python3 -c 'import tempfile; tempfile.NamedTemporaryFile().write(b\"a\")'",
    ),
    (
        "unix socket",
        "python3 -c 'import socket; a, b = socket.socketpair(); a.send(b\"x\"); s = socket.socket(socket.AF_UNIX); s.bind(\"s\"); s.listen()'",
    ),
    ("script", "script -qec 'echo a' /dev/null"),
    (
        "tar",
        "echo a > a && tar czf a.tgz a && rm a && tar xzf a.tgz && cat a",
    ),
    (
        "sort",
        "seq 100000 | sort -R | sort -n | tail -1 | grep -q 100000",
    ),
    (
        "links and modes",
        "touch a && ln a b && ln -s a c && chmod 755 a && cp -a a d && mv d e && readlink c",
    ),
    ("pipes", "mkfifo p && (echo a > p &) && cat p"),
    ("time", "date && sleep 0.01 && touch -d yesterday a"),
    (
        "fixed folder",
        "echo a > /tmp/loop-fixed-$$ && cat /tmp/loop-fixed-$$ && rm /tmp/loop-fixed-$$",
    ),
    (
        "home",
        "echo a > ~/.loop-scratch && cat ~/.loop-scratch && rm ~/.loop-scratch",
    ),
    (
        "descriptors",
        "cat <(echo a) && echo b > /dev/stderr && echo c > /dev/fd/1",
    ),
    (
        "random",
        "head -c 8 /dev/urandom | wc -c && echo > /dev/null",
    ),
    (
        "memory files",
        "echo a > /dev/shm/loop-$$ && rm /dev/shm/loop-$$",
    ),
    ("names", "getent hosts localhost && id -un"),
    (
        "cargo, a build script and a macro",
        "mkdir -p src m/src && printf '[package]\\nname = \"demo\"\\nedition = \"2024\"\\n[workspace]\\n[dependencies]\\nm = { path = \"m\" }\\n' > Cargo.toml && \
         printf '[package]\\nname = \"m\"\\nedition = \"2024\"\\n[lib]\\nproc-macro = true\\n' > m/Cargo.toml && \
         echo 'use proc_macro::TokenStream; #[proc_macro] pub fn seven(_: TokenStream) -> TokenStream { \"7\".parse().unwrap() }' > m/src/lib.rs && \
         echo 'fn main() { println!(\"cargo::rustc-env=EIGHT=8\"); }' > build.rs && \
         echo 'fn main() { println!(\"{}{}\", m::seven!(), env!(\"EIGHT\")); }' > src/main.rs && cargo run -q --offline | grep -q 78",
    ),
    (
        "cargo, tests in the documentation",
        "mkdir src && printf '[package]\\nname = \"demo\"\\nedition = \"2024\"\\n[workspace]\\n' > Cargo.toml && \
         printf '/// ```\\n/// assert_eq!(demo::one(), 1);\\n/// ```\\npub fn one() -> u8 { 1 }\\n' > src/lib.rs && cargo test -q --offline --doc",
    ),
    (
        "cargo new",
        "cargo new -q demo && cd demo && cargo build -q --offline",
    ),
    (
        "g++",
        "printf '#include <iostream>\\n#include <vector>\\nint main(){std::vector<int> v{1}; std::cout << v[0];}' > a.cc && g++ a.cc -o a && ./a",
    ),
    (
        "threads of C",
        "printf '#include <pthread.h>\\nvoid *f(void *a){return a;}\\nint main(){pthread_t t; pthread_create(&t,0,f,0); return pthread_join(t,0);}' > a.c && gcc -pthread a.c -o a && ./a",
    ),
    (
        "debugger",
        "echo 'int main(){return 7;}' > a.c && gcc -g a.c -o a && gdb -batch -ex run ./a | grep -q 'exited with code 07'",
    ),
    ("strace", "strace -f -o calls true && grep -q execve calls"),
    (
        "java",
        "printf 'public class A { public static void main(String[] a) { System.out.println(1); } }' > A.java && javac A.java && java A",
    ),
    (
        "perl",
        "perl -e 'open my $f, \">\", \"a\"; print $f 1; exit 0'",
    ),
    (
        "node modules",
        "echo 'export default 7' > a.mjs && node --input-type=module -e 'import a from \"./a.mjs\"; process.exit(a - 7)'",
    ),
    (
        "node web assembly",
        "node -e 'WebAssembly.compile(new Uint8Array([0,97,115,109,1,0,0,0])).then(() => console.log(1))'",
    ),
    (
        "npm, a package of the project",
        "mkdir m && (cd m && npm init -y >/dev/null && echo 'module.exports = 7' > index.js) && npm init -y >/dev/null && \
         npm install --no-audit --no-fund --silent ./m && node -e 'process.exit(require(\"m\") - 7)'",
    ),
    (
        "python asyncio",
        "python3 -c 'import asyncio; asyncio.run(asyncio.create_subprocess_exec(\"true\"))'",
    ),
    (
        "curl",
        "(python3 -m http.server 18437 --bind 127.0.0.1 >/dev/null 2>&1 &) ; \
         curl -s --retry 40 --retry-connrefused --retry-delay 1 http://127.0.0.1:18437/ | grep -q Directory",
    ),
    (
        "git clone",
        "git init -q a && git -C a -c user.name=n -c user.email=e commit -q --allow-empty -m a && git clone -q a b && git -C b log | cat",
    ),
    (
        "make in parallel",
        "printf 'all: a b c\\na b c:\\n\\ttouch $@\\n' > Makefile && make -j3 && ls a b c",
    ),
    (
        "archives",
        "echo a > a && zip -q a.zip a && unzip -p a.zip && xz -k a && xz -dc a.xz && gzip a && zcat a.gz",
    ),
    (
        "patch",
        "echo a > a && echo b > b && { diff -u a b > p; patch -s a p; } && cmp a b",
    ),
    (
        "text tools",
        "seq 9 > a && sed -i s/5/five/ a && awk '{ s += $1 } END { print s }' a && find . -name a -exec grep -c five {} + && \
         xargs -P 4 -n 1 echo < a >/dev/null",
    ),
    (
        "database",
        "sqlite3 a.db 'create table a (b); insert into a values (1); select * from a'",
    ),
    ("locks", "flock lock true && mkdir -p a/b/c && mktemp -d"),
    (
        "sudo is not needed",
        "whoami && uname -a && nproc && free >/dev/null && df . >/dev/null",
    ),
];

/// What the partial wall takes away beside the walls themselves: sockets, shared memory, folders
/// that it cannot put somewhere else, and a look into the folders above the project.
const NOT_PARTIAL: &[&str] = &[
    "node server",
    "python processes",
    "python server",
    "python terminal",
    "curl",
    "cargo new",
    "unix socket",
    "script",
    "fixed folder",
    "memory files",
];

#[tokio::test]
async fn toolchains_work_behind_the_walls() {
    let mut tiers = tiers(&Ground::new());
    tiers.retain(|tier| *tier > Tier::None);
    let mut wrong = Vec::new();
    for (name, script) in CHECKS {
        for tier in &tiers {
            if *tier == Tier::Partial && NOT_PARTIAL.contains(name) {
                continue;
            }
            let ground = Ground::new();
            let wall = Wall::new(policy(&ground), environment(&ground), launcher());
            let within = ground.run(&wall.at_most(*tier), script).await;
            if within.exit == Some(0) {
                continue;
            }
            // What it says without a wall decides whether the wall is to blame.
            let ground = Ground::new();
            let without = ground.run(&Plain::new(environment(&ground)), script).await;
            if without.exit == Some(0) {
                wrong.push(format!(
                    "{name}, {tier}: {:?}: {}",
                    within.exit, within.output
                ));
            } else {
                let why = without.output.trim().lines().last().unwrap_or("it fails");
                say(&format!("left out: {name}: without a wall, {why}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_a_command_leaves_for_the_next_one() {
    let ground = Ground::new();
    for tier in tiers(&ground) {
        let wall = ground.wall(tier, &[]);
        assert_eq!(wall.tier(), tier.name());
        let script = "echo 'echo ran' > $TMPDIR/script; echo kept > file";
        assert_eq!(ground.run(&wall, script).await.exit, Some(0), "{tier}");
        let finished = ground.run(&wall, "bash $TMPDIR/script; cat file").await;
        assert_eq!(finished.output, "ran\nkept\n", "{tier}");
        assert!(ground.tmp.join("script").exists(), "{tier}");
    }
}

/// Toolchains live below the person's own home, which is only read.
fn policy(ground: &Ground) -> Policy {
    Policy::new(
        ground.project.clone(),
        ground.tmp.clone(),
        std::env::home_dir(),
    )
}

fn environment(ground: &Ground) -> Environment {
    let home = std::env::home_dir().unwrap();
    assert!(
        !home.starts_with(&ground.project),
        "{}",
        Path::new(&home).display()
    );
    let ceiling = (CEILING.into(), ground.ceiling().into());
    Environment::from_vars(std::env::vars_os().chain([ceiling]), &[CEILING.to_owned()])
}
