//! Counts the tokens that a trained model would see.
//!
//! # What it does
//! Tokenizes the text and counts. Nothing is dropped. Names of special tokens inside the text are
//! ordinary text, and no beginning or end of document is added.
//!
//! # Why
//! Budgets, epochs and the price of a filter are counted in tokens, not in documents.
//!
//! # Source
//! `r50k_base` (GPT-2's vocabulary) is the tokenizer of "A Bitter Lesson for Data Filtering" (arXiv
//! 2605.19407) and of FineWeb's `token_count`; the vocabularies of OpenAI are embedded.
//! `tokenizer.json` files are read by Hugging Face's own library.
//!
//! # Differences
//! A `tokenizer.json` is used without its post-processor, so that special tokens that it would add
//! around a text are not counted.

use std::path::PathBuf;

use crate::config::params;
use crate::steps::{Annotation, Build, Step, TextTokenizer, Vocabulary, signals};
use crate::text::View;

params! {
    /// Parameters of `token_count`.
    pub struct Params {
        /// An embedded vocabulary.
        tokenizer: Vocabulary = Vocabulary::R50k,
        /// A `tokenizer.json` to use instead.
        file: Option<PathBuf> = None,
    }
}

signals! {
    /// What `token_count` measures.
    pub struct Signals {
        /// Tokens of the text.
        tokens: u64,
    }
}

/// The step.
pub struct TokenCount(TextTokenizer);

impl Step for TokenCount {
    const NAME: &'static str = "token_count";
    const VERSION: u32 = 2;
    const SOURCE: &'static str = include_str!("token_count.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let Some(path) = &params.file else {
            return Some(Self(TextTokenizer::embedded(params.tokenizer)));
        };
        if build.gives("tokenizer") {
            build.fault("tokenizer", "`tokenizer` and `file` name two tokenizers; leave one out");
            return None;
        }
        Some(Self(build.text_tokenizer("file", path)?))
    }
}

impl Annotation for TokenCount {
    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        // A tokenizer without a token for the unknown refuses a text; then it does not apply.
        Some(Signals { tokens: self.0.count(view.text()).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::Value;
    use crate::steps::testing::{build, faults, outcome};

    fn count(parameters: &str, text: &str) -> Value {
        outcome(&build("token_count", parameters).unwrap(), text).values[0].clone()
    }

    #[test]
    fn counts_are_those_of_the_published_vocabularies() {
        let text = "Whether to filter is a question of compute; <|endoftext|> is plain text here.";
        let counts = ["r50k_base", "p50k_base", "cl100k_base", "o200k_base"]
            .map(|name| count(&format!("tokenizer = '{name}'"), text));
        // The first is OpenAI's own count; a name of a special token is no token here.
        assert_eq!(counts, [21, 21, 20, 21].map(Value::Integer));
        assert_eq!(count("", ""), Value::Integer(0));
    }

    #[test]
    fn long_runs_of_one_character_are_counted() {
        for text in [" ".repeat(200_000), "a".repeat(200_000), "\n ".repeat(100_000)] {
            assert!(matches!(count("", &text), Value::Integer(1..)));
        }
    }

    #[test]
    fn a_tokenizer_s_own_truncation_cuts_no_text() {
        let words = r#"{"version": "1.0", "truncation": {"direction": "Right", "max_length": 2,
            "strategy": "LongestFirst", "stride": 0}, "padding": null, "added_tokens": [],
            "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
            "post_processor": null, "decoder": null,
            "model": {"type": "WordLevel", "vocab": {"a": 0, "?": 1}, "unk_token": "?"}}"#;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tokenizer.json");
        std::fs::write(&path, words).unwrap();
        let parameters = format!("file = '{}'", path.display());
        assert_eq!(count(&parameters, "a b a c a"), Value::Integer(5));
    }

    #[test]
    fn two_tokenizers_or_a_broken_one_are_faults() {
        let both = faults("token_count", "tokenizer = 'r50k_base'\nfile = 'x.json'");
        assert!(both.contains("name two tokenizers"), "{both}");
        assert!(faults("token_count", "file = 'nowhere.json'").contains("nowhere.json"));
    }
}
