//! The only place that writes to standard output and standard error (C1).
//!
//! Text comes with colour; it is taken out where nobody wants it. A reader that is gone ends the run without a word.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use anstyle::{AnsiColor, Style};
use tracing_subscriber::fmt::MakeWriter;

use super::exit::{Exit, Stop};

/// What the two streams are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// Standard output is a terminal.
    pub(crate) out: bool,
    /// Standard error is a terminal.
    pub(crate) err: bool,
    /// Columns, where one of them is a terminal.
    pub(crate) width: Option<usize>,
}

impl Terminal {
    /// Looks at the streams of this process.
    #[expect(clippy::disallowed_methods, reason = "the printer is the door to both streams")]
    pub(crate) fn of_process() -> Self {
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self { out, err, width: if out || err { crate::host::terminal_width() } else { None } }
    }
}

/// Which of the streams shows colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Colour {
    /// Standard output does.
    pub(crate) out: bool,
    /// Standard error does.
    pub(crate) err: bool,
}

/// Writes for people and for programs.
pub(crate) struct Printer<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    colour: Colour,
    terminal: Terminal,
    quiet: bool,
}

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();

impl<'a> Printer<'a> {
    /// Makes a printer without colour.
    pub(crate) fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, terminal: Terminal) -> Self {
        Self { out, err, colour: Colour::default(), terminal, quiet: false }
    }

    /// Takes the user's wishes.
    pub(crate) fn configure(&mut self, colour: Colour, quiet: bool) {
        self.colour = colour;
        self.quiet = quiet;
    }

    /// Returns what the streams are.
    pub(crate) const fn terminal(&self) -> Terminal {
        self.terminal
    }

    /// Returns the columns of the stream for talk, between 80 and 120; `None` where it is no terminal.
    pub(crate) fn talk_width(&self) -> Option<usize> {
        self.terminal.width.filter(|_| self.terminal.err).map(clamped)
    }

    /// Returns the columns of the stream for data, likewise.
    pub(crate) fn screen_width(&self) -> Option<usize> {
        self.terminal.width.filter(|_| self.terminal.out).map(clamped)
    }

    /// Writes the product, byte for byte.
    ///
    /// # Errors
    /// The reader is gone, or the stream cannot be written.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.out.write_all(bytes).and_then(|()| self.out.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::With(Exit::ReaderGone),
            _ => Stop::World(format!("standard output cannot be written: {error}")),
        })
    }

    /// Writes a screen that was asked for to standard output.
    ///
    /// # Errors
    /// As [`data`](Self::data).
    pub(crate) fn screen(&mut self, text: &str) -> Result<(), Stop> {
        let shown = painted(text, self.colour.out);
        self.data(shown.as_bytes())
    }

    /// Writes what goes beside the product to standard error. Where nobody listens, it is lost.
    pub(crate) fn talk(&mut self, text: &str) {
        let shown = painted(text, self.colour.err);
        let _ = self.err.write_all(shown.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Writes progress and summaries, unless `--quiet`.
    pub(crate) fn remark(&mut self, text: &str) {
        if !self.quiet {
            self.talk(text);
        }
    }

    /// Writes an error that has no place in a file.
    pub(crate) fn error(&mut self, message: &str) {
        self.talk(&format!("{ERROR}error{ERROR:#}: {message}\n"));
    }
}

/// Writes to standard error when nothing else works any more.
#[expect(clippy::disallowed_methods, reason = "the printer is the door to both streams")]
pub(crate) fn last_words(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Calls `act` with a printer for the streams of this process.
#[expect(clippy::disallowed_methods, reason = "the printer is the door to both streams")]
pub(crate) fn with_streams<T>(act: impl FnOnce(&mut Printer<'_>) -> T) -> T {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    act(&mut Printer::new(&mut out, &mut err, Terminal::of_process()))
}

/// Shows the steps of a run on standard error: `-v` twice, or `RCOMPOSE_LOG`.
pub(crate) fn show_steps(level: tracing::Level) {
    let steps = tracing_subscriber::fmt().with_max_level(level).with_target(false).without_time();
    // A second run in one process, as in tests, finds it in place.
    let _ = tracing::subscriber::set_global_default(steps.with_ansi(false).with_writer(Steps).finish());
}

/// What hides secrets in a text.
type Hide = Box<dyn Fn(&str) -> String + Send>;

static HIDE: Mutex<Option<Hide>> = Mutex::new(None);

/// Passes the steps through this from now on: the libraries below the live commands may tell more than we do (A62).
#[cfg(feature = "cluster")]
pub(crate) fn hide_in_steps(hide: impl Fn(&str) -> String + Send + 'static) {
    *HIDE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(hide));
}

/// Where steps go: ours always, those of libraries only where all is asked for.
struct Steps;

/// One step, whole: it is written at once.
struct Step {
    is_shown: bool,
}

impl<'a> MakeWriter<'a> for Steps {
    type Writer = Step;

    fn make_writer(&'a self) -> Step {
        Step { is_shown: true }
    }

    fn make_writer_for(&'a self, step: &tracing::Metadata<'_>) -> Step {
        let is_ours = step.target().starts_with(env!("CARGO_PKG_NAME"));
        Step { is_shown: is_ours || tracing::level_filters::LevelFilter::current() == tracing::Level::TRACE }
    }
}

impl Write for Step {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.is_shown {
            let step = String::from_utf8_lossy(text);
            let hide = HIDE.lock().unwrap_or_else(PoisonError::into_inner);
            last_words(&hide.as_ref().map_or_else(|| step.to_string(), |hide| hide(&step)));
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn clamped(width: usize) -> usize {
    width.clamp(80, 120)
}

fn painted(text: &str, colour: bool) -> String {
    if colour { text.to_owned() } else { anstream::adapter::strip_str(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe whose reader is gone.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_gone_ends_the_run_quietly() {
        let (mut out, mut err) = (Closed, Vec::new());
        let mut printer = Printer::new(&mut out, &mut err, Terminal::default());
        assert!(matches!(printer.data(b"x"), Err(Stop::With(Exit::ReaderGone))));
        assert!(err.is_empty());
    }

    #[test]
    fn colour_is_taken_out_per_stream() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err, Terminal::default());
        printer.configure(Colour { out: false, err: true }, false);
        assert!(printer.screen("\u{1b}[1mx\u{1b}[0m").is_ok());
        printer.error("y");
        assert_eq!(out, b"x");
        assert_eq!(err, b"\x1b[1m\x1b[91merror\x1b[0m: y\n");
    }

    #[test]
    fn quiet_leaves_remarks_out_and_errors_in() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err, Terminal::default());
        printer.configure(Colour::default(), true);
        printer.remark("progress\n");
        printer.error("bad");
        assert_eq!(err, b"error: bad\n");
    }
}
