//! Hold-out sets: whole sites that no arm is given, split off before any filter.
//!
//! A model that has seen one page of a site has seen much of the others: names, menus, turns of
//! phrase. So a registered domain is held out as a whole with all its subdomains, and the same ones
//! for every arm and every pool of one seed, whatever the filters keep. A host without a registered
//! domain (an IP address, a public suffix) stands for itself, and so does a document without any.

use super::priority::{Priority, Purpose};

/// Which documents are held out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holdout {
    priority: Priority,
    /// Hashes below it are held out; at most 2^64.
    below: u128,
}

impl Holdout {
    /// Holds out this share of the domains, above 0 and below 1, drawn by the seed.
    ///
    /// The share is that of domains in expectation; the share of documents or bytes can be quite
    /// another, for domains differ much in size. What a share holds out, every larger share of the
    /// same seed holds out too. Shares outside the range hold out nothing or everything.
    pub fn new(share: f64, seed: u64) -> Self {
        // 2^64 is exact as a float, and the conversion saturates at 0; NaN gives 0.
        let below = (share * 2_f64.powi(64)) as u128;
        Self { priority: Priority::new(Purpose::HoldOut, seed), below }
    }

    /// Whether a document is held out: by its registered domain, by its host where it has none, by
    /// its id where it has neither.
    ///
    /// Both in lower case, as [`Document::host`](crate::document::Document::host) and
    /// [`registered_domain`](crate::document::registered_domain) give them.
    pub fn holds(&self, domain: Option<&str>, host: Option<&str>, id: &str) -> bool {
        let named = |name: &&str| !name.is_empty();
        let site = domain.filter(named).or(host.filter(named)).unwrap_or(id);
        u128::from(self.priority.of(site)) < self.below
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, registered_domain};

    /// Whether the page is held out, as a cut asks.
    fn holds(holdout: Holdout, id: &str, url: &str) -> bool {
        let document = Document { url: Some(url.to_owned()), ..Document::default() };
        let host = document.host();
        let domain = host.as_deref().and_then(registered_domain);
        holdout.holds(domain, host.as_deref(), id)
    }

    #[test]
    fn a_domain_is_held_out_with_its_subdomains_or_not_at_all() {
        let holdout = Holdout::new(0.5, 1);
        let mut held = 0;
        for site in 0..200 {
            let urls = [
                format!("https://example{site}.co.uk/"),
                format!("http://www.EXAMPLE{site}.co.uk:8080/a?b"),
                format!("https://a.b.example{site}.co.uk./c"),
            ];
            let each: Vec<bool> = urls
                .iter()
                .enumerate()
                .map(|(n, url)| holds(holdout, &n.to_string(), url))
                .collect();
            assert!(each.iter().all(|&one| one == each[0]), "{urls:?}: {each:?}");
            held += usize::from(each[0]);
        }
        assert!((60..140).contains(&held), "{held} of 200");
    }

    #[test]
    fn the_share_is_that_of_domains() {
        let domains: Vec<String> = (0..100_000).map(|n| format!("site-{n}.org")).collect();
        for share in [0.001, 0.01, 0.1, 0.5, 0.9] {
            let holdout = Holdout::new(share, 3);
            let held = domains.iter().filter(|d| holdout.holds(Some(d), Some(d), "")).count();
            let deviation = (100_000.0 * share * (1.0 - share)).sqrt();
            let difference = held as f64 - 100_000.0 * share;
            assert!(difference.abs() < 4.0 * deviation, "{held} at {share}");
        }
    }

    #[test]
    fn larger_shares_hold_out_what_smaller_ones_do_and_seeds_differ() {
        let (some, more) = (Holdout::new(0.02, 1), Holdout::new(0.05, 1));
        let other = Holdout::new(0.05, 2);
        let mut differ = 0;
        for n in 0..5000 {
            let domain = format!("{n}.net");
            let of = |holdout: Holdout| holdout.holds(Some(&domain), None, "");
            assert!(!of(some) || of(more));
            differ += u32::from(of(more) != of(other));
        }
        assert!(differ > 300, "{differ} of 5000, some 475 expected");
    }

    #[test]
    fn without_a_domain_the_host_counts_and_without_a_host_the_id() {
        let holdout = Holdout::new(0.5, 9);
        for n in 0..100_u8 {
            let address = format!("192.0.2.{n}");
            let one = holds(holdout, "a", &format!("http://{address}/a"));
            assert_eq!(one, holds(holdout, "b", &format!("http://{address}:81/b")));
            assert_eq!(one, holdout.holds(None, Some(&address), "c"));
            assert_eq!(one, holdout.holds(Some(""), Some(""), &address));
        }
        let by_id = |id: u32| holdout.holds(None, None, &id.to_string());
        let held = (0..1000).filter(|&id| by_id(id)).count();
        assert!((430..570).contains(&held), "documents without a host do not go together: {held}");
    }

    #[test]
    fn shares_at_the_ends_hold_out_nothing_and_everything() {
        for (share, held) in [(0.0, 0), (-1.0, 0), (f64::NAN, 0), (1.0, 100), (2.0, 100)] {
            let holdout = Holdout::new(share, 0);
            let is_held = |id: &u32| holdout.holds(None, None, &id.to_string());
            assert_eq!((0..100).filter(is_held).count(), held, "{share}");
        }
    }

    #[test]
    fn the_split_is_the_same_for_ever() {
        let held = |seed| -> Vec<u32> {
            let holdout = Holdout::new(0.1, seed);
            (0..40).filter(|n| holdout.holds(Some(&format!("example{n}.com")), None, "")).collect()
        };
        // Made with the Python package xxhash 4.1.0.
        assert_eq!(held(1), [4, 5, 12, 14]);
        assert_eq!(held(2), [3, 22, 35, 39]);
    }
}
