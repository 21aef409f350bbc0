//! AWS account ids.

use crate::model::text::{all, checked_text};

checked_text!(
    /// A 12-digit AWS account id.
    AccountId,
    "an account id",
    "12 digits",
    |text| all(text, 12..=12, |character| character.is_ascii_digit())
);

#[cfg(test)]
mod tests {
    use super::AccountId;

    #[test]
    fn an_account_id_has_twelve_digits() {
        assert_eq!("123456789012".parse::<AccountId>().unwrap().as_str(), "123456789012");
        assert_eq!(
            "12345".parse::<AccountId>().unwrap_err().to_string(),
            "`12345` is not an account id; expected 12 digits"
        );
    }
}
