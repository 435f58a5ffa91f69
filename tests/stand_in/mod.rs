//! A stand-in for the Docker daemon on a Unix socket (ST2): it answers what `docker stack deploy` asks and records what it
//! sends, so that tests see what would arrive at a swarm.
//!
//! It starts nothing and checks nothing; what a daemon would refuse is in no test's reach here.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

pub(crate) mod client;

/// What was created: kind (`services`, `networks`, `configs`, `secrets`), then name, then spec.
pub(crate) type Recorded = BTreeMap<String, BTreeMap<String, Value>>;

/// A server that answers until it is dropped.
pub(crate) struct StandIn {
    socket: PathBuf,
    recorded: Arc<Mutex<Recorded>>,
}

impl StandIn {
    /// Listens on a socket in a directory.
    pub(crate) fn start(directory: &Path) -> Self {
        let socket = directory.join("docker.sock");
        let listener = UnixListener::bind(&socket).expect("a socket can be made in a scratch directory");
        let recorded = Arc::new(Mutex::new(Recorded::new()));
        let shared = Arc::clone(&recorded);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let shared = Arc::clone(&shared);
                // A client that goes away in the middle of a request is no fault of the test.
                thread::spawn(move || serve(stream, &shared).unwrap_or_default());
            }
        });
        Self { socket, recorded }
    }

    /// Returns the value for `DOCKER_HOST`.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Takes what was recorded since the last time.
    pub(crate) fn take(&self) -> Recorded {
        std::mem::take(&mut self.recorded.lock().expect("no server thread panics with the lock"))
    }
}

/// Answers the requests of one connection, one after the other.
fn serve(stream: UnixStream, recorded: &Mutex<Recorded>) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader)? {
        let (status, body) = answer(&request, recorded);
        let text = body.to_string();
        write!(
            writer,
            "HTTP/1.1 {status}\r\nApi-Version: 1.50\r\nOstype: linux\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            text.len()
        )?;
        if request.method != "HEAD" {
            writer.write_all(text.as_bytes())?;
        }
        writer.flush()?;
    }
    Ok(())
}

struct Request {
    method: String,
    /// Without the version of the API.
    path: String,
    query: String,
    body: Vec<u8>,
}

fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut length = 0;
    let mut is_chunked = false;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        let lower = header.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        is_chunked |= lower.starts_with("transfer-encoding:") && lower.contains("chunked");
    }
    let body = if is_chunked { read_chunks(reader)? } else { read_exactly(reader, length)? };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = match path.strip_prefix("/v1.") {
        Some(rest) => rest.split_once('/').map_or("", |(_, rest)| rest),
        None => path.trim_start_matches('/'),
    };
    Ok(Some(Request { method, path: path.to_owned(), query: query.to_owned(), body }))
}

fn read_exactly(reader: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
        body.extend(read_exactly(reader, length)?);
        reader.read_line(&mut String::new())?;
        if length == 0 {
            return Ok(body);
        }
    }
}

fn answer(request: &Request, recorded: &Mutex<Recorded>) -> (&'static str, Value) {
    let parts: Vec<&str> = request.path.split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET" | "HEAD", ["_ping"]) => ("200 OK", json!("OK")),
        ("GET", ["info"]) => {
            ("200 OK", json!({"Swarm": {"ControlAvailable": true, "LocalNodeState": "active"}}))
        }
        ("GET", ["networks" | "services"]) => ("200 OK", json!([])),
        ("GET", ["networks", name]) => {
            let name = decoded(name);
            ("200 OK", json!({"Name": name, "Id": name, "Scope": "swarm", "Driver": "overlay"}))
        }
        ("GET", ["configs" | "secrets"]) => ("200 OK", asked_for(&request.query)),
        ("GET", ["configs" | "secrets", name]) => {
            ("404 Not Found", json!({"message": format!("{} not found", decoded(name))}))
        }
        ("POST", [kind, "create"]) => {
            let spec: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let name = spec["Name"].as_str().unwrap_or_default().to_owned();
            let mut recorded = recorded.lock().expect("no server thread panics with the lock");
            recorded.entry((*kind).to_owned()).or_default().insert(name, spec);
            ("201 Created", json!({"ID": "i", "Id": "i"}))
        }
        _ => ("501 Not Implemented", json!({"message": format!("{} {}", request.method, request.path)})),
    }
}

/// Lists the objects that a filter names, as if they were there.
fn asked_for(query: &str) -> Value {
    let filters = query.split('&').find_map(|part| part.strip_prefix("filters=")).unwrap_or_default();
    let filters: Value = serde_json::from_str(&decoded(filters)).unwrap_or_default();
    let names: Vec<&String> =
        filters["name"].as_object().into_iter().flat_map(|names| names.keys()).collect();
    names.iter().map(|name| json!({"ID": format!("id-{name}"), "Spec": {"Name": name}})).collect()
}

/// Undoes the encoding of addresses.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let value = match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'?')
            }
            byte => byte,
        };
        bytes.push(value);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
