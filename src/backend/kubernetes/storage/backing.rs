//! What a top-level volume is made from: its driver and the options of it (N61, N64, N66, N70).

use std::collections::BTreeMap;

use crate::backend::kubernetes::quantity;
use crate::diag::Span;
use crate::model::{Bind, NfsMode, Volume};

/// What stands behind a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backing<'a> {
    /// A claim that must exist.
    External(Span),
    /// A claim that the cluster fills as it does.
    Claim,
    /// A directory of an NFS server.
    Nfs {
        /// Name or address of the server.
        server: &'a str,
        /// Absolute path on it.
        path: &'a str,
        /// Options of the mount, in their order.
        options: Vec<String>,
        /// A driver of the cluster mounts it, by hint.
        by_driver: bool,
    },
    /// A directory of an NFS server that each pod mounts for itself, by hint: there is no claim.
    Inline {
        /// Name or address of the server.
        server: &'a str,
        /// Absolute path on it.
        path: &'a str,
        /// Nobody may write.
        read_only: bool,
        /// Options of the mount, for which a pod has no place.
        options: Vec<String>,
    },
    /// A share of a Windows server.
    Share {
        /// `//server/share`.
        source: &'a str,
        /// Options of the mount without credentials, in their order.
        options: Vec<String>,
        /// Keys of the Secret and their values.
        credentials: BTreeMap<&'a str, &'a str>,
    },
    /// Memory, of each pod its own.
    Memory {
        /// Bytes, where limited.
        size: Option<i64>,
    },
    /// A path of the host.
    Path(&'a Bind),
    /// NFS without a server or an absolute path; place of the options.
    Broken(Span),
}

/// Finds out what stands behind a volume.
pub(crate) fn of_volume(volume: &Volume) -> Backing<'_> {
    if let Some(span) = volume.external {
        return Backing::External(span);
    }
    if let Some(bind) = &volume.bind {
        return Backing::Path(bind);
    }
    if !is_local(volume) {
        return Backing::Claim;
    }
    match option(volume, "type") {
        Some("nfs" | "nfs4") => nfs(volume),
        Some("cifs" | "smb3") => share(volume),
        Some("tmpfs") => Backing::Memory { size: written_size(volume) },
        Some(_) | None => Backing::Claim,
    }
}

/// Tells whether the driver is Docker's own.
pub(crate) fn is_local(volume: &Volume) -> bool {
    volume.driver.name.as_ref().is_none_or(|name| name.value == "local")
}

fn option<'a>(volume: &'a Volume, key: &str) -> Option<&'a str> {
    volume.driver.options.get(key).map(|option| option.value.as_str())
}

/// Returns the comma list of `o`.
fn mount_options(volume: &Volume) -> impl Iterator<Item = &str> {
    option(volume, "o").unwrap_or_default().split(',').map(str::trim).filter(|option| !option.is_empty())
}

fn nfs(volume: &Volume) -> Backing<'_> {
    let device = option(volume, "device").unwrap_or_default();
    // `[address]:/path`, `host:/path` or `:/path`.
    let (host, path) = match device.rfind(":/") {
        Some(colon) => (device[..colon].trim_start_matches('[').trim_end_matches(']'), &device[colon + 1..]),
        None => ("", device),
    };
    let address = mount_options(volume).find_map(|option| option.strip_prefix("addr="));
    let server = address.unwrap_or(host);
    if server.is_empty() || !path.starts_with('/') {
        let place = volume.driver.options.values().next().map_or(volume.span, |option| option.span);
        return Backing::Broken(place);
    }
    let mut options: Vec<String> = mount_options(volume)
        .filter(|option| !option.starts_with("addr=") && *option != "rw")
        .map(ToOwned::to_owned)
        .collect();
    let names_version = |option: &String| option.starts_with("nfsvers=") || option.starts_with("vers=");
    if option(volume, "type") == Some("nfs4") && !options.iter().any(names_version) {
        options.insert(0, "nfsvers=4".to_owned());
    }
    match volume.hints.nfs.as_ref().map(|hint| hint.value) {
        Some(NfsMode::Inline) => {
            let read_only = options.iter().any(|option| option == "ro");
            let rest = mount_options(volume)
                .filter(|option| !option.starts_with("addr=") && !matches!(*option, "rw" | "ro"));
            Backing::Inline { server, path, read_only, options: rest.map(ToOwned::to_owned).collect() }
        }
        Some(NfsMode::Csi) => Backing::Nfs { server, path, options, by_driver: true },
        Some(NfsMode::Volume) | None => Backing::Nfs { server, path, options, by_driver: false },
    }
}

