//! Whether a call is repeated, and when (A110, third column).

use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::call::Call;
use crate::cluster::failure::{Class, Failure};

/// Shortest and longest pause.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);
/// How long a webhook is waited for.
const WEBHOOK: Duration = Duration::from_secs(60);
/// The server may ask for more patience than anybody has.
const LONGEST_ASKED: Duration = Duration::from_secs(60);
/// How often a race is run, and a failing server asked.
const RACES: u32 = 5;
const SERVER: u32 = 3;

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is final.
    Stop,
    /// Log in anew, and ask at once.
    Login,
    /// Ask after a pause.
    After(Duration),
}

/// Counts the failures of one call.
#[derive(Debug)]
pub(super) struct Retry {
    /// What carries the version that it replaces fails again when sent again, so the caller reads first.
    can_race: bool,
    failures: u32,
    races: u32,
    server: u32,
    logins: u32,
}

impl Retry {
    /// Begins a call.
    pub(super) fn new(call: &Call) -> Self {
        Self {
            can_race: call.method != Method::PUT && !carries_version(call),
            failures: 0,
            races: 0,
            server: 0,
            logins: 0,
        }
    }

    /// Decides after a failure. `random` is any number.
    pub(super) fn next(&mut self, failure: &Failure, since: Duration, random: u64) -> Next {
        let is_worth_it = match failure.class {
            Class::Transient | Class::Busy => true,
            Class::Webhook => since < WEBHOOK,
            Class::Race => {
                self.races += 1;
                self.can_race && self.races <= RACES
            }
            Class::Server => {
                self.server += 1;
                self.server <= SERVER
            }
            Class::Auth if failure.status == Some(401) && self.logins == 0 => {
                self.logins = 1;
                return Next::Login;
            }
            Class::Auth
            | Class::Expired
            | Class::Conflict
            | Class::Identity
            | Class::Exists
            | Class::Forbidden
            | Class::Rejected
            | Class::Missing
            | Class::Stuck => false,
        };
        if !is_worth_it {
            return Next::Stop;
        }
        let asked = failure.retry_after.map(|asked| asked.min(LONGEST_ASKED));
        let pause = asked.unwrap_or_else(|| self.pause(random));
        self.failures += 1;
        Next::After(pause)
    }

    /// Returns a pause between half of what it doubles to and all of it, so that many do not come back at once.
    fn pause(&self, random: u64) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.failures.min(8)).min(LONGEST);
        let half = whole / 2;
        let share = u32::try_from(random % 1000).unwrap_or(0);
        half + half * share / 1000
    }
}

fn carries_version(call: &Call) -> bool {
    let is_version = |operation: &Value| operation["path"] == "/metadata/resourceVersion";
    call.body.as_ref().is_some_and(|(_, body)| {
        body.pointer("/metadata/resourceVersion").is_some()
            || body.as_array().is_some_and(|patch| patch.iter().any(is_version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failing(status: u16, message: &str) -> Failure {
        crate::cluster::failure::failure(&Method::GET, status, &json!({"message": message}), "", None)
    }

    fn pauses(call: &Call, failure: &Failure) -> usize {
        let mut retry = Retry::new(call);
        (0..100).take_while(|_| matches!(retry.next(failure, Duration::ZERO, 7), Next::After(_))).count()
    }

    #[test]
    fn each_class_is_repeated_as_often_as_the_table_says() {
        let (patch, put) =
            (Call::patch("/x", super::super::call::Content::Apply, json!({})), Call::put("/x", json!({})));
        assert_eq!(pauses(&patch, &failing(503, "")), 100);
        assert_eq!(pauses(&patch, &failing(409, "the object has been modified")), 5);
        assert_eq!(pauses(&put, &failing(409, "the object has been modified")), 0);
        let guarded = json!({"metadata": {"resourceVersion": "7"}});
        let guarded = Call::patch("/x", super::super::call::Content::Apply, guarded);
        assert_eq!(pauses(&guarded, &failing(409, "the object has been modified")), 0);
        assert_eq!(pauses(&patch, &failing(500, "boom")), 3);
        assert_eq!(pauses(&patch, &failing(422, "no")), 0);
    }

    #[test]
    fn pauses_grow_to_five_seconds_and_the_server_may_say_otherwise() {
        let mut retry = Retry::new(&Call::get("/x"));
        let mut last = Duration::ZERO;
        for _ in 0..10 {
            let Next::After(pause) = retry.next(&failing(503, ""), Duration::ZERO, 999) else {
                panic!("repeated")
            };
            assert!(pause >= last && pause <= LONGEST);
            last = pause;
        }
        assert!(last > Duration::from_secs(4));
        let busy = Failure { retry_after: Some(Duration::from_secs(2)), ..failing(429, "") };
        assert_eq!(retry.next(&busy, Duration::ZERO, 1), Next::After(Duration::from_secs(2)));
    }

    #[test]
    fn a_webhook_is_waited_for_no_longer_than_a_minute() {
        let failure = failing(500, "failed calling webhook \"x\"");
        let mut retry = Retry::new(&Call::get("/x"));
        assert!(matches!(retry.next(&failure, Duration::from_secs(59), 1), Next::After(_)));
        assert_eq!(retry.next(&failure, Duration::from_secs(60), 1), Next::Stop);
    }

    #[test]
    fn nobody_logs_in_twice() {
        let mut retry = Retry::new(&Call::get("/x"));
        assert_eq!(retry.next(&failing(401, ""), Duration::ZERO, 1), Next::Login);
        assert_eq!(retry.next(&failing(401, ""), Duration::ZERO, 1), Next::Stop);
    }
}
