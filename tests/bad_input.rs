//! Input that is broken or hostile: refused at once, with a reason, in 256 MB, and nothing on stdout.
//!
//! Runs the program under a limit of its address space. The time limit only ends what hangs; it measures nothing.

#![cfg(target_os = "linux")]
#![expect(clippy::format_collect, reason = "inputs are made once and read more easily so")]
#![expect(clippy::disallowed_methods, reason = "makes the files that the program is given")]

#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/skip.rs"]
mod skip;

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Kilobytes of address space.
const MEMORY: u32 = 256 * 1000;
/// Nothing here comes near, even in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

const IMAGE: &str = "services: {a: {image: i}}\n";

/// What makes the files, and the code that the program must give.
type Case = (&'static str, &'static str, fn(&Path));

#[test]
fn what_multiplies_is_refused_before_it_fills_the_memory() {
    check(&[
        ("aliases of aliases", "excessive-aliasing", |at| {
            let mut text = String::from("x-0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
            for level in 1..12 {
                let below = vec![format!("*x{}", level - 1); 10].join(", ");
                let _ = writeln!(text, "x-{level}: &x{level} [{below}]");
            }
            put(at, "compose.yaml", text + IMAGE);
        }),
        ("aliases of one long text", "excessive-aliasing", |at| {
            let long = "long".repeat(1 << 18);
            put(
                at,
                "compose.yaml",
                format!("x-a: &a {long}\nx-b: [{}]\n{IMAGE}", vec!["*a"; 50_000].join(", ")),
            );
        }),
        ("aliases as long keys", "excessive-aliasing", |at| {
            let keys = "- {*a : 1}\n".repeat(50_000);
            put(at, "compose.yaml", format!("x-a: &a {}\nx-b:\n{keys}{IMAGE}", "k".repeat(1000)));
        }),
        ("merge keys of merge keys", "excessive-aliasing", |at| {
            let mut text = String::from("x-0: &x0 {a: 1, b: 1, c: 1, d: 1}\n");
            for level in 1..40 {
                let below = vec![format!("*x{}", level - 1); 4].join(", ");
                let _ = writeln!(text, "x-{level}: &x{level} {{<<: [{below}], k{level}: 1}}");
            }
            put(at, "compose.yaml", text + IMAGE);
        }),
        ("aliases in many documents", "excessive-aliasing", |at| {
            let list = format!("x-a: &a [{}]\n", vec!["1"; 50_000].join(", "));
            put(at, "compose.yaml", list + IMAGE + &"---\nx-b: *a\n".repeat(5000));
        }),
        ("an include that includes itself", "include-cycle", |at| {
            put(at, "compose.yaml", format!("include: [b.yaml]\n{IMAGE}"));
            put(at, "b.yaml", "include: [compose.yaml]\n");
        }),
        ("includes that double at each level", "project-too-large", |at| {
            put(at, "compose.yaml", format!("include: [f0.yaml]\n{IMAGE}"));
            for level in 0..60 {
                let next = format!("f{}.yaml", level + 1);
                put(at, &format!("f{level}.yaml"), format!("include: [{next}, ./{next}]\n"));
            }
            put(at, "f60.yaml", IMAGE);
        }),
        ("a service that extends itself", "extends-cycle", |at| {
            put(
                at,
                "compose.yaml",
                "services: {a: {extends: b}, b: {extends: c}, c: {image: i, extends: a}}\n",
            );
        }),
        ("ten thousand services that extend each other in a row", "extends-cycle", |at| {
            put(at, "compose.yaml", chain_of_extends(|number| number + 1));
        }),
        ("the same from the other end", "extends-cycle", |at| {
            put(at, "compose.yaml", chain_of_extends(|number| number.saturating_sub(1)));
        }),
        ("thousands of heirs of one long service", "project-too-large", |at| {
            let mut text =
                format!("services:\n  base: {{image: i, command: [{}]}}\n", "long".repeat(1 << 16));
            for number in 0..10_000 {
                let _ = writeln!(text, "  s{number}: {{extends: base}}");
            }
            put(at, "compose.yaml", text);
        }),
        ("a long variable in many places", "invalid-interpolation", |at| {
            put(at, ".env", format!("LONG={}\n", "long".repeat(1 << 16)));
            let labels = "      - k=$LONG$LONG$LONG$LONG\n".repeat(10_000);
            put(at, "compose.yaml", format!("services:\n  a:\n    image: i\n    labels:\n{labels}"));
        }),
        ("variables that double in an env file", "invalid-interpolation", |at| {
            let mut text = String::from("V0=long\n");
            for number in 1..60 {
                let _ = writeln!(text, "V{number}=$V{0}$V{0}", number - 1);
            }
            put(at, ".env", text);
            put(at, "compose.yaml", IMAGE);
        }),
        ("an env file of ten thousand services", "project-too-large", |at| {
            put(at, "long.env", "LONG=long\n".repeat(20_000));
            put(at, "compose.yaml", many_services("{image: i, env_file: long.env}"));
        }),
        ("ranges of ports", "project-too-large", |at| {
            let mut text = String::from("services:\n  a:\n    image: i\n    ports:\n");
            for number in 0..200 {
                let _ = writeln!(text, "      - 10.0.0.{number}:1-65535:1-65535");
            }
            put(at, "compose.yaml", text);
        }),
        ("documents on top of each other", "project-too-large", |at| {
            let more = "---\nservices: {a: {expose: [1]}}\n".repeat(20_000);
            put(at, "compose.yaml", IMAGE.to_owned() + &more);
        }),
        ("services that all wait for all", "dependency-cycle", |at| {
            let all: Vec<String> = (0..200).map(|number| format!("s{number}")).collect();
            let depends = all.join(", ");
            let services: String =
                all.iter().map(|name| format!("  {name}: {{image: i, depends_on: [{depends}]}}\n")).collect();
            put(at, "compose.yaml", format!("services:\n{services}"));
        }),
    ]);
}

#[test]
fn what_is_huge_is_refused_or_read_in_bounded_memory() {
    check(&[
        ("a file of 50 MB", "yaml-syntax", |at| {
            put(at, "compose.yaml", "# nothing\n".repeat(5_000_000));
        }),
        ("brackets nested ten thousand deep", "yaml-syntax", |at| {
            put(at, "compose.yaml", format!("x-a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)));
        }),
        ("mappings nested ten thousand deep", "yaml-syntax", |at| {
            let text: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
            put(at, "compose.yaml", &text[..text.len().min(16_000_000)]);
        }),
        ("millions of values", "yaml-syntax", |at| {
            put(at, "compose.yaml", format!("x-a: [{}1]\n{IMAGE}", "1,".repeat(3_000_000)));
        }),
        ("a text of 15 MB", "unknown-key", |at| {
            put(at, "compose.yaml", format!("services: {{a: {{imagee: {}}}}}\n", "long".repeat(3_900_000)));
        }),
        ("a key of 1 MB", "unknown-key", |at| {
            put(at, "compose.yaml", format!("? {}\n: 1\n{IMAGE}", "long".repeat(1 << 18)));
        }),
        ("a text of dollar signs", "invalid-interpolation", |at| {
            put(at, "compose.yaml", format!("services: {{a: {{image: '{}'}}}}\n", "${".repeat(1 << 20)));
        }),
        ("variables nested in each other", "invalid-interpolation", |at| {
            let text = format!("{}{}", "${A:-".repeat(100_000), "}".repeat(100_000));
            put(at, "compose.yaml", format!("services: {{a: {{image: '{text}'}}}}\n"));
        }),
        ("hundreds of thousands of unknown keys on one line", "unknown-key", |at| {
            let keys: String = (0..100_000).map(|number| format!("k{number}: 1, ")).collect();
            put(at, "compose.yaml", format!("services: {{a: {{image: i, {keys}}}}}\n"));
        }),
        ("a long env file that is broken at its end", "dotenv-syntax", |at| {
            put(at, ".env", "A=1\n".repeat(1_000_000) + "B='open\n");
            put(at, "compose.yaml", IMAGE);
        }),
        ("undefined networks of thousands of services", "undefined-network", |at| {
            put(at, "compose.yaml", many_services("{image: i, networks: [font]}"));
        }),
    ]);
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    check(&[
        ("a FIFO as Compose file", "file-unreadable", |at| fifo(at, "compose.yaml")),
        ("a FIFO as .env", "file-unreadable", |at| {
            fifo(at, ".env");
            put(at, "compose.yaml", IMAGE);
        }),
        ("a FIFO as env file", "file-unreadable", |at| {
            fifo(at, "a.env");
            put(at, "compose.yaml", "services: {a: {image: i, env_file: a.env}}\n");
        }),
        ("a FIFO as label file", "file-unreadable", |at| {
            fifo(at, "a.labels");
            put(at, "compose.yaml", "services: {a: {image: i, label_file: a.labels}}\n");
        }),
        ("a FIFO as included file", "file-unreadable", |at| {
            fifo(at, "b.yaml");
            put(at, "compose.yaml", format!("include: [b.yaml]\n{IMAGE}"));
        }),
        ("a FIFO as extended file", "file-unreadable", |at| {
            fifo(at, "b.yaml");
            put(at, "compose.yaml", "services: {a: {extends: {service: b, file: b.yaml}}}\n");
        }),
        ("an endless device as Compose file", "file-unreadable", |at| link(at, "compose.yaml", "/dev/zero")),
        ("an endless device as .env", "file-unreadable", |at| {
            link(at, ".env", "/dev/zero");
            put(at, "compose.yaml", IMAGE);
        }),
        ("an endless device as env file", "file-unreadable", |at| {
            put(at, "compose.yaml", "services: {a: {image: i, env_file: /dev/zero}}\n");
        }),
        ("an endless device as included file", "file-unreadable", |at| {
            put(at, "compose.yaml", format!("include: [/dev/zero]\n{IMAGE}"));
        }),
        ("a directory as Compose file", "file-unreadable", |at| directory(at, "compose.yaml")),
        ("a directory as env file", "file-unreadable", |at| {
            directory(at, "a.env");
            put(at, "compose.yaml", "services: {a: {image: i, env_file: a.env}}\n");
        }),
        ("a directory as included file", "file-unreadable", |at| {
            directory(at, "b.yaml");
            put(at, "compose.yaml", format!("include: [b.yaml]\n{IMAGE}"));
        }),
        ("a link to itself", "file-unreadable", |at| link(at, "compose.yaml", "compose.yaml")),
        ("a chain of a thousand links", "file-unreadable", |at| {
            put(at, "0", IMAGE);
            (0..1000).for_each(|number| link(at, &(number + 1).to_string(), &number.to_string()));
            link(at, "compose.yaml", "1000");
        }),
        ("a link into nothing", "file-not-found", |at| {
            link(at, "b.yaml", "nowhere");
            put(at, "compose.yaml", format!("include: [b.yaml]\n{IMAGE}"));
        }),
    ]);
}

#[test]
fn what_is_no_text_is_told() {
    check(&[
        ("bytes that are no UTF-8", "yaml-syntax", |at| {
            put(at, "compose.yaml", b"services: {a: {image: \xff}}\n");
        }),
        ("bytes that are no UTF-8 in .env", "dotenv-syntax", |at| {
            put(at, ".env", b"A=\xff\n");
            put(at, "compose.yaml", IMAGE);
        }),
        ("half a UTF-16 character", "yaml-syntax", |at| put(at, "compose.yaml", b"\xff\xfea")),
        ("a program", "yaml-syntax", |at| {
            fs::copy(env!("CARGO_BIN_EXE_rcompose"), at.join("b.yaml")).expect("the program can be copied");
            fs::OpenOptions::new()
                .write(true)
                .open(at.join("b.yaml"))
                .and_then(|file| file.set_len(1 << 20))
                .expect("a file can be cut");
            put(at, "compose.yaml", format!("include: [b.yaml]\n{IMAGE}"));
        }),
    ]);
}

#[test]
fn what_may_not_be_read_is_told() {
    let probe = tempfile::tempdir().expect("a scratch directory can be made");
    secret(probe.path(), "probe");
    if fs::read(probe.path().join("probe")).is_ok() {
        return skip::skipped("unreadable files", "this user may read everything");
    }
    check(&[
        ("an unreadable Compose file", "file-unreadable", |at| secret(at, "compose.yaml")),
        ("an unreadable env file", "file-unreadable", |at| {
            secret(at, "a.env");
            put(at, "compose.yaml", "services: {a: {image: i, env_file: a.env}}\n");
        }),
    ]);
}

fn chain_of_extends(base: fn(usize) -> usize) -> String {
    let mut text = String::from("services:\n");
    for number in 0..10_000 {
        let _ = match base(number) {
            base if base == number || base == 10_000 => writeln!(text, "  s{number:05}: {{image: i}}"),
            base => writeln!(text, "  s{number:05}: {{extends: s{base:05}}}"),
        };
    }
    text
}

fn many_services(body: &str) -> String {
    (0..10_000).fold(String::from("networks: {front: {}}\nservices:\n"), |text, number| {
        text + &format!("  s{number}: {body}\n")
    })
}

fn put(at: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(at.join(name), content).expect("a scratch file can be written");
}

fn directory(at: &Path, name: &str) {
    fs::create_dir(at.join(name)).expect("a scratch directory can be made");
}

fn link(at: &Path, name: &str, target: &str) {
    symlink(target, at.join(name)).expect("a link can be made");
}

fn fifo(at: &Path, name: &str) {
    let made = Command::new("mkfifo").arg(at.join(name)).status().expect("mkfifo is there");
    assert!(made.success(), "mkfifo ended with {made}");
}

fn secret(at: &Path, name: &str) {
    put(at, name, IMAGE);
    fs::set_permissions(at.join(name), fs::Permissions::from_mode(0o0)).expect("rights can be taken");
}

fn check(cases: &[Case]) {
    let faults: Vec<String> = parallel::each(cases, |(name, code, make)| {
        let at = tempfile::tempdir().expect("a scratch directory can be made");
        make(at.path());
        fault(at.path(), code).map(|fault| format!("{name}: {fault}"))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} of {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

/// Runs `config` and says what is wrong with how it ended.
fn fault(at: &Path, code: &str) -> Option<String> {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")]);
    command
        .args([env!("CARGO_BIN_EXE_rcompose"), "-f", "compose.yaml", "config"])
        .current_dir(at)
        .env("PWD", at);
    command.env_remove("COMPOSE_FILE").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let mut stdout = child.stdout.take().expect("stdout is piped");
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let out = thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes.len())
    });
    let said = thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).map(|_| String::from_utf8_lossy(&bytes).into_owned())
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().expect("a child can be stopped");
            child.wait().expect("a child can be waited for");
            return Some(format!("still running after {PATIENCE:?}"));
        }
        thread::sleep(Duration::from_millis(5));
    };
    let out = out.join().ok().and_then(Result::ok).unwrap_or(usize::MAX);
    let said = said.join().ok().and_then(Result::ok).unwrap_or_default();
    let shown: String = said.chars().take(600).collect();
    match status.code() {
        Some(1) if out != 0 => Some(format!("{out} bytes on stdout")),
        Some(1) if said.contains(&format!("error[{code}]")) => None,
        _ => Some(format!("ended with {status}, {code} expected:\n{shown}")),
    }
}
