//! The data source `secure_kms_key`: one existing key with its policy, tags,
//! rotation and aliases, and its verdict per control, so that a module can
//! assert on a key it did not make.
//!
//! INVARIANT: what may not be read is null, with a warning; it counts as
//! unknown in the verdicts, never as a pass.

mod schema;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::model::key::KeyMetadata;
use crate::model::key::KeyState;
use crate::model::region::Region;
use crate::provider::alias_format::Parts;
use crate::provider::alias_format::alias_of_parts;
use crate::provider::alias_format::parts_of;
use crate::provider::alias_format::with_prefix;
use crate::provider::configured::Configured;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::CREATION_TAG;
use crate::provider::resources::secure_kms_key::Located;
use crate::provider::resources::secure_kms_key::WrongKey;
use crate::provider::resources::secure_kms_key::date;
use crate::provider::resources::secure_kms_key::digest;
use crate::provider::resources::secure_kms_key::findings;
use crate::provider::resources::secure_kms_key::key_reference;
use crate::provider::resources::secure_kms_key::not_found;
use crate::provider::resources::secure_kms_key::reading;
use crate::provider::resources::secure_kms_key::session;
use crate::provider::verdicts;
use crate::tf;
use crate::tf::Context;
use crate::tf::DataSource;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;
use crate::tf::Schema;
use crate::tf::Value;
use crate::tf::calls::ReadDataRequest;
use crate::tf::calls::ReadDataResponse;

/// The data source.
#[derive(Debug)]
pub(crate) struct SecureKmsKeyData;

#[async_trait]
impl DataSource<Configured> for SecureKmsKeyData {
    fn type_name(&self) -> &'static str {
        "secure_kms_key"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        Lookup::read(config).map_or_else(Diagnostics::from, |lookup| lookup.check())
    }

    async fn read(&self, context: &Context<Configured>, request: ReadDataRequest) -> ReadDataResponse {
        read(context, &request.config).await.unwrap_or_else(ReadDataResponse::from)
    }
}

async fn read(context: &Context<Configured>, config: &Value) -> Result<ReadDataResponse, Diagnostics> {
    let configured = context.provider.as_ref();
    let lookup = Lookup::read(config)?;
    let (located, path) = lookup.reference(configured)?;
    let session = &session(configured, located.region.as_ref())?;
    located.in_account(session).map_err(|error| no_key(&error, &path))?;
    let reference = located.key;
    let found = LiveKey::find(session.kms.as_ref(), &reference).await;
    let live = found.map_err(|error| reading(configured, &error).at(path.clone()))?;
    let live = live.ok_or_else(|| not_found(&reference, session).at(path))?;
    let mut diagnostics = Diagnostics::new();
    let gaps: Vec<String> = live.gaps().iter().map(|(part, error)| format!("The {part}: {error}")).collect();
    if !gaps.is_empty() {
        let detail = format!(
            "Parts of `{}` could not be read; they are null, and controls that rest on them answer `unknown`.\n{}",
            live.metadata.id,
            gaps.join("\n")
        );
        diagnostics.push(Diagnostic::warning("The key could not be read completely", detail));
    }
    Ok(ReadDataResponse { state: state(&live, &lookup, configured), diagnostics })
}

fn no_key(error: &WrongKey, path: &Path) -> Diagnostic {
    let forms = "a key id, a key ARN, an alias or an alias ARN";
    let (summary, required) = error.told("The argument names no key", forms);
    Diagnostic::error(summary, format!("Found: {error}.\nRequired: {required}.")).at(path.clone())
}

/// The arguments that say which key is meant.
struct Lookup {
    region: Field<String>,
    key_id: Field<String>,
    alias_name: Field<String>,
    environment_name: Field<String>,
    key_team: Field<String>,
    key_function: Field<String>,
    key_purpose: Field<String>,
}

impl Lookup {
    fn read(config: &Value) -> Result<Self, tf::Error> {
        let text = |name: &str| Ok::<_, tf::Error>(config.attr(name)?.as_str()?.map(str::to_owned));
        Ok(Self {
            region: text("region")?,
            key_id: text("key_id")?,
            alias_name: text("alias_name")?,
            environment_name: text("environment_name")?,
            key_team: text("key_team")?,
            key_function: text("key_function")?,
            key_purpose: text("key_purpose")?,
        })
    }

