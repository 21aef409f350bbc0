use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::guardrails::change::{InForce, Name, Step, says, steps};
use crate::guardrails::fixture::layout;
use crate::guardrails::plan::{Packed, Plan, Room};
use crate::iam::parse;
use crate::iam::policy::{Document, PolicyKind, Statement};
use crate::model::org::{PolicyType, TargetId};
use crate::model::tag::Tags;

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
        written: None,
    }
}

fn in_force(packed: &Packed) -> InForce {
    InForce {
        id: format!("p-{:0>8}", packed.name.replace('-', "_")).parse().unwrap(),
        arn: String::new(),
        name: packed.name.clone(),
        policy_type: SCP,
        description: String::new(),
        tags: Tags::new(),
        content: packed.content.clone(),
        targets: packed.targets.clone(),
    }
}

/// A plan with room for so many documents on each target, of so many characters.
fn plan(documents: &[Packed], slots: usize, characters: usize) -> Plan {
    let room = Room {
        characters: [(SCP, characters)].into(),
        slots: (0..3).map(|number| ((SCP, target(number)), slots)).collect(),
    };
    Plan {
        documents: documents.to_vec(),
        statements: Vec::new(),
        merged: BTreeMap::new(),
        layout: layout(),
        room,
        limits: BTreeMap::new(),
        notices: Vec::new(),
    }
}

fn planned(current: &[Packed], wanted: &[Packed]) -> Vec<Step> {
    let current: Vec<InForce> = current.iter().map(in_force).collect();
    steps(&current, &plan(wanted, 10, 10_240), "keyrail-").unwrap()
}

type State = BTreeMap<Name, (String, BTreeSet<TargetId>)>;
type Protection = BTreeSet<(String, TargetId)>;

fn state_of(current: &[InForce]) -> State {
    let policy = |policy: &InForce| {
        ((policy.policy_type, policy.name.clone()), (policy.content.clone(), policy.targets.clone()))
    };
    current.iter().map(policy).collect()
}

fn policies_of(state: State) -> Vec<InForce> {
    let policy = |((_, name), (content, targets)): (Name, _)| InForce {
        content,
        targets,
        ..in_force(&packed(&name, "a", &[]))
    };
    state.into_iter().map(policy).collect()
}

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

fn fullest(state: &State) -> usize {
    (0..3)
        .map(target)
        .map(|target| state.values().filter(|(_, targets)| targets.contains(&target)).count())
        .max()
        .unwrap()
}

fn longest(state: &State) -> usize {
    state.values().map(|(content, _)| content.chars().count()).max().unwrap_or_default()
}

/// Takes the steps and returns every moment.
fn take(state: &State, steps: Vec<Step>) -> Vec<State> {
    let mut state = state.clone();
    let mut moments = vec![state.clone()];
    for step in steps {
        match step {
            Step::Create(name, content) => assert!(state.insert(name, (content, BTreeSet::new())).is_none()),
            Step::Update(name, content) => state.get_mut(&name).unwrap().0 = content,
            Step::Replace(name, next, content) => {
                let (_, targets) = state.remove(&name).unwrap();
                assert!(state.insert((name.0, next), (content, targets)).is_none());
            }
            Step::Attach(name, target) => assert!(state.get_mut(&name).unwrap().1.insert(target)),
            Step::Detach(name, target) => assert!(state.get_mut(&name).unwrap().1.remove(&target)),
            Step::Delete(name) => assert!(state.remove(&name).unwrap().1.is_empty()),
            Step::Verify => {}
        }
        moments.push(state.clone());
    }
    moments
}

/// Whether every moment protects what both ends protect, denies nothing that neither denies, and has room.
fn sound(moments: &[State], slots: usize, characters: usize) -> Result<(), TestCaseError> {
    let (before, after) = (protection(&moments[0]), protection(moments.last().unwrap()));
    let kept: Protection = before.intersection(&after).cloned().collect();
    let known: Protection = before.union(&after).cloned().collect();
    for moment in moments {
        let now = protection(moment);
        prop_assert!(kept.is_subset(&now), "{kept:?} is not in {now:?}");
        prop_assert!(now.is_subset(&known), "{now:?} is more than {known:?}");
        prop_assert!(fullest(moment) <= slots && longest(moment) <= characters);
    }
    Ok(())
}

