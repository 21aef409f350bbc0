//! Laws over generated policies and requests.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::iam::evaluate::{
    Caller, Compiled, Context, Decision, Grant, Level, Outcome, Policies, Request, evaluate, explain,
};
use crate::iam::policy::{
    Actions, Comparison, Condition, Document, Effect, Operator, Position, PrincipalSet, Principals,
    Quantifier, Resources, Statement, Text, Version,
};
use crate::iam::{PolicyKind, canonical, equivalent, minify, parse};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";

const CALLERS: [&str; 7] = [
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:iam::444455556666:role/guest",
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "logs.amazonaws.com",
];

const PATTERNS: [&str; 8] =
    ["*", "kms:*", "kms:Decrypt", "kms:*crypt", "KMS:CREATE*", "kms:?ecrypt", "s3:*", "kms:RetireGrant"];

const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:kms:*:*:key/*",
    KEY,
    "arn:aws:kms:*:${aws:PrincipalAccount}:key/?",
    "arn:aws:kms:*:*:alias/*",
    "arn:aws:kms:*:key/*",
];

const KEYS: [&str; 6] = [
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "kms:ViaService",
    "aws:MultiFactorAuthPresent",
    "aws:TagKeys",
    "aws:SourceIp",
];

const VALUES: [&str; 9] = [
    "o-1/r-1/ou-1/",
    "o-1/*",
    "true",
    "false",
    "arn:aws:iam::*:role/app",
    "${aws:PrincipalAccount}",
    "${aws:PrincipalTag/x, 'true'}",
    "10.0.0.0/8",
    "7",
];

fn texts(from: &'static [&'static str]) -> impl Strategy<Value = Vec<Text>> {
    subsequence(from, 1..=3).prop_map(|list| list.into_iter().map(Text::from).collect())
}

fn operator() -> impl Strategy<Value = Operator> {
    let quantifier = select(vec![None, Some(Quantifier::ForAnyValue), Some(Quantifier::ForAllValues)]);
    (select(Comparison::ALL.to_vec()), quantifier, any::<bool>()).prop_map(
        |(comparison, quantifier, if_exists)| {
            let plain = comparison == Comparison::Null;
            Operator { comparison, quantifier: quantifier.filter(|_| !plain), if_exists: if_exists && !plain }
        },
    )
}

fn condition() -> impl Strategy<Value = Condition> {
    (operator(), select(KEYS.to_vec()), texts(&VALUES)).prop_map(|(operator, key, values)| {
        let values = if operator.comparison == Comparison::Null { vec![Text::from("true")] } else { values };
        Condition { operator, key: key.into(), values }
    })
}

fn principals() -> impl Strategy<Value = Principals> {
    let aws =
        subsequence(CALLERS.split_last().map_or(&[][..], |(_, aws)| aws), 1..=3).prop_map(PrincipalSet::aws);
    let service = Just(PrincipalSet::service(["logs.amazonaws.com"]));
    let set = prop_oneof![Just(PrincipalSet::Everyone), aws, service];
    (set, any::<bool>())
        .prop_map(|(set, only)| if only { Principals::Only(set) } else { Principals::AllBut(set) })
}

fn statement(with_principal: bool) -> impl Strategy<Value = Statement> {
    let effect = select(vec![Effect::Allow, Effect::Allow, Effect::Deny]);
    // At most one condition: one operator on one key cannot be written twice.
    let parts =
        (effect, texts(&PATTERNS), any::<bool>(), texts(&RESOURCES), any::<bool>(), vec(condition(), 0..2));
    (parts, principals(), any::<bool>()).prop_map(
        move |((effect, patterns, only, resources, here, conditions), principals, named)| Statement {
            sid: named.then(|| "S".into()),
            effect,
            principals: with_principal.then_some(principals),
            actions: Some(if only { Actions::Only(patterns) } else { Actions::AllBut(patterns) }),
            resources: Some(if here { Resources::Only(resources) } else { Resources::AllBut(resources) }),
            conditions,
            at: Position::default(),
        },
    )
}

fn document(with_principal: bool) -> impl Strategy<Value = Document> {
    let version = select(vec![None, Some(Version::V2008), Some(Version::V2012)]);
    (version, vec(statement(with_principal), 1..4)).prop_map(|(version, statements)| Document {
        version,
        id: None,
        statements,
    })
}

fn context() -> impl Strategy<Value = Context> {
    vec((select(KEYS.to_vec()), select(VALUES.to_vec()), 0..4_u8), 0..4).prop_map(|entries| {
        entries.into_iter().fold(Context::new(), |context, (key, value, state)| match state {
            0 => context.with_unknown(key),
            1 => context.without(key),
            _ => context.with(key, value),
        })
    })
}

fn request() -> impl Strategy<Value = Request> {
    let action =
        select(vec!["kms:Decrypt", "kms:CreateKey", "kms:CreateGrant", "kms:RetireGrant", "s3:GetObject"]);
    (action, select(vec![KEY, "*"]), select(CALLERS.to_vec()), context()).prop_filter_map(
        "the context contradicts the caller",
        |(action, resource, caller, context)| {
            let caller = Caller::parse(caller).or_else(|_| Caller::service(caller)).unwrap();
            Request::builder(action, resource, caller).context(context).build().ok()
        },
    )
}

/// Documents by layer, so that laws can change one and compile again.
#[derive(Debug, Clone)]
struct Stack {
    identity: Document,
    resource: Document,
    boundary: Option<Document>,
    session: Option<Document>,
    scp: Vec<Document>,
    granted: bool,
}

impl Stack {
    fn policies(&self) -> Policies {
        let grants = [Grant::new("g", CALLERS[2], ["Decrypt"]).unwrap()];
        Policies {
            identity: vec![(&self.identity).into()],
            resource: Some((&self.resource).into()),
            permission_boundaries: self.boundary.iter().map(Compiled::from).collect(),
            session: self.session.as_ref().map(Compiled::from),
            scp: Some(self.scp.iter().map(|document| Level::new("r-1", [document])).collect()),
            grants: grants.into_iter().filter(|_| self.granted).collect(),
            ..Policies::default()
        }
    }

    fn documents(&mut self) -> impl Iterator<Item = &mut Document> {
        let optional = self.boundary.iter_mut().chain(&mut self.session);
        [&mut self.identity, &mut self.resource].into_iter().chain(optional).chain(&mut self.scp)
    }
}

fn stack() -> impl Strategy<Value = Stack> {
    let optional = || proptest::option::of(document(false));
    (document(false), document(true), optional(), optional(), vec(document(false), 0..3), any::<bool>())
        .prop_map(|(identity, resource, boundary, session, scp, granted)| Stack {
            identity,
            resource,
            boundary,
            session,
            scp,
            granted,
        })
}

fn rank(outcome: &Outcome) -> u8 {
    match outcome.decision {
        Decision::Allowed => 2,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn printing_and_reading_is_the_identity(document in document(true)) {
        prop_assert_eq!(&parse(&document.to_json(), PolicyKind::Resource).unwrap(), &document);
        prop_assert_eq!(&parse(&document.to_json_pretty(), PolicyKind::Resource).unwrap(), &document);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", cut in 0_usize..400, document in document(true)) {
        let printed = document.to_json();
        let head: String = printed.chars().take(cut).collect();
        for text in [text.clone(), head.clone() + &text, head] {
            let error = parse(&text, PolicyKind::ResourceControl).err().map(|error| error.to_string());
            prop_assert!(error.is_none_or(|error| error.starts_with("line ")));
        }
    }

    #[test]
    fn a_further_deny_never_allows_more(
        stack in stack(), request in request(), deny in statement(false), into in 0_usize..3,
    ) {
        let mut stricter = stack.clone();
        let deny = Statement { effect: Effect::Deny, ..deny };
        if let Some(document) = stricter.documents().filter(|document| document.statements[0].principals.is_none()).nth(into) {
            document.statements.push(deny);
        }
        prop_assert!(rank(&evaluate(&request, &stricter.policies())) <= rank(&evaluate(&request, &stack.policies())));
    }

    #[test]
    fn a_further_scp_or_rcp_never_allows_more(stack in stack(), request in request(), scp in document(false), rcp in document(true)) {
        let before = evaluate(&request, &stack.policies());
        let mut stricter = stack.clone();
        stricter.scp.push(scp);
        prop_assert!(rank(&evaluate(&request, &stricter.policies())) <= rank(&before));
        let mut fenced = stack.policies();
        fenced.rcp = Some(vec![Level::new("r-1", [rcp])]);
        prop_assert!(rank(&evaluate(&request, &fenced)) <= rank(&before));
    }

    #[test]
    fn order_and_letter_case_of_actions_do_not_count(stack in stack(), request in request()) {
        let mut other = stack.clone();
        for document in other.documents() {
            document.statements.reverse();
            for statement in &mut document.statements {
                if let Some(Actions::Only(list) | Actions::AllBut(list)) = &mut statement.actions {
                    *list = list.iter().rev().map(|text| text.as_str().to_ascii_uppercase().into()).collect();
                }
                if let Some(Resources::Only(list) | Resources::AllBut(list)) = &mut statement.resources {
                    list.reverse();
                }
                statement.conditions.iter_mut().for_each(|condition| condition.values.reverse());
            }
        }
        let (before, after) = (evaluate(&request, &stack.policies()), evaluate(&request, &other.policies()));
        prop_assert_eq!((before.decision, before.decided_by), (after.decision, after.decided_by));
    }

    #[test]
    fn equivalent_policies_decide_alike(mut stack in stack(), request in request()) {
        let before = evaluate(&request, &stack.policies());
        let first = stack.resource.clone();
        for statement in &mut stack.resource.statements {
            statement.conditions.iter_mut().for_each(|condition| condition.key = condition.key.as_str().to_uppercase().into());
            if let Some(Principals::Only(set) | Principals::AllBut(set)) = &mut statement.principals
                && set.is_everyone() {
                *set = PrincipalSet::aws(["*", "*"]);
            }
        }
        prop_assert!(equivalent(&first, &stack.resource));
        prop_assert_eq!(evaluate(&request, &stack.policies()).decision, before.decision);
    }

    #[test]
    fn the_shorter_and_the_canonical_form_keep_every_decision(stack in stack(), request in request()) {
        let before = evaluate(&request, &stack.policies());
        for form in [minify, canonical] {
            let mut other = stack.clone();
            other.documents().for_each(|document| *document = form(document));
            let after = evaluate(&request, &other.policies());
            prop_assert_eq!((after.decision, after.unknown), (before.decision, before.unknown.clone()));
        }
    }

    #[test]
    fn a_statement_that_decides_is_explained_as_matching(stack in stack(), request in request()) {
        let policies = stack.policies();
        let outcome = evaluate(&request, &policies);
        let explained = explain(&request, &policies);
        for decided in outcome.statements.iter().filter(|statement| statement.layer.as_str() != "grant") {
            prop_assert!(explained.statements.iter().any(|one| one.statement == *decided && one.matching.mismatch().is_none()));
        }
    }
}
