//! Env files: the dotenv dialect of Docker Compose (L8, L9) and the `raw` format of `docker run` (L10).
//!
//! Reads no file and knows no order of files: the caller hands in what stands above and before this text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Fault;
use super::interpolation::{InterpolationFault, MOST_VALUE_BYTES, interpolate_within};

/// What an env file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dotenv {
    /// Keys with their last value, in the order in which they first appeared.
    pub(crate) values: Vec<Assignment>,
    /// Keys without `=` that the environment does not know either; they set nothing.
    pub(crate) without_value: Vec<Bare>,
    /// A last line that is a key without `=` and without line break, which 2.40 takes for the value of the empty key.
    pub(crate) missing_newline: Option<Bare>,
    /// Variables without value in values, each once (L19).
    pub(crate) unset: Vec<String>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The key.
    pub(crate) key: String,
    /// The value.
    pub(crate) value: String,
    /// From the key to the end of the value.
    pub(crate) range: Range<usize>,
}

/// A key that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bare {
    /// The key.
    pub(crate) key: String,
    /// Its place.
    pub(crate) range: Range<usize>,
}

/// Why an env file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DotenvFault {
    /// It breaks the grammar.
    Syntax(Fault),
    /// A value cannot be interpolated; ranges are those of the file.
    Interpolation(InterpolationFault),
}

/// Reads an env file; values see `lookup` first, then the keys read so far.
pub(crate) fn parse(
    text: &str,
    lookup: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Dotenv, DotenvFault> {
    parse_after(text, &BTreeMap::new(), lookup)
}

/// Does the same for a file that follows others; `earlier` holds their keys, which those of this file hide.
pub(crate) fn parse_after(
    text: &str,
    earlier: &BTreeMap<String, String>,
    lookup: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Dotenv, DotenvFault> {
    let mut reader = Reader {
        text,
        at: after_mark(text),
        allowance: MOST_VALUE_BYTES,
        earlier,
        lookup,
        found: Found::default(),
    };
    while reader.skip_to_statement() {
        reader.statement()?;
    }
    Ok(reader.found.dotenv)
}

/// Reads an env file of format `raw`: line by line, values verbatim.
pub(crate) fn parse_raw(text: &str, lookup: &mut dyn FnMut(&str) -> Option<String>) -> Result<Dotenv, Fault> {
    let mut found = Found::default();
    let mut allowance = MOST_VALUE_BYTES + text.len();
    let mut start = after_mark(text);
    for line in text[start..].split('\n') {
        let next = start + line.len() + 1;
        let statement = line.strip_suffix('\r').unwrap_or(line).trim_start();
        start += line.len() - line.trim_start().len();
        let range = start..start + statement.len();
        start = next;
        if statement.is_empty() || statement.starts_with('#') {
            continue;
        }
        let (key, value) = match statement.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (statement, None),
        };
        let place = range.start..range.start + key.len();
        if key.is_empty() {
            return Err(Fault::new(range, "there is no name before `=`"));
        }
        if key.contains([' ', '\t']) {
            return Err(Fault::new(place, "a name cannot contain spaces"));
        }
        match value.map(str::to_owned).or_else(|| lookup(key)) {
            Some(value) => {
                take(&mut allowance, &value).map_err(|reason| Fault::new(place, reason))?;
                found.set(key, value, range);
            }
            None => found.dotenv.without_value.push(Bare { key: key.to_owned(), range: place }),
        }
    }
    Ok(found.dotenv)
}

/// Takes a value from the allowance of bytes that a file may gather (L17).
fn take(allowance: &mut usize, value: &str) -> Result<(), &'static str> {
    *allowance = allowance.checked_sub(value.len()).ok_or("values amount to more than 16 MiB")?;
    Ok(())
}

/// Byte order mark of UTF-8, which Windows editors put first.
fn after_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The result so far, with an index of its keys and a copy of its unset variables to search.
#[derive(Default)]
struct Found {
    dotenv: Dotenv,
    index: BTreeMap<String, usize>,
    unset: BTreeSet<String>,
}

