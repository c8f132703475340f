//! The special cases of English: strings that are cut at given places, or not at all.
//!
//! Contractions, clock times, abbreviations and emoticons of spaCy 3.8 (`lang/en` and the base
//! exceptions), generated from word lists. Every form with an apostrophe also exists with the
//! typographic one.

/// Calls `add` with the tokens of each special case; the special string is their concatenation.
pub(super) fn special_cases(mut add: impl FnMut(&[&str])) {
    let mut add_both = |tokens: &[&str]| {
        add(tokens);
        if tokens.iter().any(|token| token.contains('\'')) {
            let curly: Vec<String> = tokens.iter().map(|token| token.replace('\'', "’")).collect();
            add(&curly.iter().map(String::as_str).collect::<Vec<_>>());
        }
    };
    contractions(&mut add_both);
    for hour in 1..=12 {
        for half in ["am", "a.m.", "pm", "p.m."] {
            add_both(&[&hour.to_string(), half]);
        }
    }
    for whole in WHOLE.iter().flat_map(|list| list.split_ascii_whitespace()) {
        add_both(&[whole]);
    }
    for letter in ('a'..='z').chain(['ä', 'ö', 'ü']) {
        add_both(&[&format!("{letter}.")]);
    }
    for unit in ["c", "f", "k", "C", "F", "K"] {
        add_both(&["°", unit, "."]);
    }
    for parts in CUT {
        add_both(parts);
    }
    // Written as an escape in a text, the tab and the line feed stay whole.
    add_both(&["\\t"]);
    add_both(&["\\n"]);
}

/// Contractions that are words of their own without the apostrophe, and so are not split there.
const NOT_CONTRACTED: [&str; 8] = ["ill", "its", "hell", "shell", "shed", "were", "well", "whore"];

const PRONOUNS: &str = "i you he she it we they";
const QUESTION_WORDS: &str = "who what when where why how there that this these those";

/// Words of the first column take each ending of the second, with its apostrophes and without.
const ENDINGS: &[(&str, &[&[&str]])] = &[
    (PRONOUNS, &[&["'ll"], &["'ll", "'ve"], &["'d"], &["'d", "'ve"]]),
    (QUESTION_WORDS, &[&["'ll"], &["'ll", "'ve"], &["'d"], &["'d", "'ve"]]),
    ("i", &[&["'m"], &["'m", "a"]]),
    ("i you we they", &[&["'ve"]]),
    ("you we they", &[&["'re"]]),
    ("he she it", &[&["'s"]]),
    ("who what when where why how there that this", &[&["'s"]]),
    ("who what when where why how there these those", &[&["'re"], &["'ve"]]),
    (
        "ca could do does did had may might must need ought sha should wo would",
        &[&["n't"], &["n't", "'ve"]],
    ),
    ("could might must should would", &[&["'ve"]]),
    ("ai are is was were have has dare", &[&["n't"]]),
    ("not", &[&["'ve"]]),
];

/// Special cases that are cut, beside the contractions built from [`ENDINGS`].
const CUT: &[&[&str]] = &[
    &["y'", "all"],
    &["y", "all"],
    &["how", "'d", "'y"],
    &["How", "'d", "'y"],
    &["can", "not"],
    &["Can", "not"],
    &["gon", "na"],
    &["Gon", "na"],
    &["got", "ta"],
    &["Got", "ta"],
    &["let", "'s"],
    &["Let", "'s"],
    &["c'm", "on"],
    &["C'm", "on"],
];

