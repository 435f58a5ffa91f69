//! Other programs: run without a shell, with bounded time and output.
#![expect(clippy::disallowed_methods, reason = "this file is the door that the forbidden call points to")]

use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::host::Ran;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most that it may write.
const LIMIT: u64 = 16 << 20;
/// Between two looks at whether it has ended, once it has closed its output.
const STEP: Duration = Duration::from_millis(5);

/// Runs a program and waits for its end.
pub(super) fn run(program: &str, words: &[String], directory: &Path, input: &[u8]) -> io::Result<Ran> {
    let mut child = Command::new(program)
        .args(words)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let ran = talk(&mut child, input);
    if ran.is_err() {
        // It may have ended by itself meanwhile; what counts is that it is gone.
        let _ = child.kill();
        let _ = child.wait();
    }
    ran
}

/// Gives a program its input and takes what it writes, both at once: either could be waiting for the other.
fn talk(child: &mut Child, input: &[u8]) -> io::Result<Ran> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let input = input.to_vec();
    thread::spawn(move || {
        // A program that needs no more of it closes its end.
        let _ = stdin.map(|mut stdin| stdin.write_all(&input));
    });
    let (output, errors) = (reader(stdout), reader(stderr));
    let output = received(&output)?;
    let errors = received(&errors)?;
    let mut looks = PATIENCE.as_millis() / STEP.as_millis();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if looks == 0 => return Err(ErrorKind::TimedOut.into()),
            None => thread::sleep(STEP),
        }
        looks -= 1;
    };
    Ok(Ran { success: status.success(), output, errors })
}

/// Reads a stream to its end beside everything else.
fn reader(stream: Option<impl Read + Send + 'static>) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.map_or(Ok(0), |stream| stream.take(LIMIT + 1).read_to_end(&mut bytes));
        let read = read.and_then(|_| {
            if bytes.len() as u64 > LIMIT { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
        });
        // Nobody listens any more when the program was given up.
        let _ = sender.send(read);
    });
    receiver
}

fn received(stream: &Receiver<io::Result<Vec<u8>>>) -> io::Result<Vec<u8>> {
    stream.recv_timeout(PATIENCE).map_err(|_| io::Error::from(ErrorKind::TimedOut))?
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, input: &[u8]) -> io::Result<Ran> {
        run("sh", &["-c".to_owned(), script.to_owned()], Path::new("/"), input)
    }

    #[test]
    fn input_goes_in_and_output_comes_out() {
        let large = vec![b'x'; 300_000];
        let ran = shell("cat; echo no >&2; exit 3", &large).expect("a shell");
        assert_eq!((ran.success, ran.output == large, ran.errors.as_slice()), (false, true, &b"no\n"[..]));
    }

    #[test]
    fn a_program_need_not_read_its_input() {
        let ran = shell("pwd", &vec![b'x'; 300_000]).expect("a shell");
        assert_eq!((ran.success, ran.output.as_slice()), (true, &b"/\n"[..]));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let error = run("rcompose-no-such-program", &[], Path::new("/"), b"").expect_err("nothing");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
