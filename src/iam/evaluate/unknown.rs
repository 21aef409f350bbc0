//! The unknown keys that a decision hangs on, in the words of a person.
//!
//! Policies and requests are compared in lower case; what is told is AWS's
//! spelling, and of a tag or an encryption context the spelling of the case.

use std::collections::BTreeSet;

use crate::iam::catalogue::condition_key;
use crate::iam::condition::Keys;

/// Those of some keys, in lower case, that are unknown.
pub(super) fn unknown<'k>(keys: &Keys, asked: impl Iterator<Item = &'k str>) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for key in asked.filter(|key| keys.is_unknown(key)) {
        let of = ORIGINS.iter().filter(|(derived, origin)| *derived == key && keys.is_unknown(origin));
        let origins: Vec<&str> = of.map(|(_, origin)| *origin).collect();
        let told = if origins.is_empty() { vec![key] } else { origins };
        open.extend(told.into_iter().map(|key| spelt(keys, key)));
    }
    open
}

/// A key, given in lower case, as AWS and the request spell it.
fn spelt(keys: &Keys, key: &str) -> String {
    let stated = keys.pairs_in("").map(|(name, _)| name).find(|name| name.to_lowercase() == key);
    as_aws_spells(stated.unwrap_or(key))
}

/// A key in any letter case as AWS spells it; the name of a tag stays as it is.
pub(super) fn as_aws_spells(name: &str) -> String {
    match condition_key(name) {
        Some(known) => {
            format!("{}{}", known.name, name.get(known.name.len()..).unwrap_or_default())
        }
        None => name.to_owned(),
    }
}

/// Keys that say what other keys say; where those are unknown too it is they
/// that somebody has to find out.
const ORIGINS: [(&str, &str); 4] = [
    ("aws:viaawsservice", "kms:viaservice"),
    ("aws:viaawsservice", "aws:calledvia"),
    ("kms:customermasterkeyspec", "kms:keyspec"),
    ("kms:customermasterkeyusage", "kms:keyusage"),
];

#[cfg(test)]
mod tests {
    use super::unknown;
    use crate::iam::condition::{Fact, Keys};

    fn told(facts: &[&str], asked: &[&str]) -> Vec<String> {
        let mut keys = Keys::default();
        for name in facts {
            keys.insert(&name.to_lowercase(), name, Fact::Unknown);
        }
        unknown(&keys, asked.iter().copied()).into_iter().collect()
    }

    #[test]
    fn keys_are_told_in_the_spelling_of_aws_and_tags_in_that_of_the_request() {
        let facts = ["AWS:sourcevpce", "aws:principaltag/CostCentre", "saml:AUD"];
        let asked = ["aws:sourcevpce", "aws:principaltag/costcentre", "saml:aud", "aws:sourceip"];
        assert_eq!(told(&facts, &asked), ["aws:PrincipalTag/CostCentre", "aws:SourceVpce", "saml:AUD"]);
    }

    #[test]
    fn a_key_that_repeats_another_is_told_as_that_other() {
        let facts = ["kms:KeySpec", "kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage"];
        let asked = ["kms:customermasterkeyspec", "kms:customermasterkeyusage"];
        assert_eq!(told(&facts, &asked), ["kms:CustomerMasterKeyUsage", "kms:KeySpec"]);
    }
}
