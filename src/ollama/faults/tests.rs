//! The words of servers, and what they are taken to mean.

use super::*;

fn refused(status: u16, body: &str) -> (Fault, Option<Trouble>) {
    let failure = refusal(status, body.as_bytes(), "tiny");
    (failure.fault, failure.trouble)
}

fn server(status: u16, detail: &str) -> Fault {
    Fault::Server {
        status,
        detail: detail.to_owned(),
    }
}

fn full(prompt_tokens: u64, num_ctx: u64) -> Fault {
    Fault::ContextFull {
        prompt_tokens,
        num_ctx,
    }
}

#[test]
fn context_errors_in_all_their_wrappings() {
    for (body, expected) in [
        (
            r#"{"error":"{\"error\":{\"code\":400,\"message\":\"request (810 tokens) exceeds the available context size (256 tokens), try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":810,\"n_ctx\":256}}"}"#,
            full(810, 256),
        ),
        (
            r#"{"error":{"type":"exceed_context_size_error","message":"no"}}"#,
            full(0, 0),
        ),
        (
            r#"{"error":"the prompt is longer than the context length currently available to the model; shorten the prompt"}"#,
            full(0, 0),
        ),
        (
            r#"{"error":"input length (70 tokens) exceeds the model's maximum context length (64 tokens)"}"#,
            full(70, 64),
        ),
    ] {
        assert_eq!(refused(400, body), (expected, None), "{body}");
    }
    let elapsed = r#"{"error":"context deadline exceeded"}"#;
    assert_eq!(
        refused(400, elapsed).0,
        server(400, "context deadline exceeded")
    );
}

#[test]
fn words_that_name_the_fault() {
    let model = || "tiny".to_owned();
    for (status, body, expected) in [
        (
            400,
            r#"{"error":"registry.example/library/tiny:latest does not support tools"}"#,
            Fault::NoTools { model: model() },
        ),
        (
            400,
            r#"{"error":"\"tiny\" does not support thinking"}"#,
            Fault::NoThinking { model: model() },
        ),
        (
            404,
            r#"{"error":"model 'tiny' not found"}"#,
            Fault::ModelMissing { model: model() },
        ),
        (404, "404 page not found", server(404, "404 page not found")),
        (
            403,
            r#"{"error":"ollama cloud is disabled: remote model is unavailable"}"#,
            Fault::Cloud { model: model() },
        ),
        (
            401,
            r#"{"error":"unauthorized","signin_url":"https://example.com"}"#,
            Fault::Cloud { model: model() },
        ),
        (
            400,
            r#"{"error":"invalid model name"}"#,
            server(400, "invalid model name"),
        ),
        (
            500,
            r#"{"error":"option \"num_ctx\" must be of type integer"}"#,
            server(500, "option \"num_ctx\" must be of type integer"),
        ),
        (
            500,
            r#"{"error":"invalid format: \"xml\"; expected \"json\""}"#,
            server(500, "invalid format: \"xml\"; expected \"json\""),
        ),
        (
            500,
            r#"{"error":"EOF"}"#,
            Fault::Unusable {
                detail: "EOF".to_owned(),
            },
        ),
        (
            500,
            r#"{"error":"tool 'x' not found"}"#,
            Fault::Unusable {
                detail: "tool 'x' not found".to_owned(),
            },
        ),
        (
            403,
            "",
            server(
                403,
                "no reason given; a proxy in front of it must pass on the server's own host name",
            ),
        ),
        (302, "", server(302, "no reason given")),
    ] {
        assert_eq!(refused(status, body), (expected, None), "{status} {body}");
    }
}

#[test]
fn faults_that_pass() {
    for (status, body, trouble) in [
        (
            503,
            r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#,
            Trouble::Busy,
        ),
        (499, r#"{"error":"request canceled"}"#, Trouble::TakenBack),
        (502, "<html>bad gateway</html>", Trouble::Lost),
        (
            500,
            r#"{"error":"llama-server process has terminated: signal: killed"}"#,
            Trouble::Failed,
        ),
        (500, "", Trouble::Failed),
    ] {
        assert_eq!(refused(status, body).1, Some(trouble), "{status} {body}");
    }
}

#[test]
fn error_frames() {
    let killed = error_frame(
        br#"{"error":"an error was encountered while running the model: unexpected EOF"}"#,
    );
    assert_eq!(killed.trouble, Some(Trouble::Failed));
    assert_eq!(
        error_frame(br#"{"error parsing tool call":"raw='{'"}"#),
        Fault::Unusable {
            detail: "error parsing tool call: raw='{'".to_owned()
        }
        .into()
    );
    assert_eq!(
        pull_error(
            br#"{"error":"pull model manifest: file does not exist"}"#,
            "tiny"
        ),
        Fault::ModelMissing {
            model: "tiny".to_owned()
        }
    );
}

proptest::proptest! {
    #[test]
    fn no_body_panics(status in 100_u16..600, body in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
        refusal(status, &body, "tiny");
        error_frame(&body);
    }
}
