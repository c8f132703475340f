//! Keeps documents in the languages asked for.
//!
//! # What it does
//! Identifies the language of the whole text. `label` is the most probable language and `score` its
//! score, whatever was asked for; a text in which nothing is recognised has no label and scores 0.
//! What is kept is asked for in one of three ways:
//! - nothing but `min_score`: any language, if the most probable one reaches it;
//! - `languages`: these, all at `min_score`;
//! - `min_scores`: these, each at its own least score (`min_scores = { en = 0.65, de = 0.8 }`).
//!
//! Where several languages are asked for, one that reaches its least score is enough, most probable
//! or not; with `top_only` the most probable language must be one of them. `listed_label` is the
//! language asked for whose score lies highest above its least one, and `listed_score` its score.
//!
//! Variant `"datatrove"`: line ends count as spaces. Variant `"dclm"`: line feeds are deleted, which
//! joins the last word of a line to the first of the next; a text of nothing but spaces and ASCII
//! punctuation is not looked at; and `top_only` always holds.
//!
//! Without `model`, languages are identified by whatlang, which is part of the program: 69
//! languages, by script and letter trigrams. With `model`, by any supervised fastText model whose
//! labels are languages, such as lid.176.bin, lid.176.ftz or GlotLID.
//!
//! # Why
//! Every later rule that counts words or looks for stop words supposes a language.
//!
//! # Source
//! FineWeb: `LanguageFilter` of datatrove 0.10.1, fastText lid.176, above 0.65. FineWeb-2: GlotLID
//! with a threshold of its own for each language, `top_only`. RefinedWeb and DCLM: `en` above 0.65;
//! `"dclm"`: `detect_lang_whole_page_enricher` and `language_filter` of DCLM.
//!
//! # Differences
//! datatrove and DCLM keep what is above the threshold, here what is at least it. datatrove stops on
//! a text in which nothing is recognised; here it is dropped. whatlang's labels are written as
//! fastText writes them (`en`, `zh`, `no`), with the ISO 639-1 code of each language; its score is
//! its own confidence and no probability, and it has one for the most probable language only. A
//! fastText probability can exceed 1 by a hair, as in fastText itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use whatlang::Lang;

use crate::config::{choice, params};
use crate::fasttext::{Model, with_scratch};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

mod labels;
#[cfg(test)]
mod parity;

choice! {
    /// Whose preparation of the text.
    pub enum Variant {
        /// line ends count as spaces, as in FineWeb
        Datatrove = "datatrove",
        /// line feeds are deleted and the most probable language alone judged, as in DCLM-Baseline
        Dclm = "dclm",
    }
}

params! {
    /// Parameters of `language`.
    pub struct Params {
        /// Whose preparation of the text.
        variant: Variant = Variant::Datatrove,
        /// A supervised fastText model (`.bin`, `.ftz`) whose labels are languages; whatlang if off.
        model: Option<PathBuf> = None,
        /// Languages to keep, as the model labels them; any language if not given.
        languages: Vec<String> = Vec::new(),
        /// Least score of the best language kept.
        min_score: f64 [probability, 0 ..= 1] = 0.65,
        /// Languages to keep, each with its least score; instead of `languages` and `min_score`.
        min_scores: BTreeMap<String, f64> [probability, 0 ..= 1] = BTreeMap::new(),
        /// Whether the most probable language must be one of those to keep.
        top_only: bool = false,
    }
}

signals! {
    /// What `language` measures.
    pub struct Signals {
        /// The most probable language; null where nothing is recognised.
        label: Option<String>,
        /// Its score.
        score: f64,
        /// The language asked for that comes nearest to being kept; null if none was asked for, or
        /// with `top_only` the most probable one is none of them.
        listed_label: Option<String>,
        /// Its score, 0 if there is none; the same as `score` if none was asked for.
        listed_score: f64,
        /// Whether it reaches its own least score; null without `min_scores`.
        reaches_min_scores: Option<bool>,
    }
}

