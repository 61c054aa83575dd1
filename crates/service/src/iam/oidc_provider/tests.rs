use super::issuer;

const NO_URL: &str = "Invalid Open ID Connect Provider URL";
const NOT_HTTPS: &str = "Invalid Open ID Connect Provider URL. The URL must begin with https://.";
const REFUSED: &str = "Invalid Open ID Connect Provider URL.";

fn check(url: &str, expect: Result<&str, &str>) {
    assert_eq!(issuer(url).map_err(|error| error.message), expect.map_err(str::to_owned), "{url}");
}

#[test]
fn an_issuer_is_kept_as_it_is_given() {
    for url in [
        "https://server.example.com",
        "https://server.example.com/",
        "https://Server.Example.com/Tenant/v2.0",
        "https://oidc.eks.us-east-1.amazonaws.com/id/ABC",
        "https://example.com/a%20b/~c;d=(e)@f:g",
        "https://example.com/.../a..b",
        "https://localhost",
    ] {
        check(url, Ok(url.strip_prefix("https://").unwrap()));
    }
}

#[test]
fn what_is_no_https_url_is_refused() {
    for url in ["", "example.com", "https:example.com", "https:/example.com"] {
        check(url, Err(NO_URL));
    }
    for url in ["http://example.com", "HTTPS://example.com", "ftp://example.com", "://example.com", " https://a.com"] {
        check(url, Err(NOT_HTTPS));
    }
}

#[test]
fn d06_no_issuer_names_one_place_and_means_another() {
    for url in [
        "https://",
        "https:///path",
        "https://example.com:8443",
        "https://example.com:443/a",
        "https://example.com?a=b",
        "https://example.com/a?b",
        "https://example.com#a",
        "https://example.com/a#b",
        "https://user@example.com",
        "https://user:secret@example.com",
        "https://example.com\\@evil.example",
        "https://example..com",
        "https://.example.com",
        "https://example.com.",
        "https://-example.com",
        "https://exa mple.com",
        "https://exämple.com",
        "https://[::1]",
        "https://example.com/*",
        "https://*.example.com",
        "https://example.com/${aws:username}",
        "https://example.com/a b",
        "https://example.com/%",
        "https://example.com/%2",
        "https://example.com/%zz",
        "https://example.com/a/../b",
        "https://example.com/./b",
        "https://example.com/%2e%2E/b",
        "https://example.com/.%2e",
        "https://example.com/ä",
        "https://example.com/\u{0}",
    ] {
        check(url, Err(REFUSED));
    }
}
