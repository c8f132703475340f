//! Edits: steps that mark spans of the text to remove or replace.

pub mod newline_runs;
