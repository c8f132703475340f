//! By what the tokens of an arm are counted and written.

use std::sync::Arc;

use crate::plan::{StoredPlan, StoredStep};
use crate::steps::TextTokenizer;

use super::arm::{CutArm, Recipe};
use super::{Budget, CutError, Request};

/// The vocabulary of the paper, where neither pipeline nor command names one.
const DEFAULT: &str = "r50k_base";

/// By what the tokens of an arm are counted and written.
pub(super) struct Tokens {
    /// The tokenizer, where tokens are counted or written now.
    pub(super) tokenizer: Option<Arc<TextTokenizer>>,
    /// Its name, or that of the one that the run counted by.
    pub(super) name: Option<String>,
    /// The column of the run that has the tokens of the arm's text, counted by that tokenizer.
    pub(super) arm_column: Option<String>,
    /// The column that has the tokens of the pool's text.
    pub(super) pool_column: Option<String>,
}

/// Chooses; loads a tokenizer where the command names one, or there is something to count or write.
///
/// # Errors
/// A tokenizer that cannot be read or that the format does not take.
pub(super) fn choose(
    request: &Request,
    plan: &StoredPlan,
    arm: &CutArm,
) -> Result<Tokens, CutError> {
    let asked = request.tokenizer.as_deref();
    let counters = || plan.steps.iter().filter(|step| step.uses == "token_count");
    // A count by another tokenizer is none.
    let counter = counters().find(|step| asked.is_none_or(|asked| embedded(step) == Some(asked)));
    let on = |view: &str| {
        let step = counter?;
        let pair = plan.pairs.iter().find(|pair| pair.step == step.name && pair.view == view)?;
        Some(pair.column.clone())
    };
    let (view, counted_now) = match &arm.recipe {
        Recipe::Steps(steps) => (steps.text.view.as_str(), steps.pieces.is_some()),
        Recipe::RandomControl(_) => ("", false),
        // What is mixed in has no column.
        Recipe::RandomWords(_) | Recipe::ShuffledDocuments(_) => ("", true),
    };
    let arm_column = on(view).filter(|_| !counted_now);
    let pool_column = on("");
    let budget = matches!(request.budget, Some(Budget::Tokens(_)));
    let needed =
        asked.is_some() || request.format.needs_tokenizer() || (arm_column.is_none() && budget);
    let named = asked.or_else(|| counter.and_then(embedded));
    if !needed {
        let name = counter.and_then(|step| named.or_else(|| file(step)));
        let name = arm_column.as_ref().and(name).map(str::to_owned);
        return Ok(Tokens { tokenizer: None, name, arm_column, pool_column });
    }
    let name = match (named, counter.and_then(file)) {
        (Some(name), _) => name.to_owned(),
        (None, None) => DEFAULT.to_owned(),
        (None, Some(file)) => {
            return Err(CutError::Usage {
                message: format!("the pipeline counts tokens by `{file}`, which is to count here"),
                help: Some("name it as it lies here: --tokenizer FILE".into()),
            });
        }
    };
    let tokenizer =
        TextTokenizer::open(&name).map_err(|error| CutError::usage(error.to_string()))?;
    let fits = request.format.check(Some(&tokenizer));
    fits.map_err(|error| CutError::usage(error.to_string()))?;
    Ok(Tokens { tokenizer: Some(Arc::new(tokenizer)), name: Some(name), arm_column, pool_column })
}

/// The `tokenizer.json` that a `token_count` counts by.
fn file(step: &StoredStep) -> Option<&str> {
    step.params["file"].as_str().filter(|file| *file != "off")
}

/// The embedded vocabulary that a `token_count` counts by.
fn embedded(step: &StoredStep) -> Option<&str> {
    step.params["tokenizer"].as_str().filter(|_| file(step).is_none())
}
