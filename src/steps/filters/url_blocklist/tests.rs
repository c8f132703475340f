//! Each variant's rules and quirks, with harmless words.

use std::path::Path;

use tempfile::TempDir;

use crate::steps::testing::{build, faults, outcome, outcome_of_url};
use crate::steps::{Outcome, Value, find};

/// Lists as files, and the parameters that name them.
pub(super) struct Lists {
    directory: TempDir,
    toml: String,
}

impl Lists {
    pub(super) fn new(parameters: &str) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), toml: format!("{parameters}\n") }
    }

    /// With a list of a kind.
    pub(super) fn with(mut self, kind: &str, lines: &str) -> Self {
        let path = self.directory.path().join(kind);
        std::fs::write(&path, lines).unwrap();
        self.toml += &format!("{kind} = ['{}']\n", path.display());
        self
    }

    /// What the step makes of a URL.
    pub(super) fn judge(&self) -> impl Fn(&str) -> Outcome + use<> {
        let built = build("url_blocklist", &self.toml).expect("sound parameters");
        move |url| outcome_of_url(&built, url)
    }

    /// For which reason the step drops a URL.
    fn reason(&self) -> impl Fn(&str) -> Option<&'static str> + use<> {
        let judge = self.judge();
        move |url| judge(url).reason
    }

    fn faults(&self) -> String {
        faults("url_blocklist", &self.toml)
    }
}

/// The value of a signal.
pub(super) fn signal<'o>(outcome: &'o Outcome, name: &str) -> &'o Value {
    let signals = find("url_blocklist").unwrap().signals;
    &outcome.values[signals.iter().position(|signal| signal.name == name).expect("a signal")]
}

#[test]
fn each_list_drops_what_is_on_it_and_nothing_else() {
    let lists = Lists::new("")
        .with("domains", "# comment\n\nBad.example\n*.worse.co.uk\nsub.host.org\nmüller.de\n")
        .with("urls", "http://Good.example/Page?x=1\ngood.example/Bare/\n")
        .with("hard_words", "casino\n")
        .with("soft_words", "free\ngirls\n")
        .with("substrings", "xxx-tube\n");
    let reason = lists.reason();
    assert_eq!(reason("http://bad.example/"), Some("listed_domain"));
    assert_eq!(reason("http://WWW.bad.example:80/"), Some("listed_domain"));
    assert_eq!(reason("http://notbad.example/"), None);
    assert_eq!(reason("https://a.b.worse.co.uk/x"), Some("listed_domain"));
    assert_eq!(reason("https://www.sub.host.org/"), Some("listed_domain"));
    assert_eq!(reason("https://host.org/"), None);
    assert_eq!(reason("https://www.Müller.de/"), Some("listed_domain"));
    assert_eq!(reason("http://good.example/Page?x=1"), Some("listed_url"));
    assert_eq!(reason("https://user@GOOD.example:443/Page?x=1#a"), Some("listed_url"));
    assert_eq!(reason("http://good.example/page?x=1"), None, "paths keep their case");
    assert_eq!(reason("https://good.example/Bare/"), Some("listed_url"), "no scheme in the list");
    assert_eq!(reason("http://a.com/best-Casino.html"), Some("hard_word"));
    assert_eq!(reason("http://a.com/casinos"), None, "whole words only");
    assert_eq!(reason("http://a.com/free"), None);
    assert_eq!(reason("http://a.com/free/free"), None, "different words are counted");
    assert_eq!(reason("http://a.com/free/girls"), Some("too_many_soft_words"));
    assert_eq!(reason("http://a.com/x.xx/tubes"), Some("substring"));
}

