//! The JSON schema of pipelines against the pipelines that are shipped.

use serde_json::{Map, Value as Json, json};

use super::common::repo;
use super::program::gristmill;

#[test]
fn shipped_pipelines_are_valid() {
    let schema = gristmill(&["schema"]).json();
    for entry in std::fs::read_dir(repo("pipelines")).unwrap() {
        let path = entry.unwrap().path();
        let pipeline = as_json(&std::fs::read_to_string(&path).unwrap());
        assert_eq!(check(&schema, &pipeline), Ok(()), "{}", path.display());
    }
}

#[test]
fn what_the_program_refuses_the_schema_refuses() {
    let schema = gristmill(&["schema"]).json();
    let step = "name = 'x'\n[[step]]\nuse = 'length'\n";
    let model = "use = 'fasttext_quality'\nmodel = 'm'\nlabels = ['l']\n";
    for valid in [
        step.to_owned(),
        format!("{step}as = 'short'\nmax_words = 'off'\n[arms]\na = ['*', '-short']\n"),
        "name = 'x'\n[input]\nmax_record_bytes = '16MiB'\nshards = ['a']\n".to_owned(),
        format!("name = 'x'\n[[step]]\n{model}min_score = 1\n"),
    ] {
        assert_eq!(check(&schema, &as_json(&valid)), Ok(()), "{valid}");
    }
    for invalid in [
        "[input]\n".to_owned(),
        "name = ''\n".to_owned(),
        "name = 'x'\ninputs = 1\n".to_owned(),
        "name = 'x'\n[input]\nshard = ['a']\n".to_owned(),
        "name = 'x'\n[input]\nshards = []\n".to_owned(),
        "name = 'x'\n[input]\nmax_record_bytes = '16 parsecs'\n".to_owned(),
        "name = 'x'\n[extract]\nwith = 'some'\n".to_owned(),
        "name = 'x'\n[[step]]\nuse = 'lenght'\n".to_owned(),
        format!("{step}min_word = 3\n"),
        format!("{step}min_words = -3\n"),
        format!("{step}min_words = 3.5\n"),
        format!("{step}min_words = '3'\n"),
        format!("{step}as = 'A b'\n"),
        "name = 'x'\n[[step]]\nuse = 'fasttext_quality'\nmodel = 'm'\nmin_score = 1\n".to_owned(),
        format!("name = 'x'\n[[step]]\n{model}min_score = 1.5\n"),
        format!("{step}[arms]\na = ['length', 3]\n"),
        format!("{step}[arms]\n\"A b\" = ['*']\n"),
    ] {
        assert!(check(&schema, &as_json(&invalid)).is_err(), "{invalid}");
    }
}

/// A TOML document as JSON.
fn as_json(text: &str) -> Json {
    fn convert(value: &toml::de::DeValue<'_>) -> Json {
        use toml::de::DeValue;
        match value {
            DeValue::Boolean(flag) => json!(flag),
            DeValue::Integer(number) => json!(number.as_str().parse::<i64>().unwrap()),
            DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
            DeValue::String(text) => json!(text),
            DeValue::Array(items) => items.iter().map(|item| convert(item.get_ref())).collect(),
            DeValue::Table(table) => {
                let entries = table.iter();
                let entries = entries
                    .map(|(key, value)| (key.get_ref().to_string(), convert(value.get_ref())));
                Json::Object(entries.collect::<Map<_, _>>())
            }
            DeValue::Datetime(date) => json!(date.to_string()),
        }
    }
    let table = toml::de::DeTable::parse(text).unwrap();
    convert(&toml::de::DeValue::Table(table.into_inner()))
}

/// The part of JSON Schema that the program's schema uses; a keyword outside it is a panic.
fn check(schema: &Json, value: &Json) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("{value} {why}"));
    for (keyword, said) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "default" => {}
            "type" => {
                let fits = match said.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    other => panic!("type {other}"),
                };
                if !fits {
                    return refuse(&format!("is no {said}"));
                }
            }
            "const" if value != said => return refuse(&format!("is not {said}")),
            "enum" if !said.as_array().unwrap().contains(value) => {
                return refuse(&format!("is none of {said}"));
            }
            "minimum" if value.as_f64() < said.as_f64() => return refuse("is too small"),
            "maximum" if value.as_f64() > said.as_f64() => return refuse("is too large"),
            "minLength" | "maxLength" => {
                let chars = value.as_str().unwrap_or("x").chars().count() as u64;
                let bound = said.as_u64().unwrap();
                if (keyword == "minLength" && chars < bound)
                    || (keyword == "maxLength" && chars > bound)
                {
                    return refuse("is too short or too long");
                }
            }
            "minItems" if (value.as_array().unwrap().len() as u64) < said.as_u64().unwrap() => {
                return refuse("has too few items");
            }
            "const" | "enum" | "minimum" | "maximum" | "minItems" => {}
            "pattern" => {
                if !matches(said.as_str().unwrap(), value.as_str().unwrap_or_default()) {
                    return refuse(&format!("does not match {said}"));
                }
            }
            "required" => {
                for key in said.as_array().unwrap() {
                    if value.get(key.as_str().unwrap()).is_none() {
                        return refuse(&format!("has no {key}"));
                    }
                }
            }
            "items" => value.as_array().unwrap().iter().try_for_each(|item| check(said, item))?,
            "propertyNames" => {
                value.as_object().unwrap().keys().try_for_each(|key| check(said, &json!(key)))?;
            }
            "properties" => {
                for (key, schema) in said.as_object().unwrap() {
                    value.get(key).map_or(Ok(()), |value| check(schema, value))?;
                }
            }
            "additionalProperties" => {
                for (key, value) in value.as_object().unwrap() {
                    if schema["properties"].get(key).is_none() {
                        match said {
                            Json::Bool(false) => return refuse(&format!("may not have {key}")),
                            said => check(said, value)?,
                        }
                    }
                }
            }
            "anyOf" | "oneOf" => {
                let schemas = said.as_array().unwrap().iter();
                let fitting = schemas.filter(|schema| check(schema, value).is_ok()).count();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    return refuse(&format!("fits {fitting} of {keyword}"));
                }
            }
            other => panic!("the check knows no keyword {other}"),
        }
    }
    Ok(())
}

/// The patterns of the schema, by hand.
fn matches(pattern: &str, text: &str) -> bool {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    match pattern {
        "^[a-z][a-z0-9_]*$" => is_name(text),
        r"^(\*|-?[a-z][a-z0-9_]*)$" => {
            text == "*" || is_name(text.strip_prefix('-').unwrap_or(text))
        }
        "^[0-9.]+ ?([kKMGT]i?)?B?$" => {
            let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let unit = unit.strip_prefix(' ').unwrap_or(unit);
            let unit = unit.strip_suffix('B').unwrap_or(unit);
            let unit = unit.strip_suffix('i').unwrap_or(unit);
            text.starts_with(|c: char| c.is_ascii_digit())
                && matches!(unit, "" | "k" | "K" | "M" | "G" | "T")
        }
        other => panic!("the check knows no pattern {other}"),
    }
}
