//! Answers from Kubernetes objects: what a Service selects, what policies let through, what a pod mounts.

use serde_json::Value;

use super::Sentence;

const SERVICE_LABEL: &str = "app.kubernetes.io/name";

/// All objects of a project.
pub(crate) struct Objects(Vec<Value>);

impl Objects {
    /// Reads a multi-document text.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(text).map_err(|error| format!("objects: {error}"))?;
        Ok(Self(documents.into_iter().filter(|document| !document.is_null()).collect()))
    }

    /// Tells whether pods of a service wait for another one before their own program starts.
    pub(crate) fn waits(&self, service: &str, first: &str) -> bool {
        let wait = format!("wait-for-{first}");
        let init =
            |pod: &Pod| list(&pod.spec["initContainers"]).iter().any(|container| container["name"] == *wait);
        self.pods(service).iter().any(init)
    }

    /// Tells whether a sentence holds, and if not, why.
    pub(crate) fn answer(&self, sentence: &Sentence) -> Result<(), String> {
        match sentence {
            Sentence::Resolves { name } => self.behind(name).map(drop),
            Sentence::Reaches { from, to, port, udp } => {
                self.reaches(from, to, *port, if *udp { "UDP" } else { "TCP" })
            }
            Sentence::CannotReach { from, to } => self.cannot_reach(from, to),
            Sentence::ReachedFromOutside { service, port, inside } => {
                self.reached_from_outside(service, *port, *inside)
            }
            Sentence::NotReachedFromOutside { service } => self.not_reached_from_outside(service),
            Sentence::Keeps { service, path } => self.claim(service, path).map(drop),
            Sentence::Shares { service, path, with } => {
                let claim = self.claim(service, path)?;
                let pods = self.pods(with);
                let users = pods.iter().flat_map(|pod| list(&pod.spec["volumes"]));
                holds(
                    users.into_iter().any(|volume| volume["persistentVolumeClaim"]["claimName"] == *claim),
                    || format!("`{with}` does not mount claim `{claim}`"),
                )
            }
            Sentence::Finds { service, text, path } => self.finds(service, text, path),
            Sentence::SeesHost { service, path } => {
                let (mount, volume) = self.pod(service)?.mount(path)?;
                holds(!volume["hostPath"].is_null() && mount["readOnly"] == true, || {
                    format!("{path} is {volume}")
                })
            }
            Sentence::NothingMounted { service, path } => {
                let pod = self.pod(service)?;
                let below = pod.mounts().iter().find(|mount| {
                    let at = mount["mountPath"].as_str().unwrap_or_default();
                    at == path || at.starts_with(&format!("{path}/"))
                });
                below.map_or(Ok(()), |mount| Err(format!("there is {mount}")))
            }
            Sentence::Runs { service, image } => {
                let found = self.pod(service)?.container["image"].clone();
                holds(found == *image, || format!("the image is {found}"))
            }
            Sentence::StartedWith { service, words } => {
                let pod = self.pod(service)?;
                let all = [&pod.container["command"], &pod.container["args"]].into_iter().flat_map(list);
                let said: Vec<String> = all.filter_map(Value::as_str).map(unescaped).collect();
                holds(said.join(" ") == *words, || format!("it is started with {said:?}"))
            }
            Sentence::Has { service, variable, value } => {
                let found = self.variable(service, variable)?;
                holds(found == *value, || format!("it is `{found}`"))
            }
            Sentence::Copies { service, number } => {
                let replicas = self.pod(service)?.owner["replicas"].as_u64().unwrap_or(1);
                holds(replicas == *number, || format!("there are {replicas}"))
            }
            Sentence::NoGap { service } => self.no_gap(service),
            Sentence::ReplacedAtATime { service, number } => {
                let rolling = self.pod(service)?.owner["strategy"]["rollingUpdate"].clone();
                let pair = [rolling["maxSurge"].as_u64(), rolling["maxUnavailable"].as_u64()];
                holds(pair == [Some(0), Some(*number)] || pair == [Some(*number), Some(0)], || {
                    format!("{rolling}")
                })
            }
            Sentence::WaitsBetween { service, seconds } => {
                let found = self.pod(service)?.owner["minReadySeconds"].as_u64();
                holds(found == Some(*seconds), || format!("minReadySeconds is {found:?}"))
            }
            Sentence::LogsTo { .. } => Err("the node keeps logs, no manifest can say how".to_owned()),
            Sentence::StartsAfter { .. } | Sentence::Reported { .. } => {
                unreachable!("answered by the caller")
            }
        }
    }

    fn reaches(&self, from: &str, to: &str, port: u16, protocol: &str) -> Result<(), String> {
        let (service, targets) = self.behind(to)?;
        if service["spec"]["clusterIP"] != "None" {
            let ports = list(&service["spec"]["ports"]);
            let open = ports.iter().find(|open| open["port"] == port && open["protocol"] == protocol);
            let open = open.ok_or_else(|| format!("Service `{to}` has no port {port}/{protocol}"))?;
            holds(open["targetPort"] == port, || format!("Service `{to}` leads {port} elsewhere: {open}"))?;
        }
        for reader in self.pods_or_none(from)? {
            for target in &targets {
                self.admitted(Some(&reader), target, Some((port, protocol)))?;
                self.leaves(&reader, target, Some((port, protocol)))?;
            }
        }
        Ok(())
    }

    fn cannot_reach(&self, from: &str, to: &str) -> Result<(), String> {
        for reader in self.pods_or_none(from)? {
            for target in self.pods_or_none(to)? {
                let open = self.admitted(Some(&reader), &target, None).is_ok()
                    && self.leaves(&reader, &target, None).is_ok();
                holds(!open, || format!("policies let `{from}` through to `{to}`"))?;
            }
        }
        Ok(())
    }

    fn reached_from_outside(&self, service: &str, port: u16, inside: u16) -> Result<(), String> {
        let pod = self.pod(service)?;
        let leads = |object: &&Value| {
            let open = |open: &Value| open["port"] == port && open["targetPort"] == inside;
            selects(&object["spec"]["selector"], &pod.labels)
                && list(&object["spec"]["ports"]).iter().any(open)
        };
        holds(self.published().any(|object| leads(&object)), || {
            format!("no published Service leads {port} to {inside}")
        })?;
        self.admitted(None, &pod, Some((inside, "TCP")))
    }

    fn not_reached_from_outside(&self, service: &str) -> Result<(), String> {
        for pod in self.pods_or_none(service)? {
            let published = self.published().find(|object| selects(&object["spec"]["selector"], &pod.labels));
            holds(published.is_none(), || format!("a Service publishes it: {published:?}"))?;
            let ingress = self
                .kind("Ingress")
                .any(|object| object.to_string().contains(&format!("\"name\":\"{service}\"")));
            holds(!ingress, || "an Ingress leads to it".to_owned())?;
            let host_port = list(&pod.container["ports"]).iter().any(|port| !port["hostPort"].is_null());
            holds(!host_port, || "it has a port on the node".to_owned())?;
        }
        Ok(())
    }

    /// Returns the claim behind a path, with its object where the claim is not external.
    fn claim(&self, service: &str, path: &str) -> Result<String, String> {
        let pod = self.pod(service)?;
        let (_, volume) = pod.mount(path)?;
        let claim = volume["persistentVolumeClaim"]["claimName"].as_str();
        let claim = claim.ok_or_else(|| format!("{path} is {volume}"))?;
        let object = self.kind("PersistentVolumeClaim").find(|object| object["metadata"]["name"] == *claim);
        let object = object.ok_or_else(|| format!("claim `{claim}` is not among the objects"))?;
        let single = object["spec"]["accessModes"] == serde_json::json!(["ReadWriteOnce"]);
        let surges = pod.owner["strategy"]["type"] == "RollingUpdate";
        holds(!(single && surges), || format!("two pods at once would write `{claim}`"))?;
        Ok(claim.to_owned())
    }

    fn finds(&self, service: &str, text: &str, path: &str) -> Result<(), String> {
        let pod = self.pod(service)?;
        let (mount, volume) = pod.mount_above(path)?;
        let within =
            path.trim_start_matches(mount["mountPath"].as_str().unwrap_or_default()).trim_start_matches('/');
        let (kind, source, name) = match (&volume["configMap"], &volume["secret"]) {
            (source, Value::Null) => ("ConfigMap", source, &source["name"]),
            (_, source) => ("Secret", source, &source["secretName"]),
        };
        let object = self.kind(kind).find(|object| object["metadata"]["name"] == *name);
        let object = object.ok_or_else(|| format!("{path} is {volume}, and there is no {kind} {name}"))?;
        let items = list(&source["items"]);
        let item = items.iter().find(|item| item["path"] == *within).map(|item| item["key"].clone());
        let key = mount["subPath"].as_str().map(str::to_owned);
        let key = key.or_else(|| item?.as_str().map(str::to_owned)).unwrap_or_else(|| within.to_owned());
        let content = if kind == "Secret" {
            decoded(&object["data"][&key])?
        } else {
            object["data"][&key].as_str().map(str::to_owned).unwrap_or_default()
        };
        holds(content.contains(text), || format!("{kind} {name}, key `{key}`: {content:?}"))
    }

    fn variable(&self, service: &str, variable: &str) -> Result<String, String> {
        let pod = self.pod(service)?;
        let all = list(&pod.container["env"]);
        let entry = all.iter().find(|entry| entry["name"] == *variable).ok_or("no such variable")?;
        if let Some(value) = entry["value"].as_str() {
            return Ok(unescaped(value));
        }
        let source = &entry["valueFrom"]["secretKeyRef"];
        let secret = self.kind("Secret").find(|object| object["metadata"]["name"] == source["name"]);
        let secret = secret.ok_or_else(|| format!("the Secret of {entry} is not among the objects"))?;
        decoded(&secret["data"][source["key"].as_str().unwrap_or_default()])
    }

    fn no_gap(&self, service: &str) -> Result<(), String> {
        let pod = self.pod(service)?;
        let replicas = pod.owner["replicas"].as_u64().unwrap_or(1);
        let rolling = &pod.owner["strategy"]["rollingUpdate"];
        let missing = count(&rolling["maxUnavailable"], replicas, false);
        let more = count(&rolling["maxSurge"], replicas, true);
        holds(missing == Some(0) && more.is_some_and(|more| more > 0), || {
            format!("the strategy is {}", pod.owner["strategy"])
        })?;
        holds(!pod.container["readinessProbe"].is_null(), || "nothing says when it is ready".to_owned())
    }

    /// Finds the Service of a name and the pods that it selects.
    fn behind(&self, name: &str) -> Result<(&Value, Vec<Pod<'_>>), String> {
        let service = self.kind("Service").find(|object| object["metadata"]["name"] == *name);
        let service = service.ok_or_else(|| format!("there is no Service `{name}`"))?;
        let pods: Vec<_> = self
            .all_pods()
            .into_iter()
            .filter(|pod| selects(&service["spec"]["selector"], &pod.labels))
            .collect();
        if pods.is_empty() { Err(format!("Service `{name}` selects no pod")) } else { Ok((service, pods)) }
    }

    /// Tells whether a pod, or somebody outside the cluster, is let in.
    fn admitted(&self, from: Option<&Pod>, to: &Pod, port: Option<(u16, &str)>) -> Result<(), String> {
        let own: Vec<_> = self.policies(to, "Ingress").collect();
        let rules = own.iter().flat_map(|policy| list(&policy["spec"]["ingress"]));
        let open = own.is_empty()
            || rules.into_iter().any(|rule| passes(&rule["from"], from) && on_port(rule, port));
        holds(open, || format!("policies of `{}` shut it out", to.service))
    }

    /// Tells whether a pod may open connections to another one.
    fn leaves(&self, from: &Pod, to: &Pod, port: Option<(u16, &str)>) -> Result<(), String> {
        let own: Vec<_> = self.policies(from, "Egress").collect();
        let rules = own.iter().flat_map(|policy| list(&policy["spec"]["egress"]));
        let open = own.is_empty()
            || rules.into_iter().any(|rule| passes(&rule["to"], Some(to)) && on_port(rule, port));
        holds(open, || format!("policies of `{}` shut it in", from.service))
    }

    fn policies<'a>(&'a self, pod: &'a Pod, direction: &'a str) -> impl Iterator<Item = &'a Value> {
        self.kind("NetworkPolicy").filter(move |policy| {
            selects(&policy["spec"]["podSelector"]["matchLabels"], &pod.labels)
                && list(&policy["spec"]["policyTypes"]).iter().any(|kind| kind == direction)
        })
    }

    fn published(&self) -> impl Iterator<Item = &Value> {
        self.kind("Service")
            .filter(|object| matches!(object["spec"]["type"].as_str(), Some("LoadBalancer" | "NodePort")))
    }

    fn kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |object| object["kind"] == kind)
    }

    fn pods(&self, service: &str) -> Vec<Pod<'_>> {
        self.all_pods().into_iter().filter(|pod| pod.service == service).collect()
    }

    fn pods_or_none(&self, service: &str) -> Result<Vec<Pod<'_>>, String> {
        let pods = self.pods(service);
        if pods.is_empty() { Err(format!("`{service}` has no pods")) } else { Ok(pods) }
    }

    fn pod(&self, service: &str) -> Result<Pod<'_>, String> {
        self.pods_or_none(service).map(|mut pods| pods.remove(0))
    }

    fn all_pods(&self) -> Vec<Pod<'_>> {
        self.0
            .iter()
            .filter_map(|object| {
                let template = &object["spec"]["template"];
                let service = template["metadata"]["labels"][SERVICE_LABEL].as_str()?;
                let spec = &template["spec"];
                let container =
                    list(&spec["containers"]).iter().find(|container| container["name"] == service);
                let container = container.or_else(|| list(&spec["containers"]).first())?;
                Some(Pod {
                    service,
                    labels: template["metadata"]["labels"].clone(),
                    owner: &object["spec"],
                    spec,
                    container,
                })
            })
            .collect()
    }
}

