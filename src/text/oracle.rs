//! The peers' own values on real texts, for parity tests: columns of `oracle/*.parquet`.
//!
//! The data lies outside the repository; a test that finds none says that it was skipped.

use std::fs::File;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The folder of test data: `GRISTMILL_DATA`, or `shared/data` beside the repository.
pub(crate) fn data_folder() -> PathBuf {
    match std::env::var_os("GRISTMILL_DATA") {
        Some(folder) => folder.into(),
        None => concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").into(),
    }
}

/// Some columns of one oracle file, all its rows.
pub(crate) struct Oracle(RecordBatch);

impl Oracle {
    /// Reads the columns of `oracle/<file>.parquet`, or of the file at a full path; `None`, with a word on stderr, where it is
    /// absent.
    pub(crate) fn read(file: &str, columns: &[&str]) -> Option<Self> {
        let path = data_folder().join("oracle").join(file).with_extension("parquet");
        let Ok(open) = File::open(&path) else {
            eprintln!("SKIPPED: no oracle at {}", path.display());
            return None;
        };
        let builder = ParquetRecordBatchReaderBuilder::try_new(open).unwrap();
        let columns = columns.iter().copied();
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
        let mut batches = builder.with_projection(mask).with_batch_size(1 << 20).build().unwrap();
        let batch = batches.next().unwrap().unwrap();
        assert!(batches.next().is_none(), "one batch holds all rows");
        Some(Self(batch))
    }

    /// The texts that the oracle was computed on, in the order of all its files but `tokens`.
    pub(crate) fn texts() -> Option<Vec<String>> {
        let oracle = Self::read("texts", &["text"])?;
        Some(oracle.strings("text").into_iter().map(Option::unwrap).collect())
    }

    /// The texts of `tokens.parquet`, in its order, each with its row in the other files.
    pub(crate) fn token_texts() -> Option<Vec<(usize, String)>> {
        let texts = Self::read("texts", &["record_id", "text"])?;
        let tokens = Self::read("tokens", &["record_id"])?;
        let (ids, texts) = (texts.strings("record_id"), texts.strings("text"));
        let row = |id| ids.iter().position(|other| *other == id).unwrap();
        let rows = tokens.strings("record_id").into_iter().map(row);
        Some(rows.map(|row| (row, texts[row].clone().unwrap())).collect())
    }

    fn column(&self, name: &str) -> &ArrayRef {
        self.0.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// A column of numbers, whole ones too.
    pub(crate) fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        let column = self.column(name);
        if let Some(column) = column.as_primitive_opt::<Float64Type>() {
            return column.iter().collect();
        }
        if let Some(column) = column.as_primitive_opt::<Int32Type>() {
            return column.iter().map(|number| number.map(f64::from)).collect();
        }
        let whole = column.as_primitive::<Int64Type>();
        whole.iter().map(|number| number.map(|number| number as f64)).collect()
    }

    /// A column of lists of hashes, of one length or of any.
    pub(crate) fn hashes(&self, name: &str) -> Vec<Option<Vec<u64>>> {
        let column = self.column(name);
        let list = |array: ArrayRef| array.as_primitive::<UInt64Type>().values().to_vec();
        let row = |row: usize| match column.as_fixed_size_list_opt() {
            Some(lists) => list(lists.value(row)),
            None => list(column.as_list::<i32>().value(row)),
        };
        (0..column.len()).map(|at| column.is_valid(at).then(|| row(at))).collect()
    }

    /// A column of verdicts.
    pub(crate) fn bools(&self, name: &str) -> Vec<bool> {
        self.optional_bools(name).into_iter().map(Option::unwrap).collect()
    }

    /// A column of verdicts, null where the peer gave none.
    pub(crate) fn optional_bools(&self, name: &str) -> Vec<Option<bool>> {
        self.column(name).as_boolean().iter().collect()
    }

    /// A column of strings.
    pub(crate) fn strings(&self, name: &str) -> Vec<Option<String>> {
        self.column(name).as_string::<i32>().iter().map(|s| s.map(str::to_owned)).collect()
    }

    /// A column of lists of strings.
    pub(crate) fn lists(&self, name: &str) -> Vec<Vec<String>> {
        let lists = self.column(name).as_list::<i32>();
        let list = |array: ArrayRef| {
            array.as_string::<i32>().iter().map(|s| s.unwrap().to_owned()).collect()
        };
        lists.iter().map(|array| list(array.unwrap())).collect()
    }
}

/// Asserts that `ours` equals a column bit by bit on all rows but `allowed`, naming rows that
/// differ.
pub(crate) fn assert_equal(
    name: &str,
    ours: &[Option<f64>],
    theirs: &[Option<f64>],
    allowed: usize,
) {
    assert_eq!(ours.len(), theirs.len(), "{name}: rows");
    let bits = |value: Option<f64>| value.map(f64::to_bits);
    let differing: Vec<_> = (0..ours.len()).filter(|&i| bits(ours[i]) != bits(theirs[i])).collect();
    eprintln!("{name}: {} of {} equal", ours.len() - differing.len(), ours.len());
    let shown: Vec<_> = differing
        .iter()
        .take(8)
        .map(|&i| format!("row {i}: {:?} / {:?}", ours[i], theirs[i]))
        .collect();
    assert!(
        differing.len() <= allowed,
        "{name}: {} differ (ours / theirs) {shown:?}",
        differing.len()
    );
}
