//! Filters: steps that judge a document.

pub mod bad_words;
pub mod c4_documents;
pub mod curator_quality;
pub mod decontamination;
mod dolma;
pub mod fasttext_quality;
pub mod fineweb_quality;
pub mod gopher_quality;
pub mod gopher_repetition;
pub mod language;
pub mod length;
pub mod madlad_sentences;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod parity_curator;
#[cfg(test)]
mod parity_madlad;
pub mod perplexity;
mod pieces;
pub mod regex;
mod stop_words;
pub mod url_blocklist;
pub mod r#where;
pub mod word_removal_ratio;

/// A share, as a division of whole numbers gives it; null of nothing.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
