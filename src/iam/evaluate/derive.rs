//! The condition keys AWS adds to a request by itself.
//!
//! Stated keys win over derived ones. A key that the action does not carry is
//! absent even when stated: KMS never fills it. Source: IAM user guide,
//! "Global condition context keys"; KMS developer guide, "Condition keys";
//! recorded answers for the defaults of omitted parameters. Read 2026-11.

use crate::iam::arn::Arn;
use crate::iam::catalogue::{Source, definition};
use crate::iam::condition::{Fact, Keys};
use crate::iam::evaluate::caller::Identity;
use crate::iam::evaluate::context::{Entry, Stated};
use crate::iam::evaluate::request::{Asked, Organisation, Scope};
use crate::iam::evaluate::{Caller, RequestBuilder, RequestError};

/// What the request acts on.
pub(super) struct Place<'a> {
    pub(super) action: &'a Asked,
    pub(super) scope: Scope,
    pub(super) owner: Option<&'a str>,
    pub(super) alias: Option<&'a str>,
}

/// The condition keys of the request.
pub(super) fn keys(builder: &RequestBuilder, place: &Place<'_>) -> Result<Keys, RequestError> {
    if let Some(name) = &builder.context.collision {
        return Err(RequestError::KeyTwice(name.clone()));
    }
    let mut draft = Draft { keys: Keys::default(), builder, place };
    for (key, Entry { name, stated }) in &builder.context.entries {
        let fact = fact(key, stated).map_err(|()| RequestError::ManyValues(name.clone()))?;
        if let Some(fact) = fact
            && draft.carries(key)
        {
            draft.keys.insert(key, name, fact);
        }
    }
    draft.caller(&builder.caller);
    draft.organisations();
    draft.forwarding();
    draft.request();
    draft.parameters();
    Ok(draft.keys)
}

/// Shapes a statement by the key's definition; `None` is absent.
fn fact(key: &str, stated: &Stated) -> Result<Option<Fact>, ()> {
    let list = definition(key).map(|definition| definition.list);
    Ok(match (stated, list) {
        (Stated::Absent, _) => None,
        (Stated::Unknown, _) => Some(Fact::Unknown),
        (Stated::One(value), Some(true)) => Some(Fact::List(vec![value.as_str().into()])),
        (Stated::One(value), _) => Some(Fact::One(value.as_str().into())),
        (Stated::List(values), _) if values.is_empty() => None,
        (Stated::List(values), Some(false)) => match values.as_slice() {
            [value] => Some(Fact::One(value.as_str().into())),
            _ => return Err(()),
        },
        (Stated::List(values), _) => {
            Some(Fact::List(values.iter().map(|value| value.as_str().into()).collect()))
        }
    })
}

struct Draft<'a> {
    keys: Keys,
    builder: &'a RequestBuilder,
    place: &'a Place<'a>,
}

