use super::*;

/// A key made with `ssh-keygen`, which also says what its fingerprint and its other forms are.
const SSH: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCwizvwAJMJ/6ej+PyH1Qid5roOZRpSiW6eEeHnqkPK9ZJWO8TP3QYeXqk/Y1goCJJbQrCaM0W9Zj0nn8eFJvX1nHCuEmA9Ex5z6N2hwWZOF3a4ejJSVyPipv1LvNEO8ohJO4NvwImPyyqePznUaVpES31ZdO2yoDaNNuBCXe9x2mXSvL5cQI/SK0bfAnb2742xMzwcAid7UxdFn8L3Pcr2q6S61ZBduVMipLmH5SZRf6cOyrhq7uRWCwHkd8kr0XkFU6jO7VURa5Coc/11XMbgQ00WX0u1miYRRBSAtWe6yDOYHpTVrFVa1VNOFjx4FFSsaNtGppsgFLynZXpAjaP1 alice@example.com";
const FINGERPRINT: &str = "85:cd:69:c9:5e:10:21:1a:a6:02:40:6e:de:e4:84:05";
const SPKI: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsIs78ACTCf+no/j8h9UI
nea6DmUaUolunhHh56pDyvWSVjvEz90GHl6pP2NYKAiSW0KwmjNFvWY9J5/HhSb1
9ZxwrhJgPRMec+jdocFmThd2uHoyUlcj4qb9S7zRDvKISTuDb8CJj8sqnj851Gla
REt9WXTtsqA2jTbgQl3vcdpl0ry+XECP0itG3wJ29u+NsTM8HAIne1MXRZ/C9z3K
9qukutWQXblTIqS5h+UmUX+nDsq4au7kVgsB5HfJK9F5BVOozu1VEWuQqHP9dVzG
4ENNFl9LtZomEUQUgLVnusgzmB6U1axVWtVTThY8eBRUrGjbRqabIBS8p2V6QI2j
9QIDAQAB
-----END PUBLIC KEY-----";
const PKCS1: &str = "-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAsIs78ACTCf+no/j8h9UInea6DmUaUolunhHh56pDyvWSVjvEz90G
Hl6pP2NYKAiSW0KwmjNFvWY9J5/HhSb19ZxwrhJgPRMec+jdocFmThd2uHoyUlcj
4qb9S7zRDvKISTuDb8CJj8sqnj851GlaREt9WXTtsqA2jTbgQl3vcdpl0ry+XECP
0itG3wJ29u+NsTM8HAIne1MXRZ/C9z3K9qukutWQXblTIqS5h+UmUX+nDsq4au7k
VgsB5HfJK9F5BVOozu1VEWuQqHP9dVzG4ENNFl9LtZomEUQUgLVnusgzmB6U1axV
WtVTThY8eBRUrGjbRqabIBS8p2V6QI2j9QIDAQAB
-----END RSA PUBLIC KEY-----";
/// 1,024 bits.
const SMALL: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDBKWy8NnaaMjQZT+KBNQoCf2AcLu0/z23h6y5oXKRBDkPde0hPer/oL8HLctcCRORgPhP5n+g9AR4Ew0VGW0ZZFyhYfAsN66oigv++CJBBqGRV0ES3TmYlkmgboIgr/neCn14Rmwamje6d5Xtrg+LDemmFbX/SkA9INP7iGYWd7Q==";
const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH/NlEMl47QrTqCVrx2I1zgYsFBU2Ao/WTB7vgzZNwDP bob";

fn blob() -> &'static str {
    SSH.split(' ').nth(1).unwrap()
}

