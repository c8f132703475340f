//! Keeps documents that a fastText classifier finds good.
//!
//! # What it does
//! Asks a supervised fastText model for the probability of `label` on the whole text and keeps the
//! document if it reaches `min_score`. Line ends count as spaces. A text without a word or
//! character n-gram that the model knows scores 0.
//!
//! # Why
//! A classifier trained on texts held to be good against random pages is the strongest single
//! filter of present pipelines, and the one whose worth depends most on the compute spent.
//!
//! # Source
//! DCLM (arXiv 2406.11794, section 4.4): OH-2.5 + ELI5 against RefinedWeb, label `__label__hq`, kept
//! from 0.018112 (`baselines_configs/fasttext_filter.yaml`). datatrove:
//! `FastTextClassifierFilter`.
//!
//! # Differences
//! The probability equals fastText's own; the model is read by its format, `.bin` and `.ftz`, dense
//! and quantised. The label is written without its prefix `__label__`.

use std::path::PathBuf;

use crate::config::params;
use crate::fasttext::{Model, with_scratch};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

params! {
    /// Parameters of `fasttext_quality`.
    pub struct Params {
        /// A supervised fastText model (`.bin`, `.ftz`).
        model: PathBuf,
        /// The label of good texts, with or without `__label__`.
        label: String,
        /// Least probability of the label.
        min_score: f64 [probability, 0 ..= 1],
    }
}

signals! {
    /// What `fasttext_quality` measures.
    pub struct Signals {
        /// Probability of the label.
        score: f64,
    }
}

/// The step.
pub struct FastTextQuality {
    model: Model,
    label: usize,
}

impl Step for FastTextQuality {
    const NAME: &'static str = "fasttext_quality";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("fasttext_quality.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let model = build.model("model", &params.model)?;
        let name = params.label.strip_prefix("__label__").unwrap_or(&params.label);
        let Some(label) = model.labels().iter().position(|label| label == name) else {
            let fault = build.fault("label", format!("the model has no label `{name}`"));
            *fault = fault.clone().suggest(name, model.labels().iter().map(String::as_str));
            return None;
        };
        Some(Self { model, label })
    }
}

impl Filter for FastTextQuality {
    const RULES: &'static [Rule] = &[Rule::min("low_quality_score", "score", "min_score")];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let score = with_scratch(|scratch| {
            self.model.probability_of(view.text(), self.label, scratch).unwrap_or(0.0)
        });
        Some(Signals { score: f64::from(score) })
    }
}
