//! Starts the command line, returns its exit code.

fn main() -> std::process::ExitCode {
    rcompose::cli::main()
}
