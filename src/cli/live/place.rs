//! Which cluster and which namespace (A60): what flags, settings and the kubeconfig say, and what must be said.

use super::aim::Wish;
use crate::cli::exit::Stop;
use crate::cli::project_settings::Cluster;
use crate::cli::session::Session;
use crate::cluster::client::{Access, Asked};
use crate::cluster::codes::ClusterCode;
use crate::cluster::halt::Halt;

/// A way to a cluster, and the namespace there.
pub(super) struct Place {
    /// `None` where no cluster is asked.
    pub(super) access: Option<Access>,
    pub(super) namespace: String,
    /// The namespace was said by nobody: it is asked about.
    pub(super) is_default: bool,
    /// Settings protect the context or the namespace, and do not say that `--yes` is enough (A60).
    pub(super) is_protected: bool,
}

/// Finds cluster and namespace.
///
/// # Errors
/// The kubeconfig cannot be used, or what must be said is not.
pub(super) fn find(
    session: &Session<'_, '_>,
    known: &Cluster,
    wish: Wish,
) -> Result<Result<Place, Halt>, Stop> {
    let writes = matches!(wish, Wish::Write | Wish::Remove);
    let reach = &session.globals.reach;
    let asked = Asked {
        kubeconfig: reach.kubeconfig.clone(),
        context: known.context.clone().or_else(|| reach.context.clone()),
        user: reach.as_user.clone(),
        groups: reach.as_group.clone(),
    };
    let said = session.globals.namespace.clone().or_else(|| known.namespace.clone());
    if wish == Wish::Offline && asked.context.is_none() {
        let namespace = said.unwrap_or_else(|| "default".to_owned());
        return Ok(Ok(Place { access: None, namespace, is_default: false, is_protected: false }));
    }
    let access = Access::find(&asked, session.host).map_err(|error| Stop::World(error.to_string()))?;
    let can_ask = session.can_ask();
    if writes && !access.is_named && !can_ask {
        let text = format!("nothing names the cluster; the current context is `{}`", access.context);
        return Ok(Err(Halt::decision(ClusterCode::ContextNotNamed, text)
            .help(format!("`--context {}`, if that is what you mean", access.context))));
    }
    let said = said.or_else(|| access.namespace.clone());
    let is_default = said.is_none();
    if writes && is_default && !can_ask {
        let text = "nothing says which namespace, so it would be `default`";
        return Ok(Err(Halt::refused(ClusterCode::NamespaceRefused, text).help("`-n NAME`")));
    }
    let namespace = said.unwrap_or_else(|| "default".to_owned());
    if namespace.starts_with("kube-") {
        let text = format!("the namespace `{namespace}` belongs to Kubernetes itself");
        return Ok(Err(Halt::refused(ClusterCode::NamespaceRefused, text).help("another one: `-n NAME`")));
    }
    let protects = |name: &str| session.settings.protects(name) || session.user.protects(name);
    let is_protected = !session.user.yes_is_enough && (protects(&access.context) || protects(&namespace));
    Ok(Ok(Place { access: Some(access), namespace, is_default, is_protected }))
}
