//! What is counted over all documents of a pool, in one pass.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;

use crate::cut::priority::{Priority, keep_least};

use crate::plan::Bound;

use super::findings::Group;
use super::groups::{self, Dimension};
use super::heavy::Heavy;
use super::reading::Batch;
use super::walk::{Asks, Walk};

/// Patterns that are told apart; further ones are counted together.
const PATTERNS: usize = 1 << 20;

/// What documents are counted by.
pub(super) struct Scheme<'a> {
    pub(super) walks: &'a [Walk],
    /// The arm looked at, as an index of `walks`.
    pub(super) main: usize,
    /// A bit for each verdict column of that arm.
    pub(super) mask: u128,
    pub(super) judges: usize,
    /// The column of the tokens of the stored text.
    pub(super) pool_tokens: Option<usize>,
    pub(super) signals: &'a [Signal],
    pub(super) dimensions: &'a [(Dimension, Heavy)],
    pub(super) priority: Priority,
    /// Documents drawn for each step.
    pub(super) samples: usize,
}

/// A signal and the rules that go by it.
pub(super) struct Signal {
    /// Its verdict column, if it has one.
    pub(super) judge: Option<usize>,
    pub(super) edges: Vec<f64>,
    pub(super) rules: Vec<Rule>,
}

/// A rule: what it keeps, and what it might keep instead.
pub(super) struct Rule {
    pub(super) bound: Bound,
    /// Other thresholds and its own, ascending.
    pub(super) candidates: Vec<f64>,
}

impl Rule {
    /// How many of the candidates lie below a value: of those, an upper bound fails; of a lower bound
    /// those that are equal count, too, and all of them keep it.
    fn below(&self, value: f64) -> usize {
        self.candidates.partition_point(|bound| match self.bound.is_least {
            true => *bound <= value,
            false => *bound < value,
        })
    }
}

/// Bins of a signal.
#[derive(Clone, Default)]
pub(super) struct Bins {
    pub(super) all: Vec<u64>,
    pub(super) kept: Vec<u64>,
    pub(super) null: u64,
    pub(super) kept_null: u64,
    pub(super) rules: Vec<RuleBins>,
}

/// Documents that all but one rule keep.
#[derive(Clone, Default)]
pub(super) struct RuleBins {
    /// Documents that fail it, whatever others say.
    pub(super) fails: u64,
    /// Of these, documents that all others keep.
    pub(super) alone: u64,
    /// By [`Rule::below`], documents and tokens that all others keep.
    pub(super) rest: Vec<[u64; 2]>,
    /// Of those without a value, whom the rule keeps.
    pub(super) rest_null: [u64; 2],
}

/// A document drawn.
pub(super) type Drawn = (u64, String, u32);

/// The counts.
pub(super) struct Tally {
    /// By arm and place: documents, bytes, tokens.
    pub(super) places: Vec<Vec<[u64; 3]>>,
    /// By two verdict columns: documents that both drop.
    pub(super) both: Vec<u64>,
    /// By verdict column: documents that it alone of the arm's drops and whom the dedups leave.
    pub(super) alone: Vec<u64>,
    pub(super) reasons: Vec<BTreeMap<String, u64>>,
    pub(super) patterns: HashMap<u128, u64, FxBuildHasher>,
    pub(super) further: u64,
    pub(super) bins: Vec<Bins>,
    pub(super) groups: Vec<BTreeMap<String, Group>>,
    /// By verdict column: the first documents in the order of the seed.
    pub(super) drawn: Vec<Vec<Drawn>>,
    /// By place of the arm: tokens of those it drops, of those by it alone, of those first.
    pub(super) tokens: Vec<[u64; 3]>,
    /// By place of the arm, where an edit stands: documents it keeps, those it changes, bytes before
    /// and after.
    pub(super) edits: Vec<[u64; 4]>,
    /// By place: documents that an edit changes and no filter or edit drops.
    pub(super) edited: Vec<Vec<Drawn>>,
}

impl Tally {
    pub(super) fn new(scheme: &Scheme<'_>) -> Self {
        let bins = |signal: &Signal| {
            let none = vec![0; signal.edges.len() + 1];
            let of = |rule: &Rule| {
                let rest = vec![[0; 2]; rule.candidates.len() + 1];
                RuleBins { rest, ..RuleBins::default() }
            };
            let rules = signal.rules.iter().map(of).collect();
            Bins { all: none.clone(), kept: none, null: 0, kept_null: 0, rules }
        };
        Self {
            places: scheme.walks.iter().map(|walk| vec![[0; 3]; walk.places.len()]).collect(),
            both: vec![0; scheme.judges * scheme.judges],
            alone: vec![0; scheme.judges],
            reasons: vec![BTreeMap::new(); scheme.judges],
            patterns: HashMap::default(),
            further: 0,
            bins: scheme.signals.iter().map(bins).collect(),
            groups: vec![BTreeMap::new(); scheme.dimensions.len()],
            drawn: vec![Vec::new(); scheme.judges],
            tokens: vec![[0; 3]; scheme.walks[scheme.main].places.len()],
            edits: vec![[0; 4]; scheme.walks[scheme.main].places.len()],
            edited: vec![Vec::new(); scheme.walks[scheme.main].places.len()],
        }
    }

