//! Compose to model: what was written becomes what is meant.
//!
//! Reads, once and through `host`, what a mapping must know of bind mounts, configs and Dockerfiles, so that backends
//! are pure. Knows no target: what Kubernetes or Swarm cannot express is theirs to say.

mod binds;
mod dockerfile;
mod glob;
mod groups;
mod ignore;
mod image_name;
mod kind;
mod known_images;
mod names;
mod paths;
mod scan;
mod secret_value;
mod sensitive;
mod sources;
mod words;

#[cfg(test)]
mod testing;
