# Recipes for those who work on rcompose; CONTRIBUTING.md says when.

# All that CI runs.
ci:
    .ci/run

# Accept what the program writes now; read the diff afterwards.
fixtures:
    SNAPSHOTS=overwrite cargo test
    git diff --stat -- fixtures tests src

# How long a conversion takes; benches/README.md says how to read it.
bench:
    cargo bench --bench convert
