//! What the user lets through and what not: `--deny`, `--warn`, `--allow`, `--strict` over diagnostics (C30–C33).
//!
//! Pure: wishes and diagnostics in, findings out. Reads no argv; the order of the wishes is the order of the flags.

use super::codes::CliCode;
use crate::diag::{Class, Code, Diagnostic, Finding, Level, Outcome, Severity, Span, nearest};

/// Names that `--allow` takes besides codes: permissions that a rule asks for (K79, K80, N22).
pub(crate) const PERMITS: &[&str] = &["device-hostpath", "host-port", "unsafe-sysctls"];

/// Names of groups.
const GROUPS: &[(&str, Group)] = &[
    ("approximated", Group::Approximated),
    ("data", Group::Data),
    ("dropped", Group::Dropped),
    ("notes", Group::Notes),
    ("security", Group::Security),
    ("warnings", Group::Warnings),
];

/// What shall become of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// `--deny`: an error.
    Deny,
    /// `--warn`: a warning.
    Warn,
    /// `--allow`: counted, not shown.
    Allow,
}

impl Verdict {
    /// Returns the flag's name.
    const fn flag(self) -> &'static str {
        match self {
            Self::Deny => "--deny",
            Self::Warn => "--warn",
            Self::Allow => "--allow",
        }
    }

    const fn level(self) -> Level {
        match self {
            Self::Deny => Level::Error,
            Self::Warn => Level::Warning,
            Self::Allow => Level::Allowed,
        }
    }
}

/// A set of findings with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Approximated,
    Data,
    Dropped,
    Notes,
    Security,
    Warnings,
}

impl Group {
    fn has(self, found: &Diagnostic) -> bool {
        let class = found.code.info().class;
        match self {
            Self::Approximated => found.outcome == Some(Outcome::Approximated),
            Self::Data => class == Class::Data,
            Self::Dropped => found.outcome == Some(Outcome::Dropped),
            Self::Notes => found.severity == Severity::Note,
            Self::Security => class == Class::Security,
            Self::Warnings => found.severity == Severity::Warning,
        }
    }
}

/// What a wish is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    Group(Group),
    Code { code: Code, service: Option<String> },
}

/// One flag: a verdict over a group, a code, or a code on one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    verdict: Verdict,
    subject: Subject,
    /// As written, for messages.
    text: String,
    /// Where settings say it.
    span: Option<Span>,
    /// Why, as settings say it.
    reason: Option<String>,
}

/// All wishes of a run, in the order of the flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    all: Vec<Wish>,
    permits: Vec<String>,
    strict: bool,
    /// How many of them stand in settings: those come first.
    settings: usize,
}

impl Wishes {
    /// Takes one flag.
    ///
    /// # Errors
    /// The text of a usage error: an unknown name, or one that must not be let through this way.
    pub(crate) fn add(&mut self, verdict: Verdict, text: &str, codes: &[Code]) -> Result<(), String> {
        if verdict == Verdict::Allow && PERMITS.contains(&text) {
            self.permits.push(text.to_owned());
            return Ok(());
        }
        let subject = subject(verdict, text, codes)?;
        self.all.push(Wish { verdict, subject, text: text.to_owned(), span: None, reason: None });
        Ok(())
    }

    /// Takes a wish of settings: what was read before counts less, a flag more, of the same rank (C12).
    ///
    /// # Errors
    /// As [`Self::add`].
    pub(crate) fn add_setting(
        &mut self,
        verdict: Verdict,
        text: &str,
        span: Span,
        reason: Option<String>,
        codes: &[Code],
    ) -> Result<(), String> {
        if verdict == Verdict::Allow && PERMITS.contains(&text) {
            self.permits.push(text.to_owned());
            return Ok(());
        }
        let subject = subject(verdict, text, codes)?;
        let wish = Wish { verdict, subject, text: text.to_owned(), span: Some(span), reason };
        self.all.insert(self.settings, wish);
        self.settings += 1;
        Ok(())
    }

