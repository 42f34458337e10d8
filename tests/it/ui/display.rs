//! What is shown, without a terminal: in every mode, at every size, however fast it comes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loop_orchestration::engine::artifact::ArtifactName;
use loop_orchestration::engine::ask::AskKind;
use loop_orchestration::engine::event::{Author, Event, Outcome, Record, Replied, RequestKind};
use loop_orchestration::engine::ports::{Operator, Progress, Response, Update};
use loop_orchestration::engine::reply::Reply;
use loop_orchestration::ui::{Mode, Output, Reader, Screen, Ticks};

use super::{PATIENCE, ask, output, runtime};
use crate::support::vt::Vt;

/// Bytes that were written, readable while the writer is owned by somebody else.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen without a terminal, what it wrote, and the clock it goes by.
struct Bench {
    screen: Screen,
    out: Written,
    err: Written,
    clock: Arc<Mutex<Duration>>,
}

fn bench(mode: Mode, size: (usize, usize)) -> Bench {
    let (out, err) = (Written::default(), Written::default());
    let clock = Arc::new(Mutex::new(Duration::ZERO));
    let read = Arc::clone(&clock);
    let screen = Screen::new(
        Output {
            out: (Box::new(out.clone()), Reader::Program),
            clock: Box::new(move || *read.lock().unwrap()),
            ..output(mode, Box::new(err.clone()), size)
        },
        None,
    );
    Bench {
        screen,
        out,
        err,
        clock,
    }
}

impl Bench {
    fn at(&mut self, ms: u64) -> &mut Screen {
        *self.clock.lock().unwrap() = Duration::from_millis(ms);
        &mut self.screen
    }

    /// What was written, on a screen whose terminal makes whole lines of it.
    fn draw_on(&self, vt: &mut Vt) {
        vt.feed(self.err.take().replace('\n', "\r\n").as_bytes());
    }

    fn text(&mut self, ms: u64, piece: &str) {
        self.at(ms)
            .show(Update::Model(&Progress::Text(piece.to_owned())));
    }

    fn event(&mut self, event: Event) {
        let record = Record {
            seq: 1,
            at: "2026-01-31T12:00:00.123Z".to_owned(),
            phase: Some("implement".to_owned()),
            ticket: None,
            event,
        };
        self.screen.show(Update::Recorded(&record));
    }
}

fn turn(screen: &mut Screen) {
    screen.show(Update::Turn {
        turn: 3,
        max: 50,
        prompt_tokens: 2310,
        num_ctx: 8192,
    });
}

fn warned(text: &str) -> Event {
    Event::Warned {
        text: text.to_owned(),
    }
}

#[test]
fn the_status_stays_below_what_is_streamed() {
    let mut bench = bench(Mode::Terminal, (60, 8));
    let mut vt = Vt::new(60, 8);
    bench
        .screen
        .set_phases(vec!["prd".to_owned(), "implement".to_owned()]);
    bench.event(warned("mind the gap"));
    turn(bench.at(1_000));
    bench.draw_on(&mut vt);
    assert_eq!(
        vt.text(),
        "warning: mind the gap\n\
         implement 2/2 · turn 3/50 · waiting for the server… · 0:00"
    );
    for (index, word) in "one two three four five six seven eight nine ten eleven twelve thirteen"
        .split_inclusive(' ')
        .enumerate()
    {
        bench.text(2_000 + 100 * index as u64, word);
    }
    bench.draw_on(&mut vt);
    assert_eq!(
        vt.text(),
        "warning: mind the gap\n\
         one two three four five six seven eight nine ten eleven\n\
         twelve thirteen\n\
         implement 2/2 · turn 3/50 · writing 10 tok/s · 0:01"
    );
    bench.screen.settle();
    bench.draw_on(&mut vt);
    assert_eq!(vt.cursor(), (3, 0));
    assert!(vt.text().ends_with("\ntwelve thirteen"));
}

#[test]
fn text_of_a_model_cannot_move_the_cursor() {
    let mut bench = bench(Mode::Terminal, (40, 6));
    turn(&mut bench.screen);
    bench.text(1_000, "safe\x1b");
    bench.text(1_200, "[2Jstill\r\x07here\u{9b}1A\u{202e}\n");
    bench.screen.settle();
    let written = bench.err.take();
    assert!(
        !written.contains("\x1b[2J") && !written.contains('\x07') && !written.contains('\u{9b}')
    );
    let mut vt = Vt::new(40, 6);
    vt.feed(written.replace('\n', "\r\n").as_bytes());
    assert_eq!(
        vt.text(),
        "safe\u{fffd}[2Jstill\u{fffd}here\u{fffd}1A\u{fffd}"
    );
}

#[test]
fn at_most_ten_redraws_a_second_however_many_updates() {
    let mut bench = bench(Mode::Terminal, (60, 8));
    turn(&mut bench.screen);
    bench.err.take();
    for ms in 0..1_000 {
        bench.text(ms, "x");
    }
    let redraws = bench.err.take().matches("writing").count();
    assert_eq!(redraws, 9);
    bench.at(1_100).tick();
    assert_eq!(bench.err.take().matches("writing 909 tok/s").count(), 1);
}

