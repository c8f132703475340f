use super::*;
use crate::extract::html::tree::Node;

fn parse(html: &str) -> Tree<'_> {
    super::parse(html, &Limits::default()).unwrap()
}

/// A tree on one line: `p(text b([text in a link]))`; texts next to each other stand side by side.
fn outline(html: &str) -> String {
    let tree = parse(html);
    let mut outline = String::new();
    let mut open: Vec<NodeId> = Vec::new();
    for (id, node) in tree.nodes().iter().enumerate().skip(1) {
        while open.pop_if(|end| *end <= id as NodeId).is_some() {
            outline.push(')');
        }
        if !outline.is_empty() && !outline.ends_with('(') {
            outline.push(' ');
        }
        match node.tag {
            Tag::Text if node.linked => outline += &format!("[{}]", tree.text(node).trim()),
            Tag::Text => outline += tree.text(node).trim(),
            tag if node.end > id as NodeId + 1 => {
                outline += tag.name();
                outline.push('(');
                open.push(node.end);
            }
            tag => outline += tag.name(),
        }
    }
    outline + &")".repeat(open.len())
}

fn assert_outlines(cases: &[(&str, &str)]) {
    for (html, expected) in cases {
        assert_eq!(outline(html), *expected, "{html}");
    }
}

/// All characters of a page, in order.
fn characters(tree: &Tree<'_>) -> String {
    tree.nodes().iter().map(|node| tree.text(node)).collect()
}

/// How deep the deepest node stands below the document.
fn depth(tree: &Tree<'_>) -> usize {
    let mut depths = vec![0; tree.nodes().len()];
    for (id, node) in tree.nodes().iter().enumerate().skip(1) {
        depths[id] = depths[node.parent as usize] + 1;
    }
    depths.into_iter().max().unwrap()
}

/// Parents stand in front, subtrees nest, and the document holds all.
fn assert_arena(tree: &Tree<'_>) {
    let nodes: &[Node] = tree.nodes();
    assert_eq!(nodes[0].end as usize, nodes.len());
    for (id, node) in nodes.iter().enumerate().skip(1) {
        let parent = &nodes[node.parent as usize];
        assert!((node.parent as usize) < id && id < node.end as usize, "{id}");
        assert!(node.end <= parent.end, "{id} ends behind its parent");
        assert_ne!(parent.tag, Tag::Text, "{id} is inside a text");
    }
}

#[test]
fn end_tags_are_implied() {
    assert_outlines(&[
        ("<p>a<p>b", "p(a) p(b)"),
        ("<p>a<div>b</div>c", "p(a) div(b) c"),
        ("<p><span>a<ul><li>b", "p(span(a)) ul(li(b))"),
        ("<p><button><p>a</button>b", "p(button(p(a)) b)"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "ul(li(a) li(b ul(li(c))) li(d)) e"),
        ("<li><div>a<li>b", "li(div(a)) li(b)"),
        ("<li><section>a<li>b", "li(section(a li(b)))"),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "dl(dt(a) dd(b) dt(c) dd(d))"),
        (
            "<select><option>a<option>b<optgroup><option>c<optgroup>",
            "select(option(a) option(b) optgroup(option(c)) optgroup)",
        ),
        ("<h1>a<h2>b</h3>c", "h1(a) h2(b) c"),
        ("<h1><b>a<h2>b", "h1(b(a h2(b)))"),
        ("<ruby>a<rp>(<rt>b<rp>)</ruby>c", "ruby(a rp(() rt(b) rp())) c"),
        ("<button>a<button>b", "button(a) button(b)"),
        ("a</p>b</br>c", "a p b br c"),
        ("<form>a<form>b</form>c", "form(a b) c"),
    ]);
}

#[test]
fn tables_are_put_in_order() {
    assert_outlines(&[
        ("<table><tr><td>a<td>b<tr><th>c</table>d", "table(tr(td(a) td(b)) tr(th(c))) d"),
        (
            "<table><caption>a<colgroup><col><thead><tr><td>b<tbody><tr><td>c<tfoot><tr><td>d",
            "table(caption(a) colgroup(col) thead(tr(td(b))) tbody(tr(td(c))) tfoot(tr(td(d))))",
        ),
        ("<table><tr><td><p>a<b>b<td>c", "table(tr(td(p(a b(b))) td(c)))"),
        // A row is made for cells without one.
        ("<table><td>a<td>b</tr><td>c</table>", "table(tr(td(a) td(b)) tr(td(c)))"),
        ("<table><tbody><td>a</tbody></table>b", "table(tbody(tr(td(a)))) b"),
        // A table in a cell is one of its own; a table in a table's row ends the table.
        ("<table><td>a<table><td>b</table>c<td>d", "table(tr(td(a table(tr(td(b))) c) td(d)))"),
        ("<table><tr><table><tr><td>a", "table(tr) table(tr(td(a)))"),
        ("<table><td><table><td>a</td></tr></table></table>b", "table(tr(td(table(tr(td(a)))))) b"),
        // End tags do not reach out of a cell.
        ("<div><table><td>a</div>b</table></div>c", "div(table(tr(td(a b)))) c"),
        ("<table><td><p>a</table>b", "table(tr(td(p(a)))) b"),
        // What stands in a table but in no cell ends with the next part of the table.
        ("<table><tr><a name=x><td>a</a>b", "table(tr(a td(a b)))"),
        ("<table><form><tr><td>a</form>b", "table(form tr(td(a b)))"),
        // Parts of tables without a table.
        ("<td>a<td>b", "td(a) td(b)"),
        ("<tr>a<tr><td>b<td>c<tr>d", "tr(a) tr(td(b) td(c)) tr(d)"),
        ("<div><tr><td>a</div>b", "div(tr(td(a b)))"),
        ("</td></tr></table>a", "a"),
    ]);
}

