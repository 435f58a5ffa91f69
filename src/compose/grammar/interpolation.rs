//! Variables in texts: `$NAME`, `${NAME}`, `${NAME:-text}` and the other operators (L18, L19).
//!
//! Neither decides which texts are interpolated nor where values come from: the caller hands in a lookup.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Fault;

/// Deepest nesting of texts behind operators. Docker Compose has no bound and takes what the stack holds.
const DEEPEST: usize = 100;
/// Most bytes of values that one text may take in, so that values built from values cannot fill the memory.
pub(crate) const MOST_VALUE_BYTES: usize = 16 << 20;

/// A text with its variables replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interpolated {
    /// The result.
    pub(crate) text: String,
    /// Variables whose value stands in the result, each once.
    pub(crate) used: Vec<String>,
    /// Variables without value that stood alone (L19), each once; also those of a default that was not taken.
    pub(crate) unset: Vec<String>,
}

/// Why a text could not be interpolated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InterpolationFault {
    /// Something after `${` that is no variable, or more than the bounds allow.
    Invalid(Fault),
    /// A variable that `?` or `:?` demands.
    Required {
        /// Name of the variable.
        name: String,
        /// The text behind the operator, interpolated; may be empty.
        message: String,
        /// The whole expression, from `$` to the closing brace.
        range: Range<usize>,
    },
}

impl InterpolationFault {
    /// Returns the bytes it is about.
    pub(crate) fn range(&self) -> Range<usize> {
        match self {
            Self::Invalid(fault) => fault.range.clone(),
            Self::Required { range, .. } => range.clone(),
        }
    }

    /// Says the same of other bytes.
    pub(crate) fn at(mut self, place: Range<usize>) -> Self {
        match &mut self {
            Self::Invalid(fault) => fault.range = place,
            Self::Required { range, .. } => *range = place,
        }
        self
    }

    /// Moves the fault of a part to its place in the text that holds the part.
    pub(crate) fn shifted(self, by: usize) -> Self {
        let Range { start, end } = self.range();
        self.at(start + by..end + by)
    }
}

