//! What a statement protects, as a set of numbers that can be compared: one for
//! each action under its conditions, one for the Sid. Statements that were
//! merged, split or written otherwise have the same marks.

use std::collections::BTreeMap;

use crate::iam::policy::{
    Actions, Condition, Document, PrincipalSet, Principals, Resources, Statement, Text,
};
use crate::model::org::PolicyType;

/// A set of small numbers: one for each action that a statement concerns under
/// its conditions, and one for each Sid, which stands for the same rule in
/// another wording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    fn insert(&mut self, mark: usize) {
        let (word, bit) = (mark / 64, mark % 64);
        if self.0.len() <= word {
            self.0.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1_u64.rotate_left(u32::try_from(bit).unwrap_or_default());
        }
    }

    /// What is in either.
    pub(super) fn or(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let rest = short.0.iter().copied().chain(std::iter::repeat(0));
        Self(long.0.iter().zip(rest).map(|(one, other)| one | other).collect())
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    /// What is in this one alone.
    pub(super) fn without(&self, other: &Self) -> Self {
        let rest = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(rest).map(|(one, other)| one & !other).collect())
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// Gives the same number to the same protection.
#[derive(Default)]
pub(super) struct Ledger(BTreeMap<String, usize>);

impl Ledger {
    fn mark(&mut self, what: String) -> usize {
        let next = self.0.len();
        *self.0.entry(what).or_insert(next)
    }

    /// What a statement of this kind protects.
    pub(super) fn marks(&mut self, statement: &Statement, policy_type: PolicyType) -> Marks {
        let mut marks = Marks::default();
        if let Some(sid) = statement.sid.as_ref().map(Text::as_str).filter(|sid| !sid.is_empty()) {
            marks.insert(self.mark(format!("{policy_type} {sid}")));
        }
        for single in singles(statement) {
            let text = Document::new([single]).to_json();
            marks.insert(self.mark(format!("{policy_type} {text}")));
        }
        marks
    }
}

/// A statement for each of its actions, without Sid and without the freedom of
/// writing, so that statements that were merged or split are the same.
fn singles(statement: &Statement) -> Vec<Statement> {
    let mut plain = Statement { sid: None, ..statement.clone() };
    plain.conditions = plain.conditions.iter().map(ordered).collect();
    plain.conditions.sort_by_key(|condition| (condition.operator.to_string(), condition.key.clone()));
    plain.resources = plain.resources.map(|resources| match resources {
        Resources::Only(list) => Resources::Only(sorted(list)),
        Resources::AllBut(list) => Resources::AllBut(sorted(list)),
    });
    if let Some(Principals::Only(PrincipalSet::Listed { aws, .. })) = &plain.principals
        && aws.iter().any(|name| name.as_str() == "*")
    {
        plain.principals = Some(Principals::Only(PrincipalSet::Everyone));
    }
    let lower = |action: &Text| Text::from(action.as_str().to_ascii_lowercase());
    match plain.actions.clone() {
        Some(Actions::Only(list)) => {
            list.iter().map(|action| plain.clone().actions([lower(action)])).collect()
        }
        Some(Actions::AllBut(list)) => {
            vec![plain.not_actions(sorted(list.iter().map(lower).collect()))]
        }
        None => vec![plain],
    }
}

fn ordered(condition: &Condition) -> Condition {
    let Condition { operator, key, values } = condition;
    let key = Text::from(key.as_str().to_ascii_lowercase());
    Condition { operator: *operator, key, values: sorted(values.clone()) }
}

fn sorted(mut list: Vec<Text>) -> Vec<Text> {
    list.sort_unstable();
    list.dedup();
    list
}
