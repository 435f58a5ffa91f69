//! Hosts with ports in a text: the forms F1, F2, F5, F6 of N26. One pass from left to right.

use std::collections::{BTreeMap, BTreeSet};

use super::super::image_name::ImageName;
use super::super::secret_value::urls;
use super::schemes;
use crate::model::Protocol;

/// A host in a text with a port that is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Find {
    /// The host, lower case.
    pub(super) name: String,
    /// First byte of the host.
    pub(super) start: usize,
    /// Byte behind its last.
    pub(super) end: usize,
    /// Port.
    pub(super) port: u16,
    /// Protocol.
    pub(super) protocol: Protocol,
}

/// `name:tag` of the project's images: `redis:7` in a text is one of them, and no port (b).
pub(super) type ImageTags = BTreeSet<String>;

/// Collects the ends of image references that look like a host with a port.
pub(super) fn image_tags<'a>(references: impl Iterator<Item = &'a str>) -> ImageTags {
    let names = references.map(ImageName::parse);
    names
        .filter(|name| !name.tag.is_empty())
        .map(|name| format!("{}:{}", name.last, name.tag).to_lowercase())
        .collect()
}

/// Ports that speak both protocols.
const BOTH_PROTOCOLS: &[u16] = &[53, 514, 8125];

/// So far a line is searched for a word like `chown` before a host.
const WORDS_BEFORE: usize = 80;

/// Finds all hosts with ports that `knows` knows.
pub(super) fn finds(text: &str, knows: impl Fn(&str) -> bool, images: &ImageTags) -> Vec<Find> {
    let in_urls = hosts_of_urls(text);
    let upstreams = upstreams(text);
    let mut finds = Vec::new();
    for token in tokens(text) {
        let name = text[token.start..token.end].to_ascii_lowercase();
        if name.bytes().all(|byte| byte.is_ascii_digit())
            || !knows(&name)
            || is_path(text, &token)
            || is_account(text, token.start)
        {
            continue;
        }
        let mut add = |port, protocol| {
            finds.push(Find { name: name.clone(), start: token.start, end: token.end, port, protocol });
        };
        let scheme = in_urls.get(&token.start);
        let rest = &text[token.full_end..];
        let (first, second) = ports_behind(rest);
        match first {
            Some((port, _)) if second.is_none() && images.contains(&format!("{name}:{port}")) => {}
            Some((port, written)) => {
                let udp = scheme.filter(|scheme| **scheme == "udp").map(|_| Protocol::Udp);
                for protocol in protocols(port, written.or(udp)) {
                    add(port, protocol);
                }
                if let Some((port, written)) = second {
                    protocols(port, written).for_each(|protocol| add(port, protocol));
                }
            }
            None => {
                if let Some(port) = comma_port(text, token.start, rest) {
                    add(port, Protocol::Tcp);
                } else if let Some((port, protocol)) = scheme.and_then(|scheme| schemes::default_port(scheme))
                    && !upstreams.contains(&name)
                    && ends_host(rest)
                {
                    add(port, protocol);
                }
            }
        }
    }
    finds
}

/// A maximal run of characters of host names.
struct Token {
    start: usize,
    /// Without trailing dots.
    end: usize,
    full_end: usize,
}

fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            while at < bytes.len() && !is_host_byte(bytes[at]) {
                at += 1;
            }
            let start = at;
            while at < bytes.len() && is_host_byte(bytes[at]) {
                at += 1;
            }
            let end = start + text[start..at].trim_end_matches('.').len();
            if start < end {
                return Some(Token { start, end, full_end: at });
            }
            if at == bytes.len() {
                return None;
            }
        }
    })
}

const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// A part of a path or the source of a mount (f).
fn is_path(text: &str, token: &Token) -> bool {
    let before = &text[..token.start];
    (before.ends_with('/') && !before.ends_with("//")) || text[token.full_end..].starts_with(":/")
}

