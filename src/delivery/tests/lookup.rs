//! The lookup service, as it is asked, and what becomes of its answers.

use super::*;
use crate::base::encoding::base64;
use crate::delivery::lookup::{Lookup, LookupError};
use crate::factors::phone::Number;
use crate::model::phone::{LineType, PhoneRules};

fn open(settings: &str, timeouts: Timeouts) -> Result<Lookup, String> {
    let delivery: Delivery = toml::from_str(&format!("[lookup]\n{settings}")).unwrap();
    Lookup::open_with(&delivery.lookup, timeouts).map_err(|e| e.to_string())
}

fn at(url: &str) -> Lookup {
    let settings =
        format!("transport = \"twilio\"\nbase_url = \"{url}\"\naccount_sid = \"AC1\"\nauth_token = \"{TOKEN}\"");
    open(&settings, impatient()).unwrap()
}

async fn ask(lookup: &Lookup) -> Result<LineType, String> {
    let answer = lookup.number_type(NUMBER, Timestamp::from_secs(0)).await;
    answer.map_err(|e| {
        let said = e.to_string();
        assert!(
            !said.contains(NUMBER) && !said.contains("4155550801") && !said.contains(TOKEN),
            "{said}"
        );
        said
    })
}

fn json(body: String) -> Say {
    Say { body, ..say(200) }
}

fn line(kind: &str) -> Say {
    json(format!(
        "{{\"phone_number\": \"{NUMBER}\", \"valid\": true, \"line_type_intelligence\": {{\"type\": \"{kind}\", \"error_code\": null}}}}"
    ))
}

#[tokio::test]
async fn a_number_is_asked_for_with_basic_authentication() {
    let gateway = Gateway::start([line("nonFixedVoip")]);
    assert_eq!(
        ask(&at(&format!("{}/api/", gateway.url))).await,
        Ok(LineType::NonFixedVoip)
    );
    let seen = &gateway.seen()[0];
    let path = format!("/api/v2/PhoneNumbers/{NUMBER}?Fields=line_type_intelligence");
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", path.as_str()));
    let basic = base64(format!("AC1:{TOKEN}").as_bytes());
    assert_eq!(seen.header("authorization"), format!("Basic {basic}"));
}

#[tokio::test]
async fn every_type_of_line_is_known_and_others_are_unknown() {
    let kinds = [
        ("mobile", LineType::Mobile),
        ("landline", LineType::Landline),
        ("fixedVoip", LineType::FixedVoip),
        ("nonFixedVoip", LineType::NonFixedVoip),
        ("tollFree", LineType::TollFree),
        ("premium", LineType::Premium),
        ("sharedCost", LineType::Premium),
        ("pager", LineType::Unknown),
        ("telepathy", LineType::Unknown),
    ];
    let gateway = Gateway::start(kinds.map(|(kind, _)| line(kind)));
    let lookup = at(&gateway.url);
    for (kind, expected) in kinds {
        assert_eq!(ask(&lookup).await, Ok(expected), "{kind}");
    }
    let invalid = Gateway::start([json("{\"valid\": false, \"line_type_intelligence\": null}".into())]);
    assert_eq!(ask(&at(&invalid.url)).await, Ok(LineType::Unknown));
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_and_never_a_type() {
    let late = Say {
        after: Duration::from_secs(5),
        ..line("mobile")
    };
    let moved = Say {
        header: Some(("Location", "/elsewhere")),
        ..say(302)
    };
    let broken = "{\"line_type_intelligence\": {\"type\": null, \"error_code\": 60600}}";
    let other = line("mobile").body.replace(NUMBER, "+14155550802");
    let gateway = Gateway::start([
        say(401),
        say(404),
        say(429),
        say(503),
        moved,
        json("<html>".into()),
        json("{\"valid\": true}".into()),
        json(broken.into()),
        json(other),
        json(format!("{{\"x\": \"{}\"", "x".repeat(8 << 20))),
        late,
    ]);
    let lookup = at(&gateway.url);
    for said in [
        "answered 401",
        "answered 404",
        "answered 429",
        "answered 503",
        "a redirect",
        "none of that protocol",
        "no type of line",
        "error 60600",
        "another number",
        "none of that protocol",
        "in time",
    ] {
        let error = ask(&lookup).await.unwrap_err();
        assert!(
            error.starts_with("the lookup failed: ") && error.contains(said),
            "{said}: {error}"
        );
    }
    assert_eq!(gateway.seen().len(), 11);
    let here = lookup.number_type("+1415555/../x", Timestamp::from_secs(0)).await;
    assert!(here.is_err(), "{here:?}");
    assert_eq!(gateway.seen().len(), 11, "what is no number is not asked for");
}

#[tokio::test]
async fn s39_a_denied_line_is_refused_and_silence_is_no_consent() {
    let now = Timestamp::from_secs(0);
    let number = Number::parse(NUMBER).unwrap();
    let rules: PhoneRules = toml::from_str("deny_line_types = [\"voip\"]").unwrap();
    let gateway = Gateway::start([line("fixedVoip"), line("mobile"), say(500)]);
    let lookup = at(&gateway.url);
    assert_eq!(lookup.allows(&rules, &number, now).await, Ok(false));
    assert_eq!(lookup.allows(&rules, &number, now).await, Ok(true));
    assert!(matches!(
        lookup.allows(&rules, &number, now).await,
        Err(LookupError::Failed(_))
    ));
    assert_eq!(Lookup::Off.allows(&rules, &number, now).await, Err(LookupError::Off));
    // Where nothing is denied nobody is asked.
    assert_eq!(lookup.allows(&PhoneRules::default(), &number, now).await, Ok(true));
    assert_eq!(gateway.seen().len(), 3);
}

#[tokio::test]
async fn a_table_answers_without_a_network_and_says_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.csv");
    let settings = format!("transport = \"table\"\nfile = \"{}\"", file.display());
    let missing = open(&settings, impatient()).unwrap_err();
    assert!(missing.contains("lines.csv: cannot be read"), "{missing}");
    std::fs::write(&file, "+1415555,mobile\n+1415,fax\n").unwrap();
    let wrong = open(&settings, impatient()).unwrap_err();
    assert!(wrong.contains("lines.csv:2: unknown variant `fax`"), "{wrong}");
    std::fs::write(&file, "+1415555,mobile\n").unwrap();
    assert_eq!(ask(&open(&settings, impatient()).unwrap()).await, Ok(LineType::Mobile));
    let long = std::fs::File::create(&file).unwrap();
    long.set_len(1 << 30).unwrap();
    let long = open(&settings, impatient()).unwrap_err();
    assert!(long.contains("at most"), "{long}");
}
