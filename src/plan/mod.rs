//! Configuration + registry → [`Plan`]: typed, resolved, fingerprinted; no input is touched.
//!
//! The plan knows, from the arms declared, which (step, view) pairs any arm needs. Each pair is
//! evaluated once, however many arms share it, as a query optimiser shares subplans.

mod arms;
mod fingerprint;
mod pairs;
mod steps;
mod stored;

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::{
    Config, ConfigError, Extract, ExtractComments, ExtractFavor, ExtractWith, Fault, Input,
    LoadError,
};
use crate::extract::{Comments, ExtractorKind, Favor, Limits, Options};
use crate::steps::{Evaluate, Field, FileDigest, StepType};

pub use arms::{Arm, ArmOfCut, Recipe};
pub use fingerprint::differences;
use pairs::Relations;
pub use pairs::{Pair, PlannedView};
pub use stored::{
    Bound, StoredArm, StoredArmOfCut, StoredPair, StoredPlan, StoredRecipe, StoredRule, StoredStep,
    StoredTest,
};

/// Version of the layout on disk: columns, their types, and what lies where in a run directory.
pub const SCHEMA_VERSION: u32 = 3;

/// Version of everything between a shard's bytes and a document that has no version of its own
/// (WARC, HTTP, charset, pools) and of the Parquet writer's settings; raised whenever one of them
/// gives other bytes than before.
pub const READER_VERSION: u32 = 1;

/// A resolved pipeline.
pub struct Plan {
    /// The pipeline's name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// `[input]`
    pub input: Input,
    /// `[extract]`
    pub extract: Extract,
    /// The steps, in the order of the pipeline.
    pub steps: Vec<PlannedStep>,
    /// The views; the first is the stored text.
    pub views: Vec<PlannedView>,
    /// What is evaluated, in order: a pair stands after the edits that its view needs.
    pub pairs: Vec<Pair>,
    /// By pair: what its step takes from earlier pairs.
    pub inputs: Vec<Vec<(usize, Field)>>,
    /// The arms: `raw`, `full`, those declared, those of `[ablation]`.
    pub arms: Vec<Arm>,
    /// The arms of `[ablation]` that a cut alone can make.
    pub arms_of_cut: Vec<ArmOfCut>,
    /// The arm that is run directly, dropping as it goes; `None` for a run of everything.
    pub direct: Option<usize>,
    /// SHA-256 over everything that output bytes depend on, in hex.
    pub fingerprint: String,
}

/// A configured step.
pub struct PlannedStep {
    /// The name of this copy.
    pub name: String,
    /// Its registered type.
    pub step_type: &'static StepType,
    /// All its parameters, defaults included.
    pub params: serde_json::Value,
    /// Files it read, with digests.
    pub files: Vec<FileDigest>,
    /// Whether it applies to no document without a URL.
    pub needs_url: bool,
    /// The step itself.
    pub step: Box<dyn Evaluate>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The pipeline file cannot be read or has faults.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The command line names an arm that there is not.
    #[error("the pipeline has no arm `{name}`; its arms: {}", known.join(", "))]
    UnknownArm {
        /// The name given.
        name: String,
        /// The arms there are.
        known: Vec<String>,
    },
    /// The command line asks to run an arm that depends on the whole pool.
    #[error(
        "the arm `{name}` is made of the whole pool: run without --arm, then `gristmill cut --arm {name}`"
    )]
    SettledByCut {
        /// The name given.
        name: String,
    },
}

impl From<ConfigError> for PlanError {
    fn from(error: ConfigError) -> Self {
        Self::Load(LoadError::Config(error))
    }
}

impl Plan {
    /// Reads a pipeline file and resolves it; with `arm`, the plan of running that arm alone.
    ///
    /// # Errors
    /// All faults of the file at once; an arm that there is not.
    pub fn load(path: &Path, arm: Option<&str>) -> Result<Self, PlanError> {
        let (config, faults) = Config::load(path)?;
        let plan = Self::resolve(&config, faults)?;
        match arm {
            Some(name) => plan.directly(name),
            None => Ok(plan),
        }
    }

