//! Text to spanned tree, and tree to text. Knows neither Compose nor Kubernetes.
//!
//! Reading follows Go's yaml.v3, the reader of Docker Compose (L12–L17); writing follows what every YAML 1.1 and 1.2
//! reader takes for the same value.

mod node;

pub(crate) use node::{Entry, Mapping, Node, Value};
