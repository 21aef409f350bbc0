//! `secure_kms_key`, resource and data source, from plan to destroy.

mod aliases;
mod data;
mod drift;
mod faults;
mod import;
mod late_settings;
mod lifecycle;
mod lockout;
mod mock;
mod moto;
mod moved;
mod refusals;
mod region;
mod states;

/// The provider, and what every key of these tests has in common. The operator
/// has no MFA, so the keys' policies exempt it.
pub(crate) const PROVIDER: &str = r#"
terraform {
  required_providers {
    kms = {
      source = "keyrail/kms"
    }
  }
}

provider "kms" {
  controls = {
    mfa = { exempt_principal_arns = ["arn:aws:iam::111111111111:user/operator"] }
  }
}

locals {
  tags = {
    BU             = "Finance"
    BusinessOwner  = "Finance Team"
    TechnicalOwner = "Database Team"
    ProjectManager = "Jane Smith"
    Project        = "Payment System"
    Owner          = "Payments Team"
    Environment    = "dev"
  }
}
"#;

/// A key that satisfies every control; `more` is put into its block.
pub(crate) fn key(name: &str, more: &str) -> String {
    format!(
        r#"
resource "secure_kms_key" "{name}" {{
  provider            = kms
  environment_name    = "dev"
  key_team            = "payments"
  key_function        = "{name}"
  key_purpose         = "encryption"
  deletion_protection = false
  tags                = local.tags
  {more}
}}
"#
    )
}
