//! Draws against sorting everything and taking the beginning.

use std::convert::Infallible;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::cut::priority::{Priority, Purpose};

/// Priority, id, ordinal, weight.
type Row = (u64, String, u32, u64);

/// The definition: sort, and take as long as the budget lasts; documents of one place together.
fn beginning(rows: &[Row], budget: u64) -> (Vec<bool>, u128) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let place = |row: usize| (rows[row].0, &rows[row].1, rows[row].2);
    order.sort_by_key(|&row| place(row));
    let (mut taken, mut total) = (vec![false; rows.len()], 0_u128);
    for group in order.chunk_by(|&a, &b| place(a) == place(b)) {
        let weight: u128 = group.iter().map(|&row| u128::from(rows[row].3)).sum();
        if total + weight > u128::from(budget) {
            break;
        }
        total += weight;
        group.iter().for_each(|&row| taken[row] = true);
    }
    (taken, total)
}

/// The draw in passes that keep `most_kept` documents; `None` if everything fits.
fn drawn(rows: &[Row], budget: u64, most_kept: usize) -> (Option<Threshold>, usize) {
    let mut draw = Draw::new(budget);
    rows.iter().for_each(|row| draw.count(row.0, row.3));
    let Some(refine) = draw.refine() else { return (None, 1) };
    let (mut refine, mut passes) = (refine.keep_at_most(most_kept), 1);
    loop {
        passes += 1;
        rows.iter().for_each(|(priority, id, ordinal, weight)| {
            refine.add(*priority, id, *ordinal, *weight);
        });
        match refine.finish() {
            Refined::Settled(threshold) => return (Some(threshold), passes),
            Refined::Again(next) => refine = next,
        }
    }
}

fn check(rows: &[Row], budget: u64, most_kept: usize) -> Result<(), TestCaseError> {
    let (taken, total) = beginning(rows, budget);
    let (threshold, _) = drawn(rows, budget, most_kept);
    let Some(threshold) = threshold else {
        prop_assert!(taken.iter().all(|&taken| taken), "says that everything fits");
        return Ok(());
    };
    prop_assert!(taken.iter().any(|&taken| !taken), "something does not fit");
    for (row, &expected) in rows.iter().zip(&taken) {
        prop_assert_eq!(threshold.takes(row.0, &row.1, row.2), expected, "{:?}", row);
    }
    prop_assert_eq!(u128::from(threshold.total()), total);
    prop_assert_eq!(threshold.documents(), taken.iter().filter(|&&taken| taken).count() as u64);
    Ok(())
}

/// Priorities that agree in 0, 16, 32, 48 and 64 of their bits, at both ends of the range too.
fn priority() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (0..3_u64).prop_map(|low| 0x1234_5678_9abc_def0 + low),
        (0..3_u64).prop_map(|low| 0x1234_5678_9abc_0000 + (low << 15)),
        (0..3_u64).prop_map(|low| 0x1234_5678_0000_0000 + (low << 31)),
        (0..3_u64).prop_map(|low| 0x1234_0000_0000_0000 + (low << 47)),
        Just(0),
        Just(u64::MAX),
    ]
}

fn rows(weight: impl Strategy<Value = u64>) -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((priority(), "[ab]{0,2}", 0..3_u32, weight), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_draw_is_the_beginning_of_the_sorted_documents(
        rows in rows(prop_oneof![Just(0), 0..10_u64]),
        budget in 0..200_u64,
        most_kept in prop_oneof![1..4_usize, Just(MOST)],
    ) {
        check(&rows, budget, most_kept)?;
    }

    #[test]
    fn weights_beyond_64_bits_together_are_summed_exactly(
        rows in rows(prop_oneof![Just(u64::MAX), any::<u64>(), Just(0)]),
        budget in prop_oneof![Just(u64::MAX), any::<u64>()],
        most_kept in prop_oneof![1..4_usize, Just(MOST)],
    ) {
        check(&rows, budget, most_kept)?;
    }

    #[test]
    fn budgets_nest(rows in rows(0..10_u64), small in 0..200_u64, more in 0..100_u64) {
        let takes = |budget| {
            let (threshold, _) = drawn(&rows, budget, MOST);
            let of = |row: &Row| {
                threshold.as_ref().is_none_or(|end: &Threshold| end.takes(row.0, &row.1, row.2))
            };
            rows.iter().map(of).collect::<Vec<bool>>()
        };
        for (small, large) in takes(small).into_iter().zip(takes(small + more)) {
            prop_assert!(!small || large);
        }
    }

    #[test]
    fn the_order_of_the_passes_does_not_count(
        rows in rows(0..10_u64),
        budget in 0..200_u64,
        most_kept in 1..4_usize,
    ) {
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(drawn(&rows, budget, most_kept).0, drawn(&turned, budget, most_kept).0);
    }
}

