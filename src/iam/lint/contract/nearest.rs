//! What somebody may have meant who mistyped a name.

/// The candidate that is fewest edits away, if it is close at all.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    let measured = candidates.into_iter().map(|candidate| {
        let lower = candidate.to_ascii_lowercase();
        let begun = lower.starts_with(&wanted) || wanted.starts_with(&lower);
        let edits = distance(&wanted, &lower);
        (if begun { edits.min(CLOSE) } else { edits }, candidate)
    });
    let (edits, candidate) = measured.min_by_key(|(edits, _)| *edits)?;
    (edits <= CLOSE).then_some(candidate)
}

fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, letter) in one.chars().enumerate() {
        let mut left = number.saturating_add(1);
        let mut next = vec![left];
        for ((candidate, diagonal), above) in other.iter().zip(&row).zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(letter != *candidate));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// More edits than this are another word.
const CLOSE: usize = 3;

/// No name is longer; the work grows with its length.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_none() {
        let names = ["Decrypt", "Encrypt", "ReEncryptFrom"];
        assert_eq!(nearest("Decyrpt", names), Some("Decrypt"));
        assert_eq!(nearest("ReEncrypt", names), Some("Encrypt"));
        assert_eq!(nearest("ReEncryptFr", names), Some("ReEncryptFrom"));
        assert_eq!(nearest("ListBuckets", names), None);
        assert_eq!(nearest(&"Decrypt".repeat(50), names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
