//! Simulate cases drawn from a seed, over alphabets so small that things collide.
//!
//! Only cases are drawn on which AWS's documentation is clear; what is left out
//! for want of that says so where it would have been drawn.
//!
//! INVARIANT: the same seed draws the same case, on every machine.

use std::mem;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::support::alphabets::{
    DERIVED, KEY_ACTIONS, KEYS, KEYS_OF_ALL, KEYS_OF_IAM, KEYS_OF_REQUESTS, LISTS, OTHER, OWN,
    RARER_KEY_ACTIONS, SENT_ALWAYS, SERVICE,
};
use crate::support::dice::Dice;
use crate::support::policies::Layer;

/// The case of this seed.
pub(crate) fn case(seed: u64) -> Value {
    let mut dice = Dice::new(seed);
    let target = dice.weighted(&[(78, Target::Key), (12, Target::Nothing), (10, Target::Alias)]);
    let who = Who::draw(&mut dice);
    let mut scene = Scene { target, action: "", resource: "", who, context: Map::new(), dice };
    scene.action = scene.draw_action();
    scene.resource = match target {
        Target::Key => scene.dice.pick(KEYS),
        Target::Alias => scene.dice.pick(&["arn:aws:kms:eu-west-1:111111111111:alias/app"]),
        Target::Nothing => "*",
    };
    scene.draw_context();
    scene.draw_case(seed)
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Target {
    Key,
    Alias,
    Nothing,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Root,
    User,
    Role,
    Session,
    ServiceLinked,
    Federated,
    Service,
    Anonymous,
}

/// The caller and the ARNs that policies may name it by.
pub(crate) struct Who {
    pub(crate) kind: Kind,
    pub(crate) account: &'static str,
    pub(crate) arn: String,
    pub(crate) names: Vec<String>,
    pub(crate) path: &'static str,
}

impl Who {
    fn draw(dice: &mut Dice) -> Self {
        let kind = dice.weighted(&[
            (6, Kind::Root),
            (20, Kind::User),
            (16, Kind::Role),
            (30, Kind::Session),
            (5, Kind::ServiceLinked),
            (6, Kind::Federated),
            (12, Kind::Service),
            (3, Kind::Anonymous),
        ]);
        let account = dice.weighted(&[(72, OWN), (28, OTHER)]);
        // A role's name never stands with two paths: an account has it once.
        let (path, name) = dice.pick(&[("", "dev"), ("team/", "ops")]);
        let role = format!("arn:aws:iam::{account}:role/{path}{name}");
        let (arn, names) = match kind {
            Kind::Root => (format!("arn:aws:iam::{account}:root"), vec![]),
            Kind::User => {
                let arn = format!("arn:aws:iam::{account}:user/{path}ann");
                (arn.clone(), vec![arn])
            }
            Kind::Role => (role.clone(), vec![role]),
            Kind::Session => {
                let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/s1");
                (arn.clone(), vec![arn, role])
            }
            Kind::ServiceLinked => {
                let arn =
                    format!("arn:aws:iam::{account}:role/aws-service-role/{SERVICE}/AWSServiceRoleForRDS");
                (arn.clone(), vec![arn])
            }
            Kind::Federated => {
                let arn = format!("arn:aws:sts::{account}:federated-user/bob");
                (arn.clone(), vec![arn])
            }
            Kind::Service | Kind::Anonymous => (String::new(), vec![]),
        };
        let account = if arn.is_empty() { OWN } else { account };
        Self { kind, account, arn, names, path }
    }

    fn is_iam(&self) -> bool {
        !matches!(self.kind, Kind::Service | Kind::Anonymous)
    }
}

/// Everything that is drawn of one case.
pub(crate) struct Scene {
    pub(crate) target: Target,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) who: Who,
    pub(crate) context: Map<String, Value>,
    pub(crate) dice: Dice,
}

