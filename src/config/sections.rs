//! The sections of a pipeline file.

use std::path::PathBuf;

use crate::extract::Limits;

use super::{Bytes, Config, Data, Fault, Key, Params, Span, Table, Value, choice, params};

choice! {
    /// How the shards are to be read.
    pub enum InputFormat {
        /// by the suffix of each file's name
        Auto = "auto",
        /// WARC, WET or WAT, plain or gzip
        Warc = "warc",
        /// one JSON object a line, plain, gzip or zstd
        Jsonl = "jsonl",
        /// Parquet
        Parquet = "parquet",
    }
}

params! {
    /// `[input]`: which shards, and how to read them.
    pub struct Input {
        /// Files, directories, globs and path lists (`*.paths.gz`, `*.txt`: one key a line). `--input` takes their place.
        shards: Vec<String> = Vec::new(),
        /// Where the keys of path lists start from; a list's own directory if off.
        base: Option<PathBuf> = None,
        /// How to read the shards.
        format: InputFormat = InputFormat::Auto,
        /// Field of the text in JSONL and Parquet pools; a dot reaches into nested fields.
        text_field: String = "text".to_owned(),
        /// Field of the document's id in pools; `file:row` if off.
        id_field: Option<String> = None,
        /// Field of the URL in pools.
        url_field: Option<String> = None,
        /// Field of the date in pools.
        date_field: Option<String> = None,
        /// Largest record; a larger one is a failure row.
        max_record_bytes: Bytes [bytes, 1024 ..= 1_073_741_824] = Bytes(32 << 20),
    }
}

choice! {
    /// Which text of a page is stored.
    pub enum ExtractWith {
        /// the main content: navigation, footers and other boilerplate left out
        MainContent = "main_content",
        /// the article as Readability finds it; slower, and good at news alone
        Readability = "readability",
        /// the whole visible text
        AllText = "all_text",
    }
}

choice! {
    /// Which errors of the main content weigh more.
    pub enum ExtractFavor {
        /// what is kept is right: precision counts four times as much as recall
        Precision = "precision",
        /// precision and recall count alike
        Balance = "balance",
        /// what is right is kept: recall counts four times as much as precision
        Recall = "recall",
    }
}

choice! {
    /// What becomes of the comments of readers in the main content.
    pub enum ExtractComments {
        /// dropped, unless they are what the page is for, as in a forum
        Drop = "drop",
        /// what readers wrote is kept, without the names, dates and buttons around it
        Keep = "keep",
    }
}

params! {
    /// `[extract]`: HTML to text, and the bounds past which a page is a failure row.
    pub struct Extract {
        /// Which text of a page is stored.
        with: ExtractWith = ExtractWith::MainContent,
        /// Which errors of the main content weigh more.
        favor: ExtractFavor = ExtractFavor::Balance,
        /// What becomes of the comments of readers in the main content.
        comments: ExtractComments = ExtractComments::Drop,
        /// Largest page after HTTP decoding.
        max_html_bytes: Bytes [bytes, 1024 ..= 268_435_456] = Bytes(Limits::default().max_html_bytes as u64),
        /// Most nodes (elements and texts) of a page.
        max_nodes: u64 [nodes, 1 ..= 10_000_000] = u64::from(Limits::default().max_nodes),
    }
}

params! {
    /// `[ablation]`: arms that are made for every step.
    pub struct Ablation {
        /// An arm `all_but_<step>` for every filter, edit and dedup.
        leave_one_out: bool = false,
        /// An arm `only_<step>` for every filter, edit and dedup.
        only_one: bool = false,
        /// An arm `random_<step>` for every filter and dedup: the pool without as many tokens as `only_<step>` drops, of documents drawn at random.
        random_control: bool = false,
        /// Arms `random_words_<percent>`: the pool and, mixed in, documents of random words, in per cent of the pool's words.
        random_words: Vec<u64> [percent, 1 ..= 10_000] = Vec::new(),
        /// Arms `shuffled_documents_<percent>`: the pool and, mixed in, copies of its documents with their words shuffled, in per cent of the pool.
        shuffled_documents: Vec<u64> [percent, 1 ..= 10_000] = Vec::new(),
    }
}

/// One `[[step]]`.
#[derive(Debug, Clone)]
pub struct StepConfig {
    /// The registered name, and where it stands.
    pub uses: (String, Span),
    /// The name of this copy: `as`, or the registered name.
    pub name: (String, Span),
    /// Everything else in the table.
    pub params: Table,
}

