//! `healthcheck`: the test and its timings.

use super::keys;
use super::scalar::{Flag, KeptTime, NUMBER_OR_TEXT, Whole};
use super::words::HealthTest;

keys! {
    /// How the engine finds out whether a container works.
    struct Healthcheck; {
        /// What is run: words, or a shell command.
        test: HealthTest [kept()],
        /// Longest time for one run.
        timeout: KeptTime,
        /// Time between runs.
        interval: KeptTime,
        /// Failures in a row that make it unhealthy.
        retries: Whole [forms(NUMBER_OR_TEXT) kept()],
        /// Time in which failures do not count.
        start_period: KeptTime,
        /// Time between runs within the start period.
        start_interval: KeptTime,
        /// Switch the image's own check off.
        disable: Flag,
    }
}
