//! Swarm: the model becomes one stack file for `docker stack deploy`, with the data of its configs and secrets.
//!
//! One file per concept. Pure: no I/O, no printing, no network.

pub mod codes;
