//! Existing keys come under management by whatever name, and nothing is left
//! to plan.

use keyrail::aws::CreateKey;
use keyrail::model::key::KeySpec;
use keyrail::model::key::KeyUsage;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::ACCOUNT;
use crate::support::Stage;

#[test]
fn a_key_is_imported_by_each_of_its_names_and_the_plan_is_empty() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let protected = key("db", "").replace("deletion_protection = false", "");
    let roles = r#"
  key_administrators = ["arn:aws:iam::111111111111:user/operator"]
  key_users          = ["arn:aws:iam::111111111111:role/terraform"]
"#;
    for protected in [
        protected.clone(),
        protected.replace("tags                = local.tags", &format!("tags = local.tags\n{roles}")),
    ] {
        stage.write("main.tf", &protected);
        stage.apply();
        let seen = stage.state("secure_kms_key.db");
        for attribute in ["id", "arn", "alias_name", "alias_arn"] {
            stage.terraform(&["state", "rm", "secure_kms_key.db"]).succeeded();
            let id = seen[attribute].as_str().unwrap();
            stage.terraform(&["import", "secure_kms_key.db", id]).succeeded();
            stage.settled();
        }
    }
}

#[test]
fn a_key_with_a_policy_somebody_wrote_is_imported_as_it_is() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let policy = r#"
  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "111111111111" }
        Action    = ["kms:*"]
        Resource  = ["*"]
      },
      {
        Sid       = "Mfa"
        Effect    = "Deny"
        Principal = "*"
        Action    = "kms:*"
        Resource  = "*"
        Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = false }, StringEquals = { "aws:PrincipalTag/human" = "yes" } }
      },
    ]
  })
"#;
    stage.write(
        "provider.tf",
        &PROVIDER.replace("provider \"kms\" {\n", "provider \"kms\" {\n  enforcement = \"warn\"\n"),
    );
    stage.write("main.tf", &key("db", policy).replace("deletion_protection = false", ""));
    stage.apply();
    stage.settled();
    stage.terraform(&["state", "rm", "secure_kms_key.db"]).succeeded();
    stage.terraform(&["import", "secure_kms_key.db", "dev/payments/db/encryption"]).succeeded();
    stage.settled();
}

#[test]
fn what_cannot_be_imported_says_why() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    let import = |id: &str| stage.terraform(&["import", "secure_kms_key.db", id]);
    import("alias/aws/s3").says(
        "Error: The import id names no key Found: `alias/aws/s3` is an alias of AWS's own; asking for it would make \
         AWS create the key behind it. Required: a key id, a key ARN, an alias (`alias/app` or `app`) or an alias ARN, \
         optionally with `@region`.",
    );
    import("no/such@cn-north-1").says(
        "Error: The Region is in another partition Found: Region cn-north-1, in the partition `aws-cn`. Required: a \
         Region of `aws`, the partition of the provider's Region eu-west-1;",
    );
    import("no/such").says("Error: Cannot read the key: not found");
    let signing = CreateKey {
        description: String::new(),
        policy: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
        ),
        tags: [].into(),
        spec: KeySpec::EccNistP256,
        usage: KeyUsage::SignVerify,
        multi_region: false,
        bypass_lockout_check: false,
    };
    let made = stage.wait(stage.kms().create_key(&signing)).unwrap();
    import(made.id.as_str()).says(&format!(
        "Error: The key cannot be imported Found: `{}` is a key of spec ECC_NIST_P256 for SIGN_VERIFY. Required: a key \
         of spec SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT.",
        made.id
    ));
}

#[test]
fn a_key_of_another_account_or_another_region_says_where_it_is() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    let seen = stage.state("secure_kms_key.db");
    stage.terraform(&["state", "rm", "secure_kms_key.db"]).succeeded();
    let text = |attribute: &str| seen[attribute].as_str().unwrap().to_owned();
    let import = |id: &str| {
        let said = stage.terraform(&["import", "secure_kms_key.db", id]);
        assert_eq!(said.code, 1, "{}", said.text);
        said
    };
    for arn in ["arn", "alias_arn"].map(|name| text(name).replace(ACCOUNT, "222222222222")) {
        import(&arn).says(&format!(
            "Error: The key is in another account Found: `{arn}` is in account 222222222222, and the provider works in \
             111111111111. Required: a key of account 111111111111, or a provider block with credentials for account \
             222222222222."
        ));
    }
    let twice = format!("{}@us-east-1", text("arn"));
    import(&twice).says(&format!(
        "Error: The key is in another Region Found: `{twice}` is in Region eu-west-1, and Region us-east-1 is asked for. \
         Required: one Region, the key's own."
    ));
    let elsewhere = text("arn").replace("eu-west-1", "us-east-1");
    for (id, named) in [(elsewhere.clone(), elsewhere), (format!("{}@us-east-1", text("id")), text("id"))] {
        import(&id).says("Error: Cannot read the key: not found");
        import(&id).says(&format!(
            "KMS DescribeKey on `{named}` in account 111111111111, region us-east-1: NotFoundException:"
        ));
    }
    stage.terraform(&["import", "secure_kms_key.db", &text("arn")]).succeeded();
    stage.write("main.tf", &key("db", "region = \"us-east-1\""));
    let moved = stage.terraform(&["plan"]);
    assert_eq!(moved.code, 1, "{}", moved.text);
    moved.says(
        "Found: `region` changes from `eu-west-1` to `us-east-1`, which a KMS key cannot do. Required: the same value, \
         because what this key encrypted stays bound to it.",
    );
}

#[test]
fn the_data_source_says_where_a_key_is_that_it_cannot_read() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let arn = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let data =
        |arguments: &str| format!("data \"secure_kms_key\" \"db\" {{\n  provider = kms\n  {arguments}\n}}\n");
    stage.write("main.tf", &data(&format!("key_id = \"{arn}\"")));
    stage.terraform(&["plan"]).says(&format!(
        "Error: The key is in another account with data.secure_kms_key.db, on main.tf line 3, in data \"secure_kms_key\" \
         \"db\": 3: key_id = \"{arn}\" Found: `{arn}` is in account 222222222222, and the provider works in 111111111111. \
         Required: a key of account 111111111111, or a provider block with credentials for account 222222222222."
    ));
    let here = arn.replace("222222222222", ACCOUNT);
    stage.write("main.tf", &data(&format!("key_id = \"{here}\"\n  region = \"us-east-1\"")));
    stage.terraform(&["plan"]).says(&format!(
        "Error: The key is in another Region with data.secure_kms_key.db, on main.tf line 3, in data \"secure_kms_key\" \
         \"db\": 3: key_id = \"{here}\" Found: `{here}` is in Region eu-west-1, and Region us-east-1 is asked for. \
         Required: one Region, the key's own."
    ));
}
