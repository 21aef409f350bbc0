//! The policies and grants of a case, drawn so that they speak of its request.
//!
//! What is left out for want of clear documentation says so at its place.
//!
//! INVARIANT: every document is one that the evaluator reads without an error.

use serde_json::{Map, Value, json};

use crate::support::alphabets::{
    GRANTABLE, KEY_ACTIONS, KEYS, LISTS, NARROW_ACTIONS, OWN, RCP_ACTIONS, RESOURCES, SERVICE, WIDE_ACTIONS,
    family_of, operands_of,
};
use crate::support::generator::{Kind, Scene, Target, one_or_list};

/// What a document is attached to.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Layer {
    Identity,
    Key,
    Scp,
    Rcp,
    /// A permissions boundary or a session policy.
    Limit,
    Endpoint,
}

impl Scene {
    pub(crate) fn levels(&mut self, layer: Layer) -> Value {
        let count = self.dice.weighted(&[(3, 1), (3, 2), (2, 3)]);
        let full = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        let level = |index: usize| {
            let mut policies: Vec<Value> = Vec::new();
            if layer == Layer::Scp && self.dice.chance(85) {
                policies.push(full.clone());
            }
            let bare = layer == Layer::Scp && self.dice.chance(3);
            if !bare && (self.dice.chance(50) || policies.is_empty()) {
                policies.push(self.document(layer));
            }
            json!({"target": format!("ou-ab12-0000000{index}"), "policies": policies})
        };
        (0..count).map(level).collect()
    }

    pub(crate) fn documents(&mut self, layer: Layer, chance: u64) -> Value {
        let count = usize::from(self.dice.chance(chance)).saturating_add(usize::from(self.dice.chance(25)));
        (0..count).map(|_| self.document(layer)).collect()
    }

    pub(crate) fn document(&mut self, layer: Layer) -> Value {
        let count = self.dice.weighted(&[(5, 1), (4, 2), (1, 3)]);
        let mut statements: Vec<Value> = (0..count).map(|_| self.statement(layer)).collect();
        let statement =
            if count == 1 && self.dice.chance(20) { statements.remove(0) } else { json!(statements) };
        match self.dice.weighted(&[(8, Some("2012-10-17")), (1, Some("2008-10-17")), (1, None)]) {
            Some(version) => json!({"Version": version, "Statement": statement}),
            None => json!({"Statement": statement}),
        }
    }

    fn statement(&mut self, layer: Layer) -> Value {
        let deny = layer == Layer::Rcp || self.dice.chance(12);
        let mut statement = Map::new();
        let mut set = |name: &str, value: Value| drop(statement.insert(name.to_owned(), value));
        set("Effect", json!(if deny { "Deny" } else { "Allow" }));
        match layer {
            Layer::Key | Layer::Endpoint => {
                let (element, principals) = self.principals(layer, deny);
                if layer == Layer::Endpoint || self.dice.chance(98) {
                    set(element, principals);
                }
            }
            Layer::Rcp => set("Principal", self.dice.pick_value(&[json!("*"), json!({"AWS": "*"})])),
            Layer::Identity | Layer::Scp | Layer::Limit => {}
        }
        let element = if layer != Layer::Rcp && self.dice.chance(10) { "NotAction" } else { "Action" };
        set(element, self.actions(layer, deny || element == "NotAction"));
        // What a NotResource says of an action without a resource is not documented.
        let element =
            if self.target != Target::Nothing && self.dice.chance(7) { "NotResource" } else { "Resource" };
        if layer != Layer::Key || self.dice.chance(98) {
            set(element, self.resources());
        }
        if self.dice.chance(if deny { 75 } else { 35 }) {
            set("Condition", self.condition());
        }
        Value::Object(statement)
    }

