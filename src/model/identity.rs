//! Names and labels of a service.

use std::collections::BTreeMap;

use crate::diag::{Span, Spanned};

/// Names and labels.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// `container_name`.
    pub container_name: Option<Spanned<String>>,
    /// `hostname`.
    pub hostname: Option<Spanned<String>>,
    /// `domainname`.
    pub domain: Option<Spanned<String>>,
    /// `labels` over `label_file`.
    pub labels: Metadata,
    /// `annotations`.
    pub annotations: Metadata,
    /// `deploy.labels`.
    pub service_labels: Metadata,
    /// `profiles`; loading has acted on them.
    pub profiles: Option<Span>,
}

/// Labels or annotations by key; null is the empty text.
pub type Metadata = BTreeMap<String, Spanned<String>>;
