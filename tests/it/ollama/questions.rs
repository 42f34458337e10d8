//! What the server answers without a model, pulling one, and the settings of the client.

use std::path::PathBuf;
use std::time::Duration;

use loop_orchestration::engine::ports::Think;
use loop_orchestration::engine::reply::Fault;
use loop_orchestration::error::ErrorKind;
use loop_orchestration::ollama::{PullProgress, Server, ServerSettings};
use serde_json::json;

use super::{block_on, chat, hasty, request, server, user};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script, Splits};

fn missing(model: &str) -> Fault {
    Fault::ModelMissing {
        model: model.to_owned(),
    }
}

fn stocked() -> FakeOllama {
    FakeOllama::new()
        .model(
            FakeModel::new("thinker:8b")
                .capabilities(&["completion", "tools", "thinking"])
                .window(40_960)
                .size(42)
                .parameters(
                    "stop                           \"</x>\"\nnum_ctx                        2048",
                ),
        )
        .model(FakeModel::new("plain").capabilities(&["completion"]))
        .model(FakeModel::new("far").remote("https://example.com"))
}

#[test]
fn what_there_is() {
    let fake = stocked();
    block_on(async {
        let server = server(&fake.url());
        assert_eq!(server.version().await.unwrap(), "0.33.0");
        let tags = server.tags().await.unwrap();
        let listed: Vec<_> = tags
            .iter()
            .map(|tag| (tag.name.as_str(), tag.size, tag.is_cloud()))
            .collect();
        assert_eq!(
            listed,
            [
                ("thinker:8b", 42, false),
                ("plain", 5_000_000_000, false),
                ("far", 5_000_000_000, true)
            ]
        );
        assert_eq!(tags[0].details.parameter_size, "8.2B");
        assert_eq!(server.ps().await.unwrap(), []);
        let shown = server.show("thinker:8b").await.unwrap();
        assert_eq!(shown.context_length(), Some(40_960));
        assert!(shown.can("tools") && shown.can("thinking") && !shown.can("vision"));
        assert_eq!(
            (shown.parameter("num_ctx"), shown.parameter("seed")),
            (Some("2048"), None)
        );
        assert_eq!(server.show("nope").await, Err(missing("nope")));
        assert_eq!(
            server.show("far").await,
            Err(Fault::Cloud {
                model: "far".to_owned()
            })
        );
    });
    assert_eq!(fake.connections(), 1);
}

#[test]
fn the_stand_in_refuses_what_a_server_refuses() {
    let fake = stocked().replies([Script::says("hi")]);
    let messages = [user("hi")];
    let tools = [json!({"type": "function"})];
    block_on(async {
        let mut server = server(&fake.url());
        let mut request = request(&messages);
        request.model = "nope";
        assert_eq!(chat(&mut server, &request).await.0, Err(missing("nope")));
        request.model = "plain";
        request.think = &Think::On;
        let no_thinking = Fault::NoThinking {
            model: "plain".to_owned(),
        };
        assert_eq!(chat(&mut server, &request).await.0, Err(no_thinking));
        let others = [user("with tools")];
        request.messages = &others;
        request.tools = &tools;
        let no_tools = Fault::NoTools {
            model: "plain".to_owned(),
        };
        assert_eq!(chat(&mut server, &request).await.0, Err(no_tools));
        request.model = "far";
        assert_eq!(
            chat(&mut server, &request).await.0,
            Err(Fault::Cloud {
                model: "far".to_owned()
            })
        );
        request.model = "thinker:8b";
        assert!(chat(&mut server, &request).await.0.is_ok());
        let spent = chat(&mut server, &request).await.0;
        assert_eq!(
            spent.unwrap_err().to_string(),
            "the model's server answered 400: the test has no more replies"
        );
    });
}

fn pull(fake: &FakeOllama, model: &str) -> (Result<(), Fault>, Vec<PullProgress>) {
    let mut told = Vec::new();
    let pulled = block_on(async {
        server(&fake.url())
            .pull(model, &mut |progress| told.push(progress))
            .await
    });
    (pulled, told)
}

