//! Verdicts on each document by itself → who is left.

use arrow_array::cast::AsArray;

use crate::store::column;

use super::CutError;
use super::bits::Bits;
use super::context::Context;

/// Rows read at a time.
const ROWS: usize = 8192;

/// Takes the documents out that a column drops, and says how many each was the first to drop; where a
/// step does not apply, it drops nothing.
pub(super) fn judge(
    context: &Context<'_>,
    columns: &[String],
    alive: &mut Bits,
) -> Result<Vec<u64>, CutError> {
    context.note("reading verdicts");
    let leaves: Vec<String> = columns.iter().map(|name| format!("{name}.keep")).collect();
    let leaves: Vec<&str> = leaves.iter().map(String::as_str).collect();
    let mut counts = vec![0; columns.len()];
    context.each_group(
        &context.groups_with(alive),
        |group, shard| {
            let (mut dropped, mut first) = (Vec::new(), group.first);
            for batch in shard.file.read(group.group, None, &leaves, ROWS)? {
                let batch = batch?;
                for (at, leaf) in leaves.iter().enumerate() {
                    let keep = column(&batch, leaf, &shard.documents())?;
                    let keep = keep.as_boolean();
                    let rows = (0u32..).zip(keep.iter());
                    let rows = rows.filter(|(_, keep)| *keep == Some(false));
                    dropped.extend(rows.map(|(row, _)| (first + row, at)));
                }
                first += u32::try_from(batch.num_rows()).unwrap_or(0);
            }
            Ok(dropped)
        },
        |dropped| {
            // By column within some rows: the first one comes first.
            for (ordinal, at) in dropped {
                if alive.has(ordinal) {
                    alive.remove(ordinal);
                    counts[at] += 1;
                }
            }
            Ok(())
        },
    )?;
    Ok(counts)
}
