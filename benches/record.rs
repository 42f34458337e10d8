//! Makes the recordings in `tests/recordings` anew: each scene of `tests/it/support/scenes.rs` is
//! run by the real program against the stand-in server, recorded, and repeated once.
//!
//! `cargo bench --profile dev --bench record`; behind `--`, the name of one scene.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool of the developer's prints, and stops at the first surprise"
)]

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;

use std::path::Path;

use support::scenes::{SCENES, record};

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    for scene in SCENES {
        if wanted.as_ref().is_some_and(|wanted| wanted != scene.name) {
            continue;
        }
        let project = scene.run();
        let file = folder.join(format!("{}.replay", scene.name));
        if file.exists() {
            std::fs::remove_file(&file).unwrap();
        }
        record(&project, &file, &[]);
        let ran = project.run(&["replay", &file.display().to_string()]);
        assert_eq!(ran.code, Some(0), "{}: {ran:?}", scene.name);
        let bytes = std::fs::metadata(&file).unwrap().len();
        println!("{:<28} {bytes:>6} bytes  {}", scene.name, ran.stdout.trim());
    }
}
