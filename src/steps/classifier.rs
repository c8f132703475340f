//! The probability that a fastText model gives a text of being of certain labels.

use std::path::Path;

use super::Build;
use crate::fasttext::{Model, with_scratch};

/// A model and the labels asked for.
pub(super) struct Classifier {
    model: Model,
    labels: Vec<usize>,
}

impl Classifier {
    /// Reads the model of the parameter `model` and finds the labels of the parameter `labels`, with
    /// or without their prefix; `None` after a fault.
    pub(super) fn load(path: &Path, names: &[String], build: &mut Build<'_>) -> Option<Self> {
        let model = build.model("model", path)?;
        let known = model.labels();
        let mut labels = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let name = name.strip_prefix("__label__").unwrap_or(name);
            match known.iter().position(|label| label == name) {
                Some(label) => labels.push(label),
                None => {
                    let message = format!("the model has no label `{name}`");
                    let fault = build.fault_in_list("labels", index, message);
                    *fault = fault.clone().suggest(name, known.iter().map(String::as_str));
                }
            }
        }
        (labels.len() == names.len()).then_some(Self { model, labels })
    }

    /// The probability of the most probable label asked for; 0 for a text without anything that the
    /// model knows.
    pub(super) fn score(&self, text: &str) -> f64 {
        let score = with_scratch(|scratch| {
            self.model.best_probability_of(text, &self.labels, scratch).unwrap_or(0.0)
        });
        f64::from(score)
    }
}
