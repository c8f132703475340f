//! Drops documents of few sentences, and those of which many sentences are questionable.
//!
//! # What it does
//! Counts the sentences, and those that are questionable by any of `sentence_rules`:
//!
//! | rule | a sentence is questionable if |
//! |---|---|
//! | `language` | its language is not the document's (needs `model`) |
//! | `list_case` | it has `min_list_tokens` words or more, and more than `max_capital_ratio` of them begin with a capital |
//! | `length` | it is shorter than `min_sentence_chars` or longer than `max_sentence_chars` |
//! | `technical` | more than `max_technical_ratio` of its characters are among `0`-`9` `{` `}` `+` `/` `(` `)` `>` |
//! | `cursed` | it holds one of 32 expressions that stood in much bad text (`orem ipsum `, `mp3`, `Episode`, `Facebook`, a bar at its end, nine single characters in a row …) |
//!
//! The share of each rule is measured whether the rule is in `sentence_rules` or not; that of
//! `language` only with a model.
//!
//! Variant `"madlad"` follows the paper, and settles what it leaves open. A sentence ends at a line
//! end; after sentence-final marks of any script and the quotes and brackets that close behind
//! them, where white space follows, unless the mark is a full stop and the next letter is small; and
//! after `。`, `！`, `？` and `｡` whatever follows. It is stripped of white space. Lengths are in
//! characters. The document's language is that of the most sentences (the first met on ties).
//! All expressions are regular expressions.
//!
//! Variant `"datamap"` follows datamap-rs, as used for OLMo 3: sentences are the pieces between runs
//! of `.`, `!` and `?` that white space follows, without these; line ends do not count. Lengths are
//! in bytes. The document's language is that of the whole text. All expressions but the last four are
//! looked for as they are written, backslashes and all, so that seven can hardly be found.
//!
//! In both, words are what holds a letter or number between two Unicode word boundaries.
//!
//! # Why
//! Listings, navigation, code and text in other languages are made of sentences that are none; a
//! share of them per document finds these where counts over the whole document average them out.
//!
//! # Source
//! MADLAD-400 (Kudugunta et al. 2023, arXiv 2309.04662): section 2.3 and the list of its appendix A.2.
//! `"datamap"`: `madlad400_sentence_annotator` of datamap-rs at f771794. OLMo 3's web data has
//! `variant = "datamap"` and `sentence_rules = ["list_case", "cursed"]`.
//!
//! # Differences
//! The paper drops what is above a share of 20 %; so does this step. So does datamap-rs' annotator,
//! but the filter that OLMo 3 has after it also drops a share of 20 % itself:
//! `max_questionable_ratio = 0.199999` does the same for documents of up to 100,000 sentences.
//!
//! An abbreviation before a capital (`Dr. Smith`) ends a sentence. A sentence in which the model
//! recognises nothing is of no language, which is never the document's unless all are. A
//! document without sentences has no shares, and too few sentences.
//!
//! datamap-rs leaves documents with too few sentences unmeasured; here all are measured.
//!
//! The paper's other steps are steps of their own (C4's line and phrase rules), and lists of this kind
//! are its authors' choice for 400 languages: `Develop` and `Facebook` are questionable in any.

mod cursed;
mod sentences;

use std::path::PathBuf;

use regex::Regex;

use super::ratio;
use crate::config::{choice, params};
use crate::fasttext::{Model, with_scratch};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::{count, is_uppercase};
use crate::text::word_break::words_within;

choice! {
    /// Whose definitions.
    pub enum Variant {
        /// the paper
        Madlad = "madlad",
        /// datamap-rs, as in OLMo 3
        Datamap = "datamap",
    }
}

choice! {
    /// A rule by which a sentence is questionable.
    pub enum SentenceRule {
        /// another language than the document's
        Language = "language",
        /// capitals as in a list or title
        ListCase = "list_case",
        /// too short or too long
        Length = "length",
        /// digits, brackets and signs
        Technical = "technical",
        /// an expression of bad text
        Cursed = "cursed",
    }
}

impl SentenceRule {
    const ALL: [Self; 5] =
        [Self::Language, Self::ListCase, Self::Length, Self::Technical, Self::Cursed];
}

