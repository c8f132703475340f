//! Pages made to hang a parser: what each costs.

use std::fs;

use gristmill::extract::{ExtractorKind, Options, extract};

use crate::cpu_seconds;

/// Largest page of each kind, in bytes: that of the comparison of libraries, and the default cap.
const SIZES: [usize; 2] = [1_300_000, 5 << 20];

/// Pages by name: those on which other parsers take minutes or end the process, and worse ones for
/// this one's own parts.
fn pages(bytes: usize) -> Vec<(&'static str, String)> {
    let fill = |part: &str| part.repeat(bytes / part.len());
    let attributes = |count: usize| (0..count).map(|i| format!(" a{i}=1")).collect::<String>();
    let text = "<p>The mill by the river grinds what the fields give, slowly, day by day.</p>";
    vec![
        ("4,000 nested div", "<div>".repeat(4_000) + text),
        ("100k nested div", "<div>".repeat(100_000) + text),
        ("100k nested b", "<b>".repeat(100_000) + text),
        ("50k attributes on one tag", format!("<p{}>x", attributes(50_000))),
        ("20k b and div in a", format!("<a>{}x", "<b><div>".repeat(20_000))),
        ("nested div with text", fill("<div>x")),
        ("nested div with classes", fill("<div class='a b c'>x y z")),
        ("paragraphs", fill("<p>x")),
        // Almost as many nodes as a page may have, each other one a block.
        ("most blocks", fill("<p>the mill by the river grinds on and on.")),
        ("most blocks with classes", fill("<p class='a1 bb cc'>the mill grinds on")),
        ("sentences", fill(text)),
        ("lines", fill("x<br>")),
        ("links", fill("<a href=x>y</a> ")),
        ("rows", format!("<table>{}", fill("<tr><td>x<td>y"))),
        ("items", fill("<ul><li><a href=x>y</a></ul>")),
        ("comments", format!("<div id=comments>{}", fill("<div class=comment>a b c d e f</div>"))),
        ("end tags", fill("</p></b></q>")),
        ("references", fill("&lt;&am&notit;&#xD800;&#0;")),
        ("ampersands", fill("&")),
        ("angle brackets", fill("<")),
        ("combining marks", fill("a\u{301}\u{316}")),
        ("one word", fill("x")),
        ("words", fill("x ")),
        ("JSON-LD", format!("<script type=application/ld+json>{}</script>", fill("[{\"a\":"))),
        ("meta", fill("<meta name=author content='A B'>")),
    ]
}

/// Prints the outcome of each page, its CPU seconds, and by how much the process grew for it: less
/// than it took where pages before left it memory, so that one page alone gives the true figure.
pub(crate) fn print(only: Option<&str>) {
    println!("\n{:28} {:>9} {:>9} {:>8}  outcome", "hostile page", "bytes", "CPU ms", "MiB");
    for bytes in SIZES {
        for (name, html) in pages(bytes) {
            if only.is_some_and(|only| only != name) {
                continue;
            }
            let options = Options::of(ExtractorKind::MainContent);
            // 5 resets the peak; without Linux there is none to read, and the figure is 0.
            fs::write("/proc/self/clear_refs", "5").unwrap_or_default();
            let (before, start) = (resident("VmRSS:"), cpu_seconds());
            let outcome = extract(&options, &html, None);
            let (seconds, peak) = (cpu_seconds() - start, resident("VmHWM:"));
            let outcome = match outcome {
                Ok(page) => format!("{} bytes of text", page.text.len()),
                Err(error) => error.kind().to_owned(),
            };
            let grown = peak.saturating_sub(before) as f64 / 1024.0;
            println!("{name:28} {:>9} {:>9.1} {grown:>8.1}  {outcome}", html.len(), seconds * 1e3);
        }
    }
}

/// A figure of the process's memory, in KiB.
fn resident(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
}
