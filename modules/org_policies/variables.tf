variable "ou_map" {
  description = "What hangs where. Keys: `root`, a name from `environments`, or the id of a root, an organizational unit or an account. Values: controls such as `key-rotation`, and names of files in `policies_directory`."
  type        = map(list(string))
  nullable    = false

  validation {
    condition     = length(var.ou_map) > 0
    error_message = "ou_map is empty, so no policy would hang anywhere. Name at least one target, such as root."
  }

  validation {
    condition     = alltrue([for names in values(var.ou_map) : length(names) == length(distinct(names))])
    error_message = "A target of ou_map names the same policy twice."
  }

  validation {
    condition = alltrue([
      for target in keys(var.ou_map) :
      target == "root" || contains(keys(var.environments), target)
      || can(regex("^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|[0-9]{12})$", target))
    ])
    error_message = "A key of ou_map is neither root, nor a name from environments, nor the id of a root (r-ab12), an organizational unit (ou-ab12-11111111) or an account (12 digits)."
  }
}

variable "environments" {
  description = "The organizational unit of each environment, by the environment's name."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.environments) : can(regex("^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$", id))])
    error_message = "A value of environments is not the id of an organizational unit, such as ou-ab12-11111111."
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

  validation {
    condition     = alltrue([for arn in var.exempt_principal_arns : can(regex("^arn:[^:]+:(iam|sts)::[^:]*:.+$", arn))])
    error_message = "A value of exempt_principal_arns is not the ARN of a principal, such as arn:aws:iam::*:role/terraform."
  }
}

variable "name_prefix" {
  description = "What the names of the organisation's policies begin with. Two uses of this module need different prefixes."
  type        = string
  default     = "keyrail-"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name_prefix))
    error_message = "name_prefix takes 1 to 64 letters, digits, `_` or `-`."
  }
}

variable "description" {
  description = "The description of every policy; the provider's own when null."
  type        = string
  default     = null

  validation {
    condition     = length(coalesce(var.description, " ")) <= 512
    error_message = "AWS takes at most 512 characters of description."
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
  description = "Tags of the organisation's policies."
  type        = map(string)
  default     = {}
  nullable    = false
}
