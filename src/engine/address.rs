//! Where a model is served: scheme, name, port. Says which addresses are this machine, and which
//! ones an administrator's entry stands for. Pure text: nothing is looked up.

use core::net::IpAddr;
use std::fmt;

use serde::{Serialize, Serializer};

/// Where a server is, as the client that connects to it reads its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `http` or `https`.
    pub scheme: String,
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// Whether it stays on this machine. A name that merely points here does not count.
    pub fn is_this_machine(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => address.is_loopback(),
            Ok(IpAddr::V6(address)) => {
                address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
            }
            Err(_) => {
                let host = plain(&self.host);
                host == "localhost" || host.ends_with(".localhost")
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

/// A server that an administrator allows. What is not said is left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    scheme: Option<String>,
    host: String,
    port: Option<u16>,
}

impl AllowedHost {
    /// Reads `name`, `name:port`, `https://name` or `https://name:port`. An error says what is
    /// wrong, to go on from the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => (Some(scheme.to_owned()), rest),
            Some(_) => return Err("begins with something other than http:// or https://"),
            None => (None, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, "")) => (address, None),
            Some((address, port)) => (address, Some(port.strip_prefix(':').unwrap_or(port))),
            // An address such as ::1 has colons of its own.
            None if rest.parse::<IpAddr>().is_ok() => (rest, None),
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_address = host.parse::<IpAddr>().is_ok();
        let is_good = is_address || (!rest.starts_with('[') && host.chars().all(is_name));
        if host.is_empty() || !is_good {
            return Err("is not the name or the address of a server");
        }
        let port = match port.map(str::parse) {
            None => None,
            Some(Ok(port)) if port > 0 => Some(port),
            Some(_) => return Err("has a port that is no number from 1 to 65535"),
        };
        Ok(Self {
            scheme,
            host: plain(host),
            port,
        })
    }

    /// Whether it stands for that address.
    pub fn allows(&self, address: &Address) -> bool {
        self.host == plain(&address.host)
            && self.port.is_none_or(|port| port == address.port)
            && (self.scheme.as_ref()).is_none_or(|scheme| *scheme == address.scheme)
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = &self.scheme {
            write!(f, "{scheme}://")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Serialize for AllowedHost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One way to write each name and each address.
fn plain(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => host.trim_end_matches('.').to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(scheme: &str, host: &str, port: u16) -> Address {
        Address {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn what_an_entry_does_not_say_is_left_open() {
        let check = |entry: &str, scheme: &str, host: &str, port: u16, expected: bool| {
            let allowed = AllowedHost::parse(entry).unwrap();
            let address = address(scheme, host, port);
            assert_eq!(allowed.allows(&address), expected, "{entry} {address:?}");
        };
        check("gpu.local", "http", "gpu.local", 11434, true);
        check("GPU.local.", "https", "gpu.Local", 8443, true);
        check("gpu.local", "http", "gpu.local.evil", 11434, false);
        check("gpu.local", "http", "evil.gpu.local", 11434, false);
        check("gpu.local:8443", "http", "gpu.local", 8443, true);
        check("gpu.local:8443", "http", "gpu.local", 11434, false);
        check("https://gpu.local", "https", "gpu.local", 443, true);
        check("https://gpu.local/", "http", "gpu.local", 443, false);
        check("https://gpu.local:1", "https", "gpu.local", 1, true);
        check("10.0.0.7", "http", "10.0.0.7", 11434, true);
        check("[2001:DB8::1]:80", "http", "2001:db8:0::1", 80, true);
        check("2001:db8::1", "http", "2001:db8::1", 80, true);
    }

    #[test]
    fn entries_that_are_none_are_named() {
        for entry in [
            "",
            "*",
            "a b",
            "ftp://a",
            "gpü.local",
            "a:0",
            "a:99999",
            "a:",
            "a/b",
            "u@a",
            "[x]:1",
            "https://",
        ] {
            assert!(AllowedHost::parse(entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn an_entry_is_shown_as_it_is_read() {
        for entry in [
            "gpu.local",
            "https://gpu.local:8443",
            "[::1]:80",
            "10.0.0.7",
        ] {
            assert_eq!(AllowedHost::parse(entry).unwrap().to_string(), entry);
        }
    }
}
