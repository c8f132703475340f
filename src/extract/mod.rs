//! Charset, HTML to text; one file per extractor.
//!
//! ```text
//! bytes ─ charset ─► characters ─ html ─► arena ─ blocks ─► blocks ─ lines ─► text
//!                                           │               ▲
//!                                           └─ features ─ content_model (main_content only)
//! ```
//!
//! `charset` turns bytes into characters, `html` these into an arena of elements and texts, `blocks`
//! that into the lines that the text falls into. `all_text` is all of these; for `main_content` the
//! content model judges what `features` measures on each block. `metadata` is what the page says of
//! itself. Whatever the page, extraction ends: each part is linear in the page, and its size is
//! bounded by [`Limits`] (sizes and counts, never a clock, so that a page has the same outcome on
//! every machine). A page beyond them is an [`ExtractError`], as is a panic.
//!
//! Text of every extractor has the form that `lines` gives it: one paragraph, heading, list item
//! or table row a line, composed (NFC), no control characters but `\n` and `\t`, no line with
//! white space at its end, at most one empty line in a row and none at either end.

mod blocks;
mod charset;
mod content_model;
mod context;
mod copies;
mod features;
mod html;
mod lines;
mod main_content;
mod measure;
mod metadata;
mod readability;
mod structure;
pub mod training;

pub use charset::{Decoded, decode};
pub use metadata::Metadata;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::panics::said;

/// What a page may cost before it is refused.
///
/// The defaults leave room above real pages: of 5,844 (428 MB), none is refused, and the fullest
/// have 100,062 nodes and 12,019 attributes. How deep elements nest needs no limit, but for
/// Readability: from level 512 on they stand beside each other, as in browsers. Readability on the
/// fullest pages takes 68 levels, 0.8 million steps and 17 million bytes of nested text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest page, in bytes of UTF-8 after decoding. Default 5 MiB, the size at which Common
    /// Crawl truncates.
    pub max_html_bytes: usize,
    /// Most nodes (elements and texts) of a page. Default 300,000.
    pub max_nodes: u32,
    /// Most attributes of one start tag. Default 512.
    pub max_attributes_per_element: u32,
    /// Most attributes over all start tags. Default 1,000,000.
    pub max_attributes: u32,
    /// Deepest nesting of elements for Readability, in levels below the document. Default 512.
    pub max_depth: u32,
    /// Most steps that Readability's parser may take beyond reading the page: elements of its
    /// stack that it looks at, children that it moves. Default 20 million.
    pub max_parse_steps: u64,
    /// Most text under Readability, in bytes times levels: every element looks at the text of all
    /// that it holds. Default 100 million.
    pub max_nested_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_html_bytes: 5 << 20,
            max_nodes: 300_000,
            max_attributes_per_element: 512,
            max_attributes: 1_000_000,
            max_depth: 512,
            max_parse_steps: 20_000_000,
            max_nested_bytes: 100_000_000,
        }
    }
}

/// Which text of a page is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtractorKind {
    /// What the page is for, without navigation, advertisements and other boilerplate.
    MainContent,
    /// The article, as Readability finds it.
    Readability,
    /// All text that a browser would show, boilerplate included.
    AllText,
}

impl ExtractorKind {
    /// Every extractor, in the order in which they are listed to users.
    pub const ALL: [Self; 3] = [Self::MainContent, Self::Readability, Self::AllText];

    /// The name that configurations use.
    pub fn name(self) -> &'static str {
        match self {
            Self::MainContent => "main_content",
            Self::Readability => "readability",
            Self::AllText => "all_text",
        }
    }

    /// Raised whenever the same page may give other text than before; part of a plan's
    /// fingerprint.
    pub fn version(self) -> u32 {
        match self {
            Self::MainContent => 3,
            Self::AllText => 2,
            Self::Readability => 1,
        }
    }
}