    /// Resolves a configuration whose reading found `faults`.
    ///
    /// # Errors
    /// All faults at once, those of reading and those of resolving.
    pub fn resolve(config: &Config, mut faults: Vec<Fault>) -> Result<Self, ConfigError> {
        let (steps, whole) = steps::resolve(config, &mut faults);
        let names: Vec<&str> = config.steps.iter().map(|step| step.name.0.as_str()).collect();
        let (arms, arms_of_cut) = arms::resolve(config, &names, &mut faults);
        if !faults.is_empty() || !whole {
            return Err(config.error(faults));
        }
        let mut plan = Self {
            name: config.name.clone(),
            description: config.description.clone(),
            input: config.input.clone(),
            extract: config.extract.clone(),
            steps,
            views: Vec::new(),
            pairs: Vec::new(),
            inputs: Vec::new(),
            arms,
            arms_of_cut,
            direct: None,
            fingerprint: String::new(),
        };
        plan.finish();
        Ok(plan)
    }

    /// The plan that runs one arm's steps alone, dropping as it goes.
    ///
    /// # Errors
    /// [`PlanError::UnknownArm`]
    pub fn directly(mut self, name: &str) -> Result<Self, PlanError> {
        if self.arms_of_cut.iter().any(|arm| arm.name == name) {
            return Err(PlanError::SettledByCut { name: name.into() });
        }
        let Some(index) = self.arms.iter().position(|arm| arm.name == name) else {
            let known = self.arms.into_iter().map(|arm| arm.name).collect();
            return Err(PlanError::UnknownArm { name: name.into(), known });
        };
        let mut arm = self.arms.swap_remove(index);
        let needed = self.needed_by(&arm.steps);
        let mut position = 0;
        self.steps.retain(|_| {
            position += 1;
            needed.contains(&(position - 1))
        });
        let moved = |step: &usize| needed.iter().position(|known| known == step);
        arm.steps = arm.steps.iter().filter_map(moved).collect();
        self.arms = vec![arm];
        self.arms_of_cut.clear();
        self.direct = Some(0);
        self.finish();
        Ok(self)
    }

    fn finish(&mut self) {
        let relations = Relations {
            is_edit: self.steps.iter().map(PlannedStep::is_edit).collect(),
            takes: (0..self.steps.len()).map(|step| self.takes(step)).collect(),
        };
        // What a control is measured by is evaluated as for an arm.
        let mut arms = std::mem::take(&mut self.arms);
        let declared = arms.len();
        let measured_by = |arm: &ArmOfCut| match &arm.recipe {
            Recipe::RandomControl { like } => Some(like.clone()),
            _ => None,
        };
        arms.extend(self.arms_of_cut.iter().filter_map(measured_by));
        (self.views, self.pairs) = pairs::resolve(&mut arms, &relations);
        let mut resolved = arms.split_off(declared).into_iter();
        for arm in &mut self.arms_of_cut {
            if let Recipe::RandomControl { like } = &mut arm.recipe {
                *like = resolved.next().unwrap_or_else(|| like.clone());
            }
        }
        self.arms = arms;
        self.inputs = self.pairs.iter().map(|&pair| self.inputs_of(pair)).collect();
        self.fingerprint = fingerprint::of(self);
    }

    /// The earlier steps whose values a step takes, each once.
    fn takes(&self, step: usize) -> Vec<usize> {
        let inputs = self.steps[step].step.inputs().iter();
        let mut taken: Vec<usize> = inputs.filter_map(|input| self.position(&input.step)).collect();
        taken.sort_unstable();
        taken.dedup();
        taken
    }

    /// The steps given and those whose values they take, in the order of the pipeline.
    fn needed_by(&self, steps: &[usize]) -> Vec<usize> {
        let mut needed = vec![false; self.steps.len()];
        steps.iter().for_each(|&step| needed[step] = true);
        // From the last on: what a step takes stands before it.
        for step in (0..needed.len()).rev() {
            if needed[step] {
                self.takes(step).into_iter().for_each(|taken| needed[taken] = true);
            }
        }
        (0..needed.len()).filter(|&step| needed[step]).collect()
    }

