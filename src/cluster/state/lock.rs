//! One run at a time: a Lease that lapses by itself (A19).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cluster::client::path::{Resource, collection, object};
use crate::cluster::client::{Api, Call};
use crate::cluster::failure::{Class, Failure};
use crate::cluster::when::{of_micro_time, to_micro_time};

/// How long a lock holds without a word of its holder, in seconds.
const SECONDS: i64 = 30;
/// How often the holder says that it is still there.
const RENEW: Duration = Duration::from_secs(10);
/// How soon it tries again where it was not heard.
const AGAIN: Duration = Duration::from_secs(1);
/// How long after its last word the holder begins changes: what begins later might end when the lock is another's.
const TRUST: Duration = Duration::from_secs(20);
/// How often two that want it at the same time try again.
const TRIES: usize = 10;

const LEASES: Resource<'static> = Resource { group: "coordination.k8s.io", version: "v1", plural: "leases" };

/// What asking for the lock came to.
#[derive(Debug)]
pub(crate) enum Asked {
    /// It is ours.
    Held(Lock),
    /// Somebody else works on the project.
    Taken {
        /// `user@host/pid/random`.
        holder: String,
        /// Since when, as the server writes it.
        since: String,
    },
    /// We may not, so nothing keeps two runs apart but the version of the parent.
    Forbidden,
}

/// The lock, while it is ours.
#[derive(Clone, Debug)]
pub(crate) struct Lock {
    namespace: String,
    name: String,
    holder: String,
}

