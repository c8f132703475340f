//! Keeps documents that an n-gram language model finds neither too surprising nor too familiar.
//!
//! # What it does
//! Scores the text with an n-gram model read from an ARPA file (plain or gzip) and holds its
//! perplexity against the bounds: ten to the power of minus the mean logarithm over words and ends
//! of sentences.
//!
//! The text is normalised first: `normalize = "ccnet"` strips it, writes it in lower case without
//! accents, every digit as 0, punctuation in ASCII, and leaves control characters out. It is then
//! cut into words: with `tokenizer` into the pieces of a Hugging Face `tokenizer.json` (to which
//! SentencePiece models convert), without at white space. `sentence` says what is scored between
//! the marks `<s>` and `</s>`: the whole document, or every line, empty lines too.
//!
//! A text without a word has no perplexity and is kept.
//!
//! # Why
//! A model of Wikipedia or news gives lists of keywords, tables and machine-made text a high
//! perplexity, and repeated boilerplate a low one, at a thousandth of the cost of a neural model.
//!
//! # Source
//! CCNet (Wenzek et al. 2019, arXiv 1911.00359): 5-grams of Wikipedia over SentencePiece pieces;
//! `perplexity.py` and `text_normalizer.py` of cc_net. Its cut into head, middle and tail is by
//! percentiles for each language (`cutoff.csv`): for English the head lies below 340, and the tail
//! begins at 520. data-juicer: `perplexity_filter`, the same models, at most 1500, not normalised.
//! Scores are KenLM's to the last bit (`src/ngram_lm/`).
//!
//! # Differences
//! - cc_net and data-juicer both score a page as one sentence: cc_net's normalisation removes line
//!   ends before it cuts into lines, data-juicer joins the pieces of all lines. That is
//!   `sentence = "document"`; `"line"` is what cc_net's `DocLM` does on lines that still are ones.
//! - cc_net joins the words around a line end or tab, which are control characters to it.
//!   `normalize = "ccnet"` does the same with `sentence = "document"`.
//! - The peers round to one decimal and count words at white space of Unicode, though KenLM scores
//!   words at ASCII white space; here both are KenLM's.
//! - A text of white space alone has no perplexity; data-juicer says 0.
//! - Pieces that the tokenizer does not know are looked up as they are written, as SentencePiece
//!   passes them on. Where two ways of cutting are equally probable, Hugging Face's library may
//!   choose another than SentencePiece (1 page in 70).
//! - KenLM's Python package stops reading at a NUL.
//! - Sums run in f32, as in KenLM: on a sentence of a million words the last digits suffer.
//! - KenLM binaries are not read; `build_binary` makes them from ARPA files.
//! - A model of single words is read too; without `</s>` among them no ends are counted. With
//!   frequencies as an ARPA file and words in lower case it nears datatrove's
//!   `UnigramLogProbFilter`, which averages natural logarithms over spaCy's words (above -10, that
//!   is a perplexity below 22,026) and gives unknown words 1e-9.

use std::path::PathBuf;

use super::pieces::Pieces;
use crate::config::{choice, params};
use crate::ngram_lm::{Model, Score, words};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::ccnet;

choice! {
    /// What is done to a text before it is cut into words.
    pub enum Normalize {
        /// cc_net's normalisation
        Ccnet = "ccnet",
        /// nothing
        None = "none",
    }
}

choice! {
    /// What a sentence is.
    pub enum Sentence {
        /// the whole text
        Document = "document",
        /// a line
        Line = "line",
    }
}

params! {
    /// Parameters of `perplexity`.
    pub struct Params {
        /// The language model: an ARPA file, plain or gzip.
        model: PathBuf,
        /// A `tokenizer.json` that cuts into the words of the model; white space does if off.
        tokenizer: Option<PathBuf> = None,
        /// What is done to the text first.
        normalize: Normalize = Normalize::Ccnet,
        /// What is scored as a sentence.
        sentence: Sentence = Sentence::Document,
        /// Least perplexity.
        min_perplexity: Option<f64> [perplexity, 0 ..= 1e300] = None,
        /// Largest perplexity.
        max_perplexity: Option<f64> [perplexity, 0 ..= 1e300] = Some(1500.0),
    }
}

signals! {
    /// What `perplexity` measures.
    pub struct Signals {
        /// The perplexity; null without words.
        perplexity: Option<f64>,
        /// Logarithm to the base of 10 of the probability of all sentences; null without words.
        log10_probability: Option<f64>,
        /// Words, or pieces, without the ends of sentences.
        tokens: u64,
        /// Those that the model does not list.
        unknown_tokens: u64,
        /// Sentences.
        sentences: u64,
    }
}

/// The step.
pub struct Perplexity {
    model: Model,
    pieces: Option<Pieces>,
    normalize: Normalize,
    sentence: Sentence,
}

impl Step for Perplexity {
    const NAME: &'static str = "perplexity";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("perplexity.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let pieces = match &params.tokenizer {
            Some(path) => Pieces::load("tokenizer", path, build).map(Some),
            None => Some(None),
        };
        let model = build.language_model("model", &params.model)?;
        let (normalize, sentence) = (params.normalize, params.sentence);
        Some(Self { model, pieces: pieces?, normalize, sentence })
    }
}