    /// Denies a code before all settings and flags: what a command itself wishes counts least.
    ///
    /// # Errors
    /// As [`Self::add`].
    #[cfg(feature = "cluster")]
    pub(crate) fn deny_first(&mut self, text: &str, codes: &[Code]) -> Result<(), String> {
        let subject = subject(Verdict::Deny, text, codes)?;
        let wish = Wish { verdict: Verdict::Deny, subject, text: text.to_owned(), span: None, reason: None };
        self.all.insert(0, wish);
        self.settings += 1;
        Ok(())
    }

    /// Takes `strict` of settings: flags count before it.
    pub(crate) fn be_strict_below(&mut self) {
        let flags = self.all.split_off(self.settings);
        self.be_strict();
        self.settings = self.all.len();
        self.all.extend(flags);
    }

    /// Takes `--strict`: warnings and dropped keys are errors, and so is all that concerns security and data.
    pub(crate) fn be_strict(&mut self) {
        self.strict = true;
        for (name, group) in [("warnings", Group::Warnings), ("dropped", Group::Dropped)] {
            let subject = Subject::Group(group);
            let text = name.to_owned();
            self.all.push(Wish { verdict: Verdict::Deny, subject, text, span: None, reason: None });
        }
    }

    /// Tells whether a permit was given with `--allow`.
    pub(crate) fn permits(&self, permit: &str) -> bool {
        self.permits.iter().any(|given| given == permit)
    }

    /// Gives each diagnostic its level, and adds a note for each `--allow CODE` that matched nothing (C32).
    pub(crate) fn judge(&self, diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
        let unused: Vec<Diagnostic> = self
            .all
            .iter()
            .filter(|wish| wish.verdict == Verdict::Allow && !matches!(wish.subject, Subject::Group(_)))
            .filter(|wish| !diagnostics.iter().any(|found| wish.rank(found).is_some()))
            .map(|wish| {
                let message = match wish.span {
                    Some(_) => format!("the setting `allow` of `{}` matched nothing", wish.text),
                    None => format!("`--allow {}` matched nothing", wish.text),
                };
                Diagnostic::new(CliCode::AllowUnused, message).at_opt(wish.span).help("remove it")
            })
            .collect();
        diagnostics.into_iter().chain(unused).map(|found| self.finding(found)).collect()
    }

    /// Tells whether one of the diagnostics is an error, and is not let through.
    pub(crate) fn refuse(&self, diagnostics: &[Diagnostic]) -> bool {
        diagnostics.iter().any(|found| self.level(found).0 == Level::Error)
    }

    fn finding(&self, found: Diagnostic) -> Finding {
        let (level, reason) = self.level(&found);
        Finding { diagnostic: found, level, reason }
    }

    /// Returns the level of a diagnostic, and the wish that lets it through.
    fn level(&self, found: &Diagnostic) -> (Level, Option<String>) {
        let mut level = Level::from(found.severity);
        let mut reason = None;
        let mut best = None;
        if self.strict && matches!(found.code.info().class, Class::Security | Class::Data) {
            level = Level::Error;
            // No group can undo it, only the code's own name.
            best = Some(Rank::Group);
        }
        let strict_only = best.is_some();
        for wish in &self.all {
            let Some(rank) = wish.rank(found) else { continue };
            if best.is_none_or(|best| rank >= best) && !(strict_only && rank == Rank::Group) {
                best = Some(rank);
                level = wish.verdict.level();
                let flag = wish.verdict.flag();
                let given = wish.reason.clone().unwrap_or_else(|| format!("{flag} {}", wish.text));
                reason = (level == Level::Allowed).then_some(given);
            }
        }
        (level, reason)
    }
}

/// How specific a wish is; the most specific counts, of equals the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Group,
    Code,
    CodeOfService,
}

