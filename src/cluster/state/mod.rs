//! What a project keeps in the cluster beside its objects: the parent that knows them (A14), the lock (A19).

pub(crate) mod lock;
pub(crate) mod parent;