impl Found {
    fn set(&mut self, key: &str, value: String, range: Range<usize>) {
        if let Some(index) = self.index.get(key) {
            let assignment = &mut self.dotenv.values[*index];
            assignment.value = value;
            assignment.range = range;
        } else {
            self.index.insert(key.to_owned(), self.dotenv.values.len());
            self.dotenv.values.push(Assignment { key: key.to_owned(), value, range });
        }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.index.get(key).map(|index| self.dotenv.values[*index].value.as_str())
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    allowance: usize,
    earlier: &'a BTreeMap<String, String>,
    lookup: &'a mut dyn FnMut(&str) -> Option<String>,
    found: Found,
}

/// What ends a key.
enum KeyEnd {
    Separator,
    LineBreak,
    EndOfFile,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_blank).len();
    }

    /// Moves to the next statement, past blank lines and comments, or says that there is none.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            if !self.rest().starts_with('#') {
                return !self.rest().is_empty();
            }
            match self.rest().find('\n') {
                Some(offset) => self.at += offset,
                None => return false,
            }
        }
    }

    fn statement(&mut self) -> Result<(), DotenvFault> {
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(['\t', '\n', '\u{c}', '\r', ' '])
        {
            self.at += "export".len();
            self.skip_blanks();
        }
        let start = self.at;
        let (key, end) = self.key()?;
        let place = start..start + key.len();
        if !matches!(end, KeyEnd::Separator) {
            return self.bare(key, place, matches!(end, KeyEnd::EndOfFile));
        }
        if key.contains(' ') {
            return Err(syntax(place, SPACE_IN_KEY));
        }
        self.skip_blanks();
        let value = match self.rest().as_bytes().first() {
            Some(b'\'') => self.quoted('\'')?,
            Some(b'"') => {
                let start = self.at;
                let value = self.quoted('"')?;
                // Escapes move the bytes, so a fault within can only be placed at the whole value.
                let place = start..self.at;
                self.expand(&escapes(&value)).map_err(|fault| fault.at(place))?
            }
            _ => self.plain()?,
        };
        self.found.set(key, value, start..self.at);
        Ok(())
    }

    /// Takes over what the environment knows of a key that stands alone.
    fn bare(&mut self, key: &str, place: Range<usize>, last: bool) -> Result<(), DotenvFault> {
        let bare = Bare { key: key.to_owned(), range: place.clone() };
        match (last, key.is_empty()) {
            (true, true) => return Err(syntax(place, "there is no name behind `export`")),
            (true, false) => self.found.dotenv.missing_newline = Some(bare.clone()),
            (false, true) => return Ok(()),
            (false, false) if key.contains(' ') => return Err(syntax(place, SPACE_IN_KEY)),
            (false, false) => {}
        }
        match (self.lookup)(key) {
            Some(value) => {
                take(&mut self.allowance, &value).map_err(|reason| syntax(place.clone(), reason))?;
                self.found.set(key, value, place);
            }
            None => self.found.dotenv.without_value.push(bare),
        }
        Ok(())
    }

    /// Reads a key and what ends it.
    fn key(&mut self) -> Result<(&'a str, KeyEnd), DotenvFault> {
        let rest = self.rest();
        for (offset, character) in rest.char_indices() {
            let end = match character {
                '=' | ':' => KeyEnd::Separator,
                '\n' => KeyEnd::LineBreak,
                '_' | '.' | '-' | '[' | ']' => continue,
                _ if is_blank(character) || character.is_alphanumeric() => continue,
                _ => {
                    let place = self.at + offset..self.at + offset + character.len_utf8();
                    return Err(syntax(
                        place,
                        format!("a name cannot contain `{}`", character.escape_debug()),
                    ));
                }
            };
            self.at += offset + 1;
            return Ok((rest[..offset].trim_end(), end));
        }
        self.at = self.text.len();
        Ok((rest.trim_end(), KeyEnd::EndOfFile))
    }

    fn plain(&mut self) -> Result<String, DotenvFault> {
        let start = self.at;
        let line = self.rest().split('\n').next().unwrap_or_default();
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        // A comment that is left behind begins with a space, so the next statement is looked for behind it.
        self.at = start + value.len();
        Ok(self.expand(value).map_err(|fault| fault.shifted(start))?)
    }

    /// Reads up to the closing quote; only the quote itself can be escaped here.
    fn quoted(&mut self, quote: char) -> Result<String, DotenvFault> {
        let mut value = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((offset, character)) = characters.next() {
            if character == quote {
                self.at += offset + 1;
                return Ok(value);
            }
            if character != '\\' {
                value.push(character);
                continue;
            }
            match characters.next() {
                Some((_, escaped)) if escaped == quote => value.push(quote),
                Some((_, other)) => value.extend(['\\', other]),
                None => break,
            }
        }
        let line = self.rest().split('\n').next().unwrap_or_default();
        Err(syntax(self.at..self.at + line.trim_end().len(), format!("there is no closing `{quote}`")))
    }

    fn expand(&mut self, value: &str) -> Result<String, InterpolationFault> {
        let Self { found, earlier, lookup, allowance, .. } = self;
        let mut known = |name: &str| {
            lookup(name).or_else(|| found.get(name).map(str::to_owned)).or_else(|| earlier.get(name).cloned())
        };
        let result = interpolate_within(value, allowance, &mut known)?;
        for name in result.unset {
            if found.unset.insert(name.clone()) {
                found.dotenv.unset.push(name);
            }
        }
        Ok(result.text)
    }
}

