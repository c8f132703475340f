use super::super::html::{SOUP, parse};
use super::*;
use crate::extract::Limits;
use proptest::prelude::*;

fn blocks(html: &str) -> Blocks {
    Blocks::of(&parse(html, &Limits::default()).unwrap())
}

fn text(html: &str) -> String {
    blocks(html).render(|_| true)
}

#[test]
fn one_line_per_paragraph_heading_item_and_row() {
    let html = "<html><head><title>T</title></head><body><h1>A\n b</h1><p>One <b>two</b>\
                three.<p>Four<br>five<ul><li>x<li>y<ul><li>z</ul></ul>\
                <table><tr><th>k<th> v</tr><tr><td>1</td>\n<td>2</td></tr></table>end";
    assert_eq!(text(html), "A b\n\nOne twothree.\n\nFour\nfive\n\nx\ny\nz\n\nk\tv\n1\t2\n\nend");
}

#[test]
fn what_is_not_shown_is_left_out() {
    for hidden in [
        "<script>x<b>y</script>",
        "<script><!-- <script> </script> x --></script>",
        "<style>p > a { }</style>",
        "<noscript><p>x</p></noscript>",
        "<template><p>x</p><template>y</template>z</template>",
        "<svg><title>x</title><text>y</text></svg>",
        "<svg><foreignObject><p>x</p></foreignObject></svg>",
        "<svg><style>x</style><![CDATA[y]]></svg>",
        "<select><option>x<option>y</select>",
        "<textarea><p>x</p></textarea>",
        "<iframe><p>x</p></iframe>",
        "<noframes>x</noframes>",
        "<video>no video</video>",
        "<audio><b>no sound</b></audio>",
        "<canvas>x<br>y</canvas>",
        "<datalist><option>x</datalist>",
        "<!-- <p>x</p> -->",
        "<title>x</title>",
        "<math><annotation>x</annotation></math>",
        "<math><semantics><annotation-xml><mi>x</mi></annotation-xml></semantics></math>",
    ] {
        assert_eq!(text(&format!("<p>a{hidden}b</p>")), "ab", "{hidden}");
        assert_eq!(text(&format!("<p>a {hidden} <b>b</b></p>")), "a b", "{hidden}");
    }
    let blocks = "<div>a<video><div>x</div><p>y<table><tr><td>z</table></video> <b>b</b></div>";
    assert_eq!(text(blocks), "a b");
}

#[test]
fn mathematics_is_shown() {
    let html = "a<math><mi>x</mi><mo>=</mo><mn>1</mn><annotation>x=1</annotation></math>b";
    assert_eq!(text(html), "ax=1b");
}

#[test]
fn a_forgotten_end_tag_does_not_hide_the_rest() {
    assert_eq!(text("a<svg><path><p>b</p>"), "a\n\nb");
    assert_eq!(text("a<svg><title>t</title><path><p>b</p>"), "a\n\nb");
    assert_eq!(text("a<select><option>x<p>b"), "a\n\nb");
    assert_eq!(text("<ruby>a<rp>(<rt>b<rp>)</ruby>c"), "abc");
}

#[test]
fn preformatted_text_keeps_lines_and_indentation() {
    let html = "x<pre>\nfn main() {\n    <b>a</b>;\n}\n</pre>y<xmp><p>  z</xmp>w<plaintext><p>";
    assert_eq!(text(html), "x\n\nfn main() {\n    a;\n}\n\ny\n\n<p>  z\n\nw\n\n<p>");
    let parts = "<pre>if a:<br>  <i>b</i><div>c</div>  <b>d</b>\n\n e</pre>";
    assert_eq!(text(parts), "if a:\n  b\nc\n  d\n\n e");
    assert_eq!(text("a<pre> \n </pre>b"), "a\n\nb");
}

#[test]
fn character_references_are_decoded() {
    assert_eq!(
        text("&lt;p&gt; &eacute;&#233;&#xE9; &nbsp;x &#0; &#xD800;"),
        "<p> ééé x \u{FFFD} \u{FFFD}"
    );
}

