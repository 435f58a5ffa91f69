//! Published and exposed ports.

use std::net::IpAddr;

use crate::diag::{Span, Spanned};

/// What a service publishes and exposes.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// `ports`, ranges of equal length expanded, in Compose's order.
    pub ports: Vec<PublishedPort>,
    /// `expose`, ranges expanded, in the author's order.
    pub exposed: Vec<Exposed>,
}

/// One entry of `ports`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedPort {
    /// Place of the entry.
    pub span: Span,
    /// Container port.
    pub target: Spanned<u16>,
    /// Host port, or first and last of a range for one target; `None` lets the engine choose.
    pub published: Option<Spanned<(u16, u16)>>,
    /// Address of the host.
    pub host_ip: HostIp,
    /// Protocol.
    pub protocol: Protocol,
    /// `mode`, where the author wrote the long form.
    pub mode: PortMode,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `app_protocol`.
    pub app_protocol: Option<Spanned<String>>,
    /// `x-rcompose` of the port.
    pub hints: super::PortHints,
}

/// Which of the host's addresses a port is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostIp {
    /// Not written, or an unspecified address.
    Any,
    /// 127.0.0.0/8 or `::1`.
    Loopback(Span),
    /// One address.
    One(Spanned<IpAddr>),
}

/// `mode` of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortMode {
    /// `ingress`, or not written.
    Ingress,
    /// `host`; place where written.
    Host(Span),
}

/// One exposed port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Container port.
    pub port: u16,
    /// Protocol.
    pub protocol: Protocol,
    /// Place of the entry.
    pub span: Span,
}

/// Transport protocol. The order is the one of output: SCTP, TCP, UDP (N20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// SCTP.
    Sctp,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// Returns the lower-case word of Compose.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sctp => "sctp",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}