    /// Exactly one way to name the key.
    fn check(&self) -> Diagnostics {
        let parts = [&self.key_team, &self.key_function, &self.key_purpose];
        let by_parts = parts.iter().any(|part| !part.is_null());
        let ways = [!self.key_id.is_null(), !self.alias_name.is_null(), by_parts];
        let ways = ways.into_iter().filter(|given| *given).count();
        if ways == 1 {
            return Diagnostics::new();
        }
        let found =
            if ways == 0 { "no argument that names a key" } else { "several arguments that name a key" };
        Diagnostic::error(
            "Name the key in one way",
            format!(
                "Found: {found}.\nRequired: one of `key_id` (an id, ARN, alias or alias ARN), `alias_name`, or \
                 `environment_name`, `key_team`, `key_function` and `key_purpose` together."
            ),
        )
        .at(Path::attribute("key_id"))
        .into()
    }

    fn reference(&self, configured: &Configured) -> Result<(Located, Path), Diagnostics> {
        let region = self.region.clone().known().map(|region| region.parse::<Region>());
        let region = region.transpose().map_err(|error| {
            let detail = format!("Found: {error}.\nRequired: a Region such as `eu-west-1`.");
            Diagnostic::error("The argument names no Region", detail).at(Path::attribute("region"))
        })?;
        let (text, attribute) = match (&self.key_id, &self.alias_name) {
            (Field::Known(id), _) => (id.clone(), "key_id"),
            (_, Field::Known(alias)) => (with_prefix(alias), "alias_name"),
            _ => (self.alias(configured)?, "key_purpose"),
        };
        let path = Path::attribute(attribute);
        let reference = key_reference(&text, region.as_ref()).map_err(|error| no_key(&error, &path))?;
        Ok((reference, path))
    }

