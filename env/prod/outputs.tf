output "key_id" {
  description = "The id of the first key."
  value       = module.kms_keys["main"].key_id
}

output "key_arn" {
  description = "The ARN of the first key."
  value       = module.kms_keys["main"].key_arn
}

output "alias_name" {
  description = "The alias of the first key."
  value       = module.kms_keys["main"].alias_name
}

output "keys" {
  description = "Every key by name: id, ARN and alias."
  value       = module.kms_keys
}

output "compliant" {
  description = "Whether every customer key of the account and region is as the controls require; null when some could not be read."
  value       = data.kms_audit.account.compliant
}
