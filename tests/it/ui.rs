//! The screen and its prompts, on terminals made by the tests.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod display;
mod program;
mod prompt;

use std::io::{self, Write};
use std::time::Duration;

use loop_orchestration::engine::ask::{Ask, AskId, AskKind};
use loop_orchestration::ui::{Attention, Colour, Detail, Glyphs, Mode, Output, Reader, Ticks};

/// Only a failure takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

fn output(mode: Mode, err: Box<dyn Write + Send>, size: (usize, usize)) -> Output {
    Output {
        mode,
        detail: Detail::Normal,
        colour: Colour::Off,
        glyphs: Glyphs::Unicode,
        out: (Box::new(io::sink()), Reader::Program),
        err,
        size: Box::new(move || size),
        attention: Attention::None,
        clock: Box::new(|| Duration::ZERO),
        ticks: Ticks::None,
    }
}

fn ask(kind: AskKind) -> Ask {
    Ask {
        id: AskId("platform".to_owned()),
        kind,
        text: "Where does it run?".to_owned(),
        options: vec!["Terminal".to_owned(), "Web".to_owned()],
        why: "It decides the language.".to_owned(),
        reference: None,
        place: Some((2, 5)),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}
