# Every customer key of the account and region against every control.
data "kms_audit" "account" {}

check "every_key_is_compliant" {
  assert {
    condition     = data.kms_audit.account.compliant == true
    error_message = "Keys of this account break a control."
  }
}
