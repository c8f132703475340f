//! The name of an arm → what a cut does for it.

use serde::Serialize;
use serde_json::Value as Json;

use crate::config::nearest;
use crate::plan::{StoredPlan, StoredRecipe, StoredStep};
use crate::steps::{Built, find, rebuild};

use super::CutError;

/// An arm to cut.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CutArm {
    /// Its name, as a file may be called.
    pub(crate) name: String,
    /// How it is made.
    pub(crate) recipe: Recipe,
}

/// How an arm is made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Recipe {
    /// By running steps.
    Steps(Steps),
    /// The pool without as much as these steps drop, of documents drawn at random.
    RandomControl(Steps),
    /// The pool and documents of random words, in per cent of its words.
    RandomWords(u64),
    /// The pool and shuffled copies of its documents, in per cent of them.
    ShuffledDocuments(u64),
}

/// Steps of a pipeline as a cut goes by them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Steps {
    /// Names of all steps, in order.
    pub(crate) names: Vec<String>,
    /// What drops documents, in order.
    pub(crate) stages: Vec<Stage>,
    /// The dedup of pieces at the end.
    pub(crate) pieces: Option<Dedup>,
    /// The text that the arm has.
    pub(crate) text: TextAt,
}

/// A place in an arm that sees text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TextAt {
    /// The name of the view.
    pub(crate) view: String,
    /// The column whose `spans` make the view of the stored text; none for the stored text itself.
    pub(crate) spans: Option<String>,
}

/// A part of an arm that drops documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Stage {
    /// Verdicts on each document by itself, by column.
    Judge(Vec<String>),
    /// A dedup of whole documents.
    Dedup(Dedup),
}

/// A dedup at its place in an arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Dedup {
    /// The name of the step.
    pub(crate) step: String,
    /// Its registered name.
    pub(crate) uses: String,
    /// Version of its definition in the run.
    pub(crate) version: u32,
    /// Its parameters.
    pub(crate) params: Json,
    /// Its column.
    pub(crate) column: String,
    /// The field of an earlier step's column that `keep = "best"` goes by.
    pub(crate) by: Option<String>,
    /// The text it sees.
    pub(crate) text: TextAt,
}

impl Dedup {
    /// The step as the run had it.
    ///
    /// # Errors
    /// If this version of gristmill has another one: its pieces or shingles may be others.
    pub(crate) fn rebuild(&self) -> Result<Built, CutError> {
        let known = find(&self.uses).filter(|known| known.version == self.version);
        known.and_then(|_| rebuild(&self.uses, &self.params)).ok_or_else(|| CutError::Usage {
            message: format!(
                "the run has version {} of `{}`, which this gristmill cannot go on from",
                self.version, self.uses
            ),
            help: Some("cut with the gristmill that ran it, or run the pipeline again".into()),
        })
    }
}

impl CutArm {
    /// Resolves a name: an arm of the plan, `all_but_<step>`, `only_<step>`, `random_<step>`,
    /// `random_words_<percent>`, `shuffled_documents_<percent>`, or a list of entries as `[arms]` has
    /// them, with commas (`*,-minhash`).
    ///
    /// # Errors
    /// A name that means nothing here; an arm whose (step, view) pairs were not evaluated.
    pub(crate) fn resolve(plan: &StoredPlan, name: &str) -> Result<Self, CutError> {
        if let Some(direct) = &plan.direct_arm
            && direct != name
        {
            return Err(CutError::Usage {
                message: format!("the run has the arm `{direct}` alone, and so no `{name}`"),
                help: Some("run the pipeline without --arm to cut any arm".into()),
            });
        }
        let recipe = match declared(plan, name)? {
            Some(recipe) => recipe,
            None => implied(plan, name)?,
        };
        let clean = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let file_name: String = match name.contains(['*', ',']) {
            true => {
                let name = name.replace(' ', "").replace('*', "all").replace(",-", "-but-");
                name.chars().map(clean).collect()
            }
            false => name.to_owned(),
        };
        Ok(Self { name: file_name, recipe })
    }

