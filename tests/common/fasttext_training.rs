//! Trains small supervised fastText models for tests.
//!
//! A test file takes it in with
//! `#[path = "common/fasttext_training.rs"] mod fasttext_training;`.

use std::io::Write as _;
use std::path::Path;

use fasttext::FastText;
use fasttext::args::{Args, LossName};

/// What is to be trained; `..Training::default()` fills in the rest.
pub(crate) struct Training {
    /// `LossName::{Softmax, HierarchicalSoftmax, OneVsAll, NegativeSampling}`.
    pub(crate) loss: LossName,
    /// Word n-grams up to this many words; 1 means none.
    pub(crate) word_ngrams: i32,
    /// Character n-grams from and to these lengths; `(0, 0)` means none.
    pub(crate) chars: (i32, i32),
    /// Columns of the matrices.
    pub(crate) dim: i32,
    /// Rows that n-grams share; used only if there are n-grams.
    pub(crate) bucket: i32,
}

impl Default for Training {
    fn default() -> Self {
        Self { loss: LossName::Softmax, word_ngrams: 1, chars: (0, 0), dim: 10, bucket: 2000 }
    }
}

impl Training {
    /// Trains on lines such as `__label__good some words`; the same lines give the same model.
    pub(crate) fn train(&self, lines: &[String]) -> FastText {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(lines.join("\n").as_bytes()).expect("lines are written");
        file.write_all(b"\n").expect("lines are written");
        let mut args = Args::new();
        args.apply_supervised_defaults();
        args.input = file.path().to_owned();
        args.loss = self.loss;
        args.word_ngrams = self.word_ngrams;
        (args.minn, args.maxn) = self.chars;
        args.bucket = if self.word_ngrams > 1 || args.maxn > 0 { self.bucket } else { 0 };
        args.dim = self.dim;
        args.epoch = 10;
        args.lr = 0.5;
        // One thread: several would race, and no two models would be equal.
        args.thread = 1;
        args.verbose = 0;
        FastText::train(args).expect("training succeeds")
    }

    /// Trains and writes a `.bin` file.
    #[allow(dead_code, reason = "each test file uses a part of these helpers")]
    pub(crate) fn write(&self, lines: &[String], path: &Path) {
        self.train(lines).save_model(path).expect("the model is written");
    }
}

/// Labelled lines on four subjects (`sea`, `wood`, `town`, `sky`), unevenly many of each; always
/// the same ones.
pub(crate) fn labelled_lines(count: usize) -> Vec<String> {
    let subjects: [(&str, &[&str]); 4] = [
        ("sea", &["wave", "tide", "harbour", "Möwe", "sail", "reef", "salt", "море", "anchor"]),
        ("wood", &["oak", "moss", "Fährte", "owl", "fern", "trail", "bark", "лес", "acorn"]),
        ("town", &["street", "tram", "café", "market", "bridge", "tower", "square", "город"]),
        ("sky", &["cloud", "wind", "star", "kite", "dawn", "thunder", "небо", "aurora"]),
    ];
    let common = ["the", "a", "over", "under", "and", "was", "seen", "quite", "again", "by"];
    let mut state = 1_u32;
    // A linear congruential generator; its high bits are the good ones.
    let mut below = |bound: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % bound
    };
    let mut line = || {
        let (label, words) = subjects[below(10).saturating_sub(6)];
        let mut line = format!("__label__{label}");
        for _ in 0..4 + below(12) {
            let word = if below(2) == 0 {
                common[below(common.len())]
            } else if below(8) == 0 {
                let (_, others) = subjects[below(4)];
                others[below(others.len())]
            } else {
                words[below(words.len())]
            };
            line.push(' ');
            line.push_str(word);
        }
        line
    };
    (0..count).map(|_| line()).collect()
}
