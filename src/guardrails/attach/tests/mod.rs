mod fake;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use super::patience::Progress;
use super::work::Work;
use crate::aws::{Fault, Organizations};
use crate::guardrails::attach::{
    AttachError, Claim, Cut, Halted, ID_TAG, Livery, OWNER_TAG, OwnerId, Patience, attach, owned, remove,
};
use crate::guardrails::change::{InForce, same_meaning};
use crate::guardrails::fixture::{catalogue, full_order, layout, order, packing};
use crate::guardrails::generate::{Order, generate};
use crate::guardrails::pack::{Packing, pack};
use crate::guardrails::plan::{Limits, Plan};
use crate::guardrails::prove::{Proven, prove};
use crate::model::org::{PolicyType, TargetId};
use crate::model::tag::{IgnoredTags, Tags};
use fake::{FakeOrganizations, State, Trouble};

const OWNER: &str = "keyrail-";

fn id(number: u8) -> OwnerId {
    OwnerId::read(&format!("{number:016x}")).unwrap()
}

/// What the policies of a resource that is there carry.
fn livery() -> Livery {
    Livery {
        owner: OWNER.to_owned(),
        id: id(1),
        claim: Claim::Of(id(1)),
        description: "ours".to_owned(),
        tags: Tags::from([("Team".to_owned(), "security".to_owned())]),
        ignored: IgnoredTags::default(),
        enable_policy_types: true,
    }
}

/// What the policies of a new resource carry.
fn new(number: u8) -> Livery {
    Livery { id: id(number), claim: Claim::New, ..livery() }
}

fn patience() -> Patience {
    Patience::new(Duration::from_secs(20), &CancellationToken::new()).pausing(Duration::from_millis(1))
}

fn brief() -> Patience {
    Patience::new(Duration::from_millis(40), &CancellationToken::new()).pausing(Duration::from_millis(1))
}

fn proven(order: &Order, packing: &Packing) -> Proven<Plan> {
    let plan = pack(generate(&catalogue(), order, layout()).unwrap(), packing).unwrap();
    prove(plan, None).unwrap()
}

fn everything() -> &'static Proven<Plan> {
    static PLAN: LazyLock<Proven<Plan>> = LazyLock::new(|| proven(&full_order(), &packing()));
    &PLAN
}

/// The same with less of it, in other places, under other names.
fn something_else() -> &'static Proven<Plan> {
    static PLAN: LazyLock<Proven<Plan>> = LazyLock::new(|| {
        let order = order(&[
            ("r-ab12", &["environment-boundary", "required-tags"]),
            ("ou-ab12-11111111", &["key-rotation", "mfa-for-critical-operations"]),
        ]);
        let label = |target: &str, name: &str| (target.parse().unwrap(), name.to_owned());
        let labels = [
            label("r-ab12", "root"),
            label("ou-ab12-11111111", "development"),
            label("ou-ab12-22222222", "production"),
        ];
        proven(&order, &Packing { labels: labels.into(), ..packing() })
    });
    &PLAN
}

async fn put(api: &FakeOrganizations, plan: &Proven<Plan>) -> Result<Vec<InForce>, Halted> {
    attach(plan, api, &livery(), &patience()).await
}

fn assert_in_force(api: &FakeOrganizations, plan: &Proven<Plan>) {
    let now = api.history().pop().unwrap();
    let found: BTreeMap<String, &BTreeSet<TargetId>> =
        now.values().map(|policy| (policy.summary.name.clone(), &policy.targets)).collect();
    let wanted: BTreeMap<String, &BTreeSet<TargetId>> =
        plan.subject().documents.iter().map(|packed| (packed.name.clone(), &packed.targets)).collect();
    assert_eq!(found, wanted);
    for policy in now.values() {
        let packed = plan.subject().documents.iter().find(|packed| packed.name == policy.summary.name);
        assert!(same_meaning(policy.summary.policy_type, &policy.content, &packed.unwrap().content));
        assert_eq!(policy.tags[OWNER_TAG], OWNER);
        assert!(OwnerId::read(&policy.tags[ID_TAG]).is_some(), "{:?}", policy.tags);
        assert_eq!(policy.summary.description, "ours");
    }
}