fn documents() -> impl Strategy<Value = Vec<Packed>> {
    let spread = proptest::collection::btree_map(
        "[a-h]",
        (0_u8..4, proptest::collection::btree_set(0_u8..3, 1..3)),
        1..8,
    );
    spread.prop_map(|spread| {
        let mut bins: BTreeMap<(u8, BTreeSet<u8>), String> = BTreeMap::new();
        for (letter, (bin, targets)) in spread {
            bins.entry((bin, targets)).or_default().push_str(&letter);
        }
        let document = |(number, ((bin, targets), letters)): (usize, ((u8, BTreeSet<u8>), String))| {
            let targets: Vec<u8> = targets.into_iter().collect();
            packed(&format!("doc{bin}{number}"), &letters, &targets)
        };
        bins.into_iter().enumerate().map(document).collect()
    })
}

proptest! {
    #[test]
    fn with_a_place_to_spare_every_moment_is_sound(before in documents(), after in documents()) {
        let current: Vec<InForce> = before.iter().map(in_force).collect();
        let wanted: Vec<InForce> = after.iter().map(in_force).collect();
        let ends = [state_of(&current), state_of(&wanted)];
        let slots = ends.iter().map(fullest).max().unwrap().saturating_add(1);
        let steps = steps(&current, &plan(&after, slots, 10_240), "keyrail-").unwrap();
        let moments = take(&ends[0], steps);
        sound(&moments, slots, 10_240)?;
        prop_assert_eq!(moments.last().unwrap(), &ends[1]);
    }

    #[test]
    fn where_nothing_is_spare_a_moment_is_sound_or_there_are_no_steps(before in documents(), after in documents()) {
        let current: Vec<InForce> = before.iter().map(in_force).collect();
        let wanted: Vec<InForce> = after.iter().map(in_force).collect();
        let ends = [state_of(&current), state_of(&wanted)];
        let slots = ends.iter().map(fullest).max().unwrap();
        let characters = ends.iter().map(longest).max().unwrap();
        if let Ok(steps) = steps(&current, &plan(&after, slots, characters), "keyrail-") {
            let moments = take(&ends[0], steps);
            sound(&moments, slots, characters)?;
            prop_assert_eq!(moments.last().unwrap(), &ends[1]);
        }
    }

    #[test]
    fn a_run_that_stops_anywhere_is_finished_by_the_next(before in documents(), after in documents(), stop in 0_usize..20) {
        let current: Vec<InForce> = before.iter().map(in_force).collect();
        let plan = plan(&after, 10, 10_240);
        let begun = steps(&current, &plan, "keyrail-").unwrap().into_iter().take(stop).collect();
        let left = take(&state_of(&current), begun).pop().unwrap();
        let rest = steps(&policies_of(left.clone()), &plan, "keyrail-").unwrap();
        let moments = take(&left, rest);
        sound(&moments, 10, 10_240)?;
        let wanted: Vec<InForce> = after.iter().map(in_force).collect();
        prop_assert_eq!(moments.last().unwrap(), &state_of(&wanted));
    }
}

#[test]
fn a_full_target_stops_few_changes() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let draws = (0..300).map(|_| {
        let mut draw = || documents().new_tree(&mut runner).unwrap().current();
        let (before, after) = (draw(), draw());
        let current: Vec<InForce> = before.iter().map(in_force).collect();
        let wanted: Vec<InForce> = after.iter().map(in_force).collect();
        let slots = [state_of(&current), state_of(&wanted)].iter().map(fullest).max().unwrap();
        steps(&current, &plan(&after, slots, 10_240), "keyrail-").is_ok()
    });
    let sound = draws.filter(|sound| *sound).count();
    assert!(sound >= 285, "{sound} of 300");
}

#[test]
fn nothing_to_change_is_no_step() {
    let wanted = [packed("doc1", "ab", &[1])];
    assert_eq!(planned(&wanted, &wanted), []);
}