impl Scene {
    fn draw_action(&mut self) -> &'static str {
        if self.dice.chance(1) {
            return "sts:GetCallerIdentity";
        }
        // Who lets a foreign caller retire a grant, if not the key policy, is not documented.
        if self.target == Target::Key && self.who.account == OWN && self.dice.chance(4) {
            return "kms:RetireGrant";
        }
        let rare = self.dice.chance(20);
        self.dice.pick(match self.target {
            Target::Key if rare => RARER_KEY_ACTIONS,
            Target::Key => KEY_ACTIONS,
            Target::Alias => &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            Target::Nothing => &[
                "kms:CreateKey",
                "kms:ListKeys",
                "kms:ListAliases",
                "kms:GenerateRandom",
                "kms:CreateCustomKeyStore",
            ],
        })
    }

    fn draw_context(&mut self) {
        for (key, values) in self.keys() {
            // Derived keys are the evaluator's own business; the path of a session's role is the caller's to tell.
            let there = self.dice.chance(65) || SENT_ALWAYS.contains(&key);
            if !DERIVED.contains(&key) && there {
                let value = [self.dice.pick(values)];
                self.context.insert(key.to_owned(), one_or_list(&mut self.dice, &value, 95));
            }
        }
        self.draw_lists();
        self.tie_context();
    }

    fn draw_lists(&mut self) {
        for (key, values) in LISTS {
            // A service calls for itself, and only others forward.
            let known = self.who.is_iam() || !["aws:PrincipalOrgPaths", "aws:CalledVia"].contains(key);
            // What a request with a context of other keys than it has would mean, nobody says.
            let consistent = *key != "kms:EncryptionContextKeys";
            if known && consistent && self.dice.chance(60) {
                let count = self.dice.weighted(&[(1, 0), (5, 1), (4, 2)]);
                let list: Vec<_> = (0..count).map(|_| self.dice.pick(values)).collect();
                // A list by definition, even where one value is written without brackets.
                let value = one_or_list(&mut self.dice, &list, 40);
                self.context.insert((*key).to_owned(), value);
            }
        }
    }

    /// Makes keys agree that go together.
    fn tie_context(&mut self) {
        let names = self.context.keys().filter_map(|key| key.strip_prefix("kms:EncryptionContext:"));
        let names: Vec<String> = names.map(str::to_owned).collect();
        if !names.is_empty() {
            self.context.insert("kms:EncryptionContextKeys".to_owned(), json!(names));
        }
        if self.context.contains_key("aws:RequestTag/team") {
            let list = self.dice.pick(&[&["team"][..], &["team", "owner"], &["red", "team"]]);
            self.context.insert("aws:TagKeys".to_owned(), json!(list));
        }
        // Whether a grant covers the making of a grant on unknown operations is not documented.
        if self.action == "kms:CreateGrant" {
            let list = [self.dice.pick(&["Decrypt", "Encrypt"]), self.dice.pick(&["Encrypt", "Sign"])];
            self.context.insert("kms:GrantOperations".to_owned(), json!(list));
        }
        if self.dice.chance(10) {
            // Grants tell the letter case of an encryption context, where conditions do not.
            let recase = |key: String| if key.starts_with("kms:Enc") { key } else { key.to_uppercase() };
            let recased = mem::take(&mut self.context).into_iter();
            self.context = recased.map(|(key, value)| (recase(key), value)).collect();
        }
        // Without a path the role's ARN follows from the session's.
        if self.who.kind == Kind::Session && (!self.who.path.is_empty() || self.dice.chance(50)) {
            let (account, role) = (self.who.account, self.who.names.last().cloned().unwrap_or_default());
            let name = role.rsplit('/').next().unwrap_or_default();
            let arn = format!("arn:aws:iam::{account}:role/{}{name}", self.who.path);
            self.context.insert("aws:PrincipalArn".to_owned(), json!(arn));
        }
    }

    /// The keys of one value that a condition may test, and what they may hold.
    pub(crate) fn keys(&self) -> Vec<(&'static str, &'static [&'static str])> {
        let mut keys = KEYS_OF_ALL.to_vec();
        if self.who.is_iam() {
            keys.extend(KEYS_OF_IAM);
        }
        if self.who.kind == Kind::Service {
            keys.push((
                "aws:SourceArn",
                &["arn:aws:s3:::bucket", "arn:aws:rds:eu-west-1:111111111111:db:one", "nonsense"],
            ));
        }
        if self.target == Target::Key && self.who.is_iam() {
            keys.push(("kms:ViaService", &["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]));
        }
        if self.target != Target::Alias {
            keys.extend(KEYS_OF_REQUESTS);
        }
        keys
    }

    fn draw_case(&mut self, seed: u64) -> Value {
        let mut case = Map::new();
        let owner = if self.target == Target::Nothing { self.who.account } else { OWN };
        let principal = match self.who.kind {
            Kind::Service => json!({"service": SERVICE}),
            Kind::Anonymous => json!({"anonymous": true}),
            Kind::Root | Kind::User | Kind::Role | Kind::Session | Kind::ServiceLinked | Kind::Federated => {
                json!(self.who.arn)
            }
        };
        let action = self.dice.recase(self.action, 15);
        let mut set = |name: &str, value: Value| drop(case.insert(name.to_owned(), value));
        set("name", json!(seed.to_string()));
        set("action", json!(action));
        set("resource", json!(self.resource));
        set("resource_account", json!(owner));
        set("principal", principal);
        set("context", Value::Object(self.context.clone()));
        if self.who.is_iam() && self.who.kind != Kind::Root {
            set("identity_policies", self.documents(Layer::Identity, 85));
        }
        if self.target == Target::Key || self.dice.chance(30) {
            set("resource_policy", self.document(Layer::Key));
        }
        if self.dice.chance(45) {
            set("scp", self.levels(Layer::Scp));
        }
        // Whether an RCP reaches actions without a resource is not documented alike everywhere.
        if self.target != Target::Nothing && self.dice.chance(35) {
            set("rcp", self.levels(Layer::Rcp));
        }
        let limitable = matches!(self.who.kind, Kind::User | Kind::Role | Kind::Session);
        let bounded = limitable && self.dice.chance(25);
        if bounded {
            set("permission_boundaries", json!([self.document(Layer::Limit)]));
        }
        // A federated user's session is not mentioned where session policies and key policies meet.
        if matches!(self.who.kind, Kind::Role | Kind::Session) && self.dice.chance(25) {
            set("session_policy", self.document(Layer::Limit));
        }
        // A service that forwards a call does not send it through the caller's endpoint.
        let forwarded = ["kms:ViaService", "aws:CalledVia"]
            .iter()
            .any(|key| self.context.keys().any(|known| known.eq_ignore_ascii_case(key)));
        if self.who.is_iam() && !forwarded && self.dice.chance(30) {
            set("endpoint_policies", json!([self.document(Layer::Endpoint)]));
        }
        // Whether a grant to a user is limited by the user's boundary is not documented.
        // How tight a grant made through a service's grant must be is documented in words only.
        let by_service = self.who.kind == Kind::Service && self.action == "kms:CreateGrant";
        let grants = self.target == Target::Key && self.action != "kms:RetireGrant" && !by_service;
        if grants && !(bounded && self.who.kind == Kind::User) && self.dice.chance(40) {
            set("grants", self.grants());
        }
        Value::Object(case)
    }
}

/// One value stands without brackets in so many of a hundred throws.
pub(crate) fn one_or_list<T: Serialize>(dice: &mut Dice, list: &[T], percent: u64) -> Value {
    match list {
        [one] if dice.chance(percent) => json!(one),
        list => json!(list),
    }
}
