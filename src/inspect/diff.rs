//! What one arm has and another has not: documents, and lines of documents that both have.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::cut::priority::{Priority, Purpose, keep_least};
use crate::cut::{
    self, Bits, Context, CutError, Options, Pool, Steps, Wanted, edited_bytes, read_rows,
};
use crate::store::column;

use super::arms;
use super::marked::{Fate, Piece};
use super::record::Record;
use super::settled::{Side, Why, settle, why};

/// Rows read at a time.
const ROWS: usize = 8192;
/// Documents that both arms have are drawn so many times more often than they are shown.
const MORE_CHANGED: usize = 5;
/// Longer texts are compared line by line from where they first differ, without a search for the
/// least difference.
const SEARCHED_BYTES: usize = 1 << 20;

/// What is to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Run directories of one plan, in crawl order.
    pub runs: Vec<std::path::PathBuf>,
    /// The one arm.
    pub a: String,
    /// The other.
    pub b: String,
    /// Documents drawn of each kind of difference.
    pub samples: usize,
    /// The seed that they are drawn by.
    pub seed: u64,
}

/// What two arms differ by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// The one arm.
    pub a: String,
    /// The other.
    pub b: String,
    /// Steps that `a` alone has.
    pub steps_of_a: Vec<String>,
    /// Steps that `b` alone has.
    pub steps_of_b: Vec<String>,
    /// Documents of the pool.
    pub pool: u64,
    /// Documents that both have.
    pub both: u64,
    /// Documents that only `a` has.
    pub only_a: u64,
    /// Documents that only `b` has.
    pub only_b: u64,
    /// Documents that both have with other texts.
    pub changed: u64,
    /// Bytes of text that `a` has.
    pub bytes_a: u64,
    /// Bytes of text that `b` has.
    pub bytes_b: u64,
    /// What is odd about the runs.
    pub warnings: Vec<String>,
    /// Of the documents drawn that both have, those whose texts differ in white space alone.
    pub only_white_space: u64,
    /// How many were drawn for that.
    pub drawn_changed: u64,
    /// Documents drawn, of each kind in the order of the seed; of those that both have, texts that
    /// differ in more than white space come first.
    pub samples: Vec<Sample>,
}

/// Which arm has a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the first.
    OnlyA,
    /// Only the second.
    OnlyB,
    /// Both, with other texts.
    Changed,
}

/// A document that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// Which arm has it.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its URL.
    pub url: Option<String>,
    /// Why the other arm lacks it; none where both have it.
    pub why: Option<Why>,
    /// The text of the arm that has it; where both have it, the text of `b` with what `a` lacks of
    /// it as removed and what `a` has besides as put there.
    pub text: Vec<Piece>,
}

/// Compares two arms; `told` hears what is going on.
///
/// # Errors
/// [`CutError`]: what is no run, an arm that there is not, files that cannot be read.
pub fn diff(
    request: &Request,
    options: &Options,
    interrupted: &std::sync::atomic::AtomicBool,
    told: &(dyn Fn(&str) + Sync),
) -> Result<Diff, CutError> {
    if request.a == request.b {
        return Err(CutError::usage(format!("`{}` is compared to itself", request.a)));
    }
    let pool = Pool::open(&request.runs)?;
    for arm in [&request.a, &request.b] {
        cut::resolve(&pool, &request.runs, arm)?;
    }
    let (a, b) = (arms::steps(&pool.plan, &request.a)?, arms::steps(&pool.plan, &request.b)?);
    let spill = options.spill.clone().unwrap_or_else(std::env::temp_dir);
    let context = Context {
        pool: &pool,
        threads: options.threads,
        memory_bytes: options.memory_bytes,
        spill: spill.clone(),
        interrupted,
        told,
    };
    if options.verify {
        pool.verify(&context)?;
    }
    let (a, b) = (settle(&context, a, &spill)?, settle(&context, b, &spill)?);
    let without = |one: &Steps, other: &Steps| -> Vec<String> {
        one.names.iter().filter(|step| !other.names.contains(step)).cloned().collect()
    };
    let mut found = Diff {
        a: request.a.clone(),
        b: request.b.clone(),
        steps_of_a: without(&a.steps, &b.steps),
        steps_of_b: without(&b.steps, &a.steps),
        pool: u64::from(pool.documents),
        both: 0,
        only_a: 0,
        only_b: 0,
        changed: 0,
        bytes_a: 0,
        bytes_b: 0,
        warnings: pool.warnings.clone(),
        only_white_space: 0,
        drawn_changed: 0,
        samples: Vec::new(),
    };
    let mut drawn: BTreeMap<Kind, Vec<(u64, String, u32)>> = BTreeMap::new();
    let priority = Priority::new(Purpose::Sample, request.seed);
    let changed = compare(&context, &a, &b, &mut found)?;
    let mut differing = changed.clone();
    for ordinal in 0..pool.documents {
        let kind = match (a.left.alive.has(ordinal), b.left.alive.has(ordinal)) {
            (true, true) => {
                found.both += 1;
                found.changed += u64::from(changed.has(ordinal));
                continue;
            }
            (true, false) => &mut found.only_a,
            (false, true) => &mut found.only_b,
            (false, false) => continue,
        };
        *kind += 1;
        differing.insert(ordinal);
    }
    context.each_group(
        &context.groups_with(&differing),
        |group, shard| {
            let mut ids = Vec::new();
            read_rows(group, shard, &differing, Wanted::default(), |row| {
                ids.push((row.ordinal, row.document.document.id));
                Ok(())
            })?;
            Ok(ids)
        },
        |ids| {
            for (ordinal, id) in ids {
                let kind = match (a.left.alive.has(ordinal), b.left.alive.has(ordinal)) {
                    (true, false) => Kind::OnlyA,
                    (false, true) => Kind::OnlyB,
                    _ => Kind::Changed,
                };
                let own = drawn.entry(kind).or_default();
                let one = (priority.of(&id), id, ordinal);
                // Many texts differ in white space alone, of which a few say it all.
                let most = request.samples * if kind == Kind::Changed { MORE_CHANGED } else { 1 };
                keep_least(own, one, most);
            }
            Ok(())
        },
    )?;
    for (kind, drawn) in drawn {
        let mut samples = Vec::new();
        for (_, id, ordinal) in drawn {
            samples.push(sample(&context, kind, id, ordinal, [&a, &b])?);
        }
        if kind == Kind::Changed {
            found.drawn_changed = samples.len() as u64;
            found.only_white_space =
                samples.iter().filter(|one| is_white_space(one)).count() as u64;
            samples.sort_by_key(is_white_space);
            samples.truncate(request.samples);
        }
        found.samples.extend(samples);
    }
    Ok(found)
}

