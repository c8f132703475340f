//! The columns of `documents/` that a report goes by, as numbers and bits.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;

use crate::cut::edited_bytes;
use crate::store::{StoreError, column};

/// Verdict columns that a report can hold: a bit for each.
pub(super) const MOST_JUDGES: usize = 128;

/// What is read of every document.
#[derive(Default)]
pub(super) struct Reading {
    /// Columns with verdicts.
    pub(super) judges: Vec<String>,
    /// Columns of numbers of tokens.
    pub(super) tokens: Vec<String>,
    /// By view: the column whose spans make it; none for the stored text.
    pub(super) views: Vec<Option<String>>,
    /// Signals, as `column.signal`.
    pub(super) signals: Vec<String>,
    /// The column of language labels.
    pub(super) language: Option<String>,
}

/// Documents of a batch.
pub(super) struct Batch {
    pub(super) ids: StringArray,
    pub(super) hosts: StringArray,
    pub(super) languages: Option<StringArray>,
    pub(super) chars: Vec<u64>,
    /// By document: a bit for each column that drops it.
    pub(super) drops: Vec<u128>,
    /// By column with verdicts: the reasons.
    pub(super) reasons: Vec<StringArray>,
    /// By view and document: bytes of the text.
    pub(super) bytes: Vec<Vec<u64>>,
    /// By column and document; null is 0.
    pub(super) tokens: Vec<Vec<u64>>,
    /// By signal and document; null is NaN, a yes is 1.
    pub(super) signals: Vec<Vec<f64>>,
}

impl Reading {
    /// The leaves to ask of a file.
    pub(super) fn leaves(&self) -> Vec<String> {
        let mut leaves: Vec<String> = ["id", "host", "chars", "bytes"].map(String::from).to_vec();
        for judge in &self.judges {
            leaves.extend([format!("{judge}.keep"), format!("{judge}.reason")]);
        }
        leaves.extend(self.views.iter().flatten().map(|column| format!("{column}.spans")));
        leaves.extend(self.tokens.iter().cloned());
        leaves.extend(self.signals.iter().cloned());
        leaves.extend(self.language.iter().cloned());
        leaves.sort();
        leaves.dedup();
        leaves
    }

    /// Takes a batch apart.
    pub(super) fn batch(&self, batch: &RecordBatch, path: &Path) -> Result<Batch, StoreError> {
        let get = |name: &str| column(batch, name, path);
        let rows = batch.num_rows();
        let strings = |name: &str| get(name).map(|array| array.as_string::<i32>().clone());
        let mut drops = vec![0u128; rows];
        let mut reasons = Vec::new();
        for (at, judge) in self.judges.iter().enumerate() {
            let keep = get(&format!("{judge}.keep"))?;
            for (drops, keep) in drops.iter_mut().zip(keep.as_boolean()) {
                *drops |= u128::from(keep == Some(false)) << at;
            }
            reasons.push(strings(&format!("{judge}.reason"))?);
        }
        let stored = counts(&get("bytes")?);
        let bytes = self.views.iter().map(|view| match view {
            None => Ok(stored.clone()),
            Some(column) => edited_bytes(&get(&format!("{column}.spans"))?, &stored, path),
        });
        let bytes: Result<_, StoreError> = bytes.collect();
        let tokens: Result<_, StoreError> =
            self.tokens.iter().map(|name| Ok(counts(&get(name)?))).collect();
        let signals: Result<_, StoreError> =
            self.signals.iter().map(|name| Ok(numbers(&get(name)?))).collect();
        Ok(Batch {
            ids: strings("id")?,
            hosts: strings("host")?,
            languages: self.language.as_deref().map(strings).transpose()?,
            chars: counts(&get("chars")?),
            drops,
            reasons,
            bytes: bytes?,
            tokens: tokens?,
            signals: signals?,
        })
    }
}

fn counts(array: &ArrayRef) -> Vec<u64> {
    let array = array.as_primitive::<Int64Type>();
    array.iter().map(|number| u64::try_from(number.unwrap_or(0)).unwrap_or(0)).collect()
}

/// Values as numbers; null is NaN, a yes is 1.
pub(super) fn numbers(array: &ArrayRef) -> Vec<f64> {
    match array.data_type() {
        DataType::Boolean => {
            let value =
                |value: Option<bool>| value.map_or(f64::NAN, |yes| f64::from(u8::from(yes)));
            array.as_boolean().iter().map(value).collect()
        }
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().iter();
            values.map(|value| value.map_or(f64::NAN, |number| number as f64)).collect()
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().iter();
            values.map(|value| value.unwrap_or(f64::NAN)).collect()
        }
        _ => vec![f64::NAN; array.len()],
    }
}