#[test]
fn signals_say_what_was_found() {
    let lists = Lists::new("")
        .with("domains", "host.org\n")
        .with("hard_words", "casino\nroulette\n")
        .with("soft_words", "free\ngirls\n");
    let found = lists.judge()("http://a.HOST.org/girls/free-Roulette/girls");
    assert_eq!(found.reason, Some("listed_domain"));
    assert_eq!(*signal(&found, "matched_domain"), Value::Text("host.org".into()));
    assert_eq!(*signal(&found, "matched_words"), Value::Text("roulette girls free".into()));
    assert_eq!(*signal(&found, "hard_words"), Value::Integer(1));
    assert_eq!(*signal(&found, "soft_words"), Value::Integer(2));
    assert_eq!(*signal(&found, "listed_url"), Value::Null, "no such list");
    let nothing = lists.judge()("http://a.com/");
    assert_eq!(*signal(&nothing, "listed_domain"), Value::Bool(false));
    assert_eq!(*signal(&nothing, "matched_domain"), Value::Null);
    assert_eq!(*signal(&nothing, "matched_words"), Value::Null);
    let substring = Lists::new("").with("substrings", "tea-pot\npot\n");
    let found = substring.judge()("http://a.com/t-e-a.P.o.t");
    assert_eq!(*signal(&found, "matched_substring"), Value::Text("teapot".into()));
}

/// Each verdict by datatrove 0.10.1 with these lists.
#[test]
fn datatrove_compares_letter_by_letter() {
    let lists = Lists::new("variant = 'datatrove'")
        .with("domains", "host.org\nsub.site.net\nname.blogspot.com\n")
        .with("urls", "http://good.example/Page\nbare.example/x\n")
        .with("hard_words", "Tea-Cup\nkettle\n")
        .with("soft_words", "spoon\nfork\nknife\n")
        .with("substrings", "Milk Jug\n");
    let reason = lists.reason();
    assert_eq!(reason("https://a.b.host.org:8080/x?y#z"), Some("listed_domain"));
    assert_eq!(reason("https://user:pass@host.org/"), Some("listed_domain"));
    assert_eq!(reason("https://Host.org/"), None, "hosts keep their case");
    assert_eq!(reason("http://sub.site.net/"), Some("listed_host"));
    assert_eq!(reason("http://www.sub.site.net/"), None, "only the host as a whole");
    assert_eq!(reason("http://name.blogspot.com/"), Some("listed_host"));
    assert_eq!(reason("http://good.example/Page"), Some("listed_url"));
    assert_eq!(reason("http://good.example/Page/"), None);
    assert_eq!(reason("http://bare.example/x"), None, "the scheme counts");
    assert_eq!(reason("bare.example/x"), Some("listed_url"));
    assert_eq!(reason("http://a.com/teacup_x"), Some("hard_word"), "`-` is off the entry");
    assert_eq!(reason("http://a.com/tea-cup"), None, "and splits the URL");
    assert_eq!(reason("http://a.com/Kettle"), None, "words keep their case");
    assert_eq!(reason("http://a.com/ékettleé"), Some("hard_word"), "only ASCII makes words");
    assert_eq!(reason("http://a.com/%20kettle"), None, "20kettle is one word");
    assert_eq!(reason("http://a.com/spoon/spoon"), None);
    assert_eq!(reason("http://a.com/spoon/fork"), Some("too_many_soft_words"));
    assert_eq!(reason("http://fork.com/knife?kettle"), Some("hard_word"), "before soft ones");
    assert_eq!(reason("http://a.com/MI-lk.éJUGs"), Some("substring"));
    assert_eq!(reason("http://milk.jug.com/"), Some("substring"), "across dots");
    assert_eq!(*signal(&lists.judge()("http://www.sub.site.net/"), "matched_domain"), Value::Null);
}

