//! AWS's names as Rust's names.

/// `OpenIDConnectProviderArn` → `open_id_connect_provider_arn`, `RootIDs` → `root_ids`.
pub fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let upper = |index: usize| characters.get(index).is_some_and(char::is_ascii_uppercase);
    let lower = |index: usize| characters.get(index).is_some_and(char::is_ascii_lowercase);
    // The `s` of `IDs` and `ARNs` belongs to the capitals before it.
    let plural = |index: usize| {
        characters.get(index) == Some(&'s') && index >= 2 && upper(index - 1) && upper(index - 2) && !lower(index + 1)
    };
    let mut snake = String::new();
    for (index, character) in characters.iter().enumerate() {
        let word_starts = index > 0
            && upper(index)
            && (!upper(index - 1) || (lower(index + 1) && !plural(index + 1)))
            && !snake.ends_with('_');
        if word_starts {
            snake.push('_');
        }
        snake.push(if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' });
    }
    snake
}

/// Name of a struct member or function.
pub fn field(name: &str) -> String {
    const KEYWORDS: &[&str] = &["enum", "match", "mod", "ref", "type", "use", "where", "loop", "return", "static"];
    let snake = snake(name);
    if KEYWORDS.contains(&snake.as_str()) { format!("r#{snake}") } else { snake }
}

/// Name of a static.
pub fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// Name of a struct or enum: AWS's own, with a capital.
pub fn type_name(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// Name of an enum's variant: `aws-managed` → `AwsManaged`, `RSA_2048` → `Rsa2048`, `text/csv` → `TextCsv`.
pub fn variant(value: &str) -> String {
    let mut variant = String::new();
    for word in value.split(|character: char| !character.is_ascii_alphanumeric()) {
        // A word in capitals only is not yet camel case.
        let shouted = !word.chars().any(|character| character.is_ascii_lowercase());
        let rest = word.get(1..).unwrap_or_default();
        variant += &type_name(word.get(..1).unwrap_or_default());
        variant += &if shouted { rest.to_ascii_lowercase() } else { rest.to_owned() };
    }
    if variant.starts_with(|first: char| first.is_ascii_digit()) { format!("V{variant}") } else { variant }
}

#[cfg(test)]
mod tests {
    #[test]
    fn members_are_snake_case() {
        for (name, expected) in [
            ("UserName", "user_name"),
            ("isTruncated", "is_truncated"),
            ("SAMLProviderArn", "saml_provider_arn"),
            ("OpenIDConnectProviderArn", "open_id_connect_provider_arn"),
            ("ClientIDList", "client_id_list"),
            ("MFADevices", "mfa_devices"),
            ("VirtualMFADeviceName", "virtual_mfa_device_name"),
            ("QRCodePNG", "qr_code_png"),
            ("Base32StringSeed", "base32_string_seed"),
            ("AuthenticationCode1", "authentication_code1"),
            ("RootIDs", "root_ids"),
            ("PolicyARNs", "policy_arns"),
            ("IDsOfRoots", "ids_of_roots"),
            ("error_description", "error_description"),
            ("Type", "r#type"),
        ] {
            assert_eq!(super::field(name), expected);
        }
        assert_eq!(super::constant("policyDocumentType"), "POLICY_DOCUMENT_TYPE");
        assert_eq!(super::type_name("statusType"), "StatusType");
    }

    #[test]
    fn variants_are_camel_case() {
        for (value, expected) in [
            ("Active", "Active"),
            ("aws-managed", "AwsManaged"),
            ("IN_PROGRESS", "InProgress"),
            ("text/csv", "TextCsv"),
            ("AWS::S3::Bucket", "AwsS3Bucket"),
            ("v1Token", "V1Token"),
            ("0", "V0"),
        ] {
            assert_eq!(super::variant(value), expected);
        }
    }
}