/// `chown redis:1000`, `--user redis:999`: an account, no host (d).
fn is_account(text: &str, start: usize) -> bool {
    let mut from = start.saturating_sub(WORDS_BEFORE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let line = text[from..start].rsplit('\n').next().unwrap_or_default();
    let line =
        line.trim_end_matches(|character: char| character.is_whitespace() || "='\"".contains(character));
    let mut words = line.split_whitespace().rev().map(|word| word.trim_matches(['"', '\'']));
    match words.next() {
        Some("chown" | "--user" | "-u" | "user:" | "user\":") => true,
        Some("-o") => words.any(|word| word == "install"),
        // `chown -R`, `chown --from=…`.
        Some(word) if word.starts_with('-') => words.find(|word| !word.starts_with('-')) == Some("chown"),
        _ => false,
    }
}

type Written = (u16, Option<Protocol>);

/// `:P` and `:P:P2` behind a host, each with the protocol that is written behind it.
fn ports_behind(rest: &str) -> (Option<Written>, Option<Written>) {
    let Some((first, behind)) = rest.strip_prefix(':').and_then(port) else { return (None, None) };
    let second = behind.strip_prefix(':').and_then(port).map(|(port, behind)| (port, protocol(behind)));
    (Some((first, protocol(behind))), second)
}

/// A number from 1 to 65535 without leading zero, which ends there.
pub(super) fn port(text: &str) -> Option<(u16, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, behind) = text.split_at(digits);
    let ended = !behind.bytes().next().is_some_and(|byte| is_host_byte(byte) || byte == b'@');
    let number = number.parse::<u16>().ok().filter(|_| !number.starts_with('0'))?;
    ended.then_some((number, behind))
}

/// `/udp` or `/tcp` behind a port (F6).
fn protocol(behind: &str) -> Option<Protocol> {
    [("/udp", Protocol::Udp), ("/tcp", Protocol::Tcp)].into_iter().find_map(|(word, protocol)| {
        let rest = behind.strip_prefix(word)?;
        (!rest.bytes().next().is_some_and(|byte| is_host_byte(byte) || byte == b'/')).then_some(protocol)
    })
}

fn protocols(port: u16, written: Option<Protocol>) -> impl Iterator<Item = Protocol> {
    let both = written.is_none() && BOTH_PROTOCOLS.contains(&port);
    std::iter::once(written.unwrap_or(Protocol::Tcp)).chain(both.then_some(Protocol::Udp))
}

/// `Server=T,P`, `Data Source=T,P`, `tcp:T,P` of SQL Server (F5).
fn comma_port(text: &str, start: usize, rest: &str) -> Option<u16> {
    let (port, _) = rest.strip_prefix(',').and_then(port)?;
    let before = text.as_bytes();
    let ends = |word: &str| {
        start >= word.len() && before[start - word.len()..start].eq_ignore_ascii_case(word.as_bytes())
    };
    (ends("server=") || ends("data source=") || ends("tcp:")).then_some(port)
}

/// The host of a URL ends here, and no port of unknown value follows.
fn ends_host(rest: &str) -> bool {
    rest.chars().next().is_none_or(|next| next.is_whitespace() || "/?#\"'`<>\\|;,)]}$&".contains(next))
}

/// Where hosts of URLs begin, with the URL's scheme. In a list (`mongodb://a,b/`) each is one.
fn hosts_of_urls(text: &str) -> BTreeMap<usize, &str> {
    let mut hosts = BTreeMap::new();
    for url in urls(text) {
        let mut start = url.hosts_start;
        for host in url.hosts.split(',') {
            hosts.insert(start, url.scheme);
            start += host.len() + 1;
        }
    }
    hosts
}

