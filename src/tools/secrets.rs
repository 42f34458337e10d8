//! Which files of a project hold secrets, told by their names. Files are read for that alone: what
//! is found in them (`secret_values`) is given to whoever keeps it from being sent or written.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::secret_values::values;
use crate::sandbox::{Kind, Seen, each_folder};
use rustix::fs::OFlags;

/// The most files that are read, the most bytes of one, and the most values that are taken.
const MOST_FILES: usize = 500;
const MOST_BYTES: u64 = 512 * 1024;
const MOST_VALUES: usize = 5_000;

/// What the secret files of a project hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The files, relative to the project.
    pub files: Vec<PathBuf>,
    /// Names and values. A value may be a whole `NAME=value`, where the value alone is too common
    /// a word.
    pub values: Vec<(String, String)>,
    /// What was not looked at, in words: what is there is kept from nobody.
    pub left_out: Vec<String>,
}

/// Looks through a project for files with secrets.
pub fn secrets(project: &Path) -> Secrets {
    let mut found = Secrets::default();
    let seen = each_folder(project, &mut |folder, entries| {
        for entry in entries {
            let is_readable = matches!(entry.kind, Kind::File | Kind::Link);
            if is_readable && holds_secrets(&entry.name.to_string_lossy()) {
                found.files.push(folder.join(&entry.name));
            }
        }
    });
    if seen == Seen::InPart {
        let what = "folders beyond the bounds of what is looked through".to_owned();
        found.left_out.push(what);
    }
    if found.files.len() > MOST_FILES {
        let more = found.files.len() - MOST_FILES;
        found
            .left_out
            .push(format!("{more} more files of that kind"));
        found.files.truncate(MOST_FILES);
    }
    for path in &found.files {
        // Otherwise it is no file with a text, or none that a command could read either.
        let Ok((text, whole)) = text(&project.join(path)) else {
            continue;
        };
        if whole == Seen::InPart {
            let most = MOST_BYTES / 1024;
            let what = format!(
                "what stands behind the first {most} KB of `{}`",
                path.display()
            );
            found.left_out.push(what);
        }
        found.values.extend(values(&text));
    }
    if found.values.len() > MOST_VALUES {
        let more = found.values.len() - MOST_VALUES;
        found.left_out.push(format!("{more} more values"));
        found.values.truncate(MOST_VALUES);
    }
    found
}

/// Names and values of the secrets in a text, if a file of that name is there to hold some.
pub fn secrets_in(name: &str, text: &str) -> Vec<(String, String)> {
    if holds_secrets(name) {
        values(text)
    } else {
        Vec::new()
    }
}

/// Whether a file of that name is there to hold secrets. Examples of such files are not.
fn holds_secrets(name: &str) -> bool {
    const EXAMPLES: [&str; 6] = [
        "example", "sample", "template", "dist", "defaults", "schema",
    ];
    const NAMES: [&str; 22] = [
        ".env",
        ".envrc",
        ".npmrc",
        ".pypirc",
        ".netrc",
        "_netrc",
        ".git-credentials",
        ".pgpass",
        ".my.cnf",
        ".htpasswd",
        ".dockercfg",
        ".s3cfg",
        ".boto",
        "credentials",
        "master.key",
        "local.settings.json",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "terraform.tfvars",
        ".vault-token",
    ];
    const STEMS: [&str; 5] = [
        "secret",
        "secrets",
        "credential",
        "credentials",
        "service-account",
    ];
    const DATA: [&str; 8] = [
        "json",
        "yaml",
        "yml",
        "toml",
        "ini",
        "env",
        "properties",
        "txt",
    ];
    let name = name.to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let is_told_so = NAMES.contains(&name.as_str())
        || [".env.", ".env-", ".env_"]
            .iter()
            .any(|start| name.starts_with(start))
        || matches!(name.as_str(), ".flaskenv" | ".dev.vars" | "database.yml")
        || matches!(ending, "env" | "pem" | "key" | "tfvars")
        || (DATA.contains(&ending) && (STEMS.contains(&stem) || stem.starts_with("client_secret")));
    // Asked last: every name of the project is looked at in every turn, and few come as far.
    let is_example = |part: &str| EXAMPLES.contains(&part);
    is_told_so && !name.split(['.', '-', '_']).any(is_example)
}

/// The text of a plain file, as far as it is read. A link is followed: a command could read what it
/// leads to.
fn text(path: &Path) -> std::io::Result<(String, Seen)> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() as u64 <= MOST_BYTES;
    let seen = if is_whole { Seen::Whole } else { Seen::InPart };
    Ok((decoded(&bytes), seen))
}

/// The text of bytes: UTF-8, or UTF-16 as its mark or its zeros tell. Without its mark.
fn decoded(bytes: &[u8]) -> String {
    let pairs = |order: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
        String::from_utf16_lossy(&units.collect::<Vec<_>>())
    };
    let zeros = |first: usize| {
        bytes
            .iter()
            .skip(first)
            .step_by(2)
            .take(32)
            .filter(|byte| **byte == 0)
            .count()
    };
    let text = match bytes {
        [0xFF, 0xFE, ..] => pairs(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => pairs(u16::from_be_bytes),
        _ if zeros(1) > 3 && zeros(0) == 0 => pairs(u16::from_le_bytes),
        _ if zeros(0) > 3 && zeros(1) == 0 => pairs(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        for name in [
            ".env",
            ".ENV",
            ".env.local",
            "prod.env",
            "id_rsa",
            "server.pem",
            "secrets.yaml",
            "client_secret_1.json",
            ".npmrc",
        ] {
            assert!(holds_secrets(name), "{name}");
        }
        for name in [
            ".env.example",
            "example.env",
            ".env.sample",
            "environment.py",
            "secrets.py",
            "keys.md",
            "secrets-template.yml",
            "package.json",
        ] {
            assert!(!holds_secrets(name), "{name}");
        }
    }

    #[test]
    fn a_project_is_looked_through_without_harm() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("p");
        std::fs::create_dir_all(project.join("a/b")).unwrap();
        std::fs::write(project.join("a/b/.env"), "KEY=abc-123").unwrap();
        std::fs::write(root.path().join("shared"), "KEY=def-456").unwrap();
        std::os::unix::fs::symlink("../shared", project.join(".env")).unwrap();
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            project.join("x.env"),
            rustix::fs::Mode::RWXU,
        )
        .unwrap();
        let found = secrets(&project);
        let expected = [("KEY", "def-456"), ("KEY", "abc-123")];
        assert_eq!(
            found.values,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(found.left_out, Vec::<String>::new());
    }

    #[test]
    fn other_encodings_are_read() {
        let text = "KEY=abc-123\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}KEY=abc-123\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        let marked = "\u{feff}KEY=abc-123\n".as_bytes().to_vec();
        for bytes in [little, big, marked] {
            assert_eq!(decoded(&bytes), text);
        }
    }

    #[test]
    fn what_is_too_much_to_be_read_is_told() {
        let project = tempfile::tempdir().unwrap();
        let long = format!("A=b\n{}", "# filler\n".repeat(70_000));
        std::fs::write(project.path().join(".env"), long).unwrap();
        let many: Vec<String> = (0..6_000).map(|n| format!("KEY_{n}=abc-{n:08}")).collect();
        std::fs::write(project.path().join("b.env"), many.join("\n")).unwrap();
        let told = secrets(project.path()).left_out;
        assert_eq!(
            told,
            [
                "what stands behind the first 512 KB of `.env`",
                "1000 more values"
            ]
        );
    }
}
