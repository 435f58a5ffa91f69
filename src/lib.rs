//! Translates Docker Compose projects to Kubernetes manifests and Swarm stack files.
//!
//! Data flows one way; each arrow is one visible call that a command of [`cli`] makes:
//!
//! ```text
//! argv, environment, files
//!   | cli         arguments -> settings
//!   v
//! compose         files -> typed Compose            `load`
//!   v
//! normalise       Compose -> model: what was written -> what is meant
//!   v
//! model           services, ports, volumes ... in plain data
//!   +--> swarm        -> stack file --+
//!   +--> kubernetes   -> objects -----+--> emit: ordered, reproducible bytes on disk or stdout
//!                          |          |
//!                          |          +--> account: what became of each key
//!                          +--> kustomize, helm: the same objects in another form, to emit
//!                          +--> cluster: compared with a cluster and brought into it
//! ```
//!
//! Files, environment and clock only through [`host`]; argv and printing only in [`cli`]; problems with their places are
//! collected in [`diag`], and only [`cli`] decides whether to go on.

mod account;
pub mod backend;
pub mod cli;
#[cfg(feature = "cluster")]
mod cluster;
mod compose;
pub mod diag;
mod emit;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzz;
pub mod host;
pub mod model;
mod normalise;
mod parallel;
mod yaml;

pub use compose::{Project, Request, Skip, load};

/// Returns every code that the program can give, sorted by name.
pub fn codes() -> Vec<diag::Code> {
    let mut codes = declared().concat();
    codes.extend(live());
    codes.sort();
    codes.dedup();
    codes
}

/// The codes of each room. `model` repeats what `compose` and backends both give, since neither knows the other.
fn declared() -> [&'static [diag::Code]; 9] {
    [
        yaml::YamlCode::ALL,
        compose::LoadCode::ALL,
        model::codes::SharedCode::ALL,
        backend::codes::BackendCode::ALL,
        backend::kubernetes::codes::KubernetesCode::ALL,
        backend::kustomize::codes::KustomizeCode::ALL,
        backend::swarm::codes::SwarmCode::ALL,
        emit::OutputCode::ALL,
        cli::CliCode::ALL,
    ]
}

/// The codes of live commands.
fn live() -> &'static [diag::Code] {
    #[cfg(feature = "cluster")]
    return cluster::codes::ClusterCode::ALL;
    #[cfg(not(feature = "cluster"))]
    &[]
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_declared_once_and_named_as_the_register_asks() {
        let shared = crate::model::codes::SharedCode::ALL;
        let mut all = super::declared().concat();
        all.extend(super::live());
        all.sort();
        for pair in all.windows(2).filter(|pair| pair[0] == pair[1]) {
            let (one, other) = (pair[0].info(), pair[1].info());
            assert!(shared.contains(&pair[0]), "{} is declared twice", one.name);
            assert_eq!((one.severity, one.class), (other.severity, other.class), "{}", one.name);
        }
        for code in all {
            let name = code.name();
            let legal =
                |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            assert!(name.chars().all(legal) && name.len() <= 40, "{name}");
            assert!(!code.info().meaning.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_page_has_its_four_parts() {
        for code in super::codes() {
            let (name, page) = (code.name(), code.info().page);
            assert!(page.starts_with(&format!("# {name}\n")), "{name}");
            let titles: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(titles, ["What", "Why", "Example", "Way out"], "{name}");
        }
    }
}
