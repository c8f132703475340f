//! The plan as JSON, and the digest of the part of it that output bytes depend on.

use serde_json::{Map, Value as Json, json};

use crate::config::{ParamSpec, Params, Shape};
use crate::digest::sha256_hex;
use crate::steps::Unit;

use super::arms::{ArmOfCut, Recipe};
use super::{Plan, PlannedStep, READER_VERSION, SCHEMA_VERSION};

/// SHA-256 over what the bytes of `documents/` depend on besides the input.
///
/// Names of arms, the pipeline's own name and the paths of models are not part of it: an arm may be
/// added that needs nothing new, and a model may lie elsewhere on another machine as long as its
/// bytes are the same.
pub(super) fn of(plan: &Plan) -> String {
    let mut input = without_paths(&plan.input.to_json(), &crate::config::Input::specs());
    input.remove("shards");
    let steps: Vec<Json> = plan.steps.iter().map(step_for_fingerprint).collect();
    let columns: Vec<String> = (0..plan.pairs.len()).map(|pair| plan.column(pair)).collect();
    let whole = json!({
        "schema": SCHEMA_VERSION,
        "reader_version": READER_VERSION,
        "input": input,
        "extract": plan.extract.to_json(),
        "extractor_version": extractor_version(plan),
        "steps": steps,
        "columns": columns,
        "direct": plan.direct.map(|arm| plan.arms[arm].steps.clone()),
    });
    sha256_hex(whole.to_string().as_bytes())
}

fn extractor_version(plan: &Plan) -> u32 {
    plan.extractor().version()
}

fn step_for_fingerprint(step: &PlannedStep) -> Json {
    json!({
        "name": step.name,
        "use": step.step_type.name,
        "version": step.step_type.version,
        "params": params_of_run(step),
        "files": step.files.iter().map(|file| [file.key, file.sha256.as_str()]).collect::<Vec<_>>(),
    })
}

/// Parameters that a run goes by.
fn params_of_run(step: &PlannedStep) -> Map<String, Json> {
    let mut params = without_paths(&step.params, &step.step_type.params());
    params.retain(|name, _| !step.step_type.settled_by_cut.contains(&name.as_str()));
    params
}

