//! Calendar dates as pages write them.
//!
//! Read are ISO 8601 (`2013-05-17T10:00:00Z`, `20130517`), RFC 2822 (`Fri, 17 May 2013 10:00:00
//! GMT`), the English forms (`May 17, 2013`, `17th of May 2013`) and numbers where they can mean
//! one day only (`17.05.2013`, `05/17/2013`). A date is the day as it is written: its time zone is
//! not turned into another.

use jiff::civil::Date;

use super::texts::start_of;

/// Most of a text that is looked at, in bytes.
const MAX_BYTES: usize = 160;
/// Most words between the day and the year of `Fri May 17 10:00:00 PDT 2013`.
const MAX_BETWEEN: usize = 4;
/// Years that a page of the web can be of.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The first date in a short text; `None` if there is none, or it may be one of several.
pub(super) fn find(text: &str) -> Option<Date> {
    let words = words(text);
    (0..words.len()).find_map(|at| {
        let rest = &words[at..];
        compact(rest).or_else(|| numeric(rest)).or_else(|| named(rest))
    })
}

/// The date in the path of a URL (`/2013/05/17/`, `/2013-05-17-a-mill`, `/20130517/`).
pub(super) fn of_url(url: &str) -> Option<Date> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next()?;
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        if let Some(date) = of_segment(segment) {
            return Some(date);
        }
        let mut following = segments.clone();
        if let (Some(month), Some(day)) = (following.next(), following.next())
            && let Some(date) = of_parts(segment, month, day)
        {
            return Some(date);
        }
    }
    None
}

/// A date that a segment of a path starts or ends with, or is.
fn of_segment(segment: &str) -> Option<Date> {
    let words = words(segment);
    let last = words.len().checked_sub(3).map(|at| &words[at..]);
    let is_day = words.len() == 1 && words[0].text.len() == 8;
    let alone = is_day.then(|| compact(&words)).flatten();
    alone.or_else(|| iso(&words)).or_else(|| iso(last?))
}

/// A date in three segments of a path; the month may be a name.
fn of_parts(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = number(year).filter(|_| year.len() == 4)?;
    let month = number(month).filter(|_| month.len() <= 2).or_else(|| month_named(month))?;
    let day = number(day.split('-').next()?).filter(|_| day.len() >= 2)?;
    date(year, month, day)
}

/// A run of digits or of letters, with the character before it.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    before: char,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = start_of(text, MAX_BYTES);
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let same = |c: char| match first {
            '0'..='9' => c.is_ascii_digit(),
            _ => c.is_alphabetic() && first.is_alphabetic(),
        };
        let length = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(length);
        if first.is_alphanumeric() {
            words.push(Word { text: word, before });
        }
        before = word.chars().next_back().unwrap_or(' ');
        rest = after;
    }
    words
}

/// `20130517`, alone or with a time behind it.
fn compact(words: &[Word]) -> Option<Date> {
    let text = words.first()?.text;
    if !matches!(text.len(), 8 | 12 | 14) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    date(number(&text[..4])?, number(&text[4..6])?, number(&text[6..8])?)
}

/// `2013-05-17`, `17.05.2013`, `05/17/2013`.
fn numeric(words: &[Word]) -> Option<Date> {
    if let Some(date) = iso(words) {
        return Some(date);
    }
    let [first, second, year, ..] = words else { return None };
    if second.before != year.before
        || year.text.len() != 4
        || first.text.len().max(second.text.len()) > 2
    {
        return None;
    }
    let (first, second) = (number(first.text)?, number(second.text)?);
    let year_number = number(year.text)?;
    match year.before {
        '.' => date(year_number, second, first),
        '/' | '-' if first > 12 || first == second => date(year_number, second, first),
        '/' | '-' if second > 12 => date(year_number, first, second),
        _ => None,
    }
}

/// `2013-05-17`, `2013/5/17`, `2013.05.17`.
fn iso(words: &[Word]) -> Option<Date> {
    let [year, month, day, ..] = words else { return None };
    let parted = matches!(month.before, '-' | '/' | '.') && day.before == month.before;
    if !parted || year.text.len() != 4 || month.text.len().max(day.text.len()) > 2 {
        return None;
    }
    date(number(year.text)?, number(month.text)?, number(day.text)?)
}

