//! What the images of the applications are made of: roots of Debian's packages, with the projects' own programs on them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::shared;

/// The application of flask-postgres-volume was written for a release of its library in which an application, once made, was the
/// current one; under the release that `pip install` would bring it ends at once, under Compose too.
const CURRENT_APPLICATION: &str = "\
import flask

class Current(flask.Flask):
    def __init__(self, *words, **named):
        super().__init__(*words, **named)
        self.app_context().push()

flask.Flask = Current
";

/// A program that takes a second until it listens, and, told to end, goes on until all rules of the network have heard of it.
const UNHURRIED: &str = "sleep 1; python app.py & trap 'sleep 6; kill $!; exit' TERM; wait";

/// Writes the list of images that a bed reads, and returns where it is.
pub(crate) fn list(scratch: &Path) -> PathBuf {
    let mut images = vec![
        json!({"names": ["busybox:1.37.0"], "root": "busybox"}),
        json!({"names": ["curlimages/curl:8.11.1"], "root": "curl"}),
        json!({"names": ["redis:alpine"], "root": "redis", "config": {"Cmd": ["redis-server", "--protected-mode", "no"]}}),
        json!({"names": ["nginx:alpine"], "root": "nginx", "config": {"Cmd": ["nginx", "-g", "daemon off;"]}}),
        json!({"names": ["postgres:15", "postgres:15-2"], "root": "postgres", "config": {
            "Cmd": ["start"], "StopSignal": "SIGINT",
        }}),
        json!({"names": ["python:3"], "root": "python", "config": {"Cmd": ["python"]}}),
    ];
    if let Some(examples) = shared::shared("kubernetes node: images of the examples", "examples") {
        images.extend(of_examples(&examples, scratch));
    }
    let path = scratch.join("images.json");
    fs::write(&path, json!(images).to_string()).expect("a scratch directory can be written");
    path
}

fn of_examples(examples: &Path, scratch: &Path) -> Vec<Value> {
    let wrapper = scratch.join("wrapper");
    fs::create_dir_all(&wrapper).expect("a scratch directory can be written");
    fs::write(wrapper.join("sitecustomize.py"), CURRENT_APPLICATION)
        .expect("a scratch directory can be written");
    let mut rows = web(examples, "flask-postgres-volume", "web", &["python", "app.py"]);
    rows["folders"]["/wrapper"] = json!(wrapper);
    rows["config"]["Env"] = json!(["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHONPATH=/wrapper"]);
    vec![
        web(examples, "flask-redis", "web", &["python", "app.py"]),
        rows,
        web(examples, "nginx-load-balancer", "web1", &["python", "app.py"]),
        web(examples, "nginx-load-balancer", "web2", &["python", "app.py"]),
        web(examples, "network-isolation", "api-service", &["python", "api_app.py"]),
        web(examples, "network-isolation", "internal-service", &["python", "internal_app.py"]),
        web(examples, "zero-downtime", "web", &["sh", "-c", UNHURRIED]),
    ]
}

/// The image of a service that is built: as its Dockerfile says, with the libraries of `requirements.txt` from Debian. It has a
/// second tag, `2`, for a roll-out.
fn web(examples: &Path, project: &str, service: &str, command: &[&str]) -> Value {
    let name = format!("{project}-{service}");
    json!({
        "names": [format!("{name}:latest"), format!("{name}:2")],
        "root": "python",
        "folders": {"/app": examples.join(project)},
        "config": {"WorkingDir": "/app", "Cmd": command},
    })
}
