//! The one form of everything that says the same, however it is written.
//!
//! Lists become sorted sets, letter case falls where AWS ignores it, an
//! account's root user becomes the account's number, and the order of
//! statements goes. Ids and Sids count: changing one is a change to what AWS
//! stores. So does the id of a deleted role, `AROA…`, which is no spelling of
//! the role's ARN: it matches nobody until the policy is written again.
//!
//! INVARIANT: the canonical form is a policy, has the same decisions, and is
//! its own canonical form.

use crate::iam::arn::is_account;
use crate::iam::catalogue::{ACTIONS, condition_key};
use crate::iam::policy::{
    Actions, Comparison, Condition, Document, Position, PrincipalSet, Principals, Resources, Statement, Text,
    Version,
};

/// Whether two policies say the same. Equal policies have equal decisions;
/// the reverse is not promised.
pub fn equivalent(a: &Document, b: &Document) -> bool {
    canonical(a) == canonical(b)
}

/// The policy without the freedom of writing. Names of KMS are in AWS's
/// spelling, those of other services in lower case.
#[must_use]
pub fn canonical(document: &Document) -> Document {
    let Document { version, id, statements } = document;
    let mut statements: Vec<(String, Statement)> = statements
        .iter()
        .map(|statement| {
            let statement = of_statement(statement);
            (Document::new([statement.clone()]).to_json(), statement)
        })
        .collect();
    statements.sort_by(|(a, _), (b, _)| a.cmp(b));
    statements.dedup_by(|(a, _), (b, _)| a == b);
    Document {
        // A missing version means the old language.
        version: Some(version.unwrap_or(Version::V2008)),
        id: id.clone(),
        statements: statements.into_iter().map(|(_, statement)| statement).collect(),
    }
}

fn of_statement(statement: &Statement) -> Statement {
    let Statement { sid, effect, principals, actions, resources, conditions, at: _ } = statement;
    let mut conditions: Vec<Condition> = conditions.iter().map(of_condition).collect();
    conditions.sort_by(|a, b| (a.operator, &a.key).cmp(&(b.operator, &b.key)));
    Statement {
        // An empty Sid is stored as none.
        sid: sid.clone().filter(|sid| !sid.as_str().is_empty()),
        effect: *effect,
        principals: principals.as_ref().map(|principals| match principals {
            Principals::Only(set) => Principals::Only(of_principals(set)),
            Principals::AllBut(set) => Principals::AllBut(of_principals(set)),
        }),
        actions: actions.as_ref().map(|actions| match actions {
            Actions::Only(list) => Actions::Only(set(list, action_form)),
            Actions::AllBut(list) => Actions::AllBut(set(list, action_form)),
        }),
        resources: resources.as_ref().map(|resources| match resources {
            Resources::Only(list) => Resources::Only(set(list, str::to_owned)),
            Resources::AllBut(list) => Resources::AllBut(set(list, str::to_owned)),
        }),
        conditions,
        at: Position::default(),
    }
}

fn of_condition(condition: &Condition) -> Condition {
    let Condition { operator, key, values } = condition;
    let fold = matches!(operator.comparison, Comparison::Bool | Comparison::Null);
    let form = |value: &str| if fold { value.to_ascii_lowercase() } else { value.to_owned() };
    Condition { operator: *operator, key: key_form(key.as_str()).into(), values: set(values, form) }
}

fn of_principals(principals: &PrincipalSet) -> PrincipalSet {
    let PrincipalSet::Listed { aws, service, federated, canonical_user } = principals else {
        return PrincipalSet::Everyone;
    };
    let [service, federated, canonical_user] =
        [service, federated, canonical_user].map(|names| set(names, str::to_owned));
    let aws = set(aws, account_form);
    // Beside `*` a user's ARN is no repetition: who is named by it is not limited by a boundary.
    let everyone = matches!(aws.as_slice(), [name] if name.as_str() == "*");
    if everyone && [&service, &federated, &canonical_user].iter().all(|names| names.is_empty()) {
        return PrincipalSet::Everyone;
    }
    PrincipalSet::Listed { aws, service, federated, canonical_user }
}

/// A list in which order and repetition mean nothing.
fn set(list: &[Text], form: impl Fn(&str) -> String) -> Vec<Text> {
    let mut set: Vec<Text> = list.iter().map(|text| form(text.as_str()).into()).collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// The root user's ARN, in any partition, as its account number.
pub(crate) fn account_form(name: &str) -> String {
    let account = name.strip_prefix("arn:").and_then(|rest| rest.strip_suffix(":root"));
    let account = account.and_then(|rest| rest.split_once(":iam::")).map(|(_, account)| account);
    account.filter(|account| is_account(account)).unwrap_or(name).to_owned()
}

/// Letter case means nothing in actions.
fn action_form(pattern: &str) -> String {
    let lower = pattern.to_ascii_lowercase();
    let Some(name) = lower.strip_prefix("kms:") else { return lower };
    let head = name.find(['*', '?']).map_or(name, |end| name.get(..end).unwrap_or_default());
    let begins = |known: &str| known.get(..head.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(head));
    let spelt = ACTIONS
        .iter()
        .map(|action| action.name)
        .find(|known| begins(known) && (head.len() < name.len() || known.len() == name.len()));
    let Some((begin, rest)) =
        spelt.and_then(|known| Some((known.get(..head.len())?, name.get(head.len()..)?)))
    else {
        return lower;
    };
    format!("kms:{begin}{rest}")
}

/// Letter case means nothing in the names of condition keys, those of tags
/// included.
fn key_form(key: &str) -> String {
    let lower = key.to_lowercase();
    match condition_key(key).map(|definition| definition.name) {
        Some(family) if family.ends_with(['/', ':']) => {
            format!("{family}{}", lower.get(family.len()..).unwrap_or_default())
        }
        Some(name) => name.to_owned(),
        None => lower,
    }
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
    fn the_canonical_form_reads_so() {
        let text = r#"{"Statement":{"Sid":"","Effect":"Deny","Principal":{"AWS":["arn:aws-cn:iam::111122223333:root",
            "111122223333","AROAEXAMPLEEXAMPLE12345"]},"Action":["KMS:reencryptFROM","kms:generatedatakey*",
            "kms:nosuchaction","S3:GetObject","kms:ReEncryptFrom"],"Resource":["*"],"Condition":{"StringEquals":{
            "AWS:RESOURCETAG/Owner":["b","a","b"]},"Bool":{"aws:viaawsservice":true}}}}"#;
        let document = parse(text, PolicyKind::Resource).unwrap();
        let form = canonical(&document);
        assert_eq!(
            form.to_json(),
            r#"{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":["111122223333","AROAEXAMPLEEXAMPLE12345"]},"Action":["kms:GenerateDataKey*","kms:ReEncryptFrom","kms:nosuchaction","s3:getobject"],"Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"},"StringEquals":{"aws:ResourceTag/owner":["a","b"]}}}]}"#
        );
        assert_eq!(canonical(&form), form);
        assert!(equivalent(&document, &form));
    }

    #[test]
    fn the_id_of_a_deleted_role_is_no_spelling_of_its_arn() {
        let of = |name: &str| {
            format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"{name}"}},"Action":"kms:Decrypt","Resource":"*"}}"#
            )
        };
        let (role, id) = (of("arn:aws:iam::111122223333:role/app"), of("AROAEXAMPLEEXAMPLE12345"));
        assert!(!same(&role, &id));
        assert!(same(&id, &id));
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