    fn principals(&mut self, layer: Layer, deny: bool) -> (&'static str, Value) {
        let account = self.who.account;
        let mut own = self.who.names.clone();
        own.extend([format!("arn:aws:iam::{account}:root"), account.to_owned()]);
        let strangers = [
            "arn:aws:iam::111111111111:user/eve",
            "arn:aws:iam::222222222222:role/dev",
            "arn:aws:iam::333333333333:root",
            "arn:aws:sts::111111111111:assumed-role/dev/s2",
            "arn:aws:iam::111111111111:role/*",
            "*",
        ];
        let count = self.dice.weighted(&[(6, 1), (3, 2), (2, 3)]);
        let listed: Vec<String> = (0..count)
            .map(|_| {
                if self.dice.chance(75) {
                    self.dice.pick_value(&own)
                } else {
                    self.dice.pick(&strangers).to_owned()
                }
            })
            .collect();
        let one_or_more = if count == 1 { json!(listed[0]) } else { json!(listed) };
        // Whom a Deny spares that knows no session, or a federated one, is not documented.
        let clear = !deny || matches!(self.who.kind, Kind::Root | Kind::User | Kind::Session | Kind::Service);
        if layer == Layer::Key && clear && self.dice.chance(if deny { 35 } else { 6 }) {
            // Whom a Deny to everybody but everybody spares is not documented.
            let known: Vec<_> = listed.into_iter().filter(|principal| principal != "*").collect();
            let excepted = if known.is_empty() || self.dice.chance(40) { own } else { known };
            let service = self.who.kind == Kind::Service && self.dice.chance(50);
            let principals = if service { json!({"Service": SERVICE}) } else { json!({"AWS": excepted}) };
            return ("NotPrincipal", principals);
        }
        let service = json!({"Service": if self.dice.chance(70) { SERVICE } else { "s3.amazonaws.com" }});
        let lone = if self.who.kind == Kind::Service { 45 } else { 8 };
        let value = match self.dice.below(100) {
            0..8 => json!("*"),
            8..14 => json!({"AWS": "*"}),
            roll if roll < 14_u64.saturating_add(lone) => service,
            95.. => json!({"AWS": one_or_more, "Service": service["Service"]}),
            94 => json!({"Federated": "cognito-identity.amazonaws.com"}),
            _ => json!({"AWS": one_or_more}),
        };
        ("Principal", value)
    }

    fn actions(&mut self, layer: Layer, narrow: bool) -> Value {
        let count = self.dice.weighted(&[(6, 1), (3, 2)]);
        let wide_or_narrow = if narrow { NARROW_ACTIONS } else { WIDE_ACTIONS };
        let patterns = if layer == Layer::Rcp { RCP_ACTIONS } else { wide_or_narrow };
        let one = |_| {
            let action = match self.dice.below(10) {
                // It is no action, and what it needs is two.
                0..5 if self.action == "kms:ReEncrypt" => {
                    self.dice.pick(&["kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ReEncrypt*"])
                }
                0..5 if layer != Layer::Rcp || self.action.starts_with("kms:") => self.action,
                5 => self.dice.pick(KEY_ACTIONS),
                _ => self.dice.pick(patterns),
            };
            self.dice.recase(action, 20)
        };
        let actions: Vec<String> = (0..count).map(one).collect();
        one_or_list(&mut self.dice, &actions, 50)
    }

    fn resources(&mut self) -> Value {
        let count = self.dice.weighted(&[(6, 1), (2, 2)]);
        let one = |_: usize| match self.dice.below(10) {
            0..5 => "*",
            5..7 => self.resource,
            _ => self.dice.pick(RESOURCES),
        };
        let resources: Vec<&str> = (0..count).map(one).collect();
        one_or_list(&mut self.dice, &resources, 50)
    }

    fn condition(&mut self) -> Value {
        let mut condition = Map::new();
        for _ in 0..self.dice.weighted(&[(7, 1), (2, 2)]) {
            let mut block = Map::new();
            let (operator, (key, values)) = self.operator_and_key();
            block.insert(self.dice.recase(key, 15), values);
            let (other, values) = self.single();
            let comparable = operator != "Null" && family_of(other).iter().any(|one| operator.contains(one));
            if comparable
                && self.dice.chance(40)
                && !block.keys().any(|known| known.eq_ignore_ascii_case(other))
            {
                block.insert(other.to_owned(), self.wanted(&operator, values));
            }
            condition.insert(operator, Value::Object(block));
        }
        Value::Object(condition)
    }

