//! What the stages of a cut share.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

use crate::store::column;

use super::bits::Bits;
use super::parallel::in_order;
use super::pool::{Group, Pool, PoolShard};
use super::{CutError, clusters};

/// Rows read at a time.
const ROWS: usize = 8192;
/// Bytes of text that one thread holds at a time.
const PART_BYTES: i64 = 32 << 20;

/// Parts of a row group, by the bytes of those of its texts that are in a set.
fn split(group: &Group, bytes: &[i64], documents: &Bits) -> Vec<Group> {
    let (mut parts, mut held): (Vec<Group>, i64) = (Vec::new(), 0);
    for (row, bytes) in (0..group.rows).zip(bytes) {
        let counts = documents.has(group.first + row);
        match parts.last_mut() {
            Some(part) if !counts || held.saturating_add(*bytes) <= PART_BYTES => part.rows += 1,
            _ => {
                let (skip, first) = (group.skip + row, group.first + row);
                parts.push(Group { skip, first, rows: 1, ..*group });
                held = 0;
            }
        }
        held = held.saturating_add(if counts { *bytes } else { 0 });
    }
    parts
}

/// The pool under the knife, and with how much of the machine.
pub(crate) struct Context<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) threads: NonZeroUsize,
    /// Bytes that sorting may take; beyond them it spills.
    pub(crate) memory_bytes: usize,
    /// Where it spills to.
    pub(crate) spill: PathBuf,
    pub(crate) interrupted: &'a AtomicBool,
    /// Who is told what is going on.
    pub(crate) told: &'a (dyn Fn(&str) + Sync),
}

impl Context<'_> {
    /// Tells what is going on.
    pub(crate) fn note(&self, what: &str) {
        (self.told)(what);
    }

    /// The row groups that have a document of a set.
    pub(crate) fn groups_with(&self, documents: &Bits) -> Vec<Group> {
        let groups = self.pool.groups.iter().copied();
        groups.filter(|group| documents.any(group.first, group.rows)).collect()
    }

    /// The same in parts whose texts take [`PART_BYTES`] or are of a single document.
    pub(crate) fn parts_with(&self, documents: &Bits) -> Result<Vec<Group>, CutError> {
        let mut parts = Vec::new();
        self.each_group(
            &self.groups_with(documents),
            |group, shard| {
                let (mut bytes, path) = (Vec::new(), shard.documents());
                for batch in shard.file.read(group.group, None, &["bytes"], ROWS)? {
                    let column = column(&batch?, "bytes", &path)?;
                    bytes.extend_from_slice(column.as_primitive::<Int64Type>().values());
                }
                Ok(split(group, &bytes, documents))
            },
            |of_group| {
                parts.extend(of_group);
                Ok(())
            },
        )?;
        Ok(parts)
    }

    /// Works on row groups on all threads and takes the results in order.
    pub(crate) fn each_group<T: Send>(
        &self,
        groups: &[Group],
        make: impl Fn(&Group, &PoolShard) -> Result<T, CutError> + Sync,
        mut take: impl FnMut(T) -> Result<(), CutError>,
    ) -> Result<(), CutError> {
        let make = |index: usize| make(&groups[index], self.pool.file(&groups[index]));
        in_order(self.threads, groups.len(), self.interrupted, make, |_, thing| take(thing))
    }

    /// Works on `count` things on all threads and takes the results in order.
    pub(crate) fn each<T: Send>(
        &self,
        count: usize,
        make: impl Fn(usize) -> Result<T, CutError> + Sync,
        mut take: impl FnMut(T) -> Result<(), CutError>,
    ) -> Result<(), CutError> {
        in_order(self.threads, count, self.interrupted, make, |_, thing| take(thing))
    }

    /// How clustering goes about its work.
    pub(crate) fn clustering(&self) -> clusters::Options {
        clusters::Options {
            spill: self.spill.clone(),
            memory_bytes: self.memory_bytes,
            threads: self.threads,
        }
    }
}
