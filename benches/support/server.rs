//! A stand-in for Ollama that costs next to nothing: a thread a connection, replies that are ready
//! before they are wanted, and a note of the moment of the last byte of everything.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::replies::Chat;

/// Writes the reply to the chat request of that number, counted from 0.
pub(crate) type Script = dyn Fn(usize, usize) -> Chat + Send + Sync;

/// One request for a chat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange {
    /// When its last byte was here.
    pub(crate) received: Instant,
    /// When the last byte of the answer was about to leave.
    pub(crate) answered: Option<Instant>,
    /// How long the body is.
    pub(crate) bytes: usize,
    /// Peak memory of the client at that moment, in KB.
    pub(crate) peak_kb: u64,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The chats, in order.
    pub(crate) chats: Vec<Exchange>,
    /// Other requests before the first chat, by path.
    pub(crate) probes: Vec<String>,
    /// Connections taken.
    pub(crate) connections: usize,
}

struct Shared {
    script: Box<Script>,
    seen: Mutex<Seen>,
    client: AtomicU32,
    stop_at: usize,
    stopped: Mutex<Option<Sender<()>>>,
}

/// The server.
pub(crate) struct Server {
    shared: Arc<Shared>,
    stopped: Receiver<()>,
    /// Where it listens.
    pub(crate) url: String,
}

impl Server {
    /// Answers chats by the script until that many were asked for; the last gets no answer.
    pub(crate) fn start(
        chats: usize,
        script: impl Fn(usize, usize) -> Chat + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, stopped) = channel();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            seen: Mutex::default(),
            client: AtomicU32::new(0),
            stop_at: chats,
            stopped: Mutex::new(Some(sender)),
        });
        let server = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&server);
                shared.seen.lock().unwrap().connections += 1;
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self {
            shared,
            stopped,
            url,
        }
    }

    /// Whose memory is looked at.
    pub(crate) fn watch(&self, process: u32) {
        self.shared.client.store(process, Ordering::Relaxed);
    }

    /// Waits for the last chat; false if the client ended before.
    pub(crate) fn wait(&self, client: &mut std::process::Child) -> bool {
        loop {
            let pause = std::time::Duration::from_millis(200);
            if self.stopped.recv_timeout(pause).is_ok() {
                return true;
            }
            if client.try_wait().expect("a child").is_some() {
                return false;
            }
        }
    }

    /// What was seen.
    pub(crate) fn seen(&self) -> Seen {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut filled = 0;
    loop {
        let Some((head, length)) = head(&buffer[..filled]) else {
            match stream.read(&mut buffer[filled..]) {
                Ok(0) | Err(_) => return,
                Ok(read) => filled += read,
            }
            continue;
        };
        let whole = head + length;
        if buffer.len() < whole {
            buffer.resize(whole * 2, 0);
        }
        while filled < whole {
            match stream.read(&mut buffer[filled..]) {
                Ok(0) | Err(_) => return,
                Ok(read) => filled += read,
            }
        }
        let received = Instant::now();
        let path = path(&buffer[..head]);
        let goes_on = if path == "/api/chat" {
            chat(&mut stream, shared, received, length)
        } else {
            probe(&mut stream, shared, path)
        };
        if !goes_on {
            return;
        }
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

fn chat(stream: &mut TcpStream, shared: &Shared, received: Instant, bytes: usize) -> bool {
    let number = {
        let mut seen = shared.seen.lock().unwrap();
        seen.chats.push(Exchange {
            received,
            answered: None,
            bytes,
            peak_kb: peak_kb(shared.client.load(Ordering::Relaxed)),
        });
        seen.chats.len()
    };
    if number == shared.stop_at {
        if let Some(sender) = shared.stopped.lock().unwrap().take() {
            // The benchmark may have ended.
            let _ = sender.send(());
        }
        // No answer: the connection stays open until the client goes away.
        let _ = stream.read(&mut [0; 64]);
        return false;
    }
    let reply = (shared.script)(number - 1, bytes);
    if stream.write_all(&reply.begin).is_err() {
        return false;
    }
    // The client reads what has come, as it does while a model writes.
    std::thread::sleep(std::time::Duration::from_millis(2));
    shared.seen.lock().unwrap().chats[number - 1].answered = Some(Instant::now());
    stream.write_all(&reply.end).is_ok()
}

fn probe(stream: &mut TcpStream, shared: &Shared, path: &str) -> bool {
    let body = match path {
        "/api/version" => r#"{"version":"0.12.6"}"#.to_owned(),
        "/api/tags" => format!(
            r#"{{"models":[{{"name":"{0}","model":"{0}","size":5200000000,"digest":"abc","details":{{"family":"qwen3","parameter_size":"8.2B","quantization_level":"Q4_K_M"}},"capabilities":["completion","tools"]}}]}}"#,
            super::home::MODEL
        ),
        "/api/show" => r#"{"capabilities":["completion","tools"],"details":{"family":"qwen3"},"model_info":{"general.architecture":"qwen3","qwen3.context_length":1000000}}"#.to_owned(),
        "/api/ps" => format!(
            r#"{{"models":[{{"name":"{0}","model":"{0}","size":1,"size_vram":1,"context_length":{1}}}]}}"#,
            super::home::MODEL,
            super::home::NUM_CTX
        ),
        _ => "{}".to_owned(),
    };
    {
        let mut seen = shared.seen.lock().unwrap();
        let first = seen.chats.is_empty();
        if first {
            seen.probes.push(path.to_owned());
        }
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).is_ok()
}

/// How long the head of a request is, and how long its body; none if the head is not whole.
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..end]).expect("a head in ASCII");
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().expect("a length"))
    });
    Some((end, length.unwrap_or(0)))
}

fn path(head: &[u8]) -> &str {
    let text = std::str::from_utf8(head).expect("a head in ASCII");
    text.split(' ').nth(1).unwrap_or_default()
}

/// The highest use of memory so far, as the kernel counts it.
fn peak_kb(process: u32) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else {
        return 0;
    };
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
