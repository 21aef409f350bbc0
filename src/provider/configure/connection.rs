//! From the provider block to connection settings. What the block does not
//! say, the environment does, under the names of hashicorp/aws.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::duration;
use super::reading::{Notes, Part, sentence};
use super::regions;
use crate::aws::config::{
    AccessKeys, AddressFamily, CallerCheck, ConnectionSettings, Endpoints, Environment, InstanceMetadata,
    Retries, RetryMode, Role, Secret, WebIdentity, WebIdentityToken,
};
use crate::model::arn::Arn;
use crate::model::region::Region;
use crate::tf::Path;

/// Reads the settings. What is wrong is in the notes, and the settings are not to be used then.
pub(super) fn read(part: &Part<'_>, environment: &Environment, notes: &mut Notes) -> ConnectionSettings {
    let from_environment = ConnectionSettings::from_environment(environment).unwrap_or_else(|error| {
        notes.wrong(Path::root(), "Invalid environment variable", sentence(&error.to_string()));
        ConnectionSettings::default()
    });
    let mut settings = from_environment;
    settings.region = region(part, "region", notes).or(settings.region);
    settings.sts_region = region(part, "sts_region", notes);
    settings.keys = keys(part, notes);
    settings.profile = notes.text(part, "profile");
    settings.config_files = files(part, "shared_config_files", notes);
    settings.credentials_files = files(part, "shared_credentials_files", notes);
    settings.web_identity =
        notes.part(part, "assume_role_with_web_identity").and_then(|part| web_identity(&part, notes));
    settings.roles = notes.parts(part, "assume_role").iter().filter_map(|part| role(part, notes)).collect();
    settings.endpoints = endpoints(part, notes);
    settings.instance_metadata = instance_metadata(part, notes);
    settings.retries = retries(part, &settings.retries, notes);
    settings.fips = notes.flag(part, "use_fips_endpoint");
    settings.dual_stack = notes.flag(part, "use_dualstack_endpoint");
    proxies(part, &mut settings, notes);
    settings.ca_bundle = notes.text(part, "custom_ca_bundle").map(PathBuf::from).or(settings.ca_bundle);
    let appended = std::mem::take(&mut settings.user_agent);
    settings.user_agent = notes.texts(part, "user_agent").into_iter().flatten().chain(appended).collect();
    settings.caller_check = caller_check(part, notes);
    refuse_unsupported(part, notes);
    refuse_own_fips(&settings, environment, notes);
    settings
}

fn region(part: &Part<'_>, name: &str, notes: &mut Notes) -> Option<Region> {
    let region: Region = notes.parsed(part, name, "Invalid AWS region")?;
    let skip = notes.flag(part, "skip_region_validation").unwrap_or(false);
    if !skip && !regions::is_known(&region) {
        let detail = format!(
            "`{region}` is not a region that this version knows. Correct it, or set \
             `skip_region_validation = true` if AWS opened the region recently."
        );
        notes.wrong(part.place(name), "Invalid AWS region", detail);
    }
    Some(region)
}

fn keys(part: &Part<'_>, notes: &mut Notes) -> Option<AccessKeys> {
    let id = notes.text(part, "access_key");
    let secret = notes.text(part, "secret_key");
    let token = notes.text(part, "token").map(Secret::new);
    let unknown = notes.unknown.is_some();
    match (id, secret) {
        (Some(id), Some(secret)) => Some(AccessKeys { id, secret: Secret::new(secret), token }),
        (None, None) => None,
        (id, _) => {
            let (missing, found) =
                if id.is_some() { ("secret_key", "access_key") } else { ("access_key", "secret_key") };
            if !unknown {
                let detail = format!("`{found}` is set and `{missing}` is not. Set both, or neither.");
                notes.wrong(part.place(found), "Incomplete access key", detail);
            }
            None
        }
    }
}

fn files(part: &Part<'_>, name: &str, notes: &mut Notes) -> Vec<PathBuf> {
    notes.texts(part, name).into_iter().flatten().map(PathBuf::from).collect()
}

fn role(part: &Part<'_>, notes: &mut Notes) -> Option<Role> {
    let role = Role {
        external_id: notes.text(part, "external_id"),
        source_identity: notes.text(part, "source_identity"),
        tags: notes.texts_by_name(part, "tags").unwrap_or_default(),
        transitive_tag_keys: notes.texts(part, "transitive_tag_keys").unwrap_or_default(),
        ..session(part, notes)?
    };
    Some(role)
}

