//! What keeps two runs apart, and what ends one early: the lock, the one who loses it, Ctrl-C.

use futures::future::{Either, select};
use futures::pin_mut;

use crate::cluster::aim::Aim;
use crate::cluster::client::Api;
use crate::cluster::codes::ClusterCode;
use crate::cluster::execute::Over;
use crate::cluster::halt::{Ending, Halt};
use crate::cluster::identity;
use crate::cluster::progress::Event;
use crate::cluster::state::lock::{self, Asked, Lock};

pub(super) async fn take_lock(api: &Api<'_>, aim: &Aim) -> Result<Option<Lock>, Halt> {
    let name = identity::parent_name(&aim.project);
    let asked = lock::take(api, &aim.namespace, &name, &aim.holder).await;
    match asked.map_err(|failure| Halt::before("take the lock", &failure))? {
        Asked::Held(lock) => Ok(Some(lock)),
        Asked::Taken { holder, since } => {
            let since = if since.is_empty() { String::new() } else { format!(" since {since}") };
            let text = format!("`{holder}` works on `{}`{since}", aim.project);
            Err(Halt::decision(ClusterCode::LockHeld, text)
                .help("wait until it ends; the lock lapses thirty seconds after its holder was heard last"))
        }
        Asked::Forbidden => {
            let text = "without rights on Leases nothing but the version of the parent keeps two runs apart";
            api.report(&Event::Warning(ClusterCode::PermissionDegraded.into(), text.to_owned()));
            Ok(None)
        }
    }
}

/// Ends when the lock is lost or the user has had enough.
pub(super) async fn guard(api: &Api<'_>, lock: Option<&Lock>, over: &Over) -> Halt {
    let stop = stopped();
    let lost = async {
        match lock {
            Some(lock) => lock.keep(api).await,
            None => std::future::pending().await,
        }
    };
    pin_mut!(lost, stop);
    let halt = match select(lost, stop).await {
        Either::Left((other, _)) => Halt {
            ending: Ending::PartWay,
            ..Halt::decision(
                ClusterCode::LockHeld,
                format!("the lock was lost to `{other}`: nothing more is written"),
            )
        },
        Either::Right(_) => Halt {
            ending: Ending::Interrupted,
            ..Halt::refused(
                ClusterCode::Interrupted,
                "interrupted: nothing more is begun, nothing is rolled back",
            )
        }
        .help("the same command goes on from here"),
    };
    over.set(Some(if halt.ending == Ending::Interrupted { "interrupted" } else { "failed" }));
    halt
}

/// Ends with Ctrl-C or SIGTERM.
pub(super) async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut ended) = signal(SignalKind::terminate()) else { return std::future::pending().await };
        let (interrupted, ended) = (tokio::signal::ctrl_c(), ended.recv());
        pin_mut!(interrupted, ended);
        select(interrupted, ended).await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
