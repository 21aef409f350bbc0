locals {
  perimeter = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnOrganization"
      Effect    = "Deny"
      Principal = "*"
      Action    = "kms:*"
      Resource  = "*"
      Condition = {
        StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }
        BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}

check "resource_control_policy" {
  assert {
    condition     = length(provider::kms::lint_rcp(local.perimeter)) == 0
    error_message = join("\n", provider::kms::lint_rcp(local.perimeter)[*].message)
  }
}
