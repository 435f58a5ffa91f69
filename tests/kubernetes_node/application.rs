//! A project on its way to the cluster and out of it: copied, applied in a namespace of its own, looked at, taken down.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::eventually::eventually;
use crate::node::{Node, Page};
use crate::program::{Run, Stage};

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

    /// Runs a live command on the namespace of the project, and expects that it reaches its end.
    fn live(&self, words: &[&str]) -> Run {
        let (command, rest) = words.split_first().expect("a command");
        let place = ["--context", "testbed", "-n", &self.name];
        let kubeconfig = self.node.bed.kubeconfig.display().to_string();
        let environment = BTreeMap::from([("KUBECONFIG".to_owned(), kubeconfig)]);
        let run = self.stage.run(".", &environment, &[&[*command][..], &place, rest].concat());
        assert_eq!(run.code, Some(0), "{}: {words:?}: {}{}", self.name, run.stdout, run.stderr);
        run
    }

    /// Applies the project as it is now, and waits until all of it is rolled out.
    pub(crate) fn deploy(&self, words: &[&str]) {
        self.live(&[&["apply", "--yes"], words].concat());
        for deployment in self.kubectl(&["get", "deployments", "-o", "name"]).lines() {
            let words = ["-n", &self.name, "rollout", "status", "--timeout=120s", deployment];
            let output = self.node.bed.kubectl(None, &words);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: {deployment}: {said}\n{}", self.name, self.trouble());
        }
    }

    /// Applies what was applied before, and expects that nothing is written: neither a member, nor the parent, nor a lock.
    pub(crate) fn deploy_again(&self, words: &[&str]) {
        let versions = || {
            let columns = "custom-columns=:kind,:metadata.name,:metadata.generation,:metadata.managedFields[?(@.manager=='rcompose')].time";
            let members = self.kubectl(&[
                "get",
                "deployments,services,networkpolicies,configmaps",
                "-o",
                columns,
                "--show-managed-fields",
            ]);
            let record = format!("configmap/rcompose.{0},lease/rcompose.{0}", self.name).replace(',', " ");
            let record: Vec<&str> = record.split(' ').collect();
            let words =
                [&["get"][..], &record, &["-o", "jsonpath={.items[*].metadata.resourceVersion}"]].concat();
            (members, self.kubectl(&words))
        };
        let before = versions();
        assert!(!before.1.is_empty(), "the parent and the lock are there");
        let run = self.live(&[&["apply", "--yes"], words].concat());
        assert!(run.stderr.contains(": nothing to change"), "{}: {}", self.name, run.stderr);
        assert_eq!(versions(), before, "{}", self.name);
    }

    /// Takes the project out of the cluster, and expects that nothing of it is left but volumes. Returns how many of these there are.
    pub(crate) fn take_down(&self) -> usize {
        self.live(&["down", "--yes"]);
        let kinds = "deployments,jobs,services,networkpolicies,configmaps,secrets,leases";
        let left = self.kubectl(&["get", kinds, "-o", "name"]);
        let left: Vec<&str> = left.lines().filter(|name| *name != "configmap/kube-root-ca.crt").collect();
        assert_eq!(left, [] as [&str; 0], "{}", self.name);
        self.kubectl(&["get", "persistentvolumeclaims", "-o", "name"]).lines().count()
    }

    /// Returns what `status` says of each service.
    pub(crate) fn status(&self) -> Value {
        let run = self.live(&["status", "--exit-code", "--format", "json"]);
        serde_json::from_str(&run.stdout).expect("status prints JSON")
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
