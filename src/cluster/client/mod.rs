//! The one way to the API server: a [`Call`] goes out, an [`Answer`] or a [`Failure`] comes back, with the warnings of the server,
//! repeated where that helps (A110), never more at once than the server bears (A111).
//!
//! Knows HTTP and what kube does of it; decides nothing about objects. Watches and logs are not calls.

mod broken;
mod call;
mod kubeconfig;
pub(crate) mod path;
mod retry;
mod warning;
mod width;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures::future::{Either, select};
use futures::pin_mut;
use http::Request;
use kube::Config;
use kube::client::Body;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

pub(crate) use self::call::{Answer, Call, Content};
pub(crate) use self::kubeconfig::{Access, Asked};
use self::retry::{Next, Retry};
use self::width::{Place, Width};
use super::failure::{Class, Failure};
use super::progress::Event;
use super::when;

/// A server as somebody.
pub(crate) struct Api<'a> {
    client: RefCell<kube::Client>,
    /// How often the client was built anew, so that of many 401 one builds.
    built: Cell<u32>,
    config: Option<Config>,
    width: Width,
    /// As wide, for changes, each of several calls: what waits here has not begun (A54).
    gate: Width,
    /// When the whole run is over.
    deadline: Cell<Instant>,
    /// The run is to end: nothing is asked again.
    is_ending: Cell<bool>,
    /// Wakes who waits when that begins.
    ends: Notify,
    /// Until when changes may begin, as far as the lock is heard of; `None` without one.
    held: Cell<Option<Instant>>,
    /// How long one attempt may take.
    attempt: Duration,
    /// Begins the jitter; any number.
    seed: Cell<u64>,
    /// The server's clock when it was heard last, in seconds, and when that was.
    clock: Cell<Option<(i64, Instant)>>,
    report: &'a dyn Fn(&Event),
}

/// Limits of all calls of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For everything.
    pub(crate) whole: Duration,
    /// For one attempt of one call.
    pub(crate) attempt: Duration,
    /// Most calls at once; `None` leaves it to the server (A111).
    pub(crate) parallel: Option<usize>,
    /// Begins the jitter; any number.
    pub(crate) seed: u64,
}

impl<'a> Api<'a> {
    /// Makes a client of what a kubeconfig says. Runs the login program that it names, if any.
    ///
    /// # Errors
    /// Keys cannot be read, or the login fails.
    pub(crate) fn new(access: &Access, limits: Limits, report: &'a dyn Fn(&Event)) -> Result<Self, Failure> {
        let client = kube::Client::try_from(access.config.clone()).map_err(|error| broken::login(&error))?;
        Ok(Self::with(client, Some(access.config.clone()), limits, report))
    }

    fn with(
        client: kube::Client,
        config: Option<Config>,
        limits: Limits,
        report: &'a dyn Fn(&Event),
    ) -> Self {
        Self {
            client: RefCell::new(client),
            built: Cell::new(0),
            config,
            width: Width::new(limits.parallel),
            gate: Width::new(limits.parallel),
            deadline: Cell::new(Instant::now() + limits.whole),
            is_ending: Cell::new(false),
            ends: Notify::new(),
            held: Cell::new(None),
            attempt: limits.attempt,
            seed: Cell::new(limits.seed | 1),
            clock: Cell::new(None),
            report,
        }
    }

