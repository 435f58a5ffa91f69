//! Compose to model: what was written becomes what is meant.
//!
//! Reads, once and through `host`, what a mapping must know of bind mounts, configs and Dockerfiles, so that backends
//! are pure. Knows no target: what Kubernetes or Swarm cannot express is theirs to say.

mod binds;
mod dockerfile;
mod glob;
mod ignore;
mod image_name;
mod known_images;
mod paths;
mod secret_value;
mod sensitive;
mod sources;
mod words;
