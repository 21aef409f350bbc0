# By the prefix that the names of the policies begin with.
terraform import kms_org_guardrails.this keyrail-
