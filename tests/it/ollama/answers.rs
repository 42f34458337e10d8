//! Every shape of an answer, whole and torn at every byte, gives the same reply or fault.

use loop_orchestration::engine::ports::Progress;
use loop_orchestration::engine::reply::{Done, Fault, Reply, Usage};
use serde_json::{Value, json};

use super::{ask, names_of, shown_text};
use crate::support::fake_ollama::{FakeOllama, Script, Splits, shapes};

/// What is expected of a shape that the server is asked for once.
fn check(shape: fn() -> Script, expected: &Result<Reply, Fault>) {
    for splits in [Splits::Whole, Splits::EveryByte] {
        let fake = FakeOllama::answering([shape().split(splits.clone())]);
        let (result, _) = ask(&fake);
        assert_eq!(&result, expected, "{splits:?}");
        assert_eq!(fake.chats().len(), 1, "asked again");
    }
}

fn usage(prompt: u64, eval: u64) -> Usage {
    Usage {
        prompt_tokens: prompt,
        eval_tokens: eval,
        prompt_ms: prompt,
        eval_ms: eval * 2,
        load_ms: 1,
    }
}

fn said(content: &str) -> Reply {
    Reply {
        content: content.to_owned(),
        usage: usage(100, 10),
        ..Reply::default()
    }
}

fn call(index: u64, city: &str) -> Value {
    json!({
        "id": format!("call_{index:08}"),
        "function": {"index": index, "name": "get_weather", "arguments": {"city": city}},
    })
}

#[test]
fn text_and_thinking() {
    check(shapes::text, &Ok(said("Grüße, テスト <b>&</b>")));
    let thinking = "I should think.".to_owned();
    check(
        shapes::think,
        &Ok(Reply {
            thinking,
            ..said("42")
        }),
    );
    let thinking = "I should think.\n".to_owned();
    check(
        shapes::format_after_thinking,
        &Ok(Reply {
            thinking,
            ..said("{\"ok\": true}")
        }),
    );
}

#[test]
fn calls_in_any_frame() {
    check(
        shapes::tools,
        &Ok(Reply {
            tool_calls: vec![call(0, "Paris")],
            ..said("")
        }),
    );
    check(
        shapes::jinja_tools,
        &Ok(Reply {
            tool_calls: vec![call(0, "Paris")],
            ..said("Looking it up. ")
        }),
    );
    check(
        shapes::two_tools,
        &Ok(Reply {
            tool_calls: vec![call(0, "Rome"), call(1, "Bonn")],
            ..said("I will look. ")
        }),
    );
}

#[test]
fn a_swallowed_call_shows_in_the_counts_alone() {
    let empty = Reply {
        usage: usage(98, 4),
        ..Reply::default()
    };
    check(shapes::bad_tool, &Ok(empty.clone()));
    check(shapes::broken_tool, &Ok(empty));
}

#[test]
fn a_limit_of_tokens() {
    let length = |content, thinking: &str, usage| Reply {
        done: Done::Length,
        thinking: thinking.to_owned(),
        usage,
        ..said(content)
    };
    check(
        shapes::format_cut,
        &Ok(length("{\"name\": \"get_", "", usage(11, 5))),
    );
    check(
        shapes::length_in_thinking,
        &Ok(length("", "I should think", usage(10, 2))),
    );
}

#[test]
fn a_reason_that_is_not_known_counts_as_the_models_own() {
    check(
        || Script::stream().text("x").done_with("tool_calls", 0, 0),
        &Ok(Reply {
            usage: usage(0, 0),
            ..said("x")
        }),
    );
}

#[test]
fn what_the_server_could_not_use() {
    let unusable = |detail: &str| {
        Err(Fault::Unusable {
            detail: detail.to_owned(),
        })
    };
    let xml = "XML syntax error on line 6: element <parameter> closed by </function>";
    check(shapes::unreadable_call, &unusable(xml));
    check(shapes::unreadable_call_at_once, &unusable(xml));
    check(
        shapes::unreadable_call_old,
        &unusable("error parsing tool call: raw='{'"),
    );
}

#[test]
fn streams_that_end_too_early() {
    let cut = |how: &str, after| {
        let detail = format!("the stream ended {how}, after {after} characters of text");
        Err(Fault::Cut { detail })
    };
    let detail =
        "the stream ended without its final frame, after 191 characters of text".to_owned();
    check(shapes::repeat, &Err(Fault::Unfinished { detail }));
    check(Script::stream, &cut("without its final frame", 0));
    check(
        || {
            Script::stream()
                .text("ab")
                .raw("{\"message\":{\"content\":\"c")
        },
        &cut("in the middle of a line", 2),
    );
    for splits in [Splits::Whole, Splits::EveryByte] {
        let (result, told) = ask(&FakeOllama::answering([
            shapes::server_killed().split(splits)
        ]));
        assert!(matches!(result, Err(Fault::Cut { .. })), "{result:?}");
        assert_eq!(shown_text(&told), "tick tock ");
    }
}

#[test]
fn refusals_that_asking_again_cannot_change() {
    let model = || "tiny".to_owned();
    let server = |status, detail: &str| Fault::Server {
        status,
        detail: detail.to_owned(),
    };
    for (shape, fault) in [
        (
            shapes::context_full as fn() -> Script,
            Fault::ContextFull {
                prompt_tokens: 591,
                num_ctx: 256,
            },
        ),
        (
            shapes::context_full_without_numbers,
            Fault::ContextFull {
                prompt_tokens: 0,
                num_ctx: 0,
            },
        ),
        (shapes::no_tools, Fault::NoTools { model: model() }),
        (shapes::no_thinking, Fault::NoThinking { model: model() }),
        (shapes::missing, Fault::ModelMissing { model: model() }),
        (shapes::plain_404, server(404, "404 page not found")),
        (shapes::cloud, Fault::Cloud { model: model() }),
        (
            shapes::foreign_host,
            server(
                403,
                "no reason given; a proxy in front of it must pass on the server's own host name",
            ),
        ),
        (
            shapes::bad_option,
            server(500, "option \"num_ctx\" must be of type integer"),
        ),
        (shapes::bad_schema, server(400, "Unrecognized schema")),
        (|| Script::plain(301, ""), server(301, "no reason given")),
    ] {
        check(shape, &Err(fault));
    }
}

#[test]
fn progress_is_told_as_it_comes() {
    let script = Script::stream()
        .thinking("hm")
        .text("I ")
        .text("look")
        .call("look", &json!({}))
        .done();
    let (result, told) = ask(&FakeOllama::answering([script]));
    assert_eq!(names_of(&result.unwrap().tool_calls), ["look"]);
    assert_eq!(
        told,
        [
            Progress::Waiting,
            Progress::Thinking("hm".to_owned()),
            Progress::Text("I ".to_owned()),
            Progress::Text("look".to_owned()),
            Progress::Call("look".to_owned()),
        ]
    );
}

#[test]
fn a_line_may_be_torn_at_two_places() {
    let first = r#"{"message":{"content":"ü"},"done":false}"#;
    for at in 1..first.len() {
        let script = Script::stream()
            .raw(format!("{first}\r\n\n"))
            .raw(r#"{"message":{"content":""},"done":true}"#)
            .split(Splits::At(vec![at, at + 3]));
        let (result, _) = ask(&FakeOllama::answering([script]));
        assert_eq!(result.unwrap().content, "ü", "torn at {at}");
    }
}
