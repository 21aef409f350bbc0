locals {
  # What is asked of every key, in every environment, and of `keyrail audit --config`.
  rules = jsondecode(file("${path.module}/../controls.json"))
}

provider "kms" {
  region              = var.region
  allowed_account_ids = var.account_id[*]

  environment        = var.environment_name
  policies_directory = "${path.module}/../../policies/kms"

  dynamic "assume_role" {
    for_each = var.role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = "keyrail-${var.environment_name}"
    }
  }

  controls = local.rules.controls
  waivers  = local.rules.waivers
}

locals {
  main = {
    key_function  = var.key_function
    key_team      = var.key_team
    key_purpose   = var.key_purpose
    description   = var.description
    custom_policy = var.custom_policy
    key_users     = []
  }
}

module "kms_keys" {
  source   = "../../modules/kms_key"
  for_each = merge(var.additional_keys, { main = local.main })

  environment_name        = var.environment_name
  key_function            = each.value.key_function
  key_team                = coalesce(each.value.key_team, var.key_team)
  key_purpose             = each.value.key_purpose
  description             = each.value.description
  custom_policy           = each.value.custom_policy
  key_users               = each.value.key_users
  enable_key_rotation     = var.enable_key_rotation
  deletion_window_in_days = var.deletion_window_in_days
  deletion_protection     = var.deletion_protection
  tags                    = var.tags
}

data "kms_audit" "account" {
  depends_on = [module.kms_keys]
}

check "every_key_is_compliant" {
  assert {
    condition = !anytrue([for finding in data.kms_audit.account.findings : finding.status == "fail"])
    error_message = join("\n", concat(["Keys of this account break a control:"], [
      for finding in data.kms_audit.account.findings :
      "${finding.key_id} ${finding.control_id}: ${finding.detail}" if finding.status == "fail"
    ]))
  }
}

check "every_key_was_readable" {
  assert {
    condition = !anytrue([for finding in data.kms_audit.account.findings : finding.status == "unknown"])
    error_message = join("\n", concat(["The audit could not decide about:"], [
      for finding in data.kms_audit.account.findings :
      "${finding.key_id} ${finding.control_id}: ${finding.detail}" if finding.status == "unknown"
    ]))
  }
}
