//! The drawing of an explanation: a header, the ladder of layers, and the source of the statements that decided.

use super::explanation::{Change, Element, Explanation, Place, Question, Rung, Statement};
use crate::excerpt::{self, Mark};
use crate::output::{Style, account_of, policy_label, safe, short_name};

/// Statements of one layer that are drawn; of the others the number is told.
const STATEMENTS_MAX: usize = 3;
/// The column in which a layer's state begins.
const STATE_COLUMN: usize = 27;

/// All questions of a decision.
pub(super) fn explanation(explanation: &Explanation, style: Style) -> String {
    let questions: Vec<String> = explanation.questions.iter().map(|it| question(it, style)).collect();
    if !questions.is_empty() {
        return questions.join("\n");
    }
    let Explanation { id, time, event_name, event_source, error_code, error_message, .. } = explanation;
    let call = format!("{id}  {time}  {}:{event_name}", event_source.split('.').next().unwrap_or_default());
    let ended = match (error_code, error_message) {
        (Some(code), message) => format!("{code}: {}", message.as_deref().unwrap_or_default()),
        (None, _) => "allowed".to_owned(),
    };
    safe(&format!("{call}\n  No policy was asked. {ended}\n"))
}

fn question(question: &Question, style: Style) -> String {
    let home = account_of(&question.principal);
    let (sign, word) = match question.is_allowed() {
        true => (style.good("✓"), style.good("ALLOWED")),
        false => (style.bad("✗"), style.bad("DENIED")),
    };
    let mut out = format!(
        "{sign} {word}  {}  {}   as {}\n{}\n",
        style.bold(&safe(&question.action)),
        safe(&question.resource),
        short_name(&question.principal, home),
        style.dim("│"),
    );
    for (at, rung) in question.ladder.iter().enumerate() {
        let is_last = at + 1 == question.ladder.len();
        out.push_str(&layer(question, rung, is_last, home, style));
    }
    if question.ladder.is_empty() {
        out.push_str("└─ no policy was asked\n");
    }
    out.push_str(&remarks(question));
    out
}

/// One rung, with the statements that are worth showing.
fn layer(question: &Question, rung: &Rung, is_last: bool, home: &str, style: Style) -> String {
    let sign = match rung.state.as_str() {
        "none" => style.dim("·"),
        "allowed" => style.good("✓"),
        // Another layer has allowed it.
        "not allowed" if question.is_allowed() => style.dim("·"),
        _ => style.bad("✗"),
    };
    let name = if rung.level == 0 { rung.layer.clone() } else { format!("{} {}", rung.layer, rung.level) };
    let gap = " ".repeat(STATE_COLUMN.saturating_sub(name.chars().count()).max(1));
    let name = if rung.state == "none" { style.dim(&name) } else { name };
    let branch = style.dim(if is_last { "└─" } else { "├─" });
    let mut out = format!("{branch} {sign} {name}{gap}{}\n", state(rung, home));
    let margin = if is_last { "     ".to_owned() } else { format!("{}    ", style.dim("│")) };
    let (statements, total) = statements(question, rung);
    for statement in &statements {
        out.push_str(&margin);
        out.push_str(&format!("{}\n", title(statement, question, home)));
        let text = question.documents.get(statement.document).and_then(|document| document.text.as_deref());
        let marks = marks(statement, &question.action);
        out.push_str(&excerpt::draw(text.unwrap_or_default(), statement.span.into(), &marks, &margin, style));
    }
    match total.saturating_sub(statements.len()) {
        0 => {}
        more => out.push_str(&format!("{margin}and {more} more like this (--json shows all)\n")),
    }
    out
}

fn state(rung: &Rung, home: &str) -> String {
    let named = |effect: &str, does: &str| {
        let mut of_effect = rung.matched.iter().filter(|statement| statement.effect == effect);
        let Some(first) = of_effect.next() else { return does.to_owned() };
        let more = match of_effect.count() {
            0 => String::new(),
            more => format!("   (and {more} more)"),
        };
        format!("{} {does}{more}", policy_name(first, home))
    };
    match rung.state.as_str() {
        "none" => "none".to_owned(),
        "allowed" => named("Allow", "allows"),
        "denied" => "explicit deny".to_owned(),
        "not allowed" => safe(rung.lacking.as_deref().unwrap_or("no statement allows it")),
        _ => safe(rung.lacking.as_deref().unwrap_or("a policy cannot be read, which denies")),
    }
}

/// The statements of a rung that are drawn, and how many there are: what denied; what allowed; or, where nothing did,
/// what nearly allowed.
fn statements<'a>(question: &Question, rung: &'a Rung) -> (Vec<&'a Statement>, usize) {
    let (list, effect, omitted) = match (rung.state.as_str(), question.kind.as_str()) {
        ("denied", _) => (&rung.matched, "Deny", 0),
        ("allowed", "allow") => (&rung.matched, "Allow", 0),
        ("not allowed", "implicit") => (&rung.nearly, "Allow", rung.omitted),
        _ => return (Vec::new(), 0),
    };
    let all: Vec<&Statement> = list.iter().filter(|statement| statement.effect == effect).collect();
    let total = all.len() + omitted;
    (all.into_iter().take(STATEMENTS_MAX).collect(), total)
}