impl Draft<'_> {
    fn carries(&self, key: &str) -> bool {
        let (Some(action), Some(key)) = (self.place.action.kms, definition(key)) else { return true };
        let on_alias = self.place.scope == Scope::Alias && key.source == Source::Key;
        !on_alias && action.carries_defined(key)
    }

    fn derive(&mut self, name: &str, fact: Fact) {
        let key = name.to_ascii_lowercase();
        if !self.builder.context.entries.contains_key(&key) && self.carries(&key) {
            self.keys.insert(&key, name, fact);
        }
    }

    fn one(&mut self, name: &str, value: &str) {
        self.derive(name, Fact::One(value.into()));
    }

    fn caller(&mut self, caller: &Caller) {
        let kind = match &caller.identity {
            Identity::Root => "Account",
            Identity::User { .. } => "User",
            Identity::Role { .. } => "AssumedRole",
            Identity::FederatedUser { .. } => "FederatedUser",
            Identity::Anonymous => "Anonymous",
            Identity::Service { name } => {
                self.one("aws:PrincipalIsAWSService", "true");
                self.one("aws:PrincipalServiceName", name);
                self.derive("aws:PrincipalServiceNamesList", Fact::List(vec![name.clone()]));
                return;
            }
        };
        self.one("aws:PrincipalType", kind);
        if let Some(account) = caller.account() {
            self.one("aws:PrincipalAccount", account);
            self.one("aws:PrincipalIsAWSService", "false");
            self.one("kms:CallerAccount", account);
        } else {
            self.one("aws:PrincipalAccount", "anonymous");
        }
        if let Some(arn) = caller.principal_arn() {
            self.one("aws:PrincipalArn", &arn);
        }
        match &caller.identity {
            Identity::User { name, arn: _ } => self.one("aws:username", name),
            Identity::Root => self.one("aws:userid", &caller.account),
            Identity::Role { .. }
            | Identity::FederatedUser { .. }
            | Identity::Service { .. }
            | Identity::Anonymous => {}
        }
    }

    fn organisations(&mut self) {
        let builder = self.builder;
        if let (Some(Organisation { id, path, .. }), Some(_)) =
            (&builder.caller_organisation, builder.caller.account())
        {
            self.one("aws:PrincipalOrgID", id);
            self.derive("aws:PrincipalOrgPaths", Fact::List(vec![path.as_str().into()]));
        }
        if let Some(Organisation { id, path, .. }) = &builder.resource_organisation {
            self.one("aws:ResourceOrgID", id);
            self.derive("aws:ResourceOrgPaths", Fact::List(vec![path.as_str().into()]));
        }
        if let Some(owner) = self.place.owner {
            self.one("aws:ResourceAccount", owner);
        }
    }

    /// A call is forwarded when it came through a service.
    fn forwarding(&mut self) {
        let via = ["kms:viaservice", "aws:calledvia"].map(|key| self.keys.find(key).cloned());
        let fact = match via {
            [Some(Fact::One(_) | Fact::List(_)), _] | [_, Some(Fact::One(_) | Fact::List(_))] => {
                Fact::One("true".into())
            }
            [Some(Fact::Unknown), _] | [_, Some(Fact::Unknown)] => Fact::Unknown,
            [None, None] => Fact::One("false".into()),
        };
        self.derive("aws:ViaAWSService", fact);
    }

    fn request(&mut self) {
        if let Some(region) =
            Arn::parse(&self.builder.resource).map(|arn| arn.region).filter(|region| !region.is_empty())
        {
            self.one("aws:RequestedRegion", region);
        }
        if let Some(Fact::List(services)) = self.keys.find("aws:calledvia").cloned() {
            services.first().into_iter().for_each(|first| self.one("aws:CalledViaFirst", first));
            services.last().into_iter().for_each(|last| self.one("aws:CalledViaLast", last));
        }
        if let Some(alias) = self.place.alias {
            self.one("kms:RequestAlias", alias);
        }
        for (list, family) in
            [("aws:TagKeys", "aws:requesttag/"), ("kms:EncryptionContextKeys", "kms:encryptioncontext:")]
        {
            let names = self.keys.names_in(family);
            if !names.is_empty() {
                self.derive(list, Fact::List(names));
            }
        }
    }

    /// The defaults KMS fills in for parameters that the caller left out.
    fn parameters(&mut self) {
        let Some(action) = self.place.action.kms else { return };
        let defaults: &[(&str, &str)] = match action.name {
            "CreateKey" => &[
                ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
                ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
                ("kms:KeyOrigin", "AWS_KMS"),
                ("kms:MultiRegion", "false"),
            ],
            "EnableKeyRotation" => &[("kms:RotationPeriodInDays", "365")],
            "ScheduleKeyDeletion" => &[("kms:ScheduleKeyDeletionPendingWindowInDays", "30")],
            "Sign" | "Verify" => &[("kms:MessageType", "RAW")],
            "Encrypt"
            | "Decrypt"
            | "ReEncryptFrom"
            | "ReEncryptTo"
            | "GenerateDataKey"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext"
            | "GenerateDataKeyWithoutPlaintext" => &[("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT")],
            _ => &[],
        };
        for (name, value) in defaults {
            self.one(name, value);
        }
        for (former, now) in
            [("kms:CustomerMasterKeySpec", "kms:keyspec"), ("kms:CustomerMasterKeyUsage", "kms:keyusage")]
        {
            if let Some(fact) = self.keys.find(now).cloned() {
                self.derive(former, fact);
            }
        }
    }
}