/// `17 May 2013`, `May 17, 2013`, `2013 May 17`.
fn named(words: &[Word]) -> Option<Date> {
    let (first, mut rest) = words.split_first()?;
    if is_year(first.text) {
        let [month, day, ..] = rest else { return None };
        let day = number(day.text).filter(|_| day.text.len() <= 2)?;
        return date(number(first.text)?, month_named(month.text)?, day);
    }
    if let Some(month) = month_named(first.text) {
        let (day, rest) = rest.split_first()?;
        let day = number(day.text).filter(|_| day.text.len() <= 2)?;
        let year = rest.iter().take(MAX_BETWEEN + 1).find(|word| is_year(word.text))?;
        return date(number(year.text)?, month, day);
    }
    let day = number(first.text).filter(|_| first.text.len() <= 2)?;
    while let Some((word, after)) = rest.split_first()
        && matches!(word.text, "st" | "nd" | "rd" | "th" | "of")
    {
        rest = after;
    }
    let [month, year, ..] = rest else { return None };
    let year = Some(year.text).filter(|year| is_year(year)).and_then(number)?;
    date(year, month_named(month.text)?, day)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of a month by its English name, or at least three letters of it.
fn month_named(word: &str) -> Option<i16> {
    let is_it = |month: &&str| {
        word.len() >= 3
            && month.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let at = MONTHS.iter().position(is_it)?;
    i16::try_from(at + 1).ok()
}

fn number(digits: &str) -> Option<i16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    YEARS.contains(&year).then(|| Date::new(year, month, day).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_in_many_forms() {
        for text in [
            "2013-05-17",
            "2013-05-17T23:30:00-07:00",
            "2013-05-17 10:00:00",
            "2013/5/17",
            "20130517",
            "20130517T100000Z",
            "20130517100000",
            "Fri, 17 May 2013 10:00:00 GMT",
            "Fri May 17 10:00:00 PDT 2013",
            "May 17, 2013",
            "Published: Friday, MAY 17th, 2013 at 5:30 pm",
            "17 May 2013",
            "17th of May 2013",
            "17-May-2013",
            "2013 May 17",
            "17.05.2013",
            "05/17/2013",
            "17/05/2013",
        ] {
            assert_eq!(find(text), Some(jiff::civil::date(2013, 5, 17)), "{text}");
        }
        assert_eq!(find("05/05/2013"), Some(jiff::civil::date(2013, 5, 5)));
    }

    #[test]
    fn what_is_no_date_or_may_be_two_is_none() {
        for text in [
            "",
            "yesterday",
            "May 2013",
            "2013-05",
            "2013-13-01",
            "2013-02-30",
            "05/06/2013",
            "1989-12-31",
            "2101-01-01",
            "0001-01-01T00:00:00",
            "maybe 17 2013",
            "ma 17 2013",
            "1368784800",
            "17:05:2013",
            "4,17,2013",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
        assert!(find("1990-01-01").is_some() && find("2100-12-31").is_some());
    }

    #[test]
    fn dates_of_urls() {
        let day = Some(jiff::civil::date(2013, 5, 17));
        for url in [
            "https://a.example/2013/05/17/a-mill",
            "https://a.example/news/2013/may/17/a-mill",
            "https://a.example/2013/05/17-a-mill.html",
            "https://a.example/2013-05-17-a-mill",
            "https://a.example/a-mill-2013-05-17",
            "https://a.example/20130517/",
        ] {
            assert_eq!(of_url(url), day, "{url}");
        }
        for url in [
            "https://a.example/2013/05/a-mill",
            "https://a.example/20130517100000/b",
            "https://2013-05-17.example/",
            "https://a.example/?date=2013-05-17",
            "https://a.example/2013/5/3",
            "https://a.example/a-20130517",
        ] {
            assert_eq!(of_url(url), None, "{url}");
        }
    }

    #[test]
    fn texts_of_any_length_and_script_are_read() {
        assert_eq!(find(&"é".repeat(1000)), None);
        assert_eq!(find("١٧ مايو ٢٠١٣"), None);
        assert_eq!(find("2013年5月17日"), None);
    }
}
