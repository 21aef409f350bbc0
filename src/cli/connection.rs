//! How a command reaches AWS.

use std::env;

use url::Url;

use super::exit::Failure;
use crate::aws::ConnectError;
use crate::aws::Session;
use crate::aws::config::ConnectionSettings;
use crate::aws::config::Endpoints;
use crate::aws::config::Environment;
use crate::aws::config::Role;
use crate::aws::connect;
use crate::model::arn::Arn;
use crate::model::region::Region;

/// Which account and region a command speaks to. What is not said comes from
/// where the AWS CLI finds it: the environment and the shared files.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "AWS")]
pub(crate) struct ConnectionArgs {
    /// The region, such as `eu-west-1` [default: what the AWS CLI would use]
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,
    /// The profile of the shared AWS files [default: what the AWS CLI would use]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A role to assume for the calls, such as one of the account that is meant
    #[arg(long, value_name = "ARN", value_parser = role)]
    assume_role: Option<Arn>,
    /// An address in place of AWS's own, such as a sandbox's
    #[arg(long, value_name = "URL", value_parser = address)]
    endpoint_url: Option<Url>,
}

impl ConnectionArgs {
    /// A session with AWS; says who the caller is, so wrong credentials show here.
    pub(crate) async fn connect(&self) -> Result<Session, Failure> {
        let assumed = |arn: &Arn| Role { arn: arn.to_string(), ..Role::default() };
        let around = ConnectionSettings::from_environment(&environment())?;
        let settings = ConnectionSettings {
            region: self.region.clone().or_else(|| around.region.clone()),
            profile: self.profile.clone(),
            endpoints: self.endpoints(),
            roles: self.assume_role.iter().map(assumed).collect(),
            ..around
        };
        connect(&settings).await.map_err(|error| self.explained(error))
    }

    fn explained(&self, error: ConnectError) -> Failure {
        let advice = match (&error, &self.assume_role) {
            (ConnectError::Caller(_), Some(role)) => {
                return Failure::from(error).advise(format!(
                    "check that `{role}` trusts you, and that your policies allow `sts:AssumeRole` on it: `aws sts \
                     get-caller-identity` says who you are without it"
                ));
            }
            (ConnectError::NoRegion | ConnectError::InvalidRegion(_), _) => "set `--region` or `AWS_REGION`",
            (ConnectError::Profile(_), _) => "correct `--profile` or `AWS_PROFILE`",
            (ConnectError::CaBundle { .. }, _) => "check `AWS_CA_BUNDLE`",
            (ConnectError::Proxy(_), _) => "check `HTTPS_PROXY` and `NO_PROXY`",
            (ConnectError::InstanceMetadata(_), _) => "check `AWS_EC2_METADATA_SERVICE_ENDPOINT`",
            (ConnectError::Caller(_), None) => {
                "check `--profile`, `--endpoint-url` and the credentials: `aws sts get-caller-identity` asks the same"
            }
        };
        Failure::from(error).advise(advice)
    }

    fn endpoints(&self) -> Endpoints {
        let endpoint = &self.endpoint_url;
        Endpoints { kms: endpoint.clone(), organizations: endpoint.clone(), sts: endpoint.clone() }
    }
}

/// The variables of this process that are text; AWS's all are.
fn environment() -> Environment {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    env::vars_os().filter_map(text).collect()
}

fn role(text: &str) -> Result<Arn, String> {
    let role = text.parse().ok().filter(|arn: &Arn| {
        arn.service() == "iam" && arn.account().is_some() && arn.resource().starts_with("role/")
    });
    role.ok_or_else(|| {
        "required is the ARN of a role, such as `arn:aws:iam::222222222222:role/auditor`".to_owned()
    })
}

fn address(text: &str) -> Result<Url, String> {
    let address =
        Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    address
        .ok_or_else(|| "required is an address with its scheme, such as `http://127.0.0.1:4577`".to_owned())
}
