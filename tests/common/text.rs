//! The text of a page, for the fixtures that hold text and not HTML.
//!
//! Made for pages that we wrote ourselves and independent of `gristmill::extract`, so that
//! fixtures stay as they are when extraction changes.

/// The words between the tags of `html`: a line for each block, blank lines left out.
pub(crate) fn of_html(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open].replace('\n', " "));
        let tag = &rest[open..];
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let name = tag[1..end].trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        rest = &tag[end..];
        match name {
            // What is inside is not shown.
            "script" | "style" | "title" if !tag.starts_with("</") => {
                let close = format!("</{name}>");
                rest = rest.find(&close).map_or("", |at| &rest[at + close.len()..]);
            }
            "a" | "b" | "code" | "button" | "option" => {}
            "td" | "th" => text.push(' '),
            _ => text.push('\n'),
        }
    }
    text.push_str(rest);
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&raquo;", "»")
        .replace("&amp;", "&");
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The text of a page's `<article>`.
pub(crate) fn of_article(html: &str) -> String {
    let start = html.find("<article").expect("the page has an article");
    let end = html.find("</article>").expect("the page has an article");
    of_html(&html[start..end])
}
