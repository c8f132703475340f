//! Lists of entries that a parameter names: text files, plain or gzip, an entry a line.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use super::Build;

/// Largest list once inflated.
const MAX_LIST_BYTES: u64 = 4 << 30;

impl Build<'_> {
    /// Passes every entry of the lists that a key names on, stripped; `None` after a fault.
    ///
    /// Blank lines and lines that start with `#` are no entries. A list without entries is a fault,
    /// since a step could never fire by it, as is one that cannot be read.
    pub fn entries(
        &mut self,
        key: &'static str,
        lists: &[PathBuf],
        mut entry: impl FnMut(&str),
    ) -> Option<()> {
        let mut sound = Some(());
        for (index, path) in lists.iter().enumerate() {
            let Some(bytes) = self.read(key, path) else {
                sound = None;
                continue;
            };
            let mut found = 0u64;
            let read = lines(&bytes, |line| {
                let line = line.trim();
                if !line.is_empty() && !line.starts_with('#') {
                    found += 1;
                    entry(line);
                }
            });
            let fault = match read {
                Err(error) => format!("cannot read `{}`: {error}", path.display()),
                Ok(()) if found == 0 => format!("`{}` has no entry", path.display()),
                Ok(()) => continue,
            };
            self.fault_in_list(key, index, fault);
            sound = None;
        }
        sound
    }
}

fn lines(bytes: &[u8], mut line: impl FnMut(&str)) -> std::io::Result<()> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let inflated = flate2::read::MultiGzDecoder::new(bytes).take(MAX_LIST_BYTES);
        for entry in BufReader::new(inflated).lines() {
            line(&entry?);
        }
    } else {
        for entry in bytes.lines() {
            line(&entry?);
        }
    }
    Ok(())
}