#[test]
fn misnested_formatting_ends_where_its_end_tag_or_its_block_ends() {
    assert_outlines(&[
        ("<b><p>x</b>y", "b(p(x y))"),
        ("<b><i>x</b>y</i>z", "b(i(x y)) z"),
        ("<p><b>x<p>y", "p(b(x)) p(y)"),
        ("<b>x<div>y</div>z</b>w", "b(x div(y) z) w"),
        ("<span>x<div>y</span>z</div>w", "span(x div(y z) w)"),
        ("<b><table><td>x</b>y", "b(table(tr(td(x y))))"),
        ("<x-a>x<x-b>y</X-A>z", "*(x *(y)) z"),
        ("x</b></i></x-a></span>y", "x y"),
    ]);
}

#[test]
fn text_knows_whether_it_is_part_of_a_link() {
    assert_outlines(&[
        ("<a href=x>a<b>b</b></a>c", "a([a] b([b])) c"),
        ("<a href=x>a<a href=y>b</a>c", "a([a]) a([b]) c"),
        ("<a href=x><div>a</a>b</div>c", "a(div([a] b)) c"),
        ("<a href=x><div>a<a href=y>b</a>c</div>d</a>e", "a(div([a] a([b]) c)) d e"),
        // Never closed: it ends with the block that holds it.
        ("<p><a href=x>a<p>b", "p(a([a])) p(b)"),
        ("<div><a href=x>a</div>b", "div(a([a])) b"),
        ("<table><td><a href=x>a<td>b</table>c", "table(tr(td(a([a])) td(b))) c"),
        // A cell inside a link is part of it, and the end tag does not reach out of the cell.
        ("<a href=x><table><td>a</a>b</table>c</a>d", "a(table(tr(td([a] [b]))) [c]) d"),
        ("a</a>b", "a b"),
    ]);
}

#[test]
fn drawings_and_mathematics_are_another_language() {
    assert_outlines(&[
        ("<svg><title>a</title><text>b</text></svg>c", "svg(*(a) *(b)) c"),
        ("<svg><path/><g>a</g></svg>b", "svg(* *(a)) b"),
        ("<svg><a>a</a></svg>b", "svg(*(a)) b"),
        ("<svg/>a", "svg a"),
        ("<svg><p>a", "svg p(a)"),
        ("<svg><title>a</title><path><p>b", "svg(*(a) *) p(b)"),
        ("<svg><g></p>a", "svg(*) p a"),
        ("<svg><font>a</font><font color=red>b", "svg(*(a)) font(b)"),
        ("<div><svg><g></div>a", "div(svg(*)) a"),
        ("<a><svg><g></a>a", "a(svg(*)) a"),
        ("<svg><foreignObject><p>a<p>b</foreignObject></svg>c", "svg(*(p(a) p(b))) c"),
        ("<math><mi>a<b>b</b></mi><mrow><mi>c</mrow></math>d", "math(*(a b(b)) *(*(c))) d"),
        ("<math><annotation>a</annotation></math>b", "math(annotation(a)) b"),
        // Sections are known there and nowhere else, and not in HTML inside.
        ("<svg><![CDATA[<p>a]]></svg>b", "svg(<p>a) b"),
        ("<math></><![CDATA[a]]></math>", "math(a)"),
        ("<svg><desc><![CDATA[a]]>b</svg>", "svg(*(b))"),
        ("a<![CDATA[b]]>c", "a c"),
        ("<svg><p><![CDATA[a]]>b", "svg p(b)"),
    ]);
}

#[test]
fn a_select_that_is_never_closed_ends_with_the_next_block() {
    assert_outlines(&[
        ("<select><option>a<p>b", "select(option(a)) p(b)"),
        ("<select><option>a<hr><option>b</select>c", "select(option(a hr) option(b)) c"),
        ("<select>a<select>b", "select(a) b"),
        ("<select>a<input>b", "select(a) input b"),
        ("<div><select><option>a</div>b", "div(select(option(a))) b"),
    ]);
}

