//! How a command reaches AWS.

use std::env;

use url::Url;

use super::exit::Failure;
use crate::aws::ConnectError;
use crate::aws::Session;
use crate::aws::config::ConnectionSettings;
use crate::aws::config::Endpoints;
use crate::aws::config::Environment;
use crate::aws::connect;
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
    /// An address in place of AWS's own, such as a sandbox's
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<Url>,
}

impl ConnectionArgs {
    /// A session with AWS; says who the caller is, so wrong credentials show here.
    pub(crate) async fn connect(&self) -> Result<Session, Failure> {
        let settings = ConnectionSettings {
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoints: self.endpoints(),
            ..ConnectionSettings::from_environment(&environment())?
        };
        connect(&settings).await.map_err(explained)
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

fn explained(error: ConnectError) -> Failure {
    let advice = match &error {
        ConnectError::NoRegion | ConnectError::InvalidRegion(_) => "set `--region` or `AWS_REGION`",
        ConnectError::Profile(_) => "correct `--profile` or `AWS_PROFILE`",
        ConnectError::CaBundle { .. } => "check `AWS_CA_BUNDLE`",
        ConnectError::Proxy(_) => "check `HTTPS_PROXY` and `NO_PROXY`",
        ConnectError::InstanceMetadata(_) => "check `AWS_EC2_METADATA_SERVICE_ENDPOINT`",
        ConnectError::Caller(_) => {
            "check `--profile`, `--endpoint-url` and the credentials: `aws sts get-caller-identity` asks the same"
        }
    };
    Failure::from(error).advise(advice)
}
