//! How services roll: the order that was written, in the pace that was written, back when the new one fails; and not at all where nothing changed.

use std::path::Path;

use crate::applications::{example, ours};
use crate::engine::engine;
use crate::eventually::eventually;
use crate::stack::{Stack, Task};

/// A stack file as the tutorials write it for Swarm.
#[derive(Clone, Copy)]
struct Native {
    service: &'static str,
    replicas: usize,
    /// Seconds between two steps of an update.
    delay: f64,
}

impl Native {
    fn check(self, stack: &Stack) {
        stack.make_images();
        stack.deploy_original("docker-compose.yml");
        let ids = || -> Vec<String> {
            let mut ids: Vec<_> =
                stack.running(self.service, self.replicas).into_iter().map(|task| task.id).collect();
            ids.sort();
            ids
        };
        let original = ids();
        stack.deploy_as_written();
        assert_eq!(ids(), original, "ours means the same, so nothing rolls (S2)");
        stack.edit("docker-compose.yml", "    deploy:", "    environment: {VERSION: '2'}\n    deploy:");
        stack.deploy_as_written();
        let mut new = eventually("the update", || {
            let new: Vec<Task> = stack.running(self.service, self.replicas);
            let old = new.iter().filter(|task| original.contains(&task.id)).count();
            if old == 0 { Ok(new) } else { Err(format!("{old} old ones")) }
        });
        new.sort_by(|one, other| one.created.cmp(&other.created));
        // `parallelism: 2`: the third waits until the first two run, and the delay is over.
        let after = seconds(&new[2].created) - seconds(&new[1].created);
        assert!(after.rem_euclid(86_400.0) >= self.delay, "the third came {after} s after the second");
        assert!(seconds(&new[1].created) - seconds(&new[0].created) < self.delay);
    }
}

/// Seconds since midnight of a time as the engine writes it.
fn seconds(time: &str) -> f64 {
    let clock = time.split(['T', 'Z']).nth(1).expect("a time has a day before it");
    clock.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().expect("a number"))
}

#[test]
fn fleet_rolls_two_at_a_time() {
    let Some(engine) = engine("swarm engine: fleet") else { return };
    let stack = Stack::of(engine, &ours("fleet"), "fleet").standing_in(&[("truck", 8210)]);
    Native { service: "truck", replicas: 4, delay: 15.0 }.check(&stack);
}

#[test]
fn swarm_stack_rolls_two_at_a_time() {
    let Some((engine, source, _alone)) = example("swarm-stack") else { return };
    let stack = Stack::of(engine, &source, "swarm-stack").standing_in(&[("web", 5000)]);
    Native { service: "web", replicas: 3, delay: 10.0 }.check(&stack);
}

/// A project that is here for its ways to roll.
fn rolling() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/swarm/rolling")
}

#[test]
fn order_of_an_update_is_the_one_that_was_written() {
    let Some(engine) = engine("swarm engine: order of an update") else { return };
    let stack = Stack::of(engine, &rolling(), "rolling");
    stack.deploy();
    let old = |service: &str| stack.running(service, 1).remove(0);
    let (gapless, plain) = (old("gapless"), old("plain"));
    stack.edit("compose.yaml", "VERSION: one", "VERSION: two");
    stack.deploy();
    // The old one has ended, and the new one has come: which was first?
    let turn = |service: &str, before: &Task| {
        eventually(service, || {
            let new = stack.running(service, 1).remove(0);
            let ended = stack.tasks(service).into_iter().find(|task| task.id == before.id);
            match ended {
                Some(ended) if new.id != before.id && ended.state == "shutdown" => {
                    Ok((new.since, ended.since))
                }
                ended => Err(format!("{ended:?}")),
            }
        })
    };
    let (came, ended) = turn("gapless", &gapless);
    assert!(came < ended, "start-first: came {came}, ended {ended}");
    let (came, ended) = turn("plain", &plain);
    assert!(ended < came, "stop-first: ended {ended}, came {came}");
}

#[test]
fn failing_update_goes_back() {
    let Some(engine) = engine("swarm engine: rollback") else { return };
    let stack = Stack::of(engine, &rolling(), "rollback");
    stack.deploy();
    stack.running("careful", 1);
    stack.edit("compose.yaml", "sleep 3601", "sh -c 'exit 1'");
    stack.deploy();
    eventually("the rollback", || {
        let state = stack.engine.done(&[
            "service",
            "inspect",
            "-f",
            "{{json .UpdateStatus}}",
            &stack.full("careful"),
        ]);
        if state.contains("rollback_completed") { Ok(()) } else { Err(state) }
    });
    let said = stack.said("careful", &["sh", "-c", "tr '\\0' ' ' </proc/1/cmdline"]);
    assert!(said.contains("sleep 3601"), "{said}");
}

#[test]
fn jobs_end_and_run_again_with_each_deployment() {
    let Some(engine) = engine("swarm engine: jobs") else { return };
    let stack = Stack::of(engine, &rolling(), "jobs");
    let ended = |service: &str, known: &[String]| {
        eventually(service, || {
            let tasks = stack.tasks(service);
            let new: Vec<&Task> = tasks.iter().filter(|task| !known.contains(&task.id)).collect();
            match new[..] {
                [task] if task.state == "complete" => Ok(task.id.clone()),
                _ => Err(format!("{tasks:?}")),
            }
        })
    };
    stack.deploy();
    let first = ended("prepare", &[]);
    let container = stack.running("plain", 1).remove(0).id;
    stack.deploy();
    ended("prepare", &[first]);
    assert_eq!(stack.running("plain", 1)[0].id, container, "what is no job stays as it is");
}
