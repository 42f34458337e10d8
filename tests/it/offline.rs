//! The program connects to the configured server and to nothing else, whatever that server says
//! and whatever the environment names as a proxy.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::support::project::Project;

/// A server that sends everybody to another address.
fn hostile(elsewhere: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let elsewhere = elsewhere.to_owned();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            // Each way to redirect in turn.
            let status = [301, 302, 303, 307, 308][number % 5];
            if let Ok(stream) = stream {
                let elsewhere = elsewhere.clone();
                thread::spawn(move || redirect(stream, status, &elsewhere));
            }
        }
    });
    address
}

fn redirect(mut stream: TcpStream, status: u16, elsewhere: &str) {
    let mut request = [0; 4096];
    while let Ok(1..) = stream.read(&mut request) {
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: http://{elsewhere}/api/tags\r\nContent-Length: 0\r\n\r\n"
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn neither_a_redirect_nor_a_proxy_leads_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap().to_string();
    let proxy = format!("http://{address}");
    let project = Project::without_server().variable("OLLAMA_HOST", &hostile(&address));
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
    ];
    let project = names
        .into_iter()
        .fold(project, |project, name| project.variable(name, &proxy));
    for _ in 0..5 {
        project.run(&["doctor"]).exits(5);
    }
    project.start_unattended(&[]).exits(5);
    let model = ["--skip-check", "--model", "tiny"];
    let config = "server:\n  wait_minutes: 1\n";
    let ran = project.config(config).start_unattended(&model);
    assert_ne!(ran.code, Some(0));
    let connected = elsewhere.accept();
    assert!(
        connected.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
        "somebody connected to {address}"
    );
}