/// Hands on what is written, as it is written.
struct Passing(std::sync::mpsc::Sender<String>);

impl Write for Passing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.send(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_came_too_soon_to_be_drawn_is_drawn_when_it_may_be() {
    let (sender, written) = std::sync::mpsc::channel();
    let start = std::time::Instant::now();
    let mut screen = Screen::new(
        Output {
            ticks: Ticks::Thread,
            clock: Box::new(move || start.elapsed()),
            ..output(Mode::Terminal, Box::new(Passing(sender)), (60, 8))
        },
        None,
    );
    let mut all = String::new();
    let mut wait_for = |text: &str| {
        while !all.contains(text) {
            all.push_str(&written.recv_timeout(PATIENCE).expect("drawn by the thread"));
        }
    };
    turn(&mut screen);
    wait_for("0:00");
    // Time passes on screen although nothing is told.
    wait_for("0:01");
    for piece in ["the ", "last ", "words"] {
        screen.show(Update::Model(&Progress::Text(piece.to_owned())));
    }
    wait_for("the last words");
    drop(screen);
    let rest: String = written.iter().collect();
    assert!(rest.contains("the last words\n"), "{rest:?}");
}

#[test]
fn a_terminal_of_no_size_is_no_panic() {
    for size in [(0, 0), (1, 1), (2, 1), (usize::MAX, usize::MAX)] {
        let mut bench = bench(Mode::Terminal, size);
        turn(&mut bench.screen);
        bench.text(500, "日本語 some words");
        bench.event(warned("some words"));
        bench.screen.show(Update::Diff {
            path: "a.py",
            before: None,
            after: "one\n",
        });
        bench.screen.settle();
        assert!(!bench.err.take().is_empty());
    }
}

#[test]
fn a_pipe_gets_whole_lines_and_no_escapes() {
    let mut bench = bench(Mode::Plain, (usize::MAX, 0));
    turn(&mut bench.screen);
    bench.text(500, "Hello");
    bench.event(Event::Replied(Replied {
        reply: Reply {
            content: format!("Hello {}", "word ".repeat(40)),
            ..Reply::default()
        },
        to: RequestKind::Turn,
        ms: 10,
        estimated: None,
        prefix: None,
    }));
    assert_eq!(
        bench.err.take(),
        format!("Hello {}\n", "word ".repeat(40).trim_end())
    );
}

#[test]
fn what_a_block_writes_is_shown_while_it_comes_without_its_tags() {
    let mut bench = bench(Mode::Terminal, (60, 10));
    turn(&mut bench.screen);
    let reply = "I write it.\n<write_file>\n<path>a.py</path>\n<content>\nprint(1)\nprint(2)\n</content>\n</write_file>";
    for piece in reply.split_inclusive(['\n', '>']) {
        bench.text(200, piece);
    }
    bench.screen.settle();
    let mut screen = Vt::new(60, 10);
    screen.feed(bench.err.take().replace('\n', "\r\n").as_bytes());
    let text = screen.text();
    for words in ["I write it.\n", "write_file a.py\n", "print(1)\nprint(2)"] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
    assert!(!text.contains('<'), "{text}");
}

fn summary_and_end(bench: &mut Bench) {
    bench.event(warned("not a result"));
    bench.event(Event::ArtifactWritten {
        name: ArtifactName::Summary,
        content: "# Built\n- a list\n".into(),
        sha256: String::new(),
        by: Author::Program,
    });
    bench.event(Event::SessionFinished {
        outcome: Outcome::Completed,
        reason: "2 tickets".to_owned(),
    });
}

#[test]
fn results_go_to_standard_output_and_quiet_keeps_only_them() {
    let mut plain = bench(Mode::Plain, (60, 0));
    summary_and_end(&mut plain);
    assert_eq!(plain.out.take(), "# Built\n- a list\n");
    assert_eq!(plain.err.take(), "warning: not a result\n");
    let mut quiet = bench(Mode::Quiet, (60, 0));
    turn(&mut quiet.screen);
    quiet.screen.show(Update::Say("welcome"));
    summary_and_end(&mut quiet);
    assert_eq!(quiet.out.take(), "# Built\n- a list\n");
    // How it ended is said by whoever ends the process.
    assert_eq!(quiet.err.take(), "");
}

#[test]
fn json_is_the_journal_and_nothing_else() {
    let mut bench = bench(Mode::Json, (60, 0));
    turn(&mut bench.screen);
    bench.text(10, "words");
    bench.screen.show(Update::Say("welcome"));
    bench.screen.show(Update::Written("{\"seq\":1}"));
    summary_and_end(&mut bench);
    assert_eq!(
        (bench.out.take().as_str(), bench.err.take().as_str()),
        ("{\"seq\":1}\n", "")
    );
}

#[test]
fn without_a_person_nobody_answers() {
    let mut bench = bench(Mode::Plain, (60, 0));
    let question = ask(AskKind::Interview);
    let response = runtime().block_on(bench.screen.ask(&question));
    assert_eq!(response, Response::Unavailable);
    bench.event(Event::Asked { ask: question });
    assert_eq!(
        bench.err.take(),
        "question platform: Where does it run?\n  A) Terminal\n  B) Web\n"
    );
}
