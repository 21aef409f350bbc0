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

run "an_environment_that_the_provider_block_names_may_be_a_target" {
  command = plan

  variables {
    ou_map = { staging = ["key-rotation"] }
  }
}

run "what_is_no_id_is_no_target" {
  command = plan

  variables {
    ou_map = { ou-ab12 = ["key-rotation"] }
  }

  expect_failures = [var.ou_map]
}

run "targets_that_carry_nothing_are_refused" {
  command = plan

  variables {
    ou_map = { root = [], prod = [] }
  }

  expect_failures = [var.ou_map]
}

run "an_environment_may_be_a_path_or_the_root" {
  command = plan

  variables {
    environments = {
      dev  = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
      prod = "ou-ab12-22222222"
      all  = "r-ab12"
    }
  }
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

run "a_name_of_wildcards_alone_would_spare_everybody" {
  command = plan

  variables {
    exempt_principal_arns = ["arn:aws:iam::*:role/*a/b*"]
  }

  expect_failures = [var.exempt_principal_arns]
}

run "a_session_is_no_role" {
  command = plan

  variables {
    exempt_principal_arns = ["arn:aws:sts::222222222222:assumed-role/terraform/session"]
  }

  expect_failures = [var.exempt_principal_arns]
}

run "roles_and_users_of_every_partition_may_be_exempt" {
  command = plan

  variables {
    exempt_principal_arns = [
      "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_KmsAdmin_*",
      "arn:aws-us-gov:iam::222222222222:user/ops/alice",
    ]
  }
}

run "a_prefix_that_no_tag_holds_is_refused" {
  command = plan

  variables {
    name_prefix = "key rail"
  }

  expect_failures = [var.name_prefix]
}

run "a_description_that_aws_would_ignore_is_refused" {
  command = plan

  variables {
    description = ""
  }

  expect_failures = [var.description]
}

run "a_description_of_513_characters_is_refused" {
  command = plan

  variables {
    description = join("", [for number in range(513) : "d"])
  }

  expect_failures = [var.description]
}

run "tags_of_our_own_kind_are_refused" {
  command = plan

  variables {
    tags = { "keyrail:owner" = "me" }
  }

  expect_failures = [var.tags]
}

run "more_tags_than_aws_takes_are_refused" {
  command = plan

  variables {
    tags = { for number in range(49) : "key${number}" => "value" }
  }

  expect_failures = [var.tags]
}