/// Which errors of [`ExtractorKind::MainContent`] weigh more: what is kept wrongly or what is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Favor {
    /// What is kept is right: F with β = ½, so that precision counts four times as much as recall.
    Precision,
    /// Both alike: F with β = 1.
    #[default]
    Balance,
    /// What is right is kept: F with β = 2, so that recall counts four times as much.
    Recall,
}

impl Favor {
    fn beta(self) -> f32 {
        match self {
            Self::Precision => 0.5,
            Self::Balance => 1.0,
            Self::Recall => 2.0,
        }
    }
}

/// What becomes of the comments of readers in [`ExtractorKind::MainContent`]. Comments are what
/// stands in elements whose class or id says so (`comments`, `disqus`, …).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Comments {
    /// They are dropped, unless they are what the page is for, as in a forum.
    #[default]
    Drop,
    /// What readers wrote is kept; names, dates and buttons around it are not.
    Keep,
}

/// How pages are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Which text of a page is kept.
    pub extractor: ExtractorKind,
    /// Which errors weigh more. Default [`Favor::Balance`].
    pub favor: Favor,
    /// What becomes of comments. Default [`Comments::Drop`].
    pub comments: Comments,
    /// What a page may cost.
    pub limits: Limits,
}

impl Options {
    /// The defaults of an extractor.
    pub fn of(extractor: ExtractorKind) -> Self {
        Self {
            extractor,
            favor: Favor::default(),
            comments: Comments::default(),
            limits: Limits::default(),
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
    /// A start tag, or all together, have more attributes than the limits allow.
    #[error(
        "the page has a tag of more than {per_element} attributes, or more than {total} in all"
    )]
    TooManyAttributes {
        /// The limit for one tag.
        per_element: u32,
        /// The limit for the page.
        total: u32,
    },
    /// Readability would take more steps than [`Limits::max_parse_steps`] or
    /// [`Limits::max_nested_bytes`].
    #[error("the page is nested such that reading it takes more than {max} {unit}")]
    TooMuchWork {
        /// The limit.
        max: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// The extractor panicked on this page.
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

/// What a page holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Its text.
    pub text: String,
    /// What it says of itself; the same whatever text is kept.
    pub metadata: Metadata,
}

/// The text of a page that is already decoded, and what the page says of itself; `url` is where the
/// page was, which its metadata is read with.
///
/// The text is empty where the extractor found none: [`ExtractorKind::MainContent`] finds none on
/// pages on which nothing is at all like content.
///
/// # Errors
///
/// [`ExtractError`] where the page is beyond the limits, or reading it panics.
pub fn extract(
    options: &Options,
    html: &str,
    url: Option<&str>,
) -> Result<Extracted, ExtractError> {
    let max = options.limits.max_html_bytes;
    if html.len() > max {
        return Err(ExtractError::HtmlOverCap { bytes: html.len(), max });
    }
    // Nothing outlives the closure, so that no broken state can be seen after a panic.
    let extracted = catch_unwind(AssertUnwindSafe(|| {
        let tree = html::parse(html, &options.limits)?;
        let text = match options.extractor {
            ExtractorKind::MainContent => {
                main_content::extract(&tree, options.favor, options.comments)
            }
            ExtractorKind::Readability => readability::extract(html, &options.limits)?,
            ExtractorKind::AllText => blocks::Blocks::of(&tree).render(|_| true),
        };
        Ok(Extracted { text, metadata: Metadata::of(&tree, url) })
    }));
    extracted.unwrap_or_else(|panic| {
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
        let options = Options { limits, ..Options::of(ExtractorKind::AllText) };
        let extract = |html| extract(&options, html, None);
        assert_eq!(extract("<p>12345</p>").map(|page| page.text), Ok("12345".to_owned()));
        let error = extract("<p>123456</p>").unwrap_err();
        assert_eq!(error.kind(), "html_over_cap");
        assert_eq!(error.to_string(), "the page has 13 bytes of HTML, more than 12");
    }
}
