//! Drops documents of which the edits since an earlier step removed too large a share of the words.
//!
//! # What it does
//! Takes the count of words that the step named in `since` (a `word_count`) measured, counts the
//! words of the text again in the same way, and bounds the share that is gone.
//!
//! # Why
//! A page of which one line in ten was boilerplate is boilerplate for the most part; what the line
//! rules leave of it are fragments without their context.
//!
//! # Source
//! RefinedWeb (arXiv 2306.01116, appendix G.2: more than 5 % of the words removed). DCLM
//! `word_removal_ratio_filter` (content_filters.py), step 23 of `dclm_baseline_refinedweb.yaml`:
//! (before − now) / before > 0.05, words as fastText cuts them.
//!
//! # Differences
//! A document that had no words before has no ratio and passes; DCLM drops it. (No such document
//! gets past the bounds on words that stand before in DCLM's configuration.) The ratio is negative
//! where edits made words: what begins with a bracket is none of fastText's, until the bracket goes.

use crate::config::params;
use crate::steps::annotations::word_count::{WordCount, Words};
use crate::steps::{Build, Derived, Input, Rule, Step, Value, signals};
use crate::text::View;

params! {
    /// Parameters of `word_removal_ratio`.
    pub struct Params {
        /// The step `word_count`, by its name in the pipeline, since which removed words count.
        since: String = "word_count".to_owned(),
        /// Largest share of words removed.
        max_removed_word_ratio: f64 [ratio, 0 ..= 1] = 0.05,
    }
}

signals! {
    /// What `word_removal_ratio` measures.
    pub struct Signals {
        /// Words that there were before.
        previous_words: u64,
        /// Words that there are.
        words: u64,
        /// Share of the words that is gone; null where there were none.
        removed_word_ratio: Option<f64>,
    }
}

/// The step.
pub struct WordRemovalRatio {
    since: Input,
    words: Words,
}

impl Step for WordRemovalRatio {
    const NAME: &'static str = "word_removal_ratio";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("word_removal_ratio.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let place = 0..params.since.len();
        let (since, _) = build.input("since", place, &params.since, "words")?;
        let counts = build.earlier().iter().find(|step| step.name == params.since)?;
        if counts.step_type.name != WordCount::NAME {
            let message = format!("`{}` is no `{}`", params.since, WordCount::NAME);
            build.fault("since", message).label = "counts other words".into();
            return None;
        }
        // Without parameters the step itself has a fault, which is reported there.
        let words = Words::of(&counts.params).unwrap_or(Words::FastText);
        Some(Self { since, words })
    }
}

impl Derived for WordRemovalRatio {
    const RULES: &'static [Rule] =
        &[Rule::max("too_many_words_removed", "removed_word_ratio", "max_removed_word_ratio")];

    fn inputs(&self) -> &[Input] {
        std::slice::from_ref(&self.since)
    }

    fn derive(&self, view: &View<'_>, inputs: &[Value]) -> Option<Signals> {
        let previous_words = match inputs {
            [Value::Integer(words)] => words.unsigned_abs(),
            _ => return None,
        };
        let words = self.words.count(view);
        let removed_word_ratio = removed_ratio(previous_words, words);
        Some(Signals { previous_words, words, removed_word_ratio })
    }
}

/// The share of words that is gone; null where there were none before.
pub(crate) fn removed_ratio(previous_words: u64, words: u64) -> Option<f64> {
    let removed = previous_words as f64 - words as f64;
    (previous_words > 0).then(|| removed / previous_words as f64)
}

#[cfg(test)]
mod tests {
    use super::removed_ratio;
    use crate::plan::tests::try_plan;

    #[test]
    fn it_takes_from_a_word_count_that_stands_before() {
        let plan = |steps: &str| {
            let text = format!("name = 'x'\n{steps}[[step]]\nuse = 'word_removal_ratio'\n");
            try_plan(&text).map(|_| ()).map_err(|error| error.to_string())
        };
        let count = "[[step]]\nuse = 'word_count'\n";
        assert_eq!(plan(count), Ok(()));
        let alone = plan("").unwrap_err();
        assert!(alone.contains("no step before is called `word_count`"), "{alone}");
        let other = plan("[[step]]\nuse = 'length'\nas = 'word_count'\n").unwrap_err();
        assert!(other.contains("`word_count` is no `word_count`"), "{other}");
    }

    #[test]
    fn the_ratio_is_that_of_the_words_that_are_gone() {
        assert_eq!(removed_ratio(100, 95), Some(0.05));
        assert_eq!(removed_ratio(3, 2), Some(1.0 / 3.0));
        assert_eq!(removed_ratio(7, 7), Some(0.0));
        assert_eq!(removed_ratio(7, 0), Some(1.0));
        assert_eq!(removed_ratio(4, 5), Some(-0.25), "an edit may make words");
    }

    #[test]
    fn without_words_before_there_is_no_ratio() {
        assert_eq!(removed_ratio(0, 0), None);
        assert_eq!(removed_ratio(0, 3), None);
    }
}
