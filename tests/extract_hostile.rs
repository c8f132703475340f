//! Pages made to hang, overflow or exhaust an extractor: each must end with text or a failure
//! kind, the same each time, on a stack of 8 MiB, and whatever the limits let through must keep
//! the form of extracted text.

use gristmill::extract::{ExtractError, ExtractorKind, Limits, Options, decode, extract};
use proptest::prelude::*;

#[path = "../src/extract/html/testing.rs"]
mod testing;
use testing::{FORMATTING, SOUP, WIDE};

/// What an extraction came to: text, or the kind of failure.
type Outcome = Result<String, &'static str>;

/// Runs one page on a stack of 8 MiB; an overflow there would end the whole test.
fn outcome(kind: ExtractorKind, html: &str) -> Outcome {
    let extraction = || extract(&Options::of(kind), html, None);
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(8 << 20)
            .spawn_scoped(scope, extraction)
            .expect("a thread")
            .join()
            .expect("extraction catches panics")
    })
    .map(|page| page.text)
    .map_err(|error| error.kind())
}

fn assert_form(text: &str) {
    assert!(!text.starts_with('\n') && !text.ends_with('\n'), "empty line at an end");
    assert!(!text.contains("\n\n\n"), "several empty lines in a row");
    for line in text.split('\n') {
        assert!(!line.ends_with(char::is_whitespace), "white space at the end of {line:?}");
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "a control in {line:?}");
    }
    assert!(unicode_normalization::is_nfc(text), "not composed");
}

/// Every page, with what the extractors of ours may make of it; Readability may refuse any.
fn assert_ends(name: &str, html: &str, main_content: &[&str], all_text: &[&str]) {
    for (kind, allowed) in [
        (ExtractorKind::MainContent, main_content),
        (ExtractorKind::Readability, REFUSED),
        (ExtractorKind::AllText, all_text),
    ] {
        let first = outcome(kind, html);
        let label = match &first {
            Ok(text) => {
                assert_form(text);
                "text"
            }
            Err(kind) => kind,
        };
        assert!(allowed.contains(&label), "{name}, {}: {label}", kind.name());
        // A failure at once is the same at once; text costs a second run of the slow ones.
        if html.len() < 300_000 {
            assert_eq!(outcome(kind, html), first, "{name}: another outcome the second time");
        }
    }
}

const TEXT: &[&str] = &["text"];

/// Text, or whatever the gate before Readability refuses a page for.
const REFUSED: &[&str] =
    &["text", "too_deep", "too_many_nodes", "too_much_work", "too_many_attributes"];

/// Text, unless the page has more nodes than are allowed.
const ENOUGH: &[&str] = &["text", "too_many_nodes"];

/// A paragraph that reads like part of an article.
const PROSE: &str = "<p>The mill by the river grinds what the fields give, slowly, day by day, \
                     and the miller, who has seen many harvests, weighs each sack twice.</p>";

#[test]
fn deep_nesting_is_flattened() {
    for tag in
        ["div", "span", "b", "font", "ins", "blockquote", "section", "table><tr><td", "ul><li"]
    {
        for levels in [4_000, 100_000] {
            let html = format!("<{tag}>").repeat(levels) + PROSE;
            assert_ends(tag, &html, ENOUGH, ENOUGH);
            if let Ok(text) = outcome(ExtractorKind::AllText, &html) {
                assert!(text.contains("weighs each sack twice"), "{tag}: the text is lost");
            }
        }
    }
    for tag in [
        "svg><g",
        "math><mrow",
        "svg><foreignObject",
        "select><optgroup",
        "object",
        "template",
        "ruby><rt",
        "i id=",
        "noscript",
        "button",
        "frameset",
    ] {
        let html = format!("<{tag}>").repeat(100_000) + PROSE;
        assert_ends(tag, &html, ENOUGH, ENOUGH);
    }
}

#[test]
fn the_deepest_pages_that_pass_are_safe() {
    for tag in [
        "div",
        "span",
        "ins",
        "b id=%",
        "blockquote",
        "td",
        "section",
        "table><tr><td",
        "ul><li",
        "div class=byline",
    ] {
        let levels = 480 / (1 + tag.matches('<').count());
        let open: String =
            (0..levels).map(|i| format!("<{}>", tag.replace('%', &i.to_string()))).collect();
        let html = format!("<title>x</title>{open}{}", PROSE.repeat(300));
        assert_ends(tag, &html, TEXT, TEXT);
    }
}

#[test]
fn attributes_are_bounded() {
    let refused: &[&str] = &["too_many_attributes"];
    let many = |count: usize| (0..count).map(|i| format!(" a{i}=1")).collect::<String>();
    assert_ends("50,000 attributes", &format!("<p{}>x", many(50_000)), refused, refused);
    // Those of an end tag mean nothing, and a tag that the page ends in is none.
    assert_ends("on an end tag", &format!("<p>x</p{}>", many(50_000)), TEXT, TEXT);
    let script = format!("<script></script{}>", many(50_000));
    assert_ends("in a script's end tag", &script, TEXT, TEXT);
    assert_ends("never closed", &format!("<p{}", many(50_000)), TEXT, TEXT);
    assert_ends("500 on each of 1,000", &format!("<p{}>x", many(500)).repeat(1_000), TEXT, TEXT);
    let bodies: String = (0..20_000).map(|i| format!("<body a{i}=1 b{i}=2><p>x")).collect();
    assert_ends("new attributes of body", &bodies, TEXT, TEXT);
    for value in ["class", "id", "style", "href", "title"] {
        let html = format!("<p {value}='{}'>x", "a ".repeat(500_000));
        assert_ends(value, &html, TEXT, TEXT);
    }
}

