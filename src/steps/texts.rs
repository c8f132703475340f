//! Texts that a parameter names: files of a text a line, or of an object a line with texts in fields.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Build;
use super::lists::{self, refuse};

/// Longest line, its end included.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// File names of JSON lines, before `.gz` or `.zst`.
const JSON: [&str; 3] = [".jsonl", ".ndjson", ".json"];

impl Build<'_> {
    /// Passes every text of the files that a key names on, with the place of its file among them and
    /// its line; `None` after a fault.
    ///
    /// In files that are called `.jsonl`, `.ndjson` or `.json`, or so before `.gz` or `.zst`, each line
    /// is an object, and its texts are the strings of `fields` and of lists there; dots reach into
    /// objects. In others each line is a text. Blank lines and blank texts are none. Faults are a file
    /// that cannot be read or has no text, a line that is no object, has none of the fields or
    /// something else in one, is no UTF-8 or is longer than 64 MiB.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        files: &[PathBuf],
        fields: &[String],
        mut text: impl FnMut(usize, u64, &str),
    ) -> Option<()> {
        let mut sound = Some(());
        for (index, path) in files.iter().enumerate() {
            let is_json = is_json(path);
            let each = |number: u64, line: &str| match line.trim() {
                "" => Ok(0),
                line if is_json => {
                    let mut texts = 0;
                    each_field(number, line, fields, &mut |found| {
                        texts += 1;
                        text(index, number, found);
                    })?;
                    Ok(texts)
                }
                line => {
                    text(index, number, line);
                    Ok(1)
                }
            };
            let list = lists::read(&self.resolve(path), MAX_LINE_BYTES, each);
            sound = self.take_list(key, index, path, "text", list).and(sound);
        }
        sound
    }
}

fn is_json(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    JSON.iter().any(|suffix| name.ends_with(suffix))
}

fn each_field(
    number: u64,
    line: &str,
    fields: &[String],
    text: &mut impl FnMut(&str),
) -> io::Result<()> {
    let object = match serde_json::from_str::<Value>(line) {
        Ok(object @ Value::Object(_)) => object,
        Ok(_) => return refuse(format!("line {number} is JSON, but no object")),
        Err(error) => return refuse(format!("line {number} is no JSON: {error}")),
    };
    let mut any = false;
    for field in fields {
        let Some(value) = reach(&object, field) else { continue };
        any = true;
        let sound = match value {
            Value::Null => true,
            Value::Array(items) => items.iter().all(|item| pass(item, text)),
            value => pass(value, text),
        };
        if !sound {
            return refuse(format!("`{field}` of line {number} is neither a string nor strings"));
        }
    }
    if any {
        return Ok(());
    }
    let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    refuse(format!("line {number} has no field {}", fields.join(" or ")))
}

/// Passes a string on that is not blank; `false` for what is no string.
fn pass(value: &Value, text: &mut impl FnMut(&str)) -> bool {
    let Value::String(string) = value else { return false };
    if !string.trim().is_empty() {
        text(string);
    }
    true
}

/// What a path reaches; of several ways that through the fewest objects, as in pools.
fn reach<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(path) {
        return Some(found);
    }
    let dots = path.rmatch_indices('.').map(|(dot, _)| dot);
    dots.into_iter().find_map(|dot| reach(object.get(&path[..dot])?, &path[dot + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Table;

    /// The texts of one file with their lines, or the fault.
    fn texts(name: &str, bytes: &[u8], fields: &[&str]) -> Result<Vec<(u64, String)>, String> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(name), bytes).unwrap();
        let (table, mut faults, mut found) = (Table::default(), Vec::new(), Vec::new());
        let mut build = Build::new(&table, directory.path(), &[], &mut faults);
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        let read = build.texts("texts", &[name.into()], &fields, |file, line, text| {
            assert_eq!(file, 0);
            found.push((line, text.to_owned()));
        });
        match read {
            Some(()) => {
                let files = build.into_files();
                assert_eq!(files[0].sha256, crate::digest::sha256_hex(bytes));
                Ok(found)
            }
            None => Err(faults.remove(0).message),
        }
    }

    fn owned(texts: &[(u64, &str)]) -> Vec<(u64, String)> {
        texts.iter().map(|&(line, text)| (line, text.to_owned())).collect()
    }

    #[test]
    fn lines_of_plain_files_are_texts() {
        let found = texts("a.txt", "\u{feff}# a\n\n b c \r\n{\"text\": 1}".as_bytes(), &["text"]);
        assert_eq!(found, Ok(owned(&[(1, "# a"), (3, "b c"), (4, "{\"text\": 1}")])));
    }

    #[test]
    fn fields_of_json_lines_are_texts() {
        let lines = r#"{"q": "a", "m": {"x.y": "b", "x": {"y": "c"}}, "choices": ["d", " ", "e"]}

            {"m.x.y": "f", "q": null, "m": {"x.y": "g"}}"#;
        let zstd = zstd::encode_all(lines.as_bytes(), 3).unwrap();
        for (name, bytes) in [("a.JSONL", lines.as_bytes()), ("a.json.zst", &zstd)] {
            let found = texts(name, bytes, &["m.x.y", "choices", "q", "absent"]);
            let expected = [(1, "b"), (1, "d"), (1, "e"), (1, "a"), (3, "f")];
            assert_eq!(found, Ok(owned(&expected)), "{name}");
        }
    }

    #[test]
    fn files_that_cannot_be_used_say_why() {
        let says = |lines: &str, what: &str| {
            let fault = texts("a.jsonl", lines.as_bytes(), &["text", "q"]).expect_err(what);
            assert!(fault.contains(what), "{fault}");
        };
        says("{\"text\": \"a\"}\n{\"x\": 1}", "line 2 has no field `text` or `q`");
        says("{\"text\": 1}", "`text` of line 1 is neither");
        says("{\"text\": [\"a\", [\"b\"]]}", "`text` of line 1 is neither");
        says("[1]", "line 1 is JSON, but no object");
        says("a", "line 1 is no JSON");
        says("\n", "has no text");
        says("{\"text\": \" \"}", "has no text");
    }
}