impl Filter for Perplexity {
    const RULES: &'static [Rule] = &[
        Rule::max("perplexity_too_high", "perplexity", "max_perplexity"),
        Rule::min("perplexity_too_low", "perplexity", "min_perplexity"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let mut total = Total::default();
        match self.sentence {
            Sentence::Document => total.add(self.score(view.text())?),
            Sentence::Line => {
                for line in view.text().split('\n') {
                    total.add(self.score(line)?);
                }
            }
        }
        Some(total.signals(self.model.scores_ends()))
    }
}

impl Perplexity {
    /// Scores a sentence; `None` where the tokenizer refuses it.
    fn score(&self, text: &str) -> Option<Score> {
        let text = match self.normalize {
            Normalize::Ccnet => ccnet::normalize(text),
            Normalize::None => text.into(),
        };
        match &self.pieces {
            None => Some(self.model.score(words(&text))),
            Some(pieces) => Some(self.model.score(words(&pieces.joined(&text)?))),
        }
    }
}

#[derive(Default)]
struct Total {
    log10_probability: f64,
    tokens: u64,
    unknown_tokens: u64,
    sentences: u64,
}

impl Total {
    fn add(&mut self, score: Score) {
        self.log10_probability += f64::from(score.log10_probability);
        self.tokens += score.tokens;
        self.unknown_tokens += score.unknown_tokens;
        self.sentences += 1;
    }

    fn signals(&self, scores_ends: bool) -> Signals {
        let ends = if scores_ends { self.sentences } else { 0 };
        let log10_probability = (self.tokens > 0).then_some(self.log10_probability);
        let perplexity = log10_probability.map(|log10_probability| {
            let mean = log10_probability / (self.tokens + ends) as f64;
            // A model of absurd weights could pass the largest number there is.
            10f64.powf(-mean).min(f64::MAX)
        });
        Signals {
            perplexity,
            log10_probability,
            tokens: self.tokens,
            unknown_tokens: self.unknown_tokens,
            sentences: self.sentences,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{assert_rules_from_both_sides, build, faults, outcome, value};

    const MODEL: &str = "\\data\\\nngram 1=5\nngram 2=2\n\n\\1-grams:\n-2\t<unk>\n0\t<s>\t-0.5\n\
        -1\t</s>\n-0.75\tthe\t-0.25\n-1.5\tmill\n\n\\2-grams:\n-0.25\t<s> the\n-0.5\tthe mill\n\n\
        \\end\\\n";

    /// The parameters of a step that uses the model above, with others.
    fn with_model(others: &str, test: impl FnOnce(&str)) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("m.arpa");
        std::fs::write(&path, MODEL).unwrap();
        test(&format!("model = '{}'\n{others}", path.display()));
    }

    fn values(toml: &str, text: &str) -> [Option<f64>; 5] {
        let outcome = outcome(&build("perplexity", toml).unwrap(), text);
        ["perplexity", "log10_probability", "tokens", "unknown_tokens", "sentences"]
            .map(|signal| value("perplexity", &outcome, signal))
    }

    #[test]
    fn a_document_is_one_sentence() {
        with_model("normalize = 'none'", |toml| {
            // the -0.25, mill -0.5, The -2, </s> -1.
            let expected = [10f64.powf(3.75 / 4.0), -3.75, 3.0, 1.0, 1.0].map(Some);
            assert_eq!(values(toml, "the\nmill The\n"), expected);
            assert_eq!(values(toml, " \n"), [None, None, Some(0.0), Some(0.0), Some(1.0)]);
        });
    }

    #[test]
    fn ccnet_joins_the_words_around_a_line_end() {
        with_model("", |toml| {
            // themill: -0.5 - 2, the: -0.75, </s>: -0.25 - 1.
            let expected = [10f64.powf(4.5 / 3.0), -4.5, 2.0, 1.0, 1.0].map(Some);
            assert_eq!(values(toml, "Thé\nMILL the"), expected);
        });
    }

    #[test]
    fn lines_can_be_sentences_empty_ones_too() {
        with_model("sentence = 'line'", |toml| {
            // the -0.25, </s> -1.25; </s> -1.5; mill -2, </s> -1.
            let expected = [10f64.powf(6.0 / 5.0), -6.0, 2.0, 0.0, 3.0].map(Some);
            assert_eq!(values(toml, "The\n\nMill"), expected);
        });
    }

    #[test]
    fn each_bound_is_inclusive() {
        with_model("", |toml| {
            for text in ["the mill", "the sparrow", ""] {
                assert_rules_from_both_sides("perplexity", toml, text);
            }
        });
    }

    #[test]
    fn models_that_cannot_be_read_are_faults() {
        assert!(faults("perplexity", "model = 'none.arpa'").contains("cannot read `none.arpa`"));
        with_model("tokenizer = 'none.json'", |toml| {
            assert!(faults("perplexity", toml).contains("cannot read `none.json`"));
        });
        with_model("max_perplexity = 'off'", |toml| {
            assert!(faults("perplexity", toml).contains("every bound is off"));
        });
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bad.arpa");
        std::fs::write(&path, MODEL.replace("-0.5\tthe mill", "-0.5\tthe miller")).unwrap();
        let found = faults("perplexity", &format!("model = '{}'", path.display()));
        assert!(found.contains("line 14: `miller` is not among the 1-grams"), "{found}");
    }
}
