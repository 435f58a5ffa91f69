//! Snapshots of worlds in memory.

use super::*;
use crate::host::MemoryHost;

fn host() -> MemoryHost {
    MemoryHost::new().dir("/p")
}

fn names(walk: &Walk) -> Vec<&str> {
    walk.files.keys().map(String::as_str).collect()
}

#[test]
fn places_are_told_apart() {
    let host = host()
        .file("/p/a", "123")
        .dir("/p/d")
        .special("/p/s")
        .link("/p/in", "a")
        .link("/p/out", "/etc/x")
        .file("/etc/x", "")
        .link("/p/none", "/nowhere")
        .file("/q/b", "1")
        .link("/q/l", "/etc/x");
    let snapshot = Snapshot::new(&host, Path::new("/p"));
    for (path, found) in [
        ("a", Found::File { length: 3 }),
        ("d", Found::Directory),
        (".", Found::Directory),
        ("s", Found::Special),
        ("in", Found::File { length: 3 }),
        ("out", Found::Outside),
        ("none", Found::Missing),
        ("../q/b", Found::File { length: 1 }),
        ("../q/l", Found::Outside),
    ] {
        assert_eq!(snapshot.look(path), found, "{path}");
    }
}

#[test]
fn a_project_directory_may_be_a_link() {
    let host = MemoryHost::new().file("/real/p/a", "1").link("/l", "/real/p");
    assert_eq!(Snapshot::new(&host, Path::new("/l")).look("a"), Found::File { length: 1 });
}

#[test]
fn files_are_read_within_the_limit_and_once() {
    let host = host()
        .file("/p/a", "x")
        .executable("/p/run", "")
        .unreadable("/p/u")
        .file("/p/big", vec![b'x'; usize::try_from(MAX_BYTES).unwrap() + 1]);
    let mut snapshot = Snapshot::new(&host, Path::new("/p"));
    let file = snapshot.file("a").unwrap();
    assert_eq!((file.path.as_str(), &*file.bytes, file.executable), ("a", &b"x"[..], false));
    assert!(snapshot.file("run").unwrap().executable);
    assert_eq!(snapshot.file("big"), Err(Unread::TooLarge));
    assert!(matches!(snapshot.file("u"), Err(Unread::Failed(_))));
    host.write(Path::new("/p/a"), b"y", 0o644, true).unwrap();
    assert_eq!(&*snapshot.file("a").unwrap().bytes, b"x");
}

#[test]
fn walks_go_deep_and_leave_out_what_no_container_needs() {
    let host = host()
        .file("/p/d/a", "1")
        .file("/p/d/s/b", "22")
        .dir("/p/d/empty")
        .file("/p/d/.git/config", "")
        .file("/p/d/.gitkeep", "")
        .file("/p/d/x~", "")
        .file("/p/d/..data", "")
        .special("/p/d/sock")
        .link("/p/d/out", "/etc")
        .file("/etc/x", "")
        .file("/p/other/c", "")
        .link("/p/d/in", "/p/other");
    let walk = Snapshot::new(&host, Path::new("/p")).walk("d");
    assert_eq!(names(&walk), ["a", "in/c", "s/b"]);
    let skipped: Vec<_> = walk.skipped.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(skipped, ["..data", ".git", ".gitkeep", "out", "sock", "x~"]);
    assert_eq!(walk.largest(), [("s/b".to_owned(), 2), ("a".to_owned(), 1), ("in/c".to_owned(), 0)]);
    assert!(walk.is_within_limits());
}

#[test]
fn circles_of_links_end() {
    let host = host()
        .file("/p/d/a", "")
        .link("/p/d/up", "..")
        .link("/p/d/self", ".")
        .link("/p/d/e", "/p/e")
        .link("/p/e/d", "/p/d")
        .file("/p/e/b", "");
    let walk = Snapshot::new(&host, Path::new("/p")).walk("d");
    assert_eq!(names(&walk), ["a", "e/b"]);
}

#[test]
fn limits_hold_for_number_and_size() {
    let many = (0..=MAX_FILES).fold(host(), |host, index| host.file(format!("/p/d/{index}"), ""));
    assert!(!Snapshot::new(&many, Path::new("/p")).walk("d").is_within_limits());
    let half = vec![0; 600_000];
    let large = host().file("/p/d/a", &half).file("/p/d/b", &half);
    assert!(!Snapshot::new(&large, Path::new("/p")).walk("d").is_within_limits());
}

#[test]
fn the_projects_own_ignore_file_counts() {
    let host = host().file("/p/.gitignore", "data/\n");
    let snapshot = Snapshot::new(&host, Path::new("/p"));
    assert!(snapshot.ignores("data", true));
    assert!(!snapshot.ignores(".", true));
    assert!(!snapshot.ignores("../data", true));
}
