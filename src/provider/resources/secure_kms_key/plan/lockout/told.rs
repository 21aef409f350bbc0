//! What a plan says of a policy that the caller could not change again, or under
//! which it could not manage the key: who, why, and which argument to change.

use crate::aws::CallerIdentity;
use crate::controls::contract::verdict::Property;
use crate::iam;
use crate::iam::Document;
use crate::iam::PolicyKind;
use crate::model::quoted;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::at;
use crate::provider::resources::secure_kms_key::plan::lockout::Judge;
use crate::provider::resources::secure_kms_key::plan::lockout::MFA;
use crate::provider::resources::secure_kms_key::plan::lockout::Refused;
use crate::provider::resources::secure_kms_key::plan::lockout::key_arn;
use crate::provider::resources::secure_kms_key::plan::lockout::role_of;
use crate::provider::resources::secure_kms_key::plan::property_path;
use crate::tf::Diagnostic;
use crate::tf::Field;
use crate::tf::Path;
use crate::tf::Value;

/// The refusal of a policy that AWS would refuse; or the warning that the caller
/// keeps the key only with MFA, or could not do all that this resource does.
pub(in super::super) fn told(planning: &Planning<'_>, planned: &Model, policy: &str) -> Option<Diagnostic> {
    let (caller, region) = planning.caller?;
    let document = iam::parse(policy, PolicyKind::Resource).ok()?;
    let key = planning.prior.and_then(|prior| prior.key_arn.clone().known());
    let key = key_arn(&document, caller, region, key.as_deref())?;
    let without_mfa = planning.configured.session.as_ref().is_ok_and(|session| session.without_mfa);
    let judge = |without_mfa| Judge { document: &document, caller, key: &key, without_mfa };
    let case = Case { planning, planned, document: &document, caller };
    let certain = judge(without_mfa);
    if planned.bypass_policy_lockout_safety_check != Field::Known(true) {
        if let Some(refused) = certain.refuses(PUT) {
            return Some(case.locked_out(&refused));
        }
        if let Some(refused) = judge(true).refuses(PUT) {
            return Some(case.locked_out_without_mfa(&refused));
        }
    }
    let mut refused =
        needed(planned).into_iter().filter_map(|action| Some((action, certain.refuses(action)?)));
    let first = refused.next()?;
    let same = refused.filter(|(_, refused)| *refused == first.1).map(|(action, _)| action);
    let actions: Vec<&str> = std::iter::once(first.0).chain(same).collect();
    Some(case.unmanaged(&actions, &first.1))
}

/// What this resource does to the key, sooner or later. What a protected key
/// would need to be destroyed, it needs once it is protected no more.
fn needed(planned: &Model) -> Vec<&'static str> {
    let destroys = planned.deletion_protection == Field::Known(false);
    let ending = match planned.on_destroy.clone().known().as_deref() {
        Some("schedule_deletion") if destroys => &["kms:DeleteAlias", "kms:ScheduleKeyDeletion"][..],
        Some("disable") if destroys => &["kms:DisableKey"][..],
        _ => &[],
    };
    let rotation = (planned.enable_key_rotation == Field::Known(true)).then_some("kms:EnableKeyRotation");
    let always = ["kms:CreateAlias", "kms:DescribeKey", "kms:GetKeyPolicy", PUT, "kms:TagResource"];
    let more = rotation.into_iter().chain(["kms:UpdateKeyDescription"]);
    always.into_iter().chain(more).chain(ending.iter().copied()).collect()
}

struct Case<'a> {
    planning: &'a Planning<'a>,
    planned: &'a Model,
    document: &'a Document,
    caller: &'a CallerIdentity,
}

