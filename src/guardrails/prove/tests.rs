use crate::guardrails::fixture::{PROD, plan, target};
use crate::guardrails::plan::{Packed, Plan};
use crate::guardrails::prove::{ProveError, prove};
use crate::iam::parse;
use crate::iam::policy::{Actions, Document, PolicyKind, Statement};
use crate::model::org::PolicyType;

const OPERATOR: &str = "arn:aws:iam::111111111111:user/operator";

fn kind(policy_type: PolicyType) -> PolicyKind {
    match policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    }
}

/// Every plan that differs from the right one in one thing, with what was done to it.
fn spoiled(plan: &Plan) -> Vec<(String, Plan)> {
    let mut spoiled = Vec::new();
    for (at, packed) in plan.documents.iter().enumerate() {
        for (change, document) in spoiled_documents(packed) {
            let mut plan = plan.clone();
            plan.documents[at].content = document.to_json();
            spoiled.push((change, plan));
        }
        for lost in &packed.targets {
            let mut plan = plan.clone();
            plan.documents[at].targets.remove(lost);
            spoiled.push((format!("{} not on {lost}", packed.name), plan));
        }
    }
    spoiled
}

fn spoiled_documents(packed: &Packed) -> Vec<(String, Document)> {
    let document = parse(&packed.content, kind(packed.policy_type)).unwrap();
    let mut spoiled = Vec::new();
    for (which, statement) in document.statements.iter().enumerate() {
        let sid = statement.sid.as_ref().unwrap();
        for (change, statement) in mutations(statement) {
            let mut statements: Vec<Statement> = document.statements.clone();
            match statement {
                Some(statement) => statements[which] = statement,
                None => drop(statements.remove(which)),
            }
            spoiled.push((format!("{sid}: {change}"), Document::new(statements)));
        }
    }
    // A document without a statement is none that AWS takes.
    spoiled.retain(|(_, document)| !document.statements.is_empty());
    spoiled
}

fn mutations(statement: &Statement) -> Vec<(String, Option<Statement>)> {
    let mut mutations = vec![("dropped".to_owned(), None)];
    for (at, condition) in statement.conditions.iter().enumerate() {
        let mut without = statement.clone();
        without.conditions.remove(at);
        mutations.push((format!("without {} {}", condition.operator, condition.key), Some(without)));
        let several = condition.values.len() > 1;
        for value in (0..condition.values.len()).filter(|_| several) {
            let mut without = statement.clone();
            without.conditions[at].values.remove(value);
            let change = format!("without the value {}", condition.values[value]);
            mutations.push((change, Some(without)));
        }
    }
    if let Some(Actions::Only(actions)) = &statement.actions
        && actions.len() > 1
    {
        for action in actions {
            let rest = actions.iter().filter(|other| *other != action).cloned();
            mutations.push((format!("without {action}"), Some(statement.clone().actions(rest))));
        }
    }
    mutations
}

#[test]
fn the_plan_of_every_control_is_proven() {
    let proven = prove(plan(), Some(OPERATOR)).unwrap();
    let asked: Vec<&str> = proven.proof().by_control.keys().map(String::as_str).collect();
    assert_eq!(
        asked,
        [
            "deletion-window",
            "environment-boundary",
            "exempt-roles",
            "key-rotation",
            "mfa-for-critical-operations",
            "required-tags",
        ]
    );
    assert!(proven.proof().by_control.values().all(|requests| *requests >= 10));
    assert_eq!(proven.proof().undo, 4);
}

#[test]
fn no_change_to_a_document_survives_the_proof() {
    let right = plan();
    let spoiled = spoiled(&right);
    assert!(spoiled.len() > 150, "{}", spoiled.len());
    let survivors: Vec<String> = spoiled
        .into_iter()
        .filter(|(_, plan)| prove(plan.clone(), None).is_ok())
        .map(|(change, _)| change)
        .collect();
    assert_eq!(survivors, Vec::<String>::new());
}

#[test]
fn a_failure_names_the_statement_the_request_and_the_place() {
    let mut plan = plan();
    for packed in &mut plan.documents {
        packed.content = packed.content.replace("kms:DisableKeyRotation", "kms:ListKeyRotations");
    }
    let ProveError::Failed(failures) = prove(plan, None).unwrap_err() else {
        panic!("the documents can be read")
    };
    assert!(failures.iter().any(|failure| failure.to_string()
        == "KmsRotationStaysOn: rotation switched off with MFA (`kms:DisableKeyRotation` from `o-a1b2c3d4e5/r-ab12/`) \
            must be denied by it, and is allowed"));
}

