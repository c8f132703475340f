use crate::steps::Outcome;
use crate::steps::testing::{assert_rules_from_both_sides, build, faults, outcome, reason, value};
use crate::text::apply;
use proptest::prelude::*;

const DATATROVE: &str = "";
const DOLMA: &str = "variant = 'dolma'";
const DOLMA_V2: &str = "variant = 'dolma_v2'";

fn edited(toml: &str, text: &str) -> String {
    apply(text, &outcome(&build("pii", toml).unwrap(), text).spans)
}

fn counts(toml: &str, text: &str) -> [Option<f64>; 4] {
    let outcome = outcome(&build("pii", toml).unwrap(), text);
    ["pii", "emails", "phones", "ips"].map(|signal| value("pii", &outcome, signal))
}

#[test]
fn datatrove_s_replacements_stand_in_turn() {
    let text = "Write to a.b@x.org, c@y.com or d@z.net (not e@localhost); hosts 8.8.8.8, 10.0.0.1 \
                and 1.1.1.1.";
    assert_eq!(
        edited(DATATROVE, text),
        "Write to email@example.com, firstname.lastname@example.org or email@example.com \
         (not e@localhost); hosts 22.214.171.124, 10.0.0.1 and 126.96.36.199."
    );
    assert_eq!(counts(DATATROVE, text), [Some(5.0), Some(3.0), None, Some(2.0)]);
    assert_eq!(counts("public_ips_only = false", text)[3], Some(3.0));
}

#[test]
fn datatrove_s_quirks() {
    assert_eq!(
        edited(DATATROVE, "éa-b@c.d x..y@z.w! q@[1.2.3.4] 08.8.8.8 1.2.3.256 r@s.t1!u@v.w"),
        "éaemail@example.com x..firstname.lastname@example.org! email@example.com 08.8.8.8 \
         22.214.171.1246 firstname.lastname@example.orgemail@example.com"
    );
    assert_eq!(
        edited(DATATROVE, "a@1.2.3.4 9.9.9.9@h.i 9.9.9.9.a@h"),
        "email@example.com firstname.lastname@example.org 22.214.171.124.a@h"
    );
}

#[test]
fn dolma_s_masks_take_the_spaces_around() {
    let text = "Call 555-123-4567 or (555) 123.4567;\n555 123 4567, mail (jo@x.org), to@y.z. \
                Or #8.8.8.8\n";
    assert_eq!(
        edited(DOLMA, text),
        "Call |||PHONE_NUMBER|||  or |||PHONE_NUMBER||| ;\n555 123 4567, mail (jo@x.org \
         |||EMAIL_ADDRESS||| Or # |||IP_ADDRESS||| \n"
    );
    assert_eq!(counts(DOLMA, text), [Some(4.0), Some(1.0), Some(2.0), Some(1.0)]);
    assert_eq!(counts(DOLMA_V2, text), [Some(1.0), Some(1.0), Some(0.0), Some(0.0)]);
    assert_eq!(edited(DOLMA_V2, "a\n555-123-4567"), "a |||PHONE_NUMBER||| ");
}

#[test]
fn of_what_overlaps_the_first_is_replaced_and_all_is_counted() {
    let text = "Ask jo@x.org\nor 1.2.3.4@y.zz now\nisbn 555-123-4567";
    assert_eq!(
        edited(DOLMA, text),
        "Ask |||EMAIL_ADDRESS||| or |||EMAIL_ADDRESS||| now\nisbn |||PHONE_NUMBER||| "
    );
    assert_eq!(counts(DOLMA, text), [Some(4.0), Some(2.0), Some(1.0), Some(1.0)]);
    assert_eq!(
        edited(DOLMA_V2, text),
        "Ask |||EMAIL_ADDRESS||| or |||EMAIL_ADDRESS||| now\nisbn 555-123-4567"
    );
}

