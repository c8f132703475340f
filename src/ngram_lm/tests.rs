use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// `the the corn` is listed and its end `the corn` is not, as in models that are pruned.
const SMALL: &str = "# made by hand\n\n\\data\\\nngram 1=7\nngram 2=7\nngram 3=4\n\n\\1-grams:\n\
    -1.1\t<unk>\n0\t<s>\t-0.30103\n-0.9\t</s>\n-0.7\tthe\t-0.41\n-1.2\tmiller\t-0.25\n\
    -1.3\tgrinds\t-0.17\n-2.03\tcorn\n\n\\2-grams:\n-0.2\t<s> the\t-0.11\n-0.35\tthe miller\t-0.07\n\
    -0.44\tmiller grinds\t0.02\n-0.6\tgrinds the\n-0.52\tgrinds corn\t-0.3\n-0.31\tcorn </s>\n\
    -1.7\tthe the\t-0.013\n\n\\3-grams:\n-0.1\t<s> the miller\n-0.15\tthe miller grinds\n\
    -0.04\tmiller grinds corn\n-0.77\tthe the corn\n\n\\end\\\n";

fn model(text: &str) -> Model {
    Model::read(text.as_bytes()).unwrap()
}

fn fault(text: &str) -> String {
    Model::read(text.as_bytes()).unwrap_err().to_string()
}

fn log10(model: &Model, sentence: &str) -> f32 {
    model.score(words(sentence)).log10_probability
}

#[test]
fn scores_are_kenlm_s() {
    let model = model(SMALL);
    assert_eq!(model.order(), 3);
    assert_eq!(model.sha256(), crate::digest::sha256_hex(SMALL.as_bytes()));
    let scores = [
        ("the miller grinds corn", -1.1),
        ("", -1.20103),
        ("the", -1.62),
        ("corn corn the the corn", -7.841029),
        ("the sparrow grinds the corn", -6.47),
        ("<s> the </s> miller", -4.27103),
        ("a\u{a0}b the\u{b}miller\tgrinds\n corn <unk>", -4.94103),
    ];
    for (sentence, score) in scores {
        assert_eq!(log10(&model, sentence), score, "{sentence:?}");
    }
    let score = model.score(words("a\u{a0}b the <unk>"));
    assert_eq!((score.tokens, score.unknown_tokens), (3, 2));
}

#[test]
fn unknown_words_have_kenlm_s_logarithm_where_the_model_lists_none() {
    let without = SMALL.replace("-1.1\t<unk>\n", "").replace("ngram 1=7", "ngram 1=6");
    assert_eq!(log10(&model(&without), "the sparrow grinds the corn"), -105.37);
    let in_capitals = SMALL.replace("<unk>", "<UNK>");
    assert_eq!(log10(&model(&in_capitals), "the sparrow grinds the corn"), -6.47);
}

#[test]
fn models_of_single_words_need_no_marks() {
    let text = "\\data\\\nngram 1=2\n\n\\1-grams:\n-1.5\ta\n-2\tb\t-9\n\\end\\\n";
    let score = model(text).score(words("a b a"));
    assert_eq!(score, Score { log10_probability: -5.0, tokens: 3, unknown_tokens: 0 });
    assert!(!model(text).scores_ends());
    let with_end = text.replace("1=2", "1=3").replace("-1.5", "-0.25\t</s>\n-1.5");
    assert_eq!(log10(&model(&with_end), "a b a"), -5.25);
}

#[test]
fn line_ends_spaces_and_comments_vary_from_tool_to_tool() {
    let expected = log10(&model(SMALL), "the the corn");
    let windows = SMALL.replace('\n', "\r\n");
    let spaces = SMALL.replace('\t', "  ").replace("=", " = ");
    let no_last_line_end = SMALL.trim_end();
    for text in [&windows, &spaces, no_last_line_end, &format!("{SMALL}\n \n")] {
        assert_eq!(log10(&model(text), "the the corn"), expected);
    }
}

#[test]
fn faults_name_the_line() {
    let cases = [
        ("\\data\\", "<!DOCTYPE", "no ARPA file: it looks like an HTML page"),
        ("\\data\\", "mmap lm http://kheafield.com/code format version 5", "it is a KenLM binary"),
        ("ngram 2=7", "ngram 3=7", "line 5: `ngram 2=` and a number is expected"),
        ("ngram 1=7", "ngram 1=x", "line 4: `ngram 1=`"),
        ("ngram 1=7", "ngram 1=18446744073709551615", "too many words"),
        ("ngram 3=4", "ngram 3=4\nngram 4=18446744073709551615", "`\\4-grams:` is expected"),
        ("\\1-grams:", "\\2-grams:", "line 8: `\\1-grams:` is expected"),
        ("-0.7\tthe", "the\tthe", "line 12: the line does not begin with a logarithm"),
        ("-0.7\tthe", "nan\tthe", "line 12: the line does not begin with a logarithm"),
        ("-0.7\tthe", "0.7\tthe", "line 12: a logarithm of a probability above 0: 0.7"),
        ("-0.7\tthe", "-0.7\tminer", "line 18: `the` is not among the 1-grams"),
        ("-2.03\tcorn", "-2.03\tthe", "line 15: `the` stands twice"),
        ("\t<s>\t", "\t<begin>\t", "line 15: `<s>` is not among the 1-grams"),
        ("-0.41", "-inf", "line 12: the last field is no back-off weight"),
        ("-0.41", "-0.41\t1", "line 12: more than 1 words and two numbers"),
        ("-1.7\tthe the\t", "-1.7\tthe\t", "line 24: `-0.013` is not among the 1-grams"),
        ("-1.7\tthe the\t-0.013", "-1.7\tthe", "line 24: 1 words, not 2"),
        ("-1.7\tthe the\t-0.013\n", "", "line 24: 6 2-grams are there, 7 are stated"),
        ("-1.7\tthe the\t", "-1.7\tthe corn\t", "line 30: its first 2 words are no n-gram"),
        ("-0.77\tthe the corn", "-0.77\tthe the corn\t-1", "though no n-gram is longer"),
        ("\\end\\", "-1\tthe the the", "line 32: `\\end\\` is expected"),
        ("\\end\\\n", "", "the file ends before `\\end\\`"),
        ("\\end\\", "\\end\\\nmore", "line 33: the file goes on after `\\end\\`"),
    ];
    for (from, to, expected) in cases {
        let found = fault(&SMALL.replacen(from, to, 1));
        assert!(found.contains(expected), "{from:?} → {to:?}: {found}");
    }
    assert_eq!(fault(""), "no ARPA file: it is empty");
    assert_eq!(fault("\\data\\\n\n\\end\\"), "line 2: no counts of n-grams");
}

