//! TOML → [`Config`], with the place of everything, so that a fault points into the user's file.
//!
//! This module knows the sections of a pipeline and how parameters are declared and read. What the
//! names in it mean (which steps there are, what they take) is resolved by the plan.

mod declare;
mod fault;
pub mod params;
mod sections;
pub mod units;
mod value;

pub use crate::__choice as choice;
pub use crate::__params as params;
pub use fault::{ConfigError, Fault, nearest};
pub use params::{Bytes, ParamSpec, ParamValue, Params, Shape};
pub use sections::{
    Ablation, ArmConfig, Extract, ExtractComments, ExtractFavor, ExtractWith, Input, InputFormat,
    StepConfig,
};
pub use value::{Data, Key, Span, Table, Value};

use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

/// A pipeline as its file has it: sections read, names not yet resolved.
#[derive(Debug, Clone)]
pub struct Config {
    /// The pipeline's name.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// `[input]`
    pub input: Input,
    /// Where `[input]` stands, for faults that concern the section.
    pub input_span: Span,
    /// `[extract]`
    pub extract: Extract,
    /// `[[step]]`, in order.
    pub steps: Vec<StepConfig>,
    /// `[arms]`, in order.
    pub arms: Vec<ArmConfig>,
    /// `[ablation]`
    pub ablation: Ablation,
    /// The file as the user named it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The directory that relative paths in the file start from.
    pub directory: PathBuf,
}

/// Why a pipeline could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read the pipeline `{file}`: {source}")]
    Read {
        /// The file as the user named it.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file has faults.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Config {
    /// Reads a pipeline file.
    ///
    /// On faults of configuration the faults found so far come with what could be read, so that
    /// the plan can add its own and all are reported at once.
    ///
    /// # Errors
    /// [`LoadError::Read`] if the file cannot be read, [`LoadError::Config`] if it is not UTF-8.
    pub fn load(path: &Path) -> Result<(Self, Vec<Fault>), LoadError> {
        let file = path.to_string_lossy().into_owned();
        let bytes =
            std::fs::read(path).map_err(|source| LoadError::Read { file: file.clone(), source })?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&file, &error))?;
        // Some editors begin every file with a byte order mark; it stands in no column.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let directory = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        Ok(Self::parse(&file, text, directory))
    }

    /// Reads the text of a pipeline.
    pub fn parse(file: &str, text: String, directory: PathBuf) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut root = Table::parse(&text, &mut faults);
        root.span = 0..0;
        let config = sections::read(root, file, text, directory, &mut faults);
        (config, faults)
    }

    /// The faults as an error that shows them.
    pub fn error(&self, faults: Vec<Fault>) -> ConfigError {
        ConfigError::new(self.file.clone(), self.text.clone(), faults)
    }
}

/// The first byte that is not UTF-8, shown in its line.
fn not_utf8(file: &str, error: &FromUtf8Error) -> ConfigError {
    let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
    // What stands before the byte is unchanged by the replacement of what is not UTF-8.
    let text = String::from_utf8_lossy(bytes).into_owned();
    let label = bytes.get(at).map_or_else(String::new, |byte| format!("byte 0x{byte:02x}"));
    let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    let fault = Fault::new(span, "the file is not UTF-8", label).help("save it as UTF-8");
    ConfigError::new(file.to_owned(), text, vec![fault])
}
