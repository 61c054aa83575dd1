use doorward_directory::TemplateParameter;
use serde_json::{Value, json};

use super::{boundaries, filled};

fn one(name: &str, value: &str) -> TemplateParameter {
    TemplateParameter { name: name.to_owned(), values: vec![value.to_owned()], is_list: false }
}

fn many(name: &str, values: &[&str]) -> TemplateParameter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    TemplateParameter { name: name.to_owned(), values, is_list: true }
}

/// A template with this resource, filled: the resource, or why not.
#[track_caller]
fn check(resource: Value, parameters: &[TemplateParameter], expect: Result<Value, &str>) {
    let template = json!({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}});
    let filled = filled(&template.to_string(), parameters);
    let resource = filled.map(|text| serde_json::from_str::<Value>(&text).unwrap()["Statement"]["Resource"].clone());
    assert_eq!(resource, expect);
}

#[test]
fn parameters_stand_for_their_values() {
    let arn = "arn:aws:s3:::@{bucket}/@{folder}/*";
    check(json!(arn), &[one("bucket", "b"), one("folder", "f")], Ok(json!("arn:aws:s3:::b/f/*")));
    check(json!("@{all}"), &[one("all", "*")], Ok(json!("*")));
    check(json!("@{arns}"), &[many("arns", &["a", "b"])], Ok(json!(["a", "b"])));
    check(json!(["x", "@{arns}", "y"]), &[many("arns", &["a", "b"])], Ok(json!(["x", "a", "b", "y"])));
    check(json!(["x", "@{arns}"]), &[many("arns", &[])], Ok(json!(["x"])));
    check(
        json!(["a/@{list}/@{bucket}"]),
        &[many("list", &["1", "2"]), one("bucket", "b")],
        Ok(json!(["a/1/b", "a/2/b"])),
    );
    check(json!("@{list}-@{list}"), &[many("list", &["1", "2"])], Ok(json!(["1-1", "2-2"])));
    check(json!("plain"), &[], Ok(json!("plain")));
}

/// What is filled in is text: it neither ends a text of the policy nor holds further parameters.
#[test]
fn b08_a_value_is_never_read_as_policy() {
    let evil = r#"x", "Action": "*", "Resource": "*"#;
    check(json!("arn:@{name_}"), &[one("name_", evil)], Ok(json!(format!("arn:{evil}"))));
    check(json!("@{first}"), &[one("first", "@{second}")], Ok(json!("@{second}")));
}

#[test]
fn what_is_given_is_used_and_what_is_used_is_given() {
    check(json!("@{first}"), &[], Err("A parameter of the template is not given."));
    check(json!("plain"), &[one("first", "x")], Err("A parameter is given that the template does not have."));
    let twice = [one("first", "x"), one("first", "y")];
    check(json!("@{first}"), &twice, Err("A parameter is given twice."));
    let two = [many("first", &["x", "y"]), many("other", &["z"])];
    check(json!("@{first}@{other}"), &two, Err("The template has two lists in one text."));
    check(json!("a@{first"), &[one("first", "x")], Err("The template has a parameter that does not end."));
    let none = TemplateParameter { values: Vec::new(), ..one("first", "") };
    check(json!("@{first}"), &[none], Err("A parameter of type string must have one value."));
}

#[test]
fn what_is_filled_in_is_bounded() {
    let long = "x".repeat(6_145);
    check(json!("@{first}"), &[one("first", &long)], Err("The values of the parameters are too long."));
    let many_times = "@{first}".repeat(4);
    check(json!(many_times), &[one("first", &long[..2_000])], Err("The permissions are too long."));
}

#[test]
fn boundaries_that_a_policy_demands_are_told() {
    let condition = json!({"StringEquals": {"IAM:permissionsBoundary": ["arn:b", "arn:a"]}, "Bool": {"x": "arn:c"}});
    let policy = json!({"Statement": [{"Condition": condition}, {"Resource": "arn:d"}]});
    assert_eq!(boundaries(&policy.to_string()), ["arn:a", "arn:b"]);
}
