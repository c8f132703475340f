//! Filters: steps that judge a document.

pub mod fasttext_quality;
pub mod fineweb_quality;
pub mod gopher_quality;
pub mod gopher_repetition;
pub mod language;
pub mod length;
#[cfg(test)]
mod parity;
mod stop_words;
pub mod url_blocklist;
pub mod r#where;

/// A share, as a division of whole numbers gives it; null of nothing.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
