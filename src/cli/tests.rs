//! Whole runs in a world in memory.
