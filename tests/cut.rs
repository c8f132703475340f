//! What a cut promises: any arm comes out of one run, equal to what running only that arm gives.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod common;

#[path = "common/arm_oracle.rs"]
mod arm_oracle;

#[path = "cut/exactness.rs"]
mod exactness;
#[path = "cut/metadata.rs"]
mod metadata;
#[path = "cut/mill.rs"]
mod mill;
#[path = "cut/provenance.rs"]
mod provenance;
#[path = "cut/real.rs"]
mod real;
#[path = "cut/refusals.rs"]
mod refusals;
#[path = "cut/sampling.rs"]
mod sampling;
#[path = "cut/seen.rs"]
mod seen;
