//! What a git configuration says, as far as it makes git run programs, and what to say instead so
//! that it runs none. Pure: reads text, opens nothing.

/// A setting: its key in git's own spelling (section and name in lower case), and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) value: String,
}

/// Settings that name a program: section, name, and a value in its place that runs none. Settings
/// of a section inside a section (`filter.lfs.clean`) have its name in between.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("core", "fsmonitor", "false"),
    ("core", "hookspath", "/dev/null"),
    ("core", "sshcommand", "ssh"),
    ("core", "gitproxy", ""),
    ("core", "askpass", "true"),
    ("core", "editor", ":"),
    ("core", "pager", "cat"),
    ("core", "alternaterefscommand", "true"),
    ("sequence", "editor", ":"),
    ("interactive", "difffilter", "cat"),
    ("filter", "clean", ""),
    ("filter", "smudge", ""),
    ("filter", "process", ""),
    ("diff", "external", PLAIN_DIFF),
    ("diff", "command", PLAIN_DIFF),
    ("diff", "textconv", "cat"),
    ("merge", "driver", "false"),
    ("difftool", "cmd", "false"),
    ("mergetool", "cmd", "false"),
    ("credential", "helper", ""),
    ("gpg", "program", "false"),
    ("gpg", "defaultkeycommand", "false"),
    ("hook", "command", "true"),
    ("trailer", "command", "true"),
    ("trailer", "cmd", "true"),
    ("browser", "cmd", "true"),
    ("man", "cmd", "true"),
    ("sendemail", "sendmailcmd", "true"),
    ("remote", "uploadpack", "git-upload-pack"),
    ("remote", "receivepack", "git-receive-pack"),
    ("init", "templatedir", ""),
];

/// An empty value would be run; this shows the difference as it is.
const PLAIN_DIFF: &str = "f() { diff -u \"$2\" \"$5\" || :; }; f";

/// Every setting of a configuration, in order. What git would not read is left out.
pub(super) fn settings(text: &str) -> Vec<Setting> {
    let joined = text.replace("\\\r\n", "").replace("\\\n", "");
    let mut section = String::new();
    let mut found = Vec::new();
    for line in joined.lines() {
        let mut rest = line.trim();
        if rest.starts_with('[')
            && let Some((name, after)) = heading(rest)
        {
            section = name;
            rest = after.trim();
        }
        if rest.is_empty() || rest.starts_with(['#', ';']) {
            continue;
        }
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name.trim(), unquoted(value)),
            None => (rest, "true".to_owned()),
        };
        found.push(Setting {
            key: format!("{section}.{}", name.to_ascii_lowercase()),
            value,
        });
    }
    found
}

/// `[section]`, `[section "inner"]` or the old `[section.inner]`, and what follows on the line.
fn heading(line: &str) -> Option<(String, &str)> {
    let inner = &line[1..];
    let mut quoted = false;
    let mut escaped = false;
    let end = inner.find(|c| {
        let here = !quoted && c == ']';
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        here
    })?;
    let (head, after) = (&inner[..end], &inner[end + 1..]);
    let name = match head.split_once('"') {
        Some((section, inner)) => {
            let inner = inner.trim_end().trim_end_matches('"').replace('\\', "");
            format!("{}.{inner}", section.trim().to_ascii_lowercase())
        }
        None => head.trim().to_ascii_lowercase(),
    };
    Some((name, after))
}

/// A value without its quotation marks and without the comment behind it.
fn unquoted(text: &str) -> String {
    let mut value = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.trim().chars() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '#' | ';' if !quoted => break,
            c => value.push(c),
        }
    }
    value.trim_end().to_owned()
}

impl Setting {
    /// What to set so that no program of the configuration's choice runs; nothing if this setting
    /// names none.
    pub(super) fn disarmed(&self) -> Vec<Self> {
        let set = |key: &str, value: &str| Self {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let Some((section, name)) = self.ends() else {
            return Vec::new();
        };
        let is_switch = matches!(
            self.value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "0" | "1" | ""
        );
        match (section, name) {
            ("alias", _) if self.value.starts_with('!') => vec![set(&self.key, "version")],
            ("submodule", "update") if self.value.starts_with('!') => vec![set(&self.key, "none")],
            ("pager", _) if !is_switch => vec![set(&self.key, "cat")],
            ("protocol", "allow") if self.key == "protocol.ext.allow" => {
                vec![set(&self.key, "never")]
            }
            _ => {
                let known = PROGRAMS
                    .iter()
                    .find(|(of, called, _)| (*of, *called) == (section, name));
                let Some((.., instead)) = known.filter(|_| !is_switch) else {
                    return Vec::new();
                };
                let mut instead = vec![set(&self.key, instead)];
                if section == "filter" {
                    // One that must run would make git give up.
                    let filter = self.key.rsplit_once('.').map_or("", |(filter, _)| filter);
                    instead.push(set(&format!("{filter}.required"), "false"));
                }
                instead
            }
        }
    }

    /// Where more settings stand, if this one says so.
    pub(super) fn included(&self) -> Option<&str> {
        let is_include = matches!(self.ends(), Some(("include" | "includeif", "path")));
        is_include.then_some(self.value.as_str())
    }

    /// The section, without what is inside it, and the name.
    fn ends(&self) -> Option<(&str, &str)> {
        let (section, _) = self.key.split_once('.')?;
        let (_, name) = self.key.rsplit_once('.')?;
        Some((section, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<(String, String)> = settings(text)
            .iter()
            .flat_map(Setting::disarmed)
            .map(|setting| (setting.key, setting.value))
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn ordinary_settings_run_nothing() {
        check(
            "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n\turl = x\n\
             [alias]\n\tst = status\n[user]\n\tname = A\n[pager]\n\tlog = false\n[core]\n\tfsmonitor = true\n",
            &[],
        );
    }

    #[test]
    fn programs_are_found_however_they_are_written() {
        let fsmonitor = [("core.fsmonitor", "false")];
        check("[core]\nfsmonitor = ./x\n", &fsmonitor);
        check("[CORE] FSMonitor=\"./x y\" ; why\n", &fsmonitor);
        check("[core]\n\tfsmonitor = \\\n ./x\n", &fsmonitor);
        check("# [core]\n[core]\r\n  fsmonitor = x # y\r\n", &fsmonitor);
        check(
            "[filter \"a]b\"]\n\tclean = x\n",
            &[("filter.a]b.clean", ""), ("filter.a]b.required", "false")],
        );
        check("[alias] st = !x\n", &[("alias.st", "version")]);
        check(
            "[diff.old]\ntextconv = x\n",
            &[("diff.old.textconv", "cat")],
        );
        check(
            "[credential \"https://a.b\"]\n helper = !x\n",
            &[("credential.https://a.b.helper", "")],
        );
        check(
            "[submodule \"s\"]\nupdate = !x\n",
            &[("submodule.s.update", "none")],
        );
        check(
            "[protocol \"ext\"]\nallow = always\n",
            &[("protocol.ext.allow", "never")],
        );
    }

    #[test]
    fn what_is_included_is_named() {
        let found = settings("[include]\npath = ../x\n[includeIf \"gitdir:/a/\"]\npath = y\n");
        let included: Vec<_> = found.iter().filter_map(Setting::included).collect();
        assert_eq!(included, ["../x", "y"]);
    }
}
