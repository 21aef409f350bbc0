//! What a statement is about, in a form in which two can be compared: whether one
//! takes in everything that the other does.
//!
//! Says no where that is not certain.

use std::collections::BTreeSet;

use crate::iam::arn::Arn;
use crate::iam::canonical::account_form;
use crate::iam::lint::contract::conditions;
use crate::iam::minify::Wide;
use crate::iam::policy::{Actions, Condition, Effect, PrincipalSet, Principals, Resources, Statement, Text};

/// What one statement is about.
#[derive(Debug)]
pub(crate) struct Reach<'s> {
    pub(crate) statement: &'s Statement,
    principals: Option<(Naming, BTreeSet<String>)>,
    actions: (Naming, Vec<Entry>),
    resources: (Naming, Vec<Entry>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Only,
    AllBut,
}

/// One pattern of a list.
#[derive(Debug)]
struct Entry {
    text: String,
    wide: Wide,
}

impl<'s> Reach<'s> {
    pub(crate) fn of(statement: &'s Statement) -> Self {
        let principals = statement.principals.as_ref().map(|principals| match principals {
            Principals::Only(set) => (Naming::Only, names(set)),
            Principals::AllBut(set) => (Naming::AllBut, names(set)),
        });
        let actions = match &statement.actions {
            Some(Actions::AllBut(texts)) => (Naming::AllBut, entries(texts, str::to_ascii_lowercase)),
            Some(Actions::Only(texts)) => (Naming::Only, entries(texts, str::to_ascii_lowercase)),
            None => (Naming::Only, Vec::new()),
        };
        let resources = match &statement.resources {
            Some(Resources::AllBut(texts)) => (Naming::AllBut, entries(texts, str::to_owned)),
            Some(Resources::Only(texts)) => (Naming::Only, entries(texts, str::to_owned)),
            None => (Naming::Only, Vec::new()),
        };
        Self { statement, principals, actions, resources }
    }

    /// Whether the other statement decides nothing that this one does not.
    pub(crate) fn takes_in(&self, other: &Self) -> bool {
        self.statement.effect == other.statement.effect
            && self.means_all_of(other)
            && within(&self.resources, &other.resources)
            && within(&self.actions, &other.actions)
            && self
                .statement
                .conditions
                .iter()
                .all(|wide| other.statement.conditions.iter().any(|narrow| holds_wherever(wide, narrow)))
    }

    /// Whether this statement means everybody whom the other one does, and in the
    /// same way: an Allow to an account hands the decision on, one to a role in it
    /// does not, and one to everybody stands under a boundary.
    fn means_all_of(&self, other: &Self) -> bool {
        // Who is named by a condition is named, as patterns of roles must be.
        let by_arn = |reach: &Self| conditions::mentions(reach.statement, &["aws:principalarn"]);
        if self.statement.effect == Effect::Allow && by_arn(self) != by_arn(other) {
            return false;
        }
        match (&self.principals, &other.principals) {
            (None, None) => true,
            (Some((Naming::Only, wide)), Some((Naming::Only, narrow))) => {
                let everybody = self.statement.effect == Effect::Deny && wide.contains(EVERYBODY);
                !narrow.is_empty() && (everybody || narrow.is_subset(wide))
            }
            (Some(wide), Some(narrow)) => wide == narrow,
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

fn names(set: &PrincipalSet) -> BTreeSet<String> {
    let PrincipalSet::Listed { aws, service, federated, canonical_user } = set else {
        return BTreeSet::from([EVERYBODY.to_owned()]);
    };
    let others = service.iter().chain(federated).chain(canonical_user).map(|name| format!("other {name}"));
    aws.iter().map(|name| account_form(name.as_str())).chain(others).collect()
}

fn entries(texts: &[Text], fold: impl Fn(&str) -> String) -> Vec<Entry> {
    let entry = |text: String| Entry { wide: Wide::new(&text), text };
    texts.iter().map(|text| entry(fold(text.as_str()))).collect()
}

fn within((wide_naming, wide): &(Naming, Vec<Entry>), (naming, narrow): &(Naming, Vec<Entry>)) -> bool {
    if narrow.is_empty() || wide_naming != naming {
        return false;
    }
    let takes_in = |outer: &[Entry], inner: &Entry| {
        outer.iter().filter(|entry| is_whole(&entry.text)).any(|entry| entry.wide.takes_in(&inner.text))
    };
    match naming {
        Naming::Only => narrow.iter().all(|entry| takes_in(wide, entry)),
        // The fewer are left out, the more are meant.
        Naming::AllBut => !wide.is_empty() && wide.iter().all(|entry| takes_in(narrow, entry)),
    }
}

/// A pattern of a part of an ARN matches nothing, and so takes nothing in.
pub(crate) fn is_whole(pattern: &str) -> bool {
    !pattern.starts_with("arn:") || Arn::parse(pattern).is_some()
}

/// Whether one condition holds wherever the other does.
fn holds_wherever(wide: &Condition, narrow: &Condition) -> bool {
    let among = |value: &Text, values: &[Text]| values.contains(value);
    wide.operator == narrow.operator
        && wide.key.as_str().eq_ignore_ascii_case(narrow.key.as_str())
        && !wide.values.is_empty()
        && !narrow.values.is_empty()
        && if wide.operator.comparison.is_negated() {
            wide.values.iter().all(|value| among(value, &narrow.values))
        } else {
            narrow.values.iter().all(|value| among(value, &wide.values))
        }
}

const EVERYBODY: &str = "*";
