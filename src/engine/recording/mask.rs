//! What stands in the place of a text that is nobody's business.

/// The text with its letters and digits gone, byte for byte as long as it was.
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            masked.push(letter);
        } else {
            (0..letter.len_utf8()).for_each(|_| masked.push('x'));
        }
    }
    masked
}
