//! Charts: inline SVG, drawn with colours of the page's style sheet.

use crate::report::findings::{Pattern, SignalFound};

use super::html::escape;

/// A bar of a row: the part that stays, then the part lost at this place; both are shares of 1.
pub(super) fn bar(stays: f64, lost: f64) -> String {
    let (stays, lost) = (stays.clamp(0.0, 1.0) * 100.0, lost.clamp(0.0, 1.0) * 100.0);
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"kept\" width=\"{stays:.2}\" height=\"10\"/>\
         <rect class=\"lost\" x=\"{stays:.2}\" width=\"{lost:.2}\" height=\"10\"/></svg>"
    )
}

/// Width and height of a histogram's field.
const FIELD: (f64, f64) = (320.0, 96.0);
/// Where its base line is.
const BASE: f64 = 122.0;
/// Width that a label of an axis may take.
const LABEL: f64 = 52.0;

/// A histogram: documents by bin, those that the arm's filters keep before all, thresholds as lines.
pub(super) fn histogram(signal: &SignalFound) -> String {
    let bins = signal.documents.len();
    let most = signal.documents.iter().copied().max().unwrap_or(0).max(1) as f64;
    let width = FIELD.0 / bins as f64;
    let height = |number: u64| match number {
        0 => 0.0,
        // By the root, so that tails are seen beside a bin that holds nearly all.
        number => ((number as f64 / most).sqrt() * FIELD.1).max(1.0),
    };
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {} 140\" role=\"img\" aria-label=\"{}\">\n",
        FIELD.0,
        escape(&format!("histogram of {}, the numbers are in the table below", signal.name)),
    );
    for (at, (all, kept)) in signal.documents.iter().zip(&signal.kept).enumerate() {
        let x = at as f64 * width;
        for (class, number) in [("lost", *all), ("kept", *kept)] {
            let tall = height(number);
            if tall > 0.0 {
                svg.push_str(&format!(
                    "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
                    x + 0.5,
                    BASE - tall,
                    (width - 1.0).max(0.5),
                ));
            }
        }
    }
    svg.push_str(&format!(
        "<line class=\"axis\" x1=\"0\" x2=\"{}\" y1=\"{BASE}\" y2=\"{BASE}\"/>\n",
        FIELD.0
    ));
    if signal.is_bool {
        for (at, label) in ["no", "yes"].into_iter().enumerate() {
            let x = (at as f64 + 0.5) * width;
            svg.push_str(&format!("<text x=\"{x:.1}\" y=\"135\" class=\"mid\">{label}</text>"));
        }
    } else {
        svg.push_str(&ticks(signal, width));
    }
    let mut bounds: Vec<(f64, bool)> =
        signal.rules.iter().map(|rule| (rule.bound, rule.is_least)).collect();
    bounds.dedup();
    for (at, (bound, is_least)) in bounds.into_iter().enumerate().take(2) {
        let place = if signal.is_bool { 1.0 } else { place(&signal.edges, bound) };
        let (x, y) = (place * width, 10.0 + 11.0 * at as f64);
        let (class, dx) = if x > FIELD.0 / 2.0 { ("end", -3.0) } else { ("start", 3.0) };
        let label = match (signal.is_bool, is_least) {
            (true, true) => "keeps yes".to_owned(),
            (true, false) => "keeps no".to_owned(),
            (_, true) => format!("keeps ≥ {}", number(bound)),
            (_, false) => format!("keeps ≤ {}", number(bound)),
        };
        svg.push_str(&format!(
            "<line class=\"bound\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{BASE}\"/>\
             <text x=\"{:.1}\" y=\"{y}\" class=\"{class} bound\">{label}</text>\n",
            y - 8.0,
            x + dx,
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where a value lies, in bins from the left; in the middle of an open bin if it lies there.
fn place(edges: &[f64], value: f64) -> f64 {
    let above = edges.partition_point(|edge| *edge <= value);
    match (above.checked_sub(1).map(|at| edges[at]), edges.get(above)) {
        (Some(low), Some(high)) => above as f64 + (value - low) / (high - low),
        (Some(low), None) if value == low => above as f64,
        _ => above as f64 + 0.5,
    }
}

/// Labels under edges, as many as there is room for.
fn ticks(signal: &SignalFound, width: f64) -> String {
    let edges = signal.edges.len();
    let every = ((LABEL / width).ceil() as usize).max(1);
    let mut svg = String::new();
    for (at, edge) in signal.edges.iter().enumerate() {
        let x = (at + 1) as f64 * width;
        // The last is left out where it would be cut off or run into another.
        if at % every != 0 || x > FIELD.0 - LABEL / 2.0 || x < LABEL / 4.0 && edges > 1 {
            continue;
        }
        svg.push_str(&format!(
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{BASE}\" y2=\"{}\"/>\
             <text x=\"{x:.1}\" y=\"135\" class=\"mid\">{}</text>",
            BASE + 3.0,
            number(*edge)
        ));
    }
    svg
}

/// A number as an axis has room for it.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 1e15 {
        return format!("{value:.0e}");
    }
    for (from, unit) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")] {
        if size >= from {
            let scaled = value / if unit == "k" { 1e3 } else { from };
            return format!("{}{unit}", short(scaled, 1));
        }
    }
    if size > 0.0 && size < 1e-4 { format!("{value:.0e}") } else { short(value, 4) }
}

