//! What stands in a policy where the name of a condition key should.
//!
//! The table has the keys of KMS and those that the requests of every service
//! have. What else a request to KMS may have comes from the identity provider of
//! its caller, whose names are none of AWS's.

use crate::iam::lint::contract::kms::{CONDITION_KEYS, KeyDefinition, condition_key};
use crate::iam::lint::contract::nearest::nearest;

/// What a name is.
#[derive(Debug)]
pub(crate) enum Standing {
    /// A key of the table.
    Known(&'static KeyDefinition),
    /// A key of another service or of an identity provider.
    Elsewhere,
    /// None that a request can have; what was meant, if it resembles any.
    Mistaken(Option<String>),
    /// None of the table, and none that it resembles: AWS may have added it.
    New,
}

/// What this name is in a statement that is about KMS alone, or about more.
pub(crate) fn standing(name: &str, about_kms_alone: bool) -> Standing {
    if let Some(known) = condition_key(name) {
        return Standing::Known(known);
    }
    let Some((prefix, rest)) = name.split_once(':') else {
        let rest = name.split_once('.').map_or(name, |(_, rest)| rest);
        let near = || nearest(rest, CONDITION_KEYS.iter().map(bare)).and_then(full);
        return Standing::Mistaken(full(rest).or_else(near));
    };
    let ours = ["aws", "kms"].iter().any(|ours| prefix.eq_ignore_ascii_case(ours));
    if !ours && (!about_kms_alone || is_of_provider(prefix)) {
        return Standing::Elsewhere;
    }
    match full(rest).or_else(|| near(name).filter(|_| ours)) {
        Some(meant) => Standing::Mistaken(Some(meant)),
        None => Standing::New,
    }
}

/// The key that is spelt nearly so; in a family the end of the name is the policy's own.
fn near(name: &str) -> Option<String> {
    let (head, tail) = match name.match_indices(['/', ':']).nth(1) {
        Some((at, _)) => name.split_at_checked(at.saturating_add(1))?,
        None => (name, ""),
    };
    let known = CONDITION_KEYS.iter().filter(|known| known.is_family() || tail.is_empty());
    nearest(head, known.map(|known| known.name)).map(|meant| format!("{meant}{tail}"))
}

/// Keys of identity providers begin with the provider's domain, and those of
/// SAML with `saml`; a federated caller brings them to every service (IAM user
/// guide, "Other cross-service condition keys", read 2026-11). Identity Center
/// adds its own (its user guide, "STS condition context keys").
fn is_of_provider(prefix: &str) -> bool {
    let named = ["identitycenter", "identitystore", "saml"];
    prefix.contains('.') || named.iter().any(|named| prefix.eq_ignore_ascii_case(named))
}

/// The name of the key, with its prefix, that is called so without it.
fn full(rest: &str) -> Option<String> {
    let named = |known: &KeyDefinition| {
        let bare = bare(known);
        let (begin, end) = rest.split_at_checked(bare.len())?;
        let fits = begin.eq_ignore_ascii_case(bare) && (end.is_empty() || known.is_family());
        fits.then(|| format!("{}{end}", known.name))
    };
    CONDITION_KEYS.iter().find_map(named)
}

fn bare(known: &KeyDefinition) -> &str {
    known.name.split_once(':').map_or(known.name, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::{Standing, standing};

    #[test]
    fn a_name_is_a_key_or_resembles_one_or_is_of_somebody_else() {
        for (name, alone, elsewhere) in [
            ("aws:PrincipalOrgID", "known", "known"),
            ("ec2:SourceInstanceARN", "known", "known"),
            ("PrincipalAccount", "aws:PrincipalAccount", "aws:PrincipalAccount"),
            ("PrincipalAcount", "aws:PrincipalAccount", "aws:PrincipalAccount"),
            ("PrincipalTag/team", "aws:PrincipalTag/team", "aws:PrincipalTag/team"),
            ("aws.PrincipalOrgID", "aws:PrincipalOrgID", "aws:PrincipalOrgID"),
            ("anything", "nothing", "nothing"),
            ("aws:PrincipalOrgPath", "aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths"),
            ("aws:ViaService", "kms:ViaService", "kms:ViaService"),
            ("kms:PrincipalArn", "aws:PrincipalArn", "aws:PrincipalArn"),
            ("aws:KeySpec", "kms:KeySpec", "kms:KeySpec"),
            ("iam:PrincipalOrgID", "aws:PrincipalOrgID", "elsewhere"),
            ("ec2:ResourceTag/team", "aws:ResourceTag/team", "elsewhere"),
            ("s3:prefix", "new", "elsewhere"),
            ("ec2:Vpc", "new", "elsewhere"),
            ("aws:PrincipalTg/team", "aws:PrincipalTag/team", "aws:PrincipalTag/team"),
            ("kms:EncryptionContex:team/a", "kms:EncryptionContext:team/a", "kms:EncryptionContext:team/a"),
            ("aws:PrincipalTag", "aws:PrincipalTag/", "aws:PrincipalTag/"),
            ("aws:Weather/team", "new", "new"),
            ("aws:Weather", "new", "new"),
            ("kms:Weather", "new", "new"),
            ("accounts.google.com:aud", "elsewhere", "elsewhere"),
            ("oidc.eks.eu-west-1.amazonaws.com/id/A1:sub", "elsewhere", "elsewhere"),
            ("saml:aud", "elsewhere", "elsewhere"),
            ("cognito-identity.amazonaws.com:aud", "elsewhere", "elsewhere"),
            ("identitycenter:CredentialId", "elsewhere", "elsewhere"),
        ] {
            for (about_kms_alone, expected) in [(true, alone), (false, elsewhere)] {
                let found = match standing(name, about_kms_alone) {
                    Standing::Known(_) => "known".to_owned(),
                    Standing::Elsewhere => "elsewhere".to_owned(),
                    Standing::Mistaken(meant) => meant.unwrap_or_else(|| "nothing".to_owned()),
                    Standing::New => "new".to_owned(),
                };
                assert_eq!(found, expected, "{name}, {about_kms_alone}");
            }
        }
    }
}
