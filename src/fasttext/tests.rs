//! Tests over models written byte by byte.

use proptest::prelude::*;

use super::hashing::{fnv, mix_word, widen};
use super::*;

/// A model to be written: every field of the format that a test may want to bend.
#[derive(Clone)]
struct Written {
    version: i32,
    loss: i32,
    kind: i32,
    word_ngrams: i32,
    bucket: i32,
    min_chars: i32,
    max_chars: i32,
    words: Vec<&'static str>,
    labels: Vec<(&'static str, i64)>,
    kept: Option<Vec<(i32, i32)>>,
    input: Vec<[f32; 2]>,
    output: Vec<[f32; 2]>,
    quantised: bool,
}

impl Written {
    /// Two words, two labels, softmax, no n-grams: `cat` speaks for `pet`, `oak` for `tree`.
    fn plain() -> Self {
        Self {
            version: 12,
            loss: 3,
            kind: 3,
            word_ngrams: 1,
            bucket: 0,
            min_chars: 0,
            max_chars: 0,
            words: vec!["</s>", "cat", "oak"],
            labels: vec![("__label__pet", 5), ("#tree", 3)],
            kept: None,
            input: vec![[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]],
            output: vec![[2.0, 0.0], [0.0, 2.0]],
            quantised: false,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut int = |value: i32| bytes.extend(value.to_le_bytes());
        int(793_712_314);
        int(self.version);
        for value in [2, 5, 5, 1, 5, self.word_ngrams, self.loss, self.kind, self.bucket] {
            int(value);
        }
        for value in [self.min_chars, self.max_chars, 100, 0, 0] {
            int(value);
        }
        let (words, labels) = (self.words.len() as i32, self.labels.len() as i32);
        for value in [words + labels, words, labels] {
            int(value);
        }
        bytes.extend(99_i64.to_le_bytes());
        bytes.extend(self.kept.as_ref().map_or(-1, |kept| kept.len() as i64).to_le_bytes());
        let words = self.words.iter().map(|&word| (word, 1, 0));
        for (word, count, kind) in words.chain(self.labels.iter().map(|&(l, count)| (l, count, 1)))
        {
            bytes.extend(word.as_bytes());
            bytes.push(0);
            bytes.extend(i64::to_le_bytes(count));
            bytes.push(kind);
        }
        for (bucket, row) in self.kept.iter().flatten() {
            bytes.extend(bucket.to_le_bytes());
            bytes.extend(row.to_le_bytes());
        }
        for matrix in [&self.input, &self.output] {
            bytes.push(self.quantised.into());
            if self.quantised {
                quantise(matrix, &mut bytes);
            } else {
                bytes.extend((matrix.len() as i64).to_le_bytes());
                bytes.extend(2_i64.to_le_bytes());
                bytes.extend(matrix.as_flattened().iter().flat_map(|weight| weight.to_le_bytes()));
            }
        }
        bytes
    }

    fn model(&self) -> Model {
        Model::read(&self.bytes()[..]).unwrap()
    }

    fn rows(&self, text: &str) -> Vec<u32> {
        let model = self.model();
        let mut rows = Vec::new();
        model.features.each_row(text, &mut FeatureScratch::default(), |row| rows.push(row));
        rows
    }
}

/// One centroid per row, of two columns, and norms of 2 over halved centroids.
fn quantise(matrix: &[[f32; 2]], bytes: &mut Vec<u8>) {
    let book = |dim: i32, mut centroids: Vec<f32>, bytes: &mut Vec<u8>| {
        for value in [dim, 1, dim, dim] {
            bytes.extend(value.to_le_bytes());
        }
        centroids.resize(256 * dim as usize, 0.0);
        bytes.extend(centroids.iter().flat_map(|weight| weight.to_le_bytes()));
    };
    bytes.push(1);
    bytes.extend((matrix.len() as i64).to_le_bytes());
    bytes.extend(2_i64.to_le_bytes());
    bytes.extend((matrix.len() as i32).to_le_bytes());
    bytes.extend(0..matrix.len() as u8);
    book(2, matrix.as_flattened().iter().map(|weight| weight / 2.0).collect(), bytes);
    bytes.extend(std::iter::repeat_n(0, matrix.len()));
    book(1, vec![2.0], bytes);
}

fn error(bytes: &[u8]) -> String {
    Model::read(bytes).unwrap_err().to_string()
}

#[test]
fn predicts_by_words_and_gives_labels_their_names() {
    for quantised in [false, true] {
        let model = Written { quantised, ..Written::plain() }.model();
        assert_eq!(model.labels(), ["pet", "#tree"]);
        let mut scratch = Scratch::default();
        // Averages over the word and the end-of-line token: scores 3 and 0.
        let best = model.predict("cat", &mut scratch).unwrap();
        assert_eq!(best.label, 0);
        let expected = 1.0 / (1.0 + (-3.0_f32).exp());
        assert!((best.probability - expected).abs() < 2e-5, "{best:?}");
        assert_eq!(model.predict("oak oak cat", &mut scratch).unwrap().label, 1);
    }
}

#[test]
fn the_same_number_is_given_alone_and_in_a_ranking() {
    for loss in 1..=4 {
        let model = Written { loss, ..Written::plain() }.model();
        let (mut scratch, mut ranking) = (Scratch::default(), Vec::new());
        for text in ["cat", "cat oak oak", ""] {
            model.predict_k(text, usize::MAX, -1.0, &mut scratch, &mut ranking);
            assert_eq!(ranking.len(), 2);
            assert!(ranking[0].probability >= ranking[1].probability);
            let best = model.predict(text, &mut scratch);
            assert_eq!(best, Some(ranking[0]));
            let mut all = Vec::new();
            assert_eq!(model.predict_all(text, &mut scratch, &mut all), best);
            assert_eq!(all, ranking);
            for found in &ranking {
                let alone = model.probability_of(text, found.label, &mut scratch);
                assert_eq!(alone, Some(found.probability));
            }
        }
        assert_eq!(model.probability_of("cat", 2, &mut scratch), None);
    }
}

#[test]
fn thresholds_and_counts_limit_a_ranking() {
    let model = Written::plain().model();
    let (mut scratch, mut ranking) = (Scratch::default(), Vec::new());
    model.predict_k("cat", 1, 0.0, &mut scratch, &mut ranking);
    assert_eq!(ranking.len(), 1);
    model.predict_k("cat", 9, 0.5, &mut scratch, &mut ranking);
    assert_eq!(ranking.len(), 1);
    model.predict_k("cat", 0, 0.0, &mut scratch, &mut ranking);
    assert!(ranking.is_empty());
}

#[test]
fn a_text_is_one_line_that_ends_once() {
    let plain = Written::plain();
    assert_eq!(plain.rows("cat\noak\n"), plain.rows("cat oak"));
    assert_eq!(plain.rows("cat oak"), [1, 2, 0]);
    assert_eq!(plain.rows(""), [0]);
    // A literal end-of-line token ends the text.
    assert_eq!(plain.rows("cat </s> oak"), [1, 0]);
}

#[test]
fn without_any_known_feature_there_is_no_prediction() {
    let written = Written {
        words: vec!["cat", "oak"],
        input: vec![[3.0, 0.0], [0.0, 3.0]],
        ..Written::plain()
    };
    let (model, mut scratch) = (written.model(), Scratch::default());
    assert_eq!(model.predict("dog", &mut scratch), None);
    assert_eq!(model.probability_of("dog", 0, &mut scratch), None);
    assert!(model.predict("dog cat", &mut scratch).is_some());
    // Nothing of the last text is left over.
    assert_eq!(model.predict("", &mut scratch), None);
}

#[test]
fn labels_in_a_text_are_no_features() {
    let plain = Written { word_ngrams: 2, bucket: 1000, ..Written::plain() };
    let plain = Written { input: vec![[0.0; 2]; 1003], ..plain };
    assert_eq!(plain.rows("__label__pet #tree cat __label__unknown"), plain.rows("cat"));
}

#[test]
fn character_ngrams_come_from_the_marked_word_without_lone_marks() {
    let written = Written {
        bucket: 1000,
        min_chars: 1,
        max_chars: 2,
        input: vec![[0.0; 2]; 1003],
        ..Written::plain()
    };
    let row = |ngram: &str| 3 + fnv(ngram.as_bytes()) % 1000;
    // Characters, not bytes: `é` has two.
    let expected = ["<é", "é", "éb", "b", "b>"].map(row);
    assert_eq!(written.rows("éb"), [&expected[..], &[0]].concat());
    // A known word has its own row first, the end-of-line token only that.
    assert_eq!(written.rows("cat")[0], 1);
    assert_eq!(written.rows("cat").len(), 1 + 7 + 1);
    // Version 11 stored the option and ignored it.
    assert_eq!(Written { version: 11, ..written }.rows("éb"), [0]);
}

#[test]
fn word_ngrams_follow_the_words_and_include_the_line_end() {
    let written =
        Written { word_ngrams: 3, bucket: 1000, input: vec![[0.0; 2]; 1003], ..Written::plain() };
    let row = |words: &[&str]| {
        let (first, rest) = words.split_first().unwrap();
        let hash = rest
            .iter()
            .fold(widen(fnv(first.as_bytes())), |hash, word| mix_word(hash, fnv(word.as_bytes())));
        3 + (hash % 1000) as u32
    };
    let expected = [
        1,
        0,
        row(&["cat", "ünbekannt"]),
        row(&["cat", "ünbekannt", "</s>"]),
        row(&["ünbekannt", "</s>"]),
    ];
    assert_eq!(written.rows("cat ünbekannt"), expected);
}

#[test]
fn pruned_models_keep_only_the_ngrams_listed() {
    let kept = (fnv(b"<c") % 1000) as i32;
    let written = Written {
        bucket: 1000,
        min_chars: 2,
        max_chars: 2,
        kept: Some(vec![(kept, 1), (-5, 0)]),
        input: vec![[0.0; 2]; 5],
        quantised: true,
        ..Written::plain()
    };
    assert_eq!(written.rows("cow"), [4, 0]);
    assert_eq!(Written { kept: Some(Vec::new()), ..written.clone() }.rows("cow"), [0]);
    let dense = Written { quantised: false, ..written.clone() };
    assert!(error(&dense.bytes()).contains("pruned"));
    let beyond = Written { kept: Some(vec![(kept, 2)]), ..written };
    assert!(error(&beyond.bytes()).contains("the input matrix is 5 × 2, 6 × 2 are needed"));
}

#[test]
fn predictions_do_not_depend_on_texts_or_models_before() {
    // Every fourth bucket has a row, so that words differ in how many rows they have.
    let kept = (0..1000).step_by(4).map(|bucket| (bucket, bucket / 4)).collect();
    let first = Written {
        bucket: 1000,
        min_chars: 1,
        max_chars: 4,
        word_ngrams: 2,
        kept: Some(kept),
        input: (0..253).map(|row| [(row % 7) as f32, (row % 5) as f32]).collect(),
        quantised: true,
        ..Written::plain()
    };
    let second = Written { min_chars: 2, ..first.clone() };
    let models = [first.model(), second.model()];
    let mut used = Scratch::default();
    let texts = ["cat oak a b", "Über a b cat", "a antidisestablishmentarianism", "__label__pet a"];
    for text in texts.iter().cycle().take(20) {
        for model in &models {
            let fresh = model.predict(text, &mut Scratch::default());
            assert_eq!(model.predict(text, &mut used), fresh);
            assert_eq!(model.predict(text, &mut used), fresh);
        }
    }
}

#[test]
fn threads_share_a_model() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Written::plain().model());
}

