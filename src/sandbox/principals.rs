//! Who there is: users, roles and sessions of every account, and the
//! credentials that speak for them.
//!
//! A role that is deleted and made again has another unique id: policies that
//! named the first do not name the second (IAM user guide, "Principal", read
//! 2026-11).

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::iam::PolicyKind;
use crate::model::account::AccountId;
use crate::model::tag::Tags;
use crate::sandbox::ids::digits;
use crate::sandbox::organisation::OrganisationError;
use crate::sandbox::organisation::RoleDescription;
use crate::sandbox::organisation::UserDescription;
use crate::sandbox::policy::Policy;

use crate::sandbox::sigv4::Claim;
use crate::sandbox::sigv4::Distrust;

/// A role.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) unique_id: String,
    pub(crate) trust: Policy,
    pub(crate) policies: Vec<Policy>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) tags: Tags,
    pub(crate) max_session_seconds: i64,
}

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) unique_id: String,
    pub(crate) policies: Vec<Policy>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) tags: Tags,
    pub(crate) mfa_code: Option<String>,
}

/// What an identity is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user with long-term credentials, or with a session of its own.
    User { name: String },
    /// A session of a role.
    Session { session: String, role_arn: String, role_id: String },
}

/// Who makes a call.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) account: AccountId,
    /// As `GetCallerIdentity` shows it.
    pub(crate) arn: String,
    /// As `GetCallerIdentity` shows it.
    pub(crate) user_id: String,
    pub(crate) kind: Kind,
    /// `aws:MultiFactorAuthPresent`: absent for long-term access keys.
    pub(crate) mfa: Option<bool>,
    pub(crate) session_policy: Option<Policy>,
    pub(crate) session_tags: Tags,
    /// `aws:TokenIssueTime`: absent for long-term access keys.
    pub(crate) issued: Option<OffsetDateTime>,
}

impl Identity {
    /// `aws:PrincipalArn`: the role behind a session.
    pub(crate) fn principal_arn(&self) -> &str {
        match &self.kind {
            Kind::User { .. } => &self.arn,
            Kind::Session { role_arn, .. } => role_arn,
        }
    }
}

/// An access key with its secret.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) identity: Arc<Identity>,
}

/// Every account's users and roles by ARN, and all credentials.
#[derive(Debug, Default)]
pub(crate) struct Principals {
    roles: BTreeMap<String, Role>,
    users: BTreeMap<String, User>,
    accounts: BTreeSet<AccountId>,
    credentials: BTreeMap<String, Credential>,
    made: u64,
}

impl Principals {
    /// Adds an account that nobody lives in yet.
    pub(crate) fn add_account(&mut self, account: &AccountId) {
        self.accounts.insert(account.clone());
    }

    /// Adds a role of an account; one that exists is replaced and has a new unique id.
    pub(crate) fn add_role(
        &mut self,
        account: &AccountId,
        role: &RoleDescription,
    ) -> Result<(), OrganisationError> {
        let arn = format!("arn:aws:iam::{account}:role{}{}", role.path, role.name);
        let trust = Policy::parse(&on_itself(&role.trust).to_string(), PolicyKind::Resource)
            .map_err(content(&arn))?;
        let role = Role {
            name: role.name.clone(),
            unique_id: self.unique_id("AROA", &arn),
            trust,
            policies: identity_policies(&role.policies, &arn)?,
            boundary: boundary(role.permissions_boundary.as_ref(), &arn)?,
            tags: role.tags.clone(),
            max_session_seconds: role.max_session_seconds,
            arn: arn.clone(),
        };
        self.roles.insert(arn, role);
        Ok(())
    }

    /// Adds a user of an account with its access keys.
    pub(crate) fn add_user(
        &mut self,
        account: &AccountId,
        described: &UserDescription,
    ) -> Result<(), OrganisationError> {
        let arn = format!("arn:aws:iam::{account}:user{}{}", described.path, described.name);
        let user = User {
            name: described.name.clone(),
            unique_id: self.unique_id("AIDA", &arn),
            policies: identity_policies(&described.policies, &arn)?,
            boundary: boundary(described.permissions_boundary.as_ref(), &arn)?,
            tags: described.tags.clone(),
            mfa_code: described.mfa_code.clone(),
        };
        let identity = Arc::new(Identity {
            account: account.clone(),
            arn: arn.clone(),
            user_id: user.unique_id.clone(),
            kind: Kind::User { name: user.name.clone() },
            mfa: None,
            session_policy: None,
            session_tags: Tags::new(),
            issued: None,
        });
        for key in &described.access_keys {
            let identity = Arc::clone(&identity);
            let credential = Credential { secret: key.secret.clone(), token: None, expires: None, identity };
            self.credentials.insert(key.id.clone(), credential);
        }
        self.users.insert(arn, user);
        Ok(())
    }

