//! Who names a service, and on which ports: what the project's own texts and well-known images tell (N26, N27).

use super::{Protocol, ServiceName};
use crate::diag::Span;

/// What is known of a service's ports besides what its author declared.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Ports found, in the order of sources 3, 4, 5 of N20; each (port, protocol) once, first find. Those of
    /// `peer_ports` are among them.
    pub found: Vec<FoundPort>,
    /// Places where another service's text names it as a host, with or without port (N26).
    pub named_by: Vec<Mention>,
    /// Own names that this service uses for itself, lower case, sorted (N28).
    pub names_itself: Vec<String>,
    /// Places where its own texts name it (N4).
    pub own_mentions: Vec<Mention>,
    /// Ports that members of a cluster of the same image use among each other (N27, second group); empty when no other
    /// service has the image.
    pub peer_ports: Vec<(u16, Protocol)>,
    /// Its image is a known server and runs as one (N27): ports of that row, first group. `None` when unknown or a tool.
    pub known_server: Option<Vec<(u16, Protocol)>>,
    /// A row of N27 that speaks SQL: a bare connection is logged as a failed client (K45 b).
    pub sql_database: bool,
}

/// A port found in the project's own texts or by a well-known image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPort {
    /// Container port.
    pub port: u16,
    /// Protocol.
    pub protocol: Protocol,
    /// What gave it.
    pub by: FoundBy,
}

/// What gave a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// A text of another service; of the service itself where it tells a proxy its port (`VIRTUAL_PORT`, labels).
    Text(Mention),
    /// The image's usual port; last part of the image's name.
    Image(String),
    /// A text of its own: a weak find, used only beside others (N20, source 5).
    Own(Mention),
}

/// A place that names a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The service whose text it is; of a file that several use, each has its own mention.
    pub by: ServiceName,
    /// What kind of text, for messages: `services.web.environment.REDIS_URL`, `configs.c.content`, or a file's path.
    pub place: String,
    /// Where: the very name in a file, the whole value in the Compose files.
    pub span: Span,
    /// The name as used there, lower case.
    pub name: String,
}
