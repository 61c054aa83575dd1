//! Policies that name principals: trust policies, resource-based policies and VPC endpoint policies. AWS reads them with
//! another parser than identity policies, with its own texts; S3's stand for all services other than IAM.

use crate::document::{Document, Effect, PolicyType, PrincipalClause, Span, Statement, Version};
use crate::error::{PolicyError, Problem};
use crate::json::{self, Member};
use crate::parse::{self, Fields, List, STATEMENT_ELEMENTS, TOP_ELEMENTS};
use crate::principal::{self, Fault, FaultKind};
use crate::validate::{actions, sids, trust};

#[cfg(test)]
mod tests;

/// Parses a document of type `Trust`, `Resource` or `VpcEndpoint`.
pub(crate) fn parse(text: &str, kind: PolicyType) -> Result<Document, PolicyError> {
    let reader = Reader { kind };
    reader.check_first_character(text)?;
    let invalid = |problem: Problem| problem.says("This policy contains invalid Json");
    let root = json::parse(text).map_err(|error| invalid(error.into()))?;
    let fields = Fields::of(&root, "A policy").map_err(invalid)?;
    reader.refuse_unknown(&fields, TOP_ELEMENTS)?;
    let version = parse::version(&fields).map_err(|p| p.says("The policy must contain a valid version string"))?;
    let id = fields.string("Id").map_err(|p| reader.syntax(p))?;
    let statements = reader.statements(&fields)?;
    Ok(Document {
        text: text.into(),
        version: version.map_or(Version::V2008, |version| version.value),
        id,
        statements: statements.iter().map(|fields| reader.statement(fields)).collect::<Result<_, _>>()?,
    })
}

struct Reader {
    kind: PolicyType,
}

impl Reader {
    fn is_trust(&self) -> bool {
        self.kind == PolicyType::Trust
    }

    /// The message for what has none of its own.
    fn syntax(&self, problem: Problem) -> PolicyError {
        problem.says(if self.is_trust() { "Syntax error in policy." } else { "Invalid policy syntax." })
    }

    fn check_first_character(&self, text: &str) -> Result<(), PolicyError> {
        let problem = Problem::new(Span { start: 0, end: 1 }, "The first character must be `{`.");
        match self.is_trust() {
            true if text.starts_with([' ', '\t', '\n', '\r']) => {
                Err(problem.says("JSON strings must not have leading spaces"))
            }
            false if !text.starts_with('{') => {
                Err(problem.says("Policies must be valid JSON and the first byte must be '{'"))
            }
            _ => Ok(()),
        }
    }

    fn refuse_unknown(&self, fields: &Fields<'_, '_>, known: &[&str]) -> Result<(), PolicyError> {
        let Some(member) = fields.unknown(known) else { return Ok(()) };
        let problem = parse::unknown_element(member, known);
        if self.is_trust() {
            return Err(self.syntax(problem));
        }
        Err(problem.says(format!("Unknown field {}", member.key.value)))
    }

    /// The statements' members, with the statement ids already checked against each other.
    fn statements<'v, 'a>(&self, root: &Fields<'v, 'a>) -> Result<Vec<Fields<'v, 'a>>, PolicyError> {
        let empty = "Could not parse the policy: Statement is empty!";
        let Some(element) = root.get("Statement").filter(|element| element.value.value != json::Json::Null) else {
            let message = if self.is_trust() { empty } else { "Missing required field Statement" };
            return Err(Problem::new(root.span, "The element `Statement` is missing.").says(message));
        };
        let statements = parse::statements(&element.value).map_err(|p| self.syntax(p))?;
        if statements.is_empty() {
            return Err(Problem::new(element.value.span, "A policy has at least one statement.").says(empty));
        }
        let sids: Vec<_> =
            statements.iter().map(|one| one.string("Sid")).collect::<Result<_, _>>().map_err(|p| self.syntax(p))?;
        if let Some(problem) = sids::repeated(sids.iter().flatten()) {
            return Err(problem.says("The Statement Ids in the policy are not unique"));
        }
        if let Some(problem) = sids::malformed(sids.iter().flatten()).filter(|_| self.is_trust()) {
            let rule = "Check that your input satisfies the regular expression [0-9A-Za-z]*";
            return Err(problem.says(format!("Statement IDs (SID) must be alpha-numeric. {rule}")));
        }
        Ok(statements)
    }

    fn statement(&self, fields: &Fields<'_, '_>) -> Result<Statement, PolicyError> {
        self.refuse_unknown(fields, STATEMENT_ELEMENTS)?;
        if self.is_trust() {
            trust::refuse_resources(fields)?;
        }
        let effect = self.effect(fields)?;
        let principal = self.principal(fields, effect)?;
        let conditions = parse::conditions(fields).map_err(|problem| self.bad_condition(fields, problem))?;
        if self.is_trust() && effect == Effect::Allow {
            trust::check_shared_issuers(&principal, &conditions)?;
        }
        Ok(Statement {
            span: fields.span,
            sid: fields.string("Sid").map_err(|p| self.syntax(p))?,
            effect,
            principal: Some(principal),
            action: self.action(fields)?.clause,
            resource: self.resource(fields)?.map(|list| list.clause),
            conditions,
        })
    }