    /// The steps, where they alone decide.
    pub(crate) fn steps(&self) -> Option<&Steps> {
        match &self.recipe {
            Recipe::Steps(steps) => Some(steps),
            _ => None,
        }
    }
}

/// An arm that the plan names.
fn declared(plan: &StoredPlan, name: &str) -> Result<Option<Recipe>, CutError> {
    if let Some(arm) = plan.arms.iter().find(|arm| arm.name == name) {
        return Ok(Some(Recipe::Steps(steps(plan, name, &arm.steps, "")?)));
    }
    let Some(arm) = plan.arms_of_cut.iter().find(|arm| arm.name == name) else { return Ok(None) };
    Ok(Some(match &arm.recipe {
        StoredRecipe::RandomControl { like } => {
            Recipe::RandomControl(steps(plan, name, &like.steps, "")?)
        }
        StoredRecipe::RandomWords { percent } => Recipe::RandomWords(*percent),
        StoredRecipe::ShuffledDocuments { percent } => Recipe::ShuffledDocuments(*percent),
    }))
}

/// An arm whose name says what it is.
fn implied(plan: &StoredPlan, name: &str) -> Result<Recipe, CutError> {
    let is_step = |name: &str| plan.steps.iter().any(|step| step.name == name);
    let percent = |prefix: &str| -> Result<Option<u64>, CutError> {
        let percent = name.strip_prefix(prefix).and_then(|rest| rest.parse::<u64>().ok());
        match percent {
            Some(percent) if !(1..=10_000).contains(&percent) => {
                Err(CutError::usage(format!("`{name}`: 1 to 10,000 per cent can be mixed in")))
            }
            percent => Ok(percent),
        }
    };
    if let Some(step) = name.strip_prefix("all_but_").filter(|step| is_step(step)) {
        let others = plan.steps.iter().map(|other| other.name.clone());
        let others: Vec<String> = others.filter(|other| other != step).collect();
        return Ok(Recipe::Steps(steps(plan, name, &others, "[ablation]\nleave_one_out = true")?));
    }
    if let Some(step) = name.strip_prefix("only_").filter(|step| is_step(step)) {
        let only = [step.to_owned()];
        return Ok(Recipe::Steps(steps(plan, name, &only, "[ablation]\nonly_one = true")?));
    }
    if let Some(step) = name.strip_prefix("random_").filter(|step| is_step(step)) {
        let like = [step.to_owned()];
        let steps = steps(plan, name, &like, "[ablation]\nrandom_control = true")?;
        let drops = plan.steps.iter().any(|known| {
            known.name == step
                && (known.kind == "filter" || known.unit.as_deref() == Some("document"))
        });
        return match drops {
            false => Err(CutError::usage(format!(
                "`{step}` is no filter and no dedup of documents: random controls are for these"
            ))),
            true => Ok(Recipe::RandomControl(steps)),
        };
    }
    if let Some(percent) = percent("random_words_")? {
        return Ok(Recipe::RandomWords(percent));
    }
    if let Some(percent) = percent("shuffled_documents_")? {
        return Ok(Recipe::ShuffledDocuments(percent));
    }
    if name.contains([',', '*']) || name.starts_with('-') || is_step(name) {
        let entries: Vec<&str> = name.split(',').map(str::trim).collect();
        let quoted: Vec<String> = entries.iter().map(|entry| format!("\"{entry}\"")).collect();
        let add = format!("[arms]\nmy_arm = [{}]", quoted.join(", "));
        return Ok(Recipe::Steps(steps(plan, name, &members(plan, &entries)?, &add)?));
    }
    let known: Vec<&str> = plan.arms.iter().map(|arm| arm.name.as_str()).collect();
    let known = [known, plan.arms_of_cut.iter().map(|arm| arm.name.as_str()).collect()].concat();
    let help = match nearest(name, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its arms: {}", known.join(", ")),
    };
    Err(CutError::Usage { message: format!("the run has no arm `{name}`"), help: Some(help) })
}

