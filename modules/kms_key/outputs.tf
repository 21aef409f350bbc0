output "key_id" {
  description = "The id of the key."
  value       = secure_kms_key.this.key_id
}

output "key_arn" {
  description = "The ARN of the key."
  value       = secure_kms_key.this.key_arn
}

output "alias_name" {
  description = "The alias of the key."
  value       = secure_kms_key.this.alias_name
}
