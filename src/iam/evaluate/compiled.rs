//! A policy made ready to be judged many times.
//!
//! Actions become a bit per KMS action, so that most statements are passed
//! over with one comparison. What AWS stores and ignores, a statement without
//! action, resource or (in a key policy) principal, is compiled and inert.

use std::sync::Arc;

use crate::iam::catalogue::{EVERY_ACTION, mask};
use crate::iam::condition::{Condition, Truth};
use crate::iam::evaluate::principal::{Naming, PrincipalMatcher};
use crate::iam::evaluate::request::{Asked, Request, Scope};
use crate::iam::pattern::Pattern;
use crate::iam::policy::{self, Actions, Comparison, Document, Effect, Resources, Text};
use crate::iam::template::ArnTemplate;

/// A policy compiled into matchers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(super) statements: Arc<[Statement]>,
}

impl Compiled {
    /// Compiles a policy. Never fails: what cannot match never matches.
    pub fn new(document: &Document) -> Self {
        let variables = document.expands_variables();
        let statements = document.statements.iter().map(|statement| Statement::new(statement, variables));
        Self { statements: statements.collect() }
    }
}

impl From<&Document> for Compiled {
    fn from(document: &Document) -> Self {
        Self::new(document)
    }
}

impl From<Document> for Compiled {
    fn from(document: Document) -> Self {
        Self::new(&document)
    }
}

/// One compiled statement.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sid: Option<Arc<str>>,
    pub(super) effect: Effect,
    pub(super) principals: Option<PrincipalMatcher>,
    actions: Option<ActionMatcher>,
    resources: Option<ResourceMatcher>,
    pub(super) conditions: Box<[Condition]>,
    asks_for_aliases: bool,
    /// What of it is judged by a guess.
    pub(super) doubts: Box<[String]>,
    /// As written, for explanations.
    pub(super) source: policy::Statement,
}

#[derive(Debug)]
struct ActionMatcher {
    negated: bool,
    /// The KMS actions it names.
    mask: u64,
    patterns: Box<[Pattern]>,
}

#[derive(Debug)]
struct ResourceMatcher {
    negated: bool,
    /// One of the patterns is `*`.
    any: bool,
    /// The others. AWS refuses some of the patterns that are no whole ARN and
    /// fills in others; here they match nothing and the outcome says so.
    arns: Box<[ArnTemplate]>,
}

/// What keeps a statement from matching.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mismatch<'s> {
    Inert(&'static str),
    Action,
    Principal,
    Resource,
    /// The condition and its place in the statement.
    Condition(usize, &'s Condition),
}

impl Statement {
    fn new(statement: &policy::Statement, variables: bool) -> Self {
        let policy::Statement { sid, effect, principals, actions, resources, conditions, at: _ } = statement;
        let asks = |condition: &policy::Condition| {
            condition.key.as_str().eq_ignore_ascii_case("kms:ResourceAliases")
        };
        Self {
            asks_for_aliases: conditions.iter().any(asks),
            doubts: doubts(statement, variables),
            source: statement.clone(),
            sid: sid.as_ref().map(|sid| sid.as_str().into()),
            effect: *effect,
            principals: principals.as_ref().map(PrincipalMatcher::new),
            actions: actions.as_ref().map(ActionMatcher::new),
            resources: resources.as_ref().map(|resources| ResourceMatcher::new(resources, variables)),
            conditions: conditions.iter().map(|condition| Condition::new(condition, variables)).collect(),
        }
    }

    /// Whether the statement names the action.
    pub(super) fn names_action(&self, asked: &Asked) -> bool {
        self.actions.as_ref().is_some_and(|actions| actions.matches(asked))
    }

    /// Whether the statement has what its kind of policy needs to work, and
    /// whom it means: in policies of a resource the caller is looked for, in
    /// the others it is the caller anyway.
    pub(super) fn naming(&self, request: &Request, of_resource: bool, bounded: bool) -> Option<Naming> {
        match (&self.principals, of_resource) {
            (Some(principals), true) => principals.naming(&request.caller, self.effect, bounded),
            (None, true) => None,
            (_, false) => Some(Naming::Exact),
        }
    }

    /// Resource and conditions.
    pub(super) fn applies(&self, request: &Request) -> Truth {
        let resource = match &self.resources {
            Some(resources) => resources.matches(request),
            None => Truth::from(is_trust(request)),
        };
        if resource == Truth::False {
            return Truth::False;
        }
        resource.min(Truth::all(self.conditions.iter().map(|condition| condition.holds(&request.keys))))
    }

    /// Whether a condition looks at `kms:ResourceAliases`.
    pub(super) fn asks_for_aliases(&self) -> bool {
        self.asks_for_aliases
    }

    /// The first thing that keeps the statement from matching for certain.
    pub(super) fn mismatch(
        &self,
        request: &Request,
        of_resource: bool,
        bounded: bool,
    ) -> Option<Mismatch<'_>> {
        let Some(actions) = &self.actions else { return Some(Mismatch::Inert("`Action`")) };
        if self.resources.is_none() && !is_trust(request) {
            return Some(Mismatch::Inert("`Resource`"));
        }
        if of_resource && self.principals.is_none() {
            return Some(Mismatch::Inert("`Principal`"));
        }
        if !actions.matches(&request.action) {
            return Some(Mismatch::Action);
        }
        if self.naming(request, of_resource, bounded).is_none() {
            return Some(Mismatch::Principal);
        }
        if self.resources.as_ref().is_some_and(|resources| resources.matches(request) == Truth::False) {
            return Some(Mismatch::Resource);
        }
        let mut conditions = self.conditions.iter().enumerate();
        let failing = conditions.find(|(_, condition)| condition.holds(&request.keys) == Truth::False);
        failing.map(|(place, condition)| Mismatch::Condition(place, condition))
    }

    /// Whether the statement lists the caller in its `NotPrincipal`; if it
    /// matches all the same, the listing was not enough.
    pub(super) fn hits_whom_it_lists(&self, request: &Request) -> bool {
        self.principals.as_ref().is_some_and(|principals| principals.leaves_out(&request.caller))
    }

    /// The condition keys the statement looks at, in lower case.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|resources| &resources.arns);
        resources.flat_map(ArnTemplate::keys).chain(self.conditions.iter().flat_map(Condition::keys))
    }

    /// The keys, in lower case, of what is left open whether it matches.
    pub(super) fn open_keys(&self, request: &Request) -> impl Iterator<Item = &str> {
        let open = |resources: &&ResourceMatcher| resources.matches(request) == Truth::Unknown;
        let resources = self.resources.iter().filter(open).flat_map(|resources| &resources.arns);
        let open = |condition: &&Condition| condition.holds(&request.keys) == Truth::Unknown;
        let conditions = self.conditions.iter().filter(open);
        resources.flat_map(ArnTemplate::keys).chain(conditions.flat_map(Condition::keys))
    }
}