/// `policy/DemoReader  v1   statement 2 "NeverDelete"`
fn title(statement: &Statement, question: &Question, home: &str) -> String {
    let attached = statement.attached_to.as_deref().filter(|owner| {
        statement.policy.is_some() && *owner != question.principal && !is_session_of(&question.principal, owner)
    });
    let attached = attached.map(|owner| format!("   attached to {}", short_name(owner, home))).unwrap_or_default();
    let version = statement.version.as_deref().map(|version| format!("  {}", safe(version))).unwrap_or_default();
    format!("{}{version}   {}{attached}", policy_name(statement, home), number(statement))
}

fn policy_name(statement: &Statement, home: &str) -> String {
    match (&statement.policy, &statement.attached_to) {
        (Some(name), _) => policy_label(name, home),
        (None, Some(role)) if role.contains(":role/") => format!("trust policy of {}", short_name(role, home)),
        (None, Some(owner)) => format!("policy of {}", short_name(owner, home)),
        (None, None) => "session policy".to_owned(),
    }
}

fn number(statement: &Statement) -> String {
    let sid = statement.sid.as_deref().map(|sid| format!(" \"{}\"", safe(sid))).unwrap_or_default();
    format!("statement {}{sid}", statement.statement + 1)
}

/// Whether the principal is a session of this role.
fn is_session_of(principal: &str, role: &str) -> bool {
    let role_name = role.rsplit('/').next().unwrap_or_default();
    principal.contains(":assumed-role/") && principal.split('/').nth(1) == Some(role_name) && role.contains(":role/")
}

fn marks(statement: &Statement, action: &str) -> Vec<Mark> {
    let allows = statement.effect == "Allow";
    let of_element = |element: &Element| -> Vec<Mark> {
        let says = match (element.satisfied, element.name.starts_with("Not")) {
            (true, false) => "matched".to_owned(),
            (true, true) => "matched: it is none of these".to_owned(),
            (false, true) => "does not match: it is one of these".to_owned(),
            (false, false) if element.name == "Action" => format!("does not match {action}"),
            (false, false) => "does not match".to_owned(),
        };
        let good = element.satisfied == allows;
        element.entries.iter().map(|entry| Mark { span: entry.span.into(), says: says.clone(), good }).collect()
    };
    let mut marks: Vec<Mark> = statement.elements.iter().flat_map(of_element).collect();
    marks.extend(statement.conditions.iter().map(|condition| {
        let key = &condition.key.value;
        let has = match condition.request_values.as_slice() {
            [] => format!("the request has no {key}"),
            values => format!("the request has {}", values.join(", ")),
        };
        let says = format!("{}: {has}", if condition.satisfied { "holds" } else { "does not hold" });
        Mark { span: condition.key.span.into(), says, good: condition.satisfied == allows }
    }));
    marks
}

/// What else there is to say.
fn remarks(question: &Question) -> String {
    let mut out = String::new();
    if let Some(lacking) = &question.lacking
        && !question.ladder.iter().any(|rung| rung.lacking.as_ref() == Some(lacking))
    {
        out.push_str(&format!("   {}\n", safe(lacking)));
    }
    let none_allows = question.ladder.iter().all(|rung| rung.state != "allowed");
    if question.is_allowed() && none_allows && question.principal.ends_with(":root") {
        out.push_str("   the root user needs no policy\n");
    }
    if question.kind == "explicit"
        && let Some(lacking) = no_grant(question)
    {
        let denying = question.ladder.iter().filter(|rung| rung.state == "denied").flat_map(|rung| &rung.matched);
        let denying: Vec<&Statement> = denying.filter(|statement| statement.effect == "Deny").collect();
        let without = match denying.as_slice() {
            [only] => format!("statement {}", only.statement + 1),
            _ => "these statements".to_owned(),
        };
        out.push_str(&format!("   also: {} (it would be denied even without {without})\n", safe(lacking)));
    }
    if !question.missing_context.is_empty() {
        let keys = safe(&question.missing_context.join(", "));
        out.push_str(&format!(
            "   missing context: {keys}   (policies ask for it, and the request does not have it)\n"
        ));
    }
    if !question.smallest_change.is_empty() {
        let other = if question.is_allowed() { "denied" } else { "allowed" };
        out.push_str(&format!("   it would be {other} after:\n"));
        question.smallest_change.iter().for_each(|change| out.push_str(&format!("     - {}\n", spell_change(change))));
    }
    if !question.is_allowed() && question.layer.is_none() {
        out.push_str("   the request could not be decided within its limits, which denies\n");
    }
    out
}

fn spell_change(change: &Change) -> String {
    let name = |place: &Place| safe(place.policy.as_deref().unwrap_or(&place.layer));
    match change {
        Change::Remove(place) => {
            format!("removing statement {} of {}", place.statement.unwrap_or_default() + 1, name(place))
        }
        Change::Mend(place) => format!("detaching or mending {}", name(place)),
        Change::Add { layer, level, statement } => {
            let level = if *level > 0 { format!(" (level {level})") } else { String::new() };
            format!("adding to {}{level}: {}", safe(layer), safe(statement.as_deref().unwrap_or("an Allow statement")))
        }
    }
}

/// What is lacking where no layer that can grant does.
fn no_grant(question: &Question) -> Option<&str> {
    let granting = ["identity-based policies", "resource-based policy", "role trust policy"];
    let mut rungs =
        question.ladder.iter().filter(|rung| granting.contains(&rung.layer.as_str()) && rung.state != "none");
    let lacking = rungs.clone().find_map(|rung| rung.lacking.as_deref())?;
    rungs.all(|rung| rung.lacking.is_some()).then_some(lacking)
}
