//! The environment a command gets to see: names from an allow-list, and values that keep tools
//! from asking, paging, colouring or reaching for the network. Reads nothing itself: the caller
//! hands in its own variables.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Names that pass as they are. What is not here (tokens, agents, displays) does not exist for
/// a command.
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    // Toolchains: where they live, never what they may do.
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GOROOT",
    "GOPATH",
    "GOMODCACHE",
    "JAVA_HOME",
    "MAVEN_HOME",
    "GRADLE_HOME",
    "SDKMAN_DIR",
    "NVM_DIR",
    "NVM_BIN",
    "FNM_DIR",
    "VOLTA_HOME",
    "PNPM_HOME",
    "BUN_INSTALL",
    "DENO_DIR",
    "PYENV_ROOT",
    "CONDA_PREFIX",
    "RBENV_ROOT",
    "GEM_HOME",
    "GEM_PATH",
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "DOTNET_ROOT",
    "ANDROID_HOME",
    "PKG_CONFIG_PATH",
    "CC",
    "CXX",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Values every command gets, whatever the caller's own are.
const FIXED: &[(&str, &str)] = &[
    ("TERM", "dumb"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("CI", "1"),
    ("NO_COLOR", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
];

/// Values that keep package tools off the network; absent when a command may use it.
const OFFLINE: &[(&str, &str)] = &[
    ("CARGO_NET_OFFLINE", "true"),
    ("npm_config_offline", "true"),
    ("GOPROXY", "off"),
];

/// The variables of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Takes from `vars` what the allow-list and `further` name, and adds the fixed values.
    /// A name in `further` wins over a fixed value.
    pub fn from_vars<I>(vars: I, further: &[String]) -> Self
    where
        I: IntoIterator<Item = (OsString, OsString)>,
    {
        let named = |name: &OsStr| further.iter().any(|wanted| name == OsStr::new(wanted));
        let fixed = |name: &OsStr| FIXED.iter().any(|(taken, _)| name == OsStr::new(taken));
        let mut variables: BTreeMap<OsString, OsString> = FIXED
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        for (name, value) in vars {
            let passes = PASSED.iter().any(|passed| name == OsStr::new(passed))
                || name.to_str().is_some_and(|name| name.starts_with("LC_"));
            if named(&name) || (passes && !fixed(&name)) {
                variables.insert(name, value);
            }
        }
        Self { variables }
    }

    /// Everything in `vars`, and nothing else: for a command of the person's own.
    pub fn whole(vars: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self {
            variables: vars.into_iter().collect(),
        }
    }

    /// The same environment with one more value.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same environment with package tools told to stay off the network. Values that are
    /// there already stay.
    #[must_use]
    pub fn offline(mut self) -> Self {
        for (name, value) in OFFLINE {
            self.variables
                .entry((*name).into())
                .or_insert_with(|| (*value).into());
        }
        self
    }

    /// One value.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// Every name and value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(vars: &[(&str, &str)], further: &[&str]) -> Environment {
        let further: Vec<String> = further.iter().map(|&name| name.to_owned()).collect();
        Environment::from_vars(
            vars.iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
            &further,
        )
    }

    #[test]
    fn secrets_do_not_pass() {
        let environment = of(
            &[
                ("PATH", "/bin"),
                ("AWS_SECRET_ACCESS_KEY", "k"),
                ("LC_ALL", "C.UTF-8"),
                ("LD_PRELOAD", "/x.so"),
                ("SSH_AUTH_SOCK", "/run/agent"),
            ],
            &[],
        );
        assert_eq!(environment.get("PATH"), Some(OsStr::new("/bin")));
        assert_eq!(environment.get("LC_ALL"), Some(OsStr::new("C.UTF-8")));
        for name in ["AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "SSH_AUTH_SOCK"] {
            assert_eq!(environment.get(name), None, "{name}");
        }
    }

    #[test]
    fn named_variables_pass_and_win_over_fixed_values() {
        let vars = [("DATABASE_URL", "d"), ("TERM", "xterm"), ("CI", "yes")];
        let environment = of(&vars, &["DATABASE_URL", "CI"]);
        assert_eq!(environment.get("DATABASE_URL"), Some(OsStr::new("d")));
        assert_eq!(environment.get("CI"), Some(OsStr::new("yes")));
        assert_eq!(environment.get("TERM"), Some(OsStr::new("dumb")));
    }

    #[test]
    fn offline_keeps_what_is_set() {
        let environment = of(&[("GOPROXY", "file:///m")], &["GOPROXY"]).offline();
        assert_eq!(environment.get("GOPROXY"), Some(OsStr::new("file:///m")));
        assert_eq!(
            environment.get("CARGO_NET_OFFLINE"),
            Some(OsStr::new("true"))
        );
    }
}
