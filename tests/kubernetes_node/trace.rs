//! A bed with a real node leaves nothing behind on the machine.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::eventually::eventually;
use crate::node::ingredients;
use crate::skip::skipped;

#[test]
fn a_bed_with_a_node_leaves_no_trace() {
    let test = "kubernetes node: no trace";
    let (built, engine) = match ingredients() {
        Ok(found) => found,
        Err(reason) => return skipped(test, &reason),
    };
    let before = Machine::now();
    let folder = tempfile::tempdir().expect("a scratch directory can be made");
    let mut bed = Command::new(built.join("bed"))
        .args(["up", "--node", "--until-eof", "--engine"])
        .arg(engine)
        .arg("--folder")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was built can be started");
    let mut line = String::new();
    let stdout = bed.stdout.take().expect("stdout is piped");
    BufReader::new(stdout).read_line(&mut line).expect("the bed says where it is");
    if let Some(reason) = line.trim().strip_prefix("cannot: ") {
        bed.wait().expect("a child can be waited for");
        return skipped(test, reason);
    }
    let group = format!("rcompose-bed-{}", bed.id());
    assert_eq!(before, Machine::now(), "what is in its namespaces cannot be seen from here");
    assert!(!groups(&group).is_empty(), "its control groups can be");
    assert!(!processes(folder.path()).is_empty(), "and its processes");
    drop(bed.stdin.take());
    assert!(bed.wait().expect("a child can be waited for").success());
    assert_eq!(groups(&group), [] as [String; 0]);
    // Those that were killed are gone a moment later.
    eventually("no process", || match processes(folder.path()) {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    });
    assert_eq!(before, Machine::now());
}

/// What programs can change on a machine without being seen again.
#[derive(Debug, PartialEq, Eq)]
struct Machine {
    mounts: String,
    links: BTreeSet<String>,
    rules: String,
    switches: Vec<String>,
}

impl Machine {
    fn now() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let rules = Command::new("iptables-save").output().expect("iptables is there where a node starts");
        let rules = String::from_utf8_lossy(&rules.stdout).into_owned();
        Self {
            mounts: read("/proc/self/mountinfo"),
            links: names("/sys/class/net"),
            // It counts, and says when.
            rules: rules.lines().filter(|line| !line.starts_with(['#', ':'])).collect(),
            switches: ["net/ipv4/ip_forward", "net/ipv4/conf/all/route_localnet"]
                .map(|name| read(&format!("/proc/sys/{name}")))
                .to_vec(),
        }
    }
}

fn names(directory: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The control groups of a name, in all hierarchies.
fn groups(name: &str) -> Vec<String> {
    let root = "/sys/fs/cgroup";
    let hierarchies = names(root).into_iter().map(|hierarchy| format!("{root}/{hierarchy}/{name}"));
    hierarchies.chain([format!("{root}/{name}")]).filter(|path| Path::new(path).exists()).collect()
}

/// The processes that name a folder on their command line.
fn processes(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().expect("a scratch directory has a plain name");
    let lines =
        names("/proc").into_iter().filter(|name| name.starts_with(|first: char| first.is_ascii_digit()));
    lines
        .filter_map(|id| fs::read(format!("/proc/{id}/cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(folder))
        .collect()
}
