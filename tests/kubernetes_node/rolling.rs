//! A roll-out under steady requests, of a program that takes a second until it listens.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::application::Application;
use crate::node::{Page, example};

/// How many visitors come all the time, each alone with its connection.
const VISITORS: usize = 4;
/// Between two visits of one of them.
const PAUSE: Duration = Duration::from_millis(20);
/// Before and after the roll-out.
const QUIET: Duration = Duration::from_secs(2);

/// Rolls the application out anew while visitors come; returns what they saw.
fn roll(application: &Application, words: &[&str]) -> Vec<Page> {
    let url = application.url("web", 5000, "/");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let visitors: Vec<_> = (0..VISITORS)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        seen.push(application.node.visit(&url));
                        thread::sleep(PAUSE);
                    }
                    seen
                })
            })
            .collect();
        thread::sleep(QUIET);
        application.deploy(words);
        thread::sleep(QUIET);
        over.store(true, Ordering::Relaxed);
        visitors.into_iter().flat_map(|visitor| visitor.join().expect("a visitor does not panic")).collect()
    })
}

/// Returns those who did not get the page.
fn turned_away(seen: &[Page]) -> Vec<&Page> {
    seen.iter().filter(|page| page.status != 200 || !page.text.starts_with("Hello from Flask!")).collect()
}

#[test]
fn zero_downtime_meets_no_pod_that_does_not_listen_yet() {
    let Some((node, source)) = example("zero-downtime") else { return };
    let application = Application::of(node, &source, "zero-downtime");
    application.deploy(&[]);
    application.page("web", 5000, "/");
    let seen = roll(&application, &["--tag", "2"]);
    assert_eq!(application.pods("web")[0].1, "zero-downtime-web:2");
    let away = turned_away(&seen);
    tell(&format!("zero-downtime: {} requests while it rolled, {} turned away", seen.len(), away.len()));
    assert!(seen.len() > 200, "{}", seen.len());
    assert!(away.is_empty(), "{} of {}: {away:?}", away.len(), seen.len());
    // Without what makes a pod wait until it listens, the same visitors do meet one that does not yet.
    application.deploy(&["--tag", "2", "--probes", "declared"]);
    application.page("web", 5000, "/");
    let seen = roll(&application, &["--probes", "declared"]);
    let away = turned_away(&seen);
    tell(&format!("without probes: {} requests while it rolled, {} turned away", seen.len(), away.len()));
    assert!(!away.is_empty(), "these visitors would notice nothing");
}

/// Says a figure past the capture of the test harness.
fn tell(text: &str) {
    io::stderr().write_all(format!("{text}\n").as_bytes()).expect("stderr can be written");
}
