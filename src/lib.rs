//! Loop Orchestration: a sentence in, working and tested code out, on your own hardware.
//!
//! # Architecture
//!
//! `loop "Build a todo app"` walks one piece of software work through the phases of a pipeline:
//! prd, tickets, research, plan, implement, refactor. Each step of a phase has a skill (a
//! `SKILL.md`: instructions, allowed tools, limits) and talks to a model served by the local
//! Ollama. The model acts through a few tools; a phase ends when the model says so with a marker
//! *and* the program has checked it for itself. Everything that happens is a line in an
//! append-only journal, so a session can be killed at any instant and resumed with nothing lost
//! and nothing done twice. Nothing leaves the machine but requests to the configured server.
//!
//! # Where do I find…
//!
//! | what | where |
//! |---|---|
//! | a prompt | `skills/NAME/SKILL.md`; every other word to the model: `engine/context/sections.rs` |
//! | a tool | what the model is told of it: `engine/tool.rs`; what it does: `tools/`, from `tools/execute.rs` on |
//! | a limit | `engine/settings.rs`, set through `config/`, explained in `config.example.yaml` |
//! | the wire format | `ollama/`: requests in `ollama/body.rs`, answers in `ollama/wire.rs` and `ollama/stream.rs`, errors in `ollama/faults.rs` |
//! | the wording on screen | `ui/words/`: events, tools, questions |
//! | the pipeline | `engine/pipeline.yaml`; its form in `engine/phase.rs` |
//! | what happens next | `engine/decide/` |
//! | what stops a run that goes in circles | `engine/loops/rules.yaml`; how it is noticed: `engine/loops/` |
//! | what a failed attempt leaves to the next one | `engine/attempts/`, its rule in `engine/attempts/retry.yaml` |
//! | what becomes of a blocked ticket | `engine/decide/tickets.rs`; what was said about it: `engine/session/blocked.rs` |
//! | how several attempts are compared | `engine/decide/attempts.rs`, `run/results.rs` |
//! | how a claim is checked | `engine/gate/` says what counts, `run/gate.rs` runs it |
//! | whether what passes shows a ticket's work | the order: `run/proof.rs`; its tests on the code before it: `engine/gate/without.rs`, `run/without.rs`; with its code made to fail: `engine/gate/hollow.rs`, `run/hollow.rs`; the old tests without what was put beside them: `engine/gate/old_tests.rs`, `run/old_tests.rs`; tests that must fail: `engine/guard/copies/must_fail.rs`, `run/must_fail.rs` |
//! | who judges a ticket's criteria | when: `engine/decide/critic.rs`; the words: `engine/critique.rs`; what it is shown: `run/critic.rs` |
//! | what stands behind a ticket or a feature | `engine/ticket_receipt.rs`, `engine/trace.rs` |
//! | how findings of a review are repaired | `engine/decide/repair.rs`, `run/repair.rs` |
//! | what counts as tampering with tests or checks | `engine/guard/judge.rs` says, from the rooms of `engine/guard/`: `words` (what was announced), `tested` (files of tests), `asserts`, `commands` (what checks run), `rigs` (what bends an outcome), `source` (reading code); `run/guard.rs` reads what changed |
//! | what a model may fill in | `engine/artifact/`, one file a document; the schemas: `engine/artifact/schema.rs` |
//! | how awkward replies are read | `engine/calls/` for tool calls, `engine/marker.rs` for markers; what is not the model's own words: `engine/foreign.rs` |
//! | what is tried when a call goes wrong | `engine/ladder.rs` |
//! | how a model without tool calls is spoken to | `engine/protocol/`; its blocks are read in `engine/calls/blocks.rs` |
//! | which commands are refused | `engine/screen/`; what holds them in: `sandbox/` |
//! | how a package is fetched | `tools/packages.rs` says by which command, `sandbox/caches.rs` where to |
//! | how a person who looks elsewhere is called | when: `engine/notice.rs`; their own commands: `run/notify.rs` |
//! | who is asked about a command | `run/permission.rs` |
//! | an answer, a word or a stop from elsewhere | letters: `store/mailbox.rs`; who sends them: `run/post.rs`; who takes them: `run/letters.rs`; who waits: `run/listening.rs`, `store/watch.rs` |
//! | a run without a terminal | `cli/detach.rs` |
//! | which model, which window, how it is talked to | `run/health.rs`; families: `run/models.yaml`; sizes: `engine/window.rs` |
//! | what a model is tried with, and its card | tasks: `engine/trial.rs`; judgement: `engine/card.rs`; who tries: `run/probe.rs` |
//! | what `loop doctor` looks at | `run/doctor.rs`; the attacks: `sandbox/canaries/` |
//! | what an administrator demands | `engine/floor.rs`; how it is written: `config/floor.rs` |
//! | what a session changed, and taking it back | whose a change is: `engine/session/work.rs`, `run/stretch.rs`, beside a command: `engine/whose.rs`, `run/whose.rs`; `git/work.rs`; the commands: `run/history.rs` |
//! | the live screen | what is drawn and what keys do: `ui/watch/`; following journals: `run/watch.rs`; both together: `cli/watch.rs` |
//! | commits, hooks, worktrees | `run/landing.rs`, `run/commit_hooks.rs`, `git/commit.rs`, `git/worktree.rs` |
//! | repeating a session without a model | what may differ: `engine/recording/`; the file: `store/recording.rs`; `run/recording.rs` makes one, `run/replay.rs` repeats it, `run/tape.rs` says what comes next |
//! | taking a session up another way | where it is cut: `engine/fork.rs`; who does it: `run/fork.rs` |
//! | which path a model may touch | `tools/workspace.rs` |
//! | the journal | events: `engine/event.rs`; the file: `store/journal.rs` and `store/line.rs` |
//! | what a session took, and when what happened | `engine/stats.rs`, `engine/timeline.rs`; the words: `ui/figures.rs`, `ui/timeline.rs` |
//! | an option or a command | `cli/`, one file a command |
//! | a setting | `config/keys.rs`, `config/types.rs` |
//! | an exit code | `error.rs` |
//! | the rules of this page as tests | `tests/it/architecture.rs` |
//!
//! # One turn
//!
//! 1. [`engine::decide`] looks at the session and returns an effect: call the model.
//! 2. [`run`] sends the conversation and shows what arrives; the finished reply becomes the event
//!    `replied`.
//! 3. [`engine::calls`] reads tool calls out of it. What has more than one reading is not guessed:
//!    the model is told what was wrong.
//! 4. Each call is allowed, asked about or refused. `tool_started` is appended *before* the
//!    effect, `tool_finished` after it, and the result goes back to the model.
//! 5. A marker without calls is a claim. The program runs each check itself and appends `checked`
//!    with the receipt. A failure goes back to the model as an observation; success is
//!    `phase_finished` or `ticket_finished`.
//! 6. Every event is folded into the session, and the next turn starts from that.
//!
//! A process that was killed starts again at 6: the journal is folded, and what was started but
//! not finished is found out or said to the model, never silently repeated. `tool_started` of a
//! tool that writes carries the file's hash before and after: the second means that it is done,
//! the first that it is still to be done, anything else is a question. The text of each new
//! conversation is journaled too, so a resumed one sends the same bytes.
//!
//! # Layers
//!
//! Imports point down, never up and never sideways, apart from [`tools`] using [`sandbox`].
//!
//! | layer | what it is | may import |
//! |---|---|---|
//! | `main.rs` | the exit code of what the command line asks for | `cli`, `sandbox` |
//! | [`cli`] | arguments, one file a command; puts the parts of a run together | `ui`, `run`, `config`, `engine`, `error` |
//! | [`run`] | carries out what was decided: perform, append, fold, show | the adapters, `engine`, `error` |
//! | [`ui`] | the person's side: what is shown, how it is worded, how questions are asked | `engine` |
//! | [`config`] | defaults, file, environment, flags; the only reader of the environment | `engine`, `error` |
//! | [`ollama`] | an adapter: our own client of Ollama's HTTP interface | `engine`, `error` |
//! | [`tools`] | an adapter: what a model can do to a project, and the one resolver of paths | `sandbox`, `engine`, `error` |
//! | [`sandbox`] | an adapter: commands, what they see and touch, how long they live | `engine`, `error` |
//! | [`store`] | an adapter: journals, folders, locks, secrets taken out | `engine`, `error` |
//! | [`git`] | an adapter: the only place that runs git | `engine`, `error` |
//! | [`engine`] | the rules as data and pure functions: events, fold, decide, context, documents | nothing |
//! | [`error`] | what reaches a person: words, a hint, the exit code | nothing |
//!
//! Traits stand only where two implementations do: `Model`, `Operator` and `Confine`, all in
//! [`engine::ports`]. Tools, phases, checks, skills and stores are enums, data and functions.
//!
//! # Invariants
//!
//! - `engine` performs no input or output: no files, network, processes, environment, clock or
//!   randomness.
//! - Only `store/journal.rs` writes the journal.
//! - Only `ui` and `cli` print.
//! - Only `tools/workspace.rs` turns a model's string into a path.
//! - Only `sandbox` starts processes that a model chose; only `sandbox` has unsafe code.
//! - No model text becomes state without passing the reading of calls, the policy or a check.
//! - Nothing happens that a replay of the journal cannot show.
//! - The engine knows no phase by name; phases, limits and prompts are data.
//! - Only what the session's own steps changed is ever taken back.
//! - A marker is a claim, a receipt is proof: where no test ran, nothing is called done.
//! - Text from the repository, from tools and from the model is data and never widens what is
//!   allowed.

pub mod cli;
pub mod config;
pub mod engine;
pub mod error;
pub mod git;
pub mod ollama;
pub mod run;
pub mod sandbox;
pub mod store;
pub mod tools;
pub mod ui;
