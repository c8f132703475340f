//! The main content of a page: the blocks that the content model finds likely enough.
//!
//! How likely is enough depends on the page. Of a text with a share P of right words that has a
//! share R of all right ones, F is their harmonic mean, weighted by β: (1 + β²)·P·R / (β²·P + R).
//! Blocks are kept from the most likely one on as long as the F to be expected rises, so that a
//! page of which all is uncertain (a forum thread, a shop window) keeps what belongs together, and
//! a clear page only what is clear. `favor` is the β of that one curve. Then [`super::structure`]
//! completes lists and sections, and [`super::copies`] keeps once what would be kept twice.

use super::blocks::Blocks;
use super::content_model::probabilities;
use super::copies::drop_copies;
use super::features::Features;
use super::html::Tree;
use super::structure::complete;
use super::{Comments, Favor};

/// Least probability of a block that may be kept. A page on which nothing reaches it has no main
/// content; of the pages with gold text in the extraction bench, every one has a likelier block.
const LEAST: f32 = 0.05;

/// The main content of a page.
pub(super) fn extract(tree: &Tree<'_>, favor: Favor, comments: Comments) -> String {
    let blocks = Blocks::of(tree);
    let features = Features::of(tree, &blocks);
    let probabilities = probabilities(&features, comments == Comments::Keep);
    let words: Vec<f32> =
        features.measures.iter().map(|measures| measures.words as f32 + 0.5).collect();
    let least = least_kept(&probabilities, &words, favor.beta());
    let mut kept: Vec<bool> = probabilities.iter().map(|p| *p >= least).collect();
    complete(&features, &probabilities, &mut kept);
    drop_copies(&features, &probabilities, &mut kept);
    blocks.render(|number| kept[number])
}

/// The probability from which on blocks are kept, such that the F to be expected is highest.
fn least_kept(probabilities: &[f32], words: &[f32], beta: f32) -> f32 {
    let mut order: Vec<u32> = (0..probabilities.len() as u32).collect();
    order.sort_by(|a, b| probabilities[*b as usize].total_cmp(&probabilities[*a as usize]));
    let mass = |number: u32| probabilities[number as usize] * words[number as usize];
    let all: f32 = order.iter().map(|number| mass(*number)).sum();
    let beta_squared = beta * beta;
    let (mut kept, mut right) = (0.0, 0.0);
    let (mut best, mut least) = (0.0, f32::INFINITY);
    for number in order {
        let probability = probabilities[number as usize];
        if probability < LEAST {
            break;
        }
        kept += words[number as usize];
        right += mass(number);
        let expected = (1.0 + beta_squared) * right / (kept + beta_squared * all);
        if expected > best {
            (best, least) = (expected, probability);
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Limits;
    use crate::extract::html::parse;

    fn text_with(html: &str, favor: Favor, comments: Comments) -> String {
        let tree = parse(html, &Limits::default()).unwrap();
        extract(&tree, favor, comments)
    }

    fn text(html: &str) -> String {
        text_with(html, Favor::Balance, Comments::Drop)
    }

    const SENTENCE: &str = "The mill, which stands by the river, grinds what the fields give, and \
                            the miller weighs each sack twice before he lets it go. ";

    const ITEM: &str = "Rye comes by cart from the hills above the town, a day's way off, and is \
                        dried for a week under the roof.";
    const CELL: &str = "Barley of the second harvest, sold at the gate to whoever comes first and \
                        pays in coin, as the law of the town has it.";

    fn article(behind: &str) -> String {
        format!(
            "<html><head><title>A mill at work</title></head><body>\
             <div id=nav><ul><li><a href=/>Home</a><li><a href=/b>Shop</a><li><a href=/c>Contact\
             </a></ul></div><div class=article-body><h1>A mill at work</h1><h2>Grain</h2>\
             <p>{0}</p><p>{0}</p><p>{0}</p><ul><li>{1}<li>Oats.</ul>\
             <table><tr><td>{2}<td>3<tr><td>Wheat<td>5</table><p>{0}</p>\
             <pre>one = 1\n  two = 2</pre><p>{0}</p></div>{behind}\
             <div id=footer><a href=/i>Imprint</a> | <a href=/t>Terms</a> \
             <p>Copyright 2024 Mill Ltd. All rights reserved.</p></div></body></html>",
            SENTENCE.repeat(3).trim(),
            ITEM,
            CELL,
        )
    }

    #[test]
    fn the_article_stays_and_keeps_its_lines() {
        let text = text(&article(""));
        let lines: Vec<&str> = text.lines().collect();
        let row = format!("{CELL}\t3");
        for line in [SENTENCE.repeat(3).trim(), ITEM, &row] {
            assert!(lines.contains(&line), "{line:?} is not a line of {text:?}");
        }
        for boilerplate in ["Shop", "Imprint", "Copyright"] {
            assert!(!text.contains(boilerplate), "{text}");
        }
    }

    #[test]
    fn a_page_without_text_gives_none() {
        assert_eq!(text(""), "");
        assert_eq!(text("<html><body><img src=a.png></body></html>"), "");
    }

    #[test]
    fn comments_can_be_kept_or_dropped() {
        let comments = "<div id=comments><h3>2 comments</h3>\
                        <div class=comment><p>I remember that mill well, my uncle worked there for \
                        many years and told us all about it.</p></div>\
                        <div class=comment><p>Thank you for this, it was a pleasure to read about a \
                        trade that is nearly gone.</p></div></div>";
        let html = article(comments);
        let has = |choice| text_with(&html, Favor::Balance, choice).contains("my uncle worked");
        assert!(has(Comments::Keep) && !has(Comments::Drop));
    }

    #[test]
    fn what_a_page_shows_twice_is_kept_once() {
        let story = |class: &str| {
            format!(
                "<div class=article-body-{class}><h2>Grain</h2><div><p>{}</p><p>{ITEM}</p></div></div>",
                SENTENCE
            )
        };
        let html = format!("<body>{}{}<p>{CELL}</p></body>", story("desk"), story("phone"));
        let text = text(&html);
        for line in [SENTENCE.trim(), ITEM] {
            assert_eq!(text.matches(line).count(), 1, "{text}");
        }
        // Within one part of the page nothing is a copy.
        let refrain = article("").replace(CELL, ITEM);
        assert_eq!(
            text_with(&refrain, Favor::Recall, Comments::Drop).matches(SENTENCE.trim()).count(),
            15
        );
    }

    #[test]
    fn settings_move_along_one_curve() {
        let probabilities = [0.9, 0.1, 0.6, 0.4, 0.3];
        let words = [10.0; 5];
        let least = |favor: Favor| least_kept(&probabilities, &words, favor.beta());
        assert!(least(Favor::Precision) > least(Favor::Balance));
        assert!(least(Favor::Balance) > least(Favor::Recall));
        assert_eq!(least_kept(&[0.3; 4], &[1.0; 4], 1.0), 0.3, "one uncertain whole is kept");
        assert_eq!(least_kept(&[LEAST / 2.0; 4], &[1.0; 4], 1.0), f32::INFINITY);
    }
}