#[test]
fn what_is_no_usable_model_is_told_apart() {
    let plain = Written::plain();
    assert!(error(b"<!DOCTYPE html>").contains("HTML"));
    assert!(error(&[0x1f, 0x8b, 8, 0]).contains("gzip"));
    assert!(error(b"").contains("truncated: the magic number"));
    let version = Written { version: 13, ..plain.clone() }.bytes();
    assert!(matches!(Model::read(&version[..]), Err(ModelError::UnsupportedVersion { found: 13 })));
    let kind = Written { kind: 2, ..plain.clone() }.bytes();
    assert!(matches!(Model::read(&kind[..]), Err(ModelError::Unsupervised { kind: "skipgram" })));
    let unlabelled = Written { labels: Vec::new(), ..plain.clone() }.bytes();
    assert!(error(&unlabelled).contains("no labels"));
    let infinite = Written { output: vec![[f32::INFINITY, 0.0]; 2], ..plain.clone() }.bytes();
    assert!(error(&infinite).contains("the output matrix holds the weight inf"));
    let unhashed = Written { max_chars: 3, ..plain.clone() }.bytes();
    assert!(error(&unhashed).contains("no buckets"));
    let path = Path::new("no/such/model.bin");
    assert!(Model::open(path).unwrap_err().to_string().starts_with("cannot open no/such"));
}

