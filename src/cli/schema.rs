//! `gristmill schema`: the JSON schema of pipelines, from the same declarations that read them.

use serde_json::{Map, Value as Json, json};

use crate::config::{Ablation, Extract, Input, ParamSpec, Params};
use crate::steps::{REGISTRY, StepType};

use super::{Failure, output};

pub(super) fn run() -> Result<(), Failure> {
    output::print(&format!("{:#}\n", schema()))
}

/// The JSON schema (draft 2020-12) of pipeline files.
pub fn schema() -> Json {
    let name = json!({"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gristmill pipeline",
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "properties": {
            "name": {"type": "string", "minLength": 1, "description": "The pipeline's name."},
            "description": {"type": "string", "minLength": 1},
            "input": section(&Input::specs()),
            "extract": section(&Extract::specs()),
            "ablation": section(&Ablation::specs()),
            "step": {
                "type": "array",
                "description": "The steps, in order.",
                "items": {"oneOf": REGISTRY.iter().map(|kind| step(kind, &name)).collect::<Vec<_>>()},
            },
            "arms": {
                "type": "object",
                "description": "Arms: \"*\" is every step, \"-step\" takes one out, \"step\" puts one in.",
                "propertyNames": name,
                "additionalProperties": {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^(\\*|-?[a-z][a-z0-9_]*)$"},
                },
            },
        },
    })
}

fn step(step: &StepType, name: &Json) -> Json {
    let specs = step.params();
    let mut properties = Map::new();
    properties.insert("use".into(), json!({"const": step.name, "description": step.summary()}));
    properties.insert("as".into(), name.clone());
    properties.extend(properties_of(&specs));
    let mut required = vec!["use"];
    required.extend(specs.iter().filter(|spec| spec.default.is_none()).map(|spec| spec.name));
    json!({
        "type": "object",
        "title": step.name,
        "description": step.summary(),
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn section(specs: &[ParamSpec]) -> Json {
    let properties: Map<String, Json> = properties_of(specs).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn properties_of(specs: &[ParamSpec]) -> impl Iterator<Item = (String, Json)> {
    specs.iter().map(|spec| {
        let mut schema = spec.shape.json_schema(spec.range);
        schema["description"] = Json::from(spec.doc.as_str());
        if let Some(default) = &spec.default {
            schema["default"] = default.clone();
        }
        (spec.name.to_owned(), schema)
    })
}
