//! Pages made to hang, overflow or exhaust a reader of HTML: each ends with text of the right form
//! or a failure kind, and work grows no faster than the page.
//!
//! Work is counted and not timed: a token takes what it is long, and a tag makes an element and
//! perhaps a row around it, each of which is opened and closed once. So what a page can drive are
//! nodes, blocks and text, and a page of twice the size may give twice as many and no more.

use super::super::html::{FORMATTING, WIDE, parse};
use super::*;
use crate::extract::Limits;

/// Larger pages are of no interest: what nests is capped at 512 levels, what repeats repeats.
const BYTES: usize = 1 << 14;

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Outcome {
    failure: Option<&'static str>,
    nodes: usize,
    blocks: usize,
    text_bytes: usize,
}

fn outcome(html: &str) -> Outcome {
    // Nothing recurses: a small stack is enough for any page.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 << 10);
        thread.spawn_scoped(scope, || read(html)).unwrap().join().unwrap()
    })
}

fn read(html: &str) -> Outcome {
    let tree = match parse(html, &Limits::default()) {
        Ok(tree) => tree,
        Err(error) => {
            return Outcome { failure: Some(error.kind()), nodes: 0, blocks: 0, text_bytes: 0 };
        }
    };
    let blocks = Blocks::of(&tree);
    let text = blocks.render(|_| true);
    assert_form(&text);
    Outcome {
        failure: None,
        nodes: tree.nodes().len(),
        blocks: blocks.len(),
        text_bytes: text.len(),
    }
}

fn assert_form(text: &str) {
    assert!(!text.starts_with('\n') && !text.ends_with('\n'), "empty line at an end");
    assert!(!text.contains("\n\n\n"), "several empty lines in a row");
    for line in text.split('\n') {
        assert!(!line.ends_with(char::is_whitespace), "white space at the end of a line");
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "a control");
    }
}

/// A part as often as it takes for a page of some size; `%` is the number of the repetition.
fn page(part: &str, bytes: usize) -> String {
    let parts = bytes.div_ceil(part.len());
    match part.contains('%') {
        true => (0..parts).map(|number| part.replace('%', &number.to_string())).collect(),
        false => part.repeat(parts),
    }
}

/// Reads a page whose second half repeats `part` at one size and at twice that size.
fn assert_linear(before: &str, part: &str) {
    let [once, twice] = [BYTES, 2 * BYTES].map(|bytes| {
        let html = format!("{before}{}", page(part, bytes));
        let outcome = outcome(&html);
        let tags = html.matches('<').count();
        assert!(outcome.nodes <= 3 * tags + 2, "{before}, {part}: {outcome:?}");
        // NUL may be shown as a character of three bytes; references grow by less.
        assert!(outcome.blocks <= outcome.nodes && outcome.text_bytes <= 3 * html.len());
        assert!(
            matches!(outcome.failure, None | Some("too_many_nodes" | "too_many_attributes")),
            "{before}, {part}: {outcome:?}"
        );
        outcome
    });
    if once.failure.is_none() && twice.failure.is_none() {
        let fits = |once: usize, twice: usize| twice <= 2 * once + 2_000;
        assert!(fits(once.nodes, twice.nodes), "{before}, {part}: {once:?}, {twice:?}");
        assert!(fits(once.blocks, twice.blocks), "{before}, {part}: {once:?}, {twice:?}");
        assert!(fits(once.text_bytes, twice.text_bytes), "{before}, {part}: {once:?}, {twice:?}");
    }
}

/// A paragraph that reads like part of an article.
const PROSE: &str = "<p>The mill by the river grinds what the fields give, slowly, day by day, \
                     and the miller, who has seen many harvests, weighs each sack twice.</p>";

#[test]
fn pages_that_other_readers_do_not_survive_are_read() {
    let attributes: String = (0..50_000).map(|number| format!(" a{number}=1")).collect();
    for (name, html, failure, blocks) in [
        ("4,000 nested div", "<div>".repeat(4_000) + PROSE, None, 1),
        ("100,000 nested div", "<div>".repeat(100_000) + PROSE, None, 1),
        ("100,000 nested b", "<b>".repeat(100_000) + PROSE, None, 1),
        ("50,000 attributes", format!("<p{attributes}>x"), Some("too_many_attributes"), 0),
        ("20,000 b and div in a", format!("<a>{}x", "<b><div>".repeat(20_000)), None, 1),
    ] {
        let outcome = outcome(&html);
        assert_eq!((outcome.failure, outcome.blocks), (failure, blocks), "{name}");
    }
}

