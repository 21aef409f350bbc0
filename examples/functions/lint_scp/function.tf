locals {
  rotation_stays_on = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RotationStaysOn"
      Effect    = "Deny"
      Action    = "kms:DisableKeyRotation"
      Resource  = "*"
      Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/break-glass" } }
    }]
  })
}

check "service_control_policy" {
  assert {
    condition     = length(provider::kms::lint_scp(local.rotation_stays_on)) == 0
    error_message = join("\n", provider::kms::lint_scp(local.rotation_stays_on)[*].message)
  }
}
