//! The screen in a real terminal while a scripted run goes on, at three sizes, resized on the way.

use super::{masked, server_that_waits, watch};
use crate::support::project::Project;
use crate::support::pty::Program;

/// Waits until all of this stands on a screen of that size, whose last row is the row of keys.
fn waits_for(screen: &mut Program, (columns, rows): (usize, usize), texts: &[&str]) -> String {
    screen.console.wait_until(|screen| {
        let text = screen.text();
        let is_whole = text.lines().count() == rows
            && text
                .lines()
                .any(|row| row.ends_with("──") && row.chars().count() == columns);
        is_whole && texts.iter().all(|wanted| text.contains(wanted))
    });
    masked(&screen.console.screen.text())
}

#[test]
fn a_run_is_followed_at_three_sizes_and_back() {
    let (open, server) = server_that_waits();
    // What depends on the machine is settled.
    let project =
        Project::with(&server).config("model:\n  num_ctx: 16384\ncommands:\n  sandbox: off\n");
    let mut run = project.spawn_start();
    let mut screen = watch(&project, (60, 20), &[]);
    // The model is asked for its third turn, and what it did before is there.
    let now = ["turn 3", "✓ run_command echo T1", "the model is at work"];
    let frame = waits_for(&mut screen, (60, 20), &now);
    insta::assert_snapshot!("60x20", frame);
    assert!(screen.console.screen.is_second());

    screen.console.resize(80, 24);
    insta::assert_snapshot!("80x24", waits_for(&mut screen, (80, 24), &now));
    screen.console.resize(200, 50);
    insta::assert_snapshot!("200x50", waits_for(&mut screen, (200, 50), &now));

    // What is open and chosen stays so, whatever the size.
    screen.console.send("j\r");
    waits_for(
        &mut screen,
        (200, 50),
        &["Mark todos done", "comes after: T1"],
    );
    screen.console.resize(60, 20);
    let ticket = waits_for(&mut screen, (60, 20), &["comes after: T1"]);
    insta::assert_snapshot!("ticket_60x20", ticket);
    screen.console.send("\x1b[D");

    open.send(()).unwrap();
    let end = waits_for(&mut screen, (60, 20), &["✓ refactor", "completed"]);
    assert_eq!(run.wait().unwrap().code(), Some(0));
    insta::assert_snapshot!("end_60x20", end);
    screen.console.send("?");
    let keys = waits_for(&mut screen, (60, 20), &["this page"]);
    insta::assert_snapshot!("keys_60x20", keys);
    screen.console.send("q");
    assert_eq!(screen.wait(), 0);
    assert!(!screen.console.screen.is_second() && !screen.console.screen.cursor_hidden);
}

#[test]
fn sessions_appear_and_what_a_ticket_changed_is_shown() {
    let (open, server) = server_that_waits();
    let project = Project::with(&server);
    let mut screen = watch(&project, (80, 24), &[]);
    screen
        .console
        .wait_until(|screen| screen.text().contains("There are no sessions yet."));
    open.send(()).unwrap();
    let mut run = project.spawn_start();
    waits_for(&mut screen, (80, 24), &["✓ refactor", "completed"]);
    assert_eq!(run.wait().unwrap().code(), Some(0));
    screen.console.send("gd");
    let difference = waits_for(
        &mut screen,
        (80, 24),
        &["what T1 changed", "+import unittest"],
    );
    insta::assert_snapshot!("diff_80x24", difference);
    // An Escape by itself, then the way out.
    screen.console.send("\x1b");
    waits_for(&mut screen, (80, 24), &["2 of 2 done"]);
    screen.console.send("\x03");
    assert_eq!(screen.wait(), 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let (_open, server) = server_that_waits();
    let project = Project::with(&server);
    let mut screen = watch(&project, (60, 20), &[]);
    screen
        .console
        .wait_until(|screen| screen.text().contains("There are no sessions yet."));
    screen.signal(rexpect::process::Signal::SIGTERM);
    assert_eq!(screen.wait(), 130);
    assert!(!screen.console.screen.is_second() && !screen.console.screen.cursor_hidden);
}
