//! Who names whom, and on which ports (N26): reads the texts of a finished model and fills each service's reach.
//!
//! Every text is read once, whoever uses it; what a name in it means depends on the reader (N25).

mod exact;
mod files;
mod finds;
mod own;
mod pairs;
mod schemes;
mod service;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::known_images;
use super::names::Names;
use crate::diag::{Sources, Span};
use crate::model::{FoundBy, FoundPort, Kind, Mention, Project, Protocol, Reach, Service, ServiceName};

/// What all texts are read with.
struct Scan<'a> {
    names: &'a Names,
    images: finds::ImageTags,
}

/// A place in a text that names something, before it is known whom.
struct Naming {
    /// Lower case.
    name: String,
    place: String,
    span: Span,
    port: Option<(u16, Protocol)>,
    /// A word that may mean the service's own name. A plain argument (`celery worker`) does not.
    counts_for_own: bool,
}

/// What a service's own texts say.
#[derive(Default)]
struct OwnTexts {
    /// Places that name services, in the order of the texts.
    namings: Vec<Naming>,
    /// Ports that it is told to listen on, or that its health check asks.
    weak: Vec<(u16, Protocol, String, Span)>,
    /// Ports that a proxy is told.
    proxied: Vec<(u16, Protocol, String, Span)>,
}

/// Finds of one service, by source of N20.
#[derive(Default)]
struct Draft {
    text: Vec<FoundPort>,
    own: Vec<FoundPort>,
    named_by: Vec<Mention>,
    names_itself: BTreeSet<String>,
    own_mentions: Vec<Mention>,
}

/// Fills `reach` of all services; texts of files that were read get their place among the sources.
pub(super) fn fill(project: &mut Project, sources: &mut Sources) {
    let names = names_of(project);
    let references = project.services.values().filter_map(|service| service.image.reference.as_ref());
    let images = finds::image_tags(references.map(|reference| reference.as_str()));
    let scan = Scan { names: &names, images };
    let files = files::read(&scan, project, sources);
    let mut drafts: BTreeMap<ServiceName, Draft> = BTreeMap::new();
    for (reader, service) in &project.services {
        let mut texts = service::texts(&scan, reader, service);
        texts.namings.extend(files.of_service(service));
        resolve(&names, reader, texts, &mut drafts);
    }
    let images = known_images_of(project);
    for ((name, service), image) in project.services.iter_mut().zip(images) {
        service.reach = finish(drafts.remove(name).unwrap_or_default(), image);
    }
}

fn names_of(project: &Project) -> Names {
    let services = project.services.iter().map(|(name, service)| (name, service.network.aliases.as_slice()));
    let networks = project.networks.iter().map(|(key, network)| (key, network.name.as_str()));
    Names::new(&project.name, services, networks)
}

/// Gives each naming to the services that are meant.
fn resolve(names: &Names, reader: &ServiceName, texts: OwnTexts, drafts: &mut BTreeMap<ServiceName, Draft>) {
    for naming in texts.namings {
        for service in names.meant(reader, &naming.name) {
            let draft = drafts.entry(service.clone()).or_default();
            let mention = Mention {
                by: reader.clone(),
                place: naming.place.clone(),
                span: naming.span,
                name: naming.name.clone(),
            };
            if service == reader {
                draft.add_own(mention, naming.port, naming.counts_for_own);
            } else {
                draft.add_text(mention, naming.port);
            }
        }
    }
    let draft = drafts.entry(reader.clone()).or_default();
    let mention = |place, span| Mention { by: reader.clone(), place, span, name: reader.as_str().to_owned() };
    for (port, protocol, place, span) in texts.proxied {
        add(&mut draft.text, port, protocol, FoundBy::Text(mention(place, span)));
    }
    for (port, protocol, place, span) in texts.weak {
        add(&mut draft.own, port, protocol, FoundBy::Own(mention(place, span)));
    }
}

impl Draft {
    fn add_own(&mut self, mention: Mention, port: Option<(u16, Protocol)>, counts: bool) {
        if counts {
            self.names_itself.insert(mention.name.clone());
        }
        push_new(&mut self.own_mentions, &mention);
        if let Some((port, protocol)) = port {
            add(&mut self.own, port, protocol, FoundBy::Own(mention));
        }
    }

    fn add_text(&mut self, mention: Mention, port: Option<(u16, Protocol)>) {
        push_new(&mut self.named_by, &mention);
        if let Some((port, protocol)) = port {
            add(&mut self.text, port, protocol, FoundBy::Text(mention));
        }
    }
}

/// Keeps a mention once for each place and name.
fn push_new(mentions: &mut Vec<Mention>, mention: &Mention) {
    let known = |known: &Mention| (&known.place, &known.name) == (&mention.place, &mention.name);
    // Repeats of one text come one behind the other, so the last ones are enough to look at.
    if !mentions.iter().rev().take(8).any(known) {
        mentions.push(mention.clone());
    }
}

fn add(found: &mut Vec<FoundPort>, port: u16, protocol: Protocol, by: FoundBy) {
    found.push(FoundPort { port, protocol, by });
}

/// What the image of a service tells.
struct ImagePorts {
    name: String,
    ports: Vec<(u16, Protocol)>,
    peers: Vec<(u16, Protocol)>,
    sql: bool,
}

/// What the images tell, for each service in order; nothing of tools and of services that end (N27).
fn known_images_of(project: &Project) -> Vec<Option<ImagePorts>> {
    let reference = |service: &Service| service.image.reference.as_ref().map(|written| written.value.clone());
    let mut users: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for service in project.services.values() {
        *users.entry(reference(service)).or_default() += 1;
    }
    let known = |service: &Service| {
        let image = reference(service)?;
        let process = &service.process;
        let server = known_images::find(&image, &process.entrypoint, &process.command).filter(|_| {
            matches!(service.lifecycle.kind, Kind::Service | Kind::Global(_) | Kind::OneShot(_))
        })?;
        let several = users.get(&Some(image.clone())).is_some_and(|users| *users > 1);
        Some(ImagePorts {
            name: server.name.to_owned(),
            ports: server.ports().to_vec(),
            peers: if several { server.peers().to_vec() } else { Vec::new() },
            sql: server.is_sql_database(),
        })
    };
    project.services.values().map(known).collect()
}

/// Puts the finds together in the order of their sources, each port once.
fn finish(draft: Draft, image: Option<ImagePorts>) -> Reach {
    let mut found = draft.text;
    if let Some(image) = &image {
        for (port, protocol) in image.ports.iter().chain(&image.peers) {
            add(&mut found, *port, *protocol, FoundBy::Image(image.name.clone()));
        }
    }
    found.extend(draft.own);
    let mut seen = BTreeSet::new();
    found.retain(|found| seen.insert((found.port, found.protocol)));
    let (peer_ports, sql_database, known_server) = match image {
        Some(image) => (image.peers, image.sql, Some(image.ports)),
        None => (Vec::new(), false, None),
    };
    Reach {
        found,
        named_by: draft.named_by,
        names_itself: draft.names_itself.into_iter().collect(),
        own_mentions: draft.own_mentions,
        peer_ports,
        known_server,
        sql_database,
    }
}
