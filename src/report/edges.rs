//! Edges of histograms: round numbers over the middle of a sample, and every threshold.

use serde::Serialize;

/// Bins that a histogram has, about.
const BINS: f64 = 24.0;
/// A signal, but a share, whose 99th percentile is so many times its median is drawn over powers.
const SKEWED: f64 = 20.0;

/// Where one bin ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Edge {
    /// The least value of the upper bin.
    pub at: f64,
    /// The same as a round number.
    pub shown: f64,
    /// Whether `shown` itself is in the lower bin: a threshold that is the greatest kept.
    pub up_to: bool,
}

impl Edge {
    fn plain(at: f64) -> Self {
        Self { at, shown: at, up_to: false }
    }

    /// The edge between what a bound keeps and what it drops.
    pub(super) fn of_bound(bound: f64, is_least: bool) -> Self {
        match is_least {
            true => Self::plain(bound),
            false => Self { at: bound.next_up(), shown: bound, up_to: true },
        }
    }
}

/// The edges for a signal of which `sample` are some values; `bounds` are its thresholds, each with
/// whether it is the least that is kept.
pub(super) fn edges(mut sample: Vec<f64>, is_integer: bool, bounds: &[(f64, bool)]) -> Vec<Edge> {
    sample.retain(|value| value.is_finite());
    sample.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let at = (sample.len().saturating_sub(1)) as f64 * share;
        sample.get(at.round() as usize).copied()
    };
    let bounds: Vec<(f64, bool)> =
        bounds.iter().copied().filter(|(bound, _)| bound.is_finite()).collect();
    let ends = |of: fn(f64, f64) -> f64, share| {
        bounds.iter().map(|(bound, _)| *bound).chain(quantile(share)).reduce(of)
    };
    let (Some(low), Some(high)) = (ends(f64::min, 0.01), ends(f64::max, 0.99)) else {
        return Vec::new();
    };
    let median = quantile(0.5).unwrap_or(high);
    // Shares are drawn over their range: most are 0, and of a part in a million nobody asks.
    let skewed = low >= 0.0 && high > 1.0 && high > SKEWED * median;
    let round = if skewed { powers(low, high, is_integer) } else { steps(low, high, is_integer) };
    let near = |edge: f64, bound: f64| match skewed {
        true => edge == bound || (edge / bound).ln().abs() < 0.3,
        false => (edge - bound).abs() < step(low, high, is_integer) * 0.5,
    };
    let far = |edge: &f64| bounds.iter().all(|(bound, _)| !near(*edge, *bound));
    let mut edges: Vec<Edge> = round.into_iter().filter(far).map(Edge::plain).collect();
    edges.extend(bounds.iter().map(|&(bound, is_least)| Edge::of_bound(bound, is_least)));
    edges.sort_by(|a, b| a.at.total_cmp(&b.at));
    edges.dedup_by(|a, b| a.at == b.at);
    edges
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

    fn shown(edges: &[Edge]) -> Vec<f64> {
        edges.iter().map(|edge| edge.shown).collect()
    }

    #[test]
    fn edges_are_round_and_hold_every_threshold() {
        let ratios: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 1000.0).collect();
        let edges = edges(ratios, false, &[(0.33, true), (0.9, false)]);
        let expected = [
            0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.33, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75,
            0.8, 0.85, 0.9, 0.95, 1.0,
        ];
        assert_eq!(shown(&edges), expected);
        let greatest = edges.iter().find(|edge| edge.shown == 0.9).unwrap();
        assert!(greatest.up_to && greatest.at > 0.9 && greatest.at < 0.900_000_001);
        let least = edges.iter().find(|edge| edge.shown == 0.33).unwrap();
        assert_eq!((least.at, least.up_to), (0.33, false));
    }

    #[test]
    fn skewed_counts_go_by_powers() {
        let words: Vec<f64> = (0..1000).map(|i| if i < 900 { 40.0 } else { 3000.0 }).collect();
        let edges = edges(words, true, &[(50.0, true), (100_000.0, false)]);
        let expected = [
            1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4,
            1e5, 2e5,
        ];
        assert_eq!(shown(&edges), expected);
    }

    #[test]
    fn nothing_measured_leaves_the_thresholds_and_one_value_is_an_edge() {
        assert_eq!(shown(&edges(vec![], false, &[(0.5, true)])), [0.5]);
        assert_eq!(shown(&edges(vec![f64::NAN], false, &[])), [0.0; 0]);
        assert_eq!(shown(&edges(vec![3.0, 3.0], true, &[])), [3.0]);
    }

    proptest::proptest! {
        #[test]
        fn edges_ascend_and_are_few(
            values in proptest::collection::vec(-1e9f64..1e9, 0..50),
            bounds in proptest::collection::vec((-1e6f64..1e6, proptest::bool::ANY), 0..3),
            is_integer in proptest::bool::ANY,
        ) {
            let edges = edges(values, is_integer, &bounds);
            proptest::prop_assert!(edges.is_sorted_by(|a, b| a.at < b.at));
            proptest::prop_assert!(edges.len() < 80);
            for (bound, is_least) in bounds {
                let at = Edge::of_bound(bound, is_least).at;
                proptest::prop_assert!(edges.iter().any(|edge| edge.at == at));
            }
        }
    }
}
