//! One statement, and the builders programs make it with.

use crate::iam::policy::{Operator, Position, PrincipalSet, Principals, Text};

/// What a matching statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Permits.
    Allow,
    /// Forbids, whatever anything else permits.
    Deny,
}

impl Effect {
    /// As written in a policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// The action element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actions {
    /// `Action`: these patterns.
    Only(Vec<Text>),
    /// `NotAction`: every action of every service but these.
    AllBut(Vec<Text>),
}

/// The resource element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    /// `Resource`: these patterns.
    Only(Vec<Text>),
    /// `NotResource`: every resource but these.
    AllBut(Vec<Text>),
}

/// One operator applied to one key. All conditions of a statement must hold;
/// one holds if any of its values fits, under a negated operator if none does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How the key is compared.
    pub operator: Operator,
    /// The condition key, such as `aws:PrincipalArn`; case does not count.
    pub key: Text,
    /// The values it is compared with.
    pub values: Vec<Text>,
}

/// One statement of a policy. An element that is `None` is not written.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The statement id.
    pub sid: Option<Text>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`.
    pub actions: Option<Actions>,
    /// `Resource` or `NotResource`.
    pub resources: Option<Resources>,
    /// The condition block, flattened.
    pub conditions: Vec<Condition>,
    /// Where the statement starts.
    pub at: Position,
}

impl Statement {
    /// An Allow on every resource; the rest is added by the methods below.
    pub fn allow(sid: impl Into<Text>) -> Self {
        Self::with_effect(sid, Effect::Allow)
    }

    /// A Deny on every resource; the rest is added by the methods below.
    pub fn deny(sid: impl Into<Text>) -> Self {
        Self::with_effect(sid, Effect::Deny)
    }

    fn with_effect(sid: impl Into<Text>, effect: Effect) -> Self {
        Self {
            sid: Some(sid.into()),
            effect,
            principals: None,
            actions: None,
            resources: Some(Resources::Only(vec![Text::from("*")])),
            conditions: Vec::new(),
            at: Position::default(),
        }
    }

    /// Sets `Action`.
    #[must_use]
    pub fn actions<T: Into<Text>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.actions = Some(Actions::Only(texts(patterns)));
        self
    }

    /// Sets `NotAction`.
    #[must_use]
    pub fn not_actions<T: Into<Text>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.actions = Some(Actions::AllBut(texts(patterns)));
        self
    }

    /// Sets `Resource`.
    #[must_use]
    pub fn resources<T: Into<Text>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.resources = Some(Resources::Only(texts(patterns)));
        self
    }

    /// Sets `NotResource`.
    #[must_use]
    pub fn not_resources<T: Into<Text>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.resources = Some(Resources::AllBut(texts(patterns)));
        self
    }

    /// Sets `Principal`.
    #[must_use]
    pub fn principals(mut self, set: PrincipalSet) -> Self {
        self.principals = Some(Principals::Only(set));
        self
    }

    /// Sets `NotPrincipal`.
    #[must_use]
    pub fn not_principals(mut self, set: PrincipalSet) -> Self {
        self.principals = Some(Principals::AllBut(set));
        self
    }

    /// Adds a condition.
    #[must_use]
    pub fn when<T: Into<Text>>(
        mut self,
        operator: impl Into<Operator>,
        key: impl Into<Text>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.conditions.push(Condition { operator: operator.into(), key: key.into(), values: texts(values) });
        self
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        let Self { sid, effect, principals, actions, resources, conditions, at: _ } = self;
        *sid == other.sid
            && *effect == other.effect
            && *principals == other.principals
            && *actions == other.actions
            && *resources == other.resources
            && *conditions == other.conditions
    }
}

impl Eq for Statement {}

fn texts<T: Into<Text>>(values: impl IntoIterator<Item = T>) -> Vec<Text> {
    values.into_iter().map(Into::into).collect()
}