const SPACE_IN_KEY: &str = "a name cannot contain a space";

fn syntax(range: Range<usize>, reason: impl Into<String>) -> DotenvFault {
    DotenvFault::Syntax(Fault::new(range, reason))
}

impl From<InterpolationFault> for DotenvFault {
    fn from(fault: InterpolationFault) -> Self {
        Self::Interpolation(fault)
    }
}

/// Space within a line.
const fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Replaces the escapes of a double-quoted value; `\$` becomes `$$` for the interpolation that follows.
fn escapes(value: &str) -> String {
    let mut result = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(offset) = rest.find('\\') {
        result.push_str(&rest[..offset]);
        rest = &rest[offset + 1..];
        let replacement = match rest.as_bytes().first() {
            Some(b'a') => "\u{7}",
            Some(b'b') => "\u{8}",
            Some(b'f') => "\u{c}",
            Some(b'n') => "\n",
            Some(b'r') => "\r",
            Some(b't') => "\t",
            Some(b'v') => "\u{b}",
            Some(b'\\') => "\\",
            Some(b'$') => "$$",
            Some(b'0') => {
                rest = octal(&rest[1..], &mut result);
                continue;
            }
            _ => {
                result.push('\\');
                continue;
            }
        };
        result.push_str(replacement);
        rest = &rest[1..];
    }
    result.push_str(rest);
    result
}