/// Parameters without those that are paths, whose files stand by their digests.
fn without_paths(params: &Json, specs: &[ParamSpec]) -> Map<String, Json> {
    let is_path =
        |name: &str| specs.iter().any(|spec| spec.name == name && shape_holds_path(&spec.shape));
    let entries = params.as_object().into_iter().flatten();
    let kept = entries.filter(|(name, _)| !is_path(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn shape_holds_path(shape: &Shape) -> bool {
    match shape {
        Shape::Path => true,
        Shape::List(inner) | Shape::Map(inner) | Shape::Optional(inner) => shape_holds_path(inner),
        _ => false,
    }
}

/// The whole plan, as `run.json` keeps it and `gristmill plan --json` prints it.
pub(super) fn plan_json(plan: &Plan) -> Json {
    let steps = plan.steps.iter().map(|step| {
        let rules = step.step.rules().active.iter().map(|active| {
            json!({
                "reason": active.rule.reason,
                "drops": active.rule.describe(),
                "signal": active.rule.signal,
                "test": active.rule.test.as_str(),
                "threshold": active.threshold,
            })
        });
        json!({
            "name": step.name,
            "use": step.step_type.name,
            "kind": step.step_type.kind.as_str(),
            "unit": step.step_type.unit.map(Unit::as_str),
            "version": step.step_type.version,
            "params": step.params,
            "rules": rules.collect::<Vec<_>>(),
            "files": step.files.iter().map(|file| {
                json!({"key": file.key, "path": file.path, "sha256": file.sha256})
            }).collect::<Vec<_>>(),
        })
    });
    let pairs = (0..plan.pairs.len()).map(|pair| {
        json!({
            "column": plan.column(pair),
            "step": plan.steps[plan.pairs[pair].step].name,
            "view": plan.view_name(plan.pairs[pair].view),
            "takes": plan.inputs[pair].iter().map(|&(at, _)| plan.column(at)).collect::<Vec<_>>(),
        })
    });
    let arm_json = |arm: &super::Arm| {
        json!({
            "name": arm.name,
            "steps": arm.steps.iter().map(|&step| &plan.steps[step].name).collect::<Vec<_>>(),
            "columns": arm.pairs.iter().map(|&pair| plan.column(pair)).collect::<Vec<_>>(),
            "view": plan.view_name(arm.view),
        })
    };
    let of_cut = |arm: &ArmOfCut| match &arm.recipe {
        Recipe::RandomControl { like } => {
            json!({"name": arm.name, "recipe": "random_control", "like": arm_json(like)})
        }
        Recipe::RandomWords { percent } => {
            json!({"name": arm.name, "recipe": "random_words", "percent": percent})
        }
        Recipe::ShuffledDocuments { percent } => {
            json!({"name": arm.name, "recipe": "shuffled_documents", "percent": percent})
        }
    };
    json!({
        "name": plan.name,
        "description": plan.description,
        "schema": SCHEMA_VERSION,
        "reader_version": READER_VERSION,
        "fingerprint": plan.fingerprint,
        "direct_arm": plan.direct.map(|arm| plan.arms[arm].name.clone()),
        "input": plan.input.to_json(),
        "extract": plan.extract.to_json(),
        "extractor_version": extractor_version(plan),
        "steps": steps.collect::<Vec<_>>(),
        "views": (0..plan.views.len()).map(|view| plan.view_name(view)).collect::<Vec<_>>(),
        "pairs": pairs.collect::<Vec<_>>(),
        "arms": plan.arms.iter().map(arm_json).collect::<Vec<_>>(),
        "arms_of_cut": plan.arms_of_cut.iter().map(of_cut).collect::<Vec<_>>(),
        "stored_view": plan.view_name(plan.stored_view()),
    })
}

/// What differs between two plans, a line each; `words` introduce what the one and the other has.
pub fn differences(earlier: &Json, asked: &Json, words: [&str; 2]) -> Vec<String> {
    let mut lines = Lines { words, lines: Vec::new() };
    let one_runs_an_arm = earlier["direct_arm"] != asked["direct_arm"];
    if one_runs_an_arm {
        let of = |plan: &Json| match &plan["direct_arm"] {
            Json::String(arm) => format!("those of the arm `{arm}`"),
            _ => "all".to_owned(),
        };
        lines.push("documents", &of(earlier), &of(asked));
    }
    for key in ["schema", "reader_version", "input", "extract", "extractor_version"] {
        compare(key, &earlier[key], &asked[key], &mut lines);
    }
    // An arm alone has steps and columns of its own.
    if !one_runs_an_arm {
        compare("steps", &earlier["steps"], &asked["steps"], &mut lines);
    }
    if lines.lines.is_empty() {
        // Further arms need steps on further views.
        compare("columns", &earlier["pairs"], &asked["pairs"], &mut lines);
    }
    lines.lines
}

/// Differences under collection.
struct Lines<'w> {
    words: [&'w str; 2],
    lines: Vec<String>,
}

impl Lines<'_> {
    fn push(&mut self, what: &str, earlier: &str, asked: &str) {
        let [one, other] = self.words;
        self.lines.push(format!("  {what}: {one} {earlier}, {other} {asked}"));
    }
}

fn compare(path: &str, earlier: &Json, asked: &Json, lines: &mut Lines<'_>) {
    // Where shards lie is no part of a plan.
    if earlier == asked || matches!(path, "input.shards" | "input.base") {
        return;
    }
    match (earlier, asked) {
        (Json::Object(old), Json::Object(new)) => {
            let added = new.keys().filter(|key| !old.contains_key(*key));
            for key in old.keys().chain(added) {
                compare(&format!("{path}.{key}"), &earlier[key], &asked[key], lines);
            }
        }
        (Json::Array(old), Json::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                let name = new["name"].as_str().or_else(|| new["column"].as_str());
                let part = name.map_or_else(|| format!("[{index}]"), |name| format!(".{name}"));
                compare(&format!("{path}{part}"), old, new, lines);
            }
        }
        _ => lines.push(path, &brief(earlier), &brief(asked)),
    }
}

/// A value in a line: of lists of steps and columns just the names.
fn brief(value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let name = |item: &Json| {
                let name = item["name"].as_str().or_else(|| item["column"].as_str());
                name.map_or_else(|| item.to_string(), str::to_owned)
            };
            format!("[{}]", items.iter().map(name).collect::<Vec<_>>().join(", "))
        }
        Json::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}
