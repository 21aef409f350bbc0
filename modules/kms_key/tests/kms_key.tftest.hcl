mock_provider "kms" {}

variables {
  environment_name = "prod"
  key_function     = "db"
  key_team         = "payments"
  key_purpose      = "encryption"
}

run "the_environment_is_tagged" {
  command = plan

  variables {
    tags = { Owner = "Payments Team" }
  }

  assert {
    condition     = secure_kms_key.this.tags == tomap({ Environment = "prod", Owner = "Payments Team" })
    error_message = "The tags are ${jsonencode(secure_kms_key.this.tags)}."
  }
}

run "what_is_not_said_is_strict" {
  command = plan

  assert {
    condition     = secure_kms_key.this.enable_key_rotation && secure_kms_key.this.deletion_protection && secure_kms_key.this.deletion_window_in_days == 30
    error_message = "A key that says nothing is not strict."
  }
}

run "the_key_is_put_out" {
  assert {
    condition     = output.key_id == secure_kms_key.this.key_id && output.key_arn == secure_kms_key.this.key_arn
    error_message = "The outputs do not lead to the key."
  }
}

run "either_name_of_the_description_works" {
  command = plan

  variables {
    key_description = "Payment database"
  }

  assert {
    condition     = secure_kms_key.this.description == "Payment database"
    error_message = "key_description was not used."
  }
}

run "an_alias_stands_for_the_name" {
  command = plan

  variables {
    key_function = null
    key_team     = null
    key_purpose  = null
    alias_name   = "payments-db"
  }

  assert {
    condition     = secure_kms_key.this.alias_name == "payments-db"
    error_message = "alias_name was not used."
  }
}

run "a_key_needs_a_name" {
  command = plan

  variables {
    key_purpose = null
  }

  expect_failures = [var.alias_name]
}

run "an_alias_of_aws_is_refused" {
  command = plan

  variables {
    alias_name = "alias/aws/s3"
  }

  expect_failures = [var.alias_name]
}

run "an_environment_in_capitals_is_refused" {
  command = plan

  variables {
    environment_name = "Production"
  }

  expect_failures = [var.environment_name]
}

run "a_window_that_aws_does_not_know_is_refused" {
  command = plan

  variables {
    deletion_window_in_days = 31
  }

  expect_failures = [var.deletion_window_in_days]
}

run "a_period_that_aws_does_not_know_is_refused" {
  command = plan

  variables {
    rotation_period_in_days = 89
  }

  expect_failures = [var.rotation_period_in_days]
}

run "a_policy_that_is_not_json_is_refused" {
  command = plan

  variables {
    key_policy = "{"
  }

  expect_failures = [var.key_policy]
}

run "two_policies_are_refused" {
  command = plan

  variables {
    key_policy    = "{}"
    custom_policy = "payments.json"
  }

  expect_failures = [var.key_policy]
}

run "two_descriptions_are_refused" {
  command = plan

  variables {
    description     = "one"
    key_description = "two"
  }

  expect_failures = [var.key_description]
}

run "a_tag_that_contradicts_the_environment_is_refused" {
  command = plan

  variables {
    tags = { Environment = "dev" }
  }

  expect_failures = [var.tags]
}

run "a_tag_of_aws_is_refused" {
  command = plan

  variables {
    tags = { "aws:team" = "payments" }
  }

  expect_failures = [var.tags]
}

run "as_many_tags_as_fit_are_taken" {
  command = plan

  variables {
    tags = { for number in range(48) : "Tag${number}" => "x" }
  }

  assert {
    condition     = length(secure_kms_key.this.tags) == 49
    error_message = "There are ${length(secure_kms_key.this.tags)} tags."
  }
}

run "the_environment_counts_once" {
  command = plan

  variables {
    tags = merge({ Environment = "prod" }, { for number in range(48) : "Tag${number}" => "x" })
  }

  assert {
    condition     = length(secure_kms_key.this.tags) == 49
    error_message = "There are ${length(secure_kms_key.this.tags)} tags."
  }
}

run "one_tag_too_many_is_refused" {
  command = plan

  variables {
    tags = { for number in range(49) : "Tag${number}" => "x" }
  }

  expect_failures = [var.tags]
}

run "what_the_provider_asks_for_in_a_refusal_can_be_given" {
  command = plan

  variables {
    region                             = "eu-central-1"
    allow_replacement                  = true
    bypass_policy_lockout_safety_check = true
    restore_if_pending_deletion        = false
    timeouts                           = { create = "90s" }
  }

  assert {
    condition = (
      secure_kms_key.this.region == "eu-central-1"
      && secure_kms_key.this.allow_replacement
      && secure_kms_key.this.bypass_policy_lockout_safety_check
      && !secure_kms_key.this.restore_if_pending_deletion
      && secure_kms_key.this.timeouts.create == "90s"
    )
    error_message = "An argument of the module does not reach the key."
  }
}