    fn inputs_of(&self, pair: Pair) -> Vec<(usize, Field)> {
        let inputs = self.steps[pair.step].step.inputs().iter();
        let found = inputs.filter_map(|input| {
            let step = self.position(&input.step)?;
            let taken = Pair { step, view: pairs::view_at(&self.views, pair.view, step) };
            Some((self.pairs.iter().position(|known| *known == taken)?, input.field))
        });
        found.collect()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// Whether a direct run drops a document when this pair does.
    ///
    /// Which copies a dedup keeps is settled by a cut, among all documents that come as far as the
    /// dedup: so after the first dedup nothing is dropped while the crawl is read.
    pub fn drops_directly(&self, pair: usize) -> bool {
        self.direct.is_some_and(|arm| {
            let pairs = &self.arms[arm].pairs;
            let is_dedup = |pair: &&usize| self.steps[self.pairs[**pair].step].is_dedup();
            let settled = pairs.iter().find(is_dedup).copied().unwrap_or(usize::MAX);
            pairs.contains(&pair) && pair < settled
        })
    }

    /// The view that `text` is stored as: that of the arm in a direct run, unless a dedup is yet to
    /// be settled; else the text as extracted.
    pub fn stored_view(&self) -> usize {
        match self.direct {
            Some(arm) if !self.needs_cut(arm) => self.arms[arm].view,
            _ => 0,
        }
    }

    /// Whether which documents an arm has is settled by a cut alone.
    pub fn needs_cut(&self, arm: usize) -> bool {
        self.arms[arm].steps.iter().any(|&step| self.steps[step].is_dedup())
    }

    /// Which text of a page is stored.
    pub fn extractor(&self) -> ExtractorKind {
        match self.extract.with {
            ExtractWith::MainContent => ExtractorKind::MainContent,
            ExtractWith::Readability => ExtractorKind::Readability,
            ExtractWith::AllText => ExtractorKind::AllText,
        }
    }

    /// How pages are read, and the bounds past which a page is a failure.
    pub fn extract_options(&self) -> Options {
        let bytes = self.extract.max_html_bytes.0;
        Options {
            extractor: self.extractor(),
            favor: match self.extract.favor {
                ExtractFavor::Precision => Favor::Precision,
                ExtractFavor::Balance => Favor::Balance,
                ExtractFavor::Recall => Favor::Recall,
            },
            comments: match self.extract.comments {
                ExtractComments::Keep => Comments::Keep,
                ExtractComments::Drop => Comments::Drop,
            },
            limits: Limits {
                max_html_bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
                max_nodes: u32::try_from(self.extract.max_nodes).unwrap_or(u32::MAX),
                ..Limits::default()
            },
        }
    }

    /// The name of a view: the edits applied, in order; empty for the stored text.
    pub fn view_name(&self, view: usize) -> String {
        let edits = self.views[view].edits.iter();
        edits.map(|&step| self.steps[step].name.as_str()).collect::<Vec<_>>().join("+")
    }

    /// The column of a pair: `step`, or `step@edit+edit` on an edited view.
    pub fn column(&self, pair: usize) -> String {
        let Pair { step, view } = self.pairs[pair];
        let name = &self.steps[step].name;
        match view {
            0 => name.clone(),
            _ => format!("{name}@{}", self.view_name(view)),
        }
    }

    /// The columns of each arm, by its name: two arms of the same columns are the same corpus.
    pub fn arm_columns(&self) -> BTreeMap<String, Vec<String>> {
        let columns = |arm: &Arm| arm.pairs.iter().map(|&pair| self.column(pair)).collect();
        self.arms.iter().map(|arm| (arm.name.clone(), columns(arm))).collect()
    }

    /// Whether any step writes `signatures/`.
    pub fn signs(&self) -> bool {
        self.steps.iter().any(PlannedStep::is_dedup)
    }

    /// Everything about the plan as JSON, as `run.json` keeps it.
    pub fn to_json(&self) -> serde_json::Value {
        fingerprint::plan_json(self)
    }
}

impl PlannedStep {
    /// Whether the step is a dedup.
    pub fn is_dedup(&self) -> bool {
        self.step_type.kind == crate::steps::StepKind::Dedup
    }