params! {
    /// Parameters of `madlad_sentences`.
    pub struct Params {
        /// Whose definitions of sentence, length and expression.
        variant: Variant = Variant::Madlad,
        /// Fewest sentences.
        min_sentences: Option<u64> [sentences, 0 ..= 1_000_000] = Some(5),
        /// Largest share of questionable sentences.
        max_questionable_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.20),
        /// The rules by which a sentence is questionable; `language` counts only with a `model`.
        sentence_rules: Vec<SentenceRule> = SentenceRule::ALL.to_vec(),
        /// A supervised fastText model (`.bin`, `.ftz`) whose labels are languages.
        model: Option<PathBuf> = None,
        /// Fewest words of a sentence that `list_case` judges.
        min_list_tokens: u64 [words, 0 ..= 1_000_000] = 12,
        /// Largest share of words that begin with a capital.
        max_capital_ratio: f64 [ratio, 0 ..= 1] = 0.50,
        /// Fewest characters of a sentence (bytes with `"datamap"`).
        min_sentence_chars: u64 [chars, 0 ..= 1_000_000] = 20,
        /// Most characters of a sentence (bytes with `"datamap"`).
        max_sentence_chars: u64 [chars, 0 ..= 1_000_000_000] = 500,
        /// Largest share of technical characters (of bytes with `"datamap"`).
        max_technical_ratio: f64 [ratio, 0 ..= 1] = 0.20,
        /// Lists of regular expressions in place of the 32, one a line; a space at either end is
        /// written `[ ]`.
        cursed_patterns: Vec<PathBuf> = Vec::new(),
    }
}

signals! {
    /// What `madlad_sentences` measures.
    pub struct Signals {
        /// Sentences.
        sentences: u64,
        /// Share of sentences that are questionable by any of `sentence_rules`; null without one.
        questionable_sentence_ratio: Option<f64>,
        /// Share of sentences in another language than the document's; null without a model.
        foreign_sentence_ratio: Option<f64>,
        /// Share of sentences that are questionable by `list_case`.
        list_sentence_ratio: Option<f64>,
        /// Share of sentences that are questionable by `length`.
        abnormal_length_sentence_ratio: Option<f64>,
        /// Share of sentences that are questionable by `technical`.
        technical_sentence_ratio: Option<f64>,
        /// Share of sentences that are questionable by `cursed`.
        cursed_sentence_ratio: Option<f64>,
    }
}

/// The step.
pub struct MadladSentences {
    variant: Variant,
    /// By [`SentenceRule::ALL`]: whether it makes a sentence questionable.
    judges: [bool; 5],
    model: Option<Model>,
    min_list_tokens: usize,
    max_capital_ratio: f64,
    min_length: usize,
    max_length: usize,
    max_technical_ratio: f64,
    cursed: Regex,
}

impl Step for MadladSentences {
    const NAME: &'static str = "madlad_sentences";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("madlad_sentences.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let judges = SentenceRule::ALL.map(|rule| params.sentence_rules.contains(&rule));
        if judges[0] && params.model.is_none() && build.gives("sentence_rules") {
            build.fault("sentence_rules", "rule `language` could never fire without a `model`");
            return None;
        }
        let cursed = cursed::expressions(params.variant, &params.cursed_patterns, build)?;
        let model = match &params.model {
            Some(path) => Some(build.model("model", path)?),
            None => None,
        };
        Some(Self {
            variant: params.variant,
            judges,
            model,
            min_list_tokens: usize::try_from(params.min_list_tokens).unwrap_or(usize::MAX),
            max_capital_ratio: params.max_capital_ratio,
            min_length: usize::try_from(params.min_sentence_chars).unwrap_or(usize::MAX),
            max_length: usize::try_from(params.max_sentence_chars).unwrap_or(usize::MAX),
            max_technical_ratio: params.max_technical_ratio,
            cursed,
        })
    }
}

impl Filter for MadladSentences {
    const RULES: &'static [Rule] = &[
        Rule::min("too_few_sentences", "sentences", "min_sentences"),
        Rule::max(
            "too_many_questionable_sentences",
            "questionable_sentence_ratio",
            "max_questionable_ratio",
        ),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let text = view.text();
        let foreign = self.model.as_ref().map(|model| self.foreign(model, text));
        let (mut sentences, mut questionable, mut by_rule) = (0, 0, [0; 5]);
        sentences::each(self.variant, text, |sentence| {
            let is_foreign = foreign.as_ref().is_some_and(|foreign| foreign[sentences]);
            let found = [
                is_foreign,
                self.is_list(sentence),
                self.is_abnormal(sentence),
                self.is_technical(sentence),
                self.cursed.is_match(sentence),
            ];
            sentences += 1;
            let judged = found.iter().zip(self.judges).any(|(&found, judges)| found && judges);
            questionable += usize::from(judged);
            by_rule.iter_mut().zip(found).for_each(|(count, found)| *count += usize::from(found));
        });
        let [foreign_sentences, list, abnormal, technical, cursed] =
            by_rule.map(|count| ratio(count, sentences));
        Some(Signals {
            sentences: sentences as u64,
            questionable_sentence_ratio: ratio(questionable, sentences),
            foreign_sentence_ratio: foreign.and(foreign_sentences),
            list_sentence_ratio: list,
            abnormal_length_sentence_ratio: abnormal,
            technical_sentence_ratio: technical,
            cursed_sentence_ratio: cursed,
        })
    }
}

