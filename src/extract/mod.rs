//! Charset, HTML to text; one file per extractor.
//!
//! `charset` turns bytes into characters; an extractor turns the page into text. Whatever the
//! page, extraction ends: its work is bounded by [`Limits`] (sizes and counts, never a clock, so
//! that a page has the same outcome on every machine), and a page beyond them is an
//! [`ExtractError`], as is a panic inside a library.
//!
//! Text of every extractor has the form that `lines` gives it: one paragraph, heading, list item
//! or table row a line, composed (NFC), no control characters but `\n` and `\t`, no line with
//! white space at its end, at most one empty line in a row and none at either end.

mod all_text;
mod charset;
mod feed;
mod gate;
mod lines;
mod main_content;
mod tags;

pub use charset::{Decoded, decode};

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::panics::said;

/// What a page may cost before it is refused.
///
/// The defaults leave room above real pages: of 5,844 (428 MB), none is refused, and the fullest
/// reach 68 levels, 100,062 nodes, 12,019 attributes, 0.8 million steps and 17 million bytes of
/// nested text. Below them, hostile pages end within about a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest page, in bytes of UTF-8 after decoding. Default 5 MiB, the size at which Common
    /// Crawl truncates.
    pub max_html_bytes: usize,
    /// Deepest nesting of elements, in levels below the document. Default 512, as in browsers.
    pub max_depth: u32,
    /// Most nodes (elements, texts, comments) the parser may create. Default 300,000.
    pub max_nodes: u32,
    /// Most attributes of one tag. Default 512.
    pub max_attributes_per_element: u32,
    /// Most attributes that the parser may store over all elements. Default 1,000,000.
    pub max_attributes: u32,
    /// Most steps the parser may take beyond reading the page: elements of its stack that it
    /// looks at, children that it moves. Default 20 million.
    pub max_parse_steps: u64,
    /// Most text under the boilerplate removal, in bytes times levels: every element looks at the
    /// text of all that it holds. Default 100 million.
    pub max_nested_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_html_bytes: 5 << 20,
            max_depth: 512,
            max_nodes: 300_000,
            max_attributes_per_element: 512,
            max_attributes: 1_000_000,
            max_parse_steps: 20_000_000,
            max_nested_bytes: 100_000_000,
        }
    }
}

/// Which text of a page is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtractorKind {
    /// The article, without navigation, advertisements and other boilerplate.
    MainContent,
    /// All text that a browser would show, boilerplate included.
    AllText,
}

impl ExtractorKind {
    /// Every extractor, in the order in which they are listed to users.
    pub const ALL: [Self; 2] = [Self::MainContent, Self::AllText];

    /// The name that configurations use.
    pub fn name(self) -> &'static str {
        match self {
            Self::MainContent => "main_content",
            Self::AllText => "all_text",
        }
    }

    /// Raised whenever the same page may give other text than before; part of a plan's
    /// fingerprint.
    pub fn version(self) -> u32 {
        match self {
            Self::MainContent | Self::AllText => 1,
        }
    }
}

/// Why a page gave no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The page is larger than [`Limits::max_html_bytes`].
    #[error("the page has {bytes} bytes of HTML, more than {max}")]
    HtmlOverCap {
        /// Size of the page, in bytes of UTF-8.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Elements nest deeper than [`Limits::max_depth`].
    #[error("elements nest deeper than {max} levels")]
    TooDeep {
        /// The limit.
        max: u32,
    },
    /// The parser made more nodes than [`Limits::max_nodes`].
    #[error("the page has more than {max} nodes")]
    TooManyNodes {
        /// The limit.
        max: u32,
    },
    /// A tag, or all elements together, have more attributes than the limits allow.
    #[error(
        "the page has a tag of more than {per_element} attributes, or more than {total} in all"
    )]
    TooManyAttributes {
        /// The limit for one tag.
        per_element: u32,
        /// The limit for the page.
        total: u32,
    },
    /// Reading the page would take more steps than [`Limits::max_parse_steps`] or
    /// [`Limits::max_nested_bytes`].
    #[error("the page is nested such that reading it takes more than {max} {unit}")]
    TooMuchWork {
        /// The limit.
        max: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// A library panicked on this page.
    #[error("the extractor panicked: {message}")]
    ExtractorPanicked {
        /// What the panic said.
        message: String,
    },
}

impl ExtractError {
    /// Every value of [`ExtractError::kind`].
    pub const FAILURE_KINDS: [&'static str; 6] = [
        "html_over_cap",
        "too_deep",
        "too_many_nodes",
        "too_many_attributes",
        "too_much_work",
        "extractor_panicked",
    ];

    /// The kind of failure, as it is counted and written in the table of failures.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::HtmlOverCap { .. } => "html_over_cap",
            Self::TooDeep { .. } => "too_deep",
            Self::TooManyNodes { .. } => "too_many_nodes",
            Self::TooManyAttributes { .. } => "too_many_attributes",
            Self::TooMuchWork { .. } => "too_much_work",
            Self::ExtractorPanicked { .. } => "extractor_panicked",
        }
    }
}

/// The text of a page that is already decoded.
///
/// Empty where the extractor found no text: [`ExtractorKind::MainContent`] finds none on some
/// pages that have text, because nothing there looks like an article.
///
/// # Errors
///
/// [`ExtractError`] where the page is beyond `limits` or a library panics on it.
pub fn extract(kind: ExtractorKind, limits: &Limits, html: &str) -> Result<String, ExtractError> {
    if html.len() > limits.max_html_bytes {
        return Err(ExtractError::HtmlOverCap { bytes: html.len(), max: limits.max_html_bytes });
    }
    // Nothing outlives the closure, so that no broken state can be seen after a panic.
    let text = catch_unwind(AssertUnwindSafe(|| match kind {
        ExtractorKind::MainContent => main_content::extract(html, limits),
        ExtractorKind::AllText => all_text::extract(html, limits),
    }));
    text.unwrap_or_else(|panic| {
        let message = said(&*panic).to_owned();
        Err(ExtractError::ExtractorPanicked { message })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_over_the_cap_is_refused_and_one_at_it_is_read() {
        let limits = Limits { max_html_bytes: 12, ..Limits::default() };
        let extract = |html| extract(ExtractorKind::AllText, &limits, html);
        assert_eq!(extract("<p>12345</p>"), Ok("12345".to_owned()));
        let error = extract("<p>123456</p>").unwrap_err();
        assert_eq!(error.kind(), "html_over_cap");
        assert_eq!(error.to_string(), "the page has 13 bytes of HTML, more than 12");
    }
}
