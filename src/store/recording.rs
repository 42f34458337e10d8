//! A recorded session as one file: packed JSON lines, the same bytes for the same session. Refuses
//! what is no recording, and what would unpack to more than a session ever is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::StoreError;
use super::line;
use crate::engine::event::Event;
use crate::engine::recording::{FORMAT, File, Head, Recording};

/// The most bytes that a recording may unpack to.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// No time in milliseconds, no count of tokens and no seed is larger; sums of such numbers can be
/// counted.
const MOST: u64 = 1 << 48;

/// Which request a reply answered.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    seq: u64,
    sha256: String,
}

/// The recording as the bytes of its file.
pub fn pack_recording(recording: &Recording) -> Result<Vec<u8>, StoreError> {
    let mut text = String::new();
    let mut put = |key: &str, json: &str| {
        // silent-ok: writing to a String cannot fail.
        let _ = writeln!(text, "{{\"{key}\":{json}}}");
    };
    put("head", &json(&recording.head)?);
    for file in &recording.files {
        put("file", &json(file)?);
    }
    for record in &recording.records {
        if let Some(sha256) = recording.requests.get(&record.seq) {
            let request = Request {
                seq: record.seq,
                sha256: sha256.clone(),
            };
            put("request", &json(&request)?);
        }
        put("record", &line::body(record).map_err(StoreError::Encode)?);
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed
        .write_all(text.as_bytes())
        .and_then(|()| packed.finish())
        .map_err(StoreError::io("pack", Path::new("the recording")))
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::Encode)
}

/// Reads a recording.
pub fn read_recording(path: &Path) -> Result<Recording, StoreError> {
    let file = std::fs::File::open(path).map_err(StoreError::io("read", path))?;
    let mut text = String::new();
    GzDecoder::new(file)
        .take(LARGEST)
        .read_to_string(&mut text)
        .map_err(StoreError::io("unpack", path))?;
    parse(&text).map_err(|(line, reason)| StoreError::BadLine {
        path: path.to_owned(),
        line,
        reason,
    })
}

/// The recording in these lines, or the line that cannot be used and why.
fn parse(text: &str) -> Result<Recording, (u64, String)> {
    let mut head: Option<Head> = None;
    let mut recording = (Vec::new(), BTreeMap::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let wrong = |error: serde_json::Error| (number, error.to_string());
        let entry = line
            .strip_prefix("{\"")
            .and_then(|rest| rest.strip_suffix('}'));
        let Some((key, value)) = entry.and_then(|entry| entry.split_once("\":")) else {
            return Err((number, "it is no line of a recording".to_owned()));
        };
        match key {
            "head" => head = Some(serde_json::from_str(value).map_err(wrong)?),
            "file" => {
                let file: File = serde_json::from_str(value).map_err(wrong)?;
                recording.2.push(file);
            }
            "request" => {
                let request: Request = serde_json::from_str(value).map_err(wrong)?;
                recording.1.insert(request.seq, request.sha256);
            }
            "record" => {
                let record = line::parse(value).map_err(wrong)?;
                if has_too_large_a_number(value) {
                    let why = format!("a number in it is larger than {MOST}");
                    return Err((number, why));
                }
                let next = recording.0.len() as u64 + 1;
                if record.seq != next {
                    let seq = record.seq;
                    let why = format!("carries number {seq} where {next} has to follow");
                    return Err((number, why));
                }
                recording.0.push(record);
            }
            other => return Err((number, format!("'{other}' is nothing of a recording"))),
        }
    }
    let head = head.ok_or_else(|| (1, "it does not say that it is a recording".to_owned()))?;
    if head.replay != FORMAT {
        let why = format!(
            "recorded by version {} in format {}; this program reads format {FORMAT}",
            head.version, head.replay
        );
        return Err((1, why));
    }
    let (records, requests, files) = recording;
    match records.first() {
        Some(first) if matches!(first.event, Event::SessionStarted(_)) => Ok(Recording {
            head,
            records,
            requests,
            files,
        }),
        _ => Err((
            1,
            "it does not begin with the start of a session".to_owned(),
        )),
    }
}

fn has_too_large_a_number(json: &str) -> bool {
    fn is_too_large(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.as_u64().is_some_and(|number| number > MOST),
            Value::Array(items) => items.iter().any(is_too_large),
            Value::Object(map) => map.values().any(is_too_large),
            Value::Null | Value::Bool(_) | Value::String(_) => false,
        }
    }
    // Hardly any line has so many digits in a row.
    let mut digits = 0;
    let may_be = json.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= 15
    });
    may_be && serde_json::from_str(json).is_ok_and(|value| is_too_large(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::recording::{Content, FileKind, Redacted};

    const START: &str = r#"{"record":{"seq":1,"at":"","event":"session_started","schema":1,"version":"0","id":"i","task":"t","project":"/p","config":{},"model":"m","num_ctx":1,"pipeline":"","pipeline_hash":"","skills":{},"skill_hashes":{}}}"#;

    fn head(format: u32) -> String {
        format!(r#"{{"head":{{"replay":{format},"version":"0","session":"i","folder":"/s"}}}}"#)
    }

    #[test]
    fn a_recording_is_the_same_after_the_file() {
        let lines = [
            &head(FORMAT),
            r#"{"file":{"seq":1,"path":"a","content":{"text":"x"}}}"#,
            START,
            r#"{"request":{"seq":2,"sha256":"ab"}}"#,
            r#"{"record":{"seq":2,"at":"","event":"told","text":"\"}\n{"}}"#,
        ];
        let recording = parse(&lines.join("\n")).unwrap();
        assert_eq!(recording.head.redacted, Redacted::Nothing);
        assert_eq!(recording.requests[&2], "ab");
        let file = File {
            seq: 1,
            path: "a".to_owned(),
            raw: None,
            by: crate::engine::recording::By::Command,
            kind: FileKind::Plain,
            content: Content::Text("x".to_owned()),
        };
        assert_eq!(recording.files, [file]);
        let packed = pack_recording(&recording).unwrap();
        assert_eq!(packed, pack_recording(&recording).unwrap());
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.replay");
        std::fs::write(&path, packed).unwrap();
        assert_eq!(read_recording(&path).unwrap(), recording);
        std::fs::write(&path, "no such thing").unwrap();
        assert!(read_recording(&path).is_err());
    }

    #[test]
    fn what_is_no_recording_is_refused_by_line() {
        let check = |lines: &[&str], line: u64, words: &str| {
            let (at, why) = parse(&lines.join("\n")).unwrap_err();
            assert_eq!(at, line, "{why}");
            assert!(why.contains(words), "{why}");
        };
        let head = |format| head(format);
        check(&[START], 1, "does not say");
        check(&[&head(FORMAT)], 1, "does not begin");
        check(&[&head(FORMAT + 1), START], 1, "reads format");
        check(&[&head(FORMAT), START, START], 3, "number 1 where 2");
        check(&[&head(FORMAT), "{}"], 2, "no line");
        check(&[&head(FORMAT), r#"{"song":1}"#], 2, "song");
    }
}
