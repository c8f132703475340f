//! Keeps documents in the languages asked for.
//!
//! # What it does
//! Identifies the language of the whole text and keeps the document if the best score among
//! `languages` reaches `min_score`; without `languages`, if the best score of any language does.
//! `label` is the most probable language and `score` its score, whatever was asked for. A text in
//! which nothing is recognised has no label and scores 0.
//!
//! Without `model`, languages are identified by whatlang, which is part of the program: 69
//! languages, by script and letter trigrams. With `model`, by any supervised fastText model whose
//! labels are languages, such as lid.176.bin, lid.176.ftz or GlotLID; line ends count as spaces.
//!
//! # Why
//! Every later rule that counts words or looks for stop words supposes a language.
//!
//! # Source
//! FineWeb: datatrove `LanguageFilter` (language_filter.py), fastText lid.176, above 0.65.
//! RefinedWeb and DCLM: `en` above 0.65. FineWeb-2: GlotLID with a threshold of its own for each
//! language.
//!
//! # Differences
//! datatrove and DCLM keep what is above the threshold, here what is at least it. whatlang's labels
//! are written as fastText writes them (`en`, `zh`, `no`), with the ISO 639-1 code of each language;
//! its score is its own confidence and no probability. A fastText probability can exceed 1 by a
//! hair, as in fastText itself.

use std::path::PathBuf;

use whatlang::Lang;

use crate::config::params;
use crate::fasttext::{Model, with_scratch};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

params! {
    /// Parameters of `language`.
    pub struct Params {
        /// A supervised fastText model (`.bin`, `.ftz`) whose labels are languages; whatlang if off.
        model: Option<PathBuf> = None,
        /// Languages to keep, as the model labels them; any language if not given.
        languages: Vec<String> = Vec::new(),
        /// Least score of the best language kept.
        min_score: f64 [probability, 0 ..= 1] = 0.65,
    }
}

signals! {
    /// What `language` measures.
    pub struct Signals {
        /// The most probable language; null where nothing is recognised.
        label: Option<String>,
        /// Its score.
        score: f64,
        /// The best score among the languages asked for; the same as `score` if none was.
        listed_score: f64,
    }
}

/// The step.
pub struct Language {
    identifier: Identifier,
    /// Labels asked for; empty for any.
    languages: Vec<String>,
}

enum Identifier {
    Whatlang,
    FastText { model: Box<Model>, listed: Vec<usize> },
}

impl Step for Language {
    const NAME: &'static str = "language";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("language.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let identifier = match &params.model {
            Some(path) => {
                let model = build.model("model", path)?;
                let position =
                    |name: &String| model.labels().iter().position(|label| label == name);
                let listed: Vec<_> = params.languages.iter().map(position).collect();
                check(&params.languages, |index| listed[index].is_some(), model.labels(), build)?;
                let listed = listed.into_iter().flatten().collect();
                Identifier::FastText { model: Box::new(model), listed }
            }
            None => {
                let known: Vec<String> =
                    Lang::all().iter().map(|&lang| label(lang).to_owned()).collect();
                let listed = |index: usize| known.contains(&params.languages[index]);
                check(&params.languages, listed, &known, build)?;
                Identifier::Whatlang
            }
        };
        Some(Self { identifier, languages: params.languages.clone() })
    }
}

/// Reports the languages that the identifier does not have.
fn check(
    languages: &[String],
    is_known: impl Fn(usize) -> bool,
    known: &[String],
    build: &mut Build<'_>,
) -> Option<()> {
    let mut sound = Some(());
    for (index, language) in languages.iter().enumerate() {
        if !is_known(index) {
            let message = format!("the identifier has no language `{language}`");
            let fault = build.fault_in_list("languages", index, message);
            *fault = fault.clone().suggest(language, known.iter().map(String::as_str));
            sound = None;
        }
    }
    sound
}

impl Filter for Language {
    const RULES: &'static [Rule] = &[Rule::min("low_language_score", "listed_score", "min_score")];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        Some(match &self.identifier {
            Identifier::Whatlang => self.by_whatlang(view.text()),
            Identifier::FastText { model, listed } => by_fasttext(model, listed, view.text()),
        })
    }
}

impl Language {
    fn by_whatlang(&self, text: &str) -> Signals {
        let Some(info) = whatlang::detect(text) else {
            return Signals { label: None, score: 0.0, listed_score: 0.0 };
        };
        let (label, score) = (label(info.lang()), info.confidence());
        let is_listed = self.languages.is_empty() || self.languages.iter().any(|l| l == label);
        let listed_score = if is_listed { score } else { 0.0 };
        Signals { label: Some(label.to_owned()), score, listed_score }
    }
}

fn by_fasttext(model: &Model, listed: &[usize], text: &str) -> Signals {
    with_scratch(|scratch| {
        let Some(best) = model.predict(text, scratch) else {
            return Signals { label: None, score: 0.0, listed_score: 0.0 };
        };
        let score = f64::from(best.probability);
        let listed_score = if listed.is_empty() || listed.contains(&best.label) {
            score
        } else {
            let mut all = Vec::new();
            model.predict_k(text, usize::MAX, -1.0, scratch, &mut all);
            let of_listed = all.iter().filter(|found| listed.contains(&found.label));
            of_listed.map(|found| f64::from(found.probability)).fold(0.0, f64::max)
        };
        Signals { label: Some(model.labels()[best.label].clone()), score, listed_score }
    })
}

/// A language as fastText's lid.176 labels it: ISO 639-1.
fn label(language: Lang) -> &'static str {
    match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "no",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::Value;
    use crate::steps::testing::{build, faults, outcome, reason};

    const ENGLISH: &str = "The quick brown fox jumps over the lazy dog, and this sentence is plain \
                           English that anybody would recognise without a second look at it.";
    const GERMAN: &str = "Der schnelle braune Fuchs springt über den faulen Hund, und dieser Satz \
                          ist schlichtes Deutsch, das jeder ohne Mühe erkennen würde.";

    #[test]
    fn the_language_asked_for_is_kept_and_others_are_dropped() {
        let only_english = "languages = ['en']";
        assert_eq!(reason("language", only_english, ENGLISH), None);
        let german = outcome(&build("language", only_english).unwrap(), GERMAN);
        assert_eq!(german.reason, Some("low_language_score"));
        assert_eq!(german.values[0], Value::Text("de".into()));
        assert_eq!(german.values[2], Value::Float(0.0));
        assert_eq!(reason("language", "", GERMAN), None);
    }

    #[test]
    fn a_text_without_letters_has_no_language_and_is_dropped() {
        let step = build("language", "").unwrap();
        for text in ["", " ", "12345 67890", "…!?"] {
            let outcome = outcome(&step, text);
            assert_eq!(outcome.reason, Some("low_language_score"), "{text:?}");
            assert_eq!(outcome.values[0], Value::Null);
        }
    }

    #[test]
    fn languages_that_there_are_not_are_faults() {
        let found = faults("language", "languages = ['en', 'eng', 'deu']\nmin_score = 0.5");
        expect_test::expect![[r#"
            the identifier has no language `eng` (did you mean `en`?)
            the identifier has no language `deu` (did you mean `de`?)"#]]
        .assert_eq(&found);
        assert!(faults("language", "model = 'nowhere.bin'").contains("nowhere.bin"));
        assert!(faults("language", "min_score = 0").contains("could never drop"));
    }
}