/// Replaces the variables of one text by what `lookup` knows of them.
pub(crate) fn interpolate(
    text: &str,
    lookup: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Interpolated, InterpolationFault> {
    interpolate_within(text, &mut { MOST_VALUE_BYTES }, lookup)
}

/// Does the same with an allowance of bytes of values that many texts share; what was looked up is taken from it.
pub(crate) fn interpolate_within(
    text: &str,
    allowance: &mut usize,
    lookup: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Interpolated, InterpolationFault> {
    if !text.contains('$') {
        return Ok(Interpolated { text: text.to_owned(), ..Interpolated::default() });
    }
    let mut expander = Expander {
        text,
        lookup,
        allowance,
        output: String::with_capacity(text.len()),
        used: vec![],
        unset: vec![],
    };
    expander.expand(0..text.len(), 0)?;
    let Expander { output, used, unset, .. } = expander;
    Ok(Interpolated { text: output, used: each_once(used), unset: each_once(unset) })
}

fn each_once(names: Vec<&str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

/// A variable as a text mentions it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// Whether `?` or `:?` demands it.
    pub(crate) required: bool,
    /// Text behind `-` or `:-`, as written.
    pub(crate) default: String,
    /// Text behind `+` or `:+`, as written.
    pub(crate) alternate: String,
}

/// Lists the variables that a text mentions, those inside defaults too.
///
/// Of one name the last mention counts for `config --variables`; hence the order of Docker Compose, which reads an
/// expression with an operator only after what follows it on its line. What is no variable is passed over.
pub(crate) fn variables(text: &str) -> Vec<Variable> {
    let mut found = Vec::new();
    list(text, 0..text.len(), 0, &mut found);
    found
}

fn list(text: &str, range: Range<usize>, depth: usize, found: &mut Vec<Variable>) {
    let mut line = Line::default();
    let mut at = range.start;
    let mut waiting: Vec<Vec<Variable>> = Vec::new();
    let mut waits_until = 0;
    while let Some(dollar) = text[at..range.end].find('$').map(|offset| at + offset) {
        if dollar >= waits_until {
            found.extend(waiting.drain(..).rev().flatten());
        }
        match token(text, dollar, range.end, &mut line) {
            Token::Dollar { end } | Token::Literal { end } => at = end,
            Token::Invalid { .. } => at = dollar + 2,
            Token::Variable { name, end } => {
                found.push(Variable {
                    name: text[name].to_owned(),
                    required: false,
                    default: String::new(),
                    alternate: String::new(),
                });
                at = end;
            }
            Token::Operation { name, operator, operand, end, .. } => {
                let behind = |wanted| {
                    if operator == wanted { text[operand.clone()].to_owned() } else { String::new() }
                };
                let mut group = vec![Variable {
                    name: text[name].to_owned(),
                    required: operator == Operator::Required,
                    default: behind(Operator::Default),
                    alternate: behind(Operator::Alternate),
                }];
                if depth < DEEPEST && operator != Operator::Required {
                    list(text, operand, depth + 1, &mut group);
                }
                waiting.push(group);
                waits_until = line.last_brace.map_or(end, |brace| brace + 1);
                at = end;
            }
        }
    }
    found.extend(waiting.drain(..).rev().flatten());
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `-`
    Default,
    /// `+`
    Alternate,
    /// `?`
    Required,
}

/// What a `$` begins.
enum Token {
    /// `$$`
    Dollar { end: usize },
    /// A `$` that means itself.
    Literal { end: usize },
    /// A name, in braces or not.
    Variable { name: Range<usize>, end: usize },
    /// A name, an operator, and its text.
    Operation {
        name: Range<usize>,
        operator: Operator,
        empty_is_unset: bool,
        operand: Range<usize>,
        end: usize,
    },
    /// `${` that begins none of these.
    Invalid { reason: &'static str },
}

/// The last closing brace of the line that is being read, kept so that each line is searched once.
#[derive(Default)]
struct Line {
    end: usize,
    last_brace: Option<usize>,
}

impl Line {
    fn move_to(&mut self, text: &str, at: usize, end: usize) {
        if at >= self.end {
            self.end = text[at..end].find('\n').map_or(end, |offset| at + offset);
            self.last_brace = text[at..self.end].rfind('}').map(|offset| at + offset);
        }
    }
}

fn token(text: &str, dollar: usize, end: usize, line: &mut Line) -> Token {
    match text.as_bytes()[dollar + 1..end].first() {
        Some(b'$') => Token::Dollar { end: dollar + 2 },
        Some(b'{') => braced(text, dollar, end, line),
        Some(byte) if is_name_start(*byte) => {
            let name = name(text, dollar + 1, end);
            Token::Variable { end: name.end, name }
        }
        _ => Token::Literal { end: dollar + 1 },
    }
}

fn braced(text: &str, dollar: usize, end: usize, line: &mut Line) -> Token {
    line.move_to(text, dollar, end);
    let bytes = &text.as_bytes()[..end];
    let name = name(text, dollar + 2, end);
    if name.is_empty() {
        return Token::Invalid {
            reason: "`${` needs a name of letters, digits and `_`, not beginning with a digit",
        };
    }
    let behind = name.end;
    if bytes.get(behind) == Some(&b'}') {
        return Token::Variable { name, end: behind + 1 };
    }
    let empty_is_unset = bytes.get(behind) == Some(&b':');
    let sign = behind + usize::from(empty_is_unset);
    let operator = match bytes.get(sign) {
        Some(b'-') => Operator::Default,
        Some(b'+') => Operator::Alternate,
        Some(b'?') => Operator::Required,
        _ => {
            return Token::Invalid {
                reason: "only `-`, `+`, `?`, `:-`, `:+`, `:?` or `}` may follow the name",
            };
        }
    };
    let Some(last) = line.last_brace.filter(|last| *last > sign) else {
        return Token::Invalid { reason: "`${` is not closed on its line" };
    };
    let close = closing_brace(bytes, dollar, last).unwrap_or(last);
    Token::Operation { name, operator, empty_is_unset, operand: sign + 1..close, end: close + 1 }
}

/// Guesses how far an expression that is none was meant to go: to the next closing brace or the end of the line.
fn meant(text: &str, dollar: usize, line_end: usize) -> Range<usize> {
    let rest = &text[dollar..line_end];
    dollar..dollar + rest.find('}').map_or(rest.trim_end().len(), |brace| brace + 1)
}

/// Counts braces up to the last one of the line. The byte behind an opening brace is not looked at (L18).
fn closing_brace(bytes: &[u8], dollar: usize, last: usize) -> Option<usize> {
    let mut open = 0_usize;
    let mut at = dollar;
    while at <= last {
        match bytes[at] {
            b'}' if open <= 1 => return Some(at),
            b'}' => open -= 1,
            b'{' => {
                open += 1;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn name(text: &str, start: usize, end: usize) -> Range<usize> {
    let bytes = &text.as_bytes()[start..end];
    if !bytes.first().is_some_and(|byte| is_name_start(*byte)) {
        return start..start;
    }
    let length = bytes.iter().position(|byte| !(is_name_start(*byte) || byte.is_ascii_digit()));
    start..length.map_or(end, |length| start + length)
}

const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

struct Expander<'a> {
    text: &'a str,
    lookup: &'a mut dyn FnMut(&str) -> Option<String>,
    allowance: &'a mut usize,
    output: String,
    used: Vec<&'a str>,
    unset: Vec<&'a str>,
}

impl<'a> Expander<'a> {
    /// Appends a range of the text to the output, its variables replaced.
    fn expand(&mut self, range: Range<usize>, depth: usize) -> Result<(), InterpolationFault> {
        let text = self.text;
        if depth > DEEPEST {
            return Err(refuse(range, format!("defaults are nested deeper than {DEEPEST}")));
        }
        let mut line = Line::default();
        let mut at = range.start;
        while let Some(dollar) = text[at..range.end].find('$').map(|offset| at + offset) {
            self.output.push_str(&text[at..dollar]);
            at = match token(text, dollar, range.end, &mut line) {
                Token::Dollar { end } | Token::Literal { end } => {
                    self.output.push('$');
                    end
                }
                Token::Variable { name, end } => {
                    self.plain(&text[name], dollar..end)?;
                    end
                }
                Token::Operation { name, operator, empty_is_unset, operand, end } => {
                    self.operation(&text[name], operator, empty_is_unset, operand, dollar..end, depth)?;
                    end
                }
                Token::Invalid { reason } => return Err(refuse(meant(text, dollar, line.end), reason)),
            };
        }
        self.output.push_str(&text[at..range.end]);
        Ok(())
    }

    fn plain(&mut self, name: &'a str, range: Range<usize>) -> Result<(), InterpolationFault> {
        match self.look_up(name, range)? {
            Some(value) => {
                self.output.push_str(&value);
                self.used.push(name);
            }
            None => self.unset.push(name),
        }
        Ok(())
    }

    fn operation(
        &mut self,
        name: &'a str,
        operator: Operator,
        empty_is_unset: bool,
        operand: Range<usize>,
        range: Range<usize>,
        depth: usize,
    ) -> Result<(), InterpolationFault> {
        let start = self.output.len();
        let used = self.used.len();
        // Evaluated whether it is needed or not, as 2.40 does: an error or an unset variable inside counts.
        self.expand(operand, depth + 1)?;
        let value = self.look_up(name, range.clone())?.filter(|value| !(empty_is_unset && value.is_empty()));
        match (operator, value) {
            (Operator::Default, None) | (Operator::Alternate, Some(_)) => {}
            (Operator::Alternate, None) => {
                self.output.truncate(start);
                self.used.truncate(used);
            }
            (Operator::Default | Operator::Required, Some(value)) => {
                self.output.truncate(start);
                self.output.push_str(&value);
                self.used.truncate(used);
                self.used.push(name);
            }
            (Operator::Required, None) => {
                let message = self.output.split_off(start);
                return Err(InterpolationFault::Required { name: name.to_owned(), message, range });
            }
        }
        Ok(())
    }

    fn look_up(&mut self, name: &str, range: Range<usize>) -> Result<Option<String>, InterpolationFault> {
        let value = (self.lookup)(name);
        let length = value.as_ref().map_or(0, String::len);
        match self.allowance.checked_sub(length) {
            Some(left) => *self.allowance = left,
            None => return Err(refuse(range, "values of variables amount to more than 16 MiB")),
        }
        Ok(value)
    }
}

fn refuse(range: Range<usize>, reason: impl Into<String>) -> InterpolationFault {
    InterpolationFault::Invalid(Fault::new(range, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SET` is `v`, `EMPTY` is empty, `D` holds a dollar, all else is unset.
    fn known(name: &str) -> Option<String> {
        match name {
            "SET" | "set" => Some("v".to_owned()),
            "EMPTY" => Some(String::new()),
            "D" => Some("$SET".to_owned()),
            _ => None,
        }
    }

    fn check(text: &str, expected: &str) {
        let result = interpolate(text, &mut known).map(|result| result.text);
        assert_eq!(result.as_deref(), Ok(expected), "{text}");
    }

    fn check_invalid(text: &str, place: &str) {
        match interpolate(text, &mut known) {
            Err(InterpolationFault::Invalid(fault)) => assert_eq!(&text[fault.range], place, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn check_required(text: &str, name: &str, message: &str, place: &str) {
        match interpolate(text, &mut known) {
            Err(InterpolationFault::Required { name: found, message: said, range }) => {
                assert_eq!((found.as_str(), said.as_str(), &text[range]), (name, message, place), "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn dollars_that_begin_no_name_stay() {
        check("", "");
        check("no variable", "no variable");
        check("$$SET", "$SET");
        check("$$$SET", "$v");
        check("$1 $(x) $ b $-a a$", "$1 $(x) $ b $-a a$");
        check("$é", "$é");
    }

    #[test]
    fn names_end_where_ascii_names_end() {
        check("$SET.x", "v.x");
        check("$SET-x ${SET}x", "v-x vx");
        check("$SETé", "vé");
        check("$SET_x", "");
        check("$set$SET", "vv");
        check("$X1", "");
    }

    #[test]
    fn values_are_not_read_again() {
        check("$D ${D} ${U:-$D}", "$SET $SET $SET");
    }

    #[test]
    fn operators_follow_the_table() {
        for (text, set, empty, unset) in [
            ("${X:-t}", "v", "t", "t"),
            ("${X-t}", "v", "", "t"),
            ("${X:+t}", "t", "", ""),
            ("${X+t}", "t", "t", ""),
        ] {
            check(&text.replace('X', "SET"), set);
            check(&text.replace('X', "EMPTY"), empty);
            check(&text.replace('X', "U"), unset);
        }
        check("${SET:?t}${SET?t}${EMPTY?t}", "vv");
        check_required("a ${EMPTY:?t} b", "EMPTY", "t", "${EMPTY:?t}");
        check_required("${U:?needs $SET}", "U", "needs v", "${U:?needs $SET}");
        check_required("${U?}", "U", "", "${U?}");
    }

    #[test]
    fn first_operator_decides() {
        check("${U:-a:?b}", "a:?b");
        check("${U-a:-b}", "a:-b");
        check("${U--}${U:-?}", "-?");
        check("${SET+a:-b}", "a:-b");
    }

    #[test]
    fn text_behind_the_operator_is_interpolated_even_if_unused() {
        check("${U:-${V:-w}}", "w");
        check("${U:-a$SET${V-b}c}", "avbc");
        check("${U:-$$x}", "$x");
        check_required("${SET:-${U:?x}}", "U", "x", "${U:?x}");
        check_invalid("${SET:-${}}", "${}");
    }

    #[test]
    fn closing_brace_is_counted() {
        check(r#"${U:-{"a":1}}"#, r#"{"a":1}"#);
        check(r#"${U:-{"a":{"b":1}}} tail}"#, r#"{"a":{"b":1}} tail}"#);
        check("${U:-a} b} ${U:-c}", "a b} c");
        check("${SET:-a}}", "v}");
        // The byte behind an opening brace is skipped, so `{}` opens and does not close.
        check("${U:-{}}", "{}");
        check("${U:-{} a} b}", "{} a} b");
        check("${U:-{{}}", "{{}");
        check("${U:-é}}", "é}");
    }

    #[test]
    fn lines_bound_the_search_for_a_brace() {
        check("${U:-a}\n}", "a\n}");
        check("${U:-a}\n${U:-b}\n", "a\nb\n");
        check_invalid("${U:-a\n}", "${U:-a");
        check_invalid("x ${U:-\n} y", "${U:-");
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        for text in ["${}", "${1}", "${a b}", "${X:=y}", "${#X}", "${X%y}", "${X:}", "${X!}", "${ X}", "${é}"]
        {
            check_invalid(text, text);
        }
        check_invalid("a ${", "${");
        check_invalid("a ${X", "${X");
        check_invalid("a ${X:-b", "${X:-b");
        check_invalid("${SET} and ${X:=y} and", "${X:=y}");
    }

    #[test]
    fn reports_what_was_used_and_what_was_unset() {
        let text = "$SET ${SET:-a} $U $U ${V:-$W} ${SET:-$Q$D} ${D:+x} ${R} ${S:+$D}";
        let result = interpolate(text, &mut known).expect("valid");
        assert_eq!(result.used, ["SET"]);
        assert_eq!(result.unset, ["U", "W", "Q", "R"]);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "${U:-".repeat(depth) + &"}".repeat(depth);
        check(&nested(100), "");
        assert!(matches!(interpolate(&nested(102), &mut known), Err(InterpolationFault::Invalid(_))));
        assert!(matches!(interpolate(&nested(100_000), &mut known), Err(InterpolationFault::Invalid(_))));
    }

    #[test]
    fn size_is_bounded() {
        let mut lookup = |_: &str| Some("x".repeat(1 << 20));
        let of = |count: usize| "$A".repeat(count);
        assert_eq!(interpolate(&of(16), &mut lookup).expect("fits").text.len(), 16 << 20);
        assert!(matches!(interpolate(&of(17), &mut lookup), Err(InterpolationFault::Invalid(_))));
        let unused = "${A:+}".repeat(17);
        assert!(matches!(interpolate(&unused, &mut lookup), Err(InterpolationFault::Invalid(_))));
    }

    #[test]
    fn long_texts_are_read_once() {
        let text = "${U:-a} $$ ${SET} { ".repeat(50_000);
        assert_eq!(interpolate(&text, &mut known).expect("valid").text, "a $ v { ".repeat(50_000));
        let open = format!("{}}}", "${U:-{".repeat(50_000));
        assert!(interpolate(&open, &mut known).is_err());
        assert_eq!(variables(&text).len(), 100_000);
    }

    fn names(text: &str) -> Vec<String> {
        variables(text)
            .into_iter()
            .map(|v| format!("{}|{}|{}|{}", v.name, v.required, v.default, v.alternate))
            .collect()
    }

    #[test]
    fn lists_variables() {
        assert_eq!(names("$A ${B} $$C ${D:-e} ${F-}"), ["A|false||", "B|false||", "F|false||", "D|false|e|"]);
        assert_eq!(names("${A:?m} ${}"), ["A|true||"]);
        assert_eq!(names("${A:+x}"), ["A|false||x"]);
        assert_eq!(names("${A-${B:-$C}}"), ["A|false|${B:-$C}|", "B|false|$C|", "C|false||"]);
        assert_eq!(
            names("${A:-1}\n$A ${A:-2} ${A:-3}"),
            ["A|false|1|", "A|false||", "A|false|3|", "A|false|2|"]
        );
        assert_eq!(names("${A:?$B}"), ["A|true||"]);
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_panics(text in "[$(){}\n:?+a-cA-C_0-2é -]{0,60}") {
                let _ = interpolate(&text, &mut known);
                let _ = variables(&text);
            }

            #[test]
            fn doubled_dollars_give_the_text_back(text in "\\PC{0,40}") {
                let result = interpolate(&text.replace('$', "$$"), &mut known).expect("no variable");
                prop_assert_eq!(result.text, text);
            }

            #[test]
            fn faults_lie_inside_the_text(text in "[${}:?ab\n-]{0,40}") {
                if let Err(fault) = interpolate(&text, &mut known) {
                    prop_assert!(text.get(fault.range()).is_some());
                }
            }
        }
    }
}