fn share(volume: &Volume) -> Backing<'_> {
    let key_of = |name: &str| match name {
        "username" | "user" => Some("username"),
        "password" | "pass" => Some("password"),
        "domain" | "dom" => Some("domain"),
        _ => None,
    };
    let credentials = mount_options(volume)
        .filter_map(|option| option.split_once('='))
        .filter_map(|(name, value)| Some((key_of(name)?, value)))
        .collect();
    let options = mount_options(volume)
        .filter(|option| !option.starts_with("addr=") && *option != "rw")
        .filter(|option| option.split_once('=').is_none_or(|(name, _)| key_of(name).is_none()))
        .map(ToOwned::to_owned)
        .collect();
    Backing::Share { source: option(volume, "device").unwrap_or_default(), options, credentials }
}

/// Returns the size that the author wrote, in bytes (N64).
pub(crate) fn written_size(volume: &Volume) -> Option<i64> {
    let of_mount = || mount_options(volume).find_map(|option| option.strip_prefix("size="));
    let of_driver = option(volume, "size").or_else(of_mount).and_then(quantity::docker_bytes);
    of_driver.or_else(|| cluster_size(volume)).filter(|size| *size > 0)
}

/// Returns the least size that `x-cluster-spec` asks for.
fn cluster_size(volume: &Volume) -> Option<i64> {
    let spec = cluster_spec(volume)?;
    match spec.pointer("/capacity_range/required_bytes")? {
        serde_json::Value::Number(bytes) => bytes.as_i64(),
        serde_json::Value::String(text) => quantity::docker_bytes(text),
        _ => None,
    }
}

/// Tells whether `x-cluster-spec` lets several nodes mount the volume (N68).
pub(crate) fn is_for_several_nodes(volume: &Volume) -> bool {
    let Some(spec) = cluster_spec(volume) else { return false };
    let word = |path: &str| spec.pointer(path).and_then(serde_json::Value::as_str).map(str::to_owned);
    word("/access_mode/scope").as_deref() == Some("multi")
        || word("/access_mode/sharing").as_deref() == Some("all")
}

fn cluster_spec(volume: &Volume) -> Option<serde_json::Value> {
    serde_json::from_str(&volume.cluster_spec.as_ref()?.value).ok()
}

/// Returns what `o` asks of memory beyond its size: an empty directory has no such things (N66).
pub(crate) fn memory_options(volume: &Volume) -> impl Iterator<Item = &str> {
    mount_options(volume)
        .filter(|option| !option.starts_with("size=") && !matches!(*option, "rw" | "exec" | "mode=1777"))
}

