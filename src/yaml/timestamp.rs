//! Which plain scalars yaml.v3 takes for a date or time (L13).
//!
//! It asks Go's `time.Parse` for four layouts; what that lets pass (one-digit parts, a comma before fractions, several
//! blanks between date and time) passes here too. The value of the time is not needed: Compose has no use for one.

/// Tells whether a text is a timestamp.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    rest.date().is_some_and(|()| rest.0.is_empty() || rest.time().is_some())
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn date(&mut self) -> Option<()> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits != 4 {
            return None;
        }
        let year = self.0[..4].iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
        self.0 = &self.0[4..];
        self.one(b'-')?;
        let month = self.number(1..=12)?;
        self.one(b'-')?;
        self.number(1..=days_in(year, month))?;
        Some(())
    }

    fn time(&mut self) -> Option<()> {
        let zoned = match self.take()? {
            b'T' | b't' => true,
            b' ' => false,
            _ => return None,
        };
        while !zoned && self.0.first() == Some(&b' ') {
            self.take();
        }
        self.number(0..=23)?;
        self.one(b':')?;
        self.number(0..=59)?;
        self.one(b':')?;
        self.number(0..=59)?;
        self.fraction();
        if zoned {
            self.zone()?;
        }
        self.0.is_empty().then_some(())
    }

    fn fraction(&mut self) {
        if let [b'.' | b',', digit, ..] = self.0
            && digit.is_ascii_digit()
        {
            let digits = self.0[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.0 = &self.0[1 + digits..];
        }
    }

    fn zone(&mut self) -> Option<()> {
        match self.take()? {
            b'Z' => Some(()),
            b'+' | b'-' => {
                self.two_digits(24)?;
                self.one(b':')?;
                self.two_digits(60)
            }
            _ => None,
        }
    }

    fn two_digits(&mut self, highest: u8) -> Option<()> {
        let (tens, ones) = (self.take()?, self.take()?);
        let number =
            (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + ones - b'0')?;
        (number <= highest).then_some(())
    }

    /// Takes a number of one or two digits.
    fn number(&mut self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let mut number = u32::from(self.take().filter(u8::is_ascii_digit)? - b'0');
        if let Some(digit) = self.0.first().filter(|byte| byte.is_ascii_digit()) {
            number = number * 10 + u32::from(digit - b'0');
            self.take();
        }
        range.contains(&number).then_some(number)
    }

    fn one(&mut self, byte: u8) -> Option<()> {
        (self.take()? == byte).then_some(())
    }

    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn dates_and_times_in_the_forms_of_go() {
        for text in [
            "2020-01-01",
            "2020-1-1",
            "2020-02-29",
            "2020-01-01T00:00:00Z",
            "2020-1-1t1:2:3.5Z",
            "2001-12-14T21:59:43,10-05:00",
            "2001-12-14 21:59:43.123456789012",
            "2001-12-14   1:2:3",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_text() {
        for text in [
            "2020-13-01",
            "2019-02-29",
            "20200-01-01",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "2001-12-14 21:59:43.10 -5",
            "2020-01-01T24:00:00Z",
            "2020-01-011",
            "2020-01",
            "2020-01-01T00:00:00.Z",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
