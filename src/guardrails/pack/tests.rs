use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::guardrails::fixture::{DEV, draft, layout, packing, plan, target};
use crate::guardrails::pack::{PackError, Packing, pack};
use crate::guardrails::plan::{Draft, Limits, Placed};
use crate::iam::parse;
use crate::iam::policy::{PolicyKind, Statement};
use crate::model::org::{PolicyType, TargetId};

const SCP: PolicyType = PolicyType::ServiceControl;

fn placed(sid: &str, values: &[String], targets: &[&str]) -> Placed {
    let statement = Statement::deny(sid).actions(["kms:Decrypt"]).when(
        crate::iam::policy::Comparison::StringEquals,
        "aws:ResourceTag/x",
        values,
    );
    Placed {
        control: None,
        policy_type: SCP,
        sid: sid.to_owned(),
        statement,
        targets: targets.iter().map(|text| target(text)).collect(),
        exempt: BTreeSet::new(),
        environment: None,
        witnesses: Vec::new(),
    }
}

fn draft_of(statements: Vec<Placed>) -> Draft {
    Draft { statements, written: Vec::new(), layout: layout(), limits: BTreeMap::new(), notices: Vec::new() }
}

fn tight(characters: usize) -> Packing {
    Packing { limits: BTreeMap::from([(SCP, Limits { characters, per_target: 99 })]), ..packing() }
}

fn statements() -> impl Strategy<Value = Vec<Placed>> {
    let one = (
        proptest::collection::vec("[a-z]{1,40}", 1..4),
        prop_oneof![Just(&["r-ab12"][..]), Just(&[DEV][..])],
    );
    proptest::collection::vec(one, 1..20).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(number, (values, targets))| placed(&format!("Sid{number}"), &values, targets))
            .collect()
    })
}

/// Every Sid with its target, as the documents say.
fn hung(plan: &crate::guardrails::plan::Plan) -> Vec<(TargetId, String)> {
    let mut hung = Vec::new();
    for packed in &plan.documents {
        for statement in parse(&packed.content, PolicyKind::ServiceControl).unwrap().statements {
            let sid = statement.sid.unwrap().as_str().to_owned();
            hung.extend(packed.targets.iter().map(|target| (target.clone(), sid.clone())));
        }
    }
    hung.sort_unstable();
    hung
}

proptest! {
    #[test]
    fn packing_loses_and_adds_nothing(statements in statements()) {
        let plan = pack(draft_of(statements.clone()), &tight(600)).unwrap();
        let mut wanted: Vec<(TargetId, String)> = statements
            .iter()
            .flat_map(|placed| {
                let sid = plan.merged.get(&placed.sid).unwrap_or(&placed.sid).clone();
                placed.targets.iter().map(move |target| (target.clone(), sid.clone()))
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        prop_assert_eq!(hung(&plan), wanted);
    }

    #[test]
    fn every_document_is_within_its_quota(statements in statements()) {
        for packed in pack(draft_of(statements), &tight(600)).unwrap().documents {
            prop_assert!(packed.characters() <= 600);
        }
    }

    #[test]
    fn one_statement_more_changes_one_document(statements in statements(), value in "[a-z]{1,40}") {
        let before = pack(draft_of(statements.clone()), &tight(600)).unwrap();
        let previous = before.documents.iter().map(|packed| {
            ((packed.policy_type, packed.name.clone()), packed.sids.iter().cloned().collect::<BTreeSet<_>>())
        });
        let packing = Packing { previous: previous.collect(), ..tight(600) };
        let more = statements.into_iter().chain([placed("SidNew", &[value, "-".to_owned()], &["r-ab12"])]);
        let after = pack(draft_of(more.collect()), &packing).unwrap();
        let unchanged = before.documents.iter().filter(|packed| after.documents.contains(packed)).count();
        prop_assert!(unchanged.saturating_add(1) >= before.documents.len());
    }
}

#[test]
fn statements_that_differ_in_their_actions_alone_become_one() {
    let one = placed("One", &["v".to_owned()], &["r-ab12"]);
    let mut two = placed("Two", &["v".to_owned()], &["r-ab12"]);
    two.statement = two.statement.actions(["kms:Encrypt"]);
    let plan = pack(draft_of(vec![one, two]), &packing()).unwrap();
    assert_eq!(
        plan.documents[0].content,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"OneTwo","Effect":"Deny","Action":["kms:Decrypt","kms:Encrypt"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/x":"v"}}}]}"#
    );
    assert_eq!(plan.merged["One"], "OneTwo");
}

#[test]
fn a_statement_that_fits_nowhere_is_an_error() {
    let error = pack(draft(), &tight(300)).unwrap_err().to_string();
    assert!(error.ends_with("a SERVICE_CONTROL_POLICY may have 300"), "{error}");
}

#[test]
fn attachments_of_others_count() {
    let taken = BTreeMap::from([((PolicyType::ResourceControl, target(DEV)), 5)]);
    assert_eq!(
        pack(draft(), &Packing { taken, ..packing() }).unwrap_err(),
        PackError::TooMany {
            target: target(DEV),
            policy_type: PolicyType::ResourceControl,
            needed: 1,
            taken: 5,
            limit: 5
        }
    );
}

#[test]
fn what_hangs_already_is_not_refused_for_what_others_hung_beside_it() {
    let place = (PolicyType::ResourceControl, target(DEV));
    let (taken, standing) = (BTreeMap::from([(place.clone(), 5)]), BTreeMap::from([(place, 1)]));
    assert!(pack(draft(), &Packing { taken, standing, ..packing() }).is_ok());
}

#[test]
fn every_control_together_fits_into_one_document_per_kind_and_place() {
    let plan = plan();
    let names: Vec<&str> = plan.documents.iter().map(|packed| packed.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "keyrail-scp-dev-1",
            "keyrail-scp-dev-prod-1",
            "keyrail-scp-prod-1",
            "keyrail-scp-root-1",
            "keyrail-rcp-dev-1",
            "keyrail-rcp-prod-1",
        ]
    );
}