impl MadladSentences {
    fn length(&self, sentence: &str) -> usize {
        match self.variant {
            Variant::Madlad => count(sentence),
            Variant::Datamap => sentence.len(),
        }
    }

    fn is_list(&self, sentence: &str) -> bool {
        let (mut words, mut capitals) = (0, 0);
        words_within(sentence, |word| {
            words += 1;
            capitals += usize::from(word.starts_with(is_uppercase));
        });
        words >= self.min_list_tokens && exceeds(capitals, words, self.max_capital_ratio)
    }

    fn is_abnormal(&self, sentence: &str) -> bool {
        let length = self.length(sentence);
        length < self.min_length || length > self.max_length
    }

    fn is_technical(&self, sentence: &str) -> bool {
        let is_technical = |byte: &u8| {
            matches!(byte, b'0'..=b'9' | b'{' | b'}' | b'+' | b'/' | b'(' | b')' | b'>')
        };
        let technical = sentence.bytes().filter(|byte| is_technical(byte)).count();
        exceeds(technical, self.length(sentence), self.max_technical_ratio)
    }

    /// For each sentence, whether its language is another than the document's.
    fn foreign(&self, model: &Model, text: &str) -> Vec<bool> {
        with_scratch(|scratch| {
            let mut label = |text: &str| model.predict(text, scratch).map(|best| best.label);
            let mut labels = Vec::new();
            sentences::each(self.variant, text, |sentence| labels.push(label(sentence)));
            let of_document = match self.variant {
                Variant::Madlad => most_frequent(&labels, model.labels().len()),
                Variant::Datamap => label(text),
            };
            labels.iter().map(|&label| label != of_document).collect()
        })
    }
}

/// The most frequent label, of ties the first met; `None` if no sentence has one.
fn most_frequent(labels: &[Option<usize>], different: usize) -> Option<usize> {
    let mut counts = vec![0usize; different];
    labels.iter().flatten().for_each(|&label| counts[label] += 1);
    let most = counts.iter().copied().max()?;
    labels.iter().flatten().copied().find(|&label| counts[label] == most)
}

