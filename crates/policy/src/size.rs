//! Counting and checking a document's characters, apart from its meaning.

#[cfg(test)]
mod tests;

/// The size that IAM's quotas count: the characters of the text without the white space between its tokens (User Guide,
/// "IAM and AWS STS quotas"). White space inside string literals counts.
///
/// Works on any text; what is not JSON is simply counted.
pub fn counted_size(text: &str) -> usize {
    let (mut size, mut in_string, mut escaped) = (0usize, false, false);
    for character in text.chars() {
        let white_space = matches!(character, '\t' | '\n' | '\r' | ' ');
        if in_string || !white_space {
            size = size.saturating_add(1);
        }
        let quote = character == '"' && !escaped;
        escaped = in_string && character == '\\' && !escaped;
        in_string ^= quote;
    }
    size
}

/// Checks the characters allowed in a policy document parameter: tab, line feed, carriage return, and U+0020 to U+00FF.
///
/// # Errors
/// AWS's message of a `ValidationError`, naming `field` as the API does (`policyDocument`).
pub fn check_characters(text: &str, field: &str) -> Result<(), String> {
    if text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')) {
        return Ok(());
    }
    Err(format!("The specified value for {field} is invalid. It must contain only printable ASCII characters."))
}
