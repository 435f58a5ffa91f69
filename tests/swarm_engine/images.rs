//! Images without a registry: roots of Debian's packages, and what Dockerfiles put on them.

use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;

use crate::engine::Engine;

/// The command of each root's image, in JSON.
const COMMANDS: [(&str, &str); 5] = [
    ("python", r#"["python3"]"#),
    ("redis", r#"["redis-server", "--protected-mode", "no"]"#),
    ("nginx", r#"["nginx", "-g", "daemon off;"]"#),
    ("postgres", r#"["start"]"#),
    ("rabbitmq", r#"["start"]"#),
];

/// Tags that Dockerfiles build upon.
const BASES: [&str; 2] = ["python:3.13-slim", "python:3.8-slim"];

/// Makes an image `NAME:base` of each root.
pub(crate) fn import(engine: &Engine, roots: &Path) {
    for (name, command) in COMMANDS {
        let (image, archive) = (format!("{name}:base"), roots.join(format!("{name}.tar")));
        let archive = archive.to_str().expect("the directory of the build has a plain name");
        let path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        engine.done(&["import", "-c", &format!("CMD {command}"), "-c", path, archive, &image]);
    }
    for base in BASES {
        engine.done(&["tag", "python:base", base]);
    }
}

/// Makes the images of a project, where they are not there: by their own Dockerfile, as a stand-in, or as another name of a root.
///
/// `config` is what `rcompose config` gives; `images` are the names in the stack file by service. A service of `stand_ins` gets the desk, with the port
/// that it answers on.
pub(crate) fn make(engine: &Engine, config: &Value, images: &[(String, String)], stand_ins: &[(&str, u16)]) {
    // Two builds of one name at a time would be one too many.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for (service, image) in images {
        let build = &config["services"][service]["build"];
        if engine.docker(&["image", "inspect", image]).status.success() {
            continue;
        }
        if let Some((_, port)) = stand_ins.iter().find(|(name, _)| name == service) {
            let desk = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/swarm_engine/desk");
            engine.done(&["build", "-q", "-t", image, "--build-arg", &format!("port={port}"), desk]);
        } else if build.is_object() {
            build_own(engine, image, build);
        } else {
            let name = image.rsplit('/').next().and_then(|last| last.split([':', '@']).next());
            engine.done(&["tag", &format!("{}:base", name.unwrap_or_default()), image]);
        }
    }
}

/// Builds an image as its project says.
fn build_own(engine: &Engine, image: &str, build: &Value) {
    let context = build["context"].as_str().expect("a build has a context");
    let file = format!("{context}/{}", build["dockerfile"].as_str().unwrap_or("Dockerfile"));
    let arguments: Vec<String> = build["args"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    let mut words = vec!["build", "-q", "-t", image, "-f", &file];
    words.extend(arguments.iter().flat_map(|argument| ["--build-arg", argument]));
    words.push(context);
    engine.done(&words);
}