    /// Counts the documents of a batch, of which `first` is the ordinal of the first.
    pub(super) fn add(&mut self, scheme: &Scheme<'_>, batch: &Batch, first: u32) {
        for (row, ordinal) in (0..batch.drops.len()).zip(first..) {
            for (walk, places) in scheme.walks.iter().zip(&mut self.places) {
                follow(walk, places, batch, row, ordinal);
            }
            let drops = batch.drops[row] & scheme.mask;
            let removed = scheme.walks[scheme.main].removed_by(ordinal, drops != 0);
            self.count_drops(scheme, batch, row, ordinal, removed);
            self.count_pattern(drops, 1);
            self.count_groups(scheme, batch, row, removed);
        }
        self.count_signals(scheme, batch);
        for (reasons, column) in self.reasons.iter_mut().zip(&batch.reasons) {
            for reason in column.iter().flatten() {
                match reasons.get_mut(reason) {
                    Some(count) => *count += 1,
                    None => {
                        reasons.insert(reason.to_owned(), 1);
                    }
                }
            }
        }
    }

    fn count_pattern(&mut self, pattern: u128, by: u64) {
        let room = self.patterns.len() < PATTERNS;
        match self.patterns.get_mut(&pattern) {
            Some(count) => *count += by,
            None if room => {
                self.patterns.insert(pattern, by);
            }
            None => self.further += by,
        }
    }

    fn count_drops(
        &mut self,
        scheme: &Scheme<'_>,
        batch: &Batch,
        row: usize,
        ordinal: u32,
        removed: Option<usize>,
    ) {
        let all = batch.drops[row];
        for one in bits(all) {
            for other in bits(all) {
                self.both[one * scheme.judges + other] += 1;
            }
        }
        let drops = all & scheme.mask;
        let alone =
            (drops.count_ones() == 1 && removed.is_none()).then(|| drops.trailing_zeros() as usize);
        let drawn = || {
            let id = batch.ids.value(row);
            (scheme.priority.of(id), id.to_owned(), ordinal)
        };
        if let Some(judge) = alone {
            self.alone[judge] += 1;
            keep_least(&mut self.drawn[judge], drawn(), scheme.samples);
        }
        let tokens = scheme.pool_tokens.map_or(0, |column| batch.tokens[column][row]);
        let (mut is_first, mut view) = (true, 0);
        for (at, place) in scheme.walks[scheme.main].places.iter().enumerate() {
            let (dropped, alone) = match place.asks {
                Asks::Nothing => (false, false),
                Asks::Verdict(judge) => (drops >> judge & 1 == 1, alone == Some(judge)),
                Asks::Left(set) => (removed == Some(set), false),
            };
            let of = |is: bool| if is { tokens } else { 0 };
            add(&mut self.tokens[at], &[of(dropped), of(alone), of(dropped && is_first)]);
            is_first &= !dropped;
            let edits = place.view != view;
            if edits && is_first {
                let (before, after) = (batch.bytes[view][row], batch.bytes[place.view][row]);
                add(&mut self.edits[at], &[1, u64::from(before != after), before, after]);
                if before != after && drops == 0 {
                    keep_least(&mut self.edited[at], drawn(), scheme.samples);
                }
            }
            view = place.view;
        }
    }

    fn count_groups(
        &mut self,
        scheme: &Scheme<'_>,
        batch: &Batch,
        row: usize,
        removed: Option<usize>,
    ) {
        let places = &scheme.walks[scheme.main].places[1..];
        let drops = batch.drops[row];
        for ((dimension, heavy), groups) in scheme.dimensions.iter().zip(&mut self.groups) {
            let value = groups::value(*dimension, batch, row);
            if !heavy.has(&value) {
                continue;
            }
            if !groups.contains_key(&*value) {
                let dropped = vec![0; places.len()];
                let group = Group { value: value.to_string(), dropped, ..Group::default() };
                groups.insert(value.to_string(), group);
            }
            let Some(group) = groups.get_mut(&*value) else { continue };
            group.documents += 1;
            group.lost += u64::from(drops & scheme.mask != 0 || removed.is_some());
            for (place, dropped) in places.iter().zip(&mut group.dropped) {
                *dropped += u64::from(match place.asks {
                    Asks::Nothing => false,
                    Asks::Verdict(judge) => drops >> judge & 1 == 1,
                    Asks::Left(set) => removed == Some(set),
                });
            }
        }
    }