#[test]
fn an_altered_statement_is_swapped_in_place() {
    let name = (SCP, "doc1".to_owned());
    assert_eq!(
        planned(&[packed("doc1", "ab", &[1])], &[packed("doc1", "ac", &[1])]),
        [Step::Update(name, content("ac")), Step::Verify]
    );
}

#[test]
fn a_new_document_hangs_before_the_old_one_goes() {
    let (old, new) = ((SCP, "old".to_owned()), (SCP, "new".to_owned()));
    assert_eq!(
        planned(&[packed("old", "a", &[1])], &[packed("new", "a", &[1])]),
        [
            Step::Create(new.clone(), content("a")),
            Step::Attach(new, target(1)),
            Step::Verify,
            Step::Detach(old.clone(), target(1)),
            Step::Delete(old),
            Step::Verify,
        ]
    );
}

#[test]
fn documents_that_exchange_statements_say_both_for_a_while() {
    let (one, two) = ((SCP, "one".to_owned()), (SCP, "two".to_owned()));
    assert_eq!(
        planned(
            &[packed("one", "a", &[1]), packed("two", "b", &[1])],
            &[packed("one", "b", &[1]), packed("two", "a", &[1])]
        ),
        [
            Step::Update(two.clone(), content("ba")),
            Step::Verify,
            Step::Update(one, content("b")),
            Step::Update(two, content("a")),
            Step::Verify,
        ]
    );
}

#[test]
fn on_a_full_target_the_old_document_becomes_the_new_one_in_one_call() {
    let old = [in_force(&packed("old", "ab", &[1]))];
    let wanted = [packed("new", "ac", &[1, 2])];
    let name = |name: &str| (SCP, name.to_owned());
    assert_eq!(
        steps(&old, &plan(&wanted, 1, 10_240), "keyrail-").unwrap(),
        [
            Step::Replace(name("old"), "new".to_owned(), content("ac")),
            Step::Attach(name("new"), target(2)),
            Step::Verify,
        ]
    );
}

#[test]
fn on_a_full_target_another_document_says_for_a_while_what_has_to_move() {
    let old = [packed("keeps", "k", &[1]), packed("old", "ab", &[1, 2])].map(|document| in_force(&document));
    let wanted = [packed("keeps", "k", &[1]), packed("left", "a", &[1]), packed("right", "b", &[2])];
    let name = |name: &str| (SCP, name.to_owned());
    assert_eq!(
        steps(&old, &plan(&wanted, 2, 10_240), "keyrail-").unwrap(),
        [
            Step::Create(name("right"), content("b")),
            Step::Attach(name("right"), target(2)),
            Step::Verify,
            Step::Detach(name("old"), target(2)),
            Step::Replace(name("old"), "left".to_owned(), content("a")),
            Step::Verify,
        ]
    );
}

#[test]
fn a_change_that_needs_a_moment_without_protection_has_no_steps() {
    let old = [in_force(&packed("old", "a", &[1, 2]))];
    let wanted = [packed("left", "a", &[1]), packed("right", "a", &[2])];
    let error = steps(&old, &plan(&wanted, 1, 10_240), "keyrail-").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`right` can be changed only at the price of a moment without protection: `ou-ab12-00000002` has no free \
         place for a SERVICE_CONTROL_POLICY beside the 1 made here, and what leaves it is still needed there"
    );
    assert_eq!(error.target, Some(target(2)));
}

#[test]
fn a_rule_in_another_wording_is_never_missing() {
    let reworded = |name: &str, action: &str| Packed {
        content: Document::new([Statement::deny("a").actions([action])]).to_json(),
        ..packed(name, "a", &[1])
    };
    let (old, new) = (reworded("old", "kms:Encrypt"), reworded("new", "kms:Decrypt"));
    let name = |name: &str| (SCP, name.to_owned());
    assert_eq!(
        steps(&[in_force(&old)], &plan(std::slice::from_ref(&new), 1, 10_240), "keyrail-").unwrap(),
        [Step::Replace(name("old"), "new".to_owned(), new.content), Step::Verify]
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
