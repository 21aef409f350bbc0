use serde_json::Value;
use serde_json::json;

use crate::sandbox::organizations;
use crate::sandbox::state::World;
use crate::sandbox::testing::DEV;
use crate::sandbox::testing::organizations;
use crate::sandbox::testing::refused;
use crate::sandbox::testing::refused_for;
use crate::sandbox::testing::role;
use crate::sandbox::testing::world;
use crate::sandbox::wire::Input;

const SCP: &str = "SERVICE_CONTROL_POLICY";
const RCP: &str = "RESOURCE_CONTROL_POLICY";

fn enabled(policy_type: &str) -> World {
    let mut world = world();
    organizations(&mut world, "EnablePolicyType", json!({"RootId": "r-ab12", "PolicyType": policy_type}))
        .unwrap();
    assert!(world.clock.advance(2));
    world
}

fn deny(policy_type: &str, action: &str) -> String {
    let mut statement = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
    if policy_type == RCP {
        statement.as_object_mut().unwrap().insert("Principal".to_owned(), json!("*"));
    }
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

fn create(world: &mut World, name: &str, policy_type: &str) -> String {
    let input =
        json!({"Name": name, "Description": "d", "Type": policy_type, "Content": deny(policy_type, "kms:*")});
    let made = organizations(world, "CreatePolicy", input).unwrap();
    made.pointer("/Policy/PolicySummary/Id").unwrap().as_str().unwrap().to_owned()
}

fn on(world: &mut World, operation: &str, policy: &str, target: &str) -> crate::sandbox::wire::Reply {
    organizations(world, operation, json!({"PolicyId": policy, "TargetId": target}))
}

#[test]
fn the_tree_is_as_it_is_described() {
    let mut world = world();
    let organization = organizations(&mut world, "DescribeOrganization", json!({})).unwrap();
    assert_eq!(organization.pointer("/Organization/Id"), Some(&json!("o-a1b2c3d4e5")));
    let units =
        organizations(&mut world, "ListOrganizationalUnitsForParent", json!({"ParentId": "r-ab12"})).unwrap();
    let paths: Vec<&Value> = units
        .get("OrganizationalUnits")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| unit.get("Path").unwrap())
        .collect();
    assert_eq!(paths, ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/"]);
    let account = organizations(&mut world, "DescribeAccount", json!({"AccountId": DEV})).unwrap();
    assert_eq!(
        account.pointer("/Account/Paths/0"),
        Some(&json!("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/222222222222/"))
    );
    let parents = organizations(&mut world, "ListParents", json!({"ChildId": DEV})).unwrap();
    assert_eq!(parents, json!({"Parents": [{"Id": "ou-ab12-11111111", "Type": "ORGANIZATIONAL_UNIT"}]}));
    let children = organizations(
        &mut world,
        "ListChildren",
        json!({"ParentId": "ou-ab12-11111111", "ChildType": "ACCOUNT"}),
    )
    .unwrap();
    assert_eq!(children, json!({"Children": [{"Id": DEV, "Type": "ACCOUNT"}]}));
    let page = organizations(&mut world, "ListAccounts", json!({"MaxResults": 2})).unwrap();
    assert_eq!(page.get("Accounts").unwrap().as_array().unwrap().len(), 2);
    let token = page.get("NextToken").unwrap();
    let rest =
        organizations(&mut world, "ListAccounts", json!({"MaxResults": 2, "NextToken": token})).unwrap();
    assert_eq!(rest.get("Accounts").unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn member_accounts_may_ask_for_the_organisation_and_nothing_else() {
    let mut world = world();
    let call = role(&world, DEV, "terraform");
    let empty = serde_json::Map::new();
    assert!(organizations::perform(&mut world, &call, "DescribeOrganization", Input::new(&empty)).is_ok());
    let refusal = refused(organizations::perform(&mut world, &call, "ListRoots", Input::new(&empty)));
    let message = "You don't have permissions to access this resource.".to_owned();
    assert_eq!(refusal, ("AccessDeniedException", message));
}

#[test]
fn enabling_a_type_takes_a_while_and_hangs_full_access_everywhere() {
    let mut world = world();
    let policy = create(&mut world, "a", SCP);
    assert_eq!(refused(on(&mut world, "AttachPolicy", &policy, DEV)).0, "PolicyTypeNotEnabledException");
    let enable = json!({"RootId": "r-ab12", "PolicyType": SCP});
    let answer = organizations(&mut world, "EnablePolicyType", enable.clone()).unwrap();
    assert_eq!(answer.pointer("/Root/PolicyTypes/0/Status"), Some(&json!("PENDING_ENABLE")));
    assert_eq!(refused(on(&mut world, "AttachPolicy", &policy, DEV)).0, "PolicyTypeNotEnabledException");
    let mut status = Vec::new();
    for seconds in [0, 2, 0] {
        assert!(world.clock.advance(seconds));
        let roots = organizations(&mut world, "ListRoots", json!({})).unwrap();
        status.push(roots.pointer("/Roots/0/PolicyTypes/0/Status").unwrap().as_str().unwrap().to_owned());
    }
    assert_eq!(status, ["PENDING_ENABLE", "ENABLED", "ENABLED"]);
    assert_eq!(
        refused(organizations(&mut world, "EnablePolicyType", enable)).0,
        "PolicyTypeAlreadyEnabledException"
    );
    let targets =
        organizations(&mut world, "ListTargetsForPolicy", json!({"PolicyId": "p-FullAWSAccess"})).unwrap();
    assert_eq!(targets.get("Targets").unwrap().as_array().unwrap().len(), 6);
}

#[test]
fn a_type_comes_on_with_time_whether_anybody_looks_or_not() {
    let mut world = world();
    let policy = create(&mut world, "a", SCP);
    organizations(&mut world, "EnablePolicyType", json!({"RootId": "r-ab12", "PolicyType": SCP})).unwrap();
    assert!(world.clock.advance(2));
    assert_eq!(on(&mut world, "AttachPolicy", &policy, DEV), Ok(Value::Null));
}

#[test]
fn attachments_have_a_minimum_and_a_maximum() {
    let mut world = enabled(SCP);
    let first = create(&mut world, "p0", SCP);
    let last = |reply| refused_for(reply);
    assert_eq!(
        last(on(&mut world, "DetachPolicy", "p-FullAWSAccess", DEV)),
        ("ConstraintViolationException", Some("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"))
    );
    assert_eq!(refused(on(&mut world, "DetachPolicy", &first, DEV)).0, "PolicyNotAttachedException");
    on(&mut world, "AttachPolicy", &first, DEV).unwrap();
    assert_eq!(refused(on(&mut world, "AttachPolicy", &first, DEV)).0, "DuplicatePolicyAttachmentException");
    assert_eq!(
        refused(organizations(&mut world, "DeletePolicy", json!({"PolicyId": first}))).0,
        "PolicyInUseException"
    );
    for number in 1..9 {
        let policy = create(&mut world, &format!("p{number}"), SCP);
        on(&mut world, "AttachPolicy", &policy, DEV).unwrap();
    }
    let eleventh = create(&mut world, "p10", SCP);
    assert_eq!(
        last(on(&mut world, "AttachPolicy", &eleventh, DEV)),
        ("ConstraintViolationException", Some("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"))
    );
    on(&mut world, "DetachPolicy", &first, DEV).unwrap();
    organizations(&mut world, "DeletePolicy", json!({"PolicyId": first})).unwrap();
    assert_eq!(
        refused(organizations(&mut world, "DescribePolicy", json!({"PolicyId": first}))).0,
        "PolicyNotFoundException"
    );
}

#[test]
fn disabling_a_type_detaches_everything_of_it() {
    let mut world = enabled(SCP);
    let policy = create(&mut world, "a", SCP);
    on(&mut world, "AttachPolicy", &policy, "r-ab12").unwrap();
    let disable = json!({"RootId": "r-ab12", "PolicyType": SCP});
    organizations(&mut world, "DisablePolicyType", disable.clone()).unwrap();
    assert_eq!(
        refused(organizations(&mut world, "DisablePolicyType", disable)).0,
        "PolicyTypeNotEnabledException"
    );
    let targets = organizations(&mut world, "ListTargetsForPolicy", json!({"PolicyId": policy})).unwrap();
    assert_eq!(targets, json!({"Targets": []}));
}

#[test]
fn policies_are_checked_before_they_are_kept() {
    let mut world = world();
    create(&mut world, "a", SCP);
    let policy = |policy_type: &str, name: &str, content: String| json!({"Name": name, "Description": "", "Type": policy_type, "Content": content});
    let allow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    for (input, expected) in [
        (policy(SCP, "a", deny(SCP, "kms:*")), ("DuplicatePolicyException", None)),
        (policy(SCP, "b", "{".to_owned()), ("MalformedPolicyDocumentException", None)),
        (policy(SCP, "b", deny(RCP, "kms:*")), ("MalformedPolicyDocumentException", None)),
        (policy(RCP, "b", deny(RCP, "iam:*")), ("MalformedPolicyDocumentException", None)),
        (policy(RCP, "b", allow.to_string()), ("MalformedPolicyDocumentException", None)),
        (
            policy(SCP, "b", " ".repeat(10_241)),
            ("ConstraintViolationException", Some("POLICY_CONTENT_LIMIT_EXCEEDED")),
        ),
        (
            policy(RCP, "b", " ".repeat(5_121)),
            ("ConstraintViolationException", Some("POLICY_CONTENT_LIMIT_EXCEEDED")),
        ),
        (
            policy("TAG_POLICY", "b", "{}".to_owned()),
            ("InvalidInputException", Some("INVALID_ENUM_POLICY_TYPE")),
        ),
        (
            policy(SCP, &"n".repeat(129), deny(SCP, "kms:*")),
            ("InvalidInputException", Some("MAX_LENGTH_EXCEEDED")),
        ),
        (json!({"Name": "b"}), ("InvalidInputException", Some("INPUT_REQUIRED"))),
    ] {
        assert_eq!(
            refused_for(organizations(&mut world, "CreatePolicy", input.clone())),
            expected,
            "{input}"
        );
    }
}

#[test]
fn a_resource_control_policy_is_written_again_and_a_service_control_policy_is_not() {
    let mut world = enabled(RCP);
    let loose = "{ \"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\"} }";
    let made = organizations(
        &mut world,
        "CreatePolicy",
        json!({"Name": "r", "Description": "", "Type": RCP, "Content": loose}),
    )
    .unwrap();
    let content: Value =
        serde_json::from_str(made.pointer("/Policy/Content").unwrap().as_str().unwrap()).unwrap();
    assert_eq!(content.get("Version"), Some(&json!("2008-10-17")));
    assert!(content.get("Statement").unwrap().is_array());
    let spaced = "{ \"Version\": \"2012-10-17\", \"Statement\": [ {\"Effect\": \"Deny\", \"Action\": \"kms:*\", \"Resource\": \"*\"} ] }";
    let made = organizations(
        &mut world,
        "CreatePolicy",
        json!({"Name": "s", "Description": "", "Type": SCP, "Content": spaced}),
    )
    .unwrap();
    assert_eq!(made.pointer("/Policy/Content"), Some(&json!(spaced)));
}

#[test]
fn an_update_changes_what_it_names() {
    let mut world = world();
    let policy = create(&mut world, "a", SCP);
    let updated = organizations(
        &mut world,
        "UpdatePolicy",
        json!({"PolicyId": policy, "Name": "b", "Description": ""}),
    )
    .unwrap();
    assert_eq!(updated.pointer("/Policy/PolicySummary/Name"), Some(&json!("b")));
    assert_eq!(updated.pointer("/Policy/PolicySummary/Description"), Some(&json!("d")));
    assert_eq!(
        refused_for(organizations(
            &mut world,
            "UpdatePolicy",
            json!({"PolicyId": "p-FullAWSAccess", "Name": "b"})
        )),
        ("InvalidInputException", Some("IMMUTABLE_POLICY"))
    );
    let mut world = enabled(RCP);
    assert_eq!(
        refused_for(on(&mut world, "DetachPolicy", "p-RCPFullAWSAccess", "r-ab12")),
        ("InvalidInputException", Some("NON_DETACHABLE_POLICY"))
    );
    assert_eq!(
        refused_for(on(&mut world, "AttachPolicy", "p-RCPFullAWSAccess", "dev")),
        ("InvalidInputException", Some("INVALID_PATTERN_TARGET_ID"))
    );
}

#[test]
fn tags_hang_on_policies_and_places() {
    let mut world = world();
    let policy = create(&mut world, "a", SCP);
    for resource in [policy.as_str(), "ou-ab12-11111111", DEV] {
        organizations(
            &mut world,
            "TagResource",
            json!({"ResourceId": resource, "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]}),
        )
        .unwrap();
        organizations(&mut world, "UntagResource", json!({"ResourceId": resource, "TagKeys": ["a"]}))
            .unwrap();
        let tags = organizations(&mut world, "ListTagsForResource", json!({"ResourceId": resource})).unwrap();
        assert_eq!(tags, json!({"Tags": [{"Key": "c", "Value": ""}]}));
    }
    for (key, value) in [("a;b", ""), ("a", "b*"), ("\n", "")] {
        let tags = json!({"ResourceId": DEV, "Tags": [{"Key": key, "Value": value}]});
        assert_eq!(
            refused_for(organizations(&mut world, "TagResource", tags)),
            ("InvalidInputException", Some("INVALID_PATTERN"))
        );
    }
    let missing = organizations(&mut world, "ListTagsForResource", json!({"ResourceId": "ou-ab12-99999999"}));
    assert_eq!(refused(missing).0, "TargetNotFoundException");
}
