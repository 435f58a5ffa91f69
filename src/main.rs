//! Starts the command line, returns its exit code. The program's memory comes from mimalloc: the system's allocator takes longer
//! for each value the more there are, and a project of ten thousand services has millions (`benches/README.md`).

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    rcompose::cli::main()
}
