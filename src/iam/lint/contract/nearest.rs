//! What somebody may have meant who mistyped a name of AWS's. It hangs on it
//! whether a name is wrong or only unknown, so less resembles than where a
//! name is merely suggested.

use crate::model::spelling::steps;

/// The candidate that is fewest edits away, if it is close at all.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = name.to_ascii_lowercase();
    let measured = candidates.into_iter().filter_map(|candidate| {
        let lower = candidate.to_ascii_lowercase();
        let begun = lower.starts_with(&wanted) || wanted.starts_with(&lower);
        let edits = steps(&wanted, &lower)?;
        Some((if begun { edits.min(CLOSE) } else { edits }, candidate))
    });
    let (edits, candidate) = measured.min_by_key(|(edits, _)| *edits)?;
    (edits <= CLOSE).then_some(candidate)
}

/// More edits than this are another word.
const CLOSE: usize = 3;

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_none() {
        let names = ["Decrypt", "Encrypt", "ReEncryptFrom"];
        assert_eq!(nearest("Decyrpt", names), Some("Decrypt"));
        assert_eq!(nearest("ReEncrypt", names), Some("Encrypt"));
        assert_eq!(nearest("ReEncryptFr", names), Some("ReEncryptFrom"));
        assert_eq!(nearest("ListBuckets", names), None);
        assert_eq!(nearest(&"Decrypt".repeat(50), names), None);
    }
}
