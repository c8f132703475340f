//! The program as its user meets it: what it prints, and how it ends.
//!
//! Snapshots are blessed with `UPDATE_EXPECT=1 cargo test --test cli`.

#![expect(clippy::unwrap_used, reason = "clippy sees no test in the functions that tests share")]

mod common;

#[path = "cli/cut.rs"]
mod cut;
#[path = "cli/diagnostics.rs"]
mod diagnostics;
#[path = "cli/inspect.rs"]
mod inspect;
#[path = "cli/interrupt.rs"]
mod interrupt;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/parts.rs"]
mod parts;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/schema.rs"]
mod schema;
