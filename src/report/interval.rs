//! Intervals of shares.

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share of which `part` of `whole` were seen, by Wilson's score (1927): of
/// use for few documents and for shares near 0 and 1.
pub(super) fn wilson(part: u64, whole: u64) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (whole as f64, part as f64 / whole as f64);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (share + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    // Rounding must not move the ends where they are known.
    let low = if part == 0 { 0.0 } else { ((middle - spread) / scale).max(0.0) };
    let high = if part == whole { 1.0 } else { ((middle + spread) / scale).min(1.0) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // By statsmodels 0.15, proportion_confint(…, method='wilson').
        for ((part, whole), (low, high)) in [
            ((0, 10), (0.0, 0.277_532_799_862_889_2)),
            ((5, 10), (0.236_593_090_512_564_5, 0.763_406_909_487_435_6)),
            ((81, 263), (0.255_288_519_878_274_2, 0.366_209_576_982_800_04)),
        ] {
            let found = wilson(part, whole);
            assert!((found.0 - low).abs() < 1e-12 && (found.1 - high).abs() < 1e-12, "{found:?}");
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        assert_eq!((wilson(0, 3848).0, wilson(7, 7).1), (0.0, 1.0));
    }
}
