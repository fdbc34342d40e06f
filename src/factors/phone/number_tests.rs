//! What people type into the field, and what they must not get past it.

use proptest::prelude::*;

use super::*;

fn read(typed: &str) -> Result<String, MfaCode> {
    Number::read(typed, Some("US")).map(|n| n.e164)
}

#[test]
fn operators_write_international_numbers_without_extension() {
    assert_eq!(Number::parse("+1 (415) 555-0801").unwrap().e164, "+14155550801");
    assert_eq!(Number::parse("+14155550801").unwrap().end(), "801");
    for bad in [
        "4155550801",
        "+1 415 555 0801 x2",
        "+0155550801",
        "+1415,2",
        "+",
        "+1234567890123456",
    ] {
        assert_eq!(Number::parse(bad), Err(NumberError), "{bad}");
    }
}

#[test]
fn s25_what_people_type_becomes_one_number() {
    for typed in [
        "(415) 555-0801",
        "415.555.0801",
        "4155550801",
        "1 415 555 0801",
        "1-415-555-0801",
        "+1 (415) 555-0801",
        "(+1) 415 555 0801",
        "011 1 415 555 0801",
        "tel:+1-415-555-0801",
        " \u{202a}+1 415\u{a0}555\u{2011}0801\u{202c} ",
        "（４１５）５５５－０８０１",
        "＋１４１５５５５０８０１",
        "٤١٥٥٥٥٠٨٠١",
    ] {
        assert_eq!(read(typed).as_deref(), Ok("+14155550801"), "{typed}");
    }
    for (typed, e164) in [
        ("+52 55 1234 5678", "+525512345678"),
        ("011 52 55 1234 5678", "+525512345678"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+49 30/123456-22", "+493012345622"),
        ("+39 02 3661 8300", "+390236618300"),
        ("+34 612 345 678", "+34612345678"),
    ] {
        assert_eq!(read(typed).as_deref(), Ok(e164), "{typed}");
    }
    let there = |typed, region| Number::read(typed, Some(region)).map(|n| n.e164);
    assert_eq!(there("55 1234 5678", "MX").as_deref(), Ok("+525512345678"));
    assert_eq!(there("020 7946 0958", "GB").as_deref(), Ok("+442079460958"));
    assert_eq!(there("00 1 415 555 0801", "GB").as_deref(), Ok("+14155550801"));
    assert_eq!(there("+1 415 555 0801", "GB").as_deref(), Ok("+14155550801"));
}

#[test]
fn numbers_kept_for_fiction_are_possible() {
    for end in ["0100", "0199", "0800", "0801", "0899"] {
        assert_eq!(read(&format!("415 555 {end}")), Ok(format!("+1415555{end}")));
    }
}

#[test]
fn s26_an_extension_is_told_in_every_notation() {
    for extension in [
        "ext. 2",
        "ext 2",
        "ext2",
        "EXT.2",
        "x2",
        "X 2",
        "x.2",
        ",2",
        ",,2",
        ";ext=2",
        ";2",
        "#2",
        " # 2",
        "*2",
        "extension 2",
        "extensión 2",
        "extensio\u{301}n 2",
        "int. 2",
        "interno 2",
        "anexo 2",
        "poste 2",
        "доб. 2",
        "p2",
        "w2",
        "w/ ext 2",
        "ｘ２",
        "，2",
        "～2",
        "×2",
        "、2",
        "ｅｘｔ２",
        "(ext 2)",
        " - ext - 2",
        "e\u{200b}xt 2",
    ] {
        for number in ["(415) 555-0801", "+1 415 555 0801", "tel:+1-415-555-0801", "555-0801"] {
            let typed = format!("{number}{extension}");
            assert_eq!(read(&typed), Err(MfaCode::ExtensionNotSupported), "{typed}");
        }
    }
}

#[test]
fn what_cannot_be_a_number_is_none() {
    for typed in [
        "",
        " ",
        "+",
        "++1 415 555 0801",
        "1+415 555 0801",
        "415 555 080",
        "415 555 08011",
        "555 0801",
        "911",
        "+1 415 555 08",
        "+1 015 555 0801",
        "115 555 0801",
        "+999 1234 5678",
        "+0 415 555 0801",
        "+210 1234567",
        "800-FLOWERS",
        "1-800-CALL4",
        "x2 415 555 0801",
        "my number is 415 555 0801",
        "415 555 0801 (home)",
        "415 555 0801#",
        "someone1110@example.com",
        "415 555 0801\u{0}",
        "+1 415 555 0801 415 555 0801",
        "+12345678901234567890",
    ] {
        assert_eq!(read(typed), Err(MfaCode::NumberInvalid), "{typed}");
    }
    assert_eq!(read(&" ".repeat(LONGEST_TYPED + 1)), Err(MfaCode::NumberInvalid));
    assert_eq!(
        Number::read("415 555 0801", None),
        Err(MfaCode::NumberInvalid),
        "of which country?"
    );
    assert_eq!(Number::read("415 555 0801", Some("XX")), Err(MfaCode::NumberInvalid));
}

#[test]
fn premium_rate_numbers_are_not_trusted() {
    for typed in [
        "900 234 5678",
        "+1 900 234 5678",
        "+44 909 879 0123",
        "+979 123 456 789",
    ] {
        assert_eq!(read(typed), Err(MfaCode::NumberNotTrusted), "{typed}");
    }
    assert!(read("800 234 5678").is_ok(), "toll-free is for the lookup to judge");
}

#[test]
fn s46_s79_a_number_is_shown_whole_once_and_masked_ever_after() {
    let shown = |e164: &str| {
        let number = Number::parse(e164).unwrap();
        (number.formatted(), number.masked())
    };
    let [american, mexican, short] = [shown("+14155550801"), shown("+525512345678"), shown("+99912345678")];
    assert_eq!(american, ("+1 415-555-0801".into(), "(***) ***-*801".into()));
    assert_eq!(mexican, ("+52 55 1234 5678".into(), "+52 ** **** *678".into()));
    // Of a country that does not exist even the code is hidden.
    assert_eq!(short, ("+99912345678".into(), "+********678".into()));
}

// What the fuzzer checks as well.
include!("../../../fuzz/properties/phone.rs");

/// Digits with marks and words between them, and anything else.
fn typed() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "+",
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "00",
        "011",
        "44",
        "52",
        "55",
        "54",
        "415",
        "9",
        "15",
        " ",
        "-",
        "(",
        ")",
        "/",
        "x",
        "ext",
        ";ext=",
        ",",
        "#",
        "tel:",
        "４",
        "\u{200b}",
        "\u{202e}",
        "é",
        "*",
        ";phone-context=",
        "a",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..24).prop_map(|p| p.concat().into_bytes()),
        "\\+[1-9][0-9]{4,16}".prop_map(String::into_bytes),
        "0?[1-9][0-9]{4,14}".prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..80),
    ]
}

proptest! {
    #[test]
    fn whatever_is_typed_is_answered_and_reads_back(region in any::<u8>(), typed in typed()) {
        phone_property(&[&[region], typed.as_slice()].concat());
    }
}
