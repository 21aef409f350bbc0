# Five keys, each of which breaks one control and is otherwise in order. `terraform plan` refuses all five.

terraform {
  required_providers {
    kms = {
      source = "keyrail/kms"
    }
  }
}

provider "kms" {
  region = "eu-west-1"

  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/terraform"
  }

  controls = {
    mfa = { exempt_principal_arns = ["arn:aws:iam::*:role/terraform"] }
    environment_boundary = {
      environments    = { dev = "ou-ab12-11111111", prod = "ou-ab12-22222222" }
      organization_id = "o-a1b2c3d4e5"
    }
  }
}

locals {
  tags = {
    Environment    = "dev"
    BU             = "Finance"
    BusinessOwner  = "Finance Team"
    TechnicalOwner = "Database Team"
    ProjectManager = "Jane Smith"
    Project        = "Payment System"
    Owner          = "Payments Team"
  }

  # The account may do everything, and IAM policies say who in it.
  account = {
    Sid       = "Account"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::222222222222:root" }
    Action    = "kms:*"
    Resource  = "*"
  }
}

# Never rotates.
resource "secure_kms_key" "without_rotation" {
  provider = kms

  environment_name    = "dev"
  alias_name          = "refused/rotation"
  enable_key_rotation = false
  tags                = local.tags
}

# Would be gone a week after `terraform destroy`.
resource "secure_kms_key" "gone_in_a_week" {
  provider = kms

  environment_name        = "dev"
  alias_name              = "refused/deletion"
  deletion_window_in_days = 7
  tags                    = local.tags
}

# Nobody answers for it.
resource "secure_kms_key" "without_owner" {
  provider = kms

  environment_name = "dev"
  alias_name       = "refused/tags"
  tags             = { for key, value in local.tags : key => value if key != "Owner" }
}

# Its policy lets anybody of the account delete it without a second factor.
resource "secure_kms_key" "without_second_factor" {
  provider = kms

  environment_name = "dev"
  alias_name       = "refused/mfa"
  tags             = local.tags

  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.account, {
      Sid       = "OnlyFromDev"
      Effect    = "Deny"
      Principal = "*"
      Action    = "kms:*"
      Resource  = "*"
      Condition = {
        "ForAllValues:StringNotLike" = { "aws:PrincipalOrgPaths" = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*" }
        BoolIfExists                 = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}

# Its policy does not keep other environments out.
resource "secure_kms_key" "without_boundary" {
  provider = kms

  environment_name = "dev"
  alias_name       = "refused/boundary"
  tags             = local.tags

  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.account, {
      Sid       = "SecondFactor"
      Effect    = "Deny"
      Principal = "*"
      Action = [
        "kms:CreateGrant", "kms:DeleteAlias", "kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:DisableKeyRotation",
        "kms:ImportKeyMaterial", "kms:PutKeyPolicy", "kms:ReplicateKey", "kms:RevokeGrant", "kms:ScheduleKeyDeletion",
        "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdatePrimaryRegion",
      ]
      Resource = "*"
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }
        ArnNotLike   = { "aws:PrincipalArn" = "arn:aws:iam::*:role/terraform" }
      }
    }]
  })
}
