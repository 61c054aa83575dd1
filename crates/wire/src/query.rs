//! `awsQuery`: form parameters in, XML out (IAM, STS).

mod decode;
mod encode;

use doorward_shapes::{Error, Service};

pub use decode::decode;
pub use encode::encode;

use crate::xml::Writer;

/// The document that reports an error.
///
/// `service` is absent if the request names none; the document then has no namespace.
pub fn error(service: Option<&Service>, error: &Error, request_id: &str) -> Vec<u8> {
    let mut xml = Writer::new();
    xml.root("ErrorResponse", service.and_then(|service| service.xml_namespace), |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", error.fault());
            xml.text("Code", &error.code);
            xml.text("Message", &error.message);
        });
        xml.text("RequestId", request_id);
    });
    xml.finish()
}
