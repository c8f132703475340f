//! Writing to the standard streams without a panic when the reader has gone.

use std::io::{self, Write};

use super::Failure;

/// Writes a result to standard output.
///
/// # Errors
/// If standard output refuses; a reader that closed the pipe has all it wants and is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Environment(format!("error: cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a result as JSON to standard output.
///
/// # Errors
/// As [`print`].
pub(super) fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_value(value)
        .map_err(|error| Failure::Environment(format!("error: {error}")))?;
    print(&format!("{json:#}\n"))
}

/// Writes a line to standard error, where nobody may be listening.
pub(super) fn say(line: &str) {
    let mut stderr = io::stderr().lock();
    drop(writeln!(stderr, "{line}"));
}
