//! The HTTP side of the stand-in: one thread that accepts, one for each connection.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::shape::Shapes;
use super::models::FakeModel;
use super::script::{Decide, End, Head, RequestSeen, Script, Splits, Step, in_order};

/// How long a test that waits for the other side is not yet hopeless.
const PATIENCE: Duration = Duration::from_secs(30);

/// The first byte of whoever expects TLS.
const TLS_HANDSHAKE: u8 = 22;

/// A stand-in server; it stops when it is dropped.
pub(crate) struct FakeOllama {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepts: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    decide: Mutex<Decide>,
}

#[derive(Default)]
struct State {
    models: Vec<FakeModel>,
    pull: Option<Script>,
    listing: Option<Listing>,
    loaded: Vec<(String, u64)>,
    requests: Vec<RequestSeen>,
    connections: Vec<TcpStream>,
    hangups: usize,
    shapes: Shapes,
    misshapen: Vec<String>,
    stopped: bool,
}

/// Which models are loaded, by the number of the look, counted from 1; none drops the connection.
type Listing = Arc<dyn Fn(usize) -> Option<Vec<&'static str>> + Send + Sync>;

impl FakeOllama {
    /// A server without models and replies.
    pub(crate) fn new() -> Self {
        Self::listening(TcpListener::bind(("127.0.0.1", 0)).unwrap())
    }

    /// The same where a test wants it.
    pub(crate) fn listening(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            decide: Mutex::new(in_order([])),
        });
        let server = Arc::clone(&shared);
        let accepts = thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                let mut state = server.state();
                if state.stopped {
                    return;
                }
                stream.set_nodelay(true).unwrap();
                state.connections.push(stream.try_clone().unwrap());
                let number = state.connections.len();
                drop(state);
                let server = Arc::clone(&server);
                thread::spawn(move || server.serve(stream, number));
            }
        });
        Self {
            address,
            shared,
            accepts: Some(accepts),
        }
    }

    /// A server with a model `tiny` that gives these replies.
    pub(crate) fn answering(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::new().model(FakeModel::new("tiny")).replies(scripts)
    }

    /// Has this model too.
    pub(crate) fn model(self, model: FakeModel) -> Self {
        self.shared.state().models.push(model);
        self
    }

    /// Somebody has loaded that model with this window.
    pub(crate) fn loaded(self, name: &str, num_ctx: u64) -> Self {
        self.shared.state().loaded.push((name.to_owned(), num_ctx));
        self
    }

    /// Gives these replies, one after another.
    pub(crate) fn replies(self, scripts: impl IntoIterator<Item = Script>) -> Self {
        *self.shared.decide.lock().unwrap() = in_order(scripts);
        self
    }

    /// Asks the closure for each reply.
    pub(crate) fn deciding(
        self,
        decide: impl FnMut(&RequestSeen) -> Script + Send + 'static,
    ) -> Self {
        *self.shared.decide.lock().unwrap() = Box::new(decide);
        self
    }

    /// Answers the next pull so, instead of having the model at once.
    pub(crate) fn pulling(self, script: Script) -> Self {
        self.shared.state().pull = Some(script);
        self
    }

    /// Lists as loaded what the closure says, by the number of the look at `/api/ps`.
    pub(crate) fn listing(
        self,
        listing: impl Fn(usize) -> Option<Vec<&'static str>> + Send + Sync + 'static,
    ) -> Self {
        self.shared.state().listing = Some(Arc::new(listing));
        self
    }

    /// What was wrong with the shape of requests, for a test that meant it.
    pub(crate) fn misshapen(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().misshapen)
    }

    /// The base address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<RequestSeen> {
        self.shared.state().requests.clone()
    }

    /// The chat requests so far.
    pub(crate) fn chats(&self) -> Vec<RequestSeen> {
        let mut requests = self.requests();
        requests.retain(|request| request.path == "/api/chat");
        requests
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.shared.state().connections.len()
    }

    /// Blocks until the client has gone away from that many silences.
    pub(crate) fn wait_for_hangups(&self, count: usize) {
        self.wait_until(|state| state.hangups >= count);
    }

    /// Blocks until that many requests have come in.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        self.wait_until(|state| state.requests.len() >= count);
    }

    fn wait_until(&self, reached: impl Fn(&State) -> bool) {
        let state = self.shared.state();
        let (state, waited) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !reached(state))
            .unwrap();
        drop(state);
        assert!(
            !waited.timed_out(),
            "what the test waits for never happened"
        );
    }
}

impl Drop for FakeOllama {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.stopped = true;
        for connection in &state.connections {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        // Wakes the thread that accepts; once it has ended the port is free.
        let _ = TcpStream::connect(self.address);
        let _ = self.accepts.take().map(JoinHandle::join);
        let misshapen = self.misshapen();
        assert!(
            misshapen.is_empty() || thread::panicking(),
            "requests without the shape of one:\n{}",
            misshapen.join("\n")
        );
    }
}

