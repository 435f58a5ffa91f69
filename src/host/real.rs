//! The real world.

/// The files, environment and streams of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealHost;
