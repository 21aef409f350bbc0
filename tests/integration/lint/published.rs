//! Policies as they stand in published articles and repositories, with what is
//! wrong with each. The texts are below `cases/published`; where one is no
//! JSON, a second file has it mended, and is judged too.

use std::collections::BTreeMap;
use std::path::Path;

use keyrail::iam::lint::{Severity, Surroundings};

use super::cases::{files, findings};

/// Each policy with the rules that complain of it, by number; an error has an
/// exclamation mark. The numbers left out are texts and settings, no policies.
const PUBLISHED: &[(&str, &str)] = &[
    // Denies everybody who has no MFA, the pipeline that would take it back included.
    ("s01-mfa-for-critical-operations.scp.json", "L27"),
    // Right: a call without the parameter means 30 days.
    ("s02-waiting-period.scp.json", ""),
    // The key is never on `CreateKey`, `Null` with an empty list is malformed, and the rest has no way out.
    ("s03-automatic-key-rotation.scp.json", "L06! L09! L27"),
    // Paths of names deny the intended users, outsiders slip through, nobody is exempt, and whoever tags decides.
    ("s04-dev-keys-for-dev.scp.json", "L08 L10! L27 L31"),
    ("s04-prod-keys-for-prod.scp.json", "L08 L10! L27 L31"),
    // One tag is enough, aliases have no tags, a missing value passes, and a list is compared as a text.
    ("s05-tag-enforcement.scp.json", "L06! L07! L08 L30 L31"),
    // Takes `CreateGrant` from the services, and compares an ARN as a text.
    ("s06-administrators-only.scp.json", "L05 L09"),
    // A key that only somebody with MFA can manage, and a pipeline has none.
    ("s07-mfa-in-the-key-policy.key.json", "L15 L21"),
    // A misspelt key locks everybody out, the root user included.
    ("s08-other-environments-in-the-key-policy.key.json", "L06! L15! L35"),
    // No request has both keys.
    ("s09-rds-as-a-service.key.json", "L13!"),
    // `kms:Create*` is `CreateGrant`.
    ("s10-administrators-by-wildcard.key.json", "L05 L17"),
    ("s07-to-s10-production-rds-key.key.json", "L05 L06! L13! L15! L17 L21 L35"),
    // The id of a root in place of an organisation's denies the whole organisation.
    ("s11-external-principals.rcp.json", "L10!"),
    // Right.
    ("s12-external-services.rcp.json", ""),
    // Reaches an action without a resource.
    ("s13-deletion.rcp.json", "L26"),
    // Lets services in by a key they do not have, shuts them out again, and asks MFA of everybody.
    ("s14-organization-key.key.json", "L13! L21 L35"),
    // Services for anybody's resources.
    ("s17-rds-key.key.json", "L12"),
    // The same, and nobody can change the policy.
    ("s17-s3-key.key.json", "L12 L15! L16"),
    // Actions without quotes; with them, full escalation.
    ("s21-actions-of-a-creator.key.json", "L01!"),
    ("s21-actions-of-a-creator-quoted.key.json", "L05 L17"),
    // A comma too many, a bracket too few; mended, only the root user can recover the key.
    ("s22-three-roles.key.json", "L01!"),
    ("s22-three-roles-mended.key.json", "L05 L16 L17"),
    // A comma missing; then no `Resource`, so without effect; then every service is stopped.
    ("s23-endpoint-only.key.json", "L01!"),
    ("s23-endpoint-only-with-comma.key.json", "L02! L21"),
    ("s23-endpoint-only-with-resource.key.json", "L21"),
    // No version, and anybody's principals.
    ("s24-endpoint.endpoint.json", "L03 L11!"),
    // No effect, or a total block; no id of a key; an ARN as a text; actions that are on no key.
    ("s25-only-the-guardian-deletes.scp.json", "L09 L23 L27 L32"),
    // Right as far as it goes.
    ("s27-auditor.identity.json", ""),
];

#[test]
fn each_is_reported_for_what_is_wrong_with_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/published");
    let mut found = BTreeMap::new();
    for path in files(&folder) {
        let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in findings(&path, &Surroundings::default()) {
            let severity = worst.entry(finding.rule.number).or_insert(finding.severity);
            *severity = finding.severity.max(*severity);
        }
        let numbers = worst.into_iter().map(|(number, severity)| {
            format!("{number}{}", if severity == Severity::Error { "!" } else { "" })
        });
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        found.insert(name, numbers.collect::<Vec<_>>().join(" "));
    }
    let expected: BTreeMap<String, String> =
        PUBLISHED.iter().map(|(name, rules)| ((*name).to_owned(), (*rules).to_owned())).collect();
    assert_eq!(found, expected);
}
