//! Words, lines, sentences, n-grams and edited views: one definition each.

pub mod ccnet;
pub mod characters;
pub mod citations;
mod concat_hash;
mod counts;
pub mod duplicates;
pub mod line_table;
pub mod lines;
pub mod minhash;
pub mod ngrams;
#[cfg(test)]
pub(crate) mod oracle;
#[cfg(test)]
mod parity;
pub mod rewrite;
pub mod scratch;
pub mod shingles;
pub mod simplify;
pub mod spacy;
mod view;
pub mod vocabulary;
pub mod word_break;
pub mod word_table;
pub mod words;

pub use view::{Span, View, apply, compose};