fn check(text: &str, comment: &str) {
    let (key, found) = parse(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
    assert_eq!(key.blob(), blob(), "{text}");
    assert_eq!(key.fingerprint(), FINGERPRINT, "{text}");
    assert_eq!(key.pem().as_deref(), Some(SPKI), "{text}");
    assert_eq!(found, comment, "{text}");
}

fn refused(what: &str, text: &str, code: &str) {
    let answered = parse(text).map(|_| ()).err().map(|error| error.code.to_string());
    assert_eq!(answered.as_deref(), Some(code), "{what}: {text}");
}

#[test]
fn one_key_in_all_its_forms() {
    check(SSH, "alice@example.com");
    check(&format!("  {SSH}\r\n"), "alice@example.com");
    check(&format!("ssh-rsa {}", blob()), "");
    check(&format!("ssh-rsa  {} a b", blob()), "a b");
    check(SPKI, "");
    check(PKCS1, "");
    check(&SPKI.replace('\n', "\r\n"), "");
}

#[test]
fn what_is_in_another_form_is_not_recognized() {
    for (what, text) in [
        ("another algorithm", ED25519),
        ("options", &format!("no-pty {SSH}")),
        ("no algorithm", blob()),
        ("a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        ("a private key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        ("RFC 4716", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----"),
        ("text", "key"),
        ("nothing", ""),
        ("white space", " \n"),
    ] {
        refused(what, text, "UnrecognizedPublicKeyEncoding");
    }
}

#[test]
fn what_is_no_good_key_is_invalid() {
    let swapped = format!("{}\n{}", SPKI, SPKI);
    let mixed = SPKI.replace("END PUBLIC KEY", "END RSA PUBLIC KEY");
    for (what, text) in [
        ("1,024 bits", SMALL.to_owned()),
        ("no base 64", "ssh-rsa !!!".to_owned()),
        ("nothing", "ssh-rsa  ".to_owned() + "x"),
        ("two keys", format!("{SSH}\n{SSH}")),
        ("two blocks", swapped),
        ("another end", mixed),
        ("text behind", format!("{SPKI}\nx")),
        ("a block cut off", SPKI.lines().take(4).collect::<Vec<_>>().join("\n")),
        ("a block of another key", format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", blob())),
        ("padded exponent", "ssh-rsa AAAAB3NzaC1yc2EAAAAEAAEAAQAAAQEAsIs78ACTCf+no/j8h9UInea6DmUaUolunhHh56pDyvWSVjvEz90GHl6pP2NYKAiSW0KwmjNFvWY9J5/HhSb19ZxwrhJgPRMec+jdocFmThd2uHoyUlcj4qb9S7zRDvKISTuDb8CJj8sqnj851GlaREt9WXTtsqA2jTbgQl3vcdpl0ry+XECP0itG3wJ29u+NsTM8HAIne1MXRZ/C9z3K9qukutWQXblTIqS5h+UmUX+nDsq4au7kVgsB5HfJK9F5BVOozu1VEWuQqHP9dVzG4ENNFl9LtZomEUQUgLVnusgzmB6U1axVWtVTThY8eBRUrGjbRqabIBS8p2V6QI2j9Q==".to_owned()),
        ("negative modulus", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABALCLO/AAkwn/p6P4/IfVCJ3mug5lGlKJbp4R4eeqQ8r1klY7xM/dBh5eqT9jWCgIkltCsJozRb1mPSefx4Um9fWccK4SYD0THnPo3aHBZk4Xdrh6MlJXI+Km/Uu80Q7yiEk7g2/AiY/LKp4/OdRpWkRLfVl07bKgNo024EJd73HaZdK8vlxAj9IrRt8CdvbvjbEzPBwCJ3tTF0Wfwvc9yvarpLrVkF25UyKkuYflJlF/pw7KuGru5FYLAeR3ySvReQVTqM7tVRFrkKhz/XVcxuBDTRZfS7WaJhFEFIC1Z7rIM5gelNWsVVrVU04WPHgUVKxo20ammyAUvKdlekCNo/U=".to_owned()),
        ("more behind", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCwizvwAJMJ/6ej+PyH1Qid5roOZRpSiW6eEeHnqkPK9ZJWO8TP3QYeXqk/Y1goCJJbQrCaM0W9Zj0nn8eFJvX1nHCuEmA9Ex5z6N2hwWZOF3a4ejJSVyPipv1LvNEO8ohJO4NvwImPyyqePznUaVpES31ZdO2yoDaNNuBCXe9x2mXSvL5cQI/SK0bfAnb2742xMzwcAid7UxdFn8L3Pcr2q6S61ZBduVMipLmH5SZRf6cOyrhq7uRWCwHkd8kr0XkFU6jO7VURa5Coc/11XMbgQ00WX0u1miYRRBSAtWe6yDOYHpTVrFVa1VNOFjx4FFSsaNtGppsgFLynZXpAjaP1eA==".to_owned()),
        ("cut", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCwizvwAJMJ/6ej+PyH1Qid5roOZRpSiW6eEeHnqkPK9ZJWO8TP3QYeXqk/Y1goCJJbQrCaM0W9Zj0nn8eFJvX1nHCuEmA9Ex5z6N2hwWZOF3a4ejJSVyPipv1LvNEO8ohJO4NvwImPyyqePznUaVpES31ZdO2yoDaNNuBCXe9x2mXSvL5cQI/SK0bfAnb2742xMzwcAid7UxdFn8L3Pcr2q6S61ZBduVMipLmH5SZRf6cOyrhq7uRWCwHkd8kr0XkFU6jO7VURa5Coc/11XMbgQ00WX0u1miYRRBSAtWe6yDOYHpTVrFVa1VNOFjx4FFSsaNtGppsgFLynZXpAjaM=".to_owned()),
        ("other algorithm within", "ssh-rsa AAAAB3NzaC1kc3MAAAADAQABAAABAQCwizvwAJMJ/6ej+PyH1Qid5roOZRpSiW6eEeHnqkPK9ZJWO8TP3QYeXqk/Y1goCJJbQrCaM0W9Zj0nn8eFJvX1nHCuEmA9Ex5z6N2hwWZOF3a4ejJSVyPipv1LvNEO8ohJO4NvwImPyyqePznUaVpES31ZdO2yoDaNNuBCXe9x2mXSvL5cQI/SK0bfAnb2742xMzwcAid7UxdFn8L3Pcr2q6S61ZBduVMipLmH5SZRf6cOyrhq7uRWCwHkd8kr0XkFU6jO7VURa5Coc/11XMbgQ00WX0u1miYRRBSAtWe6yDOYHpTVrFVa1VNOFjx4FFSsaNtGppsgFLynZXpAjaP1".to_owned()),
        ("even exponent", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQACAAABAQCwizvwAJMJ/6ej+PyH1Qid5roOZRpSiW6eEeHnqkPK9ZJWO8TP3QYeXqk/Y1goCJJbQrCaM0W9Zj0nn8eFJvX1nHCuEmA9Ex5z6N2hwWZOF3a4ejJSVyPipv1LvNEO8ohJO4NvwImPyyqePznUaVpES31ZdO2yoDaNNuBCXe9x2mXSvL5cQI/SK0bfAnb2742xMzwcAid7UxdFn8L3Pcr2q6S61ZBduVMipLmH5SZRf6cOyrhq7uRWCwHkd8kr0XkFU6jO7VURa5Coc/11XMbgQ00WX0u1miYRRBSAtWe6yDOYHpTVrFVa1VNOFjx4FFSsaNtGppsgFLynZXpAjaP1".to_owned()),
        ("exponent one", "ssh-rsa AAAAB3NzaC1yc2EAAAABAQAAAQEAsIs78ACTCf+no/j8h9UInea6DmUaUolunhHh56pDyvWSVjvEz90GHl6pP2NYKAiSW0KwmjNFvWY9J5/HhSb19ZxwrhJgPRMec+jdocFmThd2uHoyUlcj4qb9S7zRDvKISTuDb8CJj8sqnj851GlaREt9WXTtsqA2jTbgQl3vcdpl0ry+XECP0itG3wJ29u+NsTM8HAIne1MXRZ/C9z3K9qukutWQXblTIqS5h+UmUX+nDsq4au7kVgsB5HfJK9F5BVOozu1VEWuQqHP9dVzG4ENNFl9LtZomEUQUgLVnusgzmB6U1axVWtVTThY8eBRUrGjbRqabIBS8p2V6QI2j9Q==".to_owned()),
        ("zero modulus", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAA==".to_owned()),
        ("huge length", "ssh-rsa AAAAB3NzaC1yc2H/////".to_owned()),
    ] {
        refused(what, &text, "InvalidPublicKey");
    }
}

/// Whatever byte of the key is changed: it is refused, or it is another key with its own fingerprint.
#[test]
fn no_two_texts_are_one_key() {
    let bytes = BASE64.decode(blob().as_bytes()).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Some(key) = RsaKey::from_blob(&BASE64.encode(&changed)) {
            assert_ne!(key.fingerprint(), FINGERPRINT);
            assert_eq!(key.bytes(), changed);
        }
    }
}