/// Whether what differs is white space.
fn is_white_space(sample: &Sample) -> bool {
    let mut marked = sample.text.iter().filter(|piece| piece.fate != Fate::Kept);
    marked.all(|piece| piece.text.trim().is_empty())
}

/// Counts the bytes of both arms, and gives the documents that both have with other texts.
fn compare(context: &Context<'_>, a: &Side, b: &Side, found: &mut Diff) -> Result<Bits, CutError> {
    let mut changed = Bits::new(context.pool.documents, false);
    let mut either = a.left.alive.clone();
    (0..either.len()).filter(|o| b.left.alive.has(*o)).for_each(|ordinal| either.insert(ordinal));
    context.note("comparing texts");
    let same_recipe = a.left.text == b.left.text;
    let pieces = a.left.pieces.is_some() || b.left.pieces.is_some();
    if pieces {
        return by_text(context, a, b, &either, found);
    }
    // Lengths and differences follow from spans: no text is read.
    let spans = |side: &Side| side.left.text.spans.as_ref().map(|name| format!("{name}.spans"));
    let (spans_a, spans_b) = (spans(a), spans(b));
    let mut leaves = vec!["bytes"];
    leaves.extend(spans_a.as_deref());
    leaves.extend(spans_b.as_deref().filter(|_| spans_a != spans_b));
    context.each_group(
        &context.groups_with(&either),
        |group, shard| {
            let (mut differ, mut bytes, mut first) = (Vec::new(), [0u64; 2], group.first);
            for batch in shard.file.read(group.group, None, &leaves, ROWS)? {
                let (batch, path) = (batch?, shard.documents());
                let get = |name: &Option<String>| {
                    name.as_deref().map(|name| column(&batch, name, &path)).transpose()
                };
                let stored = column(&batch, "bytes", &path)?;
                let stored = stored.as_primitive::<Int64Type>().values().iter();
                let stored: Vec<u64> = stored.map(|bytes| bytes.cast_unsigned()).collect();
                let (of_a, of_b) = (get(&spans_a)?, get(&spans_b)?);
                for ((side, spans), sum) in [(a, &of_a), (b, &of_b)].into_iter().zip(&mut bytes) {
                    let lengths = match spans {
                        Some(spans) => edited_bytes(spans, &stored, &path)?,
                        None => stored.clone(),
                    };
                    let has = (first..).zip(lengths).filter(|(at, _)| side.left.alive.has(*at));
                    *sum += has.map(|(_, length)| length).sum::<u64>();
                }
                let both = (0..stored.len()).zip(first..).filter(|(_, ordinal)| {
                    !same_recipe && a.left.alive.has(*ordinal) && b.left.alive.has(*ordinal)
                });
                let other = both.filter(|(row, _)| !same_spans(&of_a, &of_b, *row));
                differ.extend(other.map(|(_, ordinal)| ordinal));
                first += u32::try_from(stored.len()).unwrap_or(0);
            }
            Ok((differ, bytes))
        },
        |(differ, [of_a, of_b])| {
            differ.into_iter().for_each(|ordinal| changed.insert(ordinal));
            found.bytes_a += of_a;
            found.bytes_b += of_b;
            Ok(())
        },
    )?;
    Ok(changed)
}