#[test]
fn a_pull_ends_with_success_or_not_at_all() {
    let step = |lines: &[&str]| Script::stream().raw(lines.join("\n"));
    let manifest = r#"{"status":"pulling manifest"}"#;
    let layer = r#"{"status":"pulling 6a07","digest":"sha256:6a07","total":10,"completed":4}"#;
    for splits in [Splits::Whole, Splits::EveryByte] {
        let script = |lines: &[&str]| step(lines).split(splits.clone());
        let fake = FakeOllama::new().pulling(script(&[manifest, layer, r#"{"status":"success"}"#]));
        let (pulled, told) = pull(&fake, "new");
        assert_eq!(pulled, Ok(()));
        let states: Vec<_> = told
            .iter()
            .map(|step| (step.status.as_str(), step.completed, step.total))
            .collect();
        assert_eq!(
            states,
            [
                ("pulling manifest", 0, 0),
                ("pulling 6a07", 4, 10),
                ("success", 0, 0)
            ]
        );

        let gone = r#"{"error":"pull model manifest: file does not exist"}"#;
        let fake = FakeOllama::new().pulling(script(&[manifest, gone]));
        assert_eq!(pull(&fake, "new").0, Err(missing("new")));

        let full = r#"{"error":"write /models/x: no space left on device"}"#;
        let fake = FakeOllama::new().pulling(script(&[manifest, layer, full, ""]));
        let detail = "write /models/x: no space left on device".to_owned();
        assert_eq!(
            pull(&fake, "new").0,
            Err(Fault::Server {
                status: 500,
                detail
            })
        );

        let fake = FakeOllama::new().pulling(script(&[manifest, layer]));
        let detail = "the download of 'new' ended without success".to_owned();
        assert_eq!(pull(&fake, "new").0, Err(Fault::Cut { detail }));

        let fake = FakeOllama::new().pulling(script(&[manifest, layer, ""]).cut());
        assert!(matches!(pull(&fake, "new").0, Err(Fault::Cut { .. })));
    }
}

#[test]
fn a_pulled_model_is_there() {
    let fake = FakeOllama::new();
    assert_eq!(pull(&fake, "new").0, Ok(()));
    let tags = block_on(async { server(&fake.url()).tags().await });
    assert_eq!(tags.unwrap()[0].name, "new");
}

#[test]
fn something_that_is_not_ollama() {
    let url = FakeOllama::new();
    let settings = ServerSettings {
        host: format!("{}/proxy", url.url()),
        ..ServerSettings::new("")
    };
    let answer = block_on(async { Server::new(&settings).unwrap().version().await });
    let detail = "404 page not found".to_owned();
    assert_eq!(
        answer,
        Err(Fault::Server {
            status: 404,
            detail
        })
    );
    assert_eq!(url.requests()[0].path, "/proxy/api/version");
}

#[test]
fn headers_are_sent_and_never_shown() {
    let fake = FakeOllama::answering([]);
    let settings = ServerSettings {
        headers: vec![("Authorization".to_owned(), "Bearer s3cret".to_owned())],
        ..ServerSettings::new(&fake.url())
    };
    let server = Server::new(&settings).unwrap();
    block_on(async { server.version().await.unwrap() });
    assert_eq!(
        fake.requests()[0].header("authorization"),
        Some("Bearer s3cret")
    );
    let shown = format!("{settings:?} {server:?}");
    assert!(
        shown.contains("Authorization") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn settings_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let refused = |host: &str, ca_file: Option<PathBuf>, header: (&str, &str)| {
        let settings = ServerSettings {
            ca_file,
            headers: vec![(header.0.to_owned(), header.1.to_owned())],
            ..ServerSettings::new(host)
        };
        let error = Server::new(&settings).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        error.message
    };
    let fine = ("x-a", "b");
    assert_eq!(
        refused("ftp://a", None, fine),
        "cannot use the server address 'ftp://a:11434': only http and https are spoken"
    );
    let bad = refused("http://a b", None, fine);
    assert!(
        bad.starts_with("cannot use the server address 'http://a b:80': "),
        "{bad}"
    );
    let bad = refused("https://a", Some(empty.clone()), fine);
    assert_eq!(
        bad,
        format!(
            "cannot read certificates from {}: there are none in it",
            empty.display()
        )
    );
    let bad = refused("https://a", Some(folder.path().join("none.pem")), fine);
    assert!(bad.contains("none.pem"), "{bad}");
    assert_eq!(
        refused("", None, ("a b", "c")),
        "'a b' cannot be the name of a header"
    );
    let bad = refused("", None, ("x-key", "s3cret\n"));
    assert_eq!(
        bad,
        "the value of header 'x-key' has characters a header cannot carry"
    );
}

/// Some authority's certificate. Nobody has its key.
const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUacnlDPI1tyAa4kHeznqrQlDv9zAwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGdGVzdGNhMB4XDTI2MTEyMTAyMTAwN1oXDTI2MTEyMzAyMTAw
N1owETEPMA0GA1UEAwwGdGVzdGNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
ruYtd9cwbqReqO82na+8qSLQisEANUvETOs5A9k8egv3OERZhcXWzZEIvEvAyq38
CcDS60d1Dnc0kQBVF+9EgqNTMFEwHQYDVR0OBBYEFH+k74+4obSKWfjBEEuONnkF
yrZoMB8GA1UdIwQYMBaAFH+k74+4obSKWfjBEEuONnkFyrZoMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAJREBXVaBOe+59izMWnCEwh96YJ9V8Pd
SWqNBpG8AD6PAiA8obkeinS4DugWu3YXNWW/T6m9R/GZmXoFwxLLPSRpWQ==
-----END CERTIFICATE-----";

#[test]
fn tls_with_a_server_that_does_not_speak_it_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("authority.pem");
    std::fs::write(&ca_file, AUTHORITY).unwrap();
    let fake = FakeOllama::answering([]);
    let settings = ServerSettings {
        ca_file: Some(ca_file),
        ..ServerSettings::new(&fake.url().replace("http:", "https:"))
    };
    let (result, told) =
        block_on(async { chat(&mut hasty(&settings), &request(&[user("hi")])).await });
    assert!(
        matches!(result, Err(Fault::Unreachable { .. })),
        "{result:?}"
    );
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn without_tls_no_certificates_are_read() {
    let settings = ServerSettings {
        ca_file: Some(PathBuf::from("/there/is/no/such.pem")),
        ..ServerSettings::new("")
    };
    assert!(Server::new(&settings).is_ok());
}

#[test]
fn the_limits_are_long_unless_set() {
    let settings = ServerSettings::new("example.com");
    assert_eq!(settings.host, "http://example.com:11434");
    assert!(
        settings.first_byte >= Duration::from_secs(900)
            && settings.idle >= Duration::from_secs(600)
    );
}
