# A key that somebody else made, and whether it is as the controls require.
data "secure_kms_key" "payments" {
  provider = kms
  key_id   = "alias/dev/payments/db/encryption"
}

output "payments_key_arn" {
  value = data.secure_kms_key.payments.key_arn

  precondition {
    condition     = data.secure_kms_key.payments.compliance.compliant
    error_message = "The payments key breaks a control."
  }
}