fn web_identity(part: &Part<'_>, notes: &mut Notes) -> Option<WebIdentity> {
    let role = session(part, notes)?;
    let token = notes.text(part, "web_identity_token").map(Secret::new).map(WebIdentityToken::Given);
    let file = notes.text(part, "web_identity_token_file").map(PathBuf::from).map(WebIdentityToken::File);
    match (token, file) {
        (Some(_), Some(_)) => {
            let detail =
                "`web_identity_token` and `web_identity_token_file` are both set. Remove one of them.";
            notes.wrong(part.path().clone(), "Conflicting web identity tokens", detail);
            None
        }
        (None, None) => {
            if notes.unknown.is_none() {
                let detail =
                    "Neither `web_identity_token` nor `web_identity_token_file` is set. Set one of them.";
                notes.wrong(part.path().clone(), "Missing web identity token", detail);
            }
            None
        }
        (token, file) => Some(WebIdentity { role, token: token.or(file)? }),
    }
}

/// What both ways of assuming a role have.
fn session(part: &Part<'_>, notes: &mut Notes) -> Option<Role> {
    let arn = notes.parsed::<Arn>(part, "role_arn", "Invalid role ARN");
    if arn.is_none() && notes.unknown.is_none() && !notes.diagnostics.has_errors() {
        let detail = "`role_arn` is not set. Set it to the ARN of the role to assume.";
        notes.wrong(part.place("role_arn"), "Missing role ARN", detail);
    }
    let role = Role {
        arn: arn?.to_string(),
        session_name: notes.text(part, "session_name"),
        duration: session_duration(part, notes),
        policy: notes.text(part, "policy"),
        policy_arns: notes.texts(part, "policy_arns").unwrap_or_default(),
        ..Role::default()
    };
    Some(role)
}

fn session_duration(part: &Part<'_>, notes: &mut Notes) -> Option<Duration> {
    let text = notes.text(part, "duration")?;
    let duration = duration::parse(&text).filter(|duration| SESSION.contains(duration));
    if duration.is_none() {
        let detail =
            format!("`{text}` is not a session's duration. Required is `15m` to `12h`, such as `1h30m`.");
        notes.wrong(part.place("duration"), "Invalid session duration", detail);
    }
    duration
}

fn endpoints(part: &Part<'_>, notes: &mut Notes) -> Endpoints {
    let mut endpoints = Endpoints::default();
    for part in notes.parts(part, "endpoints") {
        endpoints.kms = endpoint(&part, "kms", notes).or(endpoints.kms);
        endpoints.organizations = endpoint(&part, "organizations", notes).or(endpoints.organizations);
        endpoints.sts = endpoint(&part, "sts", notes).or(endpoints.sts);
    }
    endpoints
}

fn endpoint(part: &Part<'_>, name: &str, notes: &mut Notes) -> Option<Url> {
    let text = notes.text(part, name)?;
    let url =
        text.parse::<Url>().ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.is_none() {
        let detail =
            format!("`{text}` is not an address. Required is one such as `https://kms.example.com`.");
        notes.wrong(part.place(name), "Invalid endpoint", detail);
    }
    url
}

fn instance_metadata(part: &Part<'_>, notes: &mut Notes) -> InstanceMetadata {
    let skip = notes.text(part, "skip_metadata_api_check");
    let endpoint = endpoint(part, "ec2_metadata_service_endpoint", notes);
    let mode = notes.text(part, "ec2_metadata_service_endpoint_mode").and_then(|text| {
        let mode = match text.as_str() {
            "IPv4" => Some(AddressFamily::IpV4),
            "IPv6" => Some(AddressFamily::IpV6),
            _ => None,
        };
        if mode.is_none() {
            let detail = format!("`{text}` is neither `IPv4` nor `IPv6`.");
            notes.wrong(part.place("ec2_metadata_service_endpoint_mode"), "Invalid endpoint mode", detail);
        }
        mode
    });
    match skip.as_deref() {
        Some("true") => InstanceMetadata::Off,
        Some("false") | None if endpoint.is_none() && mode.is_none() => InstanceMetadata::Usual,
        Some("false") | None => InstanceMetadata::At { endpoint, mode },
        Some(other) => {
            let detail = format!("`{other}` is neither `\"true\"` nor `\"false\"`.");
            notes.wrong(part.place("skip_metadata_api_check"), "Invalid setting", detail);
            InstanceMetadata::Usual
        }
    }
}

