//! Marks documents whose URL is the same but for what does not change the page.
//!
//! # What it does
//! Writes one key a document to `signatures/`: a 64-bit hash of its normalised URL. Documents of one
//! key are captures of one page; which of them stays depends on who else is in an arm, so nothing is
//! judged while the crawl is read (`keep` is null). By default the newest stays.
//!
//! Variant `"gristmill"`: host in lower case and without a final dot, user names and default ports
//! left out, `.` and `..` resolved, percent-encoded letters, digits and `-._~` decoded. What else does
//! not count can be made to: whether it is `http` or `https`, `www.` before the host, the fragment,
//! slashes at the end of the path, the order of query parameters, and the parameters of
//! `ignore_params` whatever their letter case. An entry that ends in `*` stands for all names that
//! begin so. A URL may lack its scheme if its host has a dot. What is no URL with a host has no key
//! and is nobody's copy.
//!
//! Variant `"dclm"`: the string without any `http://` or `https://` in it and a `www.` after that,
//! then without what follows the first `?utm_`, `?ref` or `?feed`, then without slashes at the end.
//! The first of a cluster stays, unless `keep` says otherwise.
//!
//! A document without a URL is left alone.
//!
//! # Why
//! Crawls fetch a page again and again, under links that differ by where they were clicked.
//!
//! # Source
//! `"dclm"`: `normalize_url` of DCLM, which its c4.yaml gives to `exact_dedup`; the rule is that of C4
//! as TensorFlow Datasets makes it. `"gristmill"`: RFC 3986, section 6.2 (letter case, dots,
//! percent-encoding, default ports), the rest as above and as web archives look pages up. The
//! parameters ignored by default are the campaign and click identifiers that advertisers and senders
//! of mail add to links: Google (`utm_*`, `gclid`, `gclsrc`, `dclid`, `gbraid`, `wbraid`, `_ga`, `_gl`),
//! Meta (`fbclid`, `igshid`), Microsoft (`msclkid`), X (`twclid`), TikTok (`ttclid`), Yandex (`yclid`),
//! Mailchimp (`mc_cid`, `mc_eid`), HubSpot (`_hsenc`, `_hsmi`), Marketo (`mkt_tok`), LinkedIn
//! (`li_fat_id`), Matomo (`pk_*`, `mtm_*`), and `ref` after C4. XXH3.
//!
//! # Differences
//! What follows from DCLM's definition is kept under its name: letter case counts, also that of the
//! host, as do fragments; a URL inside a URL loses its scheme too; of `?a=1&utm_source=x` nothing
//! goes, of `?refresh=1&page=2` all. DCLM keeps the first document of a group in no order that it
//! defines, and hashes by MD5. `?feed=…` is not ignored by default: it is another document, the feed.
//!
//! Among 3 billion documents a 64-bit key joins about 0.2 pairs by mistake.

use xxhash_rust::xxh3::xxh3_64;

use crate::config::{choice, params};
use crate::steps::{Build, Dedup, Input, Signature, Step, signals};
use crate::text::View;
use crate::text::characters::count;

use super::keeper::{self, Keep};

mod normal;
#[cfg(test)]
mod tests;

use normal::Ignored;

choice! {
    /// Whose normalisation.
    pub enum Variant {
        /// by the parts of the URL
        Gristmill = "gristmill",
        /// DCLM and C4, by what stands in the string
        Dclm = "dclm",
    }
}

/// Query parameters that say where a link was clicked.
const TRACKING: &[&str] = &[
    "utm_*",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "_ga",
    "_gl",
    "fbclid",
    "igshid",
    "msclkid",
    "twclid",
    "ttclid",
    "yclid",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "li_fat_id",
    "pk_*",
    "mtm_*",
    "ref",
];

/// The parameters that `"dclm"` does not go by.
const PARTS: &[&str] = &[
    "ignore_scheme",
    "ignore_www",
    "ignore_fragment",
    "ignore_trailing_slash",
    "ignore_param_order",
    "ignore_params",
];