/// Asks for the lock; does not wait for it.
///
/// # Errors
/// The server's.
pub(crate) async fn take(api: &Api<'_>, namespace: &str, name: &str, holder: &str) -> Result<Asked, Failure> {
    let lock = Lock { namespace: namespace.to_owned(), name: name.to_owned(), holder: holder.to_owned() };
    for _ in 0..TRIES {
        let found = match api.call(Call::get(lock.path())).await {
            Ok(answer) => Some(answer.body),
            Err(failure) if failure.class == Class::Missing => None,
            Err(failure) if failure.class == Class::Forbidden => return Ok(Asked::Forbidden),
            Err(failure) => return Err(failure),
        };
        let (now, asked) = (api.now().unwrap_or_default(), Instant::now());
        let call = match found {
            None => Call::post(collection(LEASES, Some(namespace)), lock.lease(None, now)),
            Some(lease) => match held_by_another(&lease, holder, now.0) {
                Some((holder, since)) => return Ok(Asked::Taken { holder, since }),
                None => Call::put(lock.path(), lock.lease(Some(&lease), now)),
            },
        };
        match api.call(call).await {
            Ok(_) => {
                api.hold_until(asked + TRUST);
                return Ok(Asked::Held(lock));
            }
            // Another was quicker, or an answer was lost: look again whose it is.
            Err(failure) if matches!(failure.class, Class::Exists | Class::Race | Class::Missing) => {
                if failure.is_namespace_terminating() {
                    return Err(failure);
                }
            }
            Err(failure) if failure.class == Class::Forbidden && !failure.is_namespace_terminating() => {
                return Ok(Asked::Forbidden);
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(Asked::Taken { holder: "several runs at once".to_owned(), since: String::new() })
}

impl Lock {
    fn path(&self) -> String {
        object(LEASES, Some(&self.namespace), &self.name)
    }

    fn lease(&self, before: Option<&Value>, now: (i64, u32)) -> Value {
        let time = to_micro_time(now);
        let was_ours = before.is_some_and(|lease| holder(lease) == self.holder);
        let acquired = before.and_then(|lease| lease.pointer("/spec/acquireTime")).filter(|_| was_ours);
        let count = before.and_then(|lease| lease.pointer("/spec/leaseTransitions")).and_then(Value::as_i64);
        let mut metadata = json!({
            "name": self.name, "namespace": self.namespace, "labels": {"app.kubernetes.io/managed-by": "rcompose"},
        });
        if let Some(version) = before.and_then(|lease| lease.pointer("/metadata/resourceVersion")) {
            metadata["resourceVersion"] = version.clone();
        }
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata,
            "spec": {
                "holderIdentity": self.holder, "leaseDurationSeconds": SECONDS, "renewTime": time,
                "acquireTime": acquired.cloned().unwrap_or_else(|| time.clone().into()),
                "leaseTransitions": count.unwrap_or(0) + i64::from(before.is_some() && !was_ours),
            },
        })
    }

    /// Keeps the lock. Ends only when it is lost: somebody took it, because we were not heard of for too long.
    pub(crate) async fn keep(&self, api: &Api<'_>) -> String {
        let mut pause = RENEW;
        loop {
            sleep(pause).await;
            pause = match self.renew(api).await {
                Ok(None) => RENEW,
                Ok(Some(other)) => return other,
                // The run itself meets the same server, and says what is wrong with it.
                Err(failure) => {
                    tracing::debug!(%failure, "the lock is not renewed");
                    AGAIN
                }
            };
        }
    }

    /// Renews it, or says who has it now.
    async fn renew(&self, api: &Api<'_>) -> Result<Option<String>, Failure> {
        let patience = RENEW;
        let lease = api.call(Call::get(self.path()).for_at_most(patience)).await?.body;
        if holder(&lease) != self.holder {
            return Ok(Some(holder(&lease).to_owned()));
        }
        let (renewed, asked) = (self.lease(Some(&lease), api.now().unwrap_or_default()), Instant::now());
        api.call(Call::put(self.path(), renewed).for_at_most(patience)).await?;
        api.hold_until(asked + TRUST);
        Ok(None)
    }

    /// Gives it back, if it still is ours.
    ///
    /// # Errors
    /// The server's; then it lapses by itself.
    pub(crate) async fn release(&self, api: &Api<'_>) -> Result<(), Failure> {
        let lease = match api.call(Call::get(self.path())).await {
            Ok(answer) => answer.body,
            Err(failure) if failure.class == Class::Missing => return Ok(()),
            Err(failure) => return Err(failure),
        };
        if holder(&lease) != self.holder {
            return Ok(());
        }
        let mut freed = self.lease(Some(&lease), api.now().unwrap_or_default());
        freed["spec"]["holderIdentity"] = "".into();
        freed["spec"]["leaseDurationSeconds"] = 1.into();
        api.call(Call::put(self.path(), freed)).await.map(drop)
    }

    /// Removes it for good, as the last thing of the project.
    ///
    /// # Errors
    /// The server's.
    pub(crate) async fn remove(&self, api: &Api<'_>) -> Result<(), Failure> {
        match api.call(Call::delete(self.path(), json!({}))).await {
            Err(failure) if failure.class != Class::Missing => Err(failure),
            _ => Ok(()),
        }
    }
}

fn holder(lease: &Value) -> &str {
    lease.pointer("/spec/holderIdentity").and_then(Value::as_str).unwrap_or_default()
}

/// Returns who has the lock and since when, unless that is nobody, us, or somebody not heard of for too long.
fn held_by_another(lease: &Value, ours: &str, now: i64) -> Option<(String, String)> {
    let holder = holder(lease);
    if holder.is_empty() || holder == ours {
        return None;
    }
    let text = |key: &str| lease.pointer(key).and_then(Value::as_str).unwrap_or_default();
    let renewed = of_micro_time(text("/spec/renewTime"))?;
    let seconds = lease.pointer("/spec/leaseDurationSeconds").and_then(Value::as_i64).unwrap_or(SECONDS);
    (renewed + seconds > now).then(|| (holder.to_owned(), text("/spec/acquireTime").to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_258_801;

    fn lease(holder: &str, renewed: i64) -> Value {
        json!({"metadata": {"resourceVersion": "7"}, "spec": {
            "holderIdentity": holder, "renewTime": to_micro_time((renewed, 0)), "acquireTime": "2026-11-21T10:00:00.000000Z",
            "leaseDurationSeconds": 30, "leaseTransitions": 4,
        }})
    }

    #[test]
    fn a_lock_is_held_until_nobody_was_heard_for_thirty_seconds() {
        let held = |lease: &Value| held_by_another(lease, "me", NOW).map(|(holder, _)| holder);
        assert_eq!(held(&lease("you", NOW - 29)).as_deref(), Some("you"));
        assert_eq!(held(&lease("you", NOW - 30)), None);
        assert_eq!(held(&lease("me", NOW)), None);
        assert_eq!(held(&lease("", NOW)), None);
    }

    #[test]
    fn taking_over_counts_and_renewing_does_not() {
        let lock = Lock { namespace: "shop".into(), name: "rcompose.shop".into(), holder: "me".into() };
        let taken = lock.lease(Some(&lease("you", 0)), (NOW, 5));
        assert_eq!(taken["metadata"]["resourceVersion"], "7");
        assert_eq!(
            (&taken["spec"]["leaseTransitions"], &taken["spec"]["acquireTime"]),
            (&5.into(), &taken["spec"]["renewTime"])
        );
        let renewed = lock.lease(Some(&lease("me", 0)), (NOW, 5));
        assert_eq!(renewed["spec"]["leaseTransitions"], 4);
        assert_eq!(renewed["spec"]["acquireTime"], "2026-11-21T10:00:00.000000Z");
    }
}
