terraform {
  required_providers {
    kms = {
      source = "keyrail/kms"
    }
  }
}

provider "kms" {
  region = "eu-west-1"

  default_tags {
    tags = {
      BU             = "Finance"
      BusinessOwner  = "Finance Team"
      TechnicalOwner = "Database Team"
      ProjectManager = "Jane Smith"
      Project        = "Payment System"
      Owner          = "Payments Team"
    }
  }

  # What is not said here has a strict default.
  controls = {
    mfa = { exempt_principal_arns = ["arn:aws:iam::*:role/terraform"] }
    environment_boundary = {
      environments = { dev = "ou-ab12-11111111", prod = "ou-ab12-22222222" }
    }
  }

  waivers = [{
    control     = "key-rotation"
    key         = "alias/legacy-hsm"
    reason      = "Rotated by hand until the old system is gone"
    approved_by = "security@example.com"
    expires     = "2099-12-31"
  }]
}
