//! fastText models, read by their format: prediction only.
//!
//! Reads supervised models of format versions 11 and 12, dense (`.bin`) and product-quantised
//! (`.ftz`), pruned or not, of every loss (hierarchical softmax, softmax, negative sampling,
//! one-vs-all), with word n-grams and character n-grams. Labels and probabilities are those of
//! the reference implementation (C++ fastText 0.9.2 and its Python package): sums run in its
//! order in f32, its table-driven sigmoid and its `ln(p + 1e-5)` are kept, and ties between
//! labels fall as they do there.
//!
//! What the reference does to a text is kept too:
//! - Words end at space, `\t`, `\n`, `\v`, `\f`, `\r` and NUL, at no other white space.
//! - The end-of-line token `</s>` follows the last word, so that even an empty text has a
//!   feature if the model knows that token. A literal `</s>` in the text hides what follows it.
//! - Tokens that are labels of the model or begin with `__label__` are left out.
//!
//! **Line ends.** The reference reads up to the first `\n`, and its Python package refuses texts
//! with one; pipelines therefore replace `\n` by a space first. Here a text is always one line and
//! `\n` is white space, which gives the same features as that replacement.
//!
//! Two departures: numbers no training yields (NaN, infinite, beyond 1e8) are refused on reading,
//! where the reference throws when it meets a NaN; and models for word vectors are refused.
//!
//! ```no_run
//! use gristmill::fasttext::{Model, Scratch};
//!
//! let model = Model::open("lid.176.ftz".as_ref())?;
//! let mut scratch = Scratch::default(); // one per thread
//! if let Some(best) = model.predict("Dies ist ein deutscher Satz.", &mut scratch) {
//!     assert_eq!(model.labels()[best.label], "de");
//! }
//! # Ok::<(), gristmill::fasttext::ModelError>(())
//! ```

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::path::Path;

mod best;
mod cache;
mod dictionary;
mod error;
mod features;
mod hashing;
mod header;
mod loss;
mod matrix;
mod source;
#[cfg(test)]
mod tests;

pub use error::ModelError;

use best::{Best, Scored};
use dictionary::Dictionary;
use features::{FeatureScratch, Features};
use header::Header;
use loss::{Output, OutputScratch};
use matrix::Matrix;
use source::Source;

/// A quantised input matrix is decoded on reading if its dense form takes at most this.
///
/// Its size is checked against the codes that were read; lid.176.ftz takes 3.2 MB.
const MAX_DECODED_BYTES: u64 = 64 << 20;

/// Rows are added up in batches of this many, small enough to stay cached while a batch of wide
/// rows is passed over several times.
const BATCH_ROWS: usize = 128;

/// A supervised fastText model: judges texts, can be shared between threads.
pub struct Model {
    features: Features,
    input: Matrix,
    output: Output,
    dim: usize,
    sha256: String,
}

/// Buffers of a prediction, to be kept from text to text: one per thread and model.
///
/// Another model may be used with it, but then starts without the words remembered.
#[derive(Debug, Default)]
pub struct Scratch {
    features: FeatureScratch,
    rows: Vec<u32>,
    hidden: Vec<f32>,
    output: OutputScratch,
    best: Vec<Scored>,
}

/// Runs predictions with the calling thread's own buffers.
pub fn with_scratch<T>(predict: impl FnOnce(&mut Scratch) -> T) -> T {
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::default();
    }
    SCRATCH.with_borrow_mut(predict)
}

/// A label and its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Index into [`Model::labels`].
    pub label: usize,
    /// Between 0 and 1, or above 1 by at most about 1e-5 as in the reference.
    pub probability: f32,
}

