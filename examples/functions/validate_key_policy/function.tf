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

# With the key's account, a partner that may use the key is told from the owner that must be able to change its policy.
output "shared_key_policy" {
  value = provider::kms::validate_key_policy(
    jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "Account"
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::222222222222:root" }
          Action    = "kms:*"
          Resource  = "*"
        },
        {
          Sid       = "Partner"
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::333333333333:root" }
          Action    = ["kms:Decrypt", "kms:Encrypt"]
          Resource  = "*"
        },
      ]
    }),
    "222222222222",
  )
}
