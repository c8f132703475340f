//! The main content of a page: the blocks that the content model finds likely enough.
//!
//! How likely is enough depends on the page. Of a text with a share P of right words that has a
//! share R of all right ones, F is their harmonic mean, weighted by β: (1 + β²)·P·R / (β²·P + R).
//! Blocks are kept from the most likely one on as long as the F to be expected rises, so that a
//! page of which all is uncertain (a forum thread, a shop window) keeps what belongs together, and
//! a clear page only what is clear. `favor` is the β of that one curve.

use super::blocks::Blocks;
use super::content_model::probabilities;
use super::features::Features;
use super::html::Tree;
use super::{Comments, Favor};

/// Least probability of a block that may be kept. A page on which nothing reaches it has no main
/// content; of the pages with gold text in the extraction bench, every one has a likelier block.
const LEAST: f32 = 0.05;

/// How much likelier a comment is made where comments are to be kept: by these odds.
const KEPT_ODDS: f32 = 20.0;

/// The main content of a page.
pub(super) fn extract(tree: &Tree<'_>, favor: Favor, comments: Comments) -> String {
    let blocks = Blocks::of(tree);
    let features = Features::of(tree, &blocks);
    let mut probabilities = probabilities(&features);
    weigh_comments(&features, comments, &mut probabilities);
    let words: Vec<f32> =
        features.measures.iter().map(|measures| measures.words as f32 + 0.5).collect();
    let least = least_kept(&probabilities, &words, favor.beta());
    blocks.render(|number| probabilities[number] >= least)
}

/// Makes comments of readers likelier, or impossible.
fn weigh_comments(features: &Features<'_>, comments: Comments, probabilities: &mut [f32]) {
    if comments == Comments::Judge {
        return;
    }
    let is_comment = |number: usize| features.is_comment(number);
    if comments == Comments::Drop {
        // Where comments are most of the content they are what the page is for, as in a forum.
        let (mut content, mut of_comments) = (0.0, 0.0);
        for (number, probability) in probabilities.iter().enumerate() {
            let words = probability * features.measures[number].words as f32;
            content += words;
            of_comments += if is_comment(number) { words } else { 0.0 };
        }
        if of_comments > content / 2.0 {
            return;
        }
    }
    for (number, probability) in probabilities.iter_mut().enumerate() {
        if is_comment(number) {
            *probability = match comments {
                Comments::Drop => 0.0,
                _ => KEPT_ODDS * *probability / (1.0 + (KEPT_ODDS - 1.0) * *probability),
            };
        }
    }
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
        extract(&parse(html, &Limits::default()).unwrap(), favor, comments)
    }

    fn text(html: &str) -> String {
        text_with(html, Favor::Balance, Comments::Judge)
    }

    const SENTENCE: &str = "The mill, which stands by the river, grinds what the fields give, and \
                            the miller weighs each sack twice before he lets it go. ";

    fn article(behind: &str) -> String {
        format!(
            "<html><head><title>A mill at work</title></head><body>\
             <div id=nav><ul><li><a href=/>Home</a><li><a href=/b>Shop</a><li><a href=/c>Contact\
             </a></ul></div><div class=article-body><h1>A mill at work</h1><h2>Grain</h2>\
             <p>{0}</p><p>{0}</p><p>{0}</p><ul><li>{1}<li>{1}</ul>\
             <table><tr><td>{1}<td>3<tr><td>{1}<td>5</table><p>{0}</p>\
             <pre>one = 1\n  two = 2</pre><p>{0}</p></div>{behind}\
             <div id=footer><a href=/i>Imprint</a> | <a href=/t>Terms</a> \
             <p>Copyright 2024 Mill Ltd. All rights reserved.</p></div></body></html>",
            SENTENCE.repeat(3).trim(),
            SENTENCE.trim(),
        )
    }

    #[test]
    fn the_article_stays_and_keeps_its_lines() {
        let text = text(&article(""));
        let lines: Vec<&str> = text.lines().collect();
        let row = format!("{}\t3", SENTENCE.trim());
        for line in [SENTENCE.trim(), &row] {
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