/// Names that nginx (`upstream x`) or haproxy (`backend x`) define themselves: a URL of one says no port (e).
fn upstreams(text: &str) -> BTreeSet<String> {
    let mut words = text.split(|character: char| character.is_whitespace() || "{};".contains(character));
    let mut found = BTreeSet::new();
    while let Some(word) = words.next() {
        if matches!(word, "upstream" | "backend") {
            found.extend(words.find(|name| !name.is_empty()).map(str::to_ascii_lowercase));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use Protocol::{Tcp, Udp};

    fn check(text: &str, expected: &[(&str, u16, Protocol)]) {
        let known = |name: &str| ["db", "web", "redis", "zoo-1", "my_db", "80"].contains(&name);
        let images = image_tags(["redis:7", "registry:5000/org/web:80@sha256:0"].into_iter());
        let found = finds(text, known, &images);
        let found: Vec<_> = found.iter().map(|find| (find.name.as_str(), find.port, find.protocol)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn hosts_with_ports() {
        check("db:5432", &[("db", 5432, Tcp)]);
        check(
            "DB:5432, zoo-1:2888:3888;2181",
            &[("db", 5432, Tcp), ("zoo-1", 2888, Tcp), ("zoo-1", 3888, Tcp)],
        );
        check("http://user:pw@web:8080/x?to=db:1", &[("web", 8080, Tcp), ("db", 1, Tcp)]);
        check("mongodb://db:1,web:2/", &[("db", 1, Tcp), ("web", 2, Tcp)]);
        check("server my_db.:99;", &[("my_db", 99, Tcp)]);
        check("=db:1\n-db:2 .db:3 xdb:4 db.x:5 é:db:6", &[("db", 1, Tcp), ("db", 6, Tcp)]);
    }

    #[test]
    fn ports_that_are_none() {
        for text in ["db:0", "db:080", "db:65536", "db:80a", "db:80.", "db:80-90", "db:80@x", "db: 80", "db:"]
        {
            check(text, &[]);
        }
        check("80:80", &[]);
    }

    #[test]
    fn urls_without_port_mean_the_usual_one() {
        check("http://web", &[("web", 80, Tcp)]);
        check("redis://:pw@redis/0 \"https://web\"", &[("redis", 6379, Tcp), ("web", 443, Tcp)]);
        check("jdbc:postgresql://db/x mysql+pymysql://db?x", &[("db", 5432, Tcp), ("db", 3306, Tcp)]);
        check("mongodb://db,web/x", &[("db", 27017, Tcp), ("web", 27017, Tcp)]);
        check("syslog://db", &[("db", 514, Udp)]);
        check("proxy_pass http://web;", &[("web", 80, Tcp)]);
        check("unknown://db http://web.example.com http://web@x http://web:$PORT", &[]);
    }

    #[test]
    fn protocols_are_read_from_scheme_suffix_and_port() {
        check(
            "udp://db:99 db:98/udp db:97/tcp db:96/udpx",
            &[("db", 99, Udp), ("db", 98, Udp), ("db", 97, Tcp), ("db", 96, Tcp)],
        );
        check("db:8125", &[("db", 8125, Tcp), ("db", 8125, Udp)]);
    }

    #[test]
    fn connection_strings_of_sql_server() {
        check("Server=db,1433;x", &[("db", 1433, Tcp)]);
        check("data source=tcp:db,1434", &[("db", 1434, Tcp)]);
        check("x=db,1433", &[]);
    }

    #[test]
    fn images_accounts_mounts_and_upstreams_are_no_finds() {
        check("image: redis:7 x/web:80", &[]);
        check("chown redis:1000 /x; chown -R redis:1000 /x; install -o redis:1 x", &[]);
        check("docker --user redis:999 -u redis:1 --user=redis:2 user: redis:3", &[]);
        check("redis:/data /db:80 //db:80", &[("db", 80, Tcp)]);
        check("upstream web { server db:80; } proxy_pass http://web;", &[("db", 80, Tcp)]);
        check("backend db\n server x db:5432\nhttp://db", &[("db", 5432, Tcp)]);
    }

    #[test]
    fn repeats_of_every_form_end() {
        let long = 1 << 15;
        for unit in ["a.", "://", "db:", "a://", "@", "upstream ", "-", "db ", "é"] {
            assert!(finds(&unit.repeat(long / unit.len()), |_| true, &ImageTags::new()).len() <= long);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[a-c0-9:/@,.é -]{0,40}|(db:1|//|udp|[:,/@])*") {
            for find in finds(&text, |_| true, &ImageTags::new()) {
                assert!(text.is_char_boundary(find.start) && text.is_char_boundary(find.end));
            }
        }
    }
}