#[test]
fn what_holds_characters_only_holds_no_tags() {
    assert_outlines(&[
        ("<title><p>&amp;</title>a", "title(<p>&) a"),
        ("<textarea><p>&lt;</textarea>a", "textarea(<p><) a"),
        (
            "<script><p>&lt;<!--<script></script>--></script>a",
            "script(<p>&lt;<!--<script></script>-->) a",
        ),
        (
            "<style><p></style><xmp><p></xmp><iframe><p></iframe>a",
            "style(<p>) xmp(<p>) iframe(<p>) a",
        ),
        ("<noscript><p></noscript><noembed><p></noembed>a", "noscript(<p>) noembed(<p>) a"),
        ("<frameset><frame><noframes><p></noframes></frameset>a", "frame noframes(<p>) a"),
        ("<plaintext><p></plaintext>", "plaintext(<p></plaintext>)"),
    ]);
}

#[test]
fn templates_hold_what_is_inside() {
    assert_outlines(&[
        ("<template><p>a<template>b</template>c</template>d", "template(p(a template(b) c)) d"),
        ("<table><template><tr><td>a</template><tr><td>b", "table(template(tr(td(a))) tr(td(b)))"),
        ("<div><template><div>a</template>b</div>c", "div(template(div(a)) b) c"),
        ("a</template>b", "a b"),
    ]);
}

#[test]
fn html_head_and_body_are_the_document() {
    let page =
        "<!doctype html><html><head><title>t</title></head><body class=a><p>x</body></html>y";
    assert_eq!(outline(page), "title(t) p(x y)");
    let tree = parse("<body class=a id=b>x<body class=c>");
    assert_eq!(tree.attribute(tree.node(DOCUMENT), Name::Class), Some("a"));
    assert_eq!(tree.attribute(tree.node(DOCUMENT), Name::Id), Some("b"));
}

#[test]
fn white_space_is_left_out_between_blocks_only() {
    let texts = |html| {
        let tree = parse(html);
        let texts = tree.nodes().iter().filter(|node| node.tag == Tag::Text);
        texts.map(|node| tree.text(node).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts("<div>\n <p>a</p>\n <p> <b> b</b></p>\n</div> "), ["a", " b"]);
    assert_eq!(texts("a <b>b</b> <i>c</i>"), ["a ", "b", " ", "c"]);
    // An end tag that ends nothing is no edge, nor is a block that is hidden.
    assert_eq!(texts("<b>a</b></div> <b>b</b>"), ["a", " ", "b"]);
    assert_eq!(texts("a<template><p>x</p></template> <b>b</b>"), ["a", "x", " ", "b"]);
    assert_eq!(
        texts("<pre>a<br>  <b>b</b><div>c</div>\n</pre> d"),
        ["a", "  ", "b", "c", "\n", " d"]
    );
}

#[test]
fn what_would_stand_too_deep_stands_beside() {
    for tag in ["div", "span", "b", "x-y", "ul><li", "table><tr><td", "a"] {
        let html = format!("<{tag}>").repeat(2_000) + "x" + &format!("<{tag}>y").repeat(10);
        let tree = parse(&html);
        assert_arena(&tree);
        assert_eq!(characters(&tree), format!("x{}", "y".repeat(10)), "{tag}");
        // Links do not nest; a text may stand one level below the deepest element.
        let deepest = if tag == "a" { 2 } else { MAX_DEPTH };
        assert_eq!(depth(&tree), deepest, "{tag}");
    }
    let inside = "<div>".repeat(510) + "<p>a<b>b</b>c</p>d";
    assert_eq!(characters(&parse(&inside)), "abcd");
}

#[test]
fn nodes_are_bounded() {
    let limits = Limits { max_nodes: 4, ..Limits::default() };
    assert_eq!(super::parse("<p>a<p>", &limits).unwrap().nodes().len(), 4);
    let error = super::parse("<p>a<p>b", &limits).unwrap_err();
    assert_eq!(error, ExtractError::TooManyNodes { max: 4 });
}

#[test]
fn attributes_are_bounded() {
    let limits = Limits { max_attributes_per_element: 2, max_attributes: 5, ..Limits::default() };
    let kind = |html| super::parse(html, &limits).map_err(|error| error.kind());
    assert!(kind("<p a b><p c d><p e>").is_ok());
    // The same name twice counts twice, and so do attributes that nobody looks at.
    assert_eq!(kind("<p a a a>").unwrap_err(), "too_many_attributes");
    assert_eq!(kind("<p a b><p c d><p e f>").unwrap_err(), "too_many_attributes");
    assert_eq!(kind("<body a b c>").unwrap_err(), "too_many_attributes");
    // Those of end tags are not read, nor those of a tag that the page ends in.
    assert!(kind("<p>x</p a b c d e f><p a b c d e f").is_ok());
}

proptest::proptest! {
    #[test]
    fn any_soup_makes_an_arena(
        parts in proptest::collection::vec(proptest::sample::select(crate::extract::html::SOUP), 0..80),
    ) {
        let html = parts.concat();
        let tree = parse(&html);
        assert_arena(&tree);
        proptest::prop_assert!(depth(&tree) <= MAX_DEPTH);
    }
}
