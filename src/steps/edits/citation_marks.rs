//! Removes the marks that Wikipedia leaves in its text: `[12]`, `[edit]`, `[citation needed]`.
//!
//! # What it does
//! Removes numbers, `edit` and `citation needed` in square brackets, and empty square brackets, in
//! one pass and without the spaces around them. Drops a document of which nothing is left.
//!
//! # Why
//! The marks stand in the text of encyclopedias and their many copies, and refer to what the text
//! no longer has.
//!
//! # Source
//! C4's code (Raffel et al. 2020, arXiv 1910.10683; `c4_utils.py` of TensorFlow Datasets);
//! `C4QualityFilter` of datatrove 0.10.1, as in FineWeb; `citation_removal_modifier` of DCLM
//! (baselines/mappers/modifiers.py), as in its `c4.yaml`. All three have the same expression.
//!
//! # Differences
//! Digits are decimal digits of any script, as in the peers. DCLM drops a document that is empty
//! afterwards, as here; datatrove removes the marks line by line and goes on to other rules of C4,
//! by which an empty text falls too (`c4_lines` holds all of them).

use crate::config::params;
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::citations::citations;
use crate::text::{Span, View};

params! {
    /// Parameters of `citation_marks`.
    pub struct Params {}
}

signals! {
    /// What `citation_marks` measures.
    pub struct Signals {
        /// Marks removed.
        removed_marks: u64,
        /// Nothing of the text is left.
        empty: bool,
    }
}

/// The step.
pub struct CitationMarks;

impl Step for CitationMarks {
    const NAME: &'static str = "citation_marks";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("citation_marks.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(_params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl Edit for CitationMarks {
    const RULES: &'static [Rule] = &[Rule::never("empty", "empty")];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        spans.extend(citations(view.text()).map(|mark| Span::remove(mark.start, mark.end)));
        let removed = spans.iter().map(|span| span.end - span.start).sum::<usize>();
        Some(Signals { removed_marks: spans.len() as u64, empty: removed == view.text().len() })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, outcome, value};
    use crate::text::oracle::Oracle;

    fn edited(text: &str) -> (String, Option<&'static str>) {
        let outcome = outcome(&build("citation_marks", "").unwrap(), text);
        assert_eq!(
            value("citation_marks", &outcome, "removed_marks"),
            Some(outcome.spans.len() as f64)
        );
        (crate::text::apply(text, &outcome.spans), outcome.reason)
    }

    #[test]
    fn marks_go_and_spaces_stay() {
        let text = "A fact[1][22], another [citation needed]. [edit]\nx[] [note 1] [Edit] [[3]]";
        let left = "A fact, another . \nx [note 1] [Edit] []";
        assert_eq!(edited(text), (left.into(), None));
    }

    #[test]
    fn a_document_of_marks_alone_is_dropped() {
        assert_eq!(edited("[1][edit]"), (String::new(), Some("empty")));
        assert_eq!(edited(""), (String::new(), Some("empty")));
        assert_eq!(edited("[1]\n"), ("\n".into(), None));
    }

    #[test]
    fn texts_are_datatrove_s_and_dclm_s() {
        let Some(texts) = Oracle::texts() else { return };
        let Some(oracle) = Oracle::read("pii", &["text", "cite_text"]) else { return };
        let (made, theirs) = (oracle.strings("text"), oracle.strings("cite_text"));
        let texts = texts.into_iter().chain(made.into_iter().flatten());
        let rows: Vec<_> = texts.zip(theirs).collect();
        let equal =
            rows.iter().filter(|(text, theirs)| edited(text).0 == *theirs.as_ref().unwrap_or(text));
        let equal = equal.count();
        eprintln!("cite_text: {equal} of {} equal", rows.len());
        assert_eq!(equal, rows.len());
    }
}
