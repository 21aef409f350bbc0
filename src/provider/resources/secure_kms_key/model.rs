//! The attributes of `secure_kms_key` as Rust types, each known, null or
//! unknown: one struct for configuration, plan and state.
//!
//! INVARIANT: the fields are exactly the attributes and blocks of the schema.

use std::collections::BTreeMap;

use crate::model::key::AliasName;
use crate::model::tag::Tags;
use crate::provider::alias_format::with_prefix;
use crate::provider::facts::PlannedKey;
use crate::tf;
use crate::tf::Field;
use crate::tf::Value;
use crate::tf::path::Step;

/// Tags whose values may be unknown although their keys are known.
pub(super) type PlannedTags = BTreeMap<String, Field<String>>;

macro_rules! model {
    ($($name:ident: $kind:ty,)+) => {
        /// One `secure_kms_key`.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(super) struct Model { $(pub(super) $name: $kind,)+ }

        impl Model {
            /// Reads a configuration, a plan or a state.
            pub(super) fn read(value: &Value) -> Result<Self, tf::Error> {
                Ok(Self {
                    $($name: Part::read(value.attr(stringify!($name))?)
                        .map_err(|error| error.within(Step::Attribute(stringify!($name).to_owned())))?,)+
                })
            }

            /// The value for Terraform.
            pub(super) fn write(self) -> Value {
                Value::object([$((stringify!($name), Part::write(self.$name)),)+])
            }
        }
    };
}

model! {
    environment_name: Field<String>,
    key_function: Field<String>,
    key_team: Field<String>,
    key_purpose: Field<String>,
    alias_name: Field<String>,
    key_description: Field<String>,
    description: Field<String>,
    key_policy: Field<String>,
    custom_policy: Field<String>,
    key_owners: Value,
    key_administrators: Value,
    key_users: Value,
    key_service_users: Value,
    allow_iam_policies: Field<bool>,
    enable_key_rotation: Field<bool>,
    rotation_period_in_days: Field<i64>,
    deletion_window_in_days: Field<i64>,
    deletion_protection: Field<bool>,
    on_destroy: Field<String>,
    restore_if_pending_deletion: Field<bool>,
    is_enabled: Field<bool>,
    allow_replacement: Field<bool>,
    multi_region: Field<bool>,
    key_spec: Field<String>,
    key_usage: Field<String>,
    region: Field<String>,
    tags: Field<PlannedTags>,
    tags_all: Field<PlannedTags>,
    bypass_policy_lockout_safety_check: Field<bool>,
    timeouts: Value,
    id: Field<String>,
    key_id: Field<String>,
    key_arn: Field<String>,
    arn: Field<String>,
    alias_arn: Field<String>,
    aliases: Field<Vec<String>>,
    effective_policy: Field<String>,
    key_policy_sha256: Field<String>,
    key_state: Field<String>,
    origin: Field<String>,
    key_manager: Field<String>,
    creation_date: Field<String>,
    deletion_date: Field<String>,
    next_rotation_date: Field<String>,
    compliance: Value,
}

impl Model {
    /// What the controls are told of it; absent values count as their defaults.
    pub(super) fn facts(&self) -> PlannedKey {
        PlannedKey {
            existing: self.key_id.clone().known().and_then(|id| id.parse().ok()),
            arn: if self.key_id.is_unknown() { Field::Null } else { self.key_arn.clone() },
            alias: self.alias_name.clone().map(|name| with_prefix(&name)),
            spec: self.key_spec.clone(),
            usage: self.key_usage.clone(),
            origin: self.origin.clone(),
            multi_region: self.multi_region,
            enabled: self.is_enabled,
            rotation: self.enable_key_rotation,
            period: self.rotation_period_in_days,
            window: self.deletion_window_in_days,
            tags: self.tags_all.clone(),
            policy: self.effective_policy.clone(),
        }
    }

    /// The alias, if it is known and well-formed.
    pub(super) fn alias(&self) -> Option<AliasName> {
        self.alias_name.clone().known().and_then(|name| with_prefix(&name).parse().ok())
    }

    /// The tags that are wholly known.
    pub(super) fn known_tags(&self) -> Tags {
        let tags = self.tags_all.clone().known().unwrap_or_default();
        tags.into_iter().filter_map(|(key, value)| Some((key, value.known()?))).collect()
    }
}

/// Tags with every value known.
pub(super) fn planned_tags(tags: &Tags) -> PlannedTags {
    tags.iter().map(|(key, value)| (key.clone(), Field::Known(value.clone()))).collect()
}

/// How one field is read from and written to Terraform's values.
trait Part: Sized {
    fn read(value: &Value) -> Result<Self, tf::Error>;
    fn write(self) -> Value;
}

impl Part for Value {
    fn read(value: &Value) -> Result<Self, tf::Error> {
        Ok(value.clone())
    }

    fn write(self) -> Value {
        self
    }
}

impl Part for Field<String> {
    fn read(value: &Value) -> Result<Self, tf::Error> {
        Ok(value.as_str()?.map(str::to_owned))
    }

    fn write(self) -> Value {
        Value::from(self)
    }
}

impl Part for Field<bool> {
    fn read(value: &Value) -> Result<Self, tf::Error> {
        value.as_bool()
    }

    fn write(self) -> Value {
        Value::from(self)
    }
}

impl Part for Field<i64> {
    fn read(value: &Value) -> Result<Self, tf::Error> {
        value.as_i64()
    }

    fn write(self) -> Value {
        Value::from(self)
    }
}

impl Part for Field<Vec<String>> {
    fn read(value: &Value) -> Result<Self, tf::Error> {
        value.elements()?.try_map(|elements| {
            let texts = elements.iter().map(|element| Ok(element.as_str()?.map(str::to_owned).known()));
            Ok(texts.collect::<Result<Vec<_>, tf::Error>>()?.into_iter().flatten().collect())
        })
    }

    fn write(self) -> Value {
        Value::from(self.map(Value::list))
    }
}

impl Part for Field<PlannedTags> {
    fn read(value: &Value) -> Result<Self, tf::Error> {
        value.entries()?.try_map(|entries| {
            let one = |(key, value): (&String, &Value)| Ok((key.clone(), Part::read(value)?));
            entries.iter().map(one).collect()
        })
    }

    fn write(self) -> Value {
        Value::from(self.map(|tags| Value::map(tags.into_iter().map(|(key, value)| (key, value.write())))))
    }
}