/// The step.
pub struct Language {
    identifier: Identifier,
    variant: Variant,
    top_only: bool,
    /// Whether each language has a threshold of its own.
    own_thresholds: bool,
    /// Languages asked for; empty for any.
    listed: Vec<Listed>,
}

/// A language asked for.
struct Listed {
    label: String,
    min_score: f64,
}

enum Identifier {
    Whatlang,
    FastText {
        model: Box<Model>,
        /// For each label of the model, its place in `listed`.
        places: Vec<Option<usize>>,
    },
}

/// What an identifier makes of a text, where it recognises something.
struct Found {
    label: String,
    score: f64,
    /// Languages asked for as places in `listed`, with their scores.
    listed: Vec<(usize, f64)>,
}

impl Step for Language {
    const NAME: &'static str = "language";
    const VERSION: u32 = 2;
    const SOURCE: &'static str = include_str!("language.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        check_combination(params, build)?;
        let own_thresholds = !params.min_scores.is_empty();
        let listed: Vec<Listed> = if own_thresholds {
            let entries = params.min_scores.iter();
            entries.map(|(label, &min_score)| Listed { label: label.clone(), min_score }).collect()
        } else {
            let labels = params.languages.iter().cloned();
            labels.map(|label| Listed { label, min_score: params.min_score }).collect()
        };
        let key = if own_thresholds { "min_scores" } else { "languages" };
        let place = |label: &str| listed.iter().position(|listed| listed.label == label);
        let identifier = match &params.model {
            Some(path) => {
                let model = Box::new(build.model("model", path)?);
                let places = model.labels().iter().map(|label| place(label)).collect();
                check_labels(key, &listed, model.labels(), build)?;
                Identifier::FastText { model, places }
            }
            None => {
                let known = Lang::all().iter().map(|&lang| labels::label(lang).to_owned());
                check_labels(key, &listed, &known.collect::<Vec<_>>(), build)?;
                Identifier::Whatlang
            }
        };
        let variant = params.variant;
        let top_only = params.top_only || variant == Variant::Dclm;
        Some(Self { identifier, variant, top_only, own_thresholds, listed })
    }

    fn has_rule(&self, rule: &Rule) -> bool {
        (rule.signal == "reaches_min_scores") == self.own_thresholds
    }
}

/// Reports parameters that contradict each other or keep everything.
fn check_combination(params: &Params, build: &mut Build<'_>) -> Option<()> {
    let mut refused = Vec::new();
    let top_only = params.top_only || params.variant == Variant::Dclm;
    if !params.min_scores.is_empty() {
        if build.gives("languages") {
            refused.push(("languages", "`min_scores` says which languages are kept"));
        }
        if build.gives("min_score") {
            refused.push(("min_score", "`min_scores` says at which score each language is kept"));
        }
        if !top_only && params.min_scores.values().any(|&score| score <= 0.0) {
            let message = "every text has a score of at least 0: none could be dropped";
            refused.push(("min_scores", message));
        }
    }
    if top_only && !params.top_only && build.gives("top_only") {
        refused.push(("top_only", "variant \"dclm\" looks at the most probable language only"));
    }
    for &(key, message) in &refused {
        build.fault(key, message);
    }
    refused.is_empty().then_some(())
}

/// Reports the languages that the identifier does not have.
fn check_labels(
    key: &str,
    listed: &[Listed],
    known: &[String],
    build: &mut Build<'_>,
) -> Option<()> {
    let mut sound = Some(());
    for (index, Listed { label, .. }) in listed.iter().enumerate() {
        if !known.contains(label) {
            let message = format!("the identifier has no language `{label}`");
            let fault = match key {
                "languages" => build.fault_in_list(key, index, message),
                _ => build.fault_in_table(key, label, message),
            };
            *fault = fault.clone().suggest(label, known.iter().map(String::as_str));
            sound = None;
        }
    }
    sound
}

