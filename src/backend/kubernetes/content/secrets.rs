//! Names of all objects with content, and what is told of Secrets (N92, N93).

use std::collections::{BTreeMap, BTreeSet};

use super::carrier::{Carrier, Kind};
use super::{External, external_secret};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::options::Secrets;
use crate::backend::kubernetes::plan::Plan;
use crate::backend::kubernetes::problem;
use crate::diag::Sink;
use crate::parallel;

/// Names all carriers: by their content, or plainly where Secrets are referred to only.
pub(super) fn name(plan: &Plan<'_>, carriers: &mut [Carrier<'_>]) {
    let instance = plan.instance();
    let (hashed, mut referred): (Vec<_>, Vec<_>) = carriers
        .iter_mut()
        .partition(|carrier| carrier.kind == Kind::ConfigMap || plan.options.secrets.carries_data());
    name_plainly(&mut referred);
    let (secrets, maps): (Vec<_>, Vec<_>) =
        hashed.into_iter().partition(|carrier| carrier.kind == Kind::Secret);
    for map in maps {
        map.name = map.hashed_name(instance);
    }
    // The hash of a Secret is slow on purpose, ten times what a thread takes to start.
    let hashed_names = parallel::map(&secrets, 1, |carrier| carrier.hashed_name(instance));
    for (carrier, name) in secrets.into_iter().zip(hashed_names) {
        carrier.name = name;
    }
}

/// Of two with one plain name the first original by bytes keeps it (N3).
fn name_plainly(referred: &mut [&mut Carrier<'_>]) {
    let mut originals: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for carrier in referred.iter() {
        originals.entry(carrier.plain_name.clone()).or_default().insert(carrier.original.clone());
    }
    for carrier in referred {
        let first = originals.get(&carrier.plain_name).and_then(BTreeSet::first);
        carrier.name = if first == Some(&carrier.original) {
            carrier.plain_name.clone()
        } else {
            names::with_hash_of(&carrier.plain_name, &carrier.original)
        };
    }
}

/// Tells once which Secrets hold what the Compose files do not, and which objects must exist (N90, N93).
pub(super) fn report(
    plan: &Plan<'_>,
    carriers: &[Carrier<'_>],
    mut external: Vec<External>,
    sink: &mut Sink,
) {
    let secrets: BTreeMap<&str, &Carrier<'_>> = carriers
        .iter()
        .filter(|carrier| carrier.kind == Kind::Secret)
        .map(|carrier| (carrier.name.as_str(), carrier))
        .collect();
    match plan.options.secrets {
        Secrets::Inline => report_values(&secrets, sink),
        // Nothing of them can be read in the output.
        Secrets::SealedSecrets | Secrets::Sops => {}
        Secrets::ExternalSecrets => {
            external_secret::report(plan, secrets.values().map(|carrier| carrier.span), sink);
        }
        Secrets::Reference => external.extend(secrets.into_values().map(|carrier| {
            let keys: BTreeSet<&str> = carrier.entries.iter().map(|entry| entry.key.as_str()).collect();
            let keys = keys.into_iter().map(ToOwned::to_owned).collect();
            External { kind: Kind::Secret, object: carrier.name.clone(), keys, span: carrier.span }
        })),
    }
    report_external(external, sink);
}

fn report_values(secrets: &BTreeMap<&str, &Carrier<'_>>, sink: &mut Sink) {
    let outside: Vec<&&Carrier<'_>> =
        secrets.values().filter(|carrier| carrier.entries.iter().any(|entry| entry.outside)).collect();
    let Some((first, others)) = outside.split_first() else { return };
    let names = problem::listed(outside.iter().map(|carrier| carrier.plain_name.as_str()));
    let message = format!("values from outside the Compose files stand in the output, in Secrets {names}");
    let found = problem::of_project(BackendCode::SecretInOutput, message)
        .at(first.span)
        .help("`--secrets reference` writes none; else keep the output out of version control");
    sink.push(found.also_at(others.iter().map(|carrier| carrier.span)));
}

fn report_external(mut external: Vec<External>, sink: &mut Sink) {
    external.sort_by(|one, other| (one.kind, &one.object).cmp(&(other.kind, &other.object)));
    let Some((first, others)) = external.split_first() else { return };
    let listed: Vec<String> = external
        .iter()
        .map(|External { kind, object, keys, span: _ }| {
            format!("{} `{object}` with {}", kind.word(), problem::listed(keys))
        })
        .collect();
    let commands: Vec<String> = external
        .iter()
        .map(|External { kind, object, keys, span: _ }| {
            let keys: Vec<String> = keys.iter().map(|key| format!(" --from-file={key}=FILE")).collect();
            let kind = match kind {
                Kind::ConfigMap => "configmap",
                Kind::Secret => "secret generic",
            };
            format!("kubectl create {kind} {object}{}", keys.concat())
        })
        .collect();
    let message = format!("must exist before pods can start: {}", listed.join(", "));
    let found =
        problem::of_project(BackendCode::SecretExternal, message).at(first.span).help(commands.join("\n"));
    sink.push(found.also_at(others.iter().map(|external| external.span)));
}
