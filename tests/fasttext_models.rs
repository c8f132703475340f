//! The fastText reader against models as they are trained and published.

use std::fs::File;
use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Float64Type;
use arrow_array::{Array as _, RecordBatch};
use fasttext::FastText;
use fasttext::args::LossName;
use gristmill::fasttext::{Model, Scratch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

#[path = "common/fasttext_training.rs"]
mod fasttext_training;
use fasttext_training::{Training, labelled_lines};

/// Allowed difference of a probability.
const TOLERANCE: f32 = 1e-5;

fn read(model: &FastText) -> Model {
    let mut bytes = Vec::new();
    model.save(&mut bytes).expect("the model is written");
    Model::read(&bytes[..]).expect("a trained model is read")
}

/// Asserts that `ours` ranks every text as the crate does.
///
/// The crate leaves the end-of-line token out of word n-grams, where the reference has it in;
/// given as a word of the line it gets its due.
fn assert_same_rankings(ours: &Model, theirs: &FastText, name: &str) {
    let (mut scratch, mut ranking) = (Scratch::default(), Vec::new());
    let texts = labelled_lines(300);
    let texts = texts.iter().map(|line| line.split_once(' ').map_or("", |(_, text)| text));
    for text in texts.chain(["", "unknown Wörter только", "wave oak tram </s> cloud"]) {
        let (mut words, mut labels) = (Vec::new(), Vec::new());
        theirs.dict().get_line_from_str(&format!("{text} </s>"), &mut words, &mut labels);
        let expected = theirs.predict_on_words(&words, 4, 0.0);
        ours.predict_k(text, 4, 0.0, &mut scratch, &mut ranking);
        assert_eq!(ranking.len(), expected.len(), "{name}: {text}");
        for (found, expected) in ranking.iter().zip(&expected) {
            let difference = (found.probability - expected.prob).abs();
            assert!(difference <= TOLERANCE, "{name}: {text}: {found:?}, not {expected:?}");
            // Labels whose probabilities are alike may change places.
            let label = format!("__label__{}", ours.labels()[found.label]);
            let rival = expected_probability(&label, theirs, &words);
            assert!((found.probability - rival).abs() <= TOLERANCE, "{name}: {text}: {label}");
            let alone = ours.probability_of(text, found.label, &mut scratch);
            assert_eq!(alone, Some(found.probability), "{name}: {text}");
        }
        // Of labels that tie for the first place another one may be named alone.
        let best = ours.predict(text, &mut scratch).map(|best| best.probability);
        assert_eq!(best, ranking.first().map(|found| found.probability));
    }
}

fn expected_probability(label: &str, theirs: &FastText, words: &[i32]) -> f32 {
    let ranking = theirs.predict_on_words(words, 4, 0.0);
    ranking.iter().find(|found| found.label == label).map_or(f32::NAN, |found| found.prob)
}

#[test]
fn trained_models_rank_as_their_trainer_ranks() {
    let lines = labelled_lines(400);
    let losses = [
        LossName::Softmax,
        LossName::HierarchicalSoftmax,
        LossName::OneVsAll,
        LossName::NegativeSampling,
    ];
    for loss in losses {
        for (word_ngrams, chars, dim) in
            [(1, (0, 0), 10), (2, (0, 0), 16), (1, (2, 4), 16), (3, (3, 6), 21)]
        {
            let training = Training { loss, word_ngrams, chars, dim, ..Training::default() };
            let theirs = training.train(&lines);
            let name = format!("{loss}, {word_ngrams} words, {chars:?} characters");
            assert_same_rankings(&read(&theirs), &theirs, &name);
        }
    }
}

#[test]
fn quantised_models_rank_as_their_trainer_ranks() {
    let lines = labelled_lines(400);
    // The crate cannot judge by other losses once a model is quantised.
    for loss in [LossName::Softmax, LossName::OneVsAll] {
        for (qnorm, cutoff, dsub) in [(false, 0, 2), (true, 0, 3), (true, 300, 2)] {
            let training =
                Training { loss, chars: (2, 4), word_ngrams: 2, dim: 10, ..Training::default() };
            let mut theirs = training.train(&lines);
            let mut args = theirs.args().clone();
            (args.qnorm, args.cutoff, args.dsub) = (qnorm, cutoff, dsub);
            theirs.quantize(&args).expect("the model is quantised");
            let name = format!("{loss}, qnorm {qnorm}, cutoff {cutoff}, dsub {dsub}");
            assert_same_rankings(&read(&theirs), &theirs, &name);
        }
    }
}

#[test]
fn a_model_file_is_known_by_its_digest() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("model.bin");
    Training::default().write(&labelled_lines(50), &path);
    let model = Model::open(&path).expect("the model is read");
    assert_eq!(model.sha256().len(), 64);
    assert_eq!(model.labels().len(), 4);
    let mut bytes = std::fs::read(&path).expect("the file is read");
    bytes.pop();
    std::fs::write(&path, bytes).expect("the file is written");
    let error = Model::open(&path).expect_err("a truncated file").to_string();
    assert!(error.starts_with("truncated: the output matrix needs 160 bytes"), "{error}");
}

