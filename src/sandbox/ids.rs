//! The ids that AWS would choose at random, here a digest of a counter: the
//! same calls in the same order give the same ids in every run.

use sha2::Digest as _;
use sha2::Sha256;

/// A source of ids.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    count: u64,
}

impl Ids {
    /// `length` hexadecimal digits, at most 64.
    pub(crate) fn hexadecimal(&mut self, length: usize) -> String {
        self.count = self.count.saturating_add(1);
        digits(&format!("keyrail sandbox {}", self.count)).chars().take(length).collect()
    }

    /// A UUID.
    pub(crate) fn uuid(&mut self) -> String {
        uuid_of(&self.hexadecimal(32))
    }

    /// `length` upper-case hexadecimal digits after `prefix`, as in access key ids.
    pub(crate) fn upper(&mut self, prefix: &str, length: usize) -> String {
        format!("{prefix}{}", self.hexadecimal(length).to_uppercase())
    }
}

/// The 64 hexadecimal digits of the SHA-256 of `text`.
pub(crate) fn digits(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// 32 hexadecimal digits with the dashes of a UUID.
pub(crate) fn uuid_of(digits: &str) -> String {
    let mut uuid = String::with_capacity(36);
    for (position, digit) in digits.chars().take(32).enumerate() {
        if matches!(position, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    uuid
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn ids_differ_and_repeat_from_run_to_run() {
        let (mut first, mut second) = (Ids::default(), Ids::default());
        let uuid = first.uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid, second.uuid());
        assert_ne!(uuid, first.uuid());
    }
}