/// Reads what follows `\0`: three octal digits up to 377 are a character, else only the `0` is gone.
fn octal<'a>(rest: &'a str, result: &mut String) -> &'a str {
    let digits = rest.as_bytes().iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    if let (3, Ok(code)) = (digits, u8::from_str_radix(&rest[..digits], 8)) {
        result.push(char::from(code));
    } else {
        result.push('\\');
        result.push_str(&rest[..digits]);
    }
    &rest[digits..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment of these tests: `E` is `env`, `EMPTY` is empty.
    fn environment(name: &str) -> Option<String> {
        match name {
            "E" => Some("env".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let result = parse(text, &mut environment).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        let found: Vec<_> = result.values.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    fn check_syntax(text: &str, place: &str) {
        match parse(text, &mut environment) {
            Err(DotenvFault::Syntax(fault)) => assert_eq!(&text[fault.range], place, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn plain_values_end_with_line_or_comment() {
        check("A=1\nB=2", &[("A", "1"), ("B", "2")]);
        check(
            "A=x#c\nB=x #c\nC= #x\nD=#x\nE=x\t#c\n",
            &[("A", "x#c"), ("B", "x"), ("C", "#x"), ("D", "#x"), ("E", "x\t#c")],
        );
        check("A=a\\nb \\\nB=it's \"q\" \n", &[("A", "a\\nb \\"), ("B", "it's \"q\"")]);
        check("A=\nB= \t\r\n\n  C = c d \r\n", &[("A", ""), ("B", ""), ("C", "c d")]);
        check("A: 1\nB:2\nU=http://x:1/?a=b\n", &[("A", "1"), ("B", "2"), ("U", "http://x:1/?a=b")]);
        check("# a\n\n  # b\nA=1\n#c", &[("A", "1")]);
        check("\u{feff}A=1", &[("A", "1")]);
        check("", &[]);
        check("# only", &[]);
    }

    #[test]
    fn keys_take_letters_digits_and_some_signs() {
        check("a.b-c_d[0]=1\n1A=2\nÄé=3\n", &[("a.b-c_d[0]", "1"), ("1A", "2"), ("Äé", "3")]);
        check("A\tB=1\n", &[("A\tB", "1")]);
        check("=x\n", &[("", "x")]);
        check(
            "export A=1\nexport\tB=2\nexport=3\nexports=4\nexport  \n",
            &[("A", "1"), ("B", "2"), ("export", "3"), ("exports", "4")],
        );
        check_syntax("A=1\nB+C=2\n", "+");
        check_syntax("A B=1\n", "A B");
        check_syntax("A B\n", "A B");
        check_syntax("KEY\"=x", "\"");
    }

    #[test]
    fn last_assignment_wins_at_the_first_place() {
        check("A=1\nB=2\nA=3\n", &[("A", "3"), ("B", "2")]);
    }

    #[test]
    fn quotes_differ_in_escapes_and_variables() {
        check("A='a\\nb'\nB=\"a\\nb\"\nC=a\\nb\n", &[("A", "a\\nb"), ("B", "a\nb"), ("C", "a\\nb")]);
        check("A='$E ${E'\nB=\"$E\"\n", &[("A", "$E ${E"), ("B", "env")]);
        check("A='it\\'s'\nB=\"a \\\"b\\\"\"\n", &[("A", "it's"), ("B", "a \"b\"")]);
        check("A='x # y'\nB=\"x # y\" # z\n", &[("A", "x # y"), ("B", "x # y")]);
        check("A=\"1\n2\"\nB='1\n 2'", &[("A", "1\n2"), ("B", "1\n 2")]);
        check("A=''\nB=\"\"\nC=\n", &[("A", ""), ("B", ""), ("C", "")]);
        check("A='a\\\\'\nB=\"a\\\\\"\n", &[("A", "a\\\\"), ("B", "a\\")]);
    }

    #[test]
    fn double_quotes_know_some_escapes() {
        check(r#"A="\a\b\f\n\r\t\v\\""#, &[("A", "\u{7}\u{8}\u{c}\n\r\t\u{b}\\")]);
        check(r#"A="\x41\u0041\c\101\'\é""#, &[("A", r"\x41\u0041\c\101\'\é")]);
        check(r#"A="\0101\0377\0777\07\0\089\0400\01234""#, &[("A", "A\u{ff}\\777\\7\\\\89\\400S4")]);
        check(r#"A="\$E $$E \\$E \\\$E""#, &[("A", r"$E $E \env \$E")]);
    }

    #[test]
    fn values_see_the_environment_then_earlier_keys() {
        check("B=1\nA=\"${B:-z} \\$B\"\n", &[("B", "1"), ("A", "1 $B")]);
        check(
            "E=file\nA=$E\nB=$A$A\nC=${EMPTY:-d}${U-u}\n",
            &[("E", "file"), ("A", "env"), ("B", "envenv"), ("C", "du")],
        );
        let earlier = BTreeMap::from([("X".to_owned(), "old".to_owned()), ("Y".to_owned(), "y".to_owned())]);
        let result = parse_after("A=$X$Y\nX=new\nB=$X\n", &earlier, &mut environment).expect("valid");
        let values: Vec<_> = result.values.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, ["oldy", "new", "new"]);
    }

    #[test]
    fn unset_variables_are_told() {
        let result = parse("A=$U\nB=$V$U\nC='$W'\n", &mut environment).expect("valid");
        assert_eq!(result.unset, ["U", "V"]);
    }

    #[test]
    fn keys_alone_take_the_environment() {
        check("E\nEMPTY\nU\nA=1\n", &[("E", "env"), ("EMPTY", ""), ("A", "1")]);
        check("export E\n", &[("E", "env")]);
        let text = "A=1\n U\nexport V\n";
        let result = parse(text, &mut environment).expect("valid");
        let places: Vec<_> = result.without_value.iter().map(|one| &text[one.range.clone()]).collect();
        assert_eq!(places, ["U", "V"]);
        assert_eq!(result.missing_newline, None);
    }

    #[test]
    fn key_without_line_break_at_the_end_is_told() {
        let text = "A=1\nE";
        let result = parse(text, &mut environment).expect("valid");
        assert_eq!(result.values.last().map(|one| one.value.as_str()), Some("env"));
        assert_eq!(result.missing_newline, Some(Bare { key: "E".to_owned(), range: 4..5 }));
        assert!(parse("two words", &mut environment).is_ok());
        check_syntax("A=1\nexport ", "");
    }

    #[test]
    fn what_follows_a_quote_is_a_statement() {
        check("A=\"x\" E\n", &[("A", "x"), ("E", "env")]);
        check("A='x' B=2\n", &[("A", "x"), ("B", "2")]);
        check_syntax("A='a'b\"c\n", "\"");
        check_syntax("A='a' + b\n", "+");
    }

    #[test]
    fn open_quotes_are_refused() {
        check_syntax("A='x\nB=2", "'x");
        check_syntax("A=\"x\\\"\nB=2", "\"x\\\"");
        check_syntax("A=\"x\\", "\"x\\");
    }

    #[test]
    fn faults_of_variables_have_their_place_in_the_file() {
        let text = "A=1\nB=x ${U:?m}\n";
        match parse(text, &mut environment) {
            Err(DotenvFault::Interpolation(InterpolationFault::Required { name, message, range })) => {
                assert_eq!((name.as_str(), message.as_str(), &text[range]), ("U", "m", "${U:?m}"));
            }
            other => panic!("{other:?}"),
        }
        let text = "A=1\nB=\"\\n${\"\n";
        match parse(text, &mut environment) {
            Err(DotenvFault::Interpolation(fault)) => assert_eq!(&text[fault.range()], "\"\\n${\""),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ranges_reach_from_key_to_value() {
        let text = "\u{feff}export A = 1 #c\nB='x\ny' \n";
        let result = parse(text, &mut environment).expect("valid");
        let places: Vec<_> = result.values.iter().map(|one| &text[one.range.clone()]).collect();
        assert_eq!(places, ["A = 1", "B='x\ny'"]);
    }

    #[test]
    fn values_built_from_values_are_bounded() {
        let lines = (0..60).map(|index| format!("A{}=$A{index}$A{index}\n", index + 1));
        let text: String = std::iter::once("A0=x\n".to_owned()).chain(lines).collect();
        assert!(matches!(parse(&text, &mut environment), Err(DotenvFault::Interpolation(_))));
    }

    #[test]
    fn raw_lines_are_verbatim() {
        let text = "\u{feff}A=\"x y\"\r\n  B=$HOME # c \n\n # no\nE\nU\nC=\nA=2\nD==d";
        let result = parse_raw(text, &mut environment).expect("valid");
        let found: Vec<_> = result.values.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        assert_eq!(found, [("A", "2"), ("B", "$HOME # c "), ("E", "env"), ("C", ""), ("D", "=d")]);
        assert_eq!(&text[result.values[1].range.clone()], "B=$HOME # c ");
        assert_eq!(&text[result.without_value[0].range.clone()], "U");
        for (text, place) in [("A=1\n B C=2", "B C"), ("=x", "=x"), ("A \n", "A "), ("A\tB\n", "A\tB")] {
            let fault = parse_raw(text, &mut environment).expect_err(text);
            assert_eq!(&text[fault.range], place);
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[A-C=: '\"\\\\#\n\r\t$0-7{}né\u{feff}\u{a0}+-]{0,60}") {
                let _ = parse(&text, &mut environment);
                let _ = parse_raw(&text, &mut environment);
            }

            #[test]
            fn single_quotes_keep_all_but_themselves(value in "[^'\\\\]{0,30}") {
                let result = parse(&format!("A='{value}'"), &mut environment).expect("valid");
                prop_assert_eq!(&result.values[0].value, &value);
            }

            #[test]
            fn ranges_lie_inside_the_text(text in "[AB='\"\n $é{}+]{0,40}") {
                match parse(&text, &mut environment) {
                    Ok(result) => for one in &result.values {
                        prop_assert!(text.get(one.range.clone()).is_some());
                    },
                    Err(DotenvFault::Syntax(fault)) => prop_assert!(text.get(fault.range).is_some()),
                    Err(DotenvFault::Interpolation(fault)) => prop_assert!(text.get(fault.range()).is_some()),
                }
            }
        }
    }
}
