# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
# zstd is compiled from C.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Dependencies first, so that a change of the source does not build them anew.
COPY Cargo.toml Cargo.lock ./
COPY benches benches
RUN mkdir src && echo '//! Until the source is here.' | tee src/main.rs > src/lib.rs \
    && echo 'fn main() {}' >> src/main.rs \
    && cargo build --release --locked && rm -rf src
COPY src src
RUN touch src/lib.rs src/main.rs && cargo build --release --locked

FROM debian:bookworm-slim
COPY --from=build /src/target/release/gristmill /usr/local/bin/gristmill
COPY pipelines /usr/share/gristmill/pipelines
COPY LICENSE /usr/share/gristmill/LICENSE
# Mount crawls and a place for the output under /data; that place must be writable for this user.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin gristmill
USER 10001
WORKDIR /data
ENTRYPOINT ["gristmill"]
CMD ["--help"]
