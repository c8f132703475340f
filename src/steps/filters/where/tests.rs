use super::*;
use crate::config::{Config, Table};
use crate::plan::Plan;
use crate::steps::{Earlier, find};

/// The signals of `length` and `language` with fixed values, and what a condition makes of them.
fn holds(condition: &str) -> Result<Option<bool>, String> {
    let mut faults = Vec::new();
    let toml = format!("keep = {}", toml_string(condition));
    let table = Table::parse(&toml, &mut faults);
    let earlier = ["length", "language", "newline_runs"].map(|name| Earlier {
        name,
        step_type: find(name).unwrap(),
        params: serde_json::Value::Null,
    });
    let mut build = Build::new(&table, std::path::Path::new(""), &earlier, &mut faults);
    let step = Where::build(&Params { keep: condition.to_owned() }, &mut build);
    let Some(step) = step else {
        let said = faults.iter().map(|fault| {
            let at = &toml[fault.span.clone()];
            let help = fault.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("`{at}`: {}{help}", fault.message)
        });
        return Err(said.collect::<Vec<_>>().join("\n"));
    };
    let value = |input: &Input| match (input.step.as_str(), input.field) {
        (_, crate::steps::Field::Keep) => Value::Bool(true),
        (_, crate::steps::Field::Reason) => Value::Null,
        ("length", _) => Value::Integer(100),
        ("language", crate::steps::Field::Signal(0)) => Value::Text("en".into()),
        ("language", _) => Value::Float(0.75),
        _ => Value::Null,
    };
    let values: Vec<Value> = step.inputs.iter().map(value).collect();
    Ok(step.condition.holds(&values))
}

fn toml_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn conditions_are_sql_s() {
    for (condition, expected) in [
        ("length.words >= 100 AND language.score > 0.7", Some(true)),
        ("length.words > 100 OR language.score < 0.7", Some(false)),
        ("not length.words > 100", Some(true)),
        ("length.words = 1e2 and length.words <> 99 and length.words != 99", Some(true)),
        ("length.words / 2 + 1 * 3 - -1 = 54", Some(true)),
        ("length.words BETWEEN 100 AND 200", Some(true)),
        ("length.words NOT BETWEEN 101 AND 200", Some(true)),
        ("language.label IN ('de', 'en')", Some(true)),
        ("language.label NOT IN ('de', 'fr')", Some(true)),
        ("language.label = 'EN'", Some(false)),
        ("language.label <> 'de' AND (language.score < 0.5 OR length.keep)", Some(true)),
        ("length.keep IS TRUE", Some(true)),
        ("length.keep = false", Some(false)),
        // What is not defined is unknown, unless the other side decides.
        ("newline_runs.removed_newlines > 0", None),
        ("NOT newline_runs.removed_newlines > 0", None),
        ("newline_runs.removed_newlines > 0 AND length.words < 5", Some(false)),
        ("length.words < 5 AND newline_runs.removed_newlines > 0", Some(false)),
        ("newline_runs.removed_newlines > 0 OR length.words > 5", Some(true)),
        ("newline_runs.removed_newlines IS NULL", Some(true)),
        ("length.reason IS NOT NULL", Some(false)),
        ("(newline_runs.removed_newlines > 0) IS NOT TRUE", Some(true)),
        ("length.words IN (1, newline_runs.removed_newlines)", None),
        ("length.words / 0 > 1", None),
        ("length.reason <> 'empty'", None),
        ("length.reason IS DISTINCT FROM 'empty'", Some(true)),
        ("length.words IS NOT DISTINCT FROM 100", Some(true)),
    ] {
        assert_eq!(holds(condition), Ok(expected), "{condition}");
    }
}

#[test]
fn faults_of_a_condition_point_into_it() {
    let said: Vec<String> = [
        "lenght.words > 1 AND language.scor > 2",
        "length.words > 'a'",
        "length.words",
        "length.words + 1 AND language.label",
        "words > 100",
        "a.length.words > 100",
        "length.words >",
        "length.words > 100 language.score",
        "length.words > 100)",
        "length.words = NULL",
        "language.label LIKE 'e%'",
        "abs(length.words) > 1",
        "length.words > 1 AND 'unended",
        "1 < 2",
        "language.score > 0.5 AND länge.x > 1",
    ]
    .into_iter()
    .map(|condition| holds(condition).unwrap_err())
    .collect();
    expect_test::expect![[r#"
        `lenght.words`: no step before is called `lenght` (did you mean `length`?)
        `language.scor`: `language` has no signal `scor` (did you mean `score`?)
        `'a'`: a number is needed here, not a string
        `length.words`: a condition is needed here, not a number
        `length.words + 1`: a condition is needed here, not a number
        `language.label`: a condition is needed here, not a string
        `words`: `words` names no signal: write step.signal
        `a.length.words`: a signal is named by its step and itself: step.signal
        ``: expected an expression, found EOF
        `l`: expected an operator, found language
        `)`: expected an operator, found )
        `NULL`: nothing equals null: ask `IS NULL`
        `language.label LIKE 'e%'`: a condition cannot have this
        `abs(length.words`: a condition cannot have this
        `'`: unterminated string literal
        `"1 < 2"`: the condition names no signal: it is the same for every document
        `länge.x`: no step before is called `länge` (known: length, language, newline_runs)"#]]
    .assert_eq(&said.join("\n"));
    let deep = format!("{}length.words > 1{}", "(".repeat(2000), ")".repeat(2000));
    assert!(holds(&deep).unwrap_err().contains("nested too deeply"));
    let chain = |length| vec!["length.words>1"; length].join(" AND ");
    assert_eq!(holds(&chain(150)), Ok(Some(true)));
    assert!(holds(&chain(210)).unwrap_err().contains("nested too deeply"));
    assert!(holds(&chain(300)).unwrap_err().contains("bytes long"));
}

#[test]
fn a_plan_evaluates_what_a_condition_names_in_every_arm_that_has_it() {
    let text = "name = 'x'\n[[step]]\nuse = 'length'\n[[step]]\nuse = 'newline_runs'\n\
                [[step]]\nuse = 'language'\n[[step]]\nuse = 'where'\n\
                keep = 'length.words > 5 AND language.score > 0.5'\n\
                [ablation]\nonly_one = true\n";
    let (config, faults) = Config::parse("p.toml", text.into(), std::path::PathBuf::new());
    let plan = Plan::resolve(&config, faults).unwrap();
    let columns: Vec<String> = (0..plan.pairs.len()).map(|pair| plan.column(pair)).collect();
    assert_eq!(
        columns,
        [
            "length",
            "newline_runs",
            "language",
            "language@newline_runs",
            "where",
            "where@newline_runs"
        ]
    );
    // On the edited text: the length before the edit, the language after it.
    let taken: Vec<_> = plan.inputs[5].iter().map(|&(pair, _)| pair).collect();
    assert_eq!(taken, [0, 3]);
    assert_eq!(plan.arm_columns()["only_where"], ["where"]);
    let direct = plan.directly("only_where").unwrap();
    let names: Vec<_> = direct.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["length", "language", "where"]);
    assert!(direct.drops_directly(2) && !direct.drops_directly(0));
}
