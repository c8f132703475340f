//! What Dolma's two Gopher taggers have in common: their lines, and the form of their values.

use crate::text::lines::split_newline_runs;

/// Where lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// At each newline: `gopher_v1`.
    Newline,
    /// At each run of newlines: `gopher_v2`.
    NewlineRun,
}

impl Lines {
    /// The lines of a text, blank ones too; an empty text is one line.
    pub(super) fn of(self, text: &str) -> impl Iterator<Item = &str> {
        let (mut single, mut runs) = match self {
            Self::Newline => (Some(text.split('\n')), None),
            Self::NewlineRun => (None, Some(split_newline_runs(text, 1))),
        };
        std::iter::from_fn(move || match (&mut single, &mut runs) {
            (Some(lines), _) => lines.next(),
            (_, Some(lines)) => lines.next(),
            (None, None) => None,
        })
    }
}

/// A share of the whole, of one where the whole is nothing, rounded to five decimal digits.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    round(part as f64 / whole.max(1) as f64)
}

/// To five decimal digits, as Python's `round`: exactly, and to the even digit on ties.
fn round(value: f64) -> f64 {
    let scaled = value * 1e5;
    let near_tie = (scaled - scaled.floor() - 0.5).abs() < 1e-3;
    // The product is inexact, which matters only near ties.
    if near_tie { format!("{value:.5}").parse().unwrap_or(value) } else { scaled.round() / 1e5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_are_rounded_as_python_rounds() {
        assert_eq!(share(2, 3), 0.66667);
        assert_eq!(share(1, 64), 0.01562, "0.015625 is a tie");
        assert_eq!(share(3, 64), 0.04688, "0.046875 is a tie");
        assert_eq!(share(200_001, 400_000), 0.5, "0.5000025");
        assert_eq!(share(1, 200_000), 1e-5, "the float is a little above the tie");
        assert_eq!(share(3, 200_000), 2e-5, "the float is a little above the tie");
        assert_eq!(share(3, 0), 3.0);
        assert_eq!(share(0, 0), 0.0);
    }

    proptest! {
        #[test]
        fn both_ways_of_rounding_agree(part in 0..100_000usize, whole in 1..100_000usize) {
            let value = part as f64 / whole as f64;
            prop_assert_eq!(share(part, whole), format!("{value:.5}").parse::<f64>().unwrap());
        }
    }

    #[test]
    fn lines_end_at_newlines_or_at_runs_of_them() {
        let lines = |ends: Lines| ends.of("\na\n\nb").collect::<Vec<_>>();
        assert_eq!(lines(Lines::Newline), ["", "a", "", "b"]);
        assert_eq!(lines(Lines::NewlineRun), ["", "a", "b"]);
        assert_eq!(Lines::Newline.of("").count(), 1);
    }
}
