# The plan fails, with line and column, if the policy has an error.
output "key_policy" {
  value = provider::kms::validate_key_policy(jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222222222222:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  }))
}
