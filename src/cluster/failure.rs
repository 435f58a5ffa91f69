//! What an answer means that is no success: A110's table, as a function of status and text. Knows no client: how none came, that says.

use std::fmt;
use std::time::Duration;

use http::Method;
use serde_json::Value;

/// What a failure is, and so what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The network, or a server that is coming up or electing.
    Transient,
    /// A webhook does not answer.
    Webhook,
    /// The server asks for patience.
    Busy,
    /// A page or watch is too old.
    Expired,
    /// Fields belong to others.
    Conflict,
    /// Somebody wrote at the same time.
    Race,
    /// It is not the object that was meant: its UID differs.
    Identity,
    /// An object of that name is there.
    Exists,
    /// Nobody knows who we are.
    Auth,
    /// We may not.
    Forbidden,
    /// The object is not legal, or a policy says no.
    Rejected,
    /// The server failed.
    Server,
    /// It is not there.
    Missing,
    /// It is being deleted, and does not go.
    Stuck,
}

/// A field that another manager holds, in the server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// `FieldManagerConflict`, `FieldValueInvalid`.
    pub(crate) reason: String,
    /// The server's words.
    pub(crate) message: String,
    /// The server's path, ambiguous for keys with dots (A22).
    pub(crate) field: String,
}

/// Why there is no answer. Texts are the server's own: nothing prints them before they were redacted (A62).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What it is.
    pub(crate) class: Class,
    /// Status of HTTP; `None` where none came.
    pub(crate) status: Option<u16>,
    /// Reason in one word, `AlreadyExists`; may be empty.
    pub(crate) reason: String,
    /// What was said, cut at the first dump of values (A42).
    pub(crate) message: String,
    /// Single fields.
    pub(crate) causes: Vec<Cause>,
    /// When to come back.
    pub(crate) retry_after: Option<Duration>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Failure {
    /// A failure that no status says.
    pub(super) fn of(class: Class, message: String) -> Self {
        Self { class, status: None, reason: String::new(), message, causes: Vec::new(), retry_after: None }
    }

    /// This machine has no room for a runtime.
    pub(crate) fn here(error: &std::io::Error) -> Self {
        Self::of(Class::Transient, format!("no network: {error}"))
    }

    /// A request that cannot be written.
    pub(super) fn local(error: &http::Error) -> Self {
        Self::of(Class::Rejected, error.to_string())
    }

    /// An attempt took too long.
    pub(super) fn timeout(patience: Duration) -> Self {
        Self::of(Class::Transient, format!("no answer within {:.1} s", patience.as_secs_f64()))
    }

    /// An object does not go: these are waited for.
    pub(crate) fn stuck(finalizers: &[String]) -> Self {
        let of = if finalizers.is_empty() {
            String::new()
        } else {
            format!(": finalizers {}", finalizers.join(", "))
        };
        Self::of(Class::Stuck, format!("it does not go{of}"))
    }

    /// There is no such thing, which is known without asking.
    pub(crate) fn missing(message: String) -> Self {
        Self::of(Class::Missing, message)
    }

    /// Somebody else was quicker, which is known without a refusal.
    pub(crate) fn race(message: String) -> Self {
        Self::of(Class::Race, message)
    }

    /// What came is no JSON.
    pub(super) fn garbled(error: &serde_json::Error) -> Self {
        Self::of(Class::Transient, format!("the answer is not whole: {error}"))
    }

    /// A webhook was registered long ago and cannot be asked in a dry-run (A33, 7).
    pub(crate) fn is_without_dry_run(&self) -> bool {
        self.message.contains("does not support dry run")
    }

    /// The namespace is going away.
    pub(crate) fn is_namespace_terminating(&self) -> bool {
        self.causes.iter().any(|cause| cause.reason == "NamespaceTerminating")
            || self.message.contains("because it is being terminated")
    }

    /// The namespace is not there.
    pub(crate) fn is_namespace_missing(&self) -> bool {
        self.class == Class::Missing && self.message.starts_with("namespaces \"")
    }

    /// The bug is ours: the document has a field or a type that the schema does not know, or a key of a list twice.
    pub(crate) fn is_our_document(&self) -> bool {
        self.status == Some(500) && self.class == Class::Rejected
    }
}

/// Reads a status that is no success.
pub(super) fn failure(
    method: &Method,
    status: u16,
    body: &Value,
    text: &str,
    retry_after: Option<Duration>,
) -> Failure {
    let of = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (reason, message) = (of("/reason"), of("/message"));
    // A proxy on the way, or a group that the server does not know, speaks plain text.
    let message = if message.is_empty() { plain(status, text) } else { message };
    let causes: Vec<Cause> = body
        .pointer("/details/causes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|cause| {
            let of = |key: &str| cause.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            Cause { reason: of("reason"), message: of("message"), field: of("field") }
        })
        .collect();
    let class = classify(method, status, &reason, &message, &causes);
    let retry_after = retry_after.or_else(|| {
        body.pointer("/details/retryAfterSeconds").and_then(Value::as_u64).map(Duration::from_secs)
    });
    Failure { class, status: Some(status), reason, message: without_dump(&message), causes, retry_after }
}

