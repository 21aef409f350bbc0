//! Why a grant does or does not admit the caller of a request.

use std::collections::BTreeMap;

use super::layer::Standing;
use super::words::quoted;
use super::{GrantExplanation, Matching};
use crate::iam::catalogue::{ACTIONS, bit};
use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::grant::{Admission, CONTEXT, ContextConstraint, ENCRYPTION_CONTEXT};
use crate::iam::evaluate::{Grant, Request};

/// Explains one grant.
pub(super) fn explained(request: &Request, grant: &Grant, standing: &Standing) -> GrantExplanation {
    let admission = if request.action.retires { grant.retires(request) } else { grant.admits(request) };
    let (matching, bearing) = match admission {
        Some(Admission { naming, truth, .. }) => {
            let supplied = grant.issued_in(request.caller.account());
            let matching = match truth {
                Truth::Unknown => Matching::Perhaps(grant.unknown_keys(request)),
                Truth::True | Truth::False => Matching::Yes,
            };
            (matching, standing.of_grant(naming, supplied))
        }
        None => (mismatch(request, grant), None),
    };
    GrantExplanation { id: grant.id.clone(), matching, bearing }
}

fn mismatch(request: &Request, grant: &Grant) -> Matching {
    let caller = request.caller.name();
    if request.action.retires {
        let retiring = grant.retiring.as_ref().map_or_else(
            || "it names no retiring principal".to_owned(),
            |name| format!("its retiring principal is `{}`", name.text()),
        );
        let grantee = grant.grantee.text();
        return Matching::No(format!(
            "{retiring}, and as grantee `{grantee}` may retire it only with the operation `RetireGrant`; the caller is \
             {caller}"
        ));
    }
    if grant.operations & request.action.bit == 0 {
        let asked = &request.action.name;
        return Matching::OtherAction(format!(
            "it is for {}, the request asks for `{asked}`",
            operations(grant)
        ));
    }
    if grant.grantee.naming(&request.caller).is_none() {
        return Matching::No(format!("its grantee is `{}`, the caller is {caller}", grant.grantee.text()));
    }
    Matching::No(constraint(request, grant))
}

/// The constraint that does not hold.
fn constraint(request: &Request, grant: &Grant) -> String {
    let name = request.action.kms.map_or("", |action| action.name);
    if name == "CreateGrant" {
        return child(request, grant);
    }
    if ENCRYPTION_CONTEXT.contains(&name) && grant.context_holds(request) == Truth::False {
        return context(request, grant);
    }
    let wanted = grant.source_arn.as_ref().map_or("", |source| &source.text);
    let found = match request.keys.one("aws:sourcearn") {
        Some(found) => format!("the request has `{found}`"),
        None => "the request does not have it".to_owned(),
    };
    format!("its `SourceArn` wants `{wanted}` as `aws:SourceArn`: {found}")
}

/// What the grant to be made would do that this one does not.
fn child(request: &Request, grant: &Grant) -> String {
    if grant.covers_operations(request) == Truth::False {
        let asked = match request.keys.find("kms:grantoperations") {
            Some(Fact::List(asked)) => asked.iter().map(|operation| &**operation).collect(),
            Some(Fact::One(asked)) => vec![&**asked],
            Some(Fact::Partly(_) | Fact::There | Fact::Unknown) | None => Vec::new(),
        };
        let beyond: Vec<&str> = asked.into_iter().filter(|operation| !grant.lists(operation)).collect();
        return match beyond.as_slice() {
            [] => "the request does not say in `kms:GrantOperations` what the new grant is for".to_owned(),
            beyond => format!(
                "the new grant is to be for {}, and this one is for {}",
                quoted(beyond.iter().copied()),
                operations(grant)
            ),
        };
    }
    if grant.covers_context(request) == Truth::False {
        return constraint_of_child(request, grant);
    }
    let wanted = grant.source_arn.as_ref().map_or("", |source| &source.text);
    format!("the new grant has not the same `SourceArn`, `{wanted}`")
}

fn constraint_of_child(request: &Request, grant: &Grant) -> String {
    if grant.context_holds(request) == Truth::False {
        return format!("the new grant is less constrained: {}", context(request, grant));
    }
    let found = match request.keys.one("kms:grantconstrainttype") {
        Some(kind) => format!("an `{kind}`"),
        None => "no `kms:GrantConstraintType` in the request".to_owned(),
    };
    format!("the new grant is less constrained: {found}, where this one has an `{}`", kind(&grant.context))
}

fn kind(constraint: &ContextConstraint) -> &'static str {
    match constraint {
        ContextConstraint::None => "no constraint",
        ContextConstraint::Equals(_) => "EncryptionContextEquals",
        ContextConstraint::Subset(_) => "EncryptionContextSubset",
    }
}

fn context(request: &Request, grant: &Grant) -> String {
    let wanted = match &grant.context {
        ContextConstraint::None => String::new(),
        ContextConstraint::Equals(wanted) | ContextConstraint::Subset(wanted) => pairs(wanted),
    };
    let found: Vec<String> = request.keys.pairs_in(CONTEXT).map(|(name, fact)| pair(name, fact)).collect();
    let found = if found.is_empty() {
        "no encryption context".to_owned()
    } else {
        quoted(found.iter().map(String::as_str))
    };
    format!("its `{}` wants {wanted}: the request has {found}", kind(&grant.context))
}

fn pair(name: &str, fact: &Fact) -> String {
    match fact {
        Fact::One(value) => format!("{name}={value}"),
        Fact::List(values) => format!("{name}={}", values.join(",")),
        Fact::Partly(_) | Fact::There | Fact::Unknown => format!("{name}, unknown"),
    }
}

fn pairs(wanted: &BTreeMap<String, String>) -> String {
    if wanted.is_empty() {
        return "none".to_owned();
    }
    let wanted: Vec<String> = wanted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    quoted(wanted.iter().map(String::as_str))
}

fn operations(grant: &Grant) -> String {
    let listed = ACTIONS.iter().filter(|action| grant.operations & bit(action) != 0);
    let listed: Vec<&str> = listed.map(|action| action.name).collect();
    if listed.is_empty() { "no operation".to_owned() } else { quoted(listed) }
}
