//! What goes into a text message: one message holds 160 characters of the GSM alphabet, but only 70 of any other
//! (3GPP TS 23.038 §6.2.1). One accent outside of it would cost twice as many messages.

/// Characters of a chosen name in a text message.
const LONGEST_NAME: usize = 20;

/// Letters of our languages that the alphabet lacks, and what stands for them.
const FOLDED: [(char, &str); 18] = [
    ('á', "a"),
    ('í', "i"),
    ('ó', "o"),
    ('ú', "u"),
    ('Á', "A"),
    ('Í', "I"),
    ('Ó', "O"),
    ('Ú', "U"),
    ('“', "\""),
    ('”', "\""),
    ('«', "\""),
    ('»', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('–', "-"),
    ('—', "-"),
    ('…', "..."),
    ('\u{a0}', " "),
];

/// A name, short.
pub(super) fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    let kept: String = name.chars().take(LONGEST_NAME - 2).collect();
    format!("{}..", kept.trim_end())
}

/// In the GSM alphabet as far as its letters have a likeness there.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match FOLDED.iter().find(|(from, _)| *from == c) {
            Some((_, to)) => out.push_str(to),
            None => out.push(c),
        }
    }
    out
}

/// How many characters of a message it takes, if it can be written in the GSM alphabet (3GPP TS 23.038 §6.2.1).
#[cfg(test)]
pub(super) fn gsm_length(text: &str) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENDED: &str = "^{}\\[~]|€";
    let width = |c: char| match (BASIC.contains(c), EXTENDED.contains(c)) {
        (true, _) => Some(1),
        (_, true) => Some(2),
        _ => None,
    };
    text.chars().map(width).sum()
}
