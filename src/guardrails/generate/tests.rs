use std::collections::BTreeSet;

use crate::guardrails::fixture::{DEV, PROD, catalogue, draft, full_order, layout, order, packing, target};
use crate::guardrails::generate::generate;
use crate::guardrails::pack::pack;
use crate::guardrails::plan::Draft;
use crate::guardrails::prove::prove;
use crate::iam::policy::Document;
use crate::model::org::{PolicyType, TargetId};

fn targets(draft: &Draft, sid: &str) -> BTreeSet<TargetId> {
    draft
        .statements
        .iter()
        .find(|placed| placed.sid == sid)
        .map(|placed| placed.targets.clone())
        .unwrap_or_default()
}

#[test]
fn statements_hang_where_they_have_their_effect() {
    let draft = draft();
    assert_eq!(targets(&draft, "KmsDeletionWindow"), BTreeSet::from([target("r-ab12")]));
    assert_eq!(targets(&draft, "KmsBoundaryProd"), BTreeSet::from([target(PROD)]));
    assert_eq!(targets(&draft, "KmsBoundaryByTagProd"), BTreeSet::from([target("r-ab12")]));
    assert_eq!(targets(&draft, "KmsTagOwner"), BTreeSet::from([target(DEV), target(PROD)]));
}

#[test]
fn a_boundary_on_its_unit_alone_still_reaches_callers_elsewhere() {
    let draft = generate(&catalogue(), &order(&[(PROD, &["environment-boundary"])]), layout()).unwrap();
    assert_eq!(targets(&draft, "KmsBoundaryByTagProd"), BTreeSet::from([target("r-ab12")]));
    assert_eq!(targets(&draft, "KmsBoundaryProd"), BTreeSet::from([target(PROD)]));
    assert_eq!(targets(&draft, "KmsBoundaryDev"), BTreeSet::new());
}

#[test]
fn what_hangs_above_is_not_repeated_below() {
    let places = [("r-ab12", &["key-rotation"][..]), (PROD, &["key-rotation"][..])];
    let draft = generate(&catalogue(), &order(&places), layout()).unwrap();
    assert_eq!(targets(&draft, "KmsRotationStaysOn"), BTreeSet::from([target("r-ab12")]));
}

#[test]
fn a_boundary_where_no_environment_begins_is_an_error() {
    let layout = layout().with(target("444444444444"), "o-a1b2c3d4e5/r-ab12/".parse().unwrap());
    let error =
        generate(&catalogue(), &order(&[("444444444444", &["environment-boundary"])]), layout).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`environment-boundary` is placed on `444444444444`, which is neither the root nor the place of an \
         environment; required is one of `r-ab12`, `ou-ab12-11111111`, `ou-ab12-22222222`"
    );
}

#[test]
fn a_place_outside_the_organisation_is_an_error() {
    let error =
        generate(&catalogue(), &order(&[("ou-ab12-99999999", &["key-rotation"])]), layout()).unwrap_err();
    assert_eq!(error.to_string(), "`ou-ab12-99999999` is not in the organisation `o-a1b2c3d4e5`");
}

#[test]
fn roles_exempt_in_every_account_are_protected() {
    let draft = draft();
    let companion = draft.statements.iter().find(|placed| placed.sid == "KmsExemptRolesStay").unwrap();
    let text = Document::new([companion.statement.clone()]).to_json();
    for role in ["role/terraform", "role/ops/*-admin", "role/OrganizationAccountAccessRole"] {
        assert!(text.contains(&format!("arn:aws:iam::*:{role}")), "{text}");
    }
    let mut order = order(&[("r-ab12", &["key-rotation"])]);
    order.exempt = BTreeSet::from(["arn:aws:iam::222222222222:role/terraform".to_owned()]);
    let draft = generate(&catalogue(), &order, layout()).unwrap();
    assert!(draft.statements.iter().all(|placed| placed.control.is_some()));
}

#[test]
fn users_exempt_in_every_account_are_protected_and_proven() {
    for (exempt, denied, not) in [
        ("arn:aws:iam::*:user/ops/break-glass", "iam:UpdateUser", "iam:PassRole"),
        ("arn:aws:iam::*:user/ops/*", "iam:UpdateAccessKey", "sts:AssumeRole"),
        ("arn:aws:iam::*:role/ops/break-*", "sts:AssumeRole", "iam:CreateUser"),
        ("arn:aws-cn:iam::*:role/ops/break-?lass", "iam:PassRole", "iam:CreateUser"),
        ("arn:aws-us-gov:iam::*:user/ops/break-glass", "iam:CreateAccessKey", "iam:CreateRole"),
    ] {
        let mut order = order(&[("r-ab12", &["key-rotation"])]);
        order.exempt = BTreeSet::from([exempt.to_owned()]);
        order.role_administrators = Some(BTreeSet::new());
        let draft = generate(&catalogue(), &order, layout()).unwrap();
        let companion = draft.statements.iter().find(|placed| placed.sid == "KmsExemptRolesStay").unwrap();
        let text = Document::new([companion.statement.clone()]).to_json();
        assert!(text.contains(denied) && !text.contains(not), "{text}");
        let proven = prove(pack(draft, &packing()).unwrap(), None).unwrap();
        assert!(proven.proof().by_control["exempt-roles"] > 0);
    }
}

#[test]
fn unless_said_the_role_that_opens_accounts_administers_in_every_partition() {
    let mut order = order(&[("r-ab12", &["key-rotation"])]);
    order.exempt = ["aws", "aws-cn"].map(|partition| format!("arn:{partition}:iam::*:user/ops/one")).into();
    let draft = generate(&catalogue(), &order, layout()).unwrap();
    let companion = draft.statements.iter().find(|placed| placed.sid == "KmsExemptRolesStay").unwrap();
    for partition in ["aws", "aws-cn"] {
        let role = format!("arn:{partition}:iam::*:role/OrganizationAccountAccessRole");
        assert!(companion.exempt.contains(&role), "{:?}", companion.exempt);
    }
    assert!(companion.witnesses.iter().any(|witness| witness.action == "sts:AssumeRole"));
    prove(pack(draft, &packing()).unwrap(), None).unwrap();
}

#[test]
fn resource_control_policies_spare_nobody_by_wildcard_account() {
    let draft = draft();
    let boundary = draft.statements.iter().find(|placed| placed.sid == "KmsBoundaryProd").unwrap();
    assert_eq!(boundary.exempt, BTreeSet::from(["arn:aws:iam::111111111111:role/break-glass".to_owned()]));
    assert!(
        draft.notices[0].starts_with("`arn:aws:iam::*:role/ops/*-admin` is not exempt from resource control")
    );
}

#[test]
fn only_the_kinds_asked_for_are_made() {
    let mut order = full_order();
    order.policy_types = BTreeSet::from([PolicyType::ResourceControl]);
    let draft = generate(&catalogue(), &order, layout()).unwrap();
    assert!(!draft.statements.is_empty());
    assert!(draft.statements.iter().all(|placed| placed.policy_type == PolicyType::ResourceControl));
}

#[test]
fn what_cannot_be_expressed_is_said() {
    let draft = draft();
    let controls: Vec<&str> = draft.limits.keys().map(|id| id.0).collect();
    assert!(controls.contains(&"key-rotation"));
}