/// Digits after the point as far as they say something.
fn short(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Which columns drop the same documents: a bar for each pattern over a matrix of columns.
pub(super) fn upset(patterns: &[&Pattern], columns: &[(String, u64)]) -> String {
    const LEFT: f64 = 230.0;
    const STEP: f64 = 24.0;
    const ROW: f64 = 20.0;
    const TOP: f64 = 150.0;
    let (width, height) =
        (LEFT + STEP * patterns.len() as f64 + 10.0, TOP + ROW * columns.len() as f64 + 10.0);
    let most = patterns.iter().map(|pattern| pattern.documents).max().unwrap_or(0).max(1) as f64;
    let mut svg = format!(
        "<svg class=\"upset\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"documents by the columns that drop them together; the numbers are \
         in the table below\">\n"
    );
    for (row, (column, dropped)) in columns.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        if row % 2 == 0 {
            svg.push_str(&format!(
                "<rect class=\"stripe\" x=\"0\" y=\"{:.1}\" width=\"{width}\" height=\"{ROW}\"/>",
                y - ROW / 2.0
            ));
        }
        let short: String = column.chars().take(26).collect();
        svg.push_str(&format!(
            "<text x=\"4\" y=\"{:.1}\" class=\"start\">{}</text>\
             <text x=\"{}\" y=\"{:.1}\" class=\"end\">{}</text>\n",
            y + 4.0,
            escape(&short),
            LEFT - 8.0,
            y + 4.0,
            crate::figures::count(*dropped),
        ));
    }
    for (at, pattern) in patterns.iter().enumerate() {
        let x = LEFT + STEP * (at as f64 + 0.5);
        let tall = (pattern.documents as f64 / most * (TOP - 60.0)).max(1.0);
        svg.push_str(&format!(
            "<g><title>{}: {}</title>\
             <rect class=\"kept\" x=\"{:.1}\" y=\"{:.1}\" width=\"14\" height=\"{tall:.1}\"/>\
             <text transform=\"translate({:.1} {:.1}) rotate(-90)\" class=\"start\">{}</text>",
            escape(&pattern.columns.join(" + ")),
            crate::figures::count(pattern.documents),
            x - 7.0,
            TOP - 6.0 - tall,
            x + 3.5,
            TOP - 10.0 - tall,
            crate::figures::count(pattern.documents),
        ));
        let rows = columns.iter().enumerate();
        let hit: Vec<f64> = rows
            .filter(|(_, (column, _))| pattern.columns.contains(column))
            .map(|(row, _)| TOP + ROW * (row as f64 + 0.5))
            .collect();
        if let (Some(first), Some(last)) = (hit.first(), hit.last()) {
            svg.push_str(&format!(
                "<line class=\"link\" x1=\"{x}\" x2=\"{x}\" y1=\"{first}\" y2=\"{last}\"/>"
            ));
        }
        for y in hit {
            svg.push_str(&format!("<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>"));
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_stand_where_their_values_are() {
        let edges = [0.0, 0.1, 0.2];
        let places = [0.0, 0.05, 0.1, 0.175, 0.2].map(|value| place(&edges, value));
        assert_eq!(places.map(|place| (place * 1e6).round() / 1e6), [1.0, 1.5, 2.0, 2.75, 3.0]);
        assert_eq!((place(&edges, -5.0), place(&edges, 7.0)), (0.5, 3.5));
    }

    #[test]
    fn numbers_fit_an_axis() {
        let texts =
            [0.0, 0.1, 0.3333333, 12.0, 1234.5, 10_000.0, 1.5e6, 2e9, 1e-7, -3.0].map(number);
        let expected = ["0", "0.1", "0.3333", "12", "1234.5", "10k", "1.5M", "2G", "1e-7", "-3"];
        assert_eq!(texts, expected);
    }
}
