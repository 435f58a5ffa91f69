//! The sentences of `expect.txt`; `fixtures/README.md` says what each means.

/// A line with a sentence in it.
pub(crate) struct Line {
    pub(crate) text: String,
    target: Option<&'static str>,
    pub(crate) sentence: Sentence,
}

impl Line {
    /// Returns the targets that the line is about.
    pub(crate) fn targets(&self) -> Vec<&'static str> {
        self.target.map_or_else(|| vec!["k8s", "swarm"], |target| vec![target])
    }
}

/// What a reader would check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sentence {
    Resolves { name: String },
    Reaches { from: String, to: String, port: u16, udp: bool },
    CannotReach { from: String, to: String },
    ReachedFromOutside { service: String, port: u16, inside: u16 },
    NotReachedFromOutside { service: String },
    Keeps { service: String, path: String },
    Shares { service: String, path: String, with: String },
    Finds { service: String, text: String, path: String },
    SeesHost { service: String, path: String },
    NothingMounted { service: String, path: String },
    Runs { service: String, image: String },
    StartedWith { service: String, words: String },
    Has { service: String, variable: String, value: String },
    Copies { service: String, number: u64 },
    StartsAfter { service: String, first: String },
    NoGap { service: String },
    ReplacedAtATime { service: String, number: u64 },
    WaitsBetween { service: String, seconds: u64 },
    LogsTo { service: String, driver: String, option: String, value: String },
    Reported { code: String, service: Option<String> },
}

/// Reads one line; nothing for a blank one or a comment.
pub(crate) fn parse(line: &str) -> Result<Option<Line>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (target, text) = match line.split_once(": ") {
        Some(("k8s", rest)) => (Some("k8s"), rest),
        Some(("swarm", rest)) => (Some("swarm"), rest),
        _ => (None, line),
    };
    let sentence = sentence(text).ok_or("no such sentence")?;
    Ok(Some(Line { text: text.to_owned(), target, sentence }))
}

fn sentence(text: &str) -> Option<Sentence> {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let own = str::to_owned;
    Some(match words.as_slice() {
        [name, "resolves"] => Sentence::Resolves { name: own(name) },
        ["outside", "reaches", service, "on", port] => Sentence::ReachedFromOutside {
            service: own(service),
            port: port.parse().ok()?,
            inside: port.parse().ok()?,
        },
        ["outside", "reaches", service, "on", port, "as", inside] => Sentence::ReachedFromOutside {
            service: own(service),
            port: port.parse().ok()?,
            inside: inside.parse().ok()?,
        },
        ["outside", "cannot", "reach", service] => Sentence::NotReachedFromOutside { service: own(service) },
        [from, "reaches", to, "on", port] => {
            let (number, udp) = port.strip_suffix("/udp").map_or((*port, false), |number| (number, true));
            Sentence::Reaches { from: own(from), to: own(to), port: number.parse().ok()?, udp }
        }
        [from, "cannot", "reach", to] => Sentence::CannotReach { from: own(from), to: own(to) },
        [service, "keeps", path] => Sentence::Keeps { service: own(service), path: own(path) },
        [service, "shares", path, "with", with] => {
            Sentence::Shares { service: own(service), path: own(path), with: own(with) }
        }
        [service, "finds", text, "in", path] => {
            Sentence::Finds { service: own(service), text: own(text), path: own(path) }
        }
        [service, "sees", "the", "host", "at", path] => {
            Sentence::SeesHost { service: own(service), path: own(path) }
        }
        [service, "has", "nothing", "mounted", "at", path] => {
            Sentence::NothingMounted { service: own(service), path: own(path) }
        }
        [service, "runs", image] => Sentence::Runs { service: own(service), image: own(image) },
        [service, "is", "started", "with", rest @ ..] => {
            Sentence::StartedWith { service: own(service), words: rest.join(" ") }
        }
        [service, "is", number, "copies"] => {
            Sentence::Copies { service: own(service), number: number.parse().ok()? }
        }
        [service, "is", "replaced", "without", "a", "gap"] => Sentence::NoGap { service: own(service) },
        [service, "is", "replaced", number, "at", "a", "time"] => {
            Sentence::ReplacedAtATime { service: own(service), number: number.parse().ok()? }
        }
        [service, "waits", seconds, "between"] => {
            Sentence::WaitsBetween { service: own(service), seconds: seconds.parse().ok()? }
        }
        [service, "starts", "after", first] => {
            Sentence::StartsAfter { service: own(service), first: own(first) }
        }
        [service, "logs", "to", driver, "with", option] => {
            let (option, value) = option.split_once('=')?;
            Sentence::LogsTo {
                service: own(service),
                driver: own(driver),
                option: own(option),
                value: own(value),
            }
        }
        ["the", "report", "names", code] => Sentence::Reported { code: own(code), service: None },
        ["the", "report", "names", code, "for", service] => {
            Sentence::Reported { code: own(code), service: Some(own(service)) }
        }
        [service, "has", assignment] => {
            let (variable, value) = assignment.split_once('=')?;
            Sentence::Has { service: own(service), variable: own(variable), value: own(value) }
        }
        _ => return None,
    })
}

/// Splits at blanks; what stands in double quotes is one word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, piece) in text.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}
