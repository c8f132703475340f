//! The peers, which are Python's: `peers.py` runs them on pages that are written to a file.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::data::{GoldPage, Page};

/// Runs `peers.py` in one of its modes over pages; gives what it prints, a JSON value a line.
fn run<'a>(
    python: &str,
    mode: &str,
    pages: impl Iterator<Item = &'a str>,
) -> Vec<serde_json::Value> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for html in pages {
        writeln!(file, "{}", serde_json::Value::from(html)).unwrap();
    }
    file.flush().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/extraction/peers.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(mode)
        .arg(file.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let output = BufReader::new(child.stdout.take().unwrap());
    let lines = output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(child.wait().unwrap().success(), "peers.py ends well");
    lines
}

/// The texts that each peer finds, by the peer's name and setting, in the order of the pages.
pub(crate) fn texts(python: &str, pages: &[GoldPage]) -> BTreeMap<String, Vec<String>> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in run(python, "texts", pages.iter().map(|page| page.html.as_str())) {
        for (name, text) in row.as_object().unwrap() {
            texts.entry(name.clone()).or_default().push(text.as_str().unwrap().to_owned());
        }
    }
    texts
}

/// CPU seconds that resiliparse takes for all pages, parsing included.
pub(crate) fn cpu(python: &str, pages: &[Page]) -> f64 {
    let rows = run(python, "cpu", pages.iter().map(|page| page.html.as_str()));
    rows[0].as_f64().unwrap()
}
