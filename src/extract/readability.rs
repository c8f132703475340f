//! The article of a page: dom_smoothie's port of Readability, behind a gate.
//!
//! Readability finds the part of the tree that reads like an article and cleans it. Its cleaned
//! HTML goes through the same blocks as that of the other extractors, so that text has one form.
//! On news articles it keeps fewer lines that do not belong than `main_content` does; on threads,
//! shops, lists and pages of several parts it loses much, and it takes four times as long.
//!
//! Where Readability finds nothing the text is empty.

mod feed;
mod gate;

use super::blocks::Blocks;
use super::{ExtractError, Limits, html};
use dom_smoothie::{Config, Readability, ReadabilityError};

/// The text of the article.
///
/// # Errors
///
/// Whatever the gate refuses the page for.
pub(super) fn extract(page: &str, limits: &Limits) -> Result<String, ExtractError> {
    let document = gate::parse(page, limits)?;
    // JSON-LD gives metadata only, and its parser has no limit of depth.
    let config = Config { disable_json_ld: true, ..Config::default() };
    let article = Readability::with_document(document, None, Some(config))
        .and_then(|mut readability| readability.parse());
    match article {
        Ok(article) => {
            let tree = html::parse(&article.content, limits)?;
            Ok(Blocks::of(&tree).render(|_| true))
        }
        Err(
            ReadabilityError::GrabFailed
            | ReadabilityError::BadDocumentURL
            | ReadabilityError::TooManyElements(..),
        ) => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        extract(html, &Limits::default()).unwrap()
    }

    #[test]
    fn the_article_stays_and_keeps_its_lines() {
        let sentence = "The mill, which stands by the river, grinds what the fields give. ";
        let html = format!(
            "<title>A mill</title><nav><a href=/>Home</a><a href=/b>Shop</a></nav>\
             <article><h2>Grain</h2><p>{0}</p><p>{0}</p><p>{1}</p><ul><li>Wheat, soft<li>Rye</ul>\
             <table><tr><th>Grain<th>Price<tr><td>Oats<td>3<tr><td>Spelt<td>5</table>\
             <pre>one\n  two</pre></article><footer>Imprint</footer>",
            sentence.repeat(4).trim(),
            sentence.trim(),
        );
        let text = text(&html);
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        for line in ["Grain", sentence.trim(), "Wheat, soft", "Rye", "Oats\t3", "one", "  two"] {
            assert!(lines.contains(&line), "{line:?} is not a line of {text:?}");
        }
        assert!(!text.contains("Shop") && !text.contains("Imprint"), "{text}");
    }

    #[test]
    fn a_page_without_text_gives_none() {
        assert_eq!(text(""), "");
        assert_eq!(text("<html><body><img src=a.png></body></html>"), "");
    }
}
