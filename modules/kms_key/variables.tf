# What the key is for. Together these name it: alias/<environment>/<team>/<function>/<purpose>.

variable "environment_name" {
  description = "The environment the key belongs to, such as `dev` or `prod`. It also becomes the tag `Environment`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,63}$", var.environment_name))
    error_message = "environment_name takes 1 to 64 lower-case letters, digits or hyphens, and begins with a letter or digit."
  }
}

variable "key_function" {
  description = "What the key works for, such as `db` or `storage`. Required unless `alias_name` is set."
  type        = string
  default     = null

  validation {
    condition     = var.key_function == null || can(regex("^[a-z0-9-]{1,64}$", var.key_function))
    error_message = "key_function takes 1 to 64 lower-case letters, digits or hyphens."
  }
}

variable "key_team" {
  description = "The team that answers for the key. Required unless `alias_name` is set."
  type        = string
  default     = null

  validation {
    condition     = var.key_team == null || can(regex("^[a-z0-9-]{1,64}$", var.key_team))
    error_message = "key_team takes 1 to 64 lower-case letters, digits or hyphens."
  }
}

variable "key_purpose" {
  description = "What is done with the key, such as `encryption`. Required unless `alias_name` is set."
  type        = string
  default     = null

  validation {
    condition     = var.key_purpose == null || can(regex("^[a-z0-9-]{1,64}$", var.key_purpose))
    error_message = "key_purpose takes 1 to 64 lower-case letters, digits or hyphens."
  }
}

variable "alias_name" {
  description = "The alias, with or without `alias/` in front. Made of environment, team, function and purpose when null."
  type        = string
  default     = null

  validation {
    condition     = var.alias_name == null || can(regex("^(alias/)?[A-Za-z0-9/_-]{1,250}$", var.alias_name))
    error_message = "alias_name takes up to 250 letters, digits, `/`, `_` or `-`, with or without `alias/` in front."
  }

  validation {
    condition     = var.alias_name == null || !can(regex("^(alias/)?aws/", var.alias_name))
    error_message = "Aliases that begin with `alias/aws/` belong to AWS."
  }

  validation {
    condition     = var.alias_name != null || alltrue([for part in [var.key_function, var.key_team, var.key_purpose] : part != null])
    error_message = "A key needs a name: set key_function, key_team and key_purpose, or set alias_name."
  }
}

variable "description" {
  description = "What the key protects, for people who meet it in the console."
  type        = string
  default     = null

  validation {
    condition     = length(coalesce(var.description, " ")) <= 8192
    error_message = "AWS takes at most 8,192 characters of description."
  }
}

variable "key_description" {
  description = "Another name for `description`. Set one of the two."
  type        = string
  default     = null

  validation {
    condition     = var.key_description == null || var.description == null
    error_message = "description and key_description are the same thing; set one of them."
  }
}

# Who may do what with it.

variable "custom_policy" {
  description = "The file that holds the key policy: a path, or a name within the provider's `policies_directory`. The policy is generated when neither this nor `key_policy` is set."
  type        = string
  default     = null
}

variable "key_policy" {
  description = "The key policy as JSON text. The policy is generated when neither this nor `custom_policy` is set."
  type        = string
  default     = null

  validation {
    condition     = var.key_policy == null || can(jsondecode(var.key_policy))
    error_message = "key_policy is not JSON."
  }

  validation {
    condition     = var.key_policy == null || var.custom_policy == null
    error_message = "key_policy and custom_policy both give the whole key policy; set one of them."
  }
}

variable "key_owners" {
  description = "ARNs of the principals that may read and change the key policy, and nothing else. They could change it so that they may do more."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "key_administrators" {
  description = "ARNs of the principals that may manage the key and may not use it."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "key_users" {
  description = "ARNs of the principals that may encrypt and decrypt with the key."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "key_service_users" {
  description = "ARNs of the principals that may use the key, also through AWS services that act for them."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "allow_iam_policies" {
  description = "Whether IAM policies of the account may give access to the key, beside the key policy."
  type        = bool
  default     = null
}

variable "bypass_policy_lockout_safety_check" {
  description = "Whether a key policy is accepted that takes the caller's own control over the key away."
  type        = bool
  default     = false
  nullable    = false
}

# How it lives and ends.

variable "region" {
  description = "The region of the key; the provider's when null. A change needs another key."
  type        = string
  default     = null
}

variable "enable_key_rotation" {
  description = "Whether AWS makes new key material regularly."
  type        = bool
  default     = true
}

variable "rotation_period_in_days" {
  description = "Days between rotations, 90 to 2560. The provider's default (365) when null."
  type        = number
  default     = null

  validation {
    condition     = try(var.rotation_period_in_days >= 90 && var.rotation_period_in_days <= 2560, var.rotation_period_in_days == null)
    error_message = "AWS rotates every 90 to 2560 days; rotation_period_in_days is outside of that."
  }
}

variable "deletion_window_in_days" {
  description = "Days between the destruction of this resource and the loss of the key, 7 to 30. The control `deletion-window` asks for 30 unless the provider is told otherwise."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30
    error_message = "AWS waits 7 to 30 days before it deletes a key; deletion_window_in_days is outside of that."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy the key. Switch it off, apply, and only then destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "on_destroy" {
  description = "What destroying does: `schedule_deletion`, `disable` (the key and its alias stay), or `retain` (the key stays as it is, but for the provider's own tag)."
  type        = string
  default     = "schedule_deletion"
  nullable    = false

  validation {
    condition     = contains(["schedule_deletion", "disable", "retain"], var.on_destroy)
    error_message = "on_destroy is schedule_deletion, disable or retain."
  }
}

variable "multi_region" {
  description = "Whether the key can be replicated to other Regions. A change needs another key."
  type        = bool
  default     = false
  nullable    = false
}

variable "is_enabled" {
  description = "Whether the key can be used."
  type        = bool
  default     = true
  nullable    = false
}

variable "allow_replacement" {
  description = "Whether a change that needs another key may replace it. What the old key encrypted is then readable only until the old key is deleted."
  type        = bool
  default     = false
  nullable    = false
}

variable "restore_if_pending_deletion" {
  description = "Whether a deletion that somebody else scheduled is planned to be taken back."
  type        = bool
  default     = true
  nullable    = false
}

variable "timeouts" {
  description = "How long operations may wait for AWS, such as `90s` for `create`. The provider's defaults (5m, 5m and 2m) when null."
  type = object({
    create = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null
}

variable "tags" {
  description = "The key's tags. `Environment` is added from `environment_name`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = lookup(var.tags, "Environment", var.environment_name) == var.environment_name
    error_message = "The tag Environment contradicts environment_name; leave the tag out or make them equal."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "Tags whose keys begin with `aws:` belong to AWS."
  }

  validation {
    condition     = length(setunion(keys(var.tags), ["Environment"])) <= 49
    error_message = "A key takes at most 49 tags, Environment among them: AWS allows 50, and one of them is the provider's."
  }
}