    fn alias(&self, configured: &Configured) -> Result<String, Diagnostic> {
        let by_provider = [("alias_format", true), ("environment", self.environment_name.is_null())];
        let is_late = |(name, wanted): &(&'static str, bool)| *wanted && configured.unknown.contains(name);
        if let Some((late, _)) = by_provider.into_iter().find(is_late) {
            let detail = format!(
                "Found: the provider's `{late}`, which is known only after apply.\nRequired: a name that is known \
                 now.\nFix: name the key by `key_id` or `alias_name`, or apply first what `{late}` depends on."
            );
            return Err(
                Diagnostic::error("The alias cannot be made", detail).at(Path::attribute("key_purpose"))
            );
        }
        let environment = match (&self.environment_name, &configured.environment) {
            (Field::Null, Some(environment)) => Field::Known(environment.clone()),
            (given, _) => given.clone(),
        };
        let parts = [&environment, &self.key_team, &self.key_function, &self.key_purpose];
        alias_of_parts(&configured.alias_format, parts).map_err(|missing| {
            let detail = format!(
                "Found: no {}.\nRequired: every name that the provider's `alias_format` (`{}`) is made of.",
                missing.join(", "),
                configured.alias_format
            );
            Diagnostic::error("The alias cannot be made", detail).at(Path::attribute("key_purpose"))
        })
    }
}

fn state(live: &LiveKey, lookup: &Lookup, configured: &Configured) -> Value {
    let metadata = &live.metadata;
    let arn = metadata.arn.to_string();
    let aliases: Option<Vec<String>> =
        live.aliases.as_ref().ok().map(|aliases| aliases.iter().map(ToString::to_string).collect());
    let alias = match &lookup.alias_name {
        Field::Known(alias) => Some(with_prefix(alias)),
        Field::Null | Field::Unknown => own_alias(lookup, aliases.as_deref().unwrap_or_default(), configured),
    };
    let parts = if configured.unknown.contains("alias_format") {
        Parts::default()
    } else {
        parts_of(alias.as_deref().unwrap_or_default(), &configured.alias_format)
    };
    let prefix = arn.split("key/").next().unwrap_or_default();
    let alias_arn = alias.as_ref().map(|alias| format!("{prefix}{alias}"));
    let tags = live.tags.as_ref().ok().map(|tags| {
        let shown = tags.iter().filter(|(key, _)| *key != CREATION_TAG);
        Value::map(shown.map(|(key, value)| (key.clone(), value.clone())))
    });
    let rotation = live.rotation.as_ref().ok();
    let policy = live.policy.as_ref().ok();
    let text = |field: Field<String>| Value::from(field.known());
    let given = |field: &Field<String>, found: Option<String>| Value::from(field.clone().known().or(found));
    let named = [
        ("key_id", given(&lookup.key_id, Some(metadata.id.to_string()))),
        ("alias_name", given(&lookup.alias_name, alias)),
        ("alias_arn", alias_arn.into()),
        ("aliases", Value::from(aliases.map(Value::list))),
        ("environment_name", given(&lookup.environment_name, parts.environment)),
        ("key_team", given(&lookup.key_team, parts.team)),
        ("key_function", given(&lookup.key_function, parts.function)),
        ("key_purpose", given(&lookup.key_purpose, parts.purpose)),
        ("policy", policy.cloned().into()),
        ("effective_policy", policy.cloned().into()),
        ("key_policy_sha256", policy.map(|policy| digest(policy)).into()),
        ("key_rotation_enabled", rotation.map(|rotation| rotation.enabled).into()),
        (
            "rotation_period_in_days",
            rotation.and_then(|rotation| rotation.period).map(|period| i64::from(period.get())).into(),
        ),
        ("next_rotation_date", text(date(rotation.and_then(|rotation| rotation.next)))),
        ("tags", tags.into()),
        ("compliance", verdicts::value_in_full(&findings(live, None, configured))),
    ];
    Value::object(named.into_iter().chain(described(metadata)))
}

/// What `DescribeKey` says.
fn described(metadata: &KeyMetadata) -> Vec<(&'static str, Value)> {
    let text = |field: Field<String>| Value::from(field.known());
    let arn = metadata.arn.to_string();
    let multi_region = metadata.multi_region.as_ref();
    let replicas = multi_region.into_iter().flat_map(|relatives| &relatives.replicas);
    vec![
        ("id", metadata.id.as_str().into()),
        ("arn", arn.as_str().into()),
        ("region", metadata.arn.region().map(Region::as_str).into()),
        ("key_arn", arn.into()),
        ("description", metadata.description.as_str().into()),
        ("enabled", (metadata.state == KeyState::Enabled).into()),
        ("key_state", metadata.state.as_str().into()),
        ("key_spec", metadata.spec.as_str().into()),
        ("key_usage", metadata.usage.as_str().into()),
        ("origin", metadata.origin.as_str().into()),
        ("key_manager", metadata.manager.as_str().into()),
        ("multi_region", multi_region.is_some().into()),
        ("primary_key_arn", multi_region.map(|relatives| relatives.primary.to_string()).into()),
        ("replica_key_arns", Value::list(replicas.map(ToString::to_string))),
        ("creation_date", text(date(metadata.created))),
        ("deletion_date", text(date(metadata.deletion_date))),
        ("pending_deletion_window_in_days", metadata.pending_window.map(|days| i64::from(days.get())).into()),
        ("custom_key_store_id", metadata.custom_key_store.clone().into()),
        ("cloud_hsm_cluster_id", metadata.cloud_hsm_cluster.clone().into()),
        ("xks_key_id", metadata.xks_key.clone().into()),
        ("valid_to", text(date(metadata.valid_to))),
        ("expiration_model", metadata.expiration_model.clone().into()),
    ]
}

/// The alias that the key was looked up by, or else its first.
fn own_alias(lookup: &Lookup, aliases: &[String], configured: &Configured) -> Option<String> {
    let by_parts = lookup.alias(configured).ok().map(|alias| with_prefix(&alias));
    let named =
        lookup.key_id.clone().known().map(|id| with_prefix(id.rsplit(':').next().unwrap_or_default()));
    let meant = |alias: &&String| by_parts.as_ref() == Some(*alias) || named.as_ref() == Some(*alias);
    aliases.iter().find(meant).or(aliases.first()).cloned()
}
