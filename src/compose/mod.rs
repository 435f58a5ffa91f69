//! Everything spelled as Compose.

pub(crate) mod grammar;