impl Wish {
    /// Returns how specifically the wish speaks of a diagnostic; `None` when it does not.
    fn rank(&self, found: &Diagnostic) -> Option<Rank> {
        match &self.subject {
            Subject::Group(group) => (group.has(found) && self.may_by_group(found)).then_some(Rank::Group),
            Subject::Code { code, .. } if *code != found.code => None,
            Subject::Code { .. } if !self.may_by_name(found) => None,
            Subject::Code { service: None, .. } => Some(Rank::Code),
            Subject::Code { service, .. } => (*service == found.service).then_some(Rank::CodeOfService),
        }
    }

    /// A group may make anything worse; it lowers no error, and nothing that concerns security or data.
    fn may_by_group(&self, found: &Diagnostic) -> bool {
        let guarded = matches!(found.code.info().class, Class::Security | Class::Data);
        match self.verdict {
            Verdict::Deny => true,
            Verdict::Warn => found.severity != Severity::Error,
            Verdict::Allow => found.severity != Severity::Error && !guarded,
        }
    }

    /// A name lowers only those errors whose rule says what is then written.
    fn may_by_name(&self, found: &Diagnostic) -> bool {
        let lowers = self.verdict != Verdict::Deny && found.severity == Severity::Error;
        !lowers || found.code.info().lowerable
    }
}

/// Reads what stands behind a flag: a group, `CODE`, or `CODE=SERVICE`.
fn subject(verdict: Verdict, text: &str, codes: &[Code]) -> Result<Subject, String> {
    if let Some((name, group)) = GROUPS.iter().find(|(name, _)| *name == text) {
        if verdict == Verdict::Allow && matches!(group, Group::Security | Group::Data) {
            return Err(format!("`--allow {name}` is too much at once: allow each code by its name"));
        }
        return Ok(Subject::Group(*group));
    }
    let (name, service) = match text.split_once('=') {
        Some((name, service)) => (name, Some(service.to_owned())),
        None => (text, None),
    };
    let Some(code) = codes.iter().find(|code| code.name() == name) else {
        return Err(unknown(verdict, name, codes));
    };
    let info = code.info();
    if verdict != Verdict::Deny && info.severity == Severity::Error && !info.lowerable {
        let flag = verdict.flag();
        return Err(format!("`{flag} {name}`: this error cannot be lowered (rcompose explain {name})"));
    }
    Ok(Subject::Code { code: *code, service })
}