/// Returns the options of a driver that nothing was made of, by their names (N70).
pub(crate) fn unused_options<'a>(volume: &'a Volume, backing: &Backing<'_>) -> Vec<(&'a str, Span)> {
    let used: &[&str] = match backing {
        // Of memory, options of the mount are told one by one, as those of `tmpfs` are.
        Backing::Nfs { .. } | Backing::Share { .. } | Backing::Memory { .. } => {
            &["type", "o", "device", "size"]
        }
        Backing::Inline { .. } => &["type", "o", "device"],
        Backing::Path(_) => &["type", "o", "device", "size", "mountpoint"],
        Backing::Claim | Backing::Broken(_) | Backing::External(_) => &["size"],
    };
    let only_size = mount_options(volume).all(|option| option.starts_with("size="));
    volume
        .driver
        .options
        .iter()
        .filter(|(key, _)| !used.contains(&key.as_str()))
        .filter(|(key, _)| key.as_str() != "o" || !only_size)
        .map(|(key, option)| (key.as_str(), option.span))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{at, span};
    use crate::model::{Metadata, VolumeDriver, VolumeHints};

    /// A volume with options of the local driver.
    pub(crate) fn volume(options: &[(&str, &str)]) -> Volume {
        let options =
            options.iter().map(|(key, value)| ((*key).to_owned(), at((*value).to_owned()))).collect();
        Volume {
            span: span(),
            name: "shop_data".to_owned(),
            written_name: None,
            external: None,
            driver: VolumeDriver { name: None, options },
            bind: None,
            labels: Metadata::new(),
            cluster_spec: None,
            hints: VolumeHints::default(),
        }
    }

    #[test]
    fn nfs_has_a_server_a_path_and_options() {
        let made = volume(&[("type", "nfs4"), ("o", "addr=10.0.0.1,rw,soft"), ("device", ":/export/media")]);
        let options = vec!["nfsvers=4".to_owned(), "soft".to_owned()];
        let nfs = |server, path, options| Backing::Nfs { server, path, options, by_driver: false };
        assert_eq!(of_volume(&made), nfs("10.0.0.1", "/export/media", options));
        let made = volume(&[("type", "nfs"), ("o", "ro"), ("device", "[fd00::1]:/x")]);
        assert_eq!(of_volume(&made), nfs("fd00::1", "/x", vec!["ro".to_owned()]));
        let made = volume(&[("type", "nfs"), ("device", ":/x")]);
        assert!(matches!(of_volume(&made), Backing::Broken(_)));
    }

    #[test]
    fn a_hint_says_who_mounts_nfs_n70() {
        let mut made = volume(&[("type", "nfs4"), ("o", "addr=h,ro,soft"), ("device", ":/x")]);
        made.hints.nfs = Some(at(NfsMode::Inline));
        let options = vec!["soft".to_owned()];
        let inline = Backing::Inline { server: "h", path: "/x", read_only: true, options };
        assert_eq!(of_volume(&made), inline);
        made.hints.nfs = Some(at(NfsMode::Csi));
        assert!(matches!(of_volume(&made), Backing::Nfs { by_driver: true, .. }));
    }

    #[test]
    fn credentials_of_a_share_are_no_options() {
        let made =
            volume(&[("type", "cifs"), ("o", "username=u,password=p=1,vers=3.0"), ("device", "//h/s")]);
        let credentials = BTreeMap::from([("username", "u"), ("password", "p=1")]);
        assert_eq!(
            of_volume(&made),
            Backing::Share { source: "//h/s", options: vec!["vers=3.0".to_owned()], credentials }
        );
    }

    #[test]
    fn sizes_are_written_in_several_places() {
        assert_eq!(written_size(&volume(&[("size", "10G")])), Some(10 << 30));
        assert_eq!(written_size(&volume(&[("type", "tmpfs"), ("o", "size=64m,uid=1")])), Some(64 << 20));
        let spec = Some(at(r#"{"capacity_range": {"required_bytes": "5G"}}"#.to_owned()));
        assert_eq!(written_size(&Volume { cluster_spec: spec, ..volume(&[]) }), Some(5 << 30));
        assert_eq!(written_size(&volume(&[("size", "x")])), None);
    }

    #[test]
    fn options_of_other_types_are_unused() {
        let made = volume(&[("type", "btrfs"), ("device", "/dev/sda"), ("size", "1G")]);
        let unused: Vec<&str> =
            unused_options(&made, &of_volume(&made)).into_iter().map(|(key, _)| key).collect();
        assert_eq!(unused, ["device", "type"]);
    }
}
