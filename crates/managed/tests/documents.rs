//! The documents that this build carries.

use doorward_directory::Catalogue;
use doorward_policy::document::PolicyType;

/// AWS's documents are policies by our reading of the grammar, every one: one that could not be read would deny
/// everything to whom it is attached to.
#[test]
fn every_document_is_a_policy() {
    let Some(bytes) = doorward_managed::embedded() else {
        eprintln!("left out: this build carries no AWS-managed policies; `cargo xtask managed` derives them");
        return;
    };
    let catalogue = Catalogue::open(bytes).unwrap();
    assert!(catalogue.len() > 1_500, "{}", catalogue.len());
    let mut unreadable = Vec::new();
    for arn in catalogue.after("") {
        let version = catalogue.get(arn).unwrap().default().unwrap();
        if version.document.policy(PolicyType::Managed).is_none() {
            let why = doorward_policy::document::Document::parse(version.document.text(), PolicyType::Managed);
            unreadable.push(format!("{arn}: {}", why.unwrap_err()));
        }
    }
    assert!(unreadable.is_empty(), "{} of {}:\n{}", unreadable.len(), catalogue.len(), unreadable.join("\n"));
}
