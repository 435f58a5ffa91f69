//! Hints of the whole project.

use super::read::{Reader, text};
use crate::diag::Spanned;
use crate::model::{AccessMode, Chart, Exposure, PortInference, ProjectHints, SecretStore, Texts};
use crate::yaml::{Mapping, Node, Value};

/// Reads what stands at the top.
pub(super) fn hints(written: Mapping) -> ProjectHints {
    let mut reader = Reader(written);
    let hints = ProjectHints {
        instance: reader.text("instance"),
        namespace: reader.text("namespace"),
        storage_class: reader.text("storage-class"),
        volume_size: reader.quantity("volume-size"),
        access_mode: reader.word("access-mode", AccessMode::of),
        image_pull_secrets: reader.texts("image-pull-secrets"),
        service_account: reader.text("service-account"),
        expose: reader.word("expose", Exposure::of),
        tolerations: reader.objects("tolerations"),
        secret_store: reader.below("secret-store").and_then(secret_store),
        overlays: reader
            .entries("overlays")
            .into_iter()
            .filter_map(|(name, files)| Some((name, texts(&files)?)))
            .collect(),
        chart: reader.below("chart").map(|chart| chart.map(self::chart)),
        patches: reader.patches(),
        rewrite_names: reader.flag("rewrite-names"),
        infer_ports: reader.word("infer-ports", PortInference::of),
        domain: reader.text("domain"),
        gateway_class: reader.text("gateway-class"),
        api_server: reader.texts("api-server"),
    };
    debug_assert!(reader.0.is_empty(), "hints nobody reads: {:?}", reader.0.keys());
    hints
}

fn secret_store(written: Spanned<Reader>) -> Option<Spanned<SecretStore>> {
    let Spanned { value: mut written, span } = written;
    let name = written.text("name")?;
    let kind = written.text("kind");
    let cluster_wide = kind.is_some_and(|kind| kind.value == "ClusterSecretStore");
    Some(Spanned::new(SecretStore { name, cluster_wide }, span))
}

fn chart(mut written: Reader) -> Chart {
    Chart {
        version: written.text("version"),
        app_version: written.text("app-version"),
        description: written.text("description"),
    }
}

fn texts(node: &Node) -> Option<Texts> {
    match &node.value {
        Value::List(items) => Some(Spanned::new(items.iter().filter_map(text).collect(), node.span)),
        _ => None,
    }
}
