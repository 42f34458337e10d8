//! The person's own settings of package tools, as a command that fetches packages gets to see
//! them: where the mirrors are, without the passwords. Never the project's settings, which the
//! model writes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::policy::Policy;

/// Settings files: the variable that names another one, the name of the copy, and where the
/// person's own is, below home.
const FILES: &[(&str, &str, &[&str])] = &[
    ("npm_config_userconfig", "npmrc", &[".npmrc"]),
    (
        "PIP_CONFIG_FILE",
        "pip.conf",
        &[".config/pip/pip.conf", ".pip/pip.conf"],
    ),
];

/// Settings that commands see anyway: they are only looked through for ports.
const SEEN: &[&str] = &[".cargo/config.toml", ".cargo/config"];

/// Words of a line that holds a password or says whose it is.
const CREDENTIALS: &[&str] = &[
    "_auth", "password", "passwd", "token", "username", "_key", "keyfile", "certfile", "secret",
];

/// What a fetching command needs to find the person's mirrors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mirrors {
    /// Variables, with the copies of settings that they name.
    pub(super) copies: Vec<(&'static str, PathBuf)>,
    /// Ports on which mirrors are served; never the model's.
    pub(super) ports: Vec<u16>,
}

impl Mirrors {
    /// Reads the person's settings and writes copies without credentials into `folder`.
    pub(super) fn read(
        policy: &Policy,
        environment: &Environment,
        folder: &Path,
    ) -> io::Result<Self> {
        let mut mirrors = Self::default();
        let mut texts: Vec<String> = environment
            .iter()
            .map(|(_, value)| value.to_string_lossy().into_owned())
            .collect();
        let home = policy.home.as_deref();
        let settings = |below: &&str| fs::read_to_string(home?.join(below)).ok(); // silent-ok: there is none.
        texts.extend(SEEN.iter().filter_map(settings));
        for (variable, name, places) in FILES {
            let Some(text) = places.iter().find_map(settings) else {
                continue;
            };
            let text = without_credentials(&text);
            if environment.get(variable).is_none() {
                fs::create_dir_all(folder)?;
                let copy = folder.join(name);
                fs::write(&copy, &text)?;
                mirrors.copies.push((variable, copy));
            }
            texts.push(text);
        }
        mirrors.ports = texts.iter().flat_map(|text| ports(text)).collect();
        mirrors.ports.sort_unstable();
        mirrors.ports.dedup();
        mirrors
            .ports
            .retain(|port| Some(*port) != policy.model_port && !policy.ports.contains(port));
        Ok(mirrors)
    }
}

/// The lines in which there is no password: neither by name nor inside an address.
fn without_credentials(text: &str) -> String {
    let is_harmless = |line: &&str| {
        let lower = line.to_lowercase();
        !CREDENTIALS.iter().any(|word| lower.contains(word))
            && !authorities(line).any(|authority| authority.contains('@'))
    };
    let mut kept = String::new();
    for line in text.lines().filter(is_harmless) {
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// The ports that addresses in a text name.
fn ports(text: &str) -> impl Iterator<Item = u16> {
    authorities(text).filter_map(|authority| {
        let (_, port) = authority.rsplit_once(':')?;
        port.parse().ok() // silent-ok: no port is named.
    })
}

/// What stands between `://` and the path.
fn authorities(text: &str) -> impl Iterator<Item = &str> {
    text.split("://").skip(1).map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "/\"',;?#".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_behind() {
        let text = "registry=http://mirror:4873/\n//mirror:4873/:_authToken=npm_x\n\
                    index-url = https://me:pw@pypi.example/simple\nextra-index-url =\n\
                    \x20   http://devpi:3141/root\nemail=a@b.example\n";
        assert_eq!(
            without_credentials(text),
            "registry=http://mirror:4873/\nextra-index-url =\n    http://devpi:3141/root\nemail=a@b.example\n"
        );
    }

    #[test]
    fn ports_are_read_out_of_addresses() {
        let check = |text: &str, expected: &[u16]| {
            assert_eq!(ports(text).collect::<Vec<_>>(), expected, "{text}");
        };
        check("registry = \"sparse+http://127.0.0.1:8081/i/\"", &[8081]);
        check("http://[::1]:3128 https://a.example/x:7", &[3128]);
        check("http://u:1@host:3128/", &[3128]);
        check("http://host:99999", &[]);
        check("12:34 a:b", &[]);
    }

    #[test]
    fn copies_are_made_and_the_models_port_stays_shut() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        for folder in [".pip", ".cargo"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(
            home.join(".npmrc"),
            "registry=http://n:4873\n_auth=x\nproxy=http://127.0.0.1:11434\n",
        )
        .unwrap();
        fs::write(
            home.join(".pip/pip.conf"),
            "[global]\nindex-url=http://p:3141",
        )
        .unwrap();
        fs::write(
            home.join(".cargo/config.toml"),
            "'http://c:443' 'http://c:8000'",
        )
        .unwrap();
        let mut policy = Policy::new(root.path().into(), root.path().join("tmp"), Some(home));
        policy.model_port = Some(11434);
        let folder = root.path().join("copies");
        let own = Environment::default()
            .with("PIP_CONFIG_FILE", "/own")
            .with("https_proxy", "http://proxy:3128");
        let mirrors = Mirrors::read(&policy, &own, &folder).unwrap();
        assert_eq!(mirrors.ports, [3128, 3141, 4873, 8000]);
        let copy = folder.join("npmrc");
        let text = fs::read_to_string(&copy).unwrap();
        assert!(text.contains("4873") && !text.contains("_auth"), "{text}");
        assert_eq!(mirrors.copies, [("npm_config_userconfig", copy)]);
    }
}