    /// Whether the step is an edit.
    pub fn is_edit(&self) -> bool {
        self.step_type.kind == crate::steps::StepKind::Edit
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The plan of a pipeline that has no faults.
    pub(crate) fn plan(text: &str) -> Plan {
        match try_plan(text) {
            Ok(plan) => plan,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn try_plan(text: &str) -> Result<Plan, ConfigError> {
        let (config, faults) = Config::parse("p.toml", text.to_owned(), std::path::PathBuf::new());
        Plan::resolve(&config, faults)
    }

    const TWO: &str = "name = 'x'\n[[step]]\nuse = 'newline_runs'\n[[step]]\nuse = 'length'\n";

    #[test]
    fn a_filter_after_an_edit_gets_a_column_for_each_view_that_arms_need() {
        let columns = |text: &str| {
            let plan = plan(text);
            (0..plan.pairs.len()).map(|pair| plan.column(pair)).collect::<Vec<_>>()
        };
        assert_eq!(columns(TWO), ["newline_runs", "length@newline_runs"]);
        let both = format!("{TWO}[arms]\nplain = ['length']\n");
        assert_eq!(columns(&both), ["newline_runs", "length", "length@newline_runs"]);
    }

    #[test]
    fn the_fingerprint_follows_what_bytes_depend_on_and_nothing_else() {
        let fingerprint = |text: &str| plan(text).fingerprint;
        let base = fingerprint(TWO);
        assert_eq!(base, fingerprint(&TWO.replace("'x'", "'y'")));
        assert_eq!(base, fingerprint(&format!("{TWO}[arms]\nedited = ['newline_runs']\n")));
        assert_eq!(base, fingerprint(&format!("{TWO}min_words = 1\n")), "a default said aloud");
        assert_ne!(base, fingerprint(&format!("{TWO}min_words = 2\n")));
        assert_ne!(base, fingerprint(&format!("{TWO}[extract]\nwith = 'all_text'\n")));
        assert_ne!(base, fingerprint(&format!("{TWO}[arms]\nplain = ['length']\n")));
        assert_ne!(
            base,
            plan(TWO).directly("full").map(|plan| plan.fingerprint).unwrap_or_default()
        );
    }

    #[test]
    fn the_fingerprint_tells_which_list_a_file_is_and_not_where_it_lies() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            std::fs::write(directory.path().join(name), "one\ntwo\nthree\n").unwrap();
        }
        let fingerprint = |lists: &str| {
            let text = format!("name = 'x'\n[[step]]\nuse = 'url_blocklist'\n{lists}\n");
            let (config, faults) = Config::parse("p.toml", text, directory.path().to_path_buf());
            Plan::resolve(&config, faults).map(|plan| plan.fingerprint).unwrap()
        };
        let base = fingerprint("hard_words = ['a']");
        assert_eq!(base, fingerprint("hard_words = ['b']"), "the same bytes elsewhere");
        assert_ne!(base, fingerprint("soft_words = ['a']"));
        assert_ne!(
            fingerprint("hard_words = ['a']\nsoft_words = ['b']"),
            fingerprint("hard_words = ['a', 'b']"),
        );
    }

    #[test]
    fn faults_of_steps_and_arms_come_all_at_once_with_their_places() {
        let text = "name = 'x'\n[[step]]\nuse = 'lenght'\n[[step]]\nuse = 'length'\nmin_words = -1\n\
                    max_word = 2\n[[step]]\nuse = 'length'\nas = 'length'\n[[step]]\nuse = 'length'\n\
                    as = 'url'\nmin_words = 'off'\n[arms]\nraw = ['length']\na = ['-length', 'nothing', 'url', 'length']\n";
        let error = try_plan(text).err().map(|error| error.to_string()).unwrap_or_default();
        expect_test::expect![[r#"
            p.toml:3:7: there is no step `lenght` (did you mean `length`?)
            p.toml:6:13: `min_words` must lie between 0 and 1_000_000_000
            p.toml:7:1: step `length` has no key `max_word` (did you mean `max_words`?)
            p.toml:10:6: two steps are called `length` (give this copy a name of its own: as = "…")
            p.toml:13:6: `url` is a column of every document (give the step another name: as = "…")
            p.toml:14:13: every bound is off: this step could never drop a document
            p.toml:16:1: `raw` is the arm without steps
            p.toml:17:6: `length` is not in the arm to be taken out (start the list with "*" to begin from all steps)
            p.toml:17:17: no step is called `nothing` (known: lenght, length, url)
            p.toml:17:35: `length` comes earlier in the pipeline (an arm keeps the order of the pipeline)"#]].assert_eq(&error);
    }
}