/// The same from the texts themselves.
fn by_text(
    context: &Context<'_>,
    a: &Side,
    b: &Side,
    either: &Bits,
    found: &mut Diff,
) -> Result<Bits, CutError> {
    let mut changed = Bits::new(context.pool.documents, false);
    context.each_group(
        &context.parts_with(either)?,
        |group, shard| {
            let mut texts: [BTreeMap<u32, String>; 2] = Default::default();
            for (side, texts) in [a, b].into_iter().zip(&mut texts) {
                let wanted = Wanted { text: Some(&side.left.text), ..Wanted::default() };
                let last = side.left.last_edits(group.first, group.rows)?;
                read_rows(group, shard, &side.left.alive, wanted, |row| {
                    texts.insert(row.ordinal, last.apply(row.ordinal, row.document.document.text));
                    Ok(())
                })?;
            }
            let bytes = texts
                .each_ref()
                .map(|texts| texts.values().map(|text| text.len() as u64).sum::<u64>());
            let both = texts[0].iter().filter_map(|(at, text)| Some((at, text, texts[1].get(at)?)));
            let differ = both.filter(|(_, one, other)| one != other).map(|(at, ..)| *at);
            Ok((differ.collect::<Vec<u32>>(), bytes))
        },
        |(differ, [of_a, of_b])| {
            differ.into_iter().for_each(|ordinal| changed.insert(ordinal));
            found.bytes_a += of_a;
            found.bytes_b += of_b;
            Ok(())
        },
    )?;
    Ok(changed)
}

fn same_spans(one: &Option<ArrayRef>, other: &Option<ArrayRef>, row: usize) -> bool {
    let of = |spans: &Option<ArrayRef>| {
        let list = spans.as_ref().and_then(|spans| spans.as_list_opt::<i32>());
        list.map(|list| list.value(row)).filter(|entries| !entries.is_empty())
    };
    of(one) == of(other)
}

fn sample(
    context: &Context<'_>,
    kind: Kind,
    id: String,
    ordinal: u32,
    [a, b]: [&Side; 2],
) -> Result<Sample, CutError> {
    let (file, group, row) = context.pool.place(ordinal);
    let record = Record::read(file, &context.pool.plan, group, row)?;
    let text = |side: &Side| -> Result<String, CutError> {
        let column = side.left.text.spans.as_ref().and_then(|name| record.column(name));
        let spans = column.map_or(&[][..], |column| &column.spans);
        let last = side.left.last_edits(ordinal, 1)?;
        Ok(last.apply(ordinal, crate::text::apply(&record.text, spans)))
    };
    let kept = |text: String| vec![Piece { fate: Fate::Kept, text }];
    let (why, text) = match kind {
        Kind::OnlyA => (why(b, &record, &id)?, kept(text(a)?)),
        Kind::OnlyB => (why(a, &record, &id)?, kept(text(b)?)),
        Kind::Changed => (None, lines(&text(b)?, &text(a)?)),
    };
    Ok(Sample { kind, id, url: record.metadata("url").map(str::to_owned), why, text })
}

/// One text with the lines that the other lacks as removed, and those it has besides as put there.
fn lines(one: &str, other: &str) -> Vec<Piece> {
    if one.len().max(other.len()) > SEARCHED_BYTES {
        let same = one.split_inclusive('\n').zip(other.split_inclusive('\n'));
        let same: usize = same.take_while(|(a, b)| a == b).map(|(line, _)| line.len()).sum();
        let parts = [
            (Fate::Kept, &one[..same]),
            (Fate::Removed, &one[same..]),
            (Fate::Put, &other[same..]),
        ];
        let there = parts.into_iter().filter(|(_, text)| !text.is_empty());
        return there.map(|(fate, text)| Piece { fate, text: text.to_owned() }).collect();
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for change in TextDiff::from_lines(one, other).iter_all_changes() {
        let fate = match change.tag() {
            ChangeTag::Equal => Fate::Kept,
            ChangeTag::Delete => Fate::Removed,
            ChangeTag::Insert => Fate::Put,
        };
        match pieces.last_mut() {
            Some(last) if last.fate == fate => last.text.push_str(change.value()),
            _ => pieces.push(Piece { fate, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_marked_whatever_the_size() {
        let shown = |one: &str, other: &str| -> String {
            let pieces = lines(one, other);
            let mark = |piece: &Piece| match piece.fate {
                Fate::Removed => piece.text.lines().map(|line| format!("-{line} ")).collect(),
                Fate::Put => piece.text.lines().map(|line| format!("+{line} ")).collect(),
                _ => piece.text.lines().map(|line| format!("={line} ")).collect::<String>(),
            };
            pieces.iter().map(mark).collect()
        };
        assert_eq!(shown("a\nb\nc\n", "a\nc\nd\n"), "=a -b =c +d ");
        let long = "x".repeat(SEARCHED_BYTES);
        let expected = format!("=a -b -{long} +{long} ");
        assert_eq!(shown(&format!("a\nb\n{long}\n"), &format!("a\n{long}\n")), expected);
    }
}
