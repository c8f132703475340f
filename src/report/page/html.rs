//! Text → HTML that is nothing but text.

/// A text as HTML: nothing in it is markup, and what would act on its surroundings (control
/// characters, marks of writing direction) is shown by its number.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        if let Some(entity) = entity(c) {
            html.push_str(entity);
            continue;
        }
        match c {
            '\n' | '\t' => html.push(c),
            c if directs(c) => by_number(&mut html, c),
            c if c.is_control() => by_number(&mut html, c),
            c => html.push(c),
        }
    }
    html
}

fn by_number(html: &mut String, c: char) {
    html.push_str(&format!("<span class=\"char\">U+{:04X}</span>", u32::from(c)));
}

/// A text as the value of an attribute, to the letter.
pub(super) fn attribute(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        if let Some(entity) = entity(c) {
            html.push_str(entity);
            continue;
        }
        match c {
            c if directs(c) => html.push_str(&format!("&#x{:X};", u32::from(c))),
            // Nothing can stand for a NUL.
            '\0' => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
    html
}

/// What stands for a character of the markup.
fn entity(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        _ => return None,
    })
}

/// Whether a character says how others are written.
fn directs(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// A text of a document: of its own direction.
pub(super) fn foreign(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// An address without what would fill the page.
pub(super) fn address(url: Option<&str>) -> String {
    let Some(url) = url else { return "<span class=\"none\">no URL</span>".to_owned() };
    let short: String = url.chars().take(160).collect();
    let more = if short.len() < url.len() { "…" } else { "" };
    format!("<span class=\"url\">{}{more}</span>", foreign(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let hostile = "</td><script>alert('x')</script>&lt;\"\u{202e}\u{0}\u{1b}[31m";
        let expected = "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;lt;&quot;\
            <span class=\"char\">U+202E</span><span class=\"char\">U+0000</span>\
            <span class=\"char\">U+001B</span>[31m";
        assert_eq!(escape(hostile), expected);
        let value = attribute("a\u{0}\" onload='\u{202e}<b>");
        assert_eq!(value, "a\u{fffd}&quot; onload=&#39;&#x202E;&lt;b&gt;");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_text_no_element_but_ours_opens(text in "\\PC*[<>&'\"\u{0}-\u{1f}]*\\PC*") {
            let html = escape(&text).replace("<span class=\"char\">", "").replace("</span>", "");
            proptest::prop_assert!(!html.contains(['<', '>', '"', '\'']));
        }
    }
}