fn classify(method: &Method, status: u16, reason: &str, message: &str, causes: &[Cause]) -> Class {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match status {
        401 => Class::Auth,
        // A webhook chooses the status of its denial.
        400..=499 if says(&["denied the request", "denied request"]) => Class::Rejected,
        403 => Class::Forbidden,
        404 => Class::Missing,
        408 | 502..=504 => Class::Transient,
        409 if causes.iter().any(|cause| cause.reason == "FieldManagerConflict") => Class::Conflict,
        409 if says(&["UID in the precondition", "uid mismatch"]) => Class::Identity,
        409 if reason == "AlreadyExists" && *method == Method::POST => Class::Exists,
        409 => Class::Race,
        410 => Class::Expired,
        429 => Class::Busy,
        500 if says(&["failed to create typed patch object"]) => Class::Rejected,
        500 if says(&["failed calling webhook", "failed to call webhook"]) => Class::Webhook,
        500 if says(&["etcdserver: ", "leader changed", "context deadline exceeded"]) => Class::Transient,
        500..=599 => Class::Server,
        _ => Class::Rejected,
    }
}

fn plain(status: u16, text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let short: String = line.chars().take(200).collect();
    if short.is_empty() { format!("status {status}") } else { format!("{short} (status {status})") }
}

/// Cuts a message where it begins to print values: whole pod templates, with their environment (A42).
fn without_dump(message: &str) -> String {
    const OPENINGS: &[&str] = &[
        ": Invalid value: {",
        ": Invalid value: core.",
        ": Invalid value: \"{",
        ": Invalid value: v1.",
        "  core.",
        "\n",
    ];
    // The sentence behind the dump says what is wrong; it begins after the last `: `.
    let Some(at) = OPENINGS.iter().filter_map(|opening| message.find(opening)).min() else {
        return message.to_owned();
    };
    let tail = message.rsplit(": ").next().unwrap_or_default();
    let plain_tail = tail.len() < 120 && !tail.contains(['{', '}', '"', '\n', '=']);
    if plain_tail { format!("{}: … {tail}", &message[..at]) } else { format!("{} …", &message[..at]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn class(method: &Method, status: u16, body: &Value) -> Class {
        failure(method, status, body, "", None).class
    }

    #[test]
    fn answers_have_the_classes_of_the_table() {
        let say = |message: &str| json!({"kind": "Status", "message": message});
        for (status, message, expected) in [
            (400, "strict decoding error", Class::Rejected),
            (401, "Unauthorized", Class::Auth),
            (403, "deployments.apps is forbidden: User", Class::Forbidden),
            (403, "admission webhook \"x\" denied the request: no", Class::Rejected),
            (404, "namespaces \"x\" not found", Class::Missing),
            (409, "the object has been modified", Class::Race),
            (409, "Operation cannot be fulfilled on resourcequotas \"q\"", Class::Race),
            (409, "Precondition failed: UID in the precondition: 1, UID in object meta: 2", Class::Identity),
            (409, "Apply failed: uid mismatch: the provided object specified uid 1", Class::Identity),
            (410, "The provided continue parameter is too old", Class::Expired),
            (413, "too large", Class::Rejected),
            (415, "unsupported media type", Class::Rejected),
            (422, "Deployment.apps \"x\" is invalid", Class::Rejected),
            (429, "too many requests", Class::Busy),
            (
                500,
                "failed to create typed patch object (a/b; apps/v1, Kind=Deployment): .spec",
                Class::Rejected,
            ),
            (500, "Internal error occurred: failed calling webhook \"x\"", Class::Webhook),
            (500, "etcdserver: leader changed", Class::Transient),
            (500, "boom", Class::Server),
            (503, "apiserver not ready", Class::Transient),
        ] {
            assert_eq!(class(&Method::PATCH, status, &say(message)), expected, "{status} {message}");
        }
        let exists = json!({"reason": "AlreadyExists", "message": "x already exists"});
        assert_eq!(class(&Method::POST, 409, &exists), Class::Exists);
        let conflict = json!({"details": {"causes": [{"reason": "FieldManagerConflict", "field": ".spec"}]}});
        assert_eq!(class(&Method::PATCH, 409, &conflict), Class::Conflict);
    }

    #[test]
    fn plain_texts_of_proxies_are_short() {
        let failure = failure(&Method::GET, 404, &Value::Null, "404 page not found\nmore", None);
        assert_eq!(
            (failure.class, failure.message.as_str()),
            (Class::Missing, "404 page not found (status 404)")
        );
    }

    #[test]
    fn dumps_of_values_are_cut() {
        let dump = r#"Job.batch "x" is invalid: spec.template: Invalid value: {"env":[{"name":"TOKEN","value":"hunter2"}]}: field is immutable"#;
        assert_eq!(without_dump(dump), r#"Job.batch "x" is invalid: spec.template: … field is immutable"#);
        let open = r#"x: Invalid value: core.PodTemplateSpec{Env:"hunter2"}"#;
        assert_eq!(without_dump(open), "x …");
        assert_eq!(without_dump("x is forbidden: no"), "x is forbidden: no");
    }
}