#[test]
fn cells_are_parted_by_a_tab_where_each_is_one_line() {
    for (row, expected) in [
        ("<td>a<td>b<td>c", "a\tb\tc"),
        ("<td> a <td></td><td><p>c</p>", "a\tc"),
        ("<td><td>b", "b"),
        ("<td>a<br>b<td>c", "a\nb\nc"),
        ("<td><p>a<p>b<td>c", "a\n\nb\n\nc"),
        ("<td><pre>1\n2</pre><td><pre>a\nb</pre>", "1\n2\n\na\nb"),
        ("<td><pre>1</pre><td><pre>a\n</pre>", "1\ta"),
        ("<td>a<td><table><tr><td>b<td>c</table>", "a\n\nb\tc"),
        ("<td>a<td><table><tr><td>b</table>", "a\tb"),
    ] {
        assert_eq!(text(&format!("<table><tr>{row}</table>")), expected, "{row}");
        assert_eq!(text(&format!("<table>{row}</table>")), expected, "{row}, without a row");
    }
    // Cells of a table in a cell are none of the row around it.
    assert_eq!(
        text("<table><tr><td><table><tr><td>a</td></tr><td>b</td></table></td></tr></table>"),
        "a\nb"
    );
}

#[test]
fn a_kept_block_is_parted_by_the_most_of_what_stood_between() {
    let blocks = blocks("<h1>a</h1><ul><li>b<li>c<li>d</ul><table><tr><td>e<td>f<td>g</table>");
    assert_eq!(blocks.len(), 7);
    let keep = |kept: &str| {
        blocks.render(|number| kept.contains(blocks.text(blocks.iter().nth(number).unwrap())))
    };
    assert_eq!(keep("abcdefg"), "a\n\nb\nc\nd\n\ne\tf\tg");
    assert_eq!(keep("ad"), "a\n\nd");
    assert_eq!(keep("bd"), "b\nd");
    assert_eq!(keep("eg"), "e\tg");
    assert_eq!(keep("cg"), "c\n\ng");
    assert_eq!(keep(""), "");
}

#[test]
fn links_are_counted_in_their_blocks() {
    let count = |html| {
        let blocks = blocks(html);
        let counts = blocks.iter().map(|block| (block.linked_bytes, block.links));
        counts.collect::<Vec<_>>()
    };
    assert_eq!(count("<p>a <a>bc d</a> e"), [(3, 1)]);
    assert_eq!(count("<p><a>b<b>c</b></a><a>d</a> <a>é</a>"), [(5, 3)]);
    assert_eq!(count("<a><p>a<p>b</a>c"), [(1, 1), (1, 1)]);
    assert_eq!(count("<p><a>a<p>b"), [(1, 1), (0, 0)]);
    assert_eq!(count("<a>a<svg><a>x</a></svg>b</a>"), [(2, 1)]);
    assert_eq!(count("<pre><a>a b</a> c</pre>"), [(3, 1)]);
}

#[test]
fn a_block_knows_the_element_of_its_first_word() {
    let tree = parse("<div> <b>a</b>c<p>d</div>", &Limits::default()).unwrap();
    let blocks = Blocks::of(&tree);
    let tags: Vec<_> = blocks.iter().map(|block| tree.node(block.node).tag).collect();
    assert_eq!(tags, [Tag::B, Tag::P]);
}

proptest! {
    /// White space aside, blocks and text hold the same characters, and each block has some.
    #[test]
    fn soup_falls_into_blocks_of_the_same_characters(
        parts in prop::collection::vec(prop::sample::select(SOUP), 0..80),
    ) {
        let html = parts.concat();
        let blocks = blocks(&html);
        let mut pieces = String::new();
        for block in blocks.iter() {
            prop_assert!(!blocks.text(block).trim().is_empty());
            pieces.push_str(blocks.text(block));
            pieces.push('\n');
        }
        let bare = |text: &str| {
            let mut lines = Lines::default();
            lines.push_flowing(text);
            lines.finish().replace(' ', "")
        };
        let whole = blocks.render(|_| true);
        prop_assert_eq!(bare(&whole), bare(&pieces));
        prop_assert!(!whole.contains("\n\n\n"));
        prop_assert!(!whole.starts_with('\n') && whole.trim_end() == whole);
    }
}
