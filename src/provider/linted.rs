//! What the linter finds in a policy, in Terraform's words: what refuses a plan,
//! and what only warns.
//!
//! One diagnostic for all findings of one consequence, at the attribute that
//! holds the policy. What a check or a control says already is left out by the
//! caller, who knows them.

use std::collections::BTreeMap;

use crate::iam::lint::Finding;
use crate::iam::lint::Severity;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Path;

/// What becomes of a policy with such a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Consequence {
    /// AWS does not take it.
    Refused,
    /// Everybody is let in.
    Public,
    /// Nobody could ever change it again.
    Lost,
    /// It is stored, and likely does something else than is meant.
    Doubtful,
}

/// The consequence of a finding; nothing has to change where there is none.
pub(crate) fn consequence(finding: &Finding) -> Option<Consequence> {
    match (finding.severity, finding.rule.id) {
        (Severity::Info, _) => None,
        (Severity::Error, id) if PUBLIC.contains(&id) => Some(Consequence::Public),
        (Severity::Error, LOST) => Some(Consequence::Lost),
        (Severity::Error, id) if REFUSED.contains(&id) => Some(Consequence::Refused),
        (Severity::Error | Severity::Warning, _) => Some(Consequence::Doubtful),
    }
}

/// A policy as the messages call it, such as `key policy`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named(pub(crate) &'static str);

/// One diagnostic per consequence, in the order of [`Consequence`]; whether it
/// refuses the plan is `refuses`.
pub(crate) fn diagnostics(
    named: Named,
    findings: &[Finding],
    path: &Path,
    refuses: impl Fn(Consequence) -> bool,
) -> Diagnostics {
    let mut sorted: BTreeMap<Consequence, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(consequence) = consequence(finding) {
            sorted.entry(consequence).or_default().push(finding);
        }
    }
    let mut told = Diagnostics::new();
    for (consequence, findings) in sorted {
        let detail = findings.into_iter().map(paragraph).collect::<Vec<_>>().join("\n\n");
        let summary = summary(named, consequence);
        let diagnostic = if refuses(consequence) {
            Diagnostic::error(summary, detail)
        } else {
            Diagnostic::warning(summary, detail)
        };
        told.push(diagnostic.at(path.clone()));
    }
    told
}

fn summary(Named(policy): Named, consequence: Consequence) -> String {
    match consequence {
        Consequence::Refused => format!("The {policy} is not one that AWS accepts"),
        Consequence::Public => format!("The {policy} lets everybody in"),
        Consequence::Lost => format!("The {policy} could never be changed again"),
        Consequence::Doubtful => format!("The {policy} likely does not do what is meant"),
    }
}

fn paragraph(finding: &Finding) -> String {
    let Finding { rule, severity: _, at, statement, message, fix } = finding;
    let place = statement.as_ref().map_or_else(String::new, |statement| format!(", statement `{statement}`"));
    format!("Found: {message} ({at}{place}).\nFix: {fix}.\nRule: {} (`{}`).", rule.title, rule.id)
}

/// Rules whose errors AWS answers with a refusal (KMS API reference,
/// `PutKeyPolicy`; Organizations user guide, "SCP syntax" and "RCP syntax"; read
/// 2026-11). What the others find is stored and never does what it says.
const REFUSED: [&str; 7] = [
    "no-over-permissive-context",
    "no-redundancy",
    "principals-exist",
    "rcp-within-language",
    "size-within-quota",
    "statements-complete",
    "well-formed",
];
const PUBLIC: [&str; 2] = ["no-not-principal", "no-public-access"];
const LOST: &str = "no-lock-out";

#[cfg(test)]
mod tests {
    use super::{Consequence, LOST, Named, PUBLIC, REFUSED, consequence, diagnostics};
    use crate::iam::lint::{Kind, RULES, Severity, Surroundings, lint};
    use crate::tf::Path;
    use crate::tf::diagnostics::Severity as Level;

    #[test]
    fn every_rule_named_here_exists_and_has_errors() {
        for id in REFUSED.iter().chain(&PUBLIC).chain(&[LOST]) {
            let rule = RULES.iter().find(|rule| rule.doc().id == *id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(rule.doc().severity, Severity::Error, "{id}");
        }
    }

    #[test]
    fn findings_of_one_consequence_are_one_diagnostic() {
        let text = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Account","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
  {"Sid":"All","Effect":"Allow","Principal":"*","Action":["kms:Decrpt","kms:Encrypt"],"Resource":"*"},
  {"Sid":"Team","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
        let found = lint(text, Kind::Key, &Surroundings::default());
        let told = diagnostics(Named("key policy"), &found, &Path::attribute("key_policy"), |consequence| {
            consequence != Consequence::Doubtful
        });
        let told: Vec<String> = told
            .iter()
            .map(|one| {
                let level = if one.severity == Level::Error { "error" } else { "warning" };
                format!("{level} at {}: {}\n{}", one.path.clone().unwrap(), one.summary, one.detail)
            })
            .collect();
        assert_eq!(
            told,
            [
                "error at key_policy: The key policy is not one that AWS accepts\n\
                 Found: `arn:aws:iam::111122223333:role/*` has a wildcard, and AWS takes none within a principal (line \
                 4, column 53, statement `Team`).\n\
                 Fix: name the account as principal and add `ArnLike` on `aws:PrincipalArn`.\n\
                 Rule: Principals are there (`principals-exist`).",
                "error at key_policy: The key policy lets everybody in\n\
                 Found: the statement allows `*`, every principal of every AWS account, and nothing limits it: the key \
                 is public (line 3, column 3, statement `All`).\n\
                 Fix: name the account or the roles, or add a condition on `aws:PrincipalOrgID`.\n\
                 Rule: Nobody is allowed who is not meant (`no-public-access`).",
                "warning at key_policy: The key policy likely does not do what is meant\n\
                 Found: `kms:Decrpt` is none of the KMS actions (line 3, column 59, statement `All`).\n\
                 Fix: write `kms:Decrypt`, if that is what is meant.\n\
                 Rule: Every action exists and says what it takes in (`actions-known`).",
            ]
        );
    }

    #[test]
    fn what_is_only_worth_knowing_has_no_consequence() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}]}"#;
        let found = lint(text, Kind::Key, &Surroundings::default());
        let info: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Info).collect();
        assert!(!info.is_empty(), "{found:?}");
        assert!(info.iter().all(|finding| consequence(finding).is_none()));
    }
}
