//! What a caught panic said, for the rows and messages that tell of it.

use std::any::Any;

/// The message of a panic.
pub(crate) fn said(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
