//! What the first stage said of the blocks around one.

use super::probability;
use crate::extract::context::Context;
use crate::extract::features::{Features, log};

/// What is told of a block, in order: its own logit and those of three blocks to either side; the
/// mean probability of the blocks nearby; in the three smallest elements around it that hold other
/// blocks, and in the blocks of the same path, the mean and the share of all that is content on
/// the page; how much of that stands before and behind; the page's mean, and how much there is.
///
/// Then of the one element that were the best to keep alone, by the F to be expected: whether the
/// block is in it or how far off, in blocks; that F, and as shares of it the highest F of the
/// elements around the block and the F of its own; the element's share of all that is content, its
/// mean, and its share of the page's words.
pub(super) const NAMES: [&str; 29] = [
    "logit",
    "logit_before_1",
    "logit_behind_1",
    "logit_before_2",
    "logit_behind_2",
    "logit_before_3",
    "logit_behind_3",
    "mean_within_4",
    "mean_within_12",
    "near_mean",
    "near_mass",
    "wider_mean",
    "wider_mass",
    "widest_mean",
    "widest_mass",
    "group_mean",
    "group_mass",
    "mass_before",
    "mass_behind",
    "page_mean",
    "page_mass",
    "best_inside",
    "best_distance",
    "best_f",
    "around_f",
    "own_f",
    "best_mass",
    "best_mean",
    "best_share",
];

/// The logit of what stands beyond either end of the page.
const OUTSIDE: f32 = -6.0;

/// What the first stage said of a page. Means weigh a block by its words and a half; mass is
/// their number times the probability.
pub(super) struct Neighbours<'a> {
    logits: &'a [f32],
    /// Mass of the blocks before each one, and at the end of all.
    mass_before: Vec<f64>,
    /// Weight of the blocks before each one, and at the end of all.
    weight_before: Vec<f64>,
    /// Mass and weight of the blocks of each path.
    groups: Vec<(f64, f64)>,
    elements: Elements,
}

/// The F to be expected if one element were kept and nothing else: twice its mass, over its weight
/// and the page's mass.
#[derive(Default)]
struct Elements {
    /// Of each element.
    f: Vec<f32>,
    /// The highest of each element and those around it.
    around_f: Vec<f32>,
    /// The element that has the highest; of several the innermost.
    best: usize,
}

impl<'a> Neighbours<'a> {
    pub(super) fn of(page: &Features<'_>, logits: &'a [f32]) -> Self {
        let mut neighbours = Self {
            logits,
            mass_before: Vec::with_capacity(logits.len() + 1),
            weight_before: Vec::with_capacity(logits.len() + 1),
            groups: Vec::new(),
            elements: Elements::default(),
        };
        let (mut mass, mut weight) = (0.0, 0.0);
        neighbours.mass_before.push(mass);
        neighbours.weight_before.push(weight);
        for ((logit, measures), group) in logits.iter().zip(&page.measures).zip(page.groups()) {
            let block_weight = f64::from(measures.words) + 0.5;
            let block_mass = f64::from(probability(*logit)) * block_weight;
            mass += block_mass;
            weight += block_weight;
            neighbours.mass_before.push(mass);
            neighbours.weight_before.push(weight);
            // Groups are numbered in the order in which they come.
            if *group as usize == neighbours.groups.len() {
                neighbours.groups.push((0.0, 0.0));
            }
            let group = &mut neighbours.groups[*group as usize];
            group.0 += block_mass;
            group.1 += block_weight;
        }
        if !logits.is_empty() {
            neighbours.elements = neighbours.judge_elements(page);
        }
        neighbours
    }

    fn judge_elements(&self, page: &Features<'_>) -> Elements {
        let contexts = page.contexts.all();
        let mut elements = Elements::default();
        let total = self.mass_before.last().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
        for (id, context) in contexts.iter().enumerate() {
            let (mass, weight) = self.held(context);
            let f = (2.0 * mass / (weight + total)) as f32;
            let around = elements.around_f.get(context.parent as usize).map_or(f, |up| f.max(*up));
            elements.f.push(f);
            elements.around_f.push(around);
            if f >= elements.f[elements.best] {
                elements.best = id;
            }
        }
        elements
    }

    /// Mass and weight of what an element holds.
    fn held(&self, context: &Context) -> (f64, f64) {
        let (first, end) = (context.first_block as usize, context.end_block as usize);
        let of = |sums: &[f64]| sums[end] - sums[first];
        (of(&self.mass_before), of(&self.weight_before))
    }

    /// The numbers that [`NAMES`] names for one block.
    pub(super) fn row(&self, page: &Features<'_>, number: usize) -> [f32; NAMES.len()] {
        let blocks = self.logits.len();
        let logit =
            |at: Option<usize>| at.and_then(|at| self.logits.get(at)).copied().unwrap_or(OUTSIDE);
        let mass = |from: usize, to: usize| self.mass_before[to] - self.mass_before[from];
        let mean = |from: usize, to: usize| {
            mass(from, to) / (self.weight_before[to] - self.weight_before[from])
        };
        let within = |radius: usize| {
            mean(number.saturating_sub(radius), (number + radius + 1).min(blocks)) as f32
        };
        let total = mass(0, blocks).max(f64::MIN_POSITIVE);
        let mut row = [0.0; NAMES.len()];
        row[0] = self.logits[number];
        for distance in 1..=3 {
            row[2 * distance - 1] = logit(number.checked_sub(distance));
            row[2 * distance] = logit(number.checked_add(distance));
        }
        row[7] = within(4);
        row[8] = within(12);
        for (place, container) in page.contexts.containers(number).into_iter().enumerate() {
            let (held_mass, held_weight) = self.held(page.contexts.get(container));
            row[9 + 2 * place] = (held_mass / held_weight) as f32;
            row[10 + 2 * place] = (held_mass / total) as f32;
        }
        let (group_mass, group_weight) = self.groups[page.groups()[number] as usize];
        row[15] = (group_mass / group_weight) as f32;
        row[16] = (group_mass / total) as f32;
        row[17] = (mass(0, number) / total) as f32;
        row[18] = (mass(number + 1, blocks) / total) as f32;
        row[19] = mean(0, blocks) as f32;
        row[20] = log(total as f32);
        let best_f = self.elements.f[self.elements.best].max(1e-9);
        let own = page.contexts.of_block(number) as usize;
        let best = page.contexts.get(self.elements.best as u32);
        let (best_mass, best_weight) = self.held(best);
        let (first, end) = (best.first_block as usize, best.end_block as usize);
        row[21..].copy_from_slice(&[
            f32::from(u8::from((first..end).contains(&number))),
            match number {
                _ if number < first => log((first - number) as f32),
                _ if number >= end => -log((number + 1 - end) as f32),
                _ => 0.0,
            },
            best_f,
            self.elements.around_f[own] / best_f,
            self.elements.f[own] / best_f,
            (best_mass / total) as f32,
            (best_mass / best_weight) as f32,
            (best_weight / self.weight_before[blocks]) as f32,
        ]);
        row
    }
}
