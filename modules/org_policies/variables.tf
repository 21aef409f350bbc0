variable "ou_map" {
  description = "What hangs where. Keys: `root`, a name from `environments`, or the id of a root, an organizational unit or an account. Values: controls such as `key-rotation`, and names of files in `policies_directory`."
  type        = map(list(string))
  nullable    = false

  validation {
    condition     = length(flatten(values(var.ou_map))) > 0
    error_message = "ou_map names nothing, so no policy would hang anywhere. Name at least one control on one target, such as root."
  }

  validation {
    condition     = alltrue([for names in values(var.ou_map) : length(names) == length(distinct(names))])
    error_message = "A target of ou_map names the same policy twice."
  }

  # The provider's block may name environments too, so a name is for the provider to know. What is meant for an id is not.
  validation {
    condition = alltrue([
      for target in keys(var.ou_map) :
      !can(regex("^(r-|ou-|[0-9]+$)", target)) || contains(keys(var.environments), target)
      || can(regex("^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|[0-9]{12})$", target))
    ])
    error_message = "A key of ou_map is neither a name nor the id of a root (r-ab12), an organizational unit (ou-ab12-11111111) or an account (12 digits)."
  }
}

variable "environments" {
  description = "The place of each environment by its name: the id of an organizational unit or of the root, or its path."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for place in values(var.environments) : can(regex(
        "^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}|o-[0-9a-z]{10,32}/r-[0-9a-z]{4,32}/(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}/)*)$",
        place
      ))
    ])
    error_message = "A value of environments is neither the id of an organizational unit, such as ou-ab12-11111111, nor its path, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/."
  }

  validation {
    condition     = !contains(keys(var.environments), "root")
    error_message = "An environment cannot be called root: in ou_map that is the organisation's root."
  }
}

variable "policy_type" {
  description = "`SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY` to hang one kind only; both kinds when null."
  type        = string
  default     = null

  validation {
    condition     = var.policy_type == null || contains(["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"], coalesce(var.policy_type, "-"))
    error_message = "policy_type is SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY."
  }
}

variable "policies_directory" {
  description = "A folder of your own policies, one JSON file each. Those that `ou_map` names (without `.json`) are attached beside the generated ones."
  type        = string
  default     = null
}

variable "exempt_principal_arns" {
  description = "Principals that the service control policies let pass, as ARNs that may hold `*`: the pipeline, break-glass roles."
  type        = set(string)
  default     = []
  nullable    = false

  # A name of wildcards alone would spare everybody: three letters or digits are the least.
  validation {
    condition = alltrue([
      for arn in var.exempt_principal_arns :
      can(regex("^arn:aws[^:*?]*:iam::([*]|[0-9]{12}):(role|user)/[0-9A-Za-z+=,.@_/*?-]+$", arn))
      && length(replace(replace(arn, "/^[^/]*//", ""), "/[^0-9A-Za-z]/", "")) >= 3
    ])
    error_message = "A value of exempt_principal_arns is not the ARN of a role or user, such as arn:aws:iam::*:role/terraform; `*` may stand for the account and for a part of the name."
  }
}

variable "name_prefix" {
  description = "What the names of the organisation's policies begin with. Two uses of this module need different prefixes."
  type        = string
  default     = "keyrail-"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9A-Za-z_.:/=+@-]{1,64}$", var.name_prefix))
    error_message = "name_prefix takes 1 to 64 letters, digits and `_.:/=+-@`."
  }
}

variable "description" {
  description = "The description of every policy; the provider's own when null."
  type        = string
  default     = null

  validation {
    condition     = var.description == null || try(length(var.description) >= 1 && length(var.description) <= 512, false)
    error_message = "description takes 1 to 512 characters; AWS ignores an empty one when a policy changes."
  }
}

variable "enable_policy_types" {
  description = "Whether the kinds of policy that are needed are switched on in the organisation."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to take the policies away. Switch it off, apply, and only then destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of the organisation's policies, at most 48 with the provider's `default_tags`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 48
    error_message = "tags takes at most 48: AWS allows 50, and two are the provider's own."
  }

  validation {
    condition = alltrue([
      for key, value in var.tags :
      length(key) >= 1 && length(key) <= 128 && !startswith(key, "aws:") && !startswith(key, "keyrail:")
      && try(length(value) <= 256, false)
    ])
    error_message = "A key of tags takes 1 to 128 characters and begins neither with `aws:` nor with `keyrail:`; a value takes at most 256 characters."
  }
}