/// Special cases that stay whole.
const WHOLE: &[&str] = &[
    // Shortened words, and what a longer contraction leaves behind.
    "doin doin' Doin Doin' goin goin' Goin Goin' nothin nothin' Nothin Nothin' nuthin nuthin'
     Nuthin Nuthin' ol ol' Ol Ol' somethin somethin' Somethin Somethin' lovin lovin' Lovin Lovin'
     havin havin' Havin Havin' em 'em ll 'll nuff 'nuff 'S 's ‘S ‘s 're 'd 'Cause 'cause 'cos 'Cos
     'coz 'Coz 'cuz 'Cuz 'bout and/or w/o ma'am Ma'am o'clock O'clock",
    // Months and American states.
    "Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec. Ak. Ala. Ariz. Ark. Calif. Colo.
     Conn. Del. Fla. Ga. Ia. Id. Ill. Ind. Kan. Kans. Ky. La. Mass. Mich. Minn. Miss. N.C. N.D.
     N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Okla. Ore. Pa. S.C. Tenn. Va. Wash. Wis. D.C. Md. Mo.
     Mont.",
    // Titles, companies and Latin.
    "Mt. Adm. Bros. co. Co. Corp. Dr. Gen. Gov. Inc. Jr. Ltd. Messrs. Mr. Mrs. Ms. Ph.D. Prof. Rep.
     Rev. Sen. St. vs. v.s. a.m. p.m. e.g. E.g. E.G. i.e. I.e. I.E.",
    // Strings that would otherwise fall apart.
    "— ' '' \\\") <space> C++",
    // Emoticons: a face per line.
    ":) :-) :)) :-)) :))) :-))) (: (-: =) (= :] :-] [: [-: [= =[ =] :o) (o: :} :-} 8) 8-) (-8 ;) ;-)
     (; (-; :( :-( :(( :-(( :((( :-((( ): )-: =( >:( :') :'-) :'( :'-( :() ><(((*>
     :/ :-/ =/ =| :| :-| ]= :1 :P :-P :p :-p :O :-O :o :-o :0 :-0 >:o :* :-* :3 :-3 =3 :> :-> :X
     :-X :x :-x :D :-D ;D ;-D =D xD XD xDD XDD 8D 8-D",
    "^_^ ^__^ ^___^ >.< >.> <.< ._. ;_; -_- -__- v.v V.V v_v V_V o_o o_O O_o O_O 0_o o_0 0_0 o.O
     O.o O.O o.o 0.0 o.0 0.o @_@ <3 <33 <333 </3 (^_^) (-_-) (._.) (>_<) (*_*) (¬_¬) ಠ_ಠ ಠ︵ಠ
     (ಠ_ಠ) ¯\\(ツ)/¯ (╯°□°）╯︵┻━┻",
];

/// Adds every word of [`ENDINGS`], also capitalised, with every ending.
fn contractions(add: &mut impl FnMut(&[&str])) {
    for (words, endings) in ENDINGS {
        for word in words.split(' ') {
            let capitalised = word[..1].to_ascii_uppercase() + &word[1..];
            for form in [word, &capitalised] {
                for ending in *endings {
                    let mut tokens = vec![form];
                    tokens.extend(*ending);
                    add(&tokens);
                    let plain: Vec<String> =
                        tokens.iter().map(|token| token.replace('\'', "")).collect();
                    let joined = plain.concat();
                    if !NOT_CONTRACTED.contains(&joined.to_ascii_lowercase().as_str()) {
                        add(&plain.iter().map(String::as_str).collect::<Vec<_>>());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn table() -> BTreeMap<String, Vec<String>> {
        let mut table = BTreeMap::new();
        special_cases(|tokens| {
            table.insert(tokens.concat(), tokens.iter().map(|t| (*t).to_owned()).collect());
        });
        table
    }

    #[test]
    fn the_table_is_as_large_as_spacys_without_white_space() {
        // 1,347 rules, of which " ", "\t", "\n" and the no-break space are white space.
        assert_eq!(table().len(), 1343);
    }

    #[test]
    fn contractions_are_cut_with_and_without_their_apostrophe() {
        let table = table();
        let tokens = |key: &str| table.get(key).map(|tokens| tokens.join("|"));
        assert_eq!(tokens("shouldn't've").as_deref(), Some("should|n't|'ve"));
        assert_eq!(tokens("Shouldntve").as_deref(), Some("Should|nt|ve"));
        assert_eq!(tokens("They’re").as_deref(), Some("They|’re"));
        assert_eq!(tokens("dont").as_deref(), Some("do|nt"));
        assert_eq!(tokens("11p.m.").as_deref(), Some("11|p.m."));
        assert_eq!(tokens("we're").as_deref(), Some("we|'re"));
        assert_eq!(tokens("were"), None);
        assert_eq!(tokens("Hell"), None);
        assert_eq!(tokens("that're"), None);
    }
}