    /// Returns when the whole run is over.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline.get()
    }

    /// Ends the run: what is under way has this long, and nothing is asked again (A39).
    pub(crate) fn end_within(&self, time: Duration) {
        self.deadline.set(self.deadline().min(Instant::now() + time));
        self.is_ending.set(true);
        self.ends.notify_waiters();
    }

    /// Gives time for the last words, whatever ended the run (A39).
    pub(crate) fn allow(&self, time: Duration) {
        self.deadline.set(self.deadline().max(Instant::now() + time));
        self.is_ending.set(false);
    }

    /// Lets changes begin until then: the lock was heard of (A19).
    pub(crate) fn hold_until(&self, then: Instant) {
        self.held.set(Some(then));
    }

    /// Tells whether there is a lock at all.
    pub(crate) const fn is_locked(&self) -> bool {
        self.held.get().is_some()
    }

    /// Tells whether a change may begin: not while another run may think that the lock has lapsed.
    pub(crate) fn may_begin(&self) -> bool {
        self.held.get().is_none_or(|then| Instant::now() < then)
    }

    /// Returns the time of the server: seconds of the epoch and microseconds. `None` before it has answered.
    ///
    /// Locks are judged by it, so that clocks that differ do not matter (A19).
    pub(crate) fn now(&self) -> Option<(i64, u32)> {
        let (seconds, heard) = self.clock.get()?;
        let since = heard.elapsed();
        Some((seconds + i64::try_from(since.as_secs()).ok()?, since.subsec_micros()))
    }

    /// Tells whoever watches.
    pub(crate) fn report(&self, event: &Event) {
        (self.report)(event);
    }

    /// Waits until one more change may begin.
    pub(crate) async fn place(&self) -> Place<'_> {
        self.gate.place().await
    }

    /// Asks, and asks again where that may help.
    ///
    /// # Errors
    /// What the server or the network said last.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, Failure> {
        let deadline = match call.patience {
            Some(patience) => Instant::now() + patience,
            None => self.deadline(),
        };
        let mut retry = Retry::new(&call);
        let begun = Instant::now();
        let mut is_told = false;
        loop {
            let built = self.built.get();
            let failure = match self.attempt(&call).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            tracing::trace!(method = %call.method, path = call.path, class = ?failure.class, "not answered");
            if failure.class == Class::Busy {
                self.width.halve();
                self.gate.halve();
            }
            match retry.next(&failure, begun.elapsed(), self.random()) {
                _ if self.is_ending.get() => return Err(failure),
                Next::Login => self.login(built).map_err(|()| failure)?,
                Next::After(pause) if Instant::now() + pause < deadline.min(self.deadline()) => {
                    if !is_told && begun.elapsed() + pause >= Duration::from_secs(5) {
                        is_told = true;
                        self.report(&Event::Repeating { what: call.subject(), why: failure.message.clone() });
                    }
                    let (pause, ends) = (sleep(pause), self.ends.notified());
                    pin_mut!(pause, ends);
                    if let Either::Right(_) = select(pause, ends).await {
                        return Err(failure);
                    }
                }
                Next::Stop | Next::After(_) => return Err(failure),
            }
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, Failure> {
        let _place = self.width.place().await;
        let request = call.request().map_err(|error| Failure::local(&error))?;
        let patience = self.attempt.min(self.left());
        let client = self.client.borrow().clone();
        match self.within(patience, exchange(&client, request)).await {
            Ok(Ok((parts, bytes))) => {
                let date = parts.headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
                if let Some(seconds) = date.and_then(when::of_header) {
                    self.clock.set(Some((seconds, Instant::now())));
                }
                let read = call::read(call, &parts, &bytes);
                if read.is_ok() {
                    self.width.clean();
                    self.gate.clean();
                }
                read
            }
            Ok(Err(error)) => Err(broken::transport(&error)),
            Err(patience) => Err(Failure::timeout(patience)),
        }
    }

    /// Returns how long the run may take yet: long enough for one attempt.
    fn left(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now()).max(Duration::from_millis(100))
    }

    /// Waits for something so long, or less where the run is to end meanwhile; returns how long it was where it was in vain.
    async fn within<T>(&self, patience: Duration, work: impl Future<Output = T>) -> Result<T, Duration> {
        let ends = self.ends.notified();
        pin_mut!(work, ends);
        match timeout(patience, select(work, ends)).await {
            Ok(Either::Left((done, _))) => Ok(done),
            Ok(Either::Right(((), work))) => {
                let rest = patience.min(self.left());
                timeout(rest, work).await.map_err(|_| rest)
            }
            Err(_) => Err(patience),
        }
    }

    /// Builds the client anew, which runs the login program again, unless another call has done so since.
    fn login(&self, built: u32) -> Result<(), ()> {
        if self.built.get() == built {
            let config = self.config.clone().ok_or(())?;
            let client = kube::Client::try_from(config).map_err(|_| ())?;
            *self.client.borrow_mut() = client;
            self.built.set(built + 1);
        }
        Ok(())
    }

    /// Returns a number that differs from the last one (xorshift): jitter needs no more.
    fn random(&self) -> u64 {
        let mut seed = self.seed.get();
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        self.seed.set(seed);
        seed
    }
}

async fn exchange(
    client: &kube::Client,
    request: Request<Body>,
) -> Result<(http::response::Parts, Vec<u8>), kube::Error> {
    let (parts, body) = client.send(request).await?.into_parts();
    let bytes = body.collect_bytes().await?;
    Ok((parts, bytes.to_vec()))
}

#[cfg(test)]
mod tests;
