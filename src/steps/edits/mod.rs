//! Edits: steps that mark spans of the text to remove or replace.

pub mod boilerplate_substrings;
pub mod c4_lines;
pub mod citation_marks;
pub mod fasttext_paragraphs;
pub mod newline_runs;
#[cfg(test)]
mod parity_c4;
#[cfg(test)]
mod parity_dclm;
mod passes;
pub mod pii;
pub mod refinedweb_lines;
mod strings;
pub mod url_removal;
mod urls;