impl Model {
    /// Reads a model file, `.bin` or `.ftz`.
    ///
    /// No size stated in the file drives an allocation larger than the file. A quantised input
    /// matrix that was read is decoded if that takes at most 64 MiB.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no fastText model, of another version, for word vectors only,
    /// truncated, or damaged.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let open_error = |source| ModelError::Open { path: path.to_owned(), source };
        let file = File::open(path).map_err(open_error)?;
        let metadata = file.metadata().map_err(open_error)?;
        // Pipes and devices state no length.
        let total_bytes = metadata.is_file().then_some(metadata.len());
        Self::read_source(Source::new(file, total_bytes))
    }

    /// Reads a model from a stream, up to the stream's end; bytes after the model count for
    /// nothing but [`Self::sha256`].
    ///
    /// Without a known length, allocations grow with what has arrived, to at most about twice it.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn read<R: Read>(reader: R) -> Result<Self, ModelError> {
        Self::read_source(Source::new(reader, None))
    }

    fn read_source<R: Read>(mut source: Source<R>) -> Result<Self, ModelError> {
        let header = Header::read(&mut source)?;
        let dictionary = Dictionary::read(&mut source)?;
        let input_quantised = source.flag("the flag of a quantised input matrix")?;
        let input = Matrix::read(&mut source, "the input matrix", input_quantised)?;
        let output_quantised = source.flag("the flag of a quantised output matrix")?;
        let output =
            Matrix::read(&mut source, "the output matrix", input_quantised && output_quantised)?;
        let sha256 = source.finish()?;

        check_shapes(&header, &dictionary, &input, &output)?;
        if dictionary.is_pruned() && !input_quantised {
            return Err(ModelError::Damaged("a pruned dictionary with a dense matrix".into()));
        }
        let output = Output::new(output, header.loss, dictionary.label_counts())?;
        Ok(Self {
            input: input.decode_up_to(MAX_DECODED_BYTES),
            output,
            dim: header.dim as usize,
            features: Features::new(&header, dictionary, &sha256),
            sha256,
        })
    }

    /// The labels in the model's order, without the prefix `__label__`; a label that has another
    /// prefix keeps it.
    pub fn labels(&self) -> &[String] {
        self.features.dictionary.labels()
    }

    /// The SHA-256 of the whole file, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The most probable label of a text, taken as one line.
    ///
    /// `None` if the text has no feature the model knows, or, as in the reference, if
    /// hierarchical softmax leaves every label below 1e-5. Of labels that tie, the one the
    /// reference names for `k = 1`; it need not be the one it lists first for a larger `k`.
    pub fn predict(&self, text: &str, scratch: &mut Scratch) -> Option<Prediction> {
        self.collect(text, 1, 0.0, scratch);
        scratch.best.first().map(prediction)
    }

    /// The at most `k` most probable labels of at least `threshold`, best first, into `out`.
    ///
    /// `out` is emptied first and stays empty where [`Self::predict`] gives `None`. `usize::MAX`
    /// asks for all labels; with hierarchical softmax a threshold below 0 is needed to get those
    /// below 1e-5.
    pub fn predict_k(
        &self,
        text: &str,
        k: usize,
        threshold: f32,
        scratch: &mut Scratch,
        out: &mut Vec<Prediction>,
    ) {
        self.collect(text, k, threshold, scratch);
        out.clear();
        out.extend(scratch.best.iter().map(prediction));
    }

    /// The most probable label, as [`Self::predict`] gives it, and every label into `out`, best first.
    ///
    /// For the price of one prediction; `out` is as [`Self::predict_k`] leaves it for all labels.
    pub fn predict_all(
        &self,
        text: &str,
        scratch: &mut Scratch,
        out: &mut Vec<Prediction>,
    ) -> Option<Prediction> {
        self.collect(text, 1, 0.0, scratch);
        let top = scratch.best.first().map(prediction);
        out.clear();
        // The hidden vector of the text is still there.
        if top.is_some() {
            let mut all = Best::new(&mut scratch.best, usize::MAX);
            self.output.collect(&scratch.hidden, -1.0, &mut scratch.output, &mut all);
            all.sort();
            out.extend(scratch.best.iter().map(prediction));
        }
        top
    }

    /// The probability of one label, the same number that [`Self::predict_k`] gives it.
    ///
    /// With hierarchical softmax only the label's own path is computed, with one-vs-all only its
    /// own row. `None` if the text has no feature the model knows, or there is no such label.
    pub fn probability_of(&self, text: &str, label: usize, scratch: &mut Scratch) -> Option<f32> {
        self.best_probability_of(text, &[label], scratch)
    }

    /// The probability of the most probable of some labels, each as [`Self::probability_of`] gives
    /// it.
    pub fn best_probability_of(
        &self,
        text: &str,
        labels: &[usize],
        scratch: &mut Scratch,
    ) -> Option<f32> {
        if !self.fill_hidden(text, scratch) {
            return None;
        }
        let known = labels.iter().filter(|&&label| label < self.labels().len());
        known
            .map(|&label| loss::exp(self.output.score(&scratch.hidden, label, &mut scratch.output)))
            .reduce(f32::max)
    }

    fn collect(&self, text: &str, k: usize, threshold: f32, scratch: &mut Scratch) {
        let found = self.fill_hidden(text, scratch);
        let mut best = Best::new(&mut scratch.best, k);
        if found {
            self.output.collect(&scratch.hidden, threshold, &mut scratch.output, &mut best);
        }
        best.sort();
    }

    /// Averages the rows of the text's features; false if it has none.
    fn fill_hidden(&self, text: &str, scratch: &mut Scratch) -> bool {
        let Scratch { features, rows, hidden, .. } = scratch;
        hidden.clear();
        hidden.resize(self.dim, 0.0);
        rows.clear();
        let mut count = 0_u64;
        self.features.each_row(text, features, |row| {
            rows.push(row);
            if rows.len() == BATCH_ROWS {
                self.input.add_rows(rows, hidden);
                count += rows.len() as u64;
                rows.clear();
            }
        });
        self.input.add_rows(rows, hidden);
        count += rows.len() as u64;
        let scale = (1.0 / count as f64) as f32;
        hidden.iter_mut().for_each(|value| *value *= scale);
        count > 0
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("sha256", &self.sha256)
            .field("labels", &self.labels().len())
            .field("dim", &self.dim)
            .finish_non_exhaustive()
    }
}

fn prediction(scored: &Scored) -> Prediction {
    Prediction { label: scored.label as usize, probability: loss::exp(scored.score) }
}

/// Every row that features, labels and tree nodes can name must be there.
fn check_shapes(
    header: &Header,
    dictionary: &Dictionary,
    input: &Matrix,
    output: &Matrix,
) -> Result<(), ModelError> {
    let buckets = if header.hashes_ngrams() { header.bucket } else { 0 };
    let (rows, labels) = (dictionary.rows_needed(buckets), dictionary.labels().len() as u64);
    let dim = u64::from(header.dim);
    if input.rows() < rows || input.cols() != dim {
        return Err(ModelError::Damaged(format!(
            "the input matrix is {} × {}, {rows} × {dim} are needed",
            input.rows(),
            input.cols()
        )));
    }
    if output.rows() != labels || output.cols() != dim {
        return Err(ModelError::Damaged(format!(
            "the output matrix is {} × {}, not {labels} × {dim}",
            output.rows(),
            output.cols()
        )));
    }
    Ok(())
}