#[test]
fn a_document_that_aws_would_refuse_is_no_proof() {
    let mut plan = plan();
    plan.documents[0].content = "{".to_owned();
    assert!(matches!(prove(plan, None), Err(ProveError::Unreadable { .. })));
}

#[test]
fn a_plan_that_stops_ordinary_use_is_refused() {
    let mut plan = plan();
    let packed = plan.documents.iter_mut().find(|packed| packed.targets.contains(&target(PROD))).unwrap();
    let deny = Statement::deny("TooMuch").actions(["kms:*"]);
    let deny = match packed.policy_type {
        PolicyType::ServiceControl => deny,
        PolicyType::ResourceControl => deny.principals(crate::iam::policy::PrincipalSet::Everyone),
    };
    let mut document = parse(&packed.content, kind(packed.policy_type)).unwrap();
    document.statements.push(deny);
    packed.content = document.to_json();
    let error = prove(plan, None).unwrap_err().to_string();
    assert!(error.contains("ordinary use: an ordinary role on a key of its account"), "{error}");
}

#[test]
fn whoever_applies_a_plan_must_be_able_to_undo_it() {
    let mut plan = plan();
    let packed = plan.documents.iter_mut().find(|packed| {
        packed.policy_type == PolicyType::ServiceControl && packed.targets.contains(&target("r-ab12"))
    });
    let packed = packed.unwrap();
    let mut document = parse(&packed.content, PolicyKind::ServiceControl).unwrap();
    document.statements.push(Statement::deny("Locked").actions(["organizations:*"]));
    packed.content = document.to_json();
    assert!(prove(plan.clone(), Some(OPERATOR)).is_ok(), "SCPs do not reach the management account");
    let error = prove(plan, Some("arn:aws:iam::444444444444:role/delegate")).unwrap_err().to_string();
    assert!(error.starts_with("undoing this plan: `organizations:DeletePolicy`"), "{error}");
}

#[test]
fn the_statement_to_blame_is_named_with_the_likely_reason() {
    let mut plan = plan();
    let paths = Statement::deny("OnlyDev").actions(["kms:*"]).when(
        crate::iam::policy::Comparison::StringNotLike,
        "aws:PrincipalOrgPath",
        ["/root/dev/*"],
    );
    plan.documents.push(Packed {
        name: "keyrail-only_dev".to_owned(),
        policy_type: PolicyType::ServiceControl,
        content: Document::new([paths]).to_json(),
        targets: [target(PROD)].into(),
        sids: vec!["OnlyDev".to_owned()],
        written: Some("only_dev".to_owned()),
    });
    let error = prove(plan, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "ordinary use: an ordinary role on a key of its account (`kms:CancelKeyDeletion` in \
         `o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/`) must be allowed, and is explicitly denied by the statement `OnlyDev` of \
         `policies[\"only_dev\"]` on `ou-ab12-22222222` (likely because `aws:PrincipalOrgPath` is no condition key, so it \
         is never there and `StringNotLike` holds for everybody; `aws:PrincipalOrgPaths` is meant); and 11 more"
    );
}

#[test]
fn an_environment_in_which_no_key_can_be_made_is_refused() {
    let mut plan = plan();
    plan.documents.push(Packed {
        name: "keyrail-scp-prod-9".to_owned(),
        policy_type: PolicyType::ServiceControl,
        content: Document::new([Statement::deny("NoKeys").actions(["kms:CreateKey"])]).to_json(),
        targets: [target(PROD)].into(),
        sids: vec!["NoKeys".to_owned()],
        written: None,
    });
    let error = prove(plan, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "ordinary use: a key of `prod` made with every tag that is required (`kms:CreateKey` in \
         `o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/`) must be allowed, and is explicitly denied by the statement `NoKeys` of \
         `keyrail-scp-prod-9` on `ou-ab12-22222222`"
    );
}

#[test]
fn a_policy_by_hand_may_leave_the_making_of_keys_to_somebody() {
    let mut plan = plan();
    plan.documents.push(Packed {
        name: "keyrail-central".to_owned(),
        policy_type: PolicyType::ServiceControl,
        content: Document::new([Statement::deny("Central").actions(["kms:CreateKey"])]).to_json(),
        targets: [target(PROD)].into(),
        sids: vec!["Central".to_owned()],
        written: Some("central".to_owned()),
    });
    assert!(prove(plan, None).is_ok());
}
