//! What runs of a project, a line per service (cli.md, section 8). Reads, and tells what the objects say of themselves; judges no
//! rollout, which is for waiting.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::{Value, json};

use super::aim::Aim;
use super::client::Api;
use super::failure::Class;
use super::halt::Halt;
use super::identity;
use super::object::{INSTANCE_LABEL, Live, SERVICE_LABEL, SET_LABEL};
use super::read::{self, Served};
use super::state::parent;
use super::when::of_micro_time;

/// Kinds that have pods.
const WORKLOADS: [(&str, &str); 5] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("batch", "Job"),
    ("batch", "CronJob"),
];

/// All lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// By service, then kind.
    pub(crate) rows: Vec<Row>,
    /// How often the project was written; `None` where it never was.
    pub(crate) revision: Option<u64>,
    /// Who wrote it last.
    pub(crate) by: String,
    /// When, in seconds before now.
    pub(crate) since: Option<i64>,
    /// How the last run ended.
    pub(crate) phase: String,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) service: String,
    pub(crate) kind: String,
    /// Replicas that are ready, of how many; `None` for what ends.
    pub(crate) ready: Option<(i64, i64)>,
    /// Replicas of the newest template.
    pub(crate) updated: Option<(i64, i64)>,
    /// `done`, `failed`, `running`, of what ends.
    pub(crate) state: Option<&'static str>,
    /// Restarts of all containers.
    pub(crate) restarts: i64,
    /// Seconds since the last of them.
    pub(crate) restarted: Option<i64>,
    /// Seconds since it was made.
    pub(crate) age: Option<i64>,
    pub(crate) image: String,
    /// Where it is reached.
    pub(crate) address: Option<String>,
    /// Its pods: name, phase or reason, ready.
    pub(crate) pods: Vec<(String, String, bool)>,
}

impl Row {
    /// Tells whether it is as it should be.
    pub(crate) fn is_ready(&self) -> bool {
        match (self.state, self.ready) {
            (Some(state), _) => state != "failed",
            (None, Some((ready, wanted))) => {
                ready >= wanted && self.updated.is_none_or(|(new, all)| new >= all)
            }
            (None, None) => true,
        }
    }
}

/// Reads the table.
///
/// # Errors
/// The server's.
pub(crate) async fn read(api: &Api<'_>, aim: &Aim) -> Result<Table, Halt> {
    let found = parent::read(api, &aim.namespace, &aim.project).await;
    let found = found.map_err(|failure| Halt::before("read the parent of the project", &failure))?;
    let found = found.and_then(Result::ok);
    let members = format!("{SET_LABEL}={}", identity::of_project(&aim.project, &aim.namespace));
    let mut workloads = Vec::new();
    let kinds: Vec<Served> =
        WORKLOADS.iter().filter_map(|(group, kind)| Served::known(group, kind)).collect();
    let lists = kinds.iter().map(|kind| read::list(api, kind, &aim.namespace, &members));
    let lists = join_all(lists).await;
    // Who may list none of them sees nothing, which is not the same as that there is nothing.
    let sees_some = lists.iter().any(Result::is_ok);
    for (kind, list) in kinds.iter().zip(lists) {
        let is_there = found.as_ref().is_some_and(|found| found.parent.kinds.contains(&kind.group_kind()));
        match list {
            Ok(list) => workloads.extend(list),
            // The role of a project has the kinds of the project (A64), and it has none of this one.
            Err(failure) if failure.class == Class::Forbidden && !is_there && sees_some => {}
            Err(failure) => return Err(Halt::before(&format!("list {}", kind.plural), &failure)),
        }
    }
    let instance = found.as_ref().map_or(aim.instance.as_str(), |found| found.parent.instance.as_str());
    let pods = beside(api, "Pod", aim, &format!("{INSTANCE_LABEL}={instance}")).await?;
    let services = beside(api, "Service", aim, &members).await?;
    let now = api.now().map(|(seconds, _)| seconds);
    let mut rows: Vec<Row> = workloads.iter().map(|live| row(live, &pods, &services, now)).collect();
    rows.sort_by(|one, other| (&one.service, &one.kind).cmp(&(&other.service, &other.kind)));
    if aim.is_part {
        let wanted: Vec<&str> = aim.desired.iter().filter_map(|desired| desired.service.as_deref()).collect();
        rows.retain(|row| wanted.contains(&row.service.as_str()));
    }
    let state = found.map(|found| found.parent.state);
    let since = state.as_ref().and_then(|state| Some(now? - of_micro_time(&state.started)?));
    Ok(Table {
        rows,
        revision: state.as_ref().map(|state| state.revision),
        by: state.as_ref().map(|state| state.by.clone()).unwrap_or_default(),
        since,
        phase: state.map(|state| state.phase).unwrap_or_default(),
    })
}

