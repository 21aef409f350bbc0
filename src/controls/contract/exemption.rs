//! Patterns of principal ARNs that a Deny spares.

use std::collections::BTreeSet;

use crate::controls::contract::settings::SettingError;
use crate::model::account::AccountId;

/// How much of the organisation a pattern may speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The account may be `*`. Right for service control policies, whose
    /// callers are members of the organisation.
    AnyAccount,
    /// The account must be written out. Elsewhere somebody outside could make a
    /// role of that name in an account of their own and be spared.
    LiteralAccount,
}

/// Whether the pattern may be spared with this reach; the error says what is required instead.
pub fn check_exemption(pattern: &str, reach: Reach) -> Result<(), String> {
    let required = match reach {
        Reach::AnyAccount => {
            "the ARN of a role or user such as `arn:aws:iam::*:role/platform/terraform`; `*` may stand for the \
             account and for a part of the name"
        }
        Reach::LiteralAccount => {
            "the ARN of a role or user with its account written out, such as \
             `arn:aws:iam::222222222222:role/break-glass`: with `*` in place of the account anybody could make a \
             role of that name in an account outside the organisation"
        }
    };
    let accepted = Pattern::parse(pattern).is_some_and(|pattern| match reach {
        Reach::AnyAccount => true,
        Reach::LiteralAccount => pattern.has_literal_account(),
    });
    if accepted { Ok(()) } else { Err(required.to_owned()) }
}

/// Checks every pattern of a setting.
pub(crate) fn check_exemptions(
    setting: &str,
    patterns: &BTreeSet<String>,
    reach: Reach,
) -> Result<(), SettingError> {
    for pattern in patterns {
        check_exemption(pattern, reach).map_err(|required| SettingError {
            setting: setting.to_owned(),
            found: format!("`{pattern}`"),
            required,
        })?;
    }
    Ok(())
}

/// Whether the pattern names its account, so that a policy may spare it
/// whoever calls.
pub fn has_literal_account(pattern: &str) -> bool {
    Pattern::parse(pattern).is_some_and(|pattern| pattern.has_literal_account())
}

struct Pattern<'a> {
    account: &'a str,
}

impl<'a> Pattern<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = fields.as_slice() else { return None };
        let kind = resource.strip_prefix("role/").or_else(|| resource.strip_prefix("user/"))?;
        let partition = partition.starts_with("aws") && !partition.contains(['*', '?']);
        let account_named = *account == "*" || account.parse::<AccountId>().is_ok();
        (partition && account_named && names_somebody(kind)).then_some(Self { account })
    }

    fn has_literal_account(&self) -> bool {
        self.account != "*"
    }
}

// A name of wildcards alone would spare everybody.
fn names_somebody(name: &str) -> bool {
    let accepted = |character: char| character.is_ascii_alphanumeric() || "+=,.@_-/*?".contains(character);
    let literal = name.chars().filter(char::is_ascii_alphanumeric).count();
    literal >= 3 && name.chars().all(accepted)
}

#[cfg(test)]
mod tests {
    use super::Reach;
    use super::check_exemption;

    #[test]
    fn roles_and_users_may_be_exempt_in_any_account() {
        for pattern in [
            "arn:aws:iam::*:role/terraform",
            "arn:aws:iam::222222222222:user/ops/alice",
            "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_KmsAdmin_*",
            "arn:aws-us-gov:iam::*:role/break-glass",
        ] {
            assert_eq!(check_exemption(pattern, Reach::AnyAccount), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_names_nobody_is_refused() {
        for pattern in
            ["*", "arn:aws:iam::*:role/*", "arn:aws:iam::*:*", "arn:aws:iam::*:root", "terraform", ""]
        {
            assert!(check_exemption(pattern, Reach::AnyAccount).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_account_must_be_literal_where_outsiders_call() {
        assert!(check_exemption("arn:aws:iam::*:role/break-glass", Reach::LiteralAccount).is_err());
        assert_eq!(
            check_exemption("arn:aws:iam::222222222222:role/break-glass", Reach::LiteralAccount),
            Ok(())
        );
    }
}
