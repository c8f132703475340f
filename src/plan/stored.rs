//! A plan as `run.json` keeps it: what a cut knows of the run.

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// The part of a stored plan that arms are cut by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StoredPlan {
    /// The pipeline's name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Version of the layout on disk.
    pub schema: u32,
    /// SHA-256 over everything that output bytes depend on, in hex.
    pub fingerprint: String,
    /// The arm that was run directly.
    pub direct_arm: Option<String>,
    /// The steps, in the order of the pipeline.
    pub steps: Vec<StoredStep>,
    /// What was evaluated.
    pub pairs: Vec<StoredPair>,
    /// The arms of the pipeline.
    pub arms: Vec<StoredArm>,
    /// The arms that a cut alone can make.
    pub arms_of_cut: Vec<StoredArmOfCut>,
    /// The view that the stored text is, as a name.
    pub stored_view: String,
}

impl StoredPlan {
    /// The arm that is meant where none is named: the one that was run directly, or `full`.
    pub fn usual_arm(&self) -> &str {
        self.direct_arm.as_deref().unwrap_or("full")
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StoredStep {
    /// The name of this copy.
    pub name: String,
    /// Its registered name.
    #[serde(rename = "use")]
    pub uses: String,
    /// Its kind: `filter`, `edit`, `dedup` or `annotation`.
    pub kind: String,
    /// What a dedup keeps or removes: `document` or `piece`.
    pub unit: Option<String>,
    /// Version of its definition.
    pub version: u32,
    /// All its parameters, defaults included.
    pub params: Json,
    /// The rules that are switched on, in the order they are tested.
    #[serde(default, deserialize_with = "known_rules")]
    pub rules: Vec<StoredRule>,
}

/// The rules; none of a run whose plan did not yet tell what rules go by.
fn known_rules<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<StoredRule>, D::Error> {
    let rules = Vec::<Json>::deserialize(from)?;
    Ok(rules.into_iter().filter_map(|rule| serde_json::from_value(rule).ok()).collect())
}

/// A rule of a step; a null signal passes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StoredRule {
    /// The reason written when the rule fails.
    pub reason: String,
    /// What is dropped, in words (`words < min_words`).
    pub drops: String,
    /// The signal that is judged.
    pub signal: String,
    /// How it is judged.
    pub test: StoredTest,
    /// The bound; `None` for a rule on a yes or no.
    pub threshold: Option<f64>,
}

/// What a rule keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredTest {
    /// A signal of at least the threshold.
    AtLeast,
    /// A signal of at most the threshold.
    AtMost,
    /// A signal that is false.
    Never,
    /// A signal that is true.
    Always,
}

/// What a rule keeps, as a bound on numbers where a yes is 1 and a no is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The least that is kept, or the greatest.
    pub value: f64,
    /// Whether it is the least.
    pub is_least: bool,
}

impl Bound {
    /// Whether a value is dropped; one that is not a number is none.
    pub fn fails(self, value: f64) -> bool {
        if self.is_least { value < self.value } else { value > self.value }
    }
}

impl StoredRule {
    /// What it keeps.
    pub fn bound(&self) -> Bound {
        let (value, is_least) = match self.test {
            StoredTest::AtLeast => (self.threshold.unwrap_or(f64::NEG_INFINITY), true),
            StoredTest::AtMost => (self.threshold.unwrap_or(f64::INFINITY), false),
            StoredTest::Never => (0.0, false),
            StoredTest::Always => (1.0, true),
        };
        Bound { value, is_least }
    }
}

/// A step on a view.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoredPair {
    /// The column.
    pub column: String,
    /// The step.
    pub step: String,
    /// The view, as a name.
    pub view: String,
    /// The columns that its step takes values from, by input.
    pub takes: Vec<String>,
}

/// An arm.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoredArm {
    /// The arm's name.
    pub name: String,
    /// Its steps, in the order of the pipeline.
    pub steps: Vec<String>,
    /// Their columns.
    pub columns: Vec<String>,
    /// The view that its text is, as a name.
    pub view: String,
}

/// An arm that a cut alone can make.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoredArmOfCut {
    /// The arm's name.
    pub name: String,
    /// How it is made.
    #[serde(flatten)]
    pub recipe: StoredRecipe,
}

/// How a cut makes an arm of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "recipe", rename_all = "snake_case")]
pub enum StoredRecipe {
    /// The pool without as many tokens as another arm drops, of documents drawn at random.
    RandomControl {
        /// The arm that drops them by a rule.
        like: StoredArm,
    },
    /// The pool and documents of random words.
    RandomWords {
        /// In per cent of the pool's words.
        percent: u64,
    },
    /// The pool and copies of its documents with their words shuffled.
    ShuffledDocuments {
        /// In per cent of the pool's documents.
        percent: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    #[test]
    fn a_plan_reads_back_from_what_run_json_keeps() {
        let text = "name = 'x'\n[[step]]\nuse = 'newline_runs'\n[[step]]\nuse = 'length'\n\
                    [[step]]\nuse = 'exact'\nkeep = 'best'\nby = 'length.words'\n\
                    [ablation]\nrandom_control = true\nrandom_words = [20]\nshuffled_documents = [100]\n";
        let plan = plan(text);
        let stored: StoredPlan = serde_json::from_value(plan.to_json()).unwrap();
        assert_eq!(stored.fingerprint, plan.fingerprint);
        let names: Vec<&str> = stored.arms_of_cut.iter().map(|arm| arm.name.as_str()).collect();
        let expected =
            ["random_length", "random_exact", "random_words_20", "shuffled_documents_100"];
        assert_eq!(names, expected);
        let StoredRecipe::RandomControl { like } = &stored.arms_of_cut[1].recipe else { panic!() };
        assert_eq!(
            (like.name.as_str(), like.columns.as_slice()),
            ("only_exact", &["exact".to_owned()][..])
        );
        let exact = stored.pairs.iter().find(|pair| pair.column == "exact@newline_runs").unwrap();
        assert_eq!(exact.takes, ["length@newline_runs"]);
    }

    #[test]
    fn which_copy_stays_is_no_matter_of_the_run() {
        let fingerprint = |keep: &str| {
            plan(&format!("name = 'x'\n[[step]]\nuse = 'exact'\nkeep = '{keep}'\n")).fingerprint
        };
        assert_eq!(fingerprint("first"), fingerprint("newest"));
    }
}