fn retries(part: &Part<'_>, from_environment: &Retries, notes: &mut Notes) -> Retries {
    let attempts = notes.number(part, "max_retries", 1).and_then(|number| u32::try_from(number).ok());
    let budget = notes.number(part, "token_bucket_rate_limiter_capacity", 1);
    let mode = notes.text(part, "retry_mode").and_then(|text| {
        let mode = RetryMode::parse(&text);
        if mode.is_none() {
            let detail = format!("`{text}` is neither `standard` nor `adaptive`.");
            notes.wrong(part.place("retry_mode"), "Invalid retry mode", detail);
        }
        mode
    });
    Retries {
        max_attempts: attempts.unwrap_or(from_environment.max_attempts),
        mode: mode.unwrap_or(from_environment.mode),
        budget: budget.and_then(|number| usize::try_from(number).ok()).or(from_environment.budget),
    }
}

/// An empty text switches a proxy of the environment off.
fn proxies(part: &Part<'_>, settings: &mut ConnectionSettings, notes: &mut Notes) {
    for (name, proxy) in
        [("http_proxy", &mut settings.proxies.http), ("https_proxy", &mut settings.proxies.https)]
    {
        match notes.text_or_empty(part, name) {
            Some(text) if text.is_empty() => *proxy = None,
            Some(text) => *proxy = proxy_address(&text, part.place(name), notes),
            None => {}
        }
    }
    if let Some(exceptions) = notes.text_or_empty(part, "no_proxy") {
        settings.proxies.exceptions = exceptions;
    }
}

/// An address may hold a password, so a wrong one is not repeated.
fn proxy_address(text: &str, path: Path, notes: &mut Notes) -> Option<Url> {
    let url = text.parse::<Url>().ok().filter(Url::has_host);
    if url.is_none() {
        let detail =
            "The proxy's address cannot be read. Required is one such as `http://proxy.example:3128`.";
        notes.wrong(path, "Invalid proxy address", detail);
    }
    url
}

/// The caller is asked for unless neither credentials nor account are wanted.
fn caller_check(part: &Part<'_>, notes: &mut Notes) -> CallerCheck {
    let skip_credentials = notes.flag(part, "skip_credentials_validation").unwrap_or(false);
    let skip_account = notes.flag(part, "skip_requesting_account_id").unwrap_or(false);
    if skip_credentials && skip_account { CallerCheck::Skipped } else { CallerCheck::Asked }
}

/// Arguments of hashicorp/aws that are known here so that they can be declined in words.
fn refuse_unsupported(part: &Part<'_>, notes: &mut Notes) {
    if notes.flag(part, "insecure") == Some(true) {
        let detail = "`insecure` is true, which would let anybody on the way read and change what AWS is told. Remove \
                      it, and name the certificate's authority with `custom_ca_bundle`.";
        notes.wrong(part.place("insecure"), "Certificates are always checked", detail);
    }
    let compliance = notes.text(part, "tag_policy_compliance").filter(|text| text != "disabled");
    if let Some(found) = compliance {
        let detail = format!(
            "`tag_policy_compliance` is `{found}`; only `disabled` is accepted. Require tags with the control \
             `required_tags`."
        );
        notes.wrong(part.place("tag_policy_compliance"), "Tag policies are not consulted", detail);
    }
}

/// The SDK signs for no FIPS endpoint at an address that somebody chose.
fn refuse_own_fips(settings: &ConnectionSettings, environment: &Environment, notes: &mut Notes) {
    let says = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let from_environment =
        says("AWS_USE_FIPS_ENDPOINT").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if !settings.fips.unwrap_or(from_environment) {
        return;
    }
    let Endpoints { kms, organizations, sts } = &settings.endpoints;
    let ignored =
        says("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let named = ENDPOINT_URLS.into_iter().find(|name| !ignored && says(name).is_some());
    let custom =
        if [kms, organizations, sts].into_iter().any(Option::is_some) { Some("endpoints") } else { named };
    if let Some(custom) = custom {
        let detail = format!(
            "`use_fips_endpoint` is true (or `AWS_USE_FIPS_ENDPOINT`), and `{custom}` gives an address. Required is one of \
             them: AWS's FIPS endpoints have addresses of their own. Remove one."
        );
        notes.wrong(
            Path::attribute("use_fips_endpoint"),
            "A FIPS endpoint at an address of your own",
            detail,
        );
    }
}

const ENDPOINT_URLS: [&str; 4] =
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_ORGANIZATIONS", "AWS_ENDPOINT_URL_STS"];

/// What AWS accepts (STS API reference, `AssumeRole`, read 2026-11).
const SESSION: std::ops::RangeInclusive<Duration> = Duration::from_mins(15)..=Duration::from_hours(12);
