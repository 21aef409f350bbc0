//! The organisation as the proof sees it: accounts that nobody has, at the
//! places that matter, under every document of the plan.

use std::collections::BTreeMap;

use crate::controls::contract::guardrail::Environment;
use crate::guardrails::layout::Layout;
use crate::guardrails::plan::Plan;
use crate::guardrails::prove::ProveError;
use crate::iam::evaluate::{
    Caller, Compiled, Context, Level, Organisation, Outcome, Policies, Request, RequestError, evaluate,
};
use crate::iam::parse;
use crate::iam::policy::{Document, PolicyKind, PrincipalSet, Statement};
use crate::model::org::{OrgPath, PolicyType, TargetId};

/// The plan's documents at their targets, beside policies that permit everything.
pub(super) struct Stage<'a> {
    pub(super) layout: &'a Layout,
    attached: BTreeMap<(PolicyType, TargetId), Vec<Compiled>>,
    everything: Compiled,
    open_key: Compiled,
    trusting_role: Compiled,
}

/// An account somewhere.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) account: String,
    pub(super) path: Option<OrgPath>,
    management: bool,
}

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) action: &'a str,
    pub(super) caller: Caller,
    pub(super) from: &'a Position,
    pub(super) owner: &'a Position,
    /// What is acted on, where it is not the owner's key.
    pub(super) resource: Option<String>,
    pub(super) context: &'a [(String, Vec<String>)],
}

impl<'a> Stage<'a> {
    /// Reads every document back from its bytes.
    pub(super) fn set(plan: &'a Plan) -> Result<Self, ProveError> {
        let mut attached: BTreeMap<(PolicyType, TargetId), Vec<Compiled>> = BTreeMap::new();
        for packed in &plan.documents {
            let kind = match packed.policy_type {
                PolicyType::ServiceControl => PolicyKind::ServiceControl,
                PolicyType::ResourceControl => PolicyKind::ResourceControl,
            };
            let document = parse(&packed.content, kind).map_err(|error| ProveError::Unreadable {
                name: packed.name.clone(),
                reason: error.to_string(),
            })?;
            let compiled = Compiled::new(&document);
            for target in &packed.targets {
                attached.entry((packed.policy_type, target.clone())).or_default().push(compiled.clone());
            }
        }
        let everything = Document::new([Statement::allow("Everything").actions(["*"])]);
        let open_to = |action: &str| {
            Document::new([Statement::allow("Open").principals(PrincipalSet::Everyone).actions([action])])
        };
        Ok(Self {
            layout: &plan.layout,
            attached,
            everything: Compiled::new(&everything),
            open_key: Compiled::new(&open_to("kms:*")),
            trusting_role: Compiled::new(&open_to("sts:*")),
        })
    }

    /// An account at or directly below a target.
    pub(super) fn at(&self, target: &TargetId) -> Option<Position> {
        let path = self.layout.path(target)?.clone();
        let account = match target {
            TargetId::Account(account) => account.as_str().to_owned(),
            TargetId::Root(_) | TargetId::OrganizationalUnit(_) => INSIDE.to_owned(),
        };
        Some(Position { account, path: Some(path), management: false })
    }

    /// An account of an environment.
    pub(super) fn of(&self, environment: &Environment) -> Option<Position> {
        let known = environment.path.clone().or_else(|| self.layout.path(&environment.place).cloned())?;
        Some(Position { account: INSIDE.to_owned(), path: Some(known), management: false })
    }

    /// An account directly below the root.
    pub(super) fn below_root(&self) -> Option<Position> {
        let path = self.layout.path(&self.layout.root())?.clone();
        Some(Position { account: ELSEWHERE.to_owned(), path: Some(path), management: false })
    }

    /// The management account.
    pub(super) fn management(&self) -> Option<Position> {
        let account =
            self.layout.management_account().map_or(MANAGEMENT, |account| account.as_str()).to_owned();
        let path = self.layout.path(&self.layout.root())?.clone();
        Some(Position { account, path: Some(path), management: true })
    }

    /// An account of somebody else.
    pub(super) fn outside() -> Position {
        Position { account: OUTSIDE.to_owned(), path: None, management: false }
    }

    /// Judges a question under everything that hangs over both accounts.
    pub(super) fn ask(&self, question: Question<'_>) -> Result<Outcome, RequestError> {
        let Question { action, caller, from, owner, resource, context } = question;
        let key = format!("arn:aws:kms:us-east-1:{}:key/00000000-0000-0000-0000-000000000000", owner.account);
        let open = if action.starts_with("sts:") { Some(&self.trusting_role) } else { None };
        let open = if resource.is_none() { Some(&self.open_key) } else { open };
        let resource = resource.unwrap_or(key);
        let stated = context.iter().fold(Context::new(), |stated, (key, values)| match values.as_slice() {
            [value] => stated.with(key, value.as_str()),
            values => stated.with_list(key, values.iter().cloned()),
        });
        let mut request =
            Request::builder(action, &resource, caller).resource_account(&owner.account).context(stated);
        if let Some(organisation) = from.organisation() {
            request = request.caller_organisation(organisation);
        }
        if let Some(organisation) = owner.organisation() {
            request = request.resource_organisation(organisation);
        }
        let policies = Policies {
            identity: vec![self.everything.clone()],
            resource: open.cloned(),
            scp: self.chain(PolicyType::ServiceControl, from),
            rcp: self.chain(PolicyType::ResourceControl, owner),
            ..Policies::default()
        };
        Ok(evaluate(&request.build()?, &policies))
    }

    fn chain(&self, policy_type: PolicyType, position: &Position) -> Option<Vec<Level>> {
        let mut levels = Layout::levels(position.path.as_ref()?);
        levels.extend(position.account.parse().map(TargetId::Account));
        let level = |target: TargetId| {
            let ours = self.attached.get(&(policy_type, target.clone())).into_iter().flatten().cloned();
            let policies: Vec<Compiled> = match policy_type {
                PolicyType::ServiceControl => std::iter::once(self.everything.clone()).chain(ours).collect(),
                PolicyType::ResourceControl => ours.collect(),
            };
            Level::new(&target.to_string(), policies)
        };
        Some(levels.into_iter().map(level).collect())
    }
}

impl Position {
    /// The same place in another account.
    pub(super) fn with_account(&self, account: &str) -> Self {
        Self { account: account.to_owned(), ..self.clone() }
    }

    /// A role of the account.
    pub(super) fn role(&self, name: &str) -> Result<Caller, RequestError> {
        Caller::session(&format!("arn:aws:iam::{}:role/{name}", self.account), "witness")
    }

    fn organisation(&self) -> Option<Organisation> {
        let path = self.path.as_ref()?;
        Some(Organisation {
            id: path.organization().to_string(),
            path: path.to_string(),
            management_account: self.management,
        })
    }
}

// Accounts for witnesses; what matters of them is that they differ.
const INSIDE: &str = "000000000001";
const ELSEWHERE: &str = "000000000002";
const OUTSIDE: &str = "000000000003";
const MANAGEMENT: &str = "000000000004";
