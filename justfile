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

# `config` and its switches against Docker Compose itself, over the corpus; four minutes.
oracle:
    RCOMPOSE_DOCKER_COMPOSE=$(tests/fetch_docker_compose.sh target/docker-compose) cargo test --test oracle

# Processor time of `config`, side by side with Docker Compose over the corpus.
compared:
    RCOMPOSE_DOCKER_COMPOSE=$(tests/fetch_docker_compose.sh target/docker-compose) cargo bench --bench compared
