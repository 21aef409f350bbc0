mock_provider "kms" {}

variables {
  environments = {
    dev  = "ou-ab12-11111111"
    prod = "ou-ab12-22222222"
  }
  ou_map = {
    root = ["key-rotation", "deletion-window"]
    prod = ["environment-boundary"]
  }
}

run "both_kinds_of_policy_unless_one_is_named" {
  command = plan

  assert {
    condition     = kms_org_guardrails.this.ou_map == tomap({ root = ["key-rotation", "deletion-window"], prod = ["environment-boundary"] })
    error_message = "ou_map is not handed on as it is."
  }

  assert {
    condition     = length(kms_org_guardrails.this.policies) == 0
    error_message = "Policies came from nowhere."
  }
}

run "only_the_named_files_are_read" {
  command = plan

  variables {
    policy_type        = "SERVICE_CONTROL_POLICY"
    policies_directory = "tests/policies"
    ou_map             = { root = ["key-rotation", "deny_leaving"] }
  }

  assert {
    condition     = keys(kms_org_guardrails.this.policies) == tolist(["deny_leaving"])
    error_message = "The policies read are ${jsonencode(keys(kms_org_guardrails.this.policies))}."
  }
}

run "an_unknown_target_is_refused" {
  command = plan

  variables {
    ou_map = { staging = ["key-rotation"] }
  }

  expect_failures = [var.ou_map]
}

run "no_target_at_all_is_refused" {
  command = plan

  variables {
    ou_map = {}
  }

  expect_failures = [var.ou_map]
}

run "a_policy_named_twice_is_refused" {
  command = plan

  variables {
    ou_map = { root = ["key-rotation", "key-rotation"] }
  }

  expect_failures = [var.ou_map]
}

run "a_path_of_names_is_not_an_organizational_unit" {
  command = plan

  variables {
    environments = { dev = "/root/dev/*" }
    ou_map       = { root = ["key-rotation"] }
  }

  expect_failures = [var.environments]
}

run "an_environment_called_root_is_refused" {
  command = plan

  variables {
    environments = { root = "ou-ab12-11111111" }
    ou_map       = { root = ["key-rotation"] }
  }

  expect_failures = [var.environments]
}

run "an_unknown_policy_type_is_refused" {
  command = plan

  variables {
    policy_type = "SCP"
  }

  expect_failures = [var.policy_type]
}

run "a_name_is_not_a_principal" {
  command = plan

  variables {
    exempt_principal_arns = ["terraform"]
  }

  expect_failures = [var.exempt_principal_arns]
}
