# By the prefix that the names of the policies begin with. The arguments come back from the tags of the policies. AWS does
# not hold `timeouts`, nor `policies` that `ou_map` does not name: if there are any, the plan that follows adds them to the
# state and changes nothing in AWS. The same goes for arguments that found no room beside your own tags, 48 together.
terraform import kms_org_guardrails.this keyrail-
