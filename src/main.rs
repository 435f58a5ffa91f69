//! The program: starts the command line and returns its exit code. No logic.

fn main() {}
