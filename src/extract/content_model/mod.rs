//! The content model: how likely each block of a page is part of its main content.
//!
//! Boosted trees in two stages. The first judges each block by its [`Features`] and by what words
//! of classes around it, and words of its text if it is short, weigh on their own. The second
//! judges it again, and knows what the first said of the blocks before and behind it, of those in
//! the same elements and of those of the same path: so a paragraph among paragraphs stays, and a
//! list of teasers goes as a whole. Both know comments of readers as no content, unless the page is
//! there for them; whether one of these is text that a reader wrote, trees of their own say, which
//! are asked where comments are to be kept.
//!
//! The trees are oblivious (one question a level), so that a tree is a handful of comparisons and
//! one look-up, without branches. They and the weights of words are a table in the source tree,
//! `weights.txt`, which `benches/extraction/train.py` writes; its head says of what. All arithmetic
//! is on floats in one order and without functions that machines compute differently, so that a
//! page has the same probabilities everywhere.

mod lexicon;
mod neighbours;
mod table;
mod trees;

use std::sync::LazyLock;

use super::features::{Features, WIDTH};
use lexicon::Lexicon;
use neighbours::Neighbours;
use trees::{Columns, Trees};

/// What a table holds.
#[derive(Debug, Default)]
struct Model {
    lexicon: Lexicon,
    first: Trees,
    second: Trees,
    /// Over what the first stage sees.
    comments: Trees,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    // A table that cannot be read does not pass the tests; past them, every page would be a failure.
    table::read(include_str!("weights.txt"))
        .unwrap_or_else(|line| panic!("line {line} of the content model's table cannot be read"))
});

/// The probability of each block of a page being main content, 0 to 1, in order; or of being that or
/// the text of a reader's comment.
pub(super) fn probabilities(page: &Features<'_>, with_comments: bool) -> Vec<f32> {
    let model = &*MODEL;
    let mut inputs = Vec::with_capacity(page.len() * lexicon::NAMES.len());
    model.lexicon.weigh(page, &mut inputs);
    let words = |number: usize| &inputs[number * lexicon::NAMES.len()..][..lexicon::NAMES.len()];

    let mut first = Vec::with_capacity(page.len());
    let mut columns = Columns::new(WIDTH + lexicon::NAMES.len());
    let mut comments = with_comments.then(|| CommentJudge::new(model));
    page.each_row(|number, row| {
        columns.push(row.iter().chain(words(number)));
        if let Some(comments) = &mut comments
            && page.is_comment(number)
        {
            comments.push(number, row.iter().chain(words(number)));
        }
        if columns.is_full() {
            model.first.judge(&mut columns, &mut first);
        }
    });
    model.first.judge(&mut columns, &mut first);

    let neighbours = Neighbours::of(page, &first);
    let mut second = Vec::with_capacity(page.len());
    let mut columns = Columns::new(WIDTH + lexicon::NAMES.len() + neighbours::NAMES.len());
    page.each_row(|number, row| {
        let beside = neighbours.row(page, number);
        columns.push(row.iter().chain(words(number)).chain(&beside));
        if columns.is_full() {
            model.second.judge(&mut columns, &mut second);
        }
    });
    model.second.judge(&mut columns, &mut second);
    for (number, logit) in comments.into_iter().flat_map(CommentJudge::finish) {
        second[number] = second[number].max(logit);
    }
    for logit in &mut second {
        *logit = probability(*logit);
    }
    second
}

/// Judges blocks among the comments of readers.
struct CommentJudge<'m> {
    trees: &'m Trees,
    columns: Columns,
    numbers: Vec<usize>,
    logits: Vec<f32>,
}

impl<'m> CommentJudge<'m> {
    fn new(model: &'m Model) -> Self {
        let columns = Columns::new(WIDTH + lexicon::NAMES.len());
        Self { trees: &model.comments, columns, numbers: Vec::new(), logits: Vec::new() }
    }

    fn push<'a>(&mut self, number: usize, row: impl Iterator<Item = &'a f32>) {
        self.numbers.push(number);
        self.columns.push(row);
        if self.columns.is_full() {
            self.trees.judge(&mut self.columns, &mut self.logits);
        }
    }

    /// The blocks and their logits.
    fn finish(mut self) -> impl Iterator<Item = (usize, f32)> {
        self.trees.judge(&mut self.columns, &mut self.logits);
        self.numbers.into_iter().zip(self.logits)
    }
}

/// The logistic function, of additions and multiplications only.
fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + exp2(-logit.clamp(-40.0, 40.0) * std::f32::consts::LOG2_E))
}

/// 2 to the power of `x`, for |x| < 64; within 1e-6 of it, relatively.
fn exp2(x: f32) -> f32 {
    let whole = x.floor();
    let part = x - whole;
    // Taylor's series of 2^part around 1/2: six terms reach the precision of f32.
    let t = (part - 0.5) * std::f32::consts::LN_2;
    let series = 1.0 + t * (1.0 + t * (1.0 / 2.0 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t / 120.0))));
    let power = f32::from_bits(((whole as i32 + 127) as u32) << 23);
    power * std::f32::consts::SQRT_2 * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::ExtractorKind;

    #[test]
    fn the_table_in_the_source_can_be_read() {
        let model = table::read(include_str!("weights.txt")).unwrap();
        assert!(model.first.len() > 50 && model.second.len() > 50);
        assert!(model.comments.len() > 20 && model.lexicon.len() > 500);
    }

    #[test]
    fn another_table_is_another_version_of_the_extractor() {
        let digest = crate::digest::sha256_hex(include_bytes!("weights.txt"));
        assert_eq!(
            (&digest[..16], ExtractorKind::MainContent.version()),
            ("9acd937f97f11fd1", 3),
            "raise the version with the table: it is what tells a run of one from a run of another"
        );
    }

    #[test]
    fn the_logistic_function_is_close_to_the_library_s() {
        for step in -400..=400 {
            let logit = step as f32 / 10.0;
            let expected = 1.0 / (1.0 + (-f64::from(logit)).exp());
            let error = (f64::from(probability(logit)) - expected).abs() / expected;
            assert!(error < 1e-5, "{logit}: {error}");
        }
    }
}