/// The folder of test data, or `None` with a note that a test is skipped.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn data(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("GRISTMILL_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")),
        PathBuf::from,
    );
    let is_there = path.join("models/lid.176.ftz").is_file();
    if !is_there {
        eprintln!("SKIPPED {test}: no data at {}", path.display());
    }
    is_there.then_some(path)
}

fn batches(path: PathBuf) -> Vec<RecordBatch> {
    let file = File::open(path).expect("the file is opened");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    // Large enough for one batch: both files are read side by side.
    let reader = reader.with_batch_size(1 << 20).build().expect("a reader");
    reader.collect::<Result<_, _>>().expect("the rows are read")
}

fn strings(batches: &[RecordBatch], column: &str) -> Vec<Option<String>> {
    let arrays = batches.iter().map(|batch| batch.column_by_name(column).expect("the column"));
    arrays.flat_map(|array| array.as_string::<i32>().iter().map(|s| s.map(str::to_owned))).collect()
}

fn floats(batches: &[RecordBatch], column: &str) -> Vec<Option<f64>> {
    let arrays = batches.iter().map(|batch| batch.column_by_name(column).expect("the column"));
    arrays
        .flat_map(|array| {
            let array = array.as_primitive::<Float64Type>();
            (0..array.len()).map(|i| array.is_valid(i).then(|| array.value(i)))
        })
        .collect()
}

/// Labels and probabilities by C++ fastText 0.9.2, over pages in 88 languages and edge cases.
#[test]
fn the_published_language_model_agrees_with_the_reference() {
    let Some(data) = data("the_published_language_model_agrees_with_the_reference") else {
        return;
    };
    let model = Model::open(&data.join("models/lid.176.ftz")).expect("the model is read");
    assert_eq!(model.sha256(), "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83");
    assert_eq!(model.labels().len(), 176);

    let texts = batches(data.join("oracle/texts.parquet"));
    let expected = batches(data.join("oracle/language.parquet"));
    assert_eq!(strings(&texts, "record_id"), strings(&expected, "record_id"));
    let labels = ["label1", "label2", "label3"].map(|column| strings(&expected, column));
    let probabilities = ["prob1", "prob2", "prob3"].map(|column| floats(&expected, column));
    let label_joined = strings(&expected, "label_nl_deleted");
    let probability_joined = floats(&expected, "prob_nl_deleted");

    let (mut scratch, mut ranking) = (Scratch::default(), Vec::new());
    let mut largest_difference = 0.0_f64;
    let mut ranked_otherwise = 0;
    let texts = strings(&texts, "text");
    for (row, text) in texts.iter().enumerate() {
        let text = text.as_deref().unwrap_or_default();
        let spaced = text.replace('\n', " ");
        model.predict_k(&spaced, 3, 0.0, &mut scratch, &mut ranking);
        if row % 16 == 0 {
            // White space is all alike: replacing line ends by spaces changes nothing.
            assert_eq!(model.predict(text, &mut scratch), ranking.first().copied());
        }
        let listed = labels.iter().filter(|column| column[row].is_some()).count();
        assert_eq!(ranking.len(), listed, "row {row}");
        for (rank, found) in ranking.iter().enumerate() {
            let difference =
                (f64::from(found.probability) - probabilities[rank][row].unwrap_or(2.0)).abs();
            largest_difference = largest_difference.max(difference);
            let same = labels[rank][row].as_deref() == Some(&model.labels()[found.label]);
            assert!(same || rank > 0, "row {row}: the best label differs");
            ranked_otherwise += u32::from(!same);
        }
        let joined = text.replace('\n', "");
        if let (Some(found), Some(label)) =
            (model.predict(&joined, &mut scratch), label_joined[row].as_deref())
        {
            assert_eq!(model.labels()[found.label], label, "row {row}");
            let expected = probability_joined[row].unwrap_or(2.0);
            let difference = (f64::from(found.probability) - expected).abs();
            largest_difference = largest_difference.max(difference);
        }
    }
    assert!(texts.len() >= 2662);
    assert!(largest_difference <= 1e-5, "{largest_difference}");
    assert_eq!(ranked_otherwise, 0);
    println!("{} texts, largest difference {largest_difference:e}", texts.len());
}