fn unknown(verdict: Verdict, name: &str, codes: &[Code]) -> String {
    let permits: &[&str] = if verdict == Verdict::Allow { PERMITS } else { &[] };
    let known = GROUPS.iter().map(|(name, _)| *name).chain(codes.iter().map(|code| code.name()));
    let known = known.chain(permits.iter().copied());
    let flag = verdict.flag();
    match nearest(name, known) {
        Some(near) => format!("unknown code `{name}` after `{flag}`; did you mean `{near}`?"),
        None => format!("unknown code `{name}` after `{flag}` (rcompose explain --list shows all)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::CodeInfo;

    const fn info(name: &'static str, severity: Severity, class: Class, lowerable: bool) -> CodeInfo {
        CodeInfo { name, severity, class, lowerable, meaning: "", page: "" }
    }

    static NOTE: CodeInfo = info("a-note", Severity::Note, Class::Fidelity, false);
    static WARNING: CodeInfo = info("a-warning", Severity::Warning, Class::Fidelity, false);
    static RISK: CodeInfo = info("a-risk", Severity::Warning, Class::Security, false);
    static DATA: CodeInfo = info("a-data-note", Severity::Note, Class::Data, false);
    static ERROR: CodeInfo = info("an-error", Severity::Error, Class::Load, false);
    static SOFT: CodeInfo = info("a-soft-error", Severity::Error, Class::Data, true);

    fn codes() -> Vec<Code> {
        [&NOTE, &WARNING, &RISK, &DATA, &ERROR, &SOFT].map(Code).to_vec()
    }

    /// Reads flags as on the command line.
    fn wishes(flags: &str) -> Result<Wishes, String> {
        let mut wishes = Wishes::default();
        let mut words = flags.split_whitespace();
        while let Some(flag) = words.next() {
            let verdict = match flag {
                "--deny" => Verdict::Deny,
                "--warn" => Verdict::Warn,
                "--allow" => Verdict::Allow,
                _ => {
                    wishes.be_strict();
                    continue;
                }
            };
            wishes.add(verdict, words.next().expect("a value"), &codes())?;
        }
        Ok(wishes)
    }

    /// One diagnostic of each code, on service `web`; the warning's key was dropped.
    fn levels(flags: &str) -> String {
        let mut found: Vec<Diagnostic> =
            codes().into_iter().map(|code| Diagnostic::new(code, "x").service("web")).collect();
        found[1].outcome = Some(Outcome::Dropped);
        let findings = wishes(flags).expect("legal flags").judge(found);
        let levels: Vec<&str> = findings.iter().map(|finding| &finding.level.word()[..1]).collect();
        levels.concat()
    }

    #[test]
    fn levels_follow_the_flags() {
        // note, warning, risk, data note, error, error that can be lowered
        for (flags, expected) in [
            ("", "nwwnee"),
            ("--strict", "neeeee"),
            ("--deny warnings", "neenee"),
            ("--deny notes", "ewweee"),
            ("--warn notes", "wwwwee"),
            ("--allow warnings", "nawnee"),
            ("--allow warnings --allow notes", "aawnee"),
            ("--allow dropped", "nawnee"),
            ("--deny security", "nwenee"),
            ("--deny data", "nwweee"),
            ("--allow a-risk", "nwanee"),
            ("--allow a-soft-error", "nwwnea"),
            ("--warn a-soft-error", "nwwnew"),
        ] {
            assert_eq!(levels(flags), expected, "{flags}");
        }
    }

    #[test]
    fn the_later_flag_wins_and_the_more_specific_one_before_that() {
        for (flags, expected) in [
            ("--deny a-warning --allow a-warning", "nawnee"),
            ("--allow a-warning --deny a-warning", "newnee"),
            ("--allow a-warning --deny warnings", "naenee"),
            ("--allow a-warning --strict", "naeeee"),
            ("--strict --allow a-risk", "neaeee"),
            ("--allow notes --strict", "aeeeee"),
            ("--strict --warn warnings", "nweeee"),
            ("--deny a-warning=web --allow a-warning", "newnee"),
        ] {
            assert_eq!(levels(flags), expected, "{flags}");
        }
    }

    #[test]
    fn an_allow_that_matches_nothing_is_reported() {
        let found = vec![Diagnostic::new(Code(&WARNING), "x").service("web")];
        let findings = wishes("--allow a-note --allow a-warning=db").expect("legal").judge(found);
        let text: Vec<&str> = findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
        assert_eq!(text, ["x", "`--allow a-note` matched nothing", "`--allow a-warning=db` matched nothing"]);
    }

    #[test]
    fn an_allowed_finding_carries_its_reason() {
        let findings =
            wishes("--allow warnings").expect("legal").judge(vec![Diagnostic::new(Code(&WARNING), "x")]);
        assert_eq!(findings[0].reason.as_deref(), Some("--allow warnings"));
    }

    #[test]
    fn wrong_names_are_usage_errors_with_a_suggestion() {
        for (flags, expected) in [
            ("--allow a-warnin", "unknown code `a-warnin` after `--allow`; did you mean `a-warning`?"),
            ("--deny zzz", "unknown code `zzz` after `--deny` (rcompose explain --list shows all)"),
            ("--allow security", "`--allow security` is too much at once: allow each code by its name"),
            (
                "--allow an-error",
                "`--allow an-error`: this error cannot be lowered (rcompose explain an-error)",
            ),
            (
                "--deny host-port",
                "unknown code `host-port` after `--deny` (rcompose explain --list shows all)",
            ),
        ] {
            assert_eq!(wishes(flags).expect_err("a usage error"), expected);
        }
    }

    #[test]
    fn permits_are_no_codes() {
        let wishes = wishes("--allow host-port").expect("legal");
        assert!(wishes.permits("host-port") && !wishes.permits("unsafe-sysctls"));
        assert!(wishes.judge(Vec::new()).is_empty());
    }
}