impl Filter for Language {
    const RULES: &'static [Rule] = &[
        Rule::min("low_language_score", "listed_score", "min_score"),
        Rule::always("low_score_for_language", "reaches_min_scores"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let found = self.prepare(view.text()).and_then(|text| match &self.identifier {
            Identifier::Whatlang => self.by_whatlang(&text),
            Identifier::FastText { model, places } => self.by_fasttext(model, places, &text),
        });
        Some(self.signals(found))
    }
}

impl Language {
    /// The text to look at; `None` for one that is not.
    fn prepare<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if self.variant == Variant::Datatrove {
            return Some(Cow::Borrowed(text));
        }
        let says_something = |byte: u8| byte != b' ' && !byte.is_ascii_punctuation();
        text.bytes().any(says_something).then(|| match text.contains('\n') {
            true => Cow::Owned(text.replace('\n', "")),
            false => Cow::Borrowed(text),
        })
    }

    fn by_whatlang(&self, text: &str) -> Option<Found> {
        let info = whatlang::detect(text)?;
        let (label, score) = (labels::label(info.lang()), info.confidence());
        let place = self.listed.iter().position(|listed| listed.label == label);
        let listed = place.map(|place| (place, score)).into_iter().collect();
        Some(Found { label: label.to_owned(), score, listed })
    }

    fn by_fasttext(&self, model: &Model, places: &[Option<usize>], text: &str) -> Option<Found> {
        with_scratch(|scratch| {
            let mut all = Vec::new();
            let top = if self.top_only || self.listed.is_empty() {
                let top = model.predict(text, scratch)?;
                all.push(top);
                top
            } else {
                model.predict_all(text, scratch, &mut all)?
            };
            let listed = all
                .iter()
                .filter_map(|found| Some((places[found.label]?, f64::from(found.probability))));
            let label = model.labels()[top.label].clone();
            Some(Found { label, score: f64::from(top.probability), listed: listed.collect() })
        })
    }

    fn signals(&self, found: Option<Found>) -> Signals {
        let scores = found.as_ref().map_or(&[][..], |found| &found.listed);
        let margin = |&(place, score): &(usize, f64)| score - self.listed[place].min_score;
        let best = scores.iter().reduce(|best, next| {
            // Of equals the first in the order of `listed`, whatever order the identifier has.
            let is_better = match margin(next).total_cmp(&margin(best)) {
                std::cmp::Ordering::Equal => next.0 < best.0,
                order => order.is_gt(),
            };
            if is_better { next } else { best }
        });
        let reaches = || best.is_some_and(|best| margin(best) >= 0.0);
        let score = found.as_ref().map_or(0.0, |found| found.score);
        let none_asked_for = self.listed.is_empty();
        Signals {
            score,
            listed_label: best.map(|&(place, _)| self.listed[place].label.clone()),
            listed_score: best.map_or(if none_asked_for { score } else { 0.0 }, |best| best.1),
            reaches_min_scores: self.own_thresholds.then(reaches),
            label: found.map(|found| found.label),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, faults, outcome, reason};
    use crate::steps::{Outcome, Value};

    const ENGLISH: &str = "The quick brown fox jumps over the lazy dog, and this sentence is plain \
                           English that anybody would recognise without a second look at it.";
    const GERMAN: &str = "Der schnelle braune Fuchs springt über den faulen Hund, und dieser Satz \
                          ist schlichtes Deutsch, das jeder ohne Mühe erkennen würde.";

    fn measured(toml: &str, text: &str) -> Outcome {
        outcome(&build("language", toml).unwrap(), text)
    }

    #[test]
    fn the_language_asked_for_is_kept_and_others_are_dropped() {
        let only_english = "languages = ['en']";
        assert_eq!(reason("language", only_english, ENGLISH), None);
        let german = measured(only_english, GERMAN);
        assert_eq!(german.reason, Some("low_language_score"));
        assert_eq!(german.values[0], Value::Text("de".into()));
        assert_eq!(german.values[2..4], [Value::Null, Value::Float(0.0)]);
        assert_eq!(reason("language", "", GERMAN), None);
    }

    #[test]
    fn each_language_may_have_a_least_score_of_its_own() {
        let toml = |english: f64| format!("min_scores = {{ en = {english:?}, fr = 0.5 }}");
        let english = measured(&toml(0.1), ENGLISH);
        let score = english.values[1].number().unwrap();
        assert_eq!(
            english.values[2..],
            [Value::Text("en".into()), Value::Float(score), Value::Bool(true)]
        );
        assert_eq!(reason("language", &toml(score), ENGLISH), None, "the bound is inclusive");
        // Just past it; what whatlang is quite sure of scores 1.
        let text = &ENGLISH[..40];
        let score = measured(&toml(0.1), text).values[1].number().unwrap();
        assert!(score < 1.0);
        let past = toml(score + 1e-9);
        assert_eq!(reason("language", &past, text), Some("low_score_for_language"));
        let german = measured(&toml(0.1), GERMAN);
        assert_eq!(german.reason, Some("low_score_for_language"));
        assert_eq!(german.values[2..], [Value::Null, Value::Float(0.0), Value::Bool(false)]);
    }

    #[test]
    fn dclm_deletes_line_feeds_and_passes_over_punctuation() {
        // A line for each word is one word without its line feeds.
        let lines = ENGLISH.replace(' ', "\n");
        let score = |toml: &str| measured(toml, &lines).values[1].number().unwrap();
        assert!(score("variant = 'dclm'") < score(""));
        let joined = ENGLISH.replace(' ', "");
        assert_eq!(measured("variant = 'dclm'", &lines), measured("", &joined));
        assert_eq!(measured("variant = 'dclm'", "(-: !!").values[0], Value::Null);
    }

    #[test]
    fn a_text_without_letters_has_no_language_and_is_dropped() {
        for text in ["", " ", "12345 67890", "…!?"] {
            for variant in ["datatrove", "dclm"] {
                let outcome = measured(&format!("variant = '{variant}'"), text);
                assert_eq!(outcome.reason, Some("low_language_score"), "{text:?}");
                assert_eq!(outcome.values[0], Value::Null);
            }
            let outcome = measured("min_scores = { en = 0.0 }\ntop_only = true", text);
            assert_eq!(outcome.reason, Some("low_score_for_language"), "{text:?}");
        }
    }

    #[test]
    fn languages_that_there_are_not_are_faults() {
        let found = faults("language", "languages = ['en', 'eng', 'deu']\nmin_score = 0.5");
        expect_test::expect![[r#"
            the identifier has no language `eng` (did you mean `en`?)
            the identifier has no language `deu` (did you mean `de`?)"#]]
        .assert_eq(&found);
        let found = faults("language", "min_scores = { en = 0.5, frr = 0.5 }");
        expect_test::expect!["the identifier has no language `frr` (did you mean `fr`?)"]
            .assert_eq(&found);
        assert!(faults("language", "model = 'nowhere.bin'").contains("nowhere.bin"));
    }

    #[test]
    fn contradictions_and_bounds_that_keep_everything_are_faults() {
        let both = "languages = ['en']\nmin_score = 0.5\nmin_scores = { en = 0.5 }";
        expect_test::expect![[r#"
            `min_scores` says which languages are kept
            `min_scores` says at which score each language is kept"#]]
        .assert_eq(&faults("language", both));
        assert!(faults("language", "min_score = 0").contains("could never drop"));
        assert!(faults("language", "min_scores = { en = 0 }").contains("none could be dropped"));
        assert_eq!(faults("language", "min_scores = { en = 0 }\ntop_only = true"), "");
        assert!(faults("language", "min_scores = { en = 1.5 }").contains("between 0 and 1"));
        let any = faults("language", "variant = 'dclm'\ntop_only = false");
        assert!(any.contains("most probable language only"), "{any}");
    }
}
