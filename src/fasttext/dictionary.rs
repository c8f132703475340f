//! The vocabulary of a model: words, labels, and which hashed n-grams pruning has kept.

use std::io::Read;

use super::error::ModelError;
use super::hashing::fnv;
use super::source::Source;

/// Label tokens begin so, in training data as in the text to be judged.
pub(super) const LABEL_PREFIX: &str = "__label__";

/// Marks an unused slot; no entry has this number, as counts fit in an i32.
const EMPTY: u32 = u32::MAX;

/// Words and labels by number: words from 0, labels after the words.
#[derive(Debug)]
pub(super) struct Dictionary {
    word_count: u32,
    labels: Vec<String>,
    label_counts: Vec<u64>,
    /// All entries' bytes, one after the other; entry `i` is `ends[i - 1]..ends[i]`.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Open addressing by hash; a power of two of slots, at most half of them used.
    slots: Vec<Slot>,
    kept: Kept,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: u32,
    value: u32,
}

/// Which buckets of hashed n-grams have a row.
#[derive(Debug)]
enum Kept {
    /// Bucket `b` is row `word_count + b`.
    All,
    /// A pruned model.
    Some(KeptIndex),
}

/// The buckets of a pruned model that have a row.
///
/// Nine of ten lookups are of buckets that pruning removed, so a small table of bits, which stays
/// cached, is asked first.
#[derive(Debug)]
struct KeptIndex {
    /// Bit `bucket % bits` is set if any such bucket is kept; at least 32 bits for each.
    filter: Vec<u64>,
    /// By bucket, the row after the words.
    slots: Vec<Slot>,
}

impl KeptIndex {
    /// Of pairs with the same bucket the last one counts, as in the reference.
    fn new(pairs: Vec<Slot>) -> Self {
        let mut index = Self {
            filter: vec![0; pairs.len().div_ceil(2).next_power_of_two()],
            slots: empty_slots(pairs.len()),
        };
        for pair in pairs {
            let (word, bit) = index.filter_place(pair.key);
            index.filter[word] |= 1 << bit;
            let slot = find(&index.slots, pair.key, |_| true);
            index.slots[slot] = pair;
        }
        index
    }

    fn filter_place(&self, bucket: u32) -> (usize, u32) {
        ((bucket as usize / 64) & (self.filter.len() - 1), bucket % 64)
    }

    /// 1 if the bucket may be kept, 0 if it is not.
    fn may_hold(&self, bucket: u32) -> usize {
        let (word, bit) = self.filter_place(bucket);
        ((self.filter[word] >> bit) & 1) as usize
    }

    fn row(&self, bucket: u32) -> Option<u32> {
        let row = self.slots[find(&self.slots, bucket, |_| true)].value;
        (row != EMPTY).then_some(row)
    }
}

impl Dictionary {
    pub(super) fn read<R: Read>(source: &mut Source<R>) -> Result<Self, ModelError> {
        let entry_count = source.count("the size of the dictionary")?;
        let word_count = source.count("the number of words")?;
        let label_count = source.count("the number of labels")?;
        source.long("the number of tokens")?;
        let kept_count = source.long("the size of the pruning index")?;
        if word_count.checked_add(label_count) != Some(entry_count) {
            return Err(ModelError::Damaged(format!(
                "the dictionary has {entry_count} entries for {word_count} words and \
                 {label_count} labels"
            )));
        }
        if label_count == 0 {
            return Err(ModelError::Damaged("there are no labels".into()));
        }
        let mut dictionary = Self {
            word_count,
            labels: Vec::new(),
            label_counts: Vec::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
            slots: Vec::new(),
            kept: Kept::All,
        };
        for entry in 0..entry_count {
            dictionary.read_entry(source, entry)?;
        }
        dictionary.index_entries();
        // -1 means not pruned; 0, that no n-gram was kept.
        if kept_count != -1 {
            let kept_count = u64::try_from(kept_count).map_err(|_| {
                ModelError::Damaged(format!("the size of the pruning index is {kept_count}"))
            })?;
            dictionary.kept = Kept::Some(read_kept(source, kept_count)?);
        }
        Ok(dictionary)
    }