/// One line of `[arms]`.
#[derive(Debug, Clone)]
pub struct ArmConfig {
    /// The arm's name.
    pub name: Key,
    /// `"*"`, `"-step"` and `"step"`, each with its place.
    pub entries: Vec<(String, Span)>,
    /// Where the list stands.
    pub span: Span,
}

const SECTIONS: &[&str] = &["name", "description", "input", "extract", "step", "arms", "ablation"];

pub(super) fn read(
    mut root: Table,
    file: &str,
    text: String,
    directory: PathBuf,
    faults: &mut Vec<Fault>,
) -> Config {
    refuse_unknown(&root, faults);
    let meant = |fault: &Fault| fault.help.as_deref() == Some("did you mean `name`?");
    if root.get("name").is_none() && !faults.iter().any(meant) {
        faults.push(
            Fault::new(0..0, "the pipeline has no `name`", "`name` is missing")
                .help("add a first line such as: name = \"my_pipeline\""),
        );
    }
    let name = text_key(&mut root, "name", faults);
    let description = text_key(&mut root, "description", faults);
    let input_span = root.get("input").map_or(0..0, |value| value.span.clone());
    let input = section(&mut root, "input", faults);
    let extract = section(&mut root, "extract", faults);
    let ablation = section(&mut root, "ablation", faults);
    let steps = steps(&mut root, faults);
    let arms = arms(&mut root, faults);
    Config {
        name: name.unwrap_or_default(),
        description,
        input: input.unwrap_or_else(defaults),
        input_span,
        extract: extract.unwrap_or_else(defaults),
        ablation: ablation.unwrap_or_else(defaults),
        steps,
        arms,
        file: file.to_owned(),
        text,
        directory,
    }
}

/// Reports the keys and sections at the top that no pipeline has.
fn refuse_unknown(root: &Table, faults: &mut Vec<Fault>) {
    for (key, value) in &root.entries {
        let Key { name, span } = key;
        if SECTIONS.contains(&name.as_str()) {
            continue;
        }
        let fault = |message: String, label: &str| Fault::new(span.clone(), message, label);
        let is_table = |value: &Value| matches!(value.data, Data::Table(_));
        let is_section = match &value.data {
            Data::Array(items) => items.first().is_some_and(is_table),
            _ => is_table(value),
        };
        faults.push(match home(name) {
            _ if is_section => {
                fault(format!("a pipeline has no section `{name}`"), "unknown section")
                    .suggest(name, SECTIONS.iter().copied())
            }
            Some(section) => fault(format!("`{name}` stands outside its section"), "unknown key")
                .help(format!("it belongs under [{section}]")),
            None => fault(format!("a pipeline has no key `{name}`"), "unknown key")
                .suggest(name, SECTIONS.iter().copied()),
        });
    }
}

/// The section that a key belongs to.
fn home(key: &str) -> Option<&'static str> {
    let sections =
        [("input", Input::specs()), ("extract", Extract::specs()), ("ablation", Ablation::specs())];
    let has = |specs: &[super::ParamSpec]| specs.iter().any(|spec| spec.name == key);
    sections.iter().find(|(_, specs)| has(specs)).map(|(section, _)| *section)
}

/// The section with every default: sections have no required keys.
fn defaults<T: Params>() -> T {
    T::read(&Table::default(), "", &mut Vec::new())
        .expect("every key of a section has a default; the test below holds it")
}

fn text_key(root: &mut Table, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let (_, value) = root.remove(name)?;
    match value.data {
        Data::Text(text) if !text.trim().is_empty() => Some(text),
        Data::Text(_) => {
            faults.push(value.fault(format!("`{name}` is empty"), "empty string"));
            None
        }
        _ => {
            faults.push(value.wrong_type(name, "a string"));
            None
        }
    }
}

fn section<T: Params>(root: &mut Table, name: &str, faults: &mut Vec<Fault>) -> Option<T> {
    let (_, value) = root.remove(name)?;
    match &value.data {
        Data::Table(table) => T::read(table, &format!("[{name}]"), faults),
        _ => {
            faults.push(value.wrong_type(name, "a table"));
            None
        }
    }
}

