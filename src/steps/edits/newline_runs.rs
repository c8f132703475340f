//! Shortens runs of newlines.
//!
//! # What it does
//! Removes the newlines of a run past the first `max_newlines`. A run is newlines alone: a line of
//! spaces ends it.
//!
//! # Why
//! Extractors leave runs of empty lines where a page had boxes; line-based rules and tokenizers
//! then see a page that is longer than it is.
//!
//! # Source
//! DCLM `newline_removal_modifier` (baselines/mappers/modifiers.py), step 7 of
//! `dclm_baseline_refinedweb.yaml`, where `max_consecutive` is 2.
//!
//! # Differences
//! None known.

use crate::config::params;
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::{Span, View};

params! {
    /// Parameters of `newline_runs`.
    pub struct Params {
        /// Newlines that may follow one another.
        max_newlines: u64 [newlines, 1 ..= 1000] = 2,
    }
}

signals! {
    /// What `newline_runs` measures.
    pub struct Signals {
        /// Newlines removed.
        removed_newlines: u64,
    }
}

/// The step.
pub struct NewlineRuns {
    max_newlines: usize,
}

impl Step for NewlineRuns {
    const NAME: &'static str = "newline_runs";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("newline_runs.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self { max_newlines: usize::try_from(params.max_newlines).unwrap_or(usize::MAX) })
    }
}

impl Edit for NewlineRuns {
    const RULES: &'static [Rule] = &[];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let bytes = view.text().as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'\n', &bytes[at..]) {
            let start = at + found;
            let run = bytes[start..].iter().take_while(|&&byte| byte == b'\n').count();
            if run > self.max_newlines {
                spans.push(Span::remove(start + self.max_newlines, start + run));
            }
            at = start + run;
        }
        let removed = spans.iter().map(|span| span.end - span.start).sum::<usize>();
        Some(Signals { removed_newlines: removed as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn edited(text: &str) -> String {
        let document = Document { text: text.to_owned(), ..Document::default() };
        let mut spans = Vec::new();
        let step = NewlineRuns { max_newlines: 2 };
        step.edit(&View::raw(&document), &mut spans);
        crate::text::apply(text, &spans)
    }

    #[test]
    fn runs_of_three_and_more_become_two() {
        assert_eq!(edited("a\n\nb"), "a\n\nb");
        assert_eq!(edited("a\n\n\nb"), "a\n\nb");
        assert_eq!(edited("\n\n\n\na\n\n\n\n\nb\n\n\n"), "\n\na\n\nb\n\n");
        assert_eq!(edited("a\n\n \n\nb"), "a\n\n \n\nb");
        assert_eq!(edited(""), "");
    }
}