#[test]
fn many_question_marks_keep_dolma_s_later_tagger_away() {
    let text = |marks: usize| format!("a 555-123-4567{}", "?".repeat(marks));
    assert_eq!(counts(DOLMA, &text(10_000))[0], Some(1.0));
    assert_eq!(counts(DOLMA, &text(10_001))[0], Some(0.0));
    assert_eq!(counts(DOLMA_V2, &text(10_001))[0], Some(1.0));
}

#[test]
fn kinds_are_switched_and_replacements_chosen_one_by_one() {
    let text = "a@b.cd 8.8.8.8 a@b.cd 9.9.9.9 ";
    assert_eq!(
        edited("ips = false\nemail_replacements = ['<1>', '<2>']", text),
        "<1> 8.8.8.8 <2> 9.9.9.9 "
    );
    assert_eq!(edited("emails = false\nip_replacements = ['x']", text), "a@b.cd x a@b.cd x ");
    assert_eq!(counts("emails = false", text), [Some(2.0), None, None, Some(2.0)]);
    let same = outcome(&build("pii", "").unwrap(), "to email@example.com");
    assert_eq!((same.spans.len(), value("pii", &same, "emails")), (0, Some(1.0)), "no change");
}

#[test]
fn documents_with_more_are_dropped() {
    assert_rules_from_both_sides("pii", "", "a@b.cd 8.8.8.8 e@f.gh");
    let text = " a@b.c  b@b.c ".repeat(3);
    assert_eq!(reason("pii", "variant = 'dolma'\nmax_pii = 5", &text), Some("too_much_pii"));
    assert_eq!(reason("pii", "variant = 'dolma'\nmax_pii = 6", &text), None);
    assert_eq!(reason("pii", "", &text), None);
}

#[test]
fn configurations_that_say_nothing_are_refused() {
    for (toml, fault) in [
        ("emails = false\nips = false", "every kind is off"),
        ("phones = true", "looks for no phone numbers"),
        ("phone_replacements = ['x']", "looks for no phone numbers"),
        ("variant = 'dolma'\npublic_ips_only = true", "replace every IPv4 address"),
        ("emails = false\nemail_replacements = ['x']", "`emails` is off"),
    ] {
        assert!(faults("pii", toml).contains(fault), "{toml}: {}", faults("pii", toml));
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let units = [
        "a.a.a.a@",
        "a.a.",
        "a@",
        "@",
        "@.",
        "(@. ",
        ".@a@. ",
        "a@b.c",
        "a@b.",
        "a@b-",
        "a@[1.2.3.a",
        "1.1.1.",
        "1.",
        "255.255.",
        " ",
        " (",
        " 123",
        " 123-",
        " 1",
        "(",
        ".",
        "\u{a0}",
        "٣",
        "@\n",
        "a@b.c\u{3000}",
        " @",
        "a @.",
        "?@",
    ];
    for toml in [DATATROVE, DOLMA, DOLMA_V2] {
        let built = build("pii", toml).unwrap();
        for unit in units {
            for ends in [["", ""], ["a", "@b.c "], ["@", " "], [" 123", "4567"]] {
                let text = format!("{}{}{}", ends[0], unit.repeat(400_000 / unit.len()), ends[1]);
                outcome(&built, &text);
            }
        }
    }
}

fn assert_spans(text: &str, outcome: &Outcome) {
    let mut at = 0;
    for span in &outcome.spans {
        assert!(at <= span.start && span.start < span.end && span.end <= text.len());
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        assert_ne!(text[span.start..span.end], span.replacement);
        at = span.end;
    }
}

proptest! {
    #[test]
    fn spans_are_ascending_and_change_the_text(
        text in "([a1.@ (,\n\u{a0}é٣?\\-_\\[\\]]|123|4567|8\\.8\\.8\\.8|a@b\\.c){0,40}",
    ) {
        for toml in [DATATROVE, DOLMA, DOLMA_V2] {
            assert_spans(&text, &outcome(&build("pii", toml).unwrap(), &text));
        }
    }
}