/// A pod template, with the container of its service.
struct Pod<'a> {
    service: &'a str,
    labels: Value,
    owner: &'a Value,
    spec: &'a Value,
    container: &'a Value,
}

impl<'a> Pod<'a> {
    fn mounts(&self) -> &'a [Value] {
        list(&self.container["volumeMounts"])
    }

    fn mount(&self, path: &str) -> Result<(&'a Value, &'a Value), String> {
        let (mount, volume) = self.mount_above(path)?;
        holds(mount["mountPath"] == *path, || format!("nothing is mounted at {path}"))?;
        Ok((mount, volume))
    }

    /// Finds the mount that a path lies in, the nearest.
    fn mount_above(&self, path: &str) -> Result<(&'a Value, &'a Value), String> {
        let above = |mount: &&Value| {
            let at = mount["mountPath"].as_str().unwrap_or_default();
            path == at || path.starts_with(&format!("{}/", at.trim_end_matches('/')))
        };
        let mounts = self.mounts().iter().filter(above);
        let mount = mounts.max_by_key(|mount| mount["mountPath"].as_str().map(str::len));
        let mount = mount.ok_or_else(|| format!("nothing is mounted at {path}"))?;
        let volume = list(&self.spec["volumes"]).iter().find(|volume| volume["name"] == mount["name"]);
        Ok((mount, volume.ok_or_else(|| format!("the pod has no volume for {mount}"))?))
    }
}

