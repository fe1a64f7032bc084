FROM rust:1.95-slim-bookworm AS builder
WORKDIR /build

# The dependencies, compiled against empty sources: this layer is built again only when the two
# manifests change. Benches, examples and tests that the manifest names are not in the build
# context, so their tables go; what the empty crate left behind goes too, or its newer files would
# pass for the real ones.
COPY Cargo.toml Cargo.lock ./
RUN awk '/^\[/ { drop = /^\[\[(bench|example|test)\]\]/ } !drop' Cargo.toml > lean.toml \
    && mv lean.toml Cargo.toml \
    && mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cp src/main.rs build.rs \
    && cargo build --release --locked \
    && cargo clean --release --locked --package mcop-api \
    && rm -r src build.rs

# `data` and `assets` are built in: the sample catalog, the glossary, the console.
COPY data data
COPY assets assets
COPY build.rs ./
COPY src src
RUN cargo build --release --locked


FROM debian:bookworm-slim

# Certificates for calls to a model over TLS. Their version follows the release of the base image:
# a pinned one leaves Debian's mirrors with the next update, and the build breaks.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin mcop

COPY --from=builder /build/target/release/mcop-api /usr/local/bin/mcop-api

# By number, so that an orchestrator can see that it is not root.
USER 10001:10001

# A platform that hands out its own port overrides PORT; the health check follows it.
ENV PORT=8000 \
    HOST=0.0.0.0 \
    LOG_LEVEL=INFO

# What was freed is given back: by itself the allocator keeps more, the larger what was freed before.
ENV MALLOC_TRIM_THRESHOLD_=131072 \
    MALLOC_MMAP_THRESHOLD_=131072
EXPOSE 8000

# Exec form throughout: the server is process 1 and gets the signal itself, no shell in between.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD ["mcop-api", "--healthcheck"]
CMD ["mcop-api"]
