//! Records that gave no document: how many of each kind, and examples.

use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use serde::Serialize;

use crate::cut::priority::{Priority, keep_least};
use crate::cut::{Context, CutError, Pool};
use crate::store::{StoredFile, column};

/// Rows read at a time.
const ROWS: usize = 8192;

/// Records that gave no document.
#[derive(Debug, Default, Serialize)]
pub struct Failures {
    /// How many, by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Some of each kind.
    pub examples: BTreeMap<String, Vec<Example>>,
}

/// A record that gave no document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Example {
    #[serde(skip)]
    priority: u64,
    /// The input file.
    pub file: String,
    /// Where the record stands in it.
    pub offset: Option<i64>,
    /// What went wrong.
    pub message: String,
    /// The record's URL.
    pub url: Option<String>,
}

impl Failures {
    fn merge(&mut self, other: Self, most: usize) {
        for (kind, by) in other.kinds {
            *self.kinds.entry(kind).or_default() += by;
        }
        for (kind, examples) in other.examples {
            let own = self.examples.entry(kind).or_default();
            examples.into_iter().for_each(|example| keep_least(own, example, most));
        }
    }
}

/// Counts the failures of a pool and draws `most` of each kind.
pub(super) fn read(
    context: &Context<'_>,
    pool: &Pool,
    priority: Priority,
    most: usize,
) -> Result<Failures, CutError> {
    let mut found = Failures::default();
    context.each(
        pool.shards.len(),
        |index| {
            let path = pool.shards[index].failures();
            let file = StoredFile::open(path.clone())?;
            let mut of_shard = Failures::default();
            let names = ["file", "offset", "kind", "message", "url"];
            for group in 0..file.groups().len() {
                for batch in file.read(group, None, &names, ROWS)? {
                    let batch = batch?;
                    let get = |name: &str| column(&batch, name, &path);
                    let (files, kinds) = (get("file")?, get("kind")?);
                    let (messages, urls, offsets) = (get("message")?, get("url")?, get("offset")?);
                    let text = |array: &arrow_array::ArrayRef, row: usize| {
                        let array = array.as_string::<i32>();
                        array.is_valid(row).then(|| array.value(row).to_owned())
                    };
                    let offsets = offsets.as_primitive::<Int64Type>();
                    for (row, kind) in kinds.as_string::<i32>().iter().enumerate() {
                        let kind = kind.unwrap_or_default();
                        *of_shard.kinds.entry(kind.to_owned()).or_default() += 1;
                        let file = text(&files, row).unwrap_or_default();
                        let offset = offsets.is_valid(row).then(|| offsets.value(row));
                        let place = format!("{file}:{}", offset.unwrap_or(-1));
                        let example = Example {
                            priority: priority.of(&place),
                            file,
                            offset,
                            message: text(&messages, row).unwrap_or_default(),
                            url: text(&urls, row),
                        };
                        let own = of_shard.examples.entry(kind.to_owned()).or_default();
                        keep_least(own, example, most);
                    }
                }
            }
            Ok(of_shard)
        },
        |of_shard| {
            found.merge(of_shard, most);
            Ok(())
        },
    )?;
    Ok(found)
}
