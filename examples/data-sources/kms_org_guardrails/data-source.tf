# What is in force on an organizational unit today, and what hangs above it.
data "kms_org_guardrails" "prod" {
  target_id = "ou-ab12-22222222"
}