/// Each verdict by DCLM's `url_substring_filter` with these lists and its configuration's options.
#[test]
fn dclm_deletes_www_and_wants_word_boundaries() {
    let lists = Lists::new("variant = 'dclm'")
        .with("domains", "Host.org\n.dotted.net\naa.com\nport.org:80\n")
        .with("hard_words", "kettle\ntea&cup\n")
        .with("soft_words", "spoon\nfork\nfork-end\n")
        .with("substrings", "milkjug\ntea-pot\n");
    let reason = lists.reason();
    assert_eq!(reason("http://HOST.org/x"), Some("listed_domain"));
    assert_eq!(reason("http://www.host.org/"), None, "`.host.org` is not listed");
    assert_eq!(reason("http://www.dotted.net/"), Some("listed_domain"));
    assert_eq!(reason("http://awwwa.com/"), Some("listed_domain"), "`www` goes wherever it is");
    assert_eq!(reason("http://port.org:80/"), Some("listed_domain"), "ports are kept");
    assert_eq!(reason("http://port.org/"), None);
    assert_eq!(reason("host.org/x"), None, "no host without `//`");
    assert_eq!(reason("http://a.com/Kettle"), Some("hard_word"));
    assert_eq!(reason("http://a.com/my_kettle"), None, "`_` is part of a word");
    assert_eq!(reason("http://a.com/?x=tea&cup"), Some("hard_word"));
    assert_eq!(reason("http://a.com/ékettle"), None, "so are letters of any script");
    assert_eq!(reason("http://a.com/spoon-Spoon"), None);
    assert_eq!(reason("http://a.com/spoon-FORK"), Some("too_many_soft_words"));
    assert_eq!(reason("http://a.com/fork-end"), None, "one entry, not two");
    assert_eq!(reason("http://a.com/fork-end/fork"), Some("too_many_soft_words"));
    assert_eq!(reason("http://mi-lk.JUG.com/kettle"), Some("strict_substring"), "before words");
    assert_eq!(reason("http://a.com/milk_jug"), None);
    assert_eq!(reason("http://a.com/tea-pot"), None, "the URL's `-` is deleted, the entry's not");
}

#[test]
fn a_document_without_a_url_is_judged_by_no_rule() {
    let lists = Lists::new("").with("domains", "a.com\n");
    assert_eq!(lists.judge()("").keep(), None);
    assert_eq!(outcome(&build("url_blocklist", &lists.toml).unwrap(), "text").keep(), None);
}

#[test]
fn long_urls_take_no_long_time() {
    let lists = |variant: &str| {
        Lists::new(&format!("variant = '{variant}'"))
            .with("domains", "a.a\n")
            .with("hard_words", "a\n")
            .with("soft_words", "b\na-a\n")
            .with("substrings", "zz\n")
    };
    for variant in ["gristmill", "datatrove", "dclm"] {
        let judge = lists(variant).judge();
        for url in [
            format!("http://{}", "a.".repeat(1 << 18)),
            format!("http://a/{}", "b-a-".repeat(1 << 18)),
            "/".repeat(1 << 20),
        ] {
            judge(&url);
        }
    }
}

#[test]
fn lists_that_could_never_fire_or_always_would_are_faults() {
    let directory = Path::new("nowhere").join("list");
    let toml = format!("domains = ['{}']", directory.display());
    assert!(faults("url_blocklist", &toml).contains("nowhere"));
    assert!(faults("url_blocklist", "").contains("no list is given"));
    let empty = Lists::new("").with("domains", "# nothing\n").with("urls", "\n").faults();
    assert_eq!(empty.matches("has no entry").count(), 2, "{empty}");
    let bare = Lists::new("").with("substrings", "tea\n-&-\n").faults();
    assert!(bare.contains("the entry `-&-` has no letter"), "{bare}");
    let bare = Lists::new("variant = 'datatrove'").with("hard_words", "tea\né\n").faults();
    assert!(bare.contains("the entry `é` has no letter"), "{bare}");
    let few = Lists::new("").with("soft_words", "tea\nTea\n").faults();
    assert!(few.contains("no URL can hold more than 1 of 1 words"), "{few}");
    let urls = Lists::new("variant = 'dclm'").with("urls", "http://a.com/\n").faults();
    assert!(urls.contains("has no list of URLs"), "{urls}");
}