impl Case<'_> {
    fn locked_out(&self, refused: &Refused) -> Diagnostic {
        let (path, fix) = self.remedy(PUT, refused);
        Diagnostic::error(
            "The key policy would lock the caller out",
            format!(
                "Found: {}.\nRequired: the caller can change the policy again, or AWS refuses it.\nFix: {fix}; or set \
                 `bypass_policy_lockout_safety_check = true` if somebody else shall have the last word.",
                found(&[PUT], refused)
            ),
        )
        .at(path)
    }

    fn locked_out_without_mfa(&self, refused: &Refused) -> Diagnostic {
        let (path, fix) = self.remedy(PUT, refused);
        Diagnostic::warning(
            "The key policy locks the caller out without MFA",
            format!(
                "Found: {}, unless its credentials were made with MFA.\nRequired: the caller can change the policy again, \
                 or AWS refuses it.\nFix: sign in with MFA; or {fix}.",
                found(&[PUT], refused)
            ),
        )
        .at(path)
    }

    fn unmanaged(&self, actions: &[&str], refused: &Refused) -> Diagnostic {
        let (path, fix) = self.remedy(actions.first().copied().unwrap_or(PUT), refused);
        Diagnostic::warning(
            "The caller could not manage the key",
            format!(
                "Found: {}.\nRequired: the caller may do to the key what this resource does; what it may not is left \
                 undone.\nFix: {fix}.",
                found(actions, refused)
            ),
        )
        .at(path)
    }

    /// The argument to change, and how.
    fn remedy(&self, action: &str, refused: &Refused) -> (Path, String) {
        let given = property_path(self.planning.config, &Property::Policy);
        let generated = given == Path::root();
        let role = self.role();
        match refused {
            Refused::Denied { sid, .. } if generated && self.is_about_mfa(sid.as_deref()) => (
                given,
                format!(
                    "add the caller, {role}, to `controls.mfa.exempt_principal_arns` in the provider block"
                ),
            ),
            Refused::Denied { sid, .. } => {
                let statement =
                    sid.as_ref().map_or_else(|| "that statement".to_owned(), |sid| format!("`{sid}`"));
                (given, format!("let {statement} spare the caller, {role}"))
            }
            Refused::NotAllowed(_) if !generated => (
                given,
                format!(
                    "let a statement of the policy allow `{action}` to the caller, {role}, or to the account"
                ),
            ),
            Refused::NotAllowed(_) => (
                self.who_manages(),
                format!(
                    "name the caller, {role}, in `key_administrators` (`key_owners` may change the policy only); or set \
                     `allow_iam_policies = true`, so that identity policies of the account count"
                ),
            ),
        }
    }

    /// The caller as a policy names it. A session does not tell the path of its role.
    fn role(&self) -> String {
        let CallerIdentity { account, arn } = self.caller;
        let text = arn.to_string();
        match role_of(&text) {
            Some(role) => format!(
                "`arn:{}:iam::{account}:role/{role}` (with the role's path, if it has one)",
                arn.partition()
            ),
            None => format!("`{text}`"),
        }
    }

    /// The argument that says who manages the key.
    fn who_manages(&self) -> Path {
        let names = |names: &Value| {
            names.elements().ok().and_then(Field::known).is_some_and(|names| !names.is_empty())
        };
        if names(&self.planned.key_administrators) {
            at("key_administrators")
        } else if names(&self.planned.key_owners) {
            at("key_owners")
        } else if self.planning.config.allow_iam_policies.is_null() {
            Path::root()
        } else {
            at("allow_iam_policies")
        }
    }

    fn is_about_mfa(&self, sid: Option<&str>) -> bool {
        let named = |statement: &&iam::policy::Statement| {
            statement.sid.as_ref().map(iam::policy::Text::as_str) == sid
        };
        let mut conditions = self.document.statements.iter().filter(named).flat_map(|one| &one.conditions);
        conditions.any(|condition| condition.key.as_str().eq_ignore_ascii_case(MFA))
    }
}

fn found(actions: &[&str], refused: &Refused) -> String {
    let actions = quoted(actions);
    match refused {
        Refused::NotAllowed(to) => format!("no statement of the policy allows {actions} to `{to}`"),
        Refused::Denied { to, sid: Some(sid) } => {
            format!("the statement `{sid}` of the policy denies {actions} to `{to}`")
        }
        Refused::Denied { to, sid: None } => format!("a statement of the policy denies {actions} to `{to}`"),
    }
}

const PUT: &str = "kms:PutKeyPolicy";
