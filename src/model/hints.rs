//! What users tell rcompose itself: `x-rcompose` and label vocabularies.

/// Hints of one place. Their vocabulary comes with the Kubernetes keys; until then a written hint is refused by loading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {}