#[test]
fn elements_that_nest_are_read_in_linear_work() {
    for part in [
        "<div>",
        "<span>",
        "<b>",
        "<font>",
        "<ins>",
        "<blockquote>",
        "<section>",
        "<table><tr><td>",
        "<ul><li>",
        "<svg><g>",
        "<math><mrow>",
        "<svg><foreignObject>",
        "<select><optgroup>",
        "<object>",
        "<template>",
        "<ruby><rt>",
        "<i id=%>",
        "<noscript>",
        "<button>",
        "<frameset>",
        "<x-%>",
        "<x>",
        "<svg><title>",
        "<math><mi><table>",
        "<table><td>",
        "<table><caption>",
        "<div><div></div>",
        "<div><div><div></div></div></div>",
        "<a href=%>",
        "<a><table><td>",
        "<pre><div> ",
    ] {
        assert_linear("", part);
        assert_linear(&"<div>".repeat(600), part);
        assert_linear(&"<table><tr><td>".repeat(150), part);
    }
}

#[test]
fn formatting_elements_do_not_multiply() {
    for part in FORMATTING {
        assert_linear("", part);
        assert_linear("<a>", part);
    }
    assert_linear(&("<b>".repeat(400) + "<div>"), "<p>x</b>");
}

#[test]
fn end_tags_without_an_element_cost_nothing() {
    let italics: String = (0..250).map(|number| format!("<i id={number}>")).collect();
    let custom: String = (0..500).map(|number| format!("<x-{number}>")).collect();
    let groups: String = (0..500).map(|number| format!("<g{number}>")).collect();
    for before in ["", &italics, &custom, &format!("<svg>{groups}"), &"<svg><desc>".repeat(200)] {
        for part in
            ["</q>", "</y-%>", "</div>", "</p>", "</a>", "</g>", "</svg>", "</td>", "</template>"]
        {
            assert_linear(before, part);
        }
    }
}

#[test]
fn what_repeats_is_read_in_linear_work() {
    let own = ["<body a%=1 b%=2><p>x", "<p id id id id id id id id>", PROSE];
    for part in WIDE.iter().copied().chain(own) {
        assert_linear("", part);
        assert_linear("<table><tr>", part);
        assert_linear("<pre>", part);
    }
}

#[test]
fn broken_tokens_end() {
    for part in [
        "<",
        "</",
        "</>",
        "<!",
        "<?",
        "<!--",
        "<!--x",
        "-->",
        "<!doctype html>",
        "\r",
        "\0",
        "a\0b",
        "&",
        "&a",
        "&#",
        "&lt",
        "&nGt;",
        "&notit;",
        "&CounterClockwiseContourIntegra",
        "&lt;&am&notit;&#xD800;&#0;&#x110000;",
        "\u{301}\u{316}",
        " ",
        "x",
        "<![CDATA[",
        "<script><!--<script>",
        "-",
        "--!",
        "--x",
        "a ",
        "</script",
        "</scrip",
        "<!--<script ></script >",
        "9",
        " a",
        " a=1",
        "<p>",
    ] {
        for before in [
            "",
            "<!--",
            "<p a='",
            "<p ",
            "<",
            "<p class=",
            "<title>",
            "<textarea>",
            "<script>",
            "<script><!--",
            "<style>",
            "<xmp>",
            "<plaintext>",
            "<svg>",
            "<svg><![CDATA[",
            "<pre>",
            "&#",
            "&#x",
            "<p",
        ] {
            assert_linear(before, part);
        }
    }
}

#[test]
fn a_tag_with_too_many_attributes_is_refused_and_no_tag_without_its_end_counts() {
    let attributes: String = (0..50_000).map(|number| format!(" a{number}=1")).collect();
    for (html, failure) in [
        (format!("<p{attributes}>"), Some("too_many_attributes")),
        (format!("<p{}>", " a".repeat(50_000)), Some("too_many_attributes")),
        (page(&format!("<p{}>x", " id".repeat(500)), 8 << 20), Some("too_many_attributes")),
        (format!("<p>x</p{attributes}>"), None),
        (format!("<script></script{attributes}>"), None),
        (format!("<p{attributes}"), None),
    ] {
        assert_eq!(outcome(&html).failure, failure);
    }
}

#[test]
fn a_row_of_many_cells_and_cells_deep_in_tables_are_one_line_each() {
    let cells = page("<td>x</td>", BYTES);
    let count = cells.matches("<td>").count();
    let html = format!("<table><tr>{cells}</table>");
    let tree = parse(&html, &Limits::default()).unwrap();
    let blocks = Blocks::of(&tree);
    assert_eq!(blocks.len(), count);
    assert_eq!(blocks.render(|_| true).matches('\t').count(), count - 1);
    let nested = "<table><tr><td>".repeat(160) + "<pre>" + &page("a\n", BYTES) + "</pre>x";
    assert_eq!(outcome(&nested).blocks, 2);
}
