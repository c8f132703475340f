//! What the README says of the program is what the program says of itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::path::Path;

const BEGIN: &str = "<!-- steps: begin -->\n";
const END: &str = "<!-- steps: end -->";

/// Set to rewrite the table.
const UPDATE: &str = "UPDATE_EXPECT";

#[test]
fn the_table_of_steps_is_that_of_the_registry() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let generated = gristmill::cli::filters_table();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{generated}{END}{after}")).unwrap();
    } else {
        assert_eq!(table, generated, "{UPDATE}=1 rewrites the table");
    }
}

#[test]
fn the_pipeline_of_the_readme_has_no_faults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let start = readme.find("```toml\n").unwrap() + "```toml\n".len();
    let length = readme[start..].find("```").unwrap();
    let text = readme[start..start + length].to_owned();
    let (config, faults) =
        gristmill::config::Config::parse("README.md", text, std::path::PathBuf::new());
    if let Err(error) = gristmill::plan::Plan::resolve(&config, faults) {
        panic!("{error}");
    }
}
