//! One request in our words, and its answer. Builds and reads; sends nothing.

use std::time::Duration;

use http::{HeaderMap, Method, Request, header};
use kube::client::Body;
use serde_json::Value;

use super::path::segment;
use super::warning;
use crate::cluster::failure::{self, Failure};

/// What the body of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// JSON, as in POST, PUT and DELETE.
    Json,
    /// An object for server-side apply. JSON is YAML, and every server that applies takes it.
    Apply,
    /// A JSON Patch.
    Patch,
    /// A merge patch.
    Merge,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path without query.
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<(Content, Value)>,
    /// How long repeats go on, where the end of the run is too far away.
    pub(crate) patience: Option<Duration>,
}

/// What the server answered, where it did as asked.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// 200 or 201.
    pub(crate) status: u16,
    /// Object or list.
    pub(crate) body: Value,
    /// What the server warned of.
    pub(crate) warnings: Vec<String>,
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body: None, patience: None }
    }

    /// Reads.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Makes a new object.
    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some((Content::Json, body)), ..Self::new(Method::POST, path) }
    }

    /// Replaces an object.
    pub(crate) fn put(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some((Content::Json, body)), ..Self::new(Method::PUT, path) }
    }

    /// Patches an object in one of the ways.
    pub(crate) fn patch(path: impl Into<String>, content: Content, body: Value) -> Self {
        Self { body: Some((content, body)), ..Self::new(Method::PATCH, path) }
    }

    /// Deletes. All options stand in the body: beside a body the server does not read the query, not even `dryRun` (A110).
    pub(crate) fn delete(path: impl Into<String>, options: Value) -> Self {
        Self { body: Some((Content::Json, options)), ..Self::new(Method::DELETE, path) }
    }

    /// Adds to the query.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds to the query, if so.
    #[must_use]
    pub(crate) fn with_if(self, condition: bool, name: &'static str, value: &str) -> Self {
        if condition { self.with(name, value) } else { self }
    }

    /// Repeats no longer than this.
    #[must_use]
    pub(crate) fn for_at_most(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Says what is asked for, for people: no body, no query.
    pub(crate) fn subject(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn request(&self) -> Result<Request<Body>, http::Error> {
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
        let uri =
            if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) };
        let request =
            Request::builder().method(&self.method).uri(uri).header(header::ACCEPT, "application/json");
        match &self.body {
            None => request.body(Body::empty()),
            Some((content, body)) => {
                let kind = match content {
                    Content::Json => "application/json",
                    Content::Apply => "application/apply-patch+yaml",
                    Content::Patch => "application/json-patch+json",
                    Content::Merge => "application/merge-patch+json",
                };
                request.header(header::CONTENT_TYPE, kind).body(Body::from(body.to_string().into_bytes()))
            }
        }
    }
}

/// Reads what came back.
pub(super) fn read(call: &Call, parts: &http::response::Parts, bytes: &[u8]) -> Result<Answer, Failure> {
    let status = parts.status.as_u16();
    let body = serde_json::from_slice::<Value>(bytes);
    let warnings = warning::read(&parts.headers);
    if !parts.status.is_success() {
        let text = String::from_utf8_lossy(bytes);
        let body = body.unwrap_or(Value::Null);
        let retry_after = text_of(&parts.headers, &header::RETRY_AFTER)
            .and_then(|text| text.trim().parse().ok())
            .map(Duration::from_secs);
        return Err(failure::failure(&call.method, status, &body, &text, retry_after));
    }
    // An answer that was cut short is one that was lost.
    let body = body.map_err(|error| Failure::garbled(&error))?;
    Ok(Answer { status, body, warnings })
}

fn text_of<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