/// Lists what is good to know and may be hidden from us.
async fn beside(api: &Api<'_>, kind: &str, aim: &Aim, selector: &str) -> Result<Vec<Live>, Halt> {
    let pods = Served {
        group: String::new(),
        version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        plural: "pods".to_owned(),
        namespaced: true,
    };
    let kind = Served::known("", kind).unwrap_or(pods);
    match read::list(api, &kind, &aim.namespace, selector).await {
        Ok(list) => Ok(list),
        Err(failure) if failure.class == Class::Forbidden => Ok(Vec::new()),
        Err(failure) => Err(Halt::before(&format!("list {}", kind.plural), &failure)),
    }
}

fn row(live: &Live, pods: &[Live], services: &[Live], now: Option<i64>) -> Row {
    let number = |pointer: &str| live.value.pointer(pointer).and_then(Value::as_i64);
    let status = |key: &str| number(&format!("/status/{key}")).unwrap_or(0);
    let kind = live.value["kind"].as_str().unwrap_or_default();
    let service = live.label(SERVICE_LABEL).unwrap_or_default();
    let replicas = number("/spec/replicas").unwrap_or(1);
    let (ready, updated, state) = match kind {
        "DaemonSet" => {
            let wanted = status("desiredNumberScheduled");
            (Some((status("numberReady"), wanted)), Some((status("updatedNumberScheduled"), wanted)), None)
        }
        "Job" => (None, None, Some(job_state(live))),
        "CronJob" => (None, None, Some("scheduled")),
        _ => (Some((status("readyReplicas"), replicas)), Some((status("updatedReplicas"), replicas)), None),
    };
    let own: Vec<&Live> = pods.iter().filter(|pod| pod.label(SERVICE_LABEL) == Some(service)).collect();
    let made = live.value.pointer("/metadata/creationTimestamp").and_then(Value::as_str);
    Row {
        service: service.to_owned(),
        kind: kind.to_owned(),
        ready,
        updated,
        state,
        restarts: own.iter().map(|pod| restarts(pod)).sum(),
        restarted: own.iter().filter_map(|pod| last_end(pod)).max().zip(now).map(|(ended, now)| now - ended),
        age: made.and_then(of_micro_time).zip(now).map(|(made, now)| now - made),
        image: image(live),
        address: address(services.iter().filter(|found| found.label(SERVICE_LABEL) == Some(service))),
        pods: own.iter().map(|pod| pod_line(pod)).collect(),
    }
}

fn job_state(live: &Live) -> &'static str {
    let is = |kind: &str| condition(live, kind) == Some("True");
    if is("Complete") {
        "done"
    } else if is("Failed") {
        "failed"
    } else {
        "running"
    }
}

fn condition<'l>(live: &'l Live, kind: &str) -> Option<&'l str> {
    let conditions = live.value.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|condition| condition["type"] == kind)?["status"].as_str()
}

fn containers(pod: &Live) -> impl Iterator<Item = &Value> {
    pod.value.pointer("/status/containerStatuses").and_then(Value::as_array).into_iter().flatten()
}

fn restarts(pod: &Live) -> i64 {
    containers(pod).filter_map(|container| container["restartCount"].as_i64()).sum()
}

/// Returns when a container of a pod ended last, to be started again.
fn last_end(pod: &Live) -> Option<i64> {
    let ends = containers(pod)
        .filter_map(|container| container.pointer("/lastState/terminated/finishedAt")?.as_str());
    ends.filter_map(of_micro_time).max()
}

fn image(live: &Live) -> String {
    let template =
        ["/spec/template/spec/containers/0/image", "/spec/jobTemplate/spec/template/spec/containers/0/image"];
    let found = template.iter().find_map(|pointer| live.value.pointer(pointer)?.as_str());
    found.unwrap_or("-").to_owned()
}

/// Says where a service is reached: from outside where one of its Services has an address there, else by a name.
fn address<'l>(services: impl Iterator<Item = &'l Live>) -> Option<String> {
    let services: Vec<&Live> = services.collect();
    let shown = |service: &Live, host: &str| {
        let port = service.value.pointer("/spec/ports/0/port").and_then(Value::as_i64);
        port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    };
    let outside = services.iter().find_map(|service| {
        let at = service.value.pointer("/status/loadBalancer/ingress/0")?;
        Some(shown(service, at["ip"].as_str().or_else(|| at["hostname"].as_str())?))
    });
    let inside = || {
        let service = services.first()?;
        Some(shown(service, service.value.pointer("/metadata/name")?.as_str()?))
    };
    outside.or_else(inside)
}

