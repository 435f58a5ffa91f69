//! Whole runs against a disk in memory, and against one that dies at each step.

#![expect(
    clippy::disallowed_methods,
    clippy::needless_raw_string_hashes,
    reason = "what the macros of snapbox expand to, and how it writes inline snapshots"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::*;
use crate::host::{Lock, MemoryHost, Metadata, Ran};

fn product(files: &[(&str, &str)]) -> Vec<OutputFile> {
    let file = |(path, text): &(&str, &str)| OutputFile {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
        mode: if path.starts_with("secrets/") { 0o600 } else { 0o666 },
        secret: path.starts_with("secrets/"),
    };
    files.iter().map(file).collect()
}

/// Plans and writes; gives codes and messages of what stood against it.
fn run(dir: &str, files: &[(&str, &str)], force: bool, host: &dyn Host) -> Result<(), Vec<String>> {
    let told = |found: &Diagnostic| format!("{}: {}", found.code.name(), found.message);
    let mut plan = plan_directory(dir, product(files), false, force, host)
        .map_err(|errors| errors.iter().map(told).collect::<Vec<_>>())?;
    write(&mut plan, host).map_err(|error| vec![told(&error)])
}

/// All files below a directory, but for the record.
fn tree(host: &MemoryHost, dir: &str) -> BTreeMap<String, String> {
    let files = host.files();
    let inside = files.iter().filter_map(|(path, bytes)| {
        let path = path.strip_prefix(dir).ok()?.to_str()?.to_owned();
        (path != record::NAME).then(|| (path, String::from_utf8_lossy(bytes).into_owned()))
    });
    inside.collect()
}

