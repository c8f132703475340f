//! Drops documents that share word n-grams with given texts, such as benchmarks.
//!
//! # What it does
//! Takes every run of `ngram` words of the given texts and looks for it in the document. Words are
//! runs of letters and digits in lower case, with the marks on them; apostrophes and invisible
//! characters do not count, anything else divides words. In scripts that are written without spaces
//! (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each letter is a word.
//!
//! A text that is shorter than `ngram` words is looked for as a whole, if it has `min_text_words`;
//! shorter ones are passed over. N-grams of more than `max_ngram_texts` of the texts, such as the
//! prompts of a benchmark, do not count.
//!
//! `matched_ngrams` counts places of the document where an n-gram of the texts begins, and
//! `matched_word_ratio` the words under them. `text_ngram_ratio` turns it round: it is the share of
//! the different n-grams of one text that are in the document, of the text where it is highest;
//! `text` names this text by file and line.
//!
//! `texts` are files, plain, gzip or zstd. Where a name ends in `.jsonl`, `.ndjson` or `.json`, before
//! `.gz` or `.zst`, each line is an object, and what stands in `text_fields` are texts, each on its
//! own: strings, and the strings of lists; dots reach into objects. In other files each line is a text.
//!
//! # Why
//! A model that has seen a test is not tested by it.
//!
//! # Source
//! GPT-3 (arXiv 2005.14165, appendix C): 13-grams of words in lower case without punctuation; no
//! n-gram below 8 words, since shorter ones match by chance. `max_text_ngram_ratio` is the measure of
//! PaLM (arXiv 2204.02311, section 8), which takes a test for seen if 70 % of its 8-grams are: `ngram =
//! 8`, `max_text_ngram_ratio = 0.7`, `max_matched_ngrams = "off"`. Tülu 3 (arXiv 2411.15124) drops
//! training examples that hold half of a test's tokens in 8-grams. datatrove: `NGramsDecontFilter`
//! drops at the first match of 12 words.
//!
//! # Differences
//! GPT-3 cuts the matched words out with 200 characters on either side, drops pieces below 200
//! characters, and drops a document only if it falls into more than 10 pieces; one match for the whole
//! document is what it began with, and what cost it long books that quote. `max_matched_ngrams` allows
//! for these. It passes over 13-grams that are in more than 10 training documents, which no document
//! tells by itself; `max_ngram_texts` counts the given texts. Words there are divided by white space
//! alone, so that `state-of-the-art` is one; here four, however it is written. PaLM asks whether a
//! test's n-grams are anywhere in the corpus, here whether they are in one document; Llama 3 (arXiv
//! 2407.21783) and Tülu 3 count the tokens under n-grams, here n-grams are counted.
//!
//! N-grams are kept as 61-bit hashes, in about 20 bytes each, three times that while they are read,
//! and in 4 for each further text that has them. Among ten million, a document of a thousand words
//! matches one by mistake once in 200 million times.

use std::path::PathBuf;

use crate::config::params;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

use super::ratio;

mod index;
#[cfg(test)]
mod tests;
mod words;

use index::{Index, Reading};

params! {
    /// Parameters of `decontamination`.
    pub struct Params {
        /// Files of the texts that documents may not overlap with.
        texts: Vec<PathBuf>,
        /// Fields of JSON lines that hold texts; each is a text of its own.
        text_fields: Vec<String> = vec!["text".to_owned()],
        /// Words of an n-gram.
        ngram: u64 [words, 2 ..= 100] = 13,
        /// Fewest words of a text that is looked for; one of fewer than `ngram` is as a whole.
        min_text_words: u64 [words, 1 ..= 1000] = 8,
        /// Most texts that have an n-gram that counts.
        max_ngram_texts: Option<u64> [texts, 1 ..= 1_000_000_000] = None,
        /// Most n-grams of the texts.
        max_matched_ngrams: Option<u64> [ngrams, 0 ..= 1_000_000_000] = Some(0),
        /// Largest share of the document's words that are in n-grams of the texts.
        max_matched_word_ratio: Option<f64> [ratio, 0 ..= 1] = None,
        /// Largest share of a text's n-grams that are in the document.
        max_text_ngram_ratio: Option<f64> [ratio, 0 ..= 1] = None,
    }
}

signals! {
    /// What `decontamination` measures.
    pub struct Signals {
        /// N-grams of the texts in the document, all occurrences.
        matched_ngrams: u64,
        /// Words in n-grams of the texts, of all words; null without words.
        matched_word_ratio: Option<f64>,
        /// Highest share of the different n-grams of one text that are in the document.
        text_ngram_ratio: f64,
        /// This text, the first of several: the file as the pipeline names it, `:`, and the line;
        /// null if nothing matched.
        text: Option<String>,
    }
}

/// The step.
pub struct Decontamination {
    index: Index,
    /// The files as the pipeline names them.
    files: Vec<String>,
}

impl Step for Decontamination {
    const NAME: &'static str = "decontamination";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("decontamination.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let mut reading = Reading::new(params.ngram as usize, params.min_text_words as usize);
        let mut used = vec![false; params.texts.len()];
        build.texts("texts", &params.texts, &params.text_fields, |file, line, text| {
            used[file] |= reading.add(file, line, text);
        })?;
        let mut sound = Some(());
        for (index, path) in params.texts.iter().enumerate().filter(|(index, _)| !used[*index]) {
            let least = params.min_text_words;
            let message = format!("no text of `{}` has {least} words", path.display());
            build.fault_in_list("texts", index, message).help =
                Some("shorter texts would match by chance; `min_text_words` is the bound".into());
            sound = None;
        }
        sound?;
        let index = match reading.finish(params.max_ngram_texts) {
            Ok(index) => index,
            Err(what) => {
                build.fault("texts", what);
                return None;
            }
        };
        if index.is_empty() {
            build.fault("max_ngram_texts", "no n-gram is in so few texts: nothing could match");
            return None;
        }
        let files = params.texts.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        Some(Self { index, files })
    }
}

impl Filter for Decontamination {
    const RULES: &'static [Rule] = &[
        Rule::max("too_many_matched_ngrams", "matched_ngrams", "max_matched_ngrams"),
        Rule::max("too_many_matched_words", "matched_word_ratio", "max_matched_word_ratio"),
        Rule::max("too_much_of_a_text", "text_ngram_ratio", "max_text_ngram_ratio"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let found = self.index.find(view.text());
        let name = |(file, line): (usize, u64)| {
            let file = self.files.get(file).map(String::as_str).unwrap_or_default();
            format!("{file}:{line}")
        };
        Some(Signals {
            matched_ngrams: found.ngrams,
            matched_word_ratio: ratio(found.matched_words, found.words),
            text_ngram_ratio: found.text_ratio,
            text: found.text.map(name),
        })
    }
}