fn pod_line(pod: &Live) -> (String, String, bool) {
    let name = pod.value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let waiting = containers(pod).find_map(|container| container.pointer("/state/waiting/reason")?.as_str());
    let phase = pod.value.pointer("/status/phase").and_then(Value::as_str).unwrap_or("Unknown");
    let state = if pod.deletion_timestamp().is_some() { "Terminating" } else { waiting.unwrap_or(phase) };
    (name.to_owned(), state.to_owned(), condition(pod, "Ready") == Some("True"))
}

impl Table {
    /// Returns it for programs: `rcompose.status.v1`.
    pub(crate) fn json(&self, aim: &Aim) -> Value {
        let services: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let pair = |pair: Option<(i64, i64)>| pair.map(|(now, wanted)| json!({"now": now, "wanted": wanted}));
                let pods: Vec<Value> = row
                    .pods
                    .iter()
                    .map(|(name, state, ready)| json!({"name": name, "state": state, "ready": ready}))
                    .collect();
                json!({
                    "service": row.service, "kind": row.kind, "ready": pair(row.ready), "updated": pair(row.updated),
                    "state": row.state, "restarts": row.restarts, "restartedSeconds": row.restarted, "ageSeconds": row.age, "image": row.image,
                    "address": row.address, "isReady": row.is_ready(), "pods": pods,
                })
            })
            .collect();
        json!({
            "schema": "rcompose.status.v1", "context": aim.context, "namespace": aim.namespace, "project": aim.project,
            "revision": self.revision, "by": self.by, "phase": self.phase, "sinceSeconds": self.since,
            "services": services,
        })
    }

    /// Counts services that are not as they should be.
    pub(crate) fn unready(&self) -> usize {
        self.services().values().filter(|ready| !**ready).count()
    }

    /// Returns which services there are, and whether each is as it should be: one may have several workloads.
    pub(crate) fn services(&self) -> BTreeMap<&str, bool> {
        let mut services: BTreeMap<&str, bool> = BTreeMap::new();
        for row in &self.rows {
            *services.entry(row.service.as_str()).or_insert(true) &= row.is_ready();
        }
        services
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(value: Value) -> Live {
        Live::new(value)
    }

    fn deployment(ready: i64, updated: i64) -> Live {
        live(json!({"kind": "Deployment", "metadata": {"labels": {SERVICE_LABEL: "web"}},
            "spec": {"replicas": 3, "template": {"spec": {"containers": [{"image": "shop/web:1.5"}]}}},
            "status": {"readyReplicas": ready, "updatedReplicas": updated}}))
    }

    #[test]
    fn a_service_is_ready_when_all_replicas_are_and_all_are_new() {
        let ready = |ready, updated| row(&deployment(ready, updated), &[], &[], None).is_ready();
        assert!(ready(3, 3));
        assert!(!ready(2, 3) && !ready(3, 1));
    }

    #[test]
    fn what_ends_is_ready_unless_it_failed() {
        let job = |condition: &str| {
            let job =
                json!({"kind": "Job", "status": {"conditions": [{"type": condition, "status": "True"}]}});
            row(&live(job), &[], &[], None)
        };
        assert_eq!((job("Complete").state, job("Complete").is_ready()), (Some("done"), true));
        assert_eq!((job("Failed").state, job("Failed").is_ready()), (Some("failed"), false));
    }

    #[test]
    fn pods_say_why_they_wait() {
        let pod = live(json!({"metadata": {"name": "web-1", "labels": {SERVICE_LABEL: "web"}}, "status": {
            "phase": "Pending", "containerStatuses": [{"restartCount": 2, "state": {"waiting": {"reason": "ImagePullBackOff"}},
                "lastState": {"terminated": {"finishedAt": "2026-01-02T10:00:00Z"}}}],
        }}));
        let inside = live(
            json!({"metadata": {"name": "web", "labels": {SERVICE_LABEL: "web"}}, "spec": {"ports": [{"port": 81}]}}),
        );
        let service = live(json!({"metadata": {"name": "web-published", "labels": {SERVICE_LABEL: "web"}},
            "spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}));
        let now = of_micro_time("2026-01-02T10:00:12Z");
        let only_inside = row(&deployment(0, 3), &[], std::slice::from_ref(&inside), now);
        assert_eq!((only_inside.restarted, only_inside.address.as_deref()), (None, Some("web:81")));
        let row = row(&deployment(0, 3), &[pod], &[inside, service], now);
        assert_eq!(row.pods, [("web-1".to_owned(), "ImagePullBackOff".to_owned(), false)]);
        assert_eq!((row.restarts, row.restarted), (2, Some(12)));
        assert_eq!(row.address.as_deref(), Some("203.0.113.7:80"), "the way in from outside comes first");
    }
}