/// The steps that entries name, in the order of the pipeline.
fn members(plan: &StoredPlan, entries: &[&str]) -> Result<Vec<String>, CutError> {
    let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    let mut held = vec![false; names.len()];
    for entry in entries {
        if *entry == "*" {
            held.fill(true);
            continue;
        }
        let (name, put_in) = match entry.strip_prefix('-') {
            Some(name) => (name, false),
            None => (*entry, true),
        };
        let Some(at) = names.iter().position(|known| *known == name) else {
            let help = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its steps: {}", names.join(", ")),
            };
            let message = format!("no step is called `{name}`");
            return Err(CutError::Usage { message, help: Some(help) });
        };
        if held[at] == put_in {
            let message = match put_in {
                true => format!("`{name}` is in the arm already"),
                false => format!("`{name}` is not in the arm to be taken out"),
            };
            let help = "start the list with * to begin from all steps".to_owned();
            return Err(CutError::Usage { message, help: Some(help).filter(|_| !put_in) });
        }
        held[at] = put_in;
    }
    let members = names.iter().zip(&held).filter(|(_, held)| **held);
    Ok(members.map(|(name, _)| (*name).to_owned()).collect())
}

/// What steps do, one after the other; `add` is what a pipeline would need to have them evaluated.
fn steps(plan: &StoredPlan, arm: &str, names: &[String], add: &str) -> Result<Steps, CutError> {
    let mut steps = Steps { names: names.to_vec(), ..Steps::default() };
    let mut missing = Vec::new();
    for name in names {
        let Some(step) = plan.steps.iter().find(|step| step.name == *name) else {
            return Err(CutError::usage(format!("no step is called `{name}`")));
        };
        if steps.pieces.is_some() {
            let message = format!("in the arm `{arm}` steps stand after a dedup of pieces");
            return Err(CutError::usage(message));
        }
        let column = match steps.text.view.as_str() {
            "" => name.clone(),
            view => format!("{name}@{view}"),
        };
        // What an annotation measures is no matter of who is in the arm.
        if step.kind == "annotation" {
            continue;
        }
        let Some(pair) = plan.pairs.iter().find(|pair| pair.column == column) else {
            missing.push(column);
            after_edit(&mut steps.text, step, "");
            continue;
        };
        match step.kind.as_str() {
            "dedup" => {
                let dedup = dedup(step, &column, pair.takes.first(), &steps.text);
                match step.unit.as_deref() {
                    Some("piece") => steps.pieces = Some(dedup),
                    _ => steps.stages.push(Stage::Dedup(dedup)),
                }
            }
            _ => {
                match steps.stages.last_mut() {
                    Some(Stage::Judge(columns)) => columns.push(column.clone()),
                    _ => steps.stages.push(Stage::Judge(vec![column.clone()])),
                }
                after_edit(&mut steps.text, step, &column);
            }
        }
    }
    if !missing.is_empty() {
        return Err(CutError::NotEvaluated { arm: arm.into(), missing, add: add.into() });
    }
    // A direct run stored the text that the arm has.
    if !plan.stored_view.is_empty() && plan.stored_view == steps.text.view {
        steps.text.spans = None;
    }
    Ok(steps)
}

/// Goes on to the text that a step leaves; `column` is that of the step.
pub(crate) fn after_edit(text: &mut TextAt, step: &StoredStep, column: &str) {
    if step.kind == "edit" {
        let joint = if text.view.is_empty() { "" } else { "+" };
        text.view = format!("{}{joint}{}", text.view, step.name);
        text.spans = Some(column.to_owned());
    }
}

