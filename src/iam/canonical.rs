//! Whether two policies say the same, however they are written.
//!
//! Both are brought into one form: lists become sets, scalars lists of one,
//! letter case falls where AWS ignores it, an account number becomes its root
//! user's ARN, and the order of statements goes. Ids and Sids count: changing
//! one is a change to what AWS stores.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::arn::is_account;
use crate::iam::policy::{
    Actions, Comparison, Condition, Document, Effect, Operator, PrincipalSet, Principals, Resources,
    Statement, Text, Version,
};

/// Whether two policies say the same. Equal policies have equal decisions;
/// the reverse is not promised.
pub fn equivalent(a: &Document, b: &Document) -> bool {
    Form::of(a) == Form::of(b)
}

type Set = BTreeSet<String>;

/// A document without the freedom of writing.
#[derive(PartialEq, Eq)]
struct Form<'d> {
    version: Version,
    id: Option<&'d Text>,
    /// Sorted; equal statements are kept once.
    statements: BTreeSet<StatementForm<'d>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct StatementForm<'d> {
    sid: Option<&'d str>,
    effect: Effect,
    principals: Option<(bool, BTreeMap<&'static str, Set>)>,
    actions: Option<(bool, Set)>,
    resources: Option<(bool, Set)>,
    conditions: BTreeSet<(Operator, String, Set)>,
}

impl<'d> Form<'d> {
    fn of(document: &'d Document) -> Self {
        Self {
            version: document.version.unwrap_or(Version::V2008),
            id: document.id.as_ref(),
            statements: document.statements.iter().map(StatementForm::of).collect(),
        }
    }
}

impl<'d> StatementForm<'d> {
    fn of(statement: &'d Statement) -> Self {
        let Statement { sid, effect, principals, actions, resources, conditions, at: _ } = statement;
        let fold = |text: &Text| text.as_str().to_ascii_lowercase();
        let keep = |text: &Text| text.as_str().to_owned();
        Self {
            // An empty Sid is stored as none.
            sid: sid.as_ref().map(Text::as_str).filter(|sid| !sid.is_empty()),
            effect: *effect,
            principals: principals.as_ref().map(|principals| match principals {
                Principals::Only(set) => (false, principal_sets(set)),
                Principals::AllBut(set) => (true, principal_sets(set)),
            }),
            actions: actions.as_ref().map(|actions| match actions {
                Actions::Only(list) => (false, list.iter().map(fold).collect()),
                Actions::AllBut(list) => (true, list.iter().map(fold).collect()),
            }),
            resources: resources.as_ref().map(|resources| match resources {
                Resources::Only(list) => (false, list.iter().map(keep).collect()),
                Resources::AllBut(list) => (true, list.iter().map(keep).collect()),
            }),
            conditions: conditions.iter().map(condition).collect(),
        }
    }
}

fn condition(condition: &Condition) -> (Operator, String, Set) {
    let Condition { operator, key, values } = condition;
    let fold = matches!(operator.comparison, Comparison::Bool | Comparison::Null);
    let value =
        |value: &Text| if fold { value.as_str().to_ascii_lowercase() } else { value.as_str().to_owned() };
    (*operator, key.as_str().to_lowercase(), values.iter().map(value).collect())
}

fn principal_sets(set: &PrincipalSet) -> BTreeMap<&'static str, Set> {
    match set {
        PrincipalSet::Everyone => BTreeMap::from([("AWS", Set::from(["*".to_owned()]))]),
        PrincipalSet::Listed { aws, service, federated, canonical_user } => {
            let plain = |list: &[Text]| list.iter().map(|text| text.as_str().to_owned()).collect::<Set>();
            let aws = aws.iter().map(|name| account_form(name.as_str())).collect();
            let sets = [
                ("AWS", aws),
                ("Service", plain(service)),
                ("Federated", plain(federated)),
                ("CanonicalUser", plain(canonical_user)),
            ];
            sets.into_iter().filter(|(_, set)| !set.is_empty()).collect()
        }
    }
}

/// The root user's ARN, in any partition, as its account number.
fn account_form(name: &str) -> String {
    let account = name.strip_prefix("arn:").and_then(|rest| rest.strip_suffix(":root"));
    let account = account.and_then(|rest| rest.split_once(":iam::")).map(|(_, account)| account);
    account.filter(|account| is_account(account)).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{PolicyKind, parse};

    fn same(a: &str, b: &str) -> bool {
        let read = |element: &str| {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":{element}}}"#);
            parse(&text, PolicyKind::Resource).unwrap()
        };
        equivalent(&read(a), &read(b))
    }

    #[test]
    fn spellings_of_one_statement_are_equivalent() {
        let base = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt","Resource":"*",
            "Condition":{"Bool":{"aws:ViaAWSService":"false"},"NumericEquals":{"x:y":"7"}}}"#;
        let other = r#"[{"Resource":["*","*"],"Action":["kms:decrypt","KMS:DECRYPT"],"Effect":"Allow",
            "Principal":{"AWS":["arn:aws:iam::111122223333:root","111122223333"]},
            "Condition":{"NumericEquals":{"X:Y":[7,"7"]},"Bool":{"AWS:viaawsservice":[false]}}}]"#;
        assert!(same(base, other));
        assert!(same(
            r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":{"AWS":["*"]},"Action":["*"],"Resource":"*"}"#
        ));
    }

    #[test]
    fn the_order_of_statements_and_repeated_statements_do_not_count() {
        let a = r#"{"Sid":"A","Effect":"Deny","Principal":"*","Action":"kms:A*","Resource":"*"}"#;
        let b = r#"{"Sid":"B","Effect":"Deny","Principal":"*","Action":"kms:B*","Resource":"*"}"#;
        assert!(same(&format!("[{a},{b}]"), &format!("[{b},{a},{a}]")));
    }

    #[test]
    fn different_meanings_are_not_equivalent() {
        let base = r#"{"Effect":"Deny","Principal":"*","Action":"kms:A","Resource":"*"}"#;
        for other in [
            r#"{"Effect":"Allow","Principal":"*","Action":"kms:A","Resource":"*"}"#,
            r#"{"Effect":"Deny","NotPrincipal":"*","Action":"kms:A","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":"*","NotAction":"kms:A","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"kms:A","NotResource":"*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"kms:A"}"#,
            r#"{"Sid":"X","Effect":"Deny","Principal":"*","Action":"kms:A","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":{"Service":"a.amazonaws.com"},"Action":"kms:A","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"kms:A","Resource":"*","Condition":{"Null":{"a:b":true}}}"#,
        ] {
            assert!(!same(base, other), "{other}");
        }
    }
}
