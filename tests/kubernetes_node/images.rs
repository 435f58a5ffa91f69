//! What the images of the applications are made of: roots of Debian's packages, with the projects' own programs on them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

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

/// Writes the list of images that a bed reads, and returns where it is. Each image has a second tag, `2`, for a roll-out.
pub(crate) fn list(examples: &Path, scratch: &Path) -> PathBuf {
    let wrapped = scratch.join("wrapped");
    fs::create_dir_all(&wrapped).expect("a scratch directory can be written");
    fs::write(wrapped.join("sitecustomize.py"), CURRENT_APPLICATION)
        .expect("a scratch directory can be written");
    // A program takes a while before it listens.
    let slow = ["sh", "-c", "sleep 1; exec python app.py"];
    let mut images = vec![
        json!({"names": ["busybox:1.37.0"], "root": "busybox"}),
        json!({"names": ["redis:alpine"], "root": "redis", "config": {"Cmd": ["redis-server", "--protected-mode", "no"]}}),
        json!({"names": ["nginx:alpine"], "root": "nginx", "config": {"Cmd": ["nginx", "-g", "daemon off;"]}}),
        json!({"names": ["postgres:15", "postgres:15-2"], "root": "postgres", "config": {"Cmd": ["start"], "StopSignal": "SIGINT"}}),
        web(examples, "flask-redis", "web", &json!(["python", "app.py"])),
        web(examples, "flask-postgres-volume", "web", &json!(["python", "app.py"])),
        web(examples, "nginx-load-balancer", "web1", &json!(["python", "app.py"])),
        web(examples, "nginx-load-balancer", "web2", &json!(["python", "app.py"])),
        web(examples, "network-isolation", "api-service", &json!(["python", "api_app.py"])),
        web(examples, "network-isolation", "internal-service", &json!(["python", "internal_app.py"])),
        web(examples, "zero-downtime", "web", &json!(slow)),
    ];
    for image in &mut images {
        if image["names"][0] == "flask-postgres-volume-web:latest" {
            image["folders"]["/wrapped"] = json!(wrapped);
            image["config"]["Env"] = json!(["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHONPATH=/wrapped"]);
        }
    }
    let path = scratch.join("images.json");
    fs::write(&path, json!(images).to_string()).expect("a scratch directory can be written");
    path
}

/// The image of a service that is built: as its Dockerfile says, with the libraries of `requirements.txt` from Debian.
fn web(examples: &Path, project: &str, service: &str, command: &Value) -> Value {
    let name = format!("{project}-{service}");
    json!({
        "names": [format!("{name}:latest"), format!("{name}:2")],
        "root": "python",
        "folders": {"/app": examples.join(project)},
        "config": {"WorkingDir": "/app", "Cmd": command},
    })
}
