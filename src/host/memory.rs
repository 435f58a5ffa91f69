//! A world in memory, for tests.

/// Files, environment and streams that exist only in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryHost;
