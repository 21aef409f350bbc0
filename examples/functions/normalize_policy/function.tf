# Two files that say the same have one fingerprint.
output "fingerprint" {
  value = sha256(provider::kms::normalize_policy(jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::222222222222:root"] }
      Action    = ["kms:*"]
      Resource  = "*"
    }
  })))
}
