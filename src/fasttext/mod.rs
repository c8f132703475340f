//! fastText models, read by their format.