fn exceeds(part: usize, whole: usize, bound: f64) -> bool {
    ratio(part, whole).is_some_and(|ratio| ratio > bound)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::steps::Outcome;
    use crate::steps::testing::{
        assert_rules_from_both_sides, build, faults, outcome, reason, value,
    };

    /// Ten sentences: one of each fault and one of two, that of all capitals being a list.
    const TEXT: &str = "This is a sentence of no fault whatever. This is another one without fault.\n\
        Here is the third of that kind, and long enough. And this one is the fourth of them.\n\
        All Of The Words Of This Sentence Begin With One Capital As In Titles. Short one.\n\
        Call (0123) 456789/0 or +49 89 123456. Please listen to this Episode of our series.\n\
        An mp3.\nThe last of the ten is as plain as the first one was.";

    fn measured(toml: &str, text: &str) -> Outcome {
        outcome(&build("madlad_sentences", toml).unwrap(), text)
    }

    fn signal(outcome: &Outcome, signal: &str) -> Option<f64> {
        value("madlad_sentences", outcome, signal)
    }

    #[test]
    fn each_rule_has_its_share_and_a_sentence_counts_once() {
        let outcome = measured("", TEXT);
        let value = |name| signal(&outcome, name);
        assert_eq!(value("sentences"), Some(10.0));
        assert_eq!(value("list_sentence_ratio"), Some(0.1));
        assert_eq!(value("abnormal_length_sentence_ratio"), Some(0.2));
        assert_eq!(value("technical_sentence_ratio"), Some(0.1));
        assert_eq!(value("cursed_sentence_ratio"), Some(0.2));
        assert_eq!(value("foreign_sentence_ratio"), None);
        assert_eq!(value("questionable_sentence_ratio"), Some(0.5));
        assert_eq!(outcome.reason, Some("too_many_questionable_sentences"));
    }

    #[test]
    fn only_the_rules_chosen_make_a_sentence_questionable() {
        let outcome = measured("sentence_rules = ['list_case', 'technical']", TEXT);
        assert_eq!(signal(&outcome, "questionable_sentence_ratio"), Some(0.2));
        assert_eq!(
            signal(&outcome, "cursed_sentence_ratio"),
            Some(0.2),
            "it is measured all the same"
        );
        assert_eq!(outcome.reason, None);
    }

    #[test]
    fn bounds_are_inclusive() {
        for variant in ["madlad", "datamap"] {
            let toml = format!("variant = '{variant}'");
            assert_rules_from_both_sides("madlad_sentences", &toml, TEXT);
        }
        let share = |toml: &str, text: &str, name: &str| signal(&measured(toml, text), name);
        for (chars, abnormal) in [(19, 1.0), (20, 0.0), (500, 0.0), (501, 1.0)] {
            let name = "abnormal_length_sentence_ratio";
            assert_eq!(share("", &"é".repeat(chars), name), Some(abnormal), "{chars}");
        }
        let datamap = "variant = 'datamap'";
        let name = "abnormal_length_sentence_ratio";
        assert_eq!(share(datamap, &"é".repeat(251), name), Some(1.0), "lengths in bytes");
        assert_eq!(share(datamap, &"é".repeat(250), name), Some(0.0));
        // One in five is allowed, and half of at least twelve words.
        let name = "technical_sentence_ratio";
        assert_eq!(share("", &"abcd1".repeat(5), name), Some(0.0));
        assert_eq!(share("", &("abcd1".repeat(5) + ">"), name), Some(1.0));
        let name = "list_sentence_ratio";
        assert_eq!(share("", &"Aa bb ".repeat(6), name), Some(0.0));
        assert_eq!(share("", &("Aa bb ".repeat(6) + "Cc"), name), Some(1.0));
        assert_eq!(share("", &"Aa ".repeat(11), name), Some(0.0));
        assert_eq!(share("min_list_tokens = 11", &"Aa ".repeat(11), name), Some(1.0));
        assert_eq!(share("max_capital_ratio = 1", &"Aa ".repeat(20), name), Some(0.0));
    }

    #[test]
    fn a_document_of_few_sentences_is_dropped_and_one_of_none_has_no_shares() {
        let five = "This is one sentence of five\n".repeat(5);
        assert_eq!(reason("madlad_sentences", "", &five), None);
        let four = "This is one sentence of four\n".repeat(4);
        assert_eq!(reason("madlad_sentences", "", &four), Some("too_few_sentences"));
        let none = measured("", " \n");
        assert_eq!(none.reason, Some("too_few_sentences"));
        assert_eq!(signal(&none, "questionable_sentence_ratio"), None);
        // Line ends do not end datamap-rs' sentences.
        assert_eq!(signal(&measured("variant = 'datamap'", &five), "sentences"), Some(1.0));
    }

    #[test]
    fn lists_of_the_user_take_the_place_of_the_expressions() {
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), "# mine\n(?i)PLAIN\n[ ]fault\\.$\n").unwrap();
        let toml = format!("cursed_patterns = ['{}']", list.path().display());
        let outcome = measured(&toml, TEXT);
        assert_eq!(signal(&outcome, "cursed_sentence_ratio"), Some(0.2));
    }

    #[test]
    fn what_could_never_fire_and_broken_expressions_are_faults() {
        let faults = |toml: &str| faults("madlad_sentences", toml);
        let found = faults("sentence_rules = ['language']");
        assert!(found.contains("without a `model`"), "{found}");
        assert!(faults("sentence_rules = []").contains("empty list"));
        assert!(faults("sentence_rules = ['lists']").contains("cannot be \"lists\""));
        assert!(faults("min_sentences = 'off'\nmax_questionable_ratio = 'off'").contains("never"));
        assert!(faults("model = 'nowhere.bin'").contains("nowhere.bin"));
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), "fine\n(broken\n").unwrap();
        let found = faults(&format!("cursed_patterns = ['{}']", list.path().display()));
        assert!(found.contains("`(broken` is no regular expression: unclosed group"), "{found}");
    }

    #[test]
    fn sentences_in_another_language_than_most_are_foreign() {
        let model = crate::text::oracle::data_folder().join("models/lid.176.ftz");
        if !Path::new(&model).exists() {
            eprintln!("SKIPPED: no model at {}", model.display());
            return;
        }
        let text = "This is plain English text.\nNobody would take it for another language.\n\
            Und dieser Satz ist ganz bestimmt auf Deutsch geschrieben.\nHere is English again.\n\
            Auch der letzte Satz dieses Textes ist auf Deutsch.";
        // The model takes the whole text for German.
        for (variant, share) in [("madlad", 0.4), ("datamap", 0.6)] {
            let toml = format!("variant = '{variant}'\nmodel = '{}'", model.display());
            let outcome = measured(&toml, text);
            assert_eq!(signal(&outcome, "sentences"), Some(5.0));
            assert_eq!(signal(&outcome, "foreign_sentence_ratio"), Some(share), "{variant}");
            assert_eq!(outcome.reason, Some("too_many_questionable_sentences"));
        }
    }
}