fn expected(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

const OLD: &[(&str, &str)] = &[("a.yaml", "1\n"), ("b.yaml", "2\n"), ("sub/c.yaml", "3\n")];
const NEW: &[(&str, &str)] = &[("a.yaml", "1\n"), ("b.yaml", "changed\n"), ("secrets/d", "hush")];

#[test]
fn a_new_directory_is_filled_and_then_kept_in_step_c22() {
    let host = MemoryHost::new().cwd("/p");
    run("out/k8s/", OLD, false, &host).unwrap();
    assert_eq!(tree(&host, "/p/out/k8s"), expected(OLD));
    run("out/k8s", NEW, false, &host).unwrap();
    assert_eq!(tree(&host, "/p/out/k8s"), expected(NEW));
    let record = host.text("/p/out/k8s/.rcompose-files").unwrap();
    assert!(record.ends_with("\n-  secrets/d\n"), "{record}");
    assert_eq!(host.list(Path::new("/p/out")).unwrap(), ["k8s"]);
    assert!(host.list(Path::new("/p/out/k8s")).unwrap().iter().all(|name| name != "sub"));
}

#[test]
fn foreign_files_stay_and_stand_in_the_way_c22() {
    let host = MemoryHost::new().cwd("/p").file("/p/k/mine.txt", "x");
    let message = "output-directory-foreign: `k/` holds files that are not ours: `mine.txt`";
    assert_eq!(run("k/", OLD, false, &host), Err(vec![message.to_owned()]));
    run("k/", OLD, true, &host).unwrap();
    run("k/", NEW, false, &host).unwrap();
    assert_eq!(host.text("/p/k/mine.txt").as_deref(), Some("x"));
    assert_eq!(tree(&host, "/p/k").len(), NEW.len() + 1);
    host.write(Path::new("/p/k/e.yaml"), b"theirs", 0o644, false).unwrap();
    let message = "output-file-foreign: in `k/`, files exist that were not written by rcompose: `e.yaml`";
    assert_eq!(run("k/", &[("e.yaml", "ours")], false, &host), Err(vec![message.to_owned()]));
}

#[test]
fn files_changed_by_hand_are_not_overwritten_c22() {
    let host = MemoryHost::new().cwd("/p");
    run("k/", OLD, false, &host).unwrap();
    for (path, text) in [("/p/k/b.yaml", "by hand\n"), ("/p/k/sub/c.yaml", "too\n"), ("/p/k/a.yaml", "1\r\n")]
    {
        host.write(Path::new(path), text.as_bytes(), 0o666, true).unwrap();
    }
    let message = "output-file-edited: in `k/`, generated files were changed by hand: `b.yaml`, `sub/c.yaml`";
    assert_eq!(run("k/", NEW, false, &host), Err(vec![message.to_owned()]));
    let plan = plan_directory("k/", product(NEW), true, true, &host).unwrap();
    assert_eq!(plan.forced().collect::<Vec<_>>(), ["k/b.yaml", "k/sub/c.yaml"]);
    run("k/", NEW, true, &host).unwrap();
    assert_eq!(tree(&host, "/p/k"), expected(NEW));
}

#[test]
fn nothing_is_written_where_nothing_changes() {
    let host = MemoryHost::new().cwd("/p");
    run("k/", OLD, false, &host).unwrap();
    let dying = Dying::after(&host, 0);
    let mut plan = plan_directory("k/", product(OLD), true, false, &host).unwrap();
    assert!(plan.is_empty());
    write(&mut plan, &dying).unwrap();
}

#[test]
fn a_record_that_leads_out_is_not_believed() {
    let host = MemoryHost::new().cwd("/p").file("/p/x", "keep").file("/p/k/.rcompose-files", "-  ../x\n");
    host.write(Path::new("/p/k/a"), b"", 0o644, false).unwrap();
    let found = run("k/", OLD, false, &host).unwrap_err();
    assert!(
        found[0].starts_with("output-directory-foreign: `k/.rcompose-files` cannot be read"),
        "{found:?}"
    );
    run("k/", OLD, true, &host).unwrap();
    assert_eq!(host.text("/p/x").as_deref(), Some("keep"));
}

#[test]
fn links_inside_are_not_followed() {
    let host = MemoryHost::new().cwd("/p").file("/else/c.yaml", "keep");
    run("k/", &[("a", "1")], false, &host).unwrap();
    let host = host.link("/p/k/sub", "/else");
    let found = run("k/", OLD, false, &host).unwrap_err();
    assert!(found[0].contains("a directory on the way is a link"), "{found:?}");
    assert_eq!(host.text("/else/c.yaml").as_deref(), Some("keep"));
}

#[test]
fn two_runs_at_once_do_not_mix_c23() {
    let host = MemoryHost::new().cwd("/p");
    run("k/", OLD, false, &host).unwrap();
    let first = plan_directory("k/", product(NEW), false, false, &host).unwrap();
    let message = "output-busy: another run of rcompose writes to `k/`";
    assert_eq!(run("k/", NEW, false, &host), Err(vec![message.to_owned()]));
    drop(first);
    run("k/", NEW, false, &host).unwrap();
}

#[test]
fn check_sees_added_changed_and_stale_files_and_hides_secrets_c24() {
    let host = MemoryHost::new().cwd("/p");
    run("k/", OLD, false, &host).unwrap();
    let before = host.files();
    let plan = plan_directory("k/", product(NEW), true, false, &host).unwrap();
    snapbox::assert_data_eq!(
        diff(&plan.changes),
        snapbox::str![[r#"
--- k/b.yaml
+++ k/b.yaml
@@ -1 +1 @@
-2
+changed
--- /dev/null
+++ k/secrets/d
@@ holds secret data, not shown @@
--- k/sub/c.yaml
+++ /dev/null
@@ -1 +0,0 @@
-3

"#]]
    );
    assert_eq!(host.files(), before);
}

#[test]
fn one_file_is_replaced_through_links_and_only_if_it_is_ours_c21() {
    let host = MemoryHost::new()
        .cwd("/p")
        .file("/p/real.yaml", "# rcompose: x\n1\n")
        .link("/p/all.yaml", "real.yaml");
    let text = "# rcompose: x\n2\n";
    let mut plan = plan_file("all.yaml", text, false, &host).unwrap();
    write(&mut plan, &host).unwrap();
    assert_eq!(host.text("/p/real.yaml").as_deref(), Some(text));
    assert_eq!(host.list(Path::new("/p")).unwrap(), ["all.yaml", "real.yaml"]);
    assert!(plan_file("all.yaml", text, false, &host).unwrap().is_empty());

    let host = host.file("/p/mine.yaml", "services: {}\n");
    let error = plan_file("mine.yaml", text, false, &host).unwrap_err();
    assert_eq!(error[0].message, "`mine.yaml` exists and was not written by rcompose");
    let plan = plan_file("mine.yaml", text, true, &host).unwrap();
    assert_eq!(plan.forced().collect::<Vec<_>>(), ["mine.yaml"]);
    let mut plan = plan_file("deep/er/new.yaml", text, false, &host).unwrap();
    write(&mut plan, &host).unwrap();
    assert_eq!(host.text("/p/deep/er/new.yaml").as_deref(), Some(text));
}

/// A disk that fails for good after some operations that change it; optionally one that cannot exchange directories.
struct Dying<'a> {
    host: &'a MemoryHost,
    left: Cell<usize>,
    exchanges: bool,
}

impl<'a> Dying<'a> {
    fn after(host: &'a MemoryHost, operations: usize) -> Self {
        Self { host, left: Cell::new(operations), exchanges: true }
    }

    fn step<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if self.left.get() == 0 {
            return Err(io::Error::other("the disk is gone"));
        }
        self.left.set(self.left.get() - 1);
        act()
    }
}

impl Host for Dying<'_> {
    fn run(&self, program: &str, words: &[String], directory: &Path, input: &[u8]) -> io::Result<Ran> {
        self.host.run(program, words, directory, input)
    }
    fn environment(&self) -> BTreeMap<String, String> {
        self.host.environment()
    }
    fn current_dir(&self) -> io::Result<PathBuf> {
        self.host.current_dir()
    }
    fn home_dir(&self) -> Option<PathBuf> {
        self.host.home_dir()
    }
    fn read_stdin(&self, limit: u64) -> io::Result<Vec<u8>> {
        self.host.read_stdin(limit)
    }
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.host.read(path, limit)
    }
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.host.metadata(path)
    }
    fn link_metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.host.link_metadata(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.host.list(path)
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.host.canonicalize(path)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.step(|| self.host.create_dir_all(path))
    }
    /// A write that dies leaves half a file.
    fn write(&self, path: &Path, bytes: &[u8], mode: u32, replace: bool) -> io::Result<()> {
        if self.left.get() == 1 {
            self.left.set(0);
            self.host.write(path, &bytes[..bytes.len() / 2], mode, replace)?;
            return Err(io::Error::other("the disk is gone"));
        }
        self.step(|| self.host.write(path, bytes, mode, replace))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| self.host.rename(from, to))
    }
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if !self.exchanges {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.step(|| self.host.exchange(one, other))
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step(|| self.host.remove_file(path))
    }
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.step(|| self.host.remove_dir_all(path))
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.step(|| self.host.remove_dir(path))
    }
    fn permissions(&self, path: &Path) -> io::Result<u32> {
        self.host.permissions(path)
    }
    fn set_permissions(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.step(|| self.host.set_permissions(path, mode))
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step(|| self.host.sync_dir(path))
    }
    fn lock(&self, path: &Path) -> io::Result<Lock> {
        self.step(|| self.host.lock(path))
    }
    fn is_terminal(&self) -> bool {
        self.host.is_terminal()
    }

    fn read_line(&self) -> io::Result<String> {
        self.host.read_line()
    }

    fn token(&self) -> String {
        self.host.token()
    }
}