#[test]
fn formatting_elements_do_not_multiply() {
    let page =
        |part: &str| -> String { (0..20_000).map(|i| part.replace('%', &i.to_string())).collect() };
    for part in FORMATTING {
        assert_ends(part, &page(part), ENOUGH, TEXT);
    }
    assert_ends("b and div in a", &format!("<a>{}", page("<b><div>")), ENOUGH, TEXT);
    let wrapped = format!(
        "{}<div>{}{}",
        "<b id=%>".repeat(400),
        "<p>x".repeat(20_000),
        "</b>".repeat(20_000)
    );
    assert_ends("children moved again and again", &wrapped, ENOUGH, TEXT);
    let names: String = (0..250).map(|i| format!("<i id={i}>")).collect();
    assert_ends(
        "end tags that look through a stack",
        &(names + &"</q>".repeat(300_000)),
        ENOUGH,
        TEXT,
    );
}

#[test]
fn wide_pages_end() {
    for part in WIDE {
        assert_ends(part, &part.repeat(40_000), ENOUGH, TEXT);
    }
    assert_ends("an article of 20,000 paragraphs", &PROSE.repeat(20_000), ENOUGH, TEXT);
    let title = "a long title ".repeat(20_000);
    assert_ends(
        "title against headings",
        &format!("<title>{title}</title>{}", "<h1>x</h1>".repeat(20_000)),
        ENOUGH,
        TEXT,
    );
    let meta = format!("<meta property=og:title content='{title}'>{}", "<h2>x</h2>".repeat(20_000));
    assert_ends("meta title against headings", &meta, ENOUGH, TEXT);
    let base = format!("<base href='http://a.example/{}'>", "b/".repeat(200_000));
    assert_ends(
        "base against links",
        &(base + &"<a href=x>link, link</a>".repeat(30_000)),
        ENOUGH,
        TEXT,
    );
}

#[test]
fn broken_tokens_end() {
    let mb = 1 << 20;
    for (name, html) in [
        ("angle brackets", "<".repeat(mb)),
        ("end tag openers", "</".repeat(mb / 2)),
        ("empty end tags", "</>".repeat(mb / 3)),
        ("comment never closed", "<!--".to_owned() + &"x<p>".repeat(mb / 4)),
        ("comment openers", "<!--".repeat(mb / 4)),
        ("one attribute", format!("<p a='{}'>x", "y".repeat(mb))),
        ("attribute never closed", format!("<p a='{}", "<p>".repeat(mb / 3))),
        ("one tag name", format!("<{}>x", "y".repeat(mb))),
        ("nothing but NUL", "\0".repeat(mb)),
        ("NUL in text", "a\0b".repeat(mb / 3)),
        ("script never closed", "<script>".to_owned() + &"x</p>".repeat(mb / 5)),
        ("script escapes", "<script><!--<script>".repeat(mb / 20)),
        ("text area never closed", "<textarea>".to_owned() + &"x<p>".repeat(mb / 4)),
        ("plain text", "<plaintext>".to_owned() + &"x<p>".repeat(mb / 4)),
        ("CDATA", "<svg><![CDATA[".repeat(mb / 14)),
        ("ampersands", "&".repeat(mb)),
        ("entities", "&lt;&am&notit;&#xD800;&#0;&#x110000;".repeat(mb / 40)),
        ("one long number", format!("&#{};", "9".repeat(mb))),
        ("document types", "<!doctype html>".repeat(mb / 15)),
        ("carriage returns", "\r".repeat(mb)),
        ("combining marks", format!("<p>a{}", "\u{301}\u{316}".repeat(mb / 4))),
        ("spaces", format!("<pre>{}x", " ".repeat(mb))),
        ("one word", "x".repeat(mb)),
    ] {
        assert_ends(name, &html, ENOUGH, TEXT);
    }
}

#[test]
fn a_page_over_the_cap_fails_whole() {
    let limits = Limits::default();
    let html = "x".repeat(limits.max_html_bytes + 1);
    for kind in ExtractorKind::ALL {
        let error = extract(&Options::of(kind), &html, None).expect_err("over the cap");
        assert_eq!(error.kind(), "html_over_cap");
        assert!(ExtractError::FAILURE_KINDS.contains(&error.kind()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_give_text_of_the_right_form(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let html = decode(&bytes, None).text;
        for kind in ExtractorKind::ALL {
            if let Ok(page) = extract(&Options::of(kind), &html, None) {
                assert_form(&page.text);
            }
        }
    }

    #[test]
    fn any_tag_soup_gives_text_of_the_right_form(
        parts in prop::collection::vec(prop::sample::select(SOUP), 0..80),
    ) {
        let html = parts.concat();
        for kind in ExtractorKind::ALL {
            let page = extract(&Options::of(kind), &html, None);
            prop_assert!(page.is_ok(), "{:?}", page);
            assert_form(&page.unwrap_or_default().text);
        }
    }
}
