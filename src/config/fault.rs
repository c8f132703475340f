//! What can be wrong with a configuration, with its place.

use std::collections::HashSet;
use std::fmt;

use super::value::Span;

/// One fault of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The offending text, in bytes of the file.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands beside the underline.
    pub label: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// Whether the file is no TOML here, so that what was read of the rest means little.
    pub breaks_syntax: bool,
}

impl Fault {
    /// A fault at a place.
    pub fn new(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            label: label.into(),
            help: None,
            breaks_syntax: false,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the names that may have been meant: the nearest one, or all where none is near.
    #[must_use]
    pub fn suggest<'n>(self, given: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let mut known: Vec<&str> = known.into_iter().collect();
        let mut seen = HashSet::new();
        known.retain(|name| seen.insert(*name));
        match nearest(given, &known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if known.is_empty() => self,
            None => self.help(format!("known: {}", known.join(", "))),
        }
    }
}

/// The known name nearest to a given one, if one is near.
pub fn nearest<'n>(given: &str, known: &[&'n str]) -> Option<&'n str> {
    let given = given.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&given, &name.to_lowercase());
    let close = |name: &&&str| distance(name) <= 1 + given.chars().count().max(name.len()) / 4;
    known.iter().filter(close).min_by_key(|name| distance(name)).copied().or_else(|| {
        // `words` for `min_words`: the same thing, said shorter or longer.
        known.iter().find(|name| given.len() > 3 && name.contains(given.as_str())).copied()
    })
}

/// All faults of one configuration file.
#[derive(Debug, Clone, thiserror::Error)]
pub struct ConfigError {
    /// The file as the user named it.
    pub file: String,
    /// Its text, for the excerpt under each fault.
    pub text: String,
    /// The faults in the order of the file; never empty.
    pub faults: Vec<Fault>,
}

impl ConfigError {
    /// Orders the faults by place. Where the file is no TOML those faults stand alone: the others
    /// may be no more than their consequence.
    pub fn new(file: String, text: String, mut faults: Vec<Fault>) -> Self {
        if faults.iter().any(|fault| fault.breaks_syntax) {
            faults.retain(|fault| fault.breaks_syntax);
        }
        faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
        faults.dedup();
        Self { file, text, faults }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let (line, column) = self.position(fault.span.start);
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{}:{line}:{column}: {}", self.file, fault.message)?;
            if let Some(help) = &fault.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["min_words", "max_words", "gopher_quality"];
        assert_eq!(nearest("min_word", &known), Some("min_words"));
        assert_eq!(nearest("gopher_qualty", &known), Some("gopher_quality"));
        assert_eq!(nearest("Gopher_Quality", &known), Some("gopher_quality"));
        assert_eq!(nearest("zebra", &known), None);
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let error = ConfigError::new("x".into(), "a = 1\né = 2\n".into(), vec![]);
        assert_eq!(error.position(0), (1, 1));
        assert_eq!(error.position(6), (2, 1));
        assert_eq!(error.position(8), (2, 2));
        assert_eq!(error.position(7), (2, 1), "inside a character");
        assert_eq!(error.position(999), (3, 1));
    }
}
