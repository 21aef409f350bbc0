//! Lists of names and values in a sentence.

use crate::iam::policy::Text;

/// The texts of a policy.
pub(super) fn listed(texts: &[Text]) -> String {
    quoted(texts.iter().map(Text::as_str))
}

/// A few of the words, so that a line stays one.
pub(super) fn quoted<'t>(words: impl IntoIterator<Item = &'t str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let shown: Vec<String> = words.iter().take(SHOWN).map(|word| format!("`{word}`")).collect();
    match words.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many values of a list are shown.
const SHOWN: usize = 4;
