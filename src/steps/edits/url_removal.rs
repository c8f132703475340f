//! Removes URLs, host names and IPv4 addresses from the text.
//!
//! # What it does
//! First removes what looks like a URL or a host: perhaps a scheme (`http`, `https`, `ftp`), up to
//! 256 characters of a host, a dot, one of 1,591 top-level domains in lower case that ends a word,
//! and the path, query and fragment that follow. Then, on the text that this leaves, IPv4
//! addresses, with scheme, port and path. Up to 10 spaces or newlines before go too, and nothing
//! stands instead.
//!
//! A text of which nothing is left is dropped.
//!
//! # Why
//! URLs are no language; a model learns to make up addresses from them, and tokenizers cut them into
//! many tokens.
//!
//! # Source
//! RefinedWeb (arXiv 2306.01116, section 3.1: "remove all URLs"). DCLM `url_removal_modifier`
//! (baselines/mappers/modifiers.py), step 6 of `dclm_baseline_refinedweb.yaml`; the top-level
//! domains are those that it ships, IANA's with retired and test names.
//!
//! # Differences
//! Hosts and addresses are DCLM's to the byte, with their faults: a full stop without a space after
//! it makes a host of two words if the second is a top-level domain (`the end.it was`), e-mail
//! addresses go as hosts do, upper-case domains (`EXAMPLE.COM`) stay, and prices like `1.200.12.5`
//! are addresses. datamap-rs has no such step.
//!
//! DCLM does not look for URLs unless the very first characters of the text are a top-level domain
//! in any letter case, as in `In this page` (`in`) or `The` (`th`) but not in `Hello` (its guard
//! matches at the start where it should search). That is `variant = "dclm"`; `"refinedweb"` looks in
//! every text. IPv4 addresses are looked for in either. DCLM's names in right-to-left scripts end
//! in a left-to-right mark, so that no URL has them; without the mark in `"refinedweb"`.
//!
//! A text that was empty before is dropped too, as DCLM does; one that is left with spaces alone is
//! not.

use crate::config::{choice, params};
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::{Span, View};

use super::passes::Passes;
use super::urls::{Tlds, mark_addresses, mark_urls};

choice! {
    /// In which texts URLs are looked for.
    pub enum Variant {
        /// In all
        Refinedweb = "refinedweb",
        /// DCLM: in those that begin with a top-level domain
        Dclm = "dclm",
    }
}

params! {
    /// Parameters of `url_removal`.
    pub struct Params {
        /// In which texts URLs are looked for.
        variant: Variant = Variant::Refinedweb,
    }
}

signals! {
    /// What `url_removal` measures.
    pub struct Signals {
        /// URLs and hosts removed; null where DCLM does not look for any.
        removed_urls: Option<u64>,
        /// IPv4 addresses removed.
        removed_ip_addresses: u64,
        /// Whether nothing is left of the text.
        empty: bool,
    }
}

/// The step.
pub struct UrlRemoval {
    variant: Variant,
    tlds: Tlds,
}

impl Step for UrlRemoval {
    const NAME: &'static str = "url_removal";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("url_removal.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        let tlds = Tlds::new(params.variant == Variant::Dclm);
        Some(Self { variant: params.variant, tlds })
    }
}

impl Edit for UrlRemoval {
    const RULES: &'static [Rule] = &[Rule::never("empty", "empty")];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let mut passes = Passes::over(view.text());
        let looks = self.variant == Variant::Refinedweb || self.tlds.begin(view.text());
        let removed_urls =
            looks.then(|| passes.run(|text, spans| mark_urls(text, &self.tlds, spans)));
        let removed_ip_addresses = passes.run(mark_addresses);
        let empty = passes.finish(spans);
        Some(Signals { removed_urls, removed_ip_addresses, empty })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::Outcome;
    use crate::steps::testing::{build, outcome, reason, value};
    use crate::text::apply;

    const DCLM: &str = "variant = 'dclm'";

    fn edited(toml: &str, text: &str) -> (String, Outcome) {
        let outcome = outcome(&build("url_removal", toml).unwrap(), text);
        (apply(text, &outcome.spans), outcome)
    }

    #[test]
    fn dclm_looks_for_urls_where_the_text_begins_with_a_top_level_domain() {
        let urls = |outcome: &Outcome| value("url_removal", outcome, "removed_urls");
        let (text, outcome) = edited(DCLM, "In this page see http://x.com/y and 10.0.0.1 now");
        assert_eq!((text.as_str(), urls(&outcome)), ("In this page see and now", Some(1.0)));
        let hello = "Hello see http://x.com/y and 10.0.0.1 now";
        let (text, outcome) = edited(DCLM, hello);
        assert_eq!((text.as_str(), urls(&outcome)), ("Hello see http://x.com/y and now", None));
        let (text, outcome) = edited("", hello);
        assert_eq!((text.as_str(), urls(&outcome)), ("Hello see and now", Some(1.0)));
        assert_eq!(value("url_removal", &outcome, "removed_ip_addresses"), Some(1.0));
    }

    #[test]
    fn addresses_are_looked_for_where_urls_are_gone() {
        // Of 12 spaces the URL takes 10; the address finds the rest before the 9 of its own.
        let text = format!("b{:12}a.com{:9}1.2.3.4 x", "", "");
        let (text, outcome) = edited("", &text);
        assert_eq!((text.as_str(), outcome.spans.len()), ("b  x", 1));
    }

    #[test]
    fn names_in_right_to_left_scripts_are_found_without_dclm_s_mark() {
        let text = "in x.\u{627}\u{6cc}\u{631}\u{627}\u{646} y";
        assert_eq!(edited("", text).0, "in y");
        assert_eq!(edited(DCLM, text).0, text);
    }

    #[test]
    fn a_text_of_which_nothing_is_left_is_dropped() {
        assert_eq!(reason("url_removal", "", "https://x.com/"), Some("empty"));
        assert_eq!(reason("url_removal", "", ""), Some("empty"));
        assert_eq!(reason("url_removal", "", "10.0.0.1 "), None, "a space is left");
    }
}