    fn read_entry<R: Read>(
        &mut self,
        source: &mut Source<R>,
        entry: u32,
    ) -> Result<(), ModelError> {
        let start = self.bytes.len();
        source.c_string("a dictionary entry", &mut self.bytes)?;
        self.ends.push(self.bytes.len());
        let count = source.long("a dictionary entry's count")?;
        let kind = source.byte("a dictionary entry's kind")?;
        let is_label = entry >= self.word_count;
        if kind != u8::from(is_label) {
            return Err(ModelError::Damaged(format!(
                "dictionary entry {entry} is of kind {kind}; words come first, then labels"
            )));
        }
        if is_label {
            let label = std::str::from_utf8(&self.bytes[start..]).map_err(|_| {
                ModelError::Damaged(format!("entry {entry}, a label, is not UTF-8"))
            })?;
            self.labels.push(label.strip_prefix(LABEL_PREFIX).unwrap_or(label).to_owned());
            let count = u64::try_from(count)
                .map_err(|_| ModelError::Damaged(format!("label `{label}` has count {count}")))?;
            self.label_counts.push(count);
        }
        Ok(())
    }

    fn index_entries(&mut self) {
        let mut slots = empty_slots(self.ends.len());
        for id in 0..self.ends.len() {
            let word = self.entry(id);
            let hash = fnv(word);
            let slot = find(&slots, hash, |other| self.entry(other as usize) == word);
            // Of equal entries the last one counts, as in the reference.
            slots[slot] = Slot { key: hash, value: u32::try_from(id).unwrap_or(EMPTY) };
        }
        self.slots = slots;
    }

    fn entry(&self, id: usize) -> &[u8] {
        let start = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.bytes[start..self.ends[id]]
    }

    /// The number of a word or label whose hash is `hash`.
    pub(super) fn id(&self, token: &[u8], hash: u32) -> Option<u32> {
        let slot = find(&self.slots, hash, |id| self.entry(id as usize) == token);
        Some(self.slots[slot].value).filter(|&id| id != EMPTY)
    }

    /// Calls `emit` with the matrix rows of buckets that have one; reorders `buckets` at will.
    pub(super) fn each_ngram_row(&self, buckets: &mut [u32], emit: &mut impl FnMut(u32)) {
        match &self.kept {
            Kept::All => buckets.iter().for_each(|bucket| emit(self.word_count + bucket)),
            Kept::Some(index) => {
                // Without a branch, which no processor could foresee.
                let mut candidates = 0;
                for at in 0..buckets.len() {
                    let bucket = buckets[at];
                    buckets[candidates] = bucket;
                    candidates += index.may_hold(bucket);
                }
                let rows = buckets[..candidates].iter().filter_map(|&bucket| index.row(bucket));
                rows.for_each(|row| emit(self.word_count + row));
            }
        }
    }

    /// How many rows the input matrix must have, if `bucket` buckets are used.
    pub(super) fn rows_needed(&self, bucket: u32) -> u64 {
        let ngrams = match &self.kept {
            Kept::All => u64::from(bucket),
            Kept::Some(index) => {
                let rows = index.slots.iter().map(|slot| slot.value).filter(|&row| row != EMPTY);
                rows.max().map_or(0, |row| u64::from(row) + 1)
            }
        };
        u64::from(self.word_count) + ngrams
    }

    pub(super) fn is_pruned(&self) -> bool {
        matches!(self.kept, Kept::Some(_))
    }

    pub(super) fn word_count(&self) -> u32 {
        self.word_count
    }

    /// Labels without the prefix `__label__`, in the model's order.
    pub(super) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How often each label stood in the training data.
    pub(super) fn label_counts(&self) -> &[u64] {
        &self.label_counts
    }
}

fn read_kept<R: Read>(source: &mut Source<R>, count: u64) -> Result<KeptIndex, ModelError> {
    let mut pairs = Vec::new();
    for _ in 0..count {
        let bucket = source.int("the pruning index")?;
        let row = source.count("a row of the pruning index")?;
        // No hash falls into a negative bucket.
        if let Ok(key) = u32::try_from(bucket) {
            pairs.push(Slot { key, value: row });
        }
    }
    Ok(KeptIndex::new(pairs))
}

fn empty_slots(entries: usize) -> Vec<Slot> {
    vec![Slot { key: 0, value: EMPTY }; (entries + 1).next_power_of_two() * 2]
}

/// The slot that holds `key` and a value that `is_same`, or the empty one where it would go.
fn find(slots: &[Slot], key: u32, is_same: impl Fn(u32) -> bool) -> usize {
    let mask = slots.len() - 1;
    // The low bits of the keys are not evenly spread; the high bits of this product are.
    let mut at = (u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
    loop {
        let slot = slots[at];
        if slot.value == EMPTY || (slot.key == key && is_same(slot.value)) {
            return at;
        }
        at = (at + 1) & mask;
    }
}