/// More than any test has.
const MOST: usize = 1000;

fn pool(documents: u32, id: impl Fn(u32) -> String) -> Vec<Row> {
    let priority = Priority::new(Purpose::Sample, 1);
    let row = |n: u32| {
        let id = id(n);
        (priority.of(&id), id, n, u64::from(n % 1000))
    };
    (0..documents).map(row).collect()
}

#[test]
fn a_pool_is_settled_in_two_passes() {
    let rows = pool(200_000, |n| format!("urn:uuid:{n}"));
    let (threshold, passes) = drawn(&rows, 10_000_000, MOST);
    let threshold = threshold.expect("more documents than fit");
    assert_eq!(passes, 2);
    assert!((9_999_000..=10_000_000).contains(&threshold.total()), "{threshold:?}");
    // 499.5 a document on average.
    assert!((19_000..21_000).contains(&threshold.documents()), "{threshold:?}");
    check(&rows, 10_000_000, MOST).expect("as sorted");
}

#[test]
fn one_id_for_all_documents_costs_passes_and_no_memory() {
    let rows = pool(2000, |_| "the same".to_owned());
    let (threshold, passes) = drawn(&rows, 300_000, 500);
    let threshold = threshold.expect("more documents than fit");
    // The ordinals 0 to 774 weigh 299,925. Three passes narrow the priority down, two walk along.
    assert_eq!((threshold.documents(), threshold.total()), (775, 299_925));
    assert_eq!(passes, 6);
}

#[test]
fn a_document_larger_than_the_budget_ends_the_draw_and_none_is_taken_in_its_stead() {
    let row = |priority: u64, weight| (priority, priority.to_string(), 0, weight);
    let rows = [row(1, 3), row(2, 100), row(3, 1), row(4, 0)];
    let (threshold, _) = drawn(&rows, 10, MOST);
    let threshold = threshold.expect("more than fits");
    assert_eq!((threshold.documents(), threshold.total()), (1, 3));
    assert!(!threshold.takes(3, "3", 0) && !threshold.takes(4, "4", 0));
    let (threshold, _) = drawn(&rows[1..], 10, MOST);
    assert_eq!(threshold.expect("more than fits").documents(), 0);
}

#[test]
fn no_budget_takes_what_weighs_nothing_at_the_beginning() {
    let row = |priority, weight| (priority, String::new(), 0, weight);
    let (threshold, _) = drawn(&[row(1, 0), row(2, 0), row(3, 1), row(4, 0)], 0, MOST);
    let threshold = threshold.expect("more than fits");
    assert_eq!((threshold.documents(), threshold.total()), (2, 0));
    assert_eq!(drawn(&[row(1, 0), row(2, 0)], 0, MOST).0, None, "everything fits");
    assert_eq!(drawn(&[], 0, MOST).0, None, "everything fits");
}

#[test]
fn a_second_pass_over_less_than_the_first_takes_the_range_and_says_what_it_saw() {
    let mut draw = Draw::new(5);
    [1, 2, u64::MAX].into_iter().for_each(|priority| draw.count(priority, 4));
    let mut refine = draw.refine().expect("more than fits");
    refine.add(1, "a", 0, 4);
    let Refined::Settled(threshold) = refine.finish() else { panic!("one document is kept") };
    assert_eq!((threshold.documents(), threshold.total()), (1, 4));
    assert!(threshold.takes(2, "b", 0) && !threshold.takes(1 << 48, "", 0));
}

#[test]
fn all_passes_at_once_come_to_the_same_and_hand_errors_on() {
    let rows = pool(5000, |n| n.to_string());
    let pass = |add: &mut dyn FnMut(u64, &str, u32, u64)| {
        rows.iter().for_each(|row| add(row.0, &row.1, row.2, row.3));
        Ok::<(), Infallible>(())
    };
    assert_eq!(draw(100_000, pass), Ok(drawn(&rows, 100_000, MOST).0));
    assert_eq!(draw(u64::MAX, pass), Ok(None));
    assert_eq!(draw(1, |_| Err("a disk")), Err("a disk"));
}
