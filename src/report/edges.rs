//! Edges of histograms, and the thresholds that a rule might have instead: round numbers.

use crate::plan::Bound;

/// Bins that a histogram has, about.
const BINS: f64 = 24.0;
/// As many times its greatest kept value a signal is drawn at most.
const ABOVE: f64 = 4.0;
/// A signal, but a share, whose 99th percentile is so many times its median is drawn over powers.
const SKEWED: f64 = 20.0;

/// Where bins part, so that the middle of a sample and the thresholds lie between the first edge and
/// the last: each is the least value of the bin above it. `bounds` are the thresholds.
pub(super) fn edges(mut sample: Vec<f64>, is_integer: bool, bounds: &[Bound]) -> Vec<f64> {
    sample.retain(|value| value.is_finite());
    sample.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let at = (sample.len().saturating_sub(1)) as f64 * share;
        sample.get(at.round() as usize).copied()
    };
    // A bound far above all that was seen would leave no room for what was.
    let most = quantile(1.0).map_or(f64::INFINITY, |most| most.abs().max(1.0) * 4.0);
    let bounds = || bounds.iter().copied().filter(|bound| bound.value.abs() <= most);
    let values = || bounds().map(|bound| bound.value);
    // Far above the greatest that is kept nothing is of interest but how much there is.
    let kept = bounds().filter(|bound| !bound.is_least && bound.value > 0.0);
    let enough = kept.map(|bound| bound.value * ABOVE).reduce(f64::max);
    let seen = quantile(0.99).map(|seen| enough.map_or(seen, |enough| seen.min(enough)));
    let low = values().chain(quantile(0.01)).reduce(f64::min);
    let high = values().chain(seen).reduce(f64::max);
    let (Some(low), Some(high)) = (low, high) else { return Vec::new() };
    let median = quantile(0.5).unwrap_or(high);
    // Shares are drawn over their range: most are 0, and of a part in a million nobody asks.
    let skewed = low >= 0.0 && high > 1.0 && high > SKEWED * median;
    if skewed { powers(low, high, is_integer) } else { steps(low, high, is_integer) }
}

/// Thresholds that a rule might have instead of its own, which is among them, ascending.
pub(super) fn candidates(bound: f64, is_integer: bool) -> Vec<f64> {
    const TIMES: [f64; 10] = [0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0];
    let round = |value: f64| match is_integer {
        true => value.round(),
        // Six digits are as much as anyone writes into a pipeline.
        false => format!("{value:.5e}").parse().unwrap_or(value),
    };
    let mut all: Vec<f64> = match (bound == 0.0, is_integer) {
        (true, true) => vec![0.0, 1.0, 2.0, 5.0, 10.0, 20.0],
        (true, false) => vec![0.0, 0.01, 0.02, 0.05, 0.1, 0.2],
        // A share is 1 at most.
        (false, _) => TIMES
            .iter()
            .map(|times| round(bound * times))
            .filter(|value| is_integer || !(0.0..=1.0).contains(&bound) || *value <= 1.0)
            .collect(),
    };
    all.push(bound);
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// 1, 2 or 5 times a power of ten, at least a share of the range.
fn step(low: f64, high: f64, is_integer: bool) -> f64 {
    let least = (high - low) / BINS;
    let least = if is_integer { least.max(1.0) } else { least };
    if least <= 0.0 {
        return 1.0;
    }
    let power = decimal(least.log10().floor() as i32);
    let times = [1.0, 2.0, 5.0, 10.0].into_iter().find(|times| times * power >= least * 0.999_999);
    times.unwrap_or(10.0) * power
}

fn steps(low: f64, high: f64, is_integer: bool) -> Vec<f64> {
    if low == high {
        return vec![low];
    }
    let step = step(low, high, is_integer);
    let (from, to) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    let digits = (-step.log10().floor()).max(0.0) as usize;
    // By way of their digits: 3 steps of 0.1 are 0.3.
    let round = |times: i64| format!("{:.digits$}", times as f64 * step).parse().unwrap_or(low);
    (from..=to).map(round).collect()
}

/// 1, 2 and 5 times powers of ten.
fn powers(low: f64, high: f64, is_integer: bool) -> Vec<f64> {
    let least = if is_integer { 1.0 } else { low.max(high / 1e5) };
    let (from, to) = (least.log10().floor() as i32, high.log10().ceil() as i32);
    let all = (from..=to).flat_map(|power| [1.0, 2.0, 5.0].map(|times| times * decimal(power)));
    all.filter(|edge| *edge >= least && *edge <= high * 2.0).collect()
}

/// A power of ten as its digits read.
fn decimal(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds<const N: usize>(of: [(f64, bool); N]) -> [Bound; N] {
        of.map(|(value, is_least)| Bound { value, is_least })
    }

    #[test]
    fn edges_are_round_and_reach_every_threshold() {
        let ratios: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 4000.0).collect();
        let expected = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6];
        assert_eq!(edges(ratios.clone(), false, &bounds([(0.1, true), (0.58, false)])), expected);
        // Four times what is kept is as far as one looks.
        let expected = [
            0.002, 0.004, 0.006, 0.008, 0.01, 0.012, 0.014, 0.016, 0.018, 0.02, 0.022, 0.024,
            0.026, 0.028, 0.03, 0.032, 0.034, 0.036, 0.038, 0.04,
        ];
        assert_eq!(edges(ratios.clone(), false, &bounds([(0.01, false)])), expected);
        let expected =
            [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24, 0.26];
        assert_eq!(edges(ratios, false, &[]), expected);
    }

    #[test]
    fn skewed_counts_go_by_powers_and_a_bound_out_of_sight_is_left_there() {
        let words: Vec<f64> = (0..1000).map(|i| if i < 900 { 40.0 } else { 3000.0 }).collect();
        let expected = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3];
        assert_eq!(edges(words, true, &bounds([(50.0, true), (100_000.0, false)])), expected);
        assert_eq!(edges(vec![], false, &bounds([(0.5, true)])), [0.5]);
        assert_eq!(edges(vec![f64::NAN], false, &[]), [0.0; 0]);
        assert_eq!(edges(vec![3.0, 3.0], true, &[]), [3.0]);
    }

    #[test]
    fn other_thresholds_lie_around_the_own() {
        let expected = [13.0, 25.0, 38.0, 45.0, 50.0, 55.0, 63.0, 75.0, 100.0, 200.0];
        assert_eq!(candidates(50.0, true), expected);
        let expected = [0.1625, 0.325, 0.4875, 0.585, 0.65, 0.715, 0.8125, 0.975];
        assert_eq!(candidates(0.65, false), expected);
        assert_eq!(candidates(0.0, true), [0.0, 1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(candidates(2.0, true), [1.0, 2.0, 3.0, 4.0, 8.0]);
    }

    proptest::proptest! {
        #[test]
        fn edges_ascend_and_are_few(
            values in proptest::collection::vec(-1e9f64..1e9, 0..50),
            bounds in proptest::collection::vec((-1e6f64..1e6, proptest::bool::ANY), 0..3),
            is_integer in proptest::bool::ANY,
        ) {
            let given: Vec<Bound> =
                bounds.iter().map(|&(value, is_least)| Bound { value, is_least }).collect();
            let edges = edges(values, is_integer, &given);
            proptest::prop_assert!(edges.is_sorted_by(|a, b| a < b));
            proptest::prop_assert!(edges.len() < 80);
            for (bound, _) in bounds {
                let all = candidates(bound, is_integer);
                proptest::prop_assert!(all.contains(&bound) && all.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