/// The texts but those that are `*`.
fn others(texts: &[Text]) -> impl Iterator<Item = &str> {
    texts.iter().map(Text::as_str).filter(|text| !Pattern::wild(text).is_any())
}

/// What of a statement is judged by a guess: patterns that are no whole ARN,
/// and variables that stand for more than one part of an ARN.
fn doubts(statement: &policy::Statement, variables: bool) -> Box<[String]> {
    let resources = match &statement.resources {
        Some(Resources::Only(texts) | Resources::AllBut(texts)) => texts.as_slice(),
        None => &[],
    };
    let partial = others(resources).filter(|text| ArnTemplate::new(text, variables).is_none());
    let partial = partial
        .map(|text| format!("the resource pattern `{text}` is no whole ARN; it was taken to match nothing"));
    let of_arns = |condition: &&policy::Condition| {
        use Comparison::{ArnEquals, ArnLike, ArnNotEquals, ArnNotLike};
        variables && matches!(condition.operator.comparison, ArnEquals | ArnLike | ArnNotEquals | ArnNotLike)
    };
    let operands = statement.conditions.iter().filter(of_arns).flat_map(|condition| &condition.values);
    let spanning = operands.map(Text::as_str).filter(|text| text.contains("${"));
    let spanning = spanning.filter(|text| ArnTemplate::new(text, true).is_none()).map(|text| {
        format!(
            "what `{text}` matches in an ARN condition is not documented: a variable that stands for more than one part \
             of an ARN; here it was taken to match nothing"
        )
    });
    partial.chain(spanning).collect()
}

/// A statement without `Resource` is inert, but for a trust policy's: those
/// have none and mean their role (IAM user guide, "Creating a role", read 2026-11).
fn is_trust(request: &Request) -> bool {
    request.scope == Scope::Role
}

impl ActionMatcher {
    fn new(actions: &Actions) -> Self {
        let (negated, texts) = match actions {
            Actions::Only(texts) => (false, texts),
            Actions::AllBut(texts) => (true, texts),
        };
        let lower: Vec<String> = texts.iter().map(|text| text.as_str().to_ascii_lowercase()).collect();
        let patterns: Box<[Pattern]> = lower.iter().map(|text| Pattern::wild(text)).collect();
        let masks = lower.iter().zip(&patterns).map(|(text, pattern)| match pattern {
            Pattern::Any => EVERY_ACTION,
            Pattern::Exact(_) | Pattern::Prefix(_) | Pattern::Pieces(_) | Pattern::Units(_) => {
                mask(pattern, text.split(['*', '?']).next().unwrap_or_default())
            }
        });
        Self { negated, mask: masks.fold(0, |all, mask| all | mask), patterns }
    }

    fn matches(&self, asked: &Asked) -> bool {
        let named = match asked.bit {
            0 => self.patterns.iter().any(|pattern| pattern.matches(&asked.text)),
            bit => self.mask & bit != 0,
        };
        named != self.negated
    }
}

impl ResourceMatcher {
    fn new(resources: &Resources, variables: bool) -> Self {
        let (negated, texts) = match resources {
            Resources::Only(texts) => (false, texts),
            Resources::AllBut(texts) => (true, texts),
        };
        let arns = others(texts).filter_map(|text| ArnTemplate::new(text, variables)).collect();
        Self { negated, any: others(texts).count() < texts.len(), arns }
    }

    /// An action without a resource is matched by `*` alone.
    fn matches(&self, request: &Request) -> Truth {
        let named = if self.any {
            Truth::True
        } else if let Some(fields) = &request.resource.fields() {
            let text = request.resource.text();
            Truth::any(self.arns.iter().map(|arn| arn.matches_fields(fields, text, &request.keys)))
        } else {
            Truth::False
        };
        named.negated_if(self.negated)
    }
}
