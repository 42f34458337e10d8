//! Reads an address the way Ollama's own client reads `OLLAMA_HOST`, so that whatever works for
//! `ollama list` works here. Pure text: nothing is looked up and no variable is read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::engine::address::Address;

const DEFAULT_PORT: u16 = 11434;

/// The base address of a server, without a slash at its end. An empty text is the default server
/// on this machine; an address to listen on (`0.0.0.0`, `[::]`) becomes one to connect to.
pub fn base_url(configured: &str) -> String {
    let text = configured.trim().trim_matches(['"', '\'']).trim();
    let (scheme, rest, default_port) = match text.split_once("://") {
        Some(("http", rest)) => ("http", rest, 80),
        Some(("https", rest)) => ("https", rest, 443),
        Some((scheme, rest)) => (scheme, rest, DEFAULT_PORT),
        None if text == "ollama.com" => ("https", text, 443),
        None => ("http", text, DEFAULT_PORT),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host_and_port) = match authority.rsplit_once('@') {
        Some((user, host)) => (format!("{user}@"), host),
        None => (String::new(), authority),
    };
    let (host, port) = match split_port(host_and_port) {
        Some((host, port)) => (host, port.parse().unwrap_or(default_port)),
        None => (host_and_port, default_port),
    };
    let bare = host.trim_matches(['[', ']']);
    let host = match bare.parse() {
        Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => format!("[{}]", Ipv6Addr::LOCALHOST),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) if bare.is_empty() => Ipv4Addr::LOCALHOST.to_string(),
        Err(_) => host.to_owned(),
    };
    let path = path.trim_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{scheme}://{user}{host}:{port}{slash}{path}")
}

/// The same address as it may be shown and kept: without the name and the password in it.
pub(super) fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end]
        .rsplit_once('@')
        .map_or(&rest[..end], |(_, host)| host);
    format!("{scheme}://{host}{}", &rest[end..])
}

/// Where that is, exactly as the client that connects to it understands it; none if it is no
/// address.
pub fn address(configured: &str) -> Option<Address> {
    let url = reqwest::Url::parse(&base_url(configured)).ok()?; // silent-ok: none
    let host = url.host_str()?;
    Some(Address {
        scheme: url.scheme().to_owned(),
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port_or_known_default()?,
    })
}

/// The port of that address.
pub fn port(configured: &str) -> Option<u16> {
    address(configured).map(|address| address.port)
}

/// Whether that address stays on this machine. A name that merely points here does not count:
/// nothing is looked up.
pub fn is_this_machine(configured: &str) -> bool {
    address(configured).is_some_and(|address| address.is_this_machine())
}

/// Splits `host:port` and `[v6]:port`; none if there is no port, as in a bare IPv6 address.
fn split_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(inside) => Some((inside.strip_suffix(']')?, port)),
        None if host.contains([':', ']']) => None,
        None => Some((host, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_ollama_reads_them() {
        for (configured, expected) in [
            ("", "http://127.0.0.1:11434"),
            ("  \"example.com\" ", "http://example.com:11434"),
            ("'1.2.3.4:56'", "http://1.2.3.4:56"),
            ("1.2.3.4", "http://1.2.3.4:11434"),
            (":1234", "http://127.0.0.1:1234"),
            ("example.com:", "http://example.com:11434"),
            ("example.com:99999", "http://example.com:11434"),
            ("example.com:-1", "http://example.com:11434"),
            ("example.com:http", "http://example.com:11434"),
            ("http://example.com", "http://example.com:80"),
            ("http://example.com:words", "http://example.com:80"),
            ("https://example.com", "https://example.com:443"),
            ("https://example.com:8443/", "https://example.com:8443"),
            (
                "https://example.com/ollama/",
                "https://example.com:443/ollama",
            ),
            ("example.com/a/b", "http://example.com:11434/a/b"),
            ("ollama.com", "https://ollama.com:443"),
            ("::1", "http://[::1]:11434"),
            ("[::1]", "http://[::1]:11434"),
            ("[::1]:80", "http://[::1]:80"),
            ("http://[2001:db8::1]", "http://[2001:db8::1]:80"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://[::1]:9000"),
            ("::", "http://[::1]:11434"),
            ("me:pa:ss@gpu.local:5/x", "http://me:pa:ss@gpu.local:5/x"),
            (
                "https://me:secret@gpu.local",
                "https://me:secret@gpu.local:443",
            ),
        ] {
            assert_eq!(base_url(configured), expected, "{configured:?}");
            assert_eq!(base_url(expected), expected, "reading {expected} again");
        }
    }

    #[test]
    fn a_name_and_a_password_are_not_shown() {
        let shown = |host: &str| without_user(&base_url(host));
        assert_eq!(
            shown("https://me:se@cret@gpu.local:8443/x@y"),
            "https://gpu.local:8443/x@y"
        );
        assert_eq!(shown("gpu.local"), "http://gpu.local:11434");
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (address, host, port) in [
            ("", "127.0.0.1", 11434),
            ("[::1]:5", "::1", 5),
            ("https://models.example/x", "models.example", 443),
        ] {
            let found = super::address(address).unwrap();
            assert_eq!((found.host.as_str(), found.port), (host, port));
        }
    }

    #[test]
    fn only_loopback_is_this_machine() {
        for here in [
            "",
            "localhost",
            "http://127.3.2.1",
            "[::1]:5",
            "0.0.0.0",
            "a.localhost:1",
            "me@127.0.0.1",
        ] {
            assert!(is_this_machine(here), "{here:?}");
        }
        for elsewhere in [
            "192.168.1.2",
            "example.com",
            "https://ollama.com",
            "localhost.example",
            // What stands before these is the name that the client connects to.
            "evil.example\\x.localhost",
            "http://evil.example\\@localhost",
            "localhost@evil.example",
        ] {
            assert!(!is_this_machine(elsewhere), "{elsewhere:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = is_this_machine(&text);
        }
    }
}
