//! Whether a server's address can be one, and how it is shown. What the client makes of it is the
//! client's.

use std::net::Ipv6Addr;

/// What is wrong with an address, if anything.
pub(super) fn problem(host: &str) -> Option<&'static str> {
    let host = host.trim().trim_matches(['"', '\'']);
    if host.is_empty() {
        return Some("is empty");
    }
    if host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("has blanks in it");
    }
    let rest = match host.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        Some(_) => return Some("begins with something other than http:// or https://"),
        None => host,
    };
    if rest.contains(['?', '#']) {
        return Some("has a query in it");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let name = authority
        .rsplit_once('@')
        .map_or(authority, |(_, name)| name);
    let port = if let Some(bracketed) = name.strip_prefix('[') {
        match bracketed.split_once(']') {
            Some((address, after)) if address.parse::<Ipv6Addr>().is_ok() => after,
            _ => return Some("has brackets around something that is no IPv6 address"),
        }
    } else if name.parse::<Ipv6Addr>().is_ok() {
        ""
    } else {
        name.find(':').map_or("", |at| &name[at..])
    };
    let is_port = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => digits.parse::<u16>().is_ok_and(|port| port > 0),
    };
    (!is_port).then_some("has a port that is no number from 1 to 65535")
}

/// The password in an address, if there is one.
pub(super) fn password(host: &str) -> Option<&str> {
    let rest = host.split_once("://").map_or(host, |(_, rest)| rest);
    let (user, _) = rest.split('/').next()?.rsplit_once('@')?;
    user.split_once(':')
        .map(|(_, password)| password)
        .filter(|password| !password.is_empty())
}

/// The address without a password.
pub(super) fn shown(host: &str) -> String {
    match password(host) {
        Some(password) => host.replacen(&format!(":{password}@"), ":***@", 1),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_the_server_takes_are_taken() {
        for host in [
            "127.0.0.1:11434",
            "localhost",
            ":11434",
            "0.0.0.0",
            "::1",
            "[::1]:80",
            "example.com/ollama",
            "https://user:secret@gpu.local:8443/x",
            "http://[fe80::1]",
        ] {
            assert_eq!(problem(host), None, "{host}");
        }
    }

    #[test]
    fn others_are_refused() {
        for host in [
            "",
            " ",
            "a b",
            "ftp://x",
            "x:port",
            "x:0",
            "x:99999",
            "[::1",
            "[x]:1",
            "http://x?y",
        ] {
            assert!(problem(host).is_some(), "{host}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(shown("https://u:p@h/x@y"), "https://u:***@h/x@y");
        assert_eq!(shown("u@h:1"), "u@h:1");
    }
}
