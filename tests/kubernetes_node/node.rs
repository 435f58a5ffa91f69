//! The one cluster of a test run that has a real node: started when the first test asks, ended with the process.

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::bed::{Bed, OFF, REQUIRED, VARIABLE, build};
use crate::images;
use crate::shared;
use crate::skip::skipped;

/// Somebody who waits longer for a page would not come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// A cluster with a real node.
pub(crate) struct Node {
    pub(crate) bed: Bed,
    /// Where pages of the cluster can be asked for from outside: an HTTP proxy.
    visitor: String,
    _images: tempfile::TempDir,
}

/// What a page came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// Returns the node, unless the test is skipped.
pub(crate) fn node(test: &str) -> Option<&'static Node> {
    static NODE: OnceLock<Result<Node, String>> = OnceLock::new();
    match NODE.get_or_init(Node::find) {
        Ok(node) => Some(node),
        Err(reason) => {
            skipped(&format!("kubernetes node: {test}"), reason);
            None
        }
    }
}

/// The node and the directory of an example, unless the test is skipped.
pub(crate) fn example(name: &str) -> Option<(&'static Node, PathBuf)> {
    let source = shared::shared(&format!("kubernetes node: {name}"), "examples")?.join(name);
    Some((node(name)?, source))
}

/// Returns where the program of the bed and the packages of Debian are; `Err` says why a node cannot be had.
pub(crate) fn ingredients() -> Result<(PathBuf, PathBuf), String> {
    if env::var_os(VARIABLE).is_some_and(|word| word == OFF) {
        return Err(format!("${VARIABLE} says so"));
    }
    let engine = env::var_os("RCOMPOSE_ENGINE")
        .ok_or("RCOMPOSE_ENGINE names no directory that tests/debian/prepare.sh has filled")?;
    let engine = Path::new(&engine).canonicalize().expect("RCOMPOSE_ENGINE is a directory");
    Ok((build()?, engine))
}

impl Node {
    fn find() -> Result<Self, String> {
        let scratch = tempfile::tempdir().expect("a scratch directory can be made");
        let place = env::var(VARIABLE).unwrap_or_default();
        let bed = if matches!(place.as_str(), "" | OFF | REQUIRED) {
            let (built, engine) = ingredients()?;
            let list = images::list(scratch.path());
            let engine = engine.to_str().expect("the directory has a plain name");
            let list = list.to_str().expect("a scratch directory has a plain name");
            Bed::start(&built, &["--node", "--engine", engine, "--images", list])?
        } else {
            Bed::find(&[])?
        };
        let visitor = bed.kubeconfig.with_file_name("visitor");
        let visitor =
            fs::read_to_string(visitor).map_err(|_| format!("${VARIABLE} names a bed of fake nodes"))?;
        Ok(Self { bed, visitor: visitor.trim().to_owned(), _images: scratch })
    }

    /// Returns what kubectl says; panics where it fails.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.bed.kubectl(None, words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {}: {said}", words.join(" "));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Fetches a page as somebody outside of the cluster. Where there is none, the status is 502 and the text says why.
    pub(crate) fn visit(&self, url: &str) -> Page {
        self.ask(url).unwrap_or_else(|error| Page { status: 0, text: error.to_string() })
    }

    fn ask(&self, url: &str) -> std::io::Result<Page> {
        let mut stream = TcpStream::connect(&self.visitor)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {url} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(Page { status: status.unwrap_or(0), text: text.to_owned() })
    }
}
