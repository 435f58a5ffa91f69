//! A project on its way to the cluster: copied, converted, applied in a namespace of its own, looked at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::eventually::eventually;
use crate::node::{Node, Page};
use crate::program::Stage;

/// A project in a namespace of its name.
pub(crate) struct Application {
    pub(crate) node: &'static Node,
    name: String,
    stage: Stage,
}

impl Application {
    /// Copies a project.
    pub(crate) fn of(node: &'static Node, source: &Path, name: &str) -> Self {
        node.done(&["create", "namespace", name]);
        Self { node, name: name.to_owned(), stage: Stage::of(source, name, &[]) }
    }

    /// Makes a project of one file.
    pub(crate) fn of_text(node: &'static Node, name: &str, text: &str) -> Self {
        let source = tempfile::tempdir().expect("a scratch directory can be made");
        let application = Self::of(node, source.path(), name);
        application.write("compose.yaml", text);
        application
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.stage.directory.join(name), text).expect("the copy can be written");
    }

    /// Converts the project as it is now, applies it, and waits until all of it is rolled out.
    pub(crate) fn deploy(&self, words: &[&str]) {
        let words = [&["convert", "-q"], words].concat();
        let run = self.stage.run(".", &BTreeMap::new(), &words);
        assert_eq!(run.code, Some(0), "{}: {}", self.name, run.stderr);
        let file = tempfile::NamedTempFile::new().expect("a scratch file can be made");
        fs::write(file.path(), run.stdout).expect("a scratch file can be written");
        let file = file.path().to_str().expect("a scratch file has a plain name");
        self.kubectl(&["apply", "--server-side", "-f", file]);
        for deployment in self.kubectl(&["get", "deployments", "-o", "name"]).lines() {
            let words = ["-n", &self.name, "rollout", "status", "--timeout=120s", deployment];
            let output = self.node.bed.kubectl(None, &words);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: {deployment}: {said}\n{}", self.name, self.trouble());
        }
    }

    /// Runs kubectl in the namespace; panics where it fails.
    pub(crate) fn kubectl(&self, words: &[&str]) -> String {
        self.node.done(&[&["-n", &self.name], words].concat())
    }

    /// Fetches a page from a published port of a service, as somebody outside.
    pub(crate) fn visit(&self, service: &str, port: u16, path: &str) -> Page {
        self.node.visit(&self.url(service, port, path))
    }

    /// Fetches a page from a published port until it is there, and returns what it says.
    pub(crate) fn page(&self, service: &str, port: u16, path: &str) -> String {
        let url = self.url(service, port, path);
        eventually(&url, || {
            let page = self.node.visit(&url);
            if page.status == 200 { Ok(page.text) } else { Err(format!("{page:?}\n{}", self.trouble())) }
        })
    }

    /// The address of a page at a published port.
    pub(crate) fn url(&self, service: &str, port: u16, path: &str) -> String {
        let service = format!("service/{service}-published");
        let address = eventually(&service, || {
            let address =
                self.kubectl(&["get", &service, "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}"]);
            if address.is_empty() { Err("no address yet".to_owned()) } else { Ok(address) }
        });
        format!("http://{address}:{port}{path}")
    }

    /// Fetches a page from inside a container of Python: prints it, or fails within three seconds.
    pub(crate) fn fetch(&self, from: &str, url: &str) -> Result<String, String> {
        let script = format!(
            "import urllib.request; print(urllib.request.urlopen('{url}', timeout=3).read().decode())"
        );
        self.exec(from, &["python3", "-c", &script])
    }

    /// Runs a program in a container of a service; `Err` is what it says where it fails.
    pub(crate) fn exec(&self, service: &str, words: &[&str]) -> Result<String, String> {
        let deployment = format!("deployment/{service}");
        let output =
            self.node.bed.kubectl(None, &[&["-n", &self.name, "exec", &deployment, "--"], words].concat());
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// The names of the pods of a service that are not on their way out, with their images.
    pub(crate) fn pods(&self, service: &str) -> Vec<(String, String)> {
        let selector = format!("app.kubernetes.io/name={service}");
        let text = self.kubectl(&["get", "pods", "-l", &selector, "-o", "json"]);
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        let pods = list["items"].as_array().expect("a list has items");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        pods.iter()
            .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
            .map(|pod| (word(&pod["metadata"]["name"]), word(&pod["spec"]["containers"][0]["image"])))
            .collect()
    }

    /// What the pods are doing and the containers have said, for the message of a failure.
    fn trouble(&self) -> String {
        let ask = |words: &[&str]| {
            let output = self.node.bed.kubectl(None, &[&["-n", &self.name], words].concat());
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let logs = [
            "logs",
            "-l",
            "app.kubernetes.io/managed-by=rcompose",
            "--all-containers",
            "--prefix",
            "--tail=5",
        ];
        let events = ["get", "events", "--sort-by=.lastTimestamp", "--field-selector=type=Warning"];
        [ask(&["get", "pods"]), ask(&events), ask(&logs)].join("\n")
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // Nobody waits for the end; the room is for the others.
        self.node.bed.kubectl(None, &["delete", "namespace", &self.name, "--wait=false"]);
    }
}
