//! T19: no value that is secret is in any byte that the program leaves, whatever the server quotes and however much is told.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::Run;
use crate::project::Project;
use crate::running::{Running, objects};

/// A secret of each kind: in a variable, in a file of variables, and Secrets from a variable and from files. Two
/// services share one.
const SHOP: &str = "
services:
  web:
    image: 'shop/web:1.4'
    ports: ['8080:80']
    environment: {LOG: info, API_TOKEN: hunter2hunter2}
    env_file: [web.env]
    secrets: [key, pass, pem]
  worker:
    image: 'shop/web:1.4'
    environment: {OTHER_TOKEN: hunter2hunter2, LAST_TOKEN: sesame-open-now}
secrets:
  key: {environment: KEY_OF_SHOP}
  pass: {file: ./pass.txt}
  pem: {file: ./key.pem}
";

const VALUES: &[&str] = &[
    "hunter2hunter2",
    "sesame-open-now",
    "swordfish-in-file",
    "correct-horse-battery",
    "tr0ub4dor-and-3",
    "MIIEvQIBADANBgkqhkiG9w0",
    // Of the second state of the project alone: of `API_TOKEN`, and of `KEY_OF_SHOP`.
    "hunter3hunter3",
    "wrong-horse-battery",
];

fn shop(test: &str) -> Option<Project> {
    let project = Project::behind_proxy(test, SHOP)?;
    project.file(".env", "KEY_OF_SHOP=correct-horse-battery\n");
    project.file("web.env", "DB_PASSWORD=swordfish-in-file\n");
    project.file("pass.txt", "tr0ub4dor-and-3\n");
    project.file("key.pem", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END KEY-----\n");
    Some(project)
}

/// Writes bytes in base64, as a Secret does.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |chunk: &[u8], at: usize| {
        let bits = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        if at > chunk.len() { '=' } else { char::from(LETTERS[bits >> (18 - 6 * at) & 63]) }
    };
    bytes.chunks(3).flat_map(|chunk| (0..4).map(move |at| letter(chunk, at))).collect()
}

/// Holds that a text shows no value, as it is or in base64.
fn shows_none(where_: &str, text: &str) {
    for value in VALUES {
        assert!(!text.contains(value), "{value} in {where_}:\n{text}");
        // The last letters depend on what comes behind.
        let encoded = base64(value.as_bytes());
        let stem = &encoded[..encoded.trim_end_matches('=').len() - 2];
        assert!(!text.contains(stem), "{value} in base64 in {where_}:\n{text}");
    }
}

fn says_none(what: &str, run: &Run) {
    shows_none(&format!("stdout of {what}"), &run.stdout);
    shows_none(&format!("stderr of {what}"), &run.stderr);
}

/// Says all that a message of the server might quote of the first values, raw and in base64.
fn quoting(first: usize, words: &str) -> String {
    let quoted = VALUES[..first].iter().map(|value| format!("{value} {} ", base64(value.as_bytes())));
    format!("{words} {}", quoted.collect::<String>())
}

fn says(method: &str, url: &str, status: u16, message: &str) -> Value {
    let body = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": status, "reason": "Invalid", "message": message,
        "details": {"causes": [{"reason": "FieldValueInvalid", "message": message, "field": "spec.template"}]}});
    json!({"method": method, "url": url, "fault": "status", "status": status, "body": body.to_string(),
        "headers": {"Content-Type": "application/json", "Warning": format!("299 - \"{message}\"")}})
}

/// A member is written; dry-runs say more.
const WRITES_OF_WEB: &str = "deployments/web.*fieldManager=rcompose&fieldValidation=Strict$";

