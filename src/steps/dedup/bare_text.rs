//! A text without what copies of it differ by.

/// Appends the text in lower case with every run of characters that are neither letters nor digits
/// taken as one space, none at either end; how many letters and digits there are.
pub(super) fn push(text: &str, bare: &mut String) -> u64 {
    let (mut count, mut gap) = (0, false);
    for c in text.chars() {
        if !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && count > 0 {
            bare.push(' ');
        }
        gap = false;
        count += 1;
        match c.is_ascii() {
            true => bare.push(c.to_ascii_lowercase()),
            false => bare.extend(c.to_lowercase()),
        }
    }
    count
}
