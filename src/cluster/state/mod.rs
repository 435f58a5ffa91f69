//! What a project keeps in the cluster beside its objects: the lock (A19).

pub(crate) mod lock;