fn steps(root: &mut Table, faults: &mut Vec<Fault>) -> Vec<StepConfig> {
    let Some((key, value)) = root.remove("step") else { return Vec::new() };
    let Value { data: Data::Array(items), .. } = value else {
        faults.push(
            Fault::new(key.span, "steps are written `[[step]]`", "one pair of brackets too few")
                .help("write [[step]] for each step"),
        );
        return Vec::new();
    };
    let mut steps = Vec::new();
    for item in items {
        match item.data {
            Data::Table(table) => steps.extend(step(table, faults)),
            _ => faults.push(item.wrong_type("step", "a table")),
        }
    }
    steps
}

fn step(mut table: Table, faults: &mut Vec<Fault>) -> Option<StepConfig> {
    let mut name_key = |table: &mut Table, key: &str| {
        let (_, value) = table.remove(key)?;
        match value.data {
            Data::Text(text) => {
                if text.is_empty() {
                    let message = format!("`{key}` is empty");
                    faults.push(Fault::new(value.span.clone(), message, "empty string"));
                }
                Some((text, value.span))
            }
            _ => {
                faults.push(value.wrong_type(key, "a string"));
                // What was given counts as given, so that no second fault calls it missing.
                Some((String::new(), value.span))
            }
        }
    };
    let uses = name_key(&mut table, "use");
    let alias = name_key(&mut table, "as");
    let Some(uses) = uses else {
        faults.push(
            Fault::new(table.span, "a step needs `use`", "`use` is missing")
                .help("`gristmill filters` lists the registered steps"),
        );
        return None;
    };
    if uses.0.is_empty() {
        return None;
    }
    let name = alias.filter(|(name, _)| !name.is_empty()).unwrap_or_else(|| uses.clone());
    Some(StepConfig { uses, name, params: table })
}

fn arms(root: &mut Table, faults: &mut Vec<Fault>) -> Vec<ArmConfig> {
    let Some((_, value)) = root.remove("arms") else { return Vec::new() };
    let Data::Table(table) = value.data else {
        faults.push(value.wrong_type("arms", "a table"));
        return Vec::new();
    };
    let mut arms = Vec::new();
    for (name, value) in table.entries {
        let span = value.span.clone();
        let Data::Array(items) = value.data else {
            faults.push(value.wrong_type(&name.name, "a list of step names"));
            continue;
        };
        let mut entries = Vec::new();
        for item in items {
            match item.data {
                Data::Text(text) => entries.push((text, item.span)),
                _ => faults.push(item.wrong_type(&name.name, "a list of step names")),
            }
        }
        arms.push(ArmConfig { name, entries, span });
    }
    arms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_section_is_its_defaults() {
        assert!(Input::specs().iter().all(|spec| spec.default.is_some()));
        assert!(Extract::specs().iter().all(|spec| spec.default.is_some()));
        assert!(Ablation::specs().iter().all(|spec| spec.default.is_some()));
        defaults::<Input>();
        defaults::<Extract>();
        defaults::<Ablation>();
    }

    fn faults(text: &str) -> String {
        let (config, faults) = Config::parse("p.toml", text.to_owned(), PathBuf::new());
        config.error(faults).to_string()
    }

    #[test]
    fn every_fault_of_a_file_is_reported_with_its_place() {
        let found = faults(
            "nmae = 'x'\n[input]\nshards = [1, '']\nmax_record_bytes = '5 parsecs'\n\
             [[step]]\nas = 'x'\n[arms]\nfull = '*'\n[extract]\nwith = 'main_kontent'\n",
        );
        let expected = expect_test::expect![[r#"
            p.toml:1:1: a pipeline has no key `nmae` (did you mean `name`?)
            p.toml:3:11: `shards` takes a string, not an integer
            p.toml:3:14: `shards` is empty
            p.toml:4:20: `5 parsecs` is not a size; write 65536, 64kB, 32MiB, 2GiB
            p.toml:5:1: a step needs `use` (`gristmill filters` lists the registered steps)
            p.toml:8:8: `full` takes a list of step names, not a string
            p.toml:10:8: `with` cannot be "main_kontent" (did you mean `main_content`?)"#]];
        expected.assert_eq(&found);
    }

    #[test]
    fn syntax_faults_are_all_reported() {
        let found = faults("name = \n[input\nshards = ]\n");
        assert!(found.lines().count() >= 3, "{found}");
    }
}