    fn count_signals(&mut self, scheme: &Scheme<'_>, batch: &Batch) {
        for row in 0..batch.drops.len() {
            let drops = batch.drops[row] & scheme.mask;
            // By verdict column whose rules may move: how many of its rules fail.
            let only = (drops.count_ones() == 1).then(|| drops.trailing_zeros() as usize);
            let failing = only.map_or(0, |judge| {
                let signals = scheme.signals.iter().enumerate();
                let of_judge = signals.filter(|(_, signal)| signal.judge == Some(judge));
                let fails = |(at, signal): (usize, &Signal)| {
                    let value = batch.signals[at][row];
                    signal.rules.iter().filter(|rule| rule.bound.fails(value)).count()
                };
                of_judge.map(fails).sum()
            });
            for (at, (signal, bins)) in scheme.signals.iter().zip(&mut self.bins).enumerate() {
                let value = batch.signals[at][row];
                let bin =
                    (!value.is_nan()).then(|| signal.edges.partition_point(|edge| *edge <= value));
                match bin {
                    None => {
                        bins.null += 1;
                        bins.kept_null += u64::from(drops == 0);
                    }
                    Some(bin) => {
                        bins.all[bin] += 1;
                        bins.kept[bin] += u64::from(drops == 0);
                    }
                }
                let tokens = scheme.pool_tokens.map_or(0, |column| batch.tokens[column][row]);
                for (rule, own) in signal.rules.iter().zip(&mut bins.rules) {
                    let fails = rule.bound.fails(value);
                    own.fails += u64::from(fails);
                    let alone = only.is_some() && only == signal.judge && failing == 1 && fails;
                    own.alone += u64::from(alone);
                    if drops == 0 || alone {
                        let rest = match bin {
                            None => &mut own.rest_null,
                            Some(_) => &mut own.rest[rule.below(value)],
                        };
                        add(rest, &[1, tokens]);
                    }
                }
            }
        }
    }

    /// Adds the counts of documents that come later.
    pub(super) fn merge(&mut self, other: Self, samples: usize) {
        for (own, other) in self.places.iter_mut().flatten().zip(other.places.iter().flatten()) {
            add(own, other);
        }
        add(&mut self.both, &other.both);
        add(&mut self.alone, &other.alone);
        self.tokens.iter_mut().zip(&other.tokens).for_each(|(own, by)| add(own, by));
        self.edits.iter_mut().zip(&other.edits).for_each(|(own, by)| add(own, by));
        for (own, other) in self.reasons.iter_mut().zip(other.reasons) {
            other.into_iter().for_each(|(reason, by)| *own.entry(reason).or_default() += by);
        }
        self.further += other.further;
        let mut patterns: Vec<(u128, u64)> = other.patterns.into_iter().collect();
        patterns.sort_unstable();
        for (pattern, by) in patterns {
            self.count_pattern(pattern, by);
        }
        for (own, other) in self.bins.iter_mut().zip(&other.bins) {
            add(&mut own.all, &other.all);
            add(&mut own.kept, &other.kept);
            own.null += other.null;
            own.kept_null += other.kept_null;
            for (own, other) in own.rules.iter_mut().zip(&other.rules) {
                own.fails += other.fails;
                own.alone += other.alone;
                add(&mut own.rest_null, &other.rest_null);
                own.rest.iter_mut().zip(&other.rest).for_each(|(own, by)| add(own, by));
            }
        }
        for (own, other) in self.groups.iter_mut().zip(other.groups) {
            for (value, group) in other {
                match own.get_mut(&value) {
                    Some(own) => {
                        own.documents += group.documents;
                        own.lost += group.lost;
                        add(&mut own.dropped, &group.dropped);
                    }
                    None => {
                        own.insert(value, group);
                    }
                }
            }
        }
        let drawn = self.drawn.iter_mut().zip(other.drawn);
        for (own, other) in drawn.chain(self.edited.iter_mut().zip(other.edited)) {
            other.into_iter().for_each(|drawn| keep_least(own, drawn, samples));
        }
    }
}

/// Adds number by number.
fn add(own: &mut [u64], other: &[u64]) {
    own.iter_mut().zip(other).for_each(|(own, by)| *own += by);
}

/// The bits that are set, from the lowest on.
fn bits(mut mask: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}

/// Counts a document at every place of an arm that it comes to.
fn follow(walk: &Walk, places: &mut [[u64; 3]], batch: &Batch, row: usize, ordinal: u32) {
    for (place, count) in walk.places.iter().zip(places) {
        let stays = match place.asks {
            Asks::Nothing => true,
            Asks::Verdict(judge) => batch.drops[row] >> judge & 1 == 0,
            Asks::Left(set) => walk.sets[set].has(ordinal),
        };
        if !stays {
            return;
        }
        let tokens = place.tokens.map_or(0, |column| batch.tokens[column][row]);
        add(count, &[1, batch.bytes[place.view][row], tokens]);
    }
}
