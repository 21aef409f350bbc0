//! STS over the SDK.

use async_trait::async_trait;
use aws_config::SdkConfig;
use tokio::sync::OnceCell;

use super::error::Call;
use crate::aws::config::ConnectionSettings;
use crate::aws::{AwsError, CallerIdentity, Sts};
use crate::model::region::Region;

/// The SDK's client, at the settings' STS region and address.
pub(super) fn client(settings: &ConnectionSettings, config: &SdkConfig) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(config);
    if let Some(region) = &settings.sts_region {
        builder = builder.region(aws_sdk_sts::config::Region::new(region.as_str().to_owned()));
    }
    if let Some(endpoint) = &settings.endpoints.sts {
        builder = builder.endpoint_url(endpoint.as_str());
    }
    aws_sdk_sts::Client::from_conf(builder.build())
}

pub(super) struct Client {
    sdk: aws_sdk_sts::Client,
    region: Region,
    /// Credentials of one session belong to one caller.
    caller: OnceCell<CallerIdentity>,
}

impl Client {
    pub(super) fn new(sdk: aws_sdk_sts::Client, region: &Region) -> Self {
        Self { sdk, region: region.clone(), caller: OnceCell::new() }
    }

    async fn ask(&self) -> Result<CallerIdentity, AwsError> {
        let call = Call::new("STS", "GetCallerIdentity").at(None, Some(&self.region));
        let answer =
            self.sdk.get_caller_identity().send().await.map_err(|error| call.clone().failed(&error))?;
        let account = answer.account().ok_or_else(|| call.clone().without("account"))?;
        let arn = answer.arn().ok_or_else(|| call.clone().without("ARN"))?;
        Ok(CallerIdentity {
            account: account.parse().map_err(|error| call.clone().unusable(&error))?,
            arn: arn.parse().map_err(|error| call.unusable(&error))?,
        })
    }
}

#[async_trait]
impl Sts for Client {
    async fn caller_identity(&self) -> Result<CallerIdentity, AwsError> {
        self.caller.get_or_try_init(|| self.ask()).await.cloned()
    }
}