    fn effect(&self, fields: &Fields<'_, '_>) -> Result<Effect, PolicyError> {
        let Some(word) = fields.string("Effect").map_err(|p| self.syntax(p))? else {
            return Err(missing(fields, "Effect"));
        };
        match word.value.as_str() {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            other => {
                let problem = Problem::new(word.span, "`Effect` is `Allow` or `Deny`, in exactly this case.");
                Err(problem.says(format!("Invalid effect: {other}")))
            }
        }
    }

    fn principal(&self, fields: &Fields<'_, '_>, effect: Effect) -> Result<PrincipalClause, PolicyError> {
        let element = fields.either("Principal", "NotPrincipal").map_err(|p| self.syntax(p))?;
        let Some(element) = element else { return Err(missing(fields, "Principal")) };
        if element.key.value == "NotPrincipal" && self.kind != PolicyType::Resource {
            let problem = Problem::new(element.key.span, "`NotPrincipal` is for resource-based policies only.");
            return Err(match (self.is_trust(), effect) {
                (true, Effect::Allow) => problem.says("Allow with NotPrincipal is not allowed."),
                (true, Effect::Deny) => problem.says("AssumeRole policy must not contain NotPrincipal field."),
                (false, _) => self.syntax(problem),
            });
        }
        principal::clause(element, self.is_trust()).map_err(|fault| self.bad_principal(fault))
    }

    fn bad_principal(&self, Fault { kind, problem }: Fault) -> PolicyError {
        match kind {
            FaultKind::Empty => problem.says("Missing required field Principal cannot be empty!"),
            FaultKind::Shape => self.syntax(problem),
            _ if !self.is_trust() => problem.says("Invalid principal in policy"),
            FaultKind::NotAnObject => problem.says("Principal must be a JSON object."),
            FaultKind::Key(key) => problem.says(format!("Invalid principal in policy: \"{key}\"")),
            FaultKind::Value(key, value) => problem.says(format!("Invalid principal in policy: \"{key}\":\"{value}\"")),
            FaultKind::Federated => {
                problem.says("Federated principals must be valid domain names or SAML metadata ARNs")
            }
        }
    }

    fn bad_condition(&self, fields: &Fields<'_, '_>, problem: Problem) -> PolicyError {
        match parse::unknown_operator(fields, &problem) {
            Some(name) if !self.is_trust() => problem.says(format!("Invalid Condition type : {name}")),
            _ => self.syntax(problem),
        }
    }

    fn action(&self, fields: &Fields<'_, '_>) -> Result<List, PolicyError> {
        let element = fields.either("Action", "NotAction").map_err(|p| self.syntax(p))?;
        let Some(list) = self.list(element)? else { return Err(missing(fields, "Action")) };
        if self.is_trust() {
            trust::check_actions(&list)?;
        } else {
            refuse_entry(&list, |entry| actions::fault(entry).is_some(), "action", "`*` or `service:Action`")?;
        }
        Ok(list)
    }

    /// `Resource` may be absent from resource-based policies: some services know it from where the policy is attached.
    fn resource(&self, fields: &Fields<'_, '_>) -> Result<Option<List>, PolicyError> {
        let element = fields.either("Resource", "NotResource").map_err(|p| self.syntax(p))?;
        let list = self.list(element)?;
        match &list {
            None if self.kind == PolicyType::VpcEndpoint || element.is_some() => Err(missing(fields, "Resource")),
            None => Ok(None),
            Some(resources) => {
                let bad = |entry: &str| entry != "*" && !entry.starts_with("arn:");
                refuse_entry(resources, bad, "resource", "`*` or an ARN").map(|()| list)
            }
        }
    }

    /// A list that is not empty; none where the element is missing or `[]`.
    fn list(&self, element: Option<&Member<'_>>) -> Result<Option<List>, PolicyError> {
        let list = element.map(|element| parse::list(element, false)).transpose().map_err(|p| self.syntax(p))?;
        Ok(list.filter(|list| !list.empty))
    }
}

fn missing(fields: &Fields<'_, '_>, name: &str) -> PolicyError {
    let problem = Problem::new(fields.span, format!("A statement of this kind of policy needs `{name}`."));
    problem.says(format!("Missing required field {name}"))
}

fn refuse_entry(list: &List, bad: impl Fn(&str) -> bool, what: &str, form: &str) -> Result<(), PolicyError> {
    let Some(entry) = list.clause.entries.iter().find(|entry| bad(&entry.value)) else { return Ok(()) };
    let problem = Problem::new(entry.span, format!("`{}` is not of the form {form}.", entry.value));
    Err(problem.says(format!("Policy has invalid {what}")))
}
