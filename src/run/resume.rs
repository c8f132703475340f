//! Which shards are whole already, and under what name each of the others is to be written.

use std::collections::HashMap;
use std::path::{Component, Path};

use crate::shards::{Shard, hashed_name};
use crate::store::{Layout, Manifest, StoreError};

/// The manifests of the shards that are whole, and the shards to do.
///
/// A shard keeps the name that an earlier run wrote it under, whatever other shards are given now;
/// a name that belongs to another input is left to it.
pub(super) fn carry_on(
    layout: &Layout,
    fingerprint: &str,
    shards: &[Shard],
) -> Result<(Vec<Manifest>, Vec<Shard>), StoreError> {
    let mut by_file: HashMap<String, Vec<Manifest>> = HashMap::new();
    let mut owners: HashMap<String, String> = HashMap::new();
    Manifest::each(layout, fingerprint, |manifest| {
        owners.insert(manifest.shard.to_ascii_lowercase(), manifest.input.clone());
        by_file.entry(file_name(&manifest.input)).or_default().push(manifest);
    })?;
    let (mut whole, mut todo) = (Vec::new(), Vec::new());
    for shard in shards {
        let known = by_file.get_mut(&file_name(&shard.given)).and_then(|manifests| {
            let exact = manifests.iter().position(|manifest| manifest.input == shard.given);
            let same = || manifests.iter().position(|m| same_input(&m.input, &shard.given));
            exact.or_else(same).map(|at| manifests.swap_remove(at))
        });
        let mut shard = shard.clone();
        match known {
            Some(manifest) if manifest.is_whole(layout, shard.bytes) => whole.push(manifest),
            Some(manifest) => {
                shard.name = manifest.shard;
                todo.push(shard);
            }
            None => {
                if owners.contains_key(&shard.name.to_ascii_lowercase()) {
                    shard.name = hashed_name(&shard.given);
                }
                owners.insert(shard.name.to_ascii_lowercase(), shard.given.clone());
                todo.push(shard);
            }
        }
    }
    Ok((whole, todo))
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.into(), |name| name.to_string_lossy().into())
}

/// Whether two ways to name an input may be one: the parts of one path are the end of the other's
/// (`./day1/a.warc`, `/mnt/crawl/day1/a.warc`).
fn same_input(a: &str, b: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        let mut parts = Vec::new();
        for part in Path::new(path).components() {
            match part {
                Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
                Component::ParentDir => drop(parts.pop()),
                _ => {}
            }
        }
        parts
    };
    let (a, b) = (parts(a), parts(b));
    a.ends_with(&b) || b.ends_with(&a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_a_path_does_not_make_another_input() {
        assert!(same_input("./day1/a.warc", "/mnt/crawl/day1/a.warc"));
        assert!(same_input("../data/a.warc", "data/a.warc"));
        assert!(same_input("a.warc", "day1/a.warc"));
        assert!(same_input("day2/../day1/a.warc", "day1/a.warc"));
        assert!(!same_input("day1/a.warc", "day2/a.warc"));
        assert!(!same_input("x/day1/a.warc", "y/day1/a.warc"));
    }
}
