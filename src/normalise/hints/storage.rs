//! Hints of volumes, mounts, networks, configs and secrets.

use super::read::{Reader, text};
use crate::compose::path::Path;
use crate::diag::{Diagnostic, Outcome, Sink, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{
    AccessMode, BindHints, BindMode, ContentHints, Mount, MountHints, MountSource, NetworkHints, NfsMode,
    RemoteSecret, Seed, SeedHints, ServiceHints, VolumeHints,
};
use crate::normalise::paths;
use crate::yaml::{Mapping, Node, Value};

/// Reads the hints of a volume.
pub(super) fn volume_hints(written: Mapping) -> VolumeHints {
    let mut reader = Reader(written);
    let hints = VolumeHints {
        size: reader.quantity("size"),
        storage_class: reader.text("storage-class"),
        access_mode: reader.word("access-mode", AccessMode::of),
        colocate: reader.flag("colocate"),
        seed: reader.word("seed", Seed::of),
        subpath: reader.text("subpath"),
        per_replica: reader.flag("per-replica"),
        selector: reader.text_map("selector"),
        nfs: reader.word("nfs", NfsMode::of),
        annotations: reader.text_map("annotations"),
    };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

/// Reads the hints of a mount.
pub(super) fn mount_hints(written: Mapping) -> MountHints {
    let mut reader = Reader(written);
    let hints = MountHints {
        bind: reader.word("bind", BindMode::of),
        seed: reader.word("seed", Seed::of),
        subpath: reader.text("subpath"),
        size: reader.quantity("size"),
    };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

/// Reads the hints of a network.
pub(super) fn network_hints(written: Mapping) -> NetworkHints {
    let mut reader = Reader(written);
    let hints = NetworkHints { allow_from: reader.texts("allow-from") };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

/// Reads the hints of a config or secret.
pub(super) fn content_hints(written: Mapping) -> ContentHints {
    let mut reader = Reader(written);
    let remote = reader.below("remote").and_then(|remote| {
        let Spanned { value: mut remote, span } = remote;
        let key = remote.text("key")?;
        Some(Spanned::new(RemoteSecret { key, property: remote.text("property") }, span))
    });
    let hints = ContentHints { key: reader.text("key"), remote, sensitive: reader.flag("sensitive") };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

/// Reads `bind` of a service.
pub(super) fn binds(node: Option<Node>) -> BindHints {
    let mode = |node: &Node| {
        let word = text(node)?;
        BindMode::of(&word.value).map(|mode| Spanned::new(mode, word.span))
    };
    match node {
        Some(Node { value: Value::Map(map), .. }) => {
            let modes =
                map.iter().filter_map(|(target, entry)| Some((paths::clean(target), mode(&entry.node)?)));
            BindHints { all: None, by_target: modes.collect() }
        }
        Some(node) => BindHints { all: mode(&node), ..BindHints::default() },
        None => BindHints::default(),
    }
}

/// Reads `seed` of a service.
pub(super) fn seeds(entries: Vec<(String, Node)>) -> SeedHints {
    let seed = |(target, node): (String, Node)| {
        let word = text(&node)?;
        Some((paths::clean(&target), Spanned::new(Seed::of(&word.value)?, word.span)))
    };
    entries.into_iter().filter_map(seed).collect()
}

/// Finds the mode of a bind: what a flag says, the mount's own, that of its target, that of all (N120).
pub(in crate::normalise) fn bind_mode(
    flag: Option<Spanned<BindMode>>,
    own: Option<Spanned<BindMode>>,
    target: &str,
    service: &BindHints,
) -> Option<Spanned<BindMode>> {
    flag.or(own).or_else(|| service.by_target.get(target).cloned()).or_else(|| service.all.clone())
}

/// Reports targets of `bind` and `seed` at which nothing of that sort is mounted.
pub(in crate::normalise) fn report_strange_targets(
    name: &str,
    hints: &ServiceHints,
    mounts: &[Mount],
    sink: &mut Sink,
) {
    let services = Path::Root.key("services");
    let service = services.key(name);
    let at = service.key(crate::compose::hints::KEY);
    let has = |target: &str, fits: fn(&MountSource) -> bool| {
        mounts.iter().any(|mount| mount.target.value == target && fits(&mount.source))
    };
    let binds = hints.bind.by_target.iter().map(|(target, mode)| (target, mode.span));
    let binds = binds.filter(|(target, _)| !has(target, |source| matches!(source, MountSource::Bind(_))));
    let seeds = hints.seed.iter().map(|(target, seed)| (target, seed.span));
    let seeds = seeds.filter(|(target, _)| {
        !has(target, |source| matches!(source, MountSource::Volume(_) | MountSource::Cluster(_)))
    });
    let all = binds
        .map(|found| ("bind", "path of the host", found))
        .chain(seeds.map(|found| ("seed", "named volume", found)));
    for (hint, thing, (target, span)) in all {
        sink.push(
            Diagnostic::new(
                SharedCode::HintNotApplicable,
                format!("hint `{hint}` of `{name}` has no effect: no {thing} is mounted at `{target}`"),
            )
            .outcome(Outcome::Dropped)
            .at(span)
            .service(name)
            .path(at.key(hint).key(target).to_string())
            .help("write the path in the container as the mount has it"),
        );
    }
}
