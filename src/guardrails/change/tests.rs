use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::guardrails::change::{InForce, Name, Step, says, steps};
use crate::guardrails::plan::Packed;
use crate::iam::parse;
use crate::iam::policy::{Document, PolicyKind, Statement};
use crate::model::org::{PolicyType, TargetId};

const SCP: PolicyType = PolicyType::ServiceControl;

fn target(number: u8) -> TargetId {
    TargetId::OrganizationalUnit(format!("ou-ab12-0000000{number}").parse().unwrap())
}

/// A document whose statements are these letters.
fn content(letters: &str) -> String {
    Document::new(letters.chars().map(|letter| Statement::deny(letter.to_string()).actions(["kms:*"])))
        .to_json()
}

fn packed(name: &str, letters: &str, targets: &[u8]) -> Packed {
    Packed {
        name: name.to_owned(),
        policy_type: SCP,
        content: content(letters),
        targets: targets.iter().copied().map(target).collect(),
        sids: letters.chars().map(String::from).collect(),
    }
}

fn in_force(packed: &Packed) -> InForce {
    InForce {
        id: format!("p-{:0>8}", packed.name).parse().unwrap(),
        arn: String::new(),
        name: packed.name.clone(),
        policy_type: SCP,
        description: String::new(),
        content: packed.content.clone(),
        targets: packed.targets.clone(),
    }
}

type State = BTreeMap<Name, (String, BTreeSet<TargetId>)>;
type Protection = BTreeSet<(String, TargetId)>;

/// What protects: each Sid with the targets it hangs on.
fn protection(state: &State) -> Protection {
    let mut protection = BTreeSet::new();
    for (content, targets) in state.values() {
        for statement in parse(content, PolicyKind::ServiceControl).unwrap().statements {
            let sid = statement.sid.unwrap().as_str().to_owned();
            protection.extend(targets.iter().map(|target| (sid.clone(), target.clone())));
        }
    }
    protection
}

/// Takes the steps and returns the protection after each.
fn take(current: &[InForce], steps: Vec<Step>) -> (Vec<Protection>, State) {
    let mut state: State = current
        .iter()
        .map(|policy| {
            ((policy.policy_type, policy.name.clone()), (policy.content.clone(), policy.targets.clone()))
        })
        .collect();
    let mut moments = vec![protection(&state)];
    for step in steps {
        match step {
            Step::Create(name, content) => assert!(state.insert(name, (content, BTreeSet::new())).is_none()),
            Step::Update(name, content) => state.get_mut(&name).unwrap().0 = content,
            Step::Attach(name, target) => assert!(state.get_mut(&name).unwrap().1.insert(target)),
            Step::Detach(name, target) => assert!(state.get_mut(&name).unwrap().1.remove(&target)),
            Step::Delete(name) => assert!(state.remove(&name).unwrap().1.is_empty()),
            Step::Verify => {}
        }
        moments.push(protection(&state));
    }
    (moments, state)
}

fn documents() -> impl Strategy<Value = Vec<Packed>> {
    let spread = proptest::collection::btree_map(
        "[a-h]",
        (0_u8..3, proptest::collection::btree_set(0_u8..3, 1..3)),
        1..8,
    );
    spread.prop_map(|spread| {
        let mut bins: BTreeMap<(u8, BTreeSet<u8>), String> = BTreeMap::new();
        for (letter, (bin, targets)) in spread {
            bins.entry((bin, targets)).or_default().push_str(&letter);
        }
        let mut documents: BTreeMap<String, Packed> = BTreeMap::new();
        for ((bin, targets), letters) in bins {
            let targets: Vec<u8> = targets.into_iter().collect();
            let name = format!("doc{bin}");
            documents.entry(name.clone()).or_insert_with(|| packed(&name, &letters, &targets));
        }
        documents.into_values().collect()
    })
}

proptest! {
    #[test]
    fn no_moment_has_less_protection_than_both_ends(before in documents(), after in documents()) {
        let current: Vec<InForce> = before.iter().map(in_force).collect();
        let (moments, state) = take(&current, steps(&current, &after));
        let always: BTreeSet<_> = moments[0].intersection(moments.last().unwrap()).cloned().collect();
        for moment in &moments {
            prop_assert!(always.is_subset(moment), "{always:?} is not in {moment:?}");
        }
        prop_assert_eq!(state.len(), after.len());
        for packed in &after {
            let (content, targets) = &state[&(SCP, packed.name.clone())];
            prop_assert_eq!(content, &packed.content);
            prop_assert_eq!(targets, &packed.targets);
        }
    }

    #[test]
    fn a_run_that_stops_anywhere_is_finished_by_the_next(before in documents(), after in documents(), stop in 0_usize..20) {
        let current: Vec<InForce> = before.iter().map(in_force).collect();
        let planned = steps(&current, &after);
        let (_, state) = take(&current, planned.into_iter().take(stop).collect());
        let left: Vec<InForce> = state
            .into_iter()
            .map(|((_, name), (content, targets))| InForce { content, targets, ..in_force(&packed(&name, "a", &[])) })
            .collect();
        let (_, state) = take(&left, steps(&left, &after));
        for packed in &after {
            prop_assert_eq!(&state[&(SCP, packed.name.clone())].0, &packed.content);
        }
    }
}

#[test]
fn nothing_to_change_is_no_step() {
    let wanted = [packed("doc1", "ab", &[1])];
    assert_eq!(steps(&[in_force(&wanted[0])], &wanted), []);
}

#[test]
fn an_altered_statement_is_swapped_in_place() {
    let name = (SCP, "doc1".to_owned());
    let current = in_force(&packed("doc1", "ab", &[1]));
    assert_eq!(
        steps(&[current], &[packed("doc1", "ac", &[1])]),
        [Step::Update(name, content("ac")), Step::Verify]
    );
}

#[test]
fn a_new_document_hangs_before_the_old_one_goes() {
    let (old, new) = ((SCP, "old".to_owned()), (SCP, "new".to_owned()));
    assert_eq!(
        steps(&[in_force(&packed("old", "a", &[1]))], &[packed("new", "a", &[1])]),
        [
            Step::Create(new.clone(), content("a")),
            Step::Attach(new, target(1)),
            Step::Verify,
            Step::Detach(old.clone(), target(1)),
            Step::Delete(old),
        ]
    );
}

#[test]
fn documents_that_exchange_statements_say_both_for_a_while() {
    let current = [in_force(&packed("one", "a", &[1])), in_force(&packed("two", "b", &[1]))];
    let (one, two) = ((SCP, "one".to_owned()), (SCP, "two".to_owned()));
    assert_eq!(
        steps(&current, &[packed("one", "b", &[1]), packed("two", "a", &[1])]),
        [
            Step::Update(one.clone(), content("ba")),
            Step::Update(two.clone(), content("ab")),
            Step::Verify,
            Step::Update(one, content("b")),
            Step::Update(two, content("a")),
        ]
    );
}

#[test]
fn the_order_and_spelling_aws_keeps_is_no_difference() {
    let mut policy = in_force(&packed("doc1", "ab", &[1]));
    policy.content = r#"{"Statement":[{"Sid":"b","Effect":"Deny","Action":["KMS:*"],"Resource":["*"]},
        {"Sid":"a","Effect":"Deny","Action":"kms:*","Resource":"*"}],"Version":"2012-10-17"}"#
        .to_owned();
    assert!(says(&policy, &content("ab")));
    assert!(!says(&policy, &content("a")));
}
