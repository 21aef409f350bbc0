//! A key that holds a list is compared by an operator for lists.

use crate::iam::lint::contract::conditions::{as_list, consequence};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::condition_key;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Comparison;

/// The rule.
#[derive(Debug)]
pub(super) struct ListKeysComparedAsLists;

impl Rule for ListKeysComparedAsLists {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for (statement, condition) in subject.conditions() {
            let operator = condition.operator;
            let is_list = condition_key(condition.key.as_str()).is_some_and(|key| key.list);
            if !is_list || operator.quantifier.is_some() || operator.comparison == Comparison::Null {
                continue;
            }
            let message = format!(
                "`{}` holds a list, and `{operator}` never matches a list: where the key is present {}",
                condition.key,
                consequence(statement, false)
            );
            findings.add(condition.key.at(), message, format!("write {}", as_list(statement, condition)));
        }
    }
}

static DOC: Doc = Doc {
    id: "list-keys-compared-as-lists",
    number: "L07",
    title: "Keys with many values are compared as lists",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Keys that hold a list, such as `aws:TagKeys`, `aws:PrincipalOrgPaths` and `kms:GrantOperations`, are \
               compared with `ForAnyValue:` or `ForAllValues:`.",
    why: "A plain operator never matches a list, positive or negated, even if the list has one value. The condition \
          reads as if it worked.",
    remedy: "Put `ForAnyValue:` in front where one value is enough, `ForAllValues:` where all must fit; the latter also \
             holds where the key is missing. A Deny of everybody but some paths is `ForAllValues:StringNotLike`, an Allow \
             of some grants `ForAllValues:StringEquals`.",
    references: &["IAM user guide, Multivalued context keys"],
};