fn dedup(step: &StoredStep, column: &str, takes: Option<&String>, text: &TextAt) -> Dedup {
    let by = step.params["by"].as_str().and_then(|by| by.split_once('.'));
    let by = by.zip(takes).map(|((_, field), column)| format!("{column}.{field}"));
    Dedup {
        step: step.name.clone(),
        uses: step.uses.clone(),
        params: step.params.clone(),
        column: column.to_owned(),
        by,
        text: text.clone(),
        version: step.version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    const PIPELINE: &str = "name = 'x'\n[[step]]\nuse = 'length'\n[[step]]\nuse = 'newline_runs'\n\
        [[step]]\nuse = 'exact'\nkeep = 'best'\nby = 'length.words'\n\
        [[step]]\nuse = 'length'\nas = 'again'\n[[step]]\nuse = 'word_count'\n";

    fn stored(text: &str) -> StoredPlan {
        serde_json::from_value(plan(text).to_json()).unwrap()
    }

    fn said(plan: &StoredPlan, name: &str) -> String {
        CutArm::resolve(plan, name).map_or_else(|error| error.to_string(), |arm| format!("{arm:?}"))
    }

    #[test]
    fn an_arm_is_verdicts_and_dedups_in_the_order_of_the_pipeline() {
        let arm = CutArm::resolve(&stored(PIPELINE), "full").unwrap();
        let steps = arm.steps().unwrap();
        let judge = |columns: &[&str]| Stage::Judge(columns.iter().map(|c| (*c).into()).collect());
        assert_eq!(steps.stages[0], judge(&["length", "newline_runs"]));
        let Stage::Dedup(dedup) = &steps.stages[1] else { panic!("no dedup") };
        assert_eq!(dedup.column, "exact@newline_runs");
        assert_eq!(dedup.by.as_deref(), Some("length.words"));
        assert_eq!(steps.stages[2], judge(&["again@newline_runs"]));
        assert_eq!(steps.text.spans.as_deref(), Some("newline_runs"));
    }

    #[test]
    fn arms_that_need_nothing_new_can_be_had_without_being_declared() {
        let plan = stored(PIPELINE);
        let same = |a: &str, b: &str| {
            let steps = |name| CutArm::resolve(&plan, name).unwrap().steps().unwrap().clone();
            assert_eq!(steps(a), steps(b));
        };
        same("all_but_length", "*,-length");
        same("only_length", "length");
        same("full", "*");
        assert_eq!(CutArm::resolve(&plan, "*,-length").unwrap().name, "all-but-length");
        assert!(said(&plan, "random_words_20").contains("RandomWords(20)"));
        assert!(said(&plan, "shuffled_documents_800").contains("ShuffledDocuments(800)"));
    }

    #[test]
    fn what_cannot_be_had_says_why_and_what_to_do() {
        let plan = stored(PIPELINE);
        assert_eq!(
            said(&plan, "all_but_newline_runs"),
            "the run did not evaluate what the arm `all_but_newline_runs` needs: exact, \
             again\nhelp: add to the pipeline, and run it into a new directory:\n[ablation]\n\
             leave_one_out = true"
        );
        assert!(said(&plan, "*,-newline_runs").contains("my_arm = [\"*\", \"-newline_runs\"]"));
        assert!(said(&plan, "ful").contains("did you mean `full`?"));
        assert!(said(&plan, "*,-lenght").contains("did you mean `length`?"));
        assert!(said(&plan, "random_word_count").contains("random controls are for these"));
        assert!(said(&plan, "random_words_0").contains("1 to 10,000 per cent"));
        let direct = crate::plan::tests::plan(PIPELINE).directly("full").unwrap();
        let direct: StoredPlan = serde_json::from_value(direct.to_json()).unwrap();
        assert!(said(&direct, "raw").contains("has the arm `full` alone"));
        assert_eq!(direct.stored_view, "", "the dedup is yet to see the text");
    }
}
