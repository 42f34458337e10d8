//! A mirror of packages on this machine: a folder served over HTTP, and packages put into it in the
//! forms that cargo, npm and pip ask for.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The mirror; its thread ends with the test's process.
pub(crate) struct Mirror {
    folder: PathBuf,
    port: u16,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    authorized: AtomicBool,
}

impl Mirror {
    /// An empty mirror in a new folder beside that one.
    pub(crate) fn new(beside: &Path) -> Self {
        let folder = beside.with_file_name("mirror");
        fs::create_dir(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let (served, counted) = (folder.clone(), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away in the middle is its own affair.
                let _ = answer(&stream, &served, &counted);
            }
        });
        let config = json!({"dl": format!("http://127.0.0.1:{port}/crates")});
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        Self { folder, port, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How often it was asked.
    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }

    /// Whether somebody sent credentials.
    pub(crate) fn was_authorized(&self) -> bool {
        self.seen.authorized.load(Ordering::SeqCst)
    }

    fn put(&self, path: &str, content: &[u8]) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A crate, version 1.0.0, with this library.
    pub(crate) fn add_crate(&self, name: &str, library: &str) {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n");
        let root = format!("{name}-1.0.0");
        let packed = archive(&[
            (&format!("{root}/Cargo.toml"), &manifest),
            (&format!("{root}/src/lib.rs"), library),
        ]);
        let line = json!({
            "name": name, "vers": "1.0.0", "deps": [], "features": {}, "yanked": false,
            "cksum": hexadecimal(&Sha256::digest(&packed)),
        });
        self.put(&format!("crates/{name}/1.0.0/download"), &packed);
        let index = format!("{}/{}/{name}", &name[..2], &name[2..4]);
        self.put(&index, format!("{line}\n").as_bytes());
    }

    /// A node module, version 1.0.0, with this file as its whole.
    pub(crate) fn add_node_module(&self, name: &str, script: &str) {
        let manifest = json!({"name": name, "version": "1.0.0", "main": "index.js"});
        let packed = archive(&[
            ("package/package.json", &manifest.to_string()),
            ("package/index.js", script),
        ]);
        let file = format!("files/{name}-1.0.0.tgz");
        self.put(&file, &packed);
        let version = json!({
            "name": name, "version": "1.0.0", "main": "index.js",
            "dist": {"tarball": format!("{}/{file}", self.url())},
        });
        let document = json!({
            "name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version},
        });
        self.put(name, document.to_string().as_bytes());
    }

    /// A Python package, version 1.0.0, of one module. Python itself packs it.
    pub(crate) fn add_wheel(&self, name: &str, module: &str) {
        const PACK: &str = "import sys, zipfile\n\
            name, module, path = sys.argv[1:]\n\
            info = name + '-1.0.0.dist-info/'\n\
            with zipfile.ZipFile(path, 'w') as z:\n\
            \x20   z.writestr(name + '.py', module)\n\
            \x20   z.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: ' + name + '\\nVersion: 1.0.0\\n')\n\
            \x20   z.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n\
            \x20   z.writestr(info + 'RECORD', '')\n";
        let file = format!("{name}-1.0.0-py3-none-any.whl");
        let path = self.folder.join(&file);
        let packed = std::process::Command::new("python3")
            .args(["-c", PACK, name, module])
            .arg(path)
            .status()
            .unwrap();
        assert!(packed.success());
        let page = format!("<a href=\"/{file}\">{file}</a>");
        self.put(
            &format!("simple/{}/index.html", name.replace('_', "-")),
            page.as_bytes(),
        );
    }
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// One request, one answer, one connection.
fn answer(mut stream: &TcpStream, folder: &Path, seen: &Seen) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(());
    };
    for header in lines.by_ref() {
        let header = header?;
        if header.is_empty() {
            break;
        }
        if header.to_lowercase().starts_with("authorization:") {
            seen.authorized.store(true, Ordering::SeqCst);
        }
    }
    seen.requests.fetch_add(1, Ordering::SeqCst);
    let path = first.split_whitespace().nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let mut file = folder.join(path.trim_start_matches('/'));
    if file.is_dir() {
        file.push("index.html");
    }
    let kind = match file.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html",
        Some("whl" | "tgz") => "application/octet-stream",
        _ => "application/json",
    };
    let (status, body) = match fs::read(&file) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}