    fn operator_and_key(&mut self) -> (String, (&'static str, Value)) {
        if self.dice.chance(15) {
            let key = if self.dice.chance(50) { self.dice.pick(LISTS).0 } else { self.single().0 };
            let wanted = self.dice.pick_value(&[json!("true"), json!("false"), json!(true)]);
            return ("Null".to_owned(), (key, wanted));
        }
        let many = self.dice.chance(30);
        let (key, values) = if many { self.dice.pick(LISTS) } else { self.single() };
        let family = family_of(key);
        let operator = self.dice.pick(family);
        let quantifier = if many || self.dice.chance(8) {
            self.dice.pick(&["ForAnyValue:", "ForAllValues:", "ForAnyValue:", ""])
        } else {
            ""
        };
        // What IfExists adds to ForAnyValue when the key is missing is not documented.
        let suffix = if quantifier != "ForAnyValue:" && self.dice.chance(20) { "IfExists" } else { "" };
        let wanted = self.wanted(operator, values);
        (format!("{quantifier}{operator}{suffix}"), (key, wanted))
    }

    fn single(&mut self) -> (&'static str, &'static [&'static str]) {
        let keys = self.keys();
        self.dice.pick(&keys)
    }

    fn wanted(&mut self, operator: &str, values: &[&str]) -> Value {
        let negated = operator.contains("Not");
        let more = operands_of(operator);
        let as_is = !(operator.contains("IpAddress") || operator.contains("Arn") && negated);
        let count = self.dice.weighted(&[(6, 1), (3, 2)]);
        let one = |_: usize| {
            if as_is && self.dice.chance(55) { self.dice.pick(values) } else { self.dice.pick(more) }
        };
        let wanted: Vec<&str> = (0..count).map(one).collect();
        // Numbers and truth values may stand without quotes.
        let bare =
            serde_json::from_str(wanted[0]).ok().filter(|value: &Value| value.is_boolean() || value.is_u64());
        match bare {
            Some(value) if count == 1 && self.dice.chance(30) => value,
            _ => one_or_list(&mut self.dice, &wanted, 50),
        }
    }

    pub(crate) fn grants(&mut self) -> Value {
        let count = self.dice.weighted(&[(7, 1), (3, 2)]);
        (0..count).map(|_| self.grant()).collect()
    }

    fn grant(&mut self) -> Value {
        let operations: Vec<&str> = (0..2).map(|_| self.dice.pick(GRANTABLE)).collect();
        let mut operations = operations;
        if let Some(own) = self.action.strip_prefix("kms:").filter(|own| GRANTABLE.contains(own)) {
            operations.push(own);
        }
        operations.sort_unstable();
        operations.dedup();
        let mut grant = json!({"Operations": operations});
        if self.dice.chance(25) {
            grant["IssuingAccount"] = json!(OWN);
            grant["KeyId"] = json!(self.dice.pick(KEYS));
        }
        let context = self.dice.pick_value(&[
            json!({"app": "pay"}),
            json!({"app": "pay", "tier": "web"}),
            json!({"app": "web"}),
        ]);
        // How tight a grant made through a grant must be is documented in words only.
        let constrain = !operations.contains(&"CreateGrant") && self.dice.chance(60);
        if constrain {
            let name = self.dice.pick(&["EncryptionContextEquals", "EncryptionContextSubset"]);
            grant["Constraints"] = json!({name: context});
        }
        if self.who.kind == Kind::Service {
            grant["GranteeServicePrincipal"] = json!(self.dice.pick(&[SERVICE, SERVICE, "s3.amazonaws.com"]));
            grant["Constraints"] = json!({"SourceArn": "arn:aws:s3:::bucket"});
            grant["RetiringPrincipal"] = json!("arn:aws:iam::111111111111:user/eve");
        } else {
            let stranger = "arn:aws:iam::111111111111:user/eve".to_owned();
            let mut grantees = self.who.names.clone();
            grantees.push(stranger);
            grant["GranteePrincipal"] = json!(self.dice.pick_value(&grantees));
        }
        grant
    }
}
