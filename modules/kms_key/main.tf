resource "secure_kms_key" "this" {
  provider = kms
  region   = var.region

  environment_name = var.environment_name
  key_function     = var.key_function
  key_team         = var.key_team
  key_purpose      = var.key_purpose
  alias_name       = var.alias_name
  description      = try(coalesce(var.description, var.key_description), null)

  custom_policy      = var.custom_policy
  key_policy         = var.key_policy
  key_owners         = var.key_owners
  key_administrators = var.key_administrators
  key_users          = var.key_users
  key_service_users  = var.key_service_users
  allow_iam_policies = var.allow_iam_policies

  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check

  enable_key_rotation     = var.enable_key_rotation
  rotation_period_in_days = var.rotation_period_in_days
  deletion_window_in_days = var.deletion_window_in_days
  deletion_protection     = var.deletion_protection
  on_destroy              = var.on_destroy
  multi_region            = var.multi_region
  is_enabled              = var.is_enabled
  allow_replacement       = var.allow_replacement

  restore_if_pending_deletion = var.restore_if_pending_deletion

  tags = merge({ Environment = var.environment_name }, var.tags)

  dynamic "timeouts" {
    for_each = var.timeouts[*]
    content {
      create = timeouts.value.create
      update = timeouts.value.update
      delete = timeouts.value.delete
    }
  }
}
