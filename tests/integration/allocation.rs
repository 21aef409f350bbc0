//! Deciding asks the allocator for nothing: policies and request are compiled
//! before.

use std::hint::black_box;

use keyrail::iam::evaluate::{Decision, decide};

#[path = "../../benches/table/large_organization.rs"]
mod large_organization;

use large_organization::{policies, request};

#[test]
fn a_decision_allocates_nothing() {
    let policies = policies();
    for (action, expected) in [
        ("kms:Decrypt", Decision::Allowed),
        ("kms:DescribeKey", Decision::Allowed),
        ("kms:DisableKey", Decision::ExplicitlyDenied),
        ("kms:CreateGrant", Decision::ImplicitlyDenied),
    ] {
        let request = request(action).build().unwrap();
        let mut decision = None;
        let counted = allocation_counter::measure(|| {
            decision = Some(black_box(decide(black_box(&request), black_box(&policies))));
        });
        assert_eq!(decision, Some(expected), "{action}");
        assert_eq!(counted.count_total, 0, "{action}: {counted:?}");
    }
}

#[test]
fn allocations_are_counted() {
    let counted = allocation_counter::measure(|| drop(black_box(request("kms:Decrypt").build())));
    assert!(counted.count_total > 0, "what counts nothing proves nothing");
}