/// A connection's end, which is a test's or a client's right.
type Gone = std::io::Error;

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, stream: TcpStream, connection: usize) {
        let mut output = stream.try_clone().unwrap();
        let mut input = BufReader::new(stream);
        if matches!(input.fill_buf(), Ok([TLS_HANDSHAKE, ..])) {
            let _ = output.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
        while let Ok(Some(request)) = read_request(&mut input, connection) {
            {
                let mut state = self.state();
                if state.stopped {
                    break;
                }
                if request.path == "/api/chat" {
                    let faults = state.shapes.faults(&request.json);
                    state.misshapen.extend(faults);
                }
                state.requests.push(request.clone());
                self.changed.notify_all();
            }
            let script = self.answer(&request);
            if self
                .send(script, &request, &mut input, &mut output)
                .is_err()
            {
                break;
            }
        }
        let _ = output.shutdown(Shutdown::Both);
    }

    fn answer(&self, request: &RequestSeen) -> Script {
        let mut state = self.state();
        let model = request.json["model"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let known = state
            .models
            .iter()
            .find(|known| known.is_called(&model))
            .cloned();
        let missing = || Script::error(404, &format!("model '{model}' not found"));
        match (request.path.as_str(), known) {
            ("/", _) => Script::plain(200, "Ollama is running"),
            ("/api/version", _) => answer(&json!({"version": "0.33.0"})),
            ("/api/tags", _) => {
                let models: Vec<_> = state.models.iter().map(FakeModel::in_tags).collect();
                answer(&json!({"models": models}))
            }
            ("/api/ps", _) => {
                if let Some(listing) = state.listing.clone() {
                    let looks = state.requests.iter().filter(|seen| seen.path == "/api/ps");
                    let look = looks.count();
                    drop(state);
                    let Some(loaded) = listing(look) else {
                        return Script::drop_connection();
                    };
                    let entries = loaded.into_iter().map(|name| json!({"name": name}));
                    let loaded: Vec<_> = entries.collect();
                    return answer(&json!({"models": loaded}));
                }
                let loaded = state.loaded.iter().filter_map(|(name, num_ctx)| {
                    let model = state.models.iter().find(|model| model.name == *name)?;
                    Some(model.in_ps(*num_ctx))
                });
                answer(&json!({"models": loaded.collect::<Vec<_>>()}))
            }
            ("/api/show", Some(model)) => answer(&model.in_show()),
            ("/api/pull", _) => {
                if let Some(script) = state.pull.take() {
                    return script;
                }
                state.models.push(FakeModel::new(&model));
                Script::stream()
                    .raw("{\"status\":\"pulling manifest\"}\n{\"status\":\"success\"}\n")
            }
            ("/api/chat", Some(model)) => {
                if let Some((status, words)) = model.refuses(request) {
                    return Script::error(status, &words);
                }
                let num_ctx = request.json["options"]["num_ctx"].as_u64().unwrap_or(4096);
                state.loaded.retain(|(name, _)| *name != model.name);
                state.loaded.push((model.name, num_ctx));
                drop(state);
                (self.decide.lock().unwrap())(request)
            }
            ("/api/show" | "/api/chat", None) => missing(),
            _ => Script::plain(404, "404 page not found"),
        }
    }

    fn send(
        &self,
        script: Script,
        request: &RequestSeen,
        input: &mut impl Read,
        output: &mut TcpStream,
    ) -> Result<(), Gone> {
        let mut body = ChunkedBody {
            output,
            splits: script.splits,
            sent: 0,
        };
        if let Head::Status(status, content_type) = script.head {
            write!(
                body.output,
                "HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
            )?;
        }
        for step in script.steps {
            match step {
                Step::Frame(fields) => body.write(&line(&request.json["model"], fields))?,
                Step::Raw(bytes) => body.write(&bytes)?,
                Step::Wait(gate) => gate.wait(),
            }
        }
        match script.end {
            End::Proper => body.output.write_all(b"0\r\n\r\n"),
            End::Cut => Err(Gone::other("the script drops the connection")),
            End::Hang => {
                // A client sends nothing more; what can be read is its going away.
                let _ = input.read(&mut [0]);
                self.state().hangups += 1;
                self.changed.notify_all();
                Err(Gone::other("the client went away"))
            }
        }
    }
}

fn answer(value: &Value) -> Script {
    Script::plain(200, &value.to_string())
}

fn line(model: &Value, fields: Map<String, Value>) -> Vec<u8> {
    let mut frame = Map::new();
    frame.insert("model".to_owned(), model.clone());
    frame.insert(
        "created_at".to_owned(),
        "2026-01-31T12:00:00.123456789Z".into(),
    );
    frame.extend(fields);
    // Go writes these three as escapes.
    let text = Value::Object(frame).to_string();
    let text = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    format!("{text}\n").into_bytes()
}

/// Writes a body in chunks, torn where the test wants it.
struct ChunkedBody<'a> {
    output: &'a mut TcpStream,
    splits: Splits,
    sent: usize,
}

impl ChunkedBody<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        let mut part = Vec::new();
        for byte in bytes {
            let torn = match &self.splits {
                Splits::Whole => false,
                Splits::EveryByte => true,
                Splits::At(positions) => positions.contains(&self.sent),
            };
            if torn {
                self.chunk(&part)?;
                part.clear();
            }
            part.push(*byte);
            self.sent += 1;
        }
        self.chunk(&part)
    }

    fn chunk(&mut self, part: &[u8]) -> Result<(), Gone> {
        if part.is_empty() {
            return Ok(());
        }
        let mut chunk = format!("{:x}\r\n", part.len()).into_bytes();
        chunk.extend_from_slice(part);
        chunk.extend_from_slice(b"\r\n");
        self.output.write_all(&chunk)
    }
}

fn read_request(input: &mut impl BufRead, connection: usize) -> Result<Option<RequestSeen>, Gone> {
    let mut first = String::new();
    input.read_line(&mut first)?;
    let Some(path) = first.split(' ').nth(1) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(RequestSeen {
        path: path.to_owned(),
        headers,
        json: serde_json::from_slice(&body).unwrap_or_default(),
        body,
        connection,
    }))
}
