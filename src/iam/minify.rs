//! A shorter text that means the same.
//!
//! Entries that another entry takes in go, accounts are written by number, and
//! statements without Sids that differ in their actions alone become one. Sids
//! stay: what AWS says of a denied call names them. Wildcards are never put in
//! the place of names: an action of tomorrow would come under them.
//!
//! INVARIANT: every request is decided as before.

use crate::iam::canonical::account_form;
use crate::iam::pattern::Pattern;
use crate::iam::policy::{
    Actions, Condition, Document, PrincipalSet, Principals, Resources, Statement, Text,
};

/// The policy with everything left out that changes no decision. Print it with
/// [`Document::to_json`].
#[must_use]
pub fn minify(document: &Document) -> Document {
    let mut statements: Vec<Statement> = Vec::new();
    for statement in document.statements.iter().map(shorter) {
        if statements.contains(&statement) {
            continue;
        }
        match statements.iter_mut().find(|other| unites(other, &statement)) {
            Some(other) => unite(other, &statement),
            None => statements.push(statement),
        }
    }
    Document { version: document.version, id: document.id.clone(), statements }
}

fn shorter(statement: &Statement) -> Statement {
    let Statement { sid, effect, principals, actions, resources, conditions, at } = statement;
    let condition = |Condition { operator, key, values }: &Condition| Condition {
        operator: *operator,
        key: key.clone(),
        values: once(values.clone()),
    };
    Statement {
        sid: sid.clone().filter(|sid| !sid.as_str().is_empty()),
        effect: *effect,
        principals: principals.as_ref().map(|principals| match principals {
            Principals::Only(set) => Principals::Only(shorter_principals(set)),
            Principals::AllBut(set) => Principals::AllBut(shorter_principals(set)),
        }),
        actions: actions.as_ref().map(|actions| match actions {
            Actions::Only(list) => Actions::Only(shorter_actions(list)),
            Actions::AllBut(list) => Actions::AllBut(shorter_actions(list)),
        }),
        resources: resources.as_ref().map(|resources| match resources {
            Resources::Only(list) => Resources::Only(shorter_resources(list)),
            Resources::AllBut(list) => Resources::AllBut(shorter_resources(list)),
        }),
        conditions: conditions.iter().map(condition).collect(),
        at: *at,
    }
}

fn shorter_principals(set: &PrincipalSet) -> PrincipalSet {
    let PrincipalSet::Listed { aws, service, federated, canonical_user } = set else {
        return PrincipalSet::Everyone;
    };
    let [service, federated, canonical_user] =
        [service, federated, canonical_user].map(|names| once(names.clone()));
    let aws = once(aws.iter().map(|name| Text::from(account_form(name.as_str()))).collect());
    // Beside `*` a user's ARN is no repetition: who is named by it is not limited by a boundary.
    let everyone = matches!(aws.as_slice(), [name] if name.as_str() == "*");
    if everyone && [&service, &federated, &canonical_user].iter().all(|names| names.is_empty()) {
        return PrincipalSet::Everyone;
    }
    PrincipalSet::Listed { aws, service, federated, canonical_user }
}

/// Letter case means nothing in actions.
fn shorter_actions(list: &[Text]) -> Vec<Text> {
    let mut kept: Vec<Text> = Vec::new();
    for (index, text) in list.iter().enumerate() {
        let narrow = text.as_str().to_ascii_lowercase();
        let redundant = list.iter().enumerate().any(|(other, wide)| {
            let wide = wide.as_str().to_ascii_lowercase();
            if wide == narrow { other < index } else { takes_in(&wide, &narrow) }
        });
        if !redundant {
            kept.push(text.clone());
        }
    }
    kept
}

fn shorter_resources(list: &[Text]) -> Vec<Text> {
    match list.iter().find(|text| text.as_str() == "*") {
        Some(all) => vec![all.clone()],
        None => once(list.to_vec()),
    }
}

/// Whether everything that `narrow` matches is matched by `wide`. Says no where
/// that is not certain.
pub(crate) fn takes_in(wide: &str, narrow: &str) -> bool {
    Wide::new(wide).takes_in(narrow)
}

/// A pattern that is asked many times whether it takes another one in.
#[derive(Debug)]
pub(crate) struct Wide {
    pattern: Pattern,
    /// Whether it has a `?`.
    letter: bool,
}

impl Wide {
    pub(crate) fn new(text: &str) -> Self {
        Self { pattern: Pattern::wild(text), letter: text.contains('?') }
    }

    /// Whether everything that `narrow` matches is matched by this. Says no
    /// where that is not certain.
    pub(crate) fn takes_in(&self, narrow: &str) -> bool {
        // A `?` would take the `*` of the other for one letter.
        let certain = !(self.letter && narrow.contains(['*', '?']));
        certain && self.pattern.matches(narrow)
    }
}

fn once(list: Vec<Text>) -> Vec<Text> {
    let mut kept: Vec<Text> = Vec::new();
    for text in list {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// Whether the statements differ in nothing but the actions they name.
fn unites(one: &Statement, other: &Statement) -> bool {
    let named = |statement: &Statement| {
        statement.sid.is_some()
            || !matches!(&statement.actions, Some(Actions::Only(list)) if !list.is_empty())
    };
    let bare = |statement: &Statement| Statement { actions: None, ..statement.clone() };
    !named(one) && !named(other) && bare(one) == bare(other)
}

fn unite(one: &mut Statement, other: &Statement) {
    if let (Some(Actions::Only(list)), Some(Actions::Only(more))) = (&mut one.actions, &other.actions) {
        list.extend(more.iter().cloned());
        *list = shorter_actions(list);
    }
}

#[cfg(test)]
mod tests {
    use super::{minify, takes_in};
    use crate::iam::{PolicyKind, parse};

    #[test]
    fn what_changes_no_decision_is_left_out() {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","111122223333"]},
             "Action":["kms:Decrypt","KMS:decrypt","kms:GenerateDataKey","kms:GenerateDataKey*"],"Resource":["*","*"]},
            {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Encrypt","Resource":"*"},
            {"Sid":"Kept","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Encrypt","Resource":"*"},
            {"Sid":"","Effect":"Deny","Principal":{"AWS":["*","*"]},"Action":"*","Resource":
             ["arn:aws:kms:*:*:key/1","*"],"Condition":{"StringEquals":{"kms:KeySpec":["RSA_2048","RSA_2048"]}}}]}"#;
        assert_eq!(
            minify(&parse(text, PolicyKind::Resource).unwrap()).to_json(),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["kms:Decrypt","kms:GenerateDataKey*","kms:Encrypt"],"Resource":"*"},{"Sid":"Kept","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Encrypt","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"kms:KeySpec":"RSA_2048"}}}]}"#
        );
    }

    #[test]
    fn a_pattern_is_taken_in_only_where_that_is_certain() {
        for (wide, narrow, expected) in [
            ("kms:*", "kms:decrypt", true),
            ("kms:*", "kms:?ecrypt", true),
            ("kms:g*", "kms:generate*", true),
            ("kms:generate*", "kms:g*", false),
            ("kms:?", "kms:*", false),
            ("kms:?", "kms:a", true),
        ] {
            assert_eq!(takes_in(wide, narrow), expected, "{wide} {narrow}");
        }
    }
}