/// The definition of back-off, word by word.
#[derive(Debug, Clone)]
struct Reference {
    order: usize,
    ngrams: BTreeMap<Vec<&'static str>, (f32, f32)>,
}

impl Reference {
    fn after(&self, context: &[&str], word: &'static str) -> f32 {
        let whole: Vec<&str> = context.iter().copied().chain([word]).collect();
        match (self.ngrams.get(&whole), context.split_first()) {
            (Some(&(probability, _)), _) => probability,
            (None, None) => self.ngrams.get(&["<unk>"][..]).map_or(-100.0, |found| found.0),
            (None, Some((_, shorter))) => {
                self.after(shorter, word) + self.ngrams.get(context).map_or(0.0, |found| found.1)
            }
        }
    }

    fn score(&self, sentence: &[&'static str]) -> f32 {
        let known = |word: &&'static str| match self.ngrams.contains_key(&[*word][..]) {
            true => *word,
            false => "<unk>",
        };
        let all: Vec<_> = ["<s>"].iter().chain(sentence).chain(&["</s>"]).map(known).collect();
        (1..all.len()).fold(0.0, |sum, at| {
            let first = (at + 1).saturating_sub(self.order);
            sum + self.after(&all[first..at], all[at])
        })
    }

    fn arpa(&self) -> String {
        let of = |order: usize| self.ngrams.iter().filter(move |(words, _)| words.len() == order);
        let mut text = "\\data\\\n".to_owned();
        for order in 1..=self.order {
            text += &format!("ngram {order}={}\n", of(order).count());
        }
        for order in 1..=self.order {
            text += &format!("\n\\{order}-grams:\n");
            for (words, (probability, backoff)) in of(order) {
                text += &format!("{probability}\t{}", words.join(" "));
                if order < self.order && *backoff != 0.0 {
                    text += &format!("\t{backoff}");
                }
                text += "\n";
            }
        }
        text + "\n\\end\\\n"
    }
}

const WORDS: [&str; 7] = ["<s>", "</s>", "a", "b", "c", "é中", "<unk>"];

/// Models in which the beginning of each n-gram is listed; its end need not be.
fn references() -> impl Strategy<Value = Reference> {
    let weights = prop::collection::vec((0u8..4, -300i16..=0, -90i16..=20), 7 + 49 + 343);
    (1usize..=4, any::<bool>(), weights).prop_map(|(order, lists_unknown, weights)| {
        let mut weights = weights.into_iter().cycle();
        let mut next = || weights.next().unwrap();
        let number = |hundredths: i16| f32::from(hundredths) / 100.0;
        let mut ngrams = BTreeMap::new();
        let mut contexts = vec![Vec::new()];
        for length in 1..=order {
            let mut longer = Vec::new();
            for context in &contexts {
                for word in WORDS {
                    let (chance, probability, backoff) = next();
                    let is_listed =
                        if length > 1 { chance == 0 } else { lists_unknown || word != "<unk>" };
                    if is_listed {
                        let words: Vec<_> = context.iter().copied().chain([word]).collect();
                        let backoff = if length < order { number(backoff) } else { 0.0 };
                        ngrams.insert(words.clone(), (number(probability), backoff));
                        longer.push(words);
                    }
                }
            }
            contexts = longer;
        }
        Reference { order, ngrams }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn scores_are_those_of_the_definition(
        reference in references(),
        sentences in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "é中", "zz"]), 0..9), 1..6),
    ) {
        let model = model(&reference.arpa());
        for sentence in sentences {
            let found = log10(&model, &sentence.join(" "));
            prop_assert_eq!(found.to_bits(), reference.score(&sentence).to_bits());
        }
    }

    #[test]
    fn arbitrary_bytes_are_a_model_or_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Model::read(&bytes[..]);
    }

    #[test]
    fn a_damaged_model_is_a_model_or_a_fault(
        at in 0usize..SMALL.len(),
        removed in 0usize..40,
        added in prop_oneof!["[-\\\\ \t\n0-9a-z.=]{0,6}", ".{0,4}"],
    ) {
        let mut bytes = SMALL.as_bytes().to_vec();
        let end = (at + removed).min(bytes.len());
        bytes.splice(at..end, added.bytes());
        if let Ok(model) = Model::read(&bytes[..]) {
            prop_assert!(log10(&model, "the the corn </s> sparrow").is_finite());
        }
    }
}
