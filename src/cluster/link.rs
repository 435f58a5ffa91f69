//! The door for `cli`, which knows no runtime: a connection that lives as long as a command, and one function for each thing that
//! a command does over it.

use tokio::runtime::{Builder, Runtime};

use super::aim::Aim;
use super::client::{Access, Api, Limits};
use super::failure::Failure;
use super::halt::Halt;
use super::progress::Event;
use super::redact::Redactor;
use super::role::{self, Kinds};
use super::run::{self, Outcome, Planned};
use super::status::{self, Table};

/// A connection, with the one thread that all requests of a command share.
pub(crate) struct Link<'a> {
    // Before the runtime, which its connections need to close.
    api: Api<'a>,
    runtime: Runtime,
}

impl<'a> Link<'a> {
    /// Makes a client; runs the login program of the kubeconfig, if there is one. Sends nothing.
    ///
    /// # Errors
    /// Keys cannot be read, or the login fails.
    pub(crate) fn open(access: &Access, limits: Limits, report: &'a dyn Fn(&Event)) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::here(&error))?;
        let api = {
            let _inside = runtime.enter();
            Api::new(access, limits, report)?
        };
        Ok(Self { api, runtime })
    }

    /// Looks and plans.
    ///
    /// # Errors
    /// There is nothing to plan against, or nobody may look.
    pub(crate) fn plan(&self, aim: &Aim, redactor: &Redactor) -> Result<Planned, Halt> {
        self.runtime.block_on(run::prepare(&self.api, aim, redactor))
    }

    /// Carries out what was agreed to.
    pub(crate) fn carry_out(&self, aim: &Aim, planned: Planned) -> Outcome {
        self.runtime.block_on(run::carry_out(&self.api, aim, planned))
    }

    /// Asks how the server calls the kinds of which that is only guessed.
    ///
    /// # Errors
    /// The server's.
    pub(crate) fn learn_kinds(&self, kinds: &mut Kinds) -> Result<(), Halt> {
        self.runtime.block_on(role::learn(&self.api, kinds))
    }

    /// Reads what runs.
    ///
    /// # Errors
    /// The server's.
    pub(crate) fn status(&self, aim: &Aim) -> Result<Table, Halt> {
        self.runtime.block_on(status::read(&self.api, aim))
    }
}