params! {
    /// Parameters of `url_dedup`.
    pub struct Params {
        /// Whose normalisation.
        variant: Variant = Variant::Gristmill,
        /// Which document of a cluster stays; `"first"` by default with `"dclm"`.
        keep: Keep = Keep::Newest,
        /// The signal of an earlier step whose highest value stays, with `keep = "best"`.
        by: Option<String> = None,
        /// Whether `http` and `https` are the same; not with `"dclm"`, as the other `ignore_`.
        ignore_scheme: bool = true,
        /// Whether a `www.` before the host does not count.
        ignore_www: bool = true,
        /// Whether what follows a `#` does not count.
        ignore_fragment: bool = true,
        /// Whether slashes at the end of the path do not count.
        ignore_trailing_slash: bool = true,
        /// Whether parameters of different names may stand in any order.
        ignore_param_order: bool = true,
        /// Query parameters that do not count; a final `*` stands for any letters.
        ignore_params: Option<Vec<String>> =
            Some(TRACKING.iter().map(|&name| name.to_owned()).collect()),
    }
}

signals! {
    /// What `url_dedup` measures.
    pub struct Signals {
        /// Characters of the text.
        chars: u64,
        /// Characters of the normalised URL; null where the URL cannot be read as one.
        url_chars: Option<u64>,
    }
}

/// The step.
pub struct UrlDedup {
    /// What does not count; `None` for DCLM's rule.
    ignored: Option<Ignored>,
    by: Vec<Input>,
}

impl Step for UrlDedup {
    const NAME: &'static str = "url_dedup";
    const VERSION: u32 = 1;
    const SETTLED_BY_CUT: &'static [&'static str] = keeper::PARAMS;
    const SOURCE: &'static str = include_str!("url_dedup.rs");
    type Params = Params;
    type Signals = Signals;

    fn variant_defaults(params: &mut Params, gives: &dyn Fn(&str) -> bool) {
        if params.variant == Variant::Dclm && !gives("keep") {
            params.keep = Keep::First;
        }
    }

    fn needs_url(&self) -> bool {
        true
    }

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let by = keeper::inputs(params.keep, params.by.as_deref(), build);
        let ignored = match params.variant {
            Variant::Gristmill => ignored(params, build).map(Some),
            Variant::Dclm => no_parts(build).map(|()| None),
        };
        Some(Self { ignored: ignored?, by: by? })
    }
}

fn ignored(params: &Params, build: &mut Build<'_>) -> Option<Ignored> {
    let mut sound = Some(());
    let names = params.ignore_params.as_deref().unwrap_or_default();
    for (index, name) in names.iter().enumerate() {
        let start = name.strip_suffix('*').unwrap_or(name);
        if start.is_empty() || start.contains(['*', '&', '=', '?', '#']) {
            build.fault_in_list("ignore_params", index, "no query parameter has this name").help =
                Some("a name, or its beginning and `*`".into());
            sound = None;
        }
    }
    sound?;
    Some(Ignored {
        scheme: params.ignore_scheme,
        www: params.ignore_www,
        fragment: params.ignore_fragment,
        trailing_slash: params.ignore_trailing_slash,
        param_order: params.ignore_param_order,
        params: names.iter().map(|name| name.to_lowercase()).collect(),
    })
}

/// Reports parameters that DCLM's rule does not go by.
fn no_parts(build: &mut Build<'_>) -> Option<()> {
    let mut sound = Some(());
    for &key in PARTS {
        if build.gives(key) {
            build.fault(key, format!("variant \"dclm\" does not go by `{key}`"));
            sound = None;
        }
    }
    sound
}

impl Dedup for UrlDedup {
    fn inputs(&self) -> &[Input] {
        &self.by
    }

    fn sign(&self, view: &View<'_>, signature: &mut Signature) -> Option<Signals> {
        let url = view.document().url.as_deref().filter(|url| !url.is_empty())?;
        let normal = match &self.ignored {
            Some(ignored) => normal::url(url, ignored),
            None => Some(normal::dclm(url)),
        };
        if let Some(normal) = &normal {
            signature.keys.push((0, xxh3_64(normal.as_bytes())));
        }
        Some(Signals {
            chars: view.chars() as u64,
            url_chars: normal.map(|normal| count(&normal) as u64),
        })
    }
}
