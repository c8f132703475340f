//! An id or URL → its rows in a run directory.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::store::{Layout, Lookup, StoreError};

/// A row of a run directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The shard, as an index of those asked of.
    #[serde(skip)]
    pub at: usize,
    /// The shard's name.
    pub shard: String,
    /// The row group in its file.
    pub group: usize,
    /// The row in the row group.
    pub row: usize,
}

/// Which files are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// `documents/`
    Documents,
    /// `failures/`
    Failures,
}

/// Finds the rows of an id or URL in some shards, in their order.
///
/// An id may lack its `urn:uuid:` or stand in angle brackets. A URL may lack its scheme, have
/// `http` for `https` or the other way round, and lack the slash at its end.
///
/// # Errors
/// The first file that cannot be read.
pub fn find(
    layout: &Layout,
    shards: &[String],
    folder: Folder,
    wanted: &str,
    threads: usize,
) -> Result<Vec<Place>, StoreError> {
    let file = |shard: &str| -> PathBuf {
        match folder {
            Folder::Documents => layout.documents(shard),
            Folder::Failures => layout.failures(shard),
        }
    };
    let Some(first) = shards.first() else { return Ok(Vec::new()) };
    let lookup = Lookup::like(&file(first))?;
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let search = |column: &str, values: &[String]| -> Result<(), StoreError> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(shard) = shards.get(at) else { return Ok(()) };
            let rows = lookup.rows(&file(shard), column, values)?;
            let places = rows.into_iter().map(|(group, row)| {
                let shard = shard.clone();
                Place { at, shard, group, row }
            });
            // A thread that panicked holds nothing that another could see half done.
            let mut all = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.extend(places);
        }
    };
    let (ids, urls) = (ids(wanted), urls(wanted));
    let mut columns = [("id", &ids), ("url", &urls)];
    // What has a scheme is hardly an id.
    if wanted.contains("://") {
        columns.reverse();
    }
    for (column, values) in columns {
        if values.is_empty() {
            continue;
        }
        next.store(0, Ordering::Relaxed);
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                (0..threads.max(1)).map(|_| scope.spawn(|| search(column, values))).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(searched) => searched,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        let mut places = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !places.is_empty() {
            places.sort();
            return Ok(std::mem::take(&mut *places));
        }
    }
    Ok(Vec::new())
}

/// The ids that may be meant.
fn ids(wanted: &str) -> Vec<String> {
    let bare = wanted.trim().trim_start_matches('<').trim_end_matches('>');
    let is_uuid = bare.len() == 36 && bare.bytes().filter(|byte| *byte == b'-').count() == 4;
    let mut ids = vec![bare.to_owned()];
    if is_uuid {
        ids.push(format!("urn:uuid:{}", bare.to_ascii_lowercase()));
        ids.push(format!("urn:uuid:{bare}"));
    }
    ids
}

/// The URLs that may be meant.
fn urls(wanted: &str) -> Vec<String> {
    let wanted = wanted.trim();
    if !wanted.contains(['.', '/']) {
        return Vec::new();
    }
    let mut urls = match wanted.contains("://") {
        true => vec![wanted.to_owned()],
        false => vec![format!("https://{wanted}"), format!("http://{wanted}"), wanted.to_owned()],
    };
    let other_scheme = match wanted.split_once("://") {
        Some(("https", rest)) => Some(format!("http://{rest}")),
        Some(("http", rest)) => Some(format!("https://{rest}")),
        _ => None,
    };
    urls.extend(other_scheme);
    let other_end = |url: &String| match url.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{url}/"),
    };
    urls.extend(urls.iter().map(other_end).collect::<Vec<_>>());
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_may_lack_what_nobody_types() {
        let uuid = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
        assert_eq!(ids(&format!("<urn:uuid:{uuid}>")), [format!("urn:uuid:{uuid}")]);
        assert!(ids(uuid).contains(&"urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff".to_owned()));
        let ends = ["https://a.example/x", "http://a.example/x"];
        let expected = [ends.map(String::from), ends.map(|url| format!("{url}/"))].concat();
        assert_eq!(urls("https://a.example/x"), expected);
        assert!(urls("a.example/x/").contains(&"http://a.example/x".to_owned()));
        assert!(urls("42").is_empty());
    }
}