/// What is denied where, by the Sids.
fn protection(state: &State) -> BTreeSet<(TargetId, String)> {
    let mut protection = BTreeSet::new();
    for policy in state.values() {
        let document: serde_json::Value = serde_json::from_str(&policy.content).unwrap();
        for statement in document["Statement"].as_array().unwrap() {
            let sid = statement["Sid"].as_str().unwrap();
            protection.extend(policy.targets.iter().map(|target| (target.clone(), sid.to_owned())));
        }
    }
    protection
}

fn assert_never_less(history: &[State]) {
    let (before, after) = (protection(&history[0]), protection(history.last().unwrap()));
    let kept: BTreeSet<_> = before.intersection(&after).cloned().collect();
    for state in history {
        let now = protection(state);
        assert!(kept.is_subset(&now), "{:?} is missing", kept.difference(&now).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn everything_comes_into_force_and_stays() {
    let api = FakeOrganizations::new(10, 10_240).without(PolicyType::ResourceControl);
    let current = put(&api, everything()).await.unwrap();
    assert_eq!(current.len(), everything().subject().documents.len());
    assert_in_force(&api, everything());
    api.script("none", 1, Trouble::Silence);
    put(&api, everything()).await.unwrap();
    assert!(api.calls().iter().all(|call| call.starts_with("List") || call.starts_with("Describe")));
}

#[tokio::test]
async fn a_change_leaves_no_moment_with_less_protection() {
    for slots in [3, 10] {
        let api = FakeOrganizations::new(slots, 10_240);
        for plan in [everything(), something_else(), everything()] {
            put(&api, plan).await.unwrap();
            assert_never_less(&api.history());
            assert_in_force(&api, plan);
        }
    }
}

#[tokio::test]
async fn on_full_targets_policies_take_each_others_place() {
    let renamed = |label: &str| {
        let labels = [("r-ab12".parse().unwrap(), label.to_owned())].into();
        let limits = [(PolicyType::ServiceControl, Limits { characters: 10_240, per_target: 1 })].into();
        proven(&order(&[("r-ab12", &["key-rotation"])]), &Packing { labels, limits, ..packing() })
    };
    let api = FakeOrganizations::new(1, 10_240);
    put(&api, &renamed("root")).await.unwrap();
    let before = api.history().pop().unwrap();
    api.script("none", 1, Trouble::Silence);
    put(&api, &renamed("top")).await.unwrap();
    assert_never_less(&api.history());
    assert_in_force(&api, &renamed("top"));
    assert_eq!(api.history().pop().unwrap().keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert!(!api.calls().contains(&"DetachPolicy"));
}

const CHANGES: [&str; 5] = ["CreatePolicy", "UpdatePolicy", "AttachPolicy", "DetachPolicy", "DeletePolicy"];
const READS: [&str; 5] =
    ["ListRoots", "ListPolicies", "DescribePolicy", "ListTargetsForPolicy", "ListTagsForResource"];

/// Changes one plan for another with one fault, again if the first run halts;
/// whether it did.
async fn halts(operation: &'static str, nth: usize, trouble: Trouble) -> bool {
    let api = FakeOrganizations::new(10, 10_240);
    put(&api, everything()).await.unwrap();
    api.history();
    api.script(operation, nth, trouble);
    let first = put(&api, something_else()).await;
    if let Err(halted) = &first {
        let told = matches!(&halted.cause, AttachError::Aws(error) if error.operation() == operation);
        assert!(told, "{operation} {nth} {trouble:?}: {halted}");
        api.script("none", 1, Trouble::Silence);
        put(&api, something_else()).await.unwrap();
    }
    assert_never_less(&api.history());
    assert_in_force(&api, something_else());
    first.is_err()
}

#[tokio::test]
async fn a_fault_at_any_call_heals_on_the_next_run() {
    for trouble in
        [Trouble::Refused(Fault::AccessDenied), Trouble::Refused(Fault::Service), Trouble::Unanswered]
    {
        for operation in CHANGES.into_iter().chain(READS) {
            assert!(halts(operation, 1, trouble).await, "{operation} {trouble:?}");
            halts(operation, 3, trouble).await;
        }
    }
}

#[tokio::test]
async fn what_passes_is_waited_for_within_a_run() {
    for trouble in [Trouble::Refused(Fault::Conflict), Trouble::Refused(Fault::Throttled), Trouble::Late(5)] {
        for operation in CHANGES {
            assert!(!halts(operation, 1, trouble).await, "{operation} {trouble:?}");
            assert!(!halts(operation, 3, trouble).await, "{operation} {trouble:?}");
        }
    }
}

/// A first run with one fault, and a second one, which may want something
/// else, if it fails.
async fn continued(operation: &'static str, nth: usize, trouble: Trouble) {
    for then in [everything(), something_else()] {
        continued_by(then, operation, nth, trouble).await;
    }
}

async fn continued_by(then: &Proven<Plan>, operation: &'static str, nth: usize, trouble: Trouble) {
    let api = FakeOrganizations::new(10, 10_240).without(PolicyType::ServiceControl);
    api.script(operation, nth, trouble);
    let first = attach(everything(), &api, &new(1), &patience()).await;
    api.script("none", 1, Trouble::Silence);
    if first.is_err() {
        attach(then, &api, &new(2), &patience()).await.unwrap();
        assert_in_force(&api, then);
        assert!(api.history().pop().unwrap().values().all(|policy| policy.tags[ID_TAG] == id(2).to_string()));
    } else {
        assert_in_force(&api, everything());
    }
}

#[tokio::test]
async fn a_first_run_that_fails_anywhere_is_continued_and_makes_nothing_twice() {
    for trouble in [Trouble::Refused(Fault::AccessDenied), Trouble::Unanswered, Trouble::Late(4)] {
        for operation in ["CreatePolicy", "AttachPolicy", "EnablePolicyType", "TagResource"] {
            continued(operation, 1, trouble).await;
            continued(operation, 3, trouble).await;
        }
    }
}

#[tokio::test]
async fn a_run_that_takes_over_may_fail_as_well_at_any_tag() {
    for nth in 1..=5 {
        let api = FakeOrganizations::new(10, 10_240);
        // The first is made in full but for its last tag.
        api.script("TagResource", 5, Trouble::Refused(Fault::AccessDenied));
        attach(everything(), &api, &new(1), &patience()).await.unwrap_err();
        api.script("TagResource", nth, Trouble::Refused(Fault::AccessDenied));
        attach(everything(), &api, &new(2), &patience()).await.unwrap_err();
        api.script("none", 1, Trouble::Silence);
        attach(everything(), &api, &new(3), &patience()).await.unwrap();
        assert_in_force(&api, everything());
    }
}

#[tokio::test]
async fn a_new_resource_takes_nothing_over_that_is_in_force() {
    let api = FakeOrganizations::new(10, 10_240);
    attach(everything(), &api, &new(1), &patience()).await.unwrap();
    let before = api.history().pop().unwrap();
    for plan in [everything(), something_else()] {
        let halted = attach(plan, &api, &new(2), &patience()).await.unwrap_err();
        assert!(matches!(&halted.cause, AttachError::Taken { .. }), "{halted}");
        assert_eq!(
            halted.to_string(),
            "guardrails with the prefix `keyrail-` exist already: keyrail-scp-dev-1, keyrail-scp-dev-prod-1, \
             keyrail-scp-prod-1, keyrail-scp-root-1, keyrail-rcp-dev-1, keyrail-rcp-prod-1"
        );
        assert_eq!(api.history(), std::slice::from_ref(&before));
    }
    remove(&api, OWNER, &Claim::Of(id(2)), &patience()).await.unwrap();
    assert_eq!(api.history(), std::slice::from_ref(&before));
}

#[tokio::test]
async fn a_run_whose_policies_another_one_took_over_says_so_and_changes_nothing() {
    let api = FakeOrganizations::new(10, 10_240);
    api.script("TagResource", 1, Trouble::Refused(Fault::AccessDenied));
    attach(everything(), &api, &new(1), &patience()).await.unwrap_err();
    let (slow, fast) = (new(2), new(3));
    // The slow run goes on with what it saw before the fast one came.
    let seen = owned(&api, OWNER, &BTreeSet::new()).await.unwrap();
    api.script("none", 1, Trouble::Silence);
    attach(everything(), &api, &fast, &patience()).await.unwrap();
    let before = api.history().pop().unwrap();
    let (patience, progress) = (patience(), Progress::default());
    let error = Work::new(&api, &slow, &patience, &progress, &seen).dress().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "another run with the prefix `keyrail-` took the policies over while they were made"
    );
    assert_eq!(api.history().pop().unwrap(), before);
}

#[tokio::test]
async fn prefixes_of_which_one_begins_the_other_do_not_see_each_other() {
    let api = FakeOrganizations::new(10, 10_240);
    let longer = proven(&full_order(), &Packing { name_prefix: "keyrail-2".to_owned(), ..packing() });
    let livery = |number| Livery { owner: "keyrail-2".to_owned(), ..new(number) };
    attach(&longer, &api, &livery(1), &patience()).await.unwrap();
    let before = api.history().pop().unwrap();
    attach(everything(), &api, &new(2), &patience()).await.unwrap();
    assert_eq!(owned(&api, OWNER, &BTreeSet::new()).await.unwrap().len(), before.len());
    attach(&longer, &api, &Livery { claim: Claim::Of(id(1)), ..livery(1) }, &patience()).await.unwrap();
    remove(&api, OWNER, &Claim::Any, &patience()).await.unwrap();
    assert_eq!(api.history().pop().unwrap(), before);
}

/// Some controls at some places.
fn orders() -> impl Strategy<Value = Proven<Plan>> {
    let ids = ["deletion-window", "key-rotation", "mfa-for-critical-operations", "required-tags"];
    let some = move || proptest::sample::subsequence(ids.to_vec(), 1..=ids.len());
    (some(), some(), some(), 0..3_usize).prop_map(|(root, dev, prod, left_out)| {
        let places = [("r-ab12", root), ("ou-ab12-11111111", dev), ("ou-ab12-22222222", prod)];
        let places = places.iter().enumerate().filter(|(at, _)| *at != left_out);
        let places: Vec<(&str, &[&str])> = places.map(|(_, (place, ids))| (*place, &ids[..])).collect();
        proven(&order(&places), &packing())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn between_any_two_plans_no_moment_has_less_protection(before in orders(), after in orders()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let api = FakeOrganizations::new(10, 10_240);
            put(&api, &before).await.unwrap();
            api.history();
            put(&api, &after).await.unwrap();
            assert_never_less(&api.history());
            assert_in_force(&api, &after);
        });
    }
}

#[tokio::test]
async fn a_run_whose_time_is_up_says_how_far_it_came() {
    let api = FakeOrganizations::new(10, 10_240);
    api.script("AttachPolicy", 2, Trouble::Silence);
    let halted = attach(everything(), &api, &livery(), &brief()).await.unwrap_err();
    assert!(
        matches!(halted.cause, AttachError::Cut(Cut::TimeUp(limit)) if limit == Duration::from_millis(40))
    );
    assert_eq!(
        halted.report.done,
        [
            "make `keyrail-scp-dev-1`",
            "attach `keyrail-scp-dev-1` to `ou-ab12-11111111`",
            "make `keyrail-scp-dev-prod-1`",
        ]
    );
    assert_eq!(halted.report.doing.as_deref(), Some("attach `keyrail-scp-dev-prod-1` to `ou-ab12-11111111`"));
    assert_eq!(halted.report.left, 10);
}

#[tokio::test]
async fn a_kind_that_was_switched_on_is_a_change_that_is_told() {
    let api = FakeOrganizations::new(10, 10_240).without(PolicyType::ServiceControl);
    api.script("CreatePolicy", 1, Trouble::Refused(Fault::AccessDenied));
    let halted = attach(everything(), &api, &new(1), &brief()).await.unwrap_err();
    assert_eq!(halted.report.done, ["switch policies of type SERVICE_CONTROL_POLICY on"]);
    assert_eq!(halted.report.doing.as_deref(), Some("make `keyrail-scp-dev-1`"));
    let api = FakeOrganizations::new(10, 10_240).without(PolicyType::ServiceControl);
    api.script("EnablePolicyType", 1, Trouble::Silence);
    let halted = attach(everything(), &api, &new(1), &brief()).await.unwrap_err();
    assert_eq!(halted.report.done, [""; 0]);
    assert_eq!(halted.report.doing.as_deref(), Some("switch policies of type SERVICE_CONTROL_POLICY on"));
}

#[tokio::test]
async fn tags_that_were_changed_are_a_change_that_is_told() {
    let api = FakeOrganizations::new(10, 10_240);
    put(&api, everything()).await.unwrap();
    api.script("TagResource", 2, Trouble::Refused(Fault::AccessDenied));
    let tags = Tags::from([("Owner".to_owned(), "me".to_owned())]);
    let halted = attach(everything(), &api, &Livery { tags, ..livery() }, &brief()).await.unwrap_err();
    assert_eq!(halted.report.done.len(), 1);
    assert!(halted.report.done[0].starts_with("tag `p-"), "{:?}", halted.report.done);
}

#[tokio::test]
async fn what_does_not_show_is_waited_for_as_long_as_there_is_time() {
    let api = FakeOrganizations::new(10, 10_240);
    api.script("AttachPolicy", 7, Trouble::Late(u32::MAX));
    let halted = attach(everything(), &api, &livery(), &brief()).await.unwrap_err();
    assert_eq!(halted.report.doing.as_deref(), Some("see the changes in force"));
    let waited = halted.report.waited_for.unwrap();
    assert!(waited.ends_with("does not yet show on `ou-ab12-22222222`"), "{waited}");
    assert_eq!(halted.cause.to_string(), "the time, 0 seconds, was up");
}

#[tokio::test]
async fn contents_that_do_not_show_are_no_success() {
    let api = FakeOrganizations::new(10, 10_240);
    put(&api, everything()).await.unwrap();
    let root = owned(&api, OWNER, &BTreeSet::new()).await.unwrap();
    let root = root.iter().find(|policy| policy.name == "keyrail-scp-root-1").unwrap();
    let weaker = r#"{"Version":"2012-10-17","Statement":[{"Sid":"KmsRotationStaysOn","Effect":"Deny","Action":"kms:DisableKey","Resource":"*"}]}"#;
    api.update_policy(&root.id, weaker, "ours").await.unwrap();
    api.script("UpdatePolicy", 1, Trouble::Late(u32::MAX));
    let halted = attach(everything(), &api, &livery(), &brief()).await.unwrap_err();
    assert_eq!(
        halted.report.waited_for.as_deref(),
        Some("the policy `keyrail-scp-root-1` does not yet say what was written")
    );
}

#[tokio::test]
async fn an_interrupted_run_stops_at_once() {
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let api = FakeOrganizations::new(10, 10_240);
    api.script("ListPolicies", 1, Trouble::Silence);
    let patience = Patience::new(Duration::from_mins(1), &cancelled);
    let halted = attach(everything(), &api, &livery(), &patience).await.unwrap_err();
    assert!(matches!(halted.cause, AttachError::Cut(Cut::Interrupted)));
    assert_eq!(halted.report, crate::guardrails::attach::Report::default());
}

#[tokio::test]
async fn policies_of_others_are_never_touched() {
    let foreign = InForce {
        id: "p-00000000".parse().unwrap(),
        arn: String::new(),
        name: "keyrail-scp-root-1".to_owned(),
        policy_type: PolicyType::ServiceControl,
        description: String::new(),
        tags: Tags::new(),
        content: r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
        targets: BTreeSet::from(["r-ab12".parse().unwrap()]),
    };
    let api = FakeOrganizations::new(10, 10_240).having(&foreign, Tags::new());
    let halted = put(&api, everything()).await.unwrap_err();
    assert_eq!(
        halted.to_string(),
        "a policy `keyrail-scp-root-1` of type SERVICE_CONTROL_POLICY exists (`p-00000000`) without the tags \
         `keyrail:guardrails` = `keyrail-` and `keyrail:owner` = `0000000000000001`"
    );
    remove(&api, OWNER, &Claim::Of(id(1)), &patience()).await.unwrap();
    assert_eq!(
        api.history().pop().unwrap().into_values().map(|one| one.content).collect::<Vec<_>>(),
        [foreign.content]
    );
}

#[tokio::test]
async fn taking_away_goes_on_where_it_stopped() {
    let api = FakeOrganizations::new(10, 10_240);
    put(&api, everything()).await.unwrap();
    api.script("DeletePolicy", 2, Trouble::Refused(Fault::AccessDenied));
    let halted = remove(&api, OWNER, &Claim::Of(id(1)), &patience()).await.unwrap_err();
    assert_eq!(halted.report.done.last().unwrap(), "detach `keyrail-scp-dev-prod-1` from `ou-ab12-22222222`");
    assert_eq!(halted.report.doing.as_deref(), Some("delete `keyrail-scp-dev-prod-1`"));
    api.script("DeletePolicy", 1, Trouble::Refused(Fault::InvalidState));
    remove(&api, OWNER, &Claim::Of(id(1)), &patience()).await.unwrap();
    assert_eq!(api.history().pop().unwrap(), State::new());
}