    /// Deletes a role; whether it was there.
    pub(crate) fn delete_role(&mut self, arn: &str) -> bool {
        self.roles.remove(arn).is_some()
    }

    /// The role with this ARN.
    pub(crate) fn role(&self, arn: &str) -> Option<&Role> {
        self.roles.get(arn)
    }

    /// The user with this ARN.
    pub(crate) fn user(&self, arn: &str) -> Option<&User> {
        self.users.get(arn)
    }

    /// The unique id of the role or user with this ARN.
    pub(crate) fn unique_id_of(&self, arn: &str) -> Option<&str> {
        let role = self.roles.get(arn).map(|role| role.unique_id.as_str());
        role.or_else(|| self.users.get(arn).map(|user| user.unique_id.as_str()))
    }

    /// Whether the sandbox knows who lives in this account.
    pub(crate) fn has_account(&self, account: &AccountId) -> bool {
        self.accounts.contains(account)
    }

    /// Adds the credentials of a session.
    pub(crate) fn add_session(&mut self, access_key: String, credential: Credential) {
        self.credentials.insert(access_key, credential);
    }

    /// The credential a claim speaks of, if its token is right, it has not
    /// expired, and its role still exists.
    pub(crate) fn credential(&self, claim: &Claim, now: OffsetDateTime) -> Result<Credential, Distrust> {
        let credential = self.credentials.get(&claim.access_key).ok_or(Distrust::UnknownKey)?;
        if credential.token != claim.token {
            return Err(Distrust::UnknownKey);
        }
        if credential.expires.is_some_and(|expires| expires <= now) {
            return Err(Distrust::Expired);
        }
        if let Kind::Session { role_arn, role_id, .. } = &credential.identity.kind {
            let alive = self.roles.get(role_arn).is_some_and(|role| role.unique_id == *role_id);
            if !alive {
                return Err(Distrust::UnknownKey);
            }
        }
        Ok(credential.clone())
    }

    /// The ARNs of all roles and users, in order.
    pub(crate) fn arns(&self) -> Vec<&str> {
        self.roles.keys().chain(self.users.keys()).map(String::as_str).collect()
    }

    fn unique_id(&mut self, prefix: &str, arn: &str) -> String {
        self.made = self.made.saturating_add(1);
        let digits: String = digits(&format!("{arn} {}", self.made)).chars().take(17).collect();
        format!("{prefix}{}", digits.to_uppercase())
    }
}

fn identity_policies(policies: &[serde_json::Value], arn: &str) -> Result<Vec<Policy>, OrganisationError> {
    let parse = |policy: &serde_json::Value| Policy::parse(&policy.to_string(), PolicyKind::Identity);
    policies.iter().map(parse).collect::<Result<_, _>>().map_err(content(arn))
}

/// A trust policy names no resource, for it speaks of its role alone; the
/// evaluator wants that said.
fn on_itself(trust: &serde_json::Value) -> serde_json::Value {
    let mut trust = trust.clone();
    let statements = match trust.get_mut("Statement") {
        Some(serde_json::Value::Array(statements)) => statements.as_mut_slice(),
        Some(statement) => std::slice::from_mut(statement),
        None => &mut [],
    };
    for statement in statements.iter_mut().filter_map(serde_json::Value::as_object_mut) {
        statement.insert("Resource".to_owned(), serde_json::Value::from("*"));
    }
    trust
}

fn boundary(policy: Option<&serde_json::Value>, arn: &str) -> Result<Option<Policy>, OrganisationError> {
    let parse =
        |policy: &serde_json::Value| Policy::parse(&policy.to_string(), PolicyKind::PermissionBoundary);
    policy.map(parse).transpose().map_err(content(arn))
}

fn content(arn: &str) -> impl Fn(String) -> OrganisationError {
    move |problem| OrganisationError::Content(format!("a policy of `{arn}`: {problem}"))
}