#[test]
fn truncation_anywhere_is_an_error_with_and_without_a_known_length() {
    for quantised in [false, true] {
        let whole = Written { quantised, ..Written::plain() }.bytes();
        // The codebooks are long and all alike: every byte of the rest, some of theirs.
        let step = |length: &usize| *length < 300 || length.is_multiple_of(61);
        for length in (0..whole.len()).filter(step) {
            let cut = &whole[..length];
            let known = Model::read_source(Source::new(cut, Some(length as u64)));
            for result in [known, Model::read(cut)] {
                assert!(matches!(result, Err(ModelError::Truncated { .. })), "{length}");
            }
        }
        assert!(Model::read(&whole[..]).is_ok());
    }
}

#[test]
fn sizes_invented_by_the_file_are_refused_before_they_allocate() {
    let whole = Written::plain().bytes();
    let input = whole.len() - 2 * (16 + 1) - 4 * 2 * 5 + 1;
    let output = input + 16 + 4 * 2 * 3 + 1;
    for at in [input, output] {
        for rows in [u64::from(u32::MAX), u64::MAX >> 1, u64::MAX] {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&rows.to_le_bytes());
            assert!(Model::read(&bytes[..]).is_err());
            let length = Some(bytes.len() as u64);
            assert!(Model::read_source(Source::new(&bytes[..], length)).is_err());
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut model = Written::plain().bytes();
        model.truncate(8);
        model.extend(&bytes);
        for bytes in [bytes, model] {
            prop_assert!(Model::read(&bytes[..]).is_err());
        }
    }

    #[test]
    fn damaged_models_neither_panic_nor_give_nan(
        quantised: bool,
        loss in 1..=4,
        damage in prop::collection::vec((0..330_usize, any::<u8>()), 1..4),
        text in ".{0,40}",
    ) {
        let written = Written {
            quantised,
            loss,
            word_ngrams: 2,
            max_chars: 3,
            bucket: 5,
            input: vec![[0.5; 2]; 8],
            ..Written::plain()
        };
        let mut bytes = written.bytes();
        for (at, value) in damage {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        if let Ok(model) = Model::read(&bytes[..]) {
            let (mut scratch, mut ranking) = (Scratch::default(), Vec::new());
            model.predict_k(&text, 3, 0.0, &mut scratch, &mut ranking);
            for found in ranking {
                prop_assert!((0.0..1.001).contains(&found.probability));
                prop_assert!(found.label < model.labels().len());
            }
        }
    }
}
