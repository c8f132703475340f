//! What is counted over all documents of a pool, in one pass.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;

use crate::cut::priority::Priority;

use super::edges::Edge;
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
    pub(super) edges: Vec<Edge>,
    pub(super) rules: Vec<Rule>,
}

/// A rule: what it keeps.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) bound: f64,
    pub(super) is_least: bool,
}

impl Rule {
    fn fails(self, value: f64) -> bool {
        if self.is_least { value < self.bound } else { value > self.bound }
    }
}

/// Bins of a signal.
#[derive(Clone, Default)]
pub(super) struct Bins {
    pub(super) all: Vec<u64>,
    pub(super) kept: Vec<u64>,
    pub(super) null: u64,
    pub(super) kept_null: u64,
    pub(super) rest: Vec<(Vec<u64>, u64)>,
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
    /// By dedup of the arm: documents that it removes and no filter or edit drops.
    pub(super) removed_alone: Vec<u64>,
}

impl Tally {
    pub(super) fn new(scheme: &Scheme<'_>) -> Self {
        let bins = |signal: &Signal| {
            let none = vec![0; signal.edges.len() + 1];
            let rest = vec![(none.clone(), 0); signal.rules.len()];
            Bins { all: none.clone(), kept: none, null: 0, kept_null: 0, rest }
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
            removed_alone: vec![0; scheme.walks[scheme.main].sets.len()],
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
        match (drops.count_ones(), removed) {
            (0, Some(dedup)) => self.removed_alone[dedup] += 1,
            (1, None) => {
                let judge = drops.trailing_zeros() as usize;
                self.alone[judge] += 1;
                let id = batch.ids.value(row);
                let drawn = (scheme.priority.of(id), id.to_owned(), ordinal);
                keep_least(&mut self.drawn[judge], drawn, scheme.samples);
            }
            _ => {}
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
                    signal.rules.iter().filter(|rule| rule.fails(value)).count()
                };
                of_judge.map(fails).sum()
            });
            for (at, (signal, bins)) in scheme.signals.iter().zip(&mut self.bins).enumerate() {
                let value = batch.signals[at][row];
                let bin = (!value.is_nan())
                    .then(|| signal.edges.partition_point(|edge| edge.at <= value));
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
                for (rule, (rest, rest_null)) in signal.rules.iter().zip(&mut bins.rest) {
                    let others_keep = drops == 0
                        || (only.is_some()
                            && only == signal.judge
                            && failing == 1
                            && rule.fails(value));
                    match bin {
                        _ if !others_keep => {}
                        None => *rest_null += 1,
                        Some(bin) => rest[bin] += 1,
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
        add(&mut self.removed_alone, &other.removed_alone);
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
            for (own, other) in own.rest.iter_mut().zip(&other.rest) {
                add(&mut own.0, &other.0);
                own.1 += other.1;
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
        for (own, other) in self.drawn.iter_mut().zip(other.drawn) {
            other.into_iter().for_each(|drawn| keep_least(own, drawn, samples));
        }
    }
}

/// Adds number by number.
fn add(own: &mut [u64], other: &[u64]) {
    own.iter_mut().zip(other).for_each(|(own, by)| *own += by);
}

/// Keeps the `most` least of what is drawn, in order.
pub(super) fn keep_least<T: Ord>(drawn: &mut Vec<T>, one: T, most: usize) {
    if drawn.len() < most || drawn.last().is_some_and(|last| one < *last) {
        drawn.insert(drawn.partition_point(|other| *other < one), one);
        drawn.truncate(most);
    }
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
