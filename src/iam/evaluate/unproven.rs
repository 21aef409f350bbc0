//! What AWS does not document and the decision hangs on.
//!
//! A request is judged with either answer; where both lead to the same
//! decision nothing needs to be said.

use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::access::Access;
use crate::iam::evaluate::analyse::Facts;
use crate::iam::evaluate::combine::{judge, limits};
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::request::{Request, Scope};
use crate::iam::evaluate::{Layer, Policies};

/// `kms:TagResource` and `kms:PutKeyPolicy` within `CreateKey` may see the tags
/// that the call brings as tags of the key, or none.
pub(super) fn tags_of_a_new_key(request: &Request, policies: &Policies) -> Option<String> {
    if request.scope != Scope::NewKey {
        return None;
    }
    let brought = request.keys.pairs_in("aws:requesttag/");
    let brought: Vec<(String, Fact)> = brought.map(|(tag, fact)| (tag.to_owned(), fact.clone())).collect();
    let mut tagged = request.clone();
    for (tag, fact) in brought {
        let name = format!("aws:ResourceTag/{tag}");
        tagged.keys.insert(&name.to_lowercase(), &name, fact);
    }
    (judge(&tagged, policies).decision != judge(request, policies).decision).then(|| {
        format!(
            "whether `{}` within `CreateKey` sees the tags of the call as `aws:ResourceTag` is not documented, \
             and the decision hangs on it",
            request.action.name
        )
    })
}

/// A key policy's `*` opens the key to the caller, whose boundary is silent.
pub(super) fn everyone_and_a_boundary(
    request: &Request,
    facts: &Facts<'_>,
    access: &Access<'_>,
) -> Option<String> {
    let silent = limits(facts).missing().any(|layer| layer == Layer::PermissionBoundary);
    if request.scope != Scope::Key || request.is_cross_account() || !silent || access.open() == Truth::True {
        return None;
    }
    let mut fences = facts.fences();
    let mut allows = facts.resource.iter().flat_map(|said| said.allows.iter());
    let by_star = |statement: &crate::iam::evaluate::compiled::Statement| {
        statement
            .principals
            .as_ref()
            .is_some_and(|principals| principals.names_nobody_but_everyone(&request.caller))
    };
    let opens = allows.any(|hit| hit.naming == Naming::Broad && by_star(hit.statement));
    (opens && fences.all(|(_, allow)| allow != Truth::False)).then(|| {
        "whether a permissions boundary without an Allow limits what a key policy gives to `*` is not documented; \
         here it was taken to"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use crate::iam::evaluate::{Caller, Compiled, Context, Policies, Request, evaluate};
    use crate::iam::parse::parse;
    use crate::iam::policy::PolicyKind;

    const KEY: &str = "arn:aws:kms:eu-west-1:222222222222:key/new";

    fn notes(identity: &str, new: bool) -> Vec<String> {
        let caller = Caller::parse("arn:aws:iam::222222222222:role/app").unwrap();
        let context = Context::new().with("aws:RequestTag/Env", "dev");
        let builder = Request::builder("kms:TagResource", KEY, caller).context(context);
        let request = if new { builder.new_key() } else { builder }.build().unwrap();
        let identity = parse(identity, PolicyKind::Identity).unwrap();
        let policies = Policies { identity: vec![Compiled::new(&identity)], ..Policies::default() };
        evaluate(&request, &policies).not_modelled
    }

    fn allow_under(condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{condition}}}]}}"#
        )
    }

    #[test]
    fn which_tags_the_tagging_of_a_new_key_sees_is_said_where_it_decides() {
        let hangs = allow_under(r#"{"StringEquals":{"aws:ResourceTag/env":"dev"}}"#);
        let note = "whether `kms:TagResource` within `CreateKey` sees the tags of the call as `aws:ResourceTag` is \
                    not documented, and the decision hangs on it";
        assert_eq!(notes(&hangs, true), [note]);
        assert!(notes(&hangs, false).is_empty());
        let free = allow_under(r#"{"StringEquals":{"aws:RequestTag/env":"dev"}}"#);
        assert!(notes(&free, true).is_empty());
        let other_tag = allow_under(r#"{"StringEquals":{"aws:ResourceTag/Team":"pay"}}"#);
        assert!(notes(&other_tag, true).is_empty());
    }
}
