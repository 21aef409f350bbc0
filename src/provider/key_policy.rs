//! The key policy that is generated from roles, and back: owners change the
//! policy, administrators manage the key and its policy, users use it. Whoever
//! may change the policy could let himself use the key, as under AWS's own
//! default policy; that he did so shows as drift.
//!
//! Pure. INVARIANT: [`recognise`] of [`generate`] gives the same roles, so that
//! an imported key reads as the configuration that would have made it.

use std::collections::BTreeSet;

use crate::iam;
use crate::iam::Document;
use crate::iam::PolicyKind;
use crate::iam::policy::Comparison;
use crate::iam::policy::PrincipalSet;
use crate::iam::policy::Principals;
use crate::iam::policy::Statement;
use crate::model::account::AccountId;
use crate::model::region::Partition;

/// The account a key lives in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// Its partition.
    pub(crate) partition: Partition,
    /// Its account.
    pub(crate) account: AccountId,
}

/// Who may do what with a key, as ARNs that may hold `*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    /// May change the policy.
    pub(crate) owners: BTreeSet<String>,
    /// May manage the key.
    pub(crate) administrators: BTreeSet<String>,
    /// May use the key.
    pub(crate) users: BTreeSet<String>,
    /// May use the key also through AWS services.
    pub(crate) service_users: BTreeSet<String>,
    /// Whether identity policies of the account count.
    pub(crate) iam_policies: bool,
}

/// The policy for these roles, with the statements that controls require.
pub(crate) fn generate(home: &Home, roles: &Roles, required: Vec<Statement>) -> Document {
    let mut statements = vec![account(home, roles.iam_policies)];
    for duty in DUTIES {
        statements.extend(duty.statements(home, (duty.of)(roles)));
    }
    statements.extend(required);
    Document::new(statements)
}

/// The roles that generate exactly this policy, if there are such.
pub(crate) fn recognise(text: &str, home: &Home, required: Vec<Statement>) -> Option<Roles> {
    let found = iam::parse(text, PolicyKind::Resource).ok()?;
    let named = |sid: &str| principals(&found, sid, home);
    let mut roles = Roles::default();
    for duty in DUTIES {
        *(duty.of_mut)(&mut roles) = named(duty.sid).into_iter().chain(named(&duty.pattern_sid())).collect();
    }
    roles.iam_policies = found.statements.iter().any(|statement| sid(statement) == Some(WITH_IAM));
    iam::equivalent(&found, &generate(home, &roles, required)).then_some(roles)
}

/// Whether two policy texts say the same. Texts that are no policies are
/// compared as texts.
pub(crate) fn equivalent(a: &str, b: &str) -> bool {
    let parsed = |text| iam::parse(text, PolicyKind::Resource);
    a == b || matches!((parsed(a), parsed(b)), (Ok(a), Ok(b)) if iam::equivalent(&a, &b))
}

/// One role's share of the policy.
struct Duty {
    sid: &'static str,
    of: fn(&Roles) -> &BTreeSet<String>,
    of_mut: fn(&mut Roles) -> &mut BTreeSet<String>,
    actions: &'static [&'static str],
    /// What is allowed only for AWS services that act for the role.
    for_services: &'static [&'static str],
}

impl Duty {
    fn statements(&self, home: &Home, arns: &BTreeSet<String>) -> Vec<Statement> {
        let (patterns, literals): (Vec<_>, Vec<_>) = arns.iter().partition(|arn| arn.contains(['*', '?']));
        let mut statements = Vec::new();
        if !literals.is_empty() {
            let named = |statement: Statement| statement.principals(PrincipalSet::aws(literals.clone()));
            self.write(self.sid, named, &mut statements);
        }
        if !patterns.is_empty() {
            // KMS refuses wildcards in a principal; the account's root with a
            // condition on the caller's ARN says the same (KMS developer guide,
            // "Key policies", read 2026-11).
            let matched = |statement: Statement| {
                let everyone = PrincipalSet::aws([root(home)]);
                statement.principals(everyone).when(Comparison::ArnLike, PRINCIPAL_ARN, patterns.clone())
            };
            self.write(&self.pattern_sid(), matched, &mut statements);
        }
        statements
    }

    fn write(&self, sid: &str, whom: impl Fn(Statement) -> Statement, statements: &mut Vec<Statement>) {
        statements.push(whom(Statement::allow(sid).actions(self.actions.iter().copied())));
        if !self.for_services.is_empty() {
            let services = Statement::allow(format!("{sid}ThroughServices").as_str());
            let services = services.actions(self.for_services.iter().copied());
            statements.push(whom(services).when(Comparison::Bool, "kms:GrantIsForAWSResource", ["true"]));
        }
    }

