fn main() {}
#[test] fn x() { let _ = aws_smithy_http_client::Builder::new().build_http(); let _: Option<aws_sdk_iam::Client> = None; let _: Option<aws_sdk_sts::Client> = None; }
