resource "secure_kms_key" "payments" {
  provider = kms

  environment_name = "dev"
  key_team         = "payments"
  key_function     = "db"
  key_purpose      = "encryption"
  description      = "Payment database"

  key_users = ["arn:aws:iam::222222222222:role/developer"]

  # The others come from the provider's default_tags.
  tags = { Environment = "dev" }
}