/// Kills a run at each of its steps. What is left is the old or the new state, or the next run finishes it; the next
/// run ends with the new state and nothing else in every case.
fn kill_everywhere(start: &dyn Fn() -> MemoryHost, exchanges: bool, old: &BTreeMap<String, String>) {
    let foreign: BTreeMap<String, String> = old
        .iter()
        .filter(|(path, _)| *path == "mine.txt")
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    let mut new = expected(NEW);
    new.extend(foreign);
    for operations in 0.. {
        assert!(operations < 200, "a run ends");
        let host = start();
        let dying = Dying { exchanges, ..Dying::after(&host, operations) };
        let done = run("k/", NEW, false, &dying).is_ok();
        let mut left = tree(&host, "/p/k");
        let journal = left.contains_key(journal::NAME);
        left.retain(|path, _| !path.split('/').any(leftover::is_momentary));
        if !journal {
            assert!(left == *old || left == new, "after {operations} operations: {left:?}");
        }
        run("k/", NEW, false, &host)
            .unwrap_or_else(|found| panic!("after {operations} operations: {found:?}"));
        assert_eq!(tree(&host, "/p/k"), new, "after {operations} operations");
        assert_eq!(host.list(Path::new("/p")).unwrap(), ["k"], "after {operations} operations");
        if done {
            return;
        }
    }
}

fn with_old_state() -> MemoryHost {
    let host = MemoryHost::new().cwd("/p");
    run("k/", OLD, false, &host).unwrap();
    host
}

#[test]
fn a_killed_exchange_leaves_the_old_or_the_new_state_c23() {
    kill_everywhere(&with_old_state, true, &expected(OLD));
}

#[test]
fn a_killed_journal_is_finished_by_the_next_run_c23() {
    kill_everywhere(&with_old_state, false, &expected(OLD));
}

#[test]
fn a_killed_run_beside_foreign_files_is_finished_by_the_next_run_c23() {
    let start = || {
        let host = with_old_state();
        host.write(Path::new("/p/k/mine.txt"), b"x", 0o644, false).unwrap();
        host
    };
    let mut old = expected(OLD);
    old.insert("mine.txt".into(), "x".into());
    kill_everywhere(&start, true, &old);
}

#[test]
fn a_killed_first_run_leaves_nothing_or_all_c23() {
    kill_everywhere(&|| MemoryHost::new().cwd("/p"), true, &BTreeMap::new());
    kill_everywhere(&|| MemoryHost::new().cwd("/p"), false, &BTreeMap::new());
}
