//! What a step may use while it is built: its place in the file, and files that it names.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::config::{Data, Fault, Span, Table};
use crate::fasttext::{Model, ModelError};
use crate::ngram_lm::{self, LmError};

use super::Earlier;

/// A file that a step read, for the fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// The parameter that names it.
    pub key: &'static str,
    /// The file as the pipeline names it.
    pub path: String,
    /// SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
}

/// The surroundings of a step under construction.
pub struct Build<'a> {
    table: &'a Table,
    directory: &'a Path,
    pub(super) earlier: &'a [Earlier<'a>],
    faults: &'a mut Vec<Fault>,
    files: Vec<FileDigest>,
}

impl<'a> Build<'a> {
    /// For a step whose parameters stand in `table`; relative paths start from `directory`.
    pub fn new(
        table: &'a Table,
        directory: &'a Path,
        earlier: &'a [Earlier<'a>],
        faults: &'a mut Vec<Fault>,
    ) -> Self {
        Self { table, directory, earlier, faults, files: Vec::new() }
    }

    /// Where faults go.
    pub(super) fn faults(&mut self) -> &mut Vec<Fault> {
        self.faults
    }

    /// Reports a fault under the value of a key, or under the step where the key is not given.
    pub fn fault(&mut self, key: &str, message: impl Into<String>) -> &mut Fault {
        let span = self.table.get(key).map_or(self.table.span.clone(), |value| value.span.clone());
        self.fault_at(span, message)
    }

    /// Reports a fault under one item of a list.
    pub fn fault_in_list(
        &mut self,
        key: &str,
        index: usize,
        message: impl Into<String>,
    ) -> &mut Fault {
        let item = self.table.get(key).and_then(|value| match &value.data {
            Data::Array(items) => items.get(index).map(|item| item.span.clone()),
            _ => None,
        });
        match item {
            Some(span) => self.fault_at(span, message),
            None => self.fault(key, message),
        }
    }

    /// Reports a fault under some bytes of the string at a key, or under all of it where escapes
    /// make places unsure.
    pub fn fault_within(
        &mut self,
        key: &str,
        place: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Fault {
        let span = self.table.get(key).map(|value| match &value.data {
            Data::Text(text) if value.span.len() == text.len() + 2 => {
                let at = |offset: usize| value.span.start + 1 + offset.min(text.len());
                at(place.start)..at(place.end)
            }
            _ => value.span.clone(),
        });
        self.fault_at(span.unwrap_or_else(|| self.table.span.clone()), message)
    }

    /// Reports a fault under one of the user's keys of a table.
    pub fn fault_in_table(
        &mut self,
        key: &str,
        name: &str,
        message: impl Into<String>,
    ) -> &mut Fault {
        let entry = self.table.get(key).and_then(|value| match &value.data {
            Data::Table(table) => table.entries.iter().find(|(key, _)| key.name == name),
            _ => None,
        });
        match entry.map(|(key, _)| key.span.clone()) {
            Some(span) => self.fault_at(span, message),
            None => self.fault(key, message),
        }
    }

    fn fault_at(&mut self, span: Span, message: impl Into<String>) -> &mut Fault {
        self.faults.push(Fault::new(span, message, ""));
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    /// Where a path of the pipeline lies.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }

    /// Reads a whole file that a parameter names (a list, a tokenizer) and records its digest.
    ///
    /// `None` after reporting that it cannot be read.
    pub fn read(&mut self, key: &'static str, path: &Path) -> Option<Vec<u8>> {
        match std::fs::read(self.resolve(path)) {
            Ok(bytes) => {
                self.record(key, path, crate::digest::sha256_hex(&bytes));
                Some(bytes)
            }
            Err(error) => {
                self.unreadable(key, path, &error);
                None
            }
        }
    }

    /// Reads a fastText model that a parameter names and records its digest.
    ///
    /// `None` after reporting why it cannot be used.
    pub fn model(&mut self, key: &'static str, path: &Path) -> Option<Model> {
        let resolved = self.resolve(path);
        match Model::open(&resolved) {
            Ok(model) => {
                self.record(key, path, model.sha256().to_owned());
                Some(model)
            }
            Err(error) => {
                let what = match &error {
                    ModelError::Open { source, .. } => {
                        format!("cannot read `{}`: {source}", resolved.display())
                    }
                    error => format!("`{}`: {error}", resolved.display()),
                };
                self.fault(key, what).label = "this model".into();
                None
            }
        }
    }

    /// Reads an n-gram language model that a parameter names and records its digest.
    ///
    /// `None` after reporting why it cannot be used.
    pub fn language_model(&mut self, key: &'static str, path: &Path) -> Option<ngram_lm::Model> {
        match ngram_lm::Model::open(&self.resolve(path)) {
            Ok(model) => {
                self.record(key, path, model.sha256().to_owned());
                Some(model)
            }
            Err(LmError::Open { source, .. }) => {
                self.unreadable(key, path, &source);
                None
            }
            Err(error) => {
                let what = format!("`{}`: {error}", self.resolve(path).display());
                self.fault(key, what).label = "this model".into();
                None
            }
        }
    }

    /// Whether the pipeline gives a key itself.
    pub fn gives(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Reports that a file of a parameter cannot be read.
    pub fn unreadable(&mut self, key: &str, path: &Path, error: &io::Error) {
        let resolved = self.resolve(path);
        self.fault(key, format!("cannot read `{}`: {error}", resolved.display())).label =
            "this file".into();
    }

    /// Records a file that the step read by itself.
    pub fn record(&mut self, key: &'static str, path: &Path, sha256: String) {
        self.files.push(FileDigest { key, path: path.to_string_lossy().into_owned(), sha256 });
    }

    /// The files read, in order.
    pub fn into_files(self) -> Vec<FileDigest> {
        self.files
    }
}
