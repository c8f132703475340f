//! `data/part-NNNNN.npy` for OLMo-core (`olmo_core/data/numpy_dataset.py`): tokens and nothing
//! else, no header of NumPy's, each document ended by its end of text; beside it
//! `part-NNNNN.csv.gz` with a line `start,end,id,file,offset` for each document, as the Dolma toolkit
//! writes it and OLMo-core reads it for boundaries (`iter_document_indices`).
//!
//! The width is what OLMo-core assumes of a vocabulary (`NumpyDatasetConfig.get_dtype`): the least
//! unsigned type that holds it. The places of documents are in tokens.

use super::jsonl::{Coding, Lines};
use super::parts::{Part, Parts, subdirectory};
use super::tokens::{TokenBytes, Width, tokens};
use super::{CutDocument, Target, Writer, wrong};
use crate::steps::TextTokenizer;
use crate::store::{SealedFile, StoreError, WholeFile};

pub(super) fn begin(
    target: &Target,
    tokenizer: &TextTokenizer,
) -> Result<Box<dyn Writer>, StoreError> {
    let directory = subdirectory(target, "data")?;
    let width = match tokenizer.vocabulary_size() {
        0..=0x100 => Width::One,
        0x101..=0x1_0000 => Width::Two,
        _ => Width::Four,
    };
    let tokens = TokenBytes::new(width, tokenizer);
    let end_of_text = tokenizer.end_of_text().map_err(|e| wrong(&directory, e.to_string()))?;
    Parts::begin(target, target.part_bytes, move |number| {
        Ok(OlmoPart {
            tokens: tokens.clone(),
            end_of_text,
            data: WholeFile::create(directory.join(format!("part-{number:05}.npy")))?,
            boundaries: Lines::create(
                directory.join(format!("part-{number:05}.csv.gz")),
                Coding::Gzip,
            )?,
            count: 0,
            end: 0,
        })
    })
}

struct OlmoPart {
    tokens: TokenBytes,
    end_of_text: u32,
    data: WholeFile,
    boundaries: Lines,
    count: u64,
    /// Tokens so far.
    end: u64,
}

impl Part for OlmoPart {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        let list = tokens(document, self.data.place())?;
        let with_end = list.iter().copied().chain([self.end_of_text]);
        let start = self.end;
        self.end += self.tokens.write(with_end, &mut self.data)?;
        self.count += 1;
        let document = &document.document;
        let offset = document.location.offset.map_or_else(String::new, |at| at.to_string());
        let (id, file) = (quoted(&document.id), quoted(&document.location.file));
        self.boundaries.write_text(&format!("{start},{},{id},{file},{offset}\n", self.end), 1)
    }

    fn seal(self) -> Result<Vec<SealedFile>, StoreError> {
        Ok(vec![self.data.seal(self.count)?, self.boundaries.seal()?])
    }
}

/// A field of a CSV file (RFC 4180), on one line whatever it holds: OLMo-core reads line by line.
fn quoted(field: &str) -> String {
    let field = field.replace(['\n', '\r'], " ");
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}