/// Tells whether a selector of labels, here always by equality, picks a pod.
fn selects(selector: &Value, labels: &Value) -> bool {
    selector.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| labels[key] == *value))
}

/// Tells whether a list of peers has a pod, or, without one, the world outside. No list is everybody.
fn passes(peers: &Value, pod: Option<&Pod>) -> bool {
    let Some(peers) = peers.as_array() else { return true };
    peers.iter().any(|peer| {
        assert!(!peer.to_string().contains("matchExpressions"), "this reader knows no expressions: {peer}");
        let everywhere =
            peer["namespaceSelector"].is_null() || peer["namespaceSelector"] == serde_json::json!({});
        let by_label = everywhere && !peer["podSelector"].is_null();
        pod.is_some_and(|pod| by_label && selects(&peer["podSelector"]["matchLabels"], &pod.labels))
    })
}

/// Tells whether a rule is about a port; without a port, whether it opens any.
fn on_port(rule: &Value, port: Option<(u16, &str)>) -> bool {
    let (Some(ports), Some((number, protocol))) = (rule["ports"].as_array(), port) else { return true };
    ports.iter().any(|open| open["port"] == number && open["protocol"] == protocol)
}

/// Works out a number or percentage of pods, as a Deployment does: surge up, unavailable down.
fn count(value: &Value, replicas: u64, up: bool) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let percent: u64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    let hundredths = percent * replicas;
    Some(if up { hundredths.div_ceil(100) } else { hundredths / 100 })
}

/// Takes the doubling of `$` away that keeps the kubelet from expanding it.
fn unescaped(text: &str) -> String {
    text.replace("$$", "$")
}

fn decoded(value: &Value) -> Result<String, String> {
    let bytes: k8s_openapi::ByteString =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    String::from_utf8(bytes.0).map_err(|error| error.to_string())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn holds(condition: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(reason()) }
}
