//! Keeper rules: which document of a cluster stays.

use crate::config::choice;
use crate::steps::{Build, Input, SignalKind};

choice! {
    /// Which document of a cluster stays; among equals the one of the smallest id.
    pub enum Keep {
        /// the first in crawl order: run directories as given, shards by name, documents in order
        First = "first",
        /// the one of most characters, on the text that the dedup sees
        Longest = "longest",
        /// the one fetched last; documents without a date stand behind all others
        Newest = "newest",
        /// the one of the highest value of the signal `by`; without a value behind all others
        Best = "best",
    }
}

/// The parameters of a keeper rule: a cut goes by them, a run does not.
pub const PARAMS: &[&str] = &["keep", "by"];

/// What a keeper rule takes from earlier steps; `None` after a fault.
pub(super) fn inputs(keep: Keep, by: Option<&str>, build: &mut Build<'_>) -> Option<Vec<Input>> {
    let by = match (keep, by) {
        (Keep::Best, Some(by)) => by,
        (Keep::Best, None) => {
            build.fault("keep", "`by` does not say what the best is").help =
                Some("name a signal of an earlier step: by = \"language.score\"".into());
            return None;
        }
        (_, Some(_)) => {
            build.fault("by", "`by` is for keep = \"best\" alone");
            return None;
        }
        (_, None) => return Some(Vec::new()),
    };
    let Some((step, signal)) = by.split_once('.') else {
        build.fault("by", "write step.signal, such as language.score");
        return None;
    };
    let (input, kind) = build.input("by", 0..by.len(), step, signal)?;
    match kind {
        SignalKind::Integer | SignalKind::Float | SignalKind::Bool => Some(vec![input]),
        SignalKind::Text => {
            build.fault("by", format!("`{by}` is a string: no value of it is the best"));
            None
        }
    }
}
