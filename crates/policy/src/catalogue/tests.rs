use super::*;

/// A catalogue of the given services alone.
pub(crate) struct Few(pub(crate) Vec<Service>);

impl Catalogue for Few {
    fn prefixes(&self) -> Vec<&str> {
        self.0.iter().map(|service| service.prefix.as_str()).collect()
    }

    fn service(&self, prefix: &str) -> Option<&Service> {
        self.0.iter().find(|service| service.prefix == prefix)
    }

    fn services_with_keys(&self, vendor: &str) -> Vec<&Service> {
        self.service(vendor).into_iter().collect()
    }

    fn services_with_arns(&self, service: &str) -> Vec<&Service> {
        self.service(service).into_iter().collect()
    }

    fn global_keys(&self) -> &[ConditionKey] {
        &[]
    }
}

fn action(name: &str) -> Action {
    Action {
        name: name.to_owned(),
        access_level: AccessLevel::Write,
        resource_types: vec![ActionResource { resource_type: 0, required: true, condition_keys: vec![1] }],
        condition_keys: vec![0],
    }
}

fn key(name: &str) -> ConditionKey {
    ConditionKey { name: name.to_owned(), value_type: ValueType::String, multivalued: false }
}

fn billing() -> Service {
    Service {
        prefix: "Billing".to_owned(),
        actions: vec![action("RefundInvoice"), action("closeBooks")],
        resource_types: vec![ResourceType {
            name: "invoice".to_owned(),
            arn: "arn:${Partition}:ledger:${Region}:${Account}:invoice/${Number}".to_owned(),
            condition_keys: vec![2],
        }],
        condition_keys: vec![key("billing:Amount"), key("billing:Late"), key("aws:ResourceTag/${TagKey}")],
        ..Service::default()
    }
}

#[test]
fn keys_are_compared_without_case_and_with_their_variable_part() {
    let check = |name: &str, written: &str, expected: bool| assert_eq!(key(name).is(written), expected, "{written}");
    check("s3:prefix", "S3:Prefix", true);
    check("s3:prefix", "s3:prefixes", false);
    check("aws:RequestTag/${TagKey}", "AWS:requesttag/Team", true);
    check("aws:RequestTag/${TagKey}", "aws:RequestTag/", false);
    check("aws:RequestTag/${TagKey}", "aws:RequestTag", false);
    check("codebuild:variables/${name}.value", "codebuild:variables/é.value", true);
    check("codebuild:variables/${name}.value", "codebuild:variables/.value", false);
}

#[test]
fn an_overlay_adds_services_and_hides_those_of_the_same_prefix() {
    let base = Few(vec![Service { prefix: "s3".into(), ..Service::default() }]);
    let overlay = Overlay::new(&base, [billing()]);
    assert_eq!(overlay.prefixes(), ["s3", "billing"]);
    let service = overlay.service("billing").unwrap();
    assert_eq!(service.action("CLOSEBOOKS").unwrap().name, "closeBooks");
    assert_eq!(service.action("RefundInvoices"), None);
    assert_eq!(overlay.services_with_arns("ledger"), [service]);
    assert_eq!(overlay.services_with_keys("BILLING"), [service]);
    assert_eq!(overlay.services_with_keys("s3"), [overlay.service("s3").unwrap()]);
    let own = Service { prefix: "s3".into(), actions: vec![action("Own")], ..Service::default() };
    let overlay = Overlay::new(&base, [own]);
    assert_eq!(overlay.prefixes(), ["s3"]);
    assert!(overlay.service("s3").unwrap().action("own").is_some());
    assert!(overlay.services_with_keys("s3").is_empty());
}

#[test]
fn an_action_has_the_keys_of_its_resources() {
    let service = billing();
    let action = service.actions.first().unwrap();
    let keys: Vec<_> = service.keys_of(action).map(|key| key.name.as_str()).collect();
    assert_eq!(keys, ["billing:Amount", "billing:Late", "aws:ResourceTag/${TagKey}"]);
    assert_eq!(service.resources_of(action).next().unwrap().arn_service(), "ledger");
    assert_eq!(service.condition_keys.last().unwrap().stem(), "aws:ResourceTag/");
}