#[test]
fn t19_row_45_plans_and_runs_show_no_secret_at_any_verbosity() {
    let Some(project) = shop("secrets") else { return };
    for format in ["text", "json", "unified", "name", "summary"] {
        says_none(format, &project.live(&["diff", "--format", format, "-vvv"]));
    }
    let run = project.live(&["apply", "--yes", "-vvv", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("TRACE") || run.stderr.contains("DEBUG"),
        "it tells its steps: {}",
        run.stderr
    );
    says_none("apply -vvv", &run);
    project.file(".env", "KEY_OF_SHOP=wrong-horse-battery\n");
    project.write(&SHOP.replace("hunter2hunter2", "hunter3hunter3"));
    for words in [
        &["diff"][..],
        &["diff", "--format", "unified"],
        &["diff", "--format", "json", "-vv"],
        &["diff", "--read-only", "--format", "json", "-vvv"],
        &["apply", "--dry-run"],
        &["status", "--format", "json", "-vvv"],
        &["role"],
        &["apply", "--yes", "--format", "json", "-vv"],
        &["down", "--yes", "-vvv"],
    ] {
        says_none(&words.join(" "), &project.live(words));
    }
    left_nothing(&project);
}

/// Holds that the program wrote no file of its own with a value in it.
fn left_nothing(project: &Project) {
    fn walk(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(directory).expect("it can be read").flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    // The home of the program lies beside the project.
    walk(project.folder().parent().expect("it lies in a scratch place"), &mut found);
    let ours = ["compose.yaml", ".env", "web.env", "pass.txt", "key.pem"];
    for file in found.iter().filter(|file| !ours.iter().any(|name| file.ends_with(name))) {
        let text = fs::read(file).expect("it can be read");
        shows_none(&file.display().to_string(), &String::from_utf8_lossy(&text));
    }
}

#[test]
fn t19_row_45_what_the_server_quotes_is_hidden_before_anything_is_written() {
    let Some(mut project) = shop("quoted early") else { return };
    let dump = quoting(
        6,
        "Deployment.apps \"web\" is invalid: spec.template: Invalid value: core.PodTemplateSpec{Env: ",
    ) + ": field is immutable";
    for (status, message) in [
        (422, dump),
        (422, quoting(6, "spec.x: Invalid value:")),
        (403, quoting(6, "admission webhook \"guard\" denied the request:")),
        (400, quoting(6, "strict decoding error:")),
        (500, quoting(6, "failed to create typed patch object")),
        (400, quoting(6, "admission webhook \"old\" does not support dry run:")),
        (409, quoting(6, "Apply failed with 1 conflict: conflict with \"kubectl\":")),
    ] {
        project.proxy().faults(&json!([says("PATCH", "deployments/web", status, &message)]));
        for words in [
            &["diff", "-vvv"][..],
            &["diff", "--format", "json"],
            &["apply", "--yes", "-vvv", "--format", "json"],
        ] {
            let run = project.live(words);
            assert_ne!(run.code, Some(0), "{status}: {}", run.stderr);
            says_none(&format!("{} after {status} {message}", words.join(" ")), &run);
        }
    }
}

#[test]
fn t19_row_45_what_the_server_quotes_is_hidden_while_it_is_written() {
    let Some(mut project) = shop("quoted late") else { return };
    project.apply(&[]);
    // From here on one value is in the cluster alone.
    project.write(&SHOP.replace("hunter2hunter2", "hunter3hunter3").replace("1.4", "1.5"));
    for (status, message) in [
        (403, quoting(7, "admission webhook \"guard\" denied the request:")),
        (422, quoting(7, "Deployment.apps \"web\" is invalid: spec.template: Invalid value:")),
        (409, quoting(7, "Operation cannot be fulfilled:")),
        (500, quoting(7, "boom")),
    ] {
        project.proxy().faults(&json!([says("PATCH", WRITES_OF_WEB, status, &message)]));
        let run = project.live(&["apply", "--yes", "-vvv", "--format", "json"]);
        assert_eq!(run.code, Some(3), "{status}: {}", run.stderr);
        assert_eq!(objects(&run, "failed"), ["Deployment/web"]);
        assert!(run.stdout.contains("‹hidden #") && run.stderr.contains("‹hidden #"), "{}", run.stdout);
        says_none(&format!("apply after {status}"), &run);
    }
    // So busy that it is told what is asked again, and why.
    let mut busy = says("PATCH", WRITES_OF_WEB, 429, &quoting(7, "too many requests:"));
    busy["times"] = 2.into();
    busy["headers"]["Retry-After"] = "3".into();
    project.proxy().faults(&json!([busy]));
    let run = Running::start(
        project.command(&project.proxy.as_ref().expect("a proxy").kubeconfig, &["apply", "--yes"]),
    )
    .end();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("asking again"), "{}", run.stderr);
    says_none("apply at a busy server", &run);
    // What does not want to go.
    project.proxy().faults(&json!([says(
        "DELETE",
        "deployments/web",
        403,
        &quoting(7, "admission webhook \"guard\" denied the request:")
    )]));
    let run = project.live(&["down", "--yes", "-vvv", "--format", "json"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    says_none("down", &run);
}

#[test]
fn t19_equal_values_have_equal_marks() {
    let Some(project) = shop("marks") else { return };
    let (plan, _) = project.plan(&[]);
    let mark = |name: &str| -> String {
        let changes = plan["changes"].as_array().expect("changes").iter();
        let mut fields = changes.flat_map(|change| change["fields"].as_array().into_iter().flatten());
        let field = fields.find(|field| field["path"] == format!("data.{name}"));
        field
            .and_then(|field| field["after"].as_str())
            .unwrap_or_else(|| panic!("{name} is not in {plan:#}"))
            .to_owned()
    };
    let (api, other, last) = (mark("API_TOKEN"), mark("OTHER_TOKEN"), mark("LAST_TOKEN"));
    assert!(api.starts_with("‹hidden #"), "{api}");
    assert_eq!(api, other);
    assert_ne!(other, last);
}