    fn pattern_sid(&self) -> String {
        format!("{}ByPattern", self.sid)
    }
}

fn account(home: &Home, iam_policies: bool) -> Statement {
    let whole = |sid: &'static str| {
        Statement::allow(sid).principals(PrincipalSet::aws([root(home)])).actions(["kms:*"])
    };
    if iam_policies {
        return whole(WITH_IAM);
    }
    whole("AccountRootOnly").when(Comparison::StringEquals, "aws:PrincipalType", ["Account"])
}

fn root(home: &Home) -> String {
    format!("arn:{}:iam::{}:root", home.partition, home.account)
}

/// Whom the statement `sid` names: its principals, or the patterns of its condition.
fn principals(document: &Document, wanted: &str, home: &Home) -> Vec<String> {
    let Some(statement) = document.statements.iter().find(|statement| sid(statement) == Some(wanted)) else {
        return Vec::new();
    };
    let patterns = statement.conditions.iter().filter(|condition| condition.key.as_str() == PRINCIPAL_ARN);
    let patterns =
        patterns.flat_map(|condition| condition.values.iter().map(|value| value.as_str().to_owned()));
    let named = match &statement.principals {
        Some(Principals::Only(PrincipalSet::Listed { aws, .. })) => {
            aws.iter().map(|name| name.as_str().to_owned()).filter(|name| *name != root(home)).collect()
        }
        _ => Vec::new(),
    };
    patterns.chain(named).collect()
}

fn sid(statement: &Statement) -> Option<&str> {
    statement.sid.as_ref().map(iam::policy::Text::as_str)
}

const WITH_IAM: &str = "AccountAndItsIdentityPolicies";
const PRINCIPAL_ARN: &str = "aws:PrincipalArn";

const USE: &[&str] =
    &["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

static DUTIES: &[Duty] = &[
    Duty {
        sid: "KeyOwners",
        of: |roles| &roles.owners,
        of_mut: |roles| &mut roles.owners,
        actions: &["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListKeyPolicies", "kms:PutKeyPolicy"],
        for_services: &[],
    },
    Duty {
        sid: "KeyAdministrators",
        of: |roles| &roles.administrators,
        of_mut: |roles| &mut roles.administrators,
        actions: &[
            "kms:CancelKeyDeletion",
            "kms:CreateAlias",
            "kms:DeleteAlias",
            "kms:DescribeKey",
            "kms:DisableKey",
            "kms:DisableKeyRotation",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListGrants",
            "kms:ListKeyPolicies",
            "kms:ListKeyRotations",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:RevokeGrant",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ],
        for_services: &[],
    },
    Duty {
        sid: "KeyUsers",
        of: |roles| &roles.users,
        of_mut: |roles| &mut roles.users,
        actions: USE,
        for_services: &[],
    },
    Duty {
        sid: "KeyServiceUsers",
        of: |roles| &roles.service_users,
        of_mut: |roles| &mut roles.service_users,
        actions: USE,
        for_services: &["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Home, Roles, equivalent, generate, recognise};
    use crate::model::region::Partition;

    fn home() -> Home {
        Home { partition: Partition::Aws, account: "222222222222".parse().unwrap() }
    }

    fn set(arns: &[&str]) -> BTreeSet<String> {
        arns.iter().map(|arn| (*arn).to_owned()).collect()
    }

    #[test]
    fn without_roles_the_account_delegates_to_its_identity_policies() {
        let roles = Roles { iam_policies: true, ..Roles::default() };
        assert_eq!(
            generate(&home(), &roles, Vec::new()).to_json(),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"AccountAndItsIdentityPolicies","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"}]}"#
        );
    }

    #[test]
    fn a_generated_policy_reads_back_as_its_roles() {
        let roles = Roles {
            owners: set(&["arn:aws:iam::222222222222:role/owner"]),
            administrators: set(&[
                "arn:aws:iam::222222222222:role/admin",
                "arn:aws:iam::222222222222:user/a",
            ]),
            users: set(&["arn:aws:iam::222222222222:role/app", "arn:aws:iam::222222222222:role/app-*"]),
            service_users: set(&["arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/*"]),
            iam_policies: false,
        };
        let text = generate(&home(), &roles, Vec::new()).to_json_pretty();
        assert_eq!(recognise(&text, &home(), Vec::new()), Some(roles));
    }

    #[test]
    fn a_policy_somebody_wrote_is_not_recognised() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Sid":"KeyUsers","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;
        assert_eq!(recognise(text, &home(), Vec::new()), None);
        assert_eq!(recognise("no policy", &home(), Vec::new()), None);
    }

    #[test]
    fn texts_that_are_no_policies_are_compared_as_texts() {
        assert!(equivalent("x", "x"));
        assert!(!equivalent("x", "y"));
    }
}
