//! Where a container listens, as its options say it.

use std::ops::Range;

use super::super::super::sheet::SourceText;
use super::super::super::variable::{self, Place, Setting};
use super::super::super::{Problem, image, server};
use super::{Container, Given};

impl Container<'_> {
    /// Ollama's own port published, though the server is told to listen at another one.
    pub(super) fn unserved(&self, sheet: &mut SourceText<'_>, value: &str, at: Range<usize>) {
        let Some(listens) = image::port(&self.settings).filter(|port| *port != server::PORT) else {
            return;
        };
        if image::publishes(value).is_some_and(|(_, inner)| inner == server::PORT) {
            let inner = value.rfind(':').map_or(0, |colon| colon + 1);
            let form = format!("{}{listens}", value.get(..inner).unwrap_or_default());
            let (address, ports) = (value.to_owned(), vec![listens]);
            sheet.advise(at.clone(), form);
            sheet.find(at, Problem::WrongPort { address, ports });
        }
    }

    /// `PORT:PORT` and `published=PORT,target=PORT` in a swarm, which knows no addresses there.
    pub(super) fn routed(&self, sheet: &mut SourceText<'_>, value: &str, at: Range<usize>) {
        let target = value
            .split(',')
            .find_map(|part| part.strip_prefix("target="));
        let target = target.or_else(|| value.rsplit(':').next());
        let listens = image::port(&self.settings);
        if target.is_some_and(|target| image::leads_to_ollama(target, listens)) {
            let address = value.to_owned();
            sheet.find_with(at, Problem::OpenPort { address }, "");
        }
    }

    /// In the machine's own network it listens where the image says, which is everywhere, unless it is told otherwise.
    pub(super) fn on_the_host(
        &self,
        sheet: &mut SourceText<'_>,
        network: Range<usize>,
        given: &Given,
    ) {
        let named = |setting: &&Setting| setting.name == "OLLAMA_HOST";
        let own = self.settings.iter().rev().find(named);
        let value = own.map(|host| host.value.as_str());
        let value = match value.or(given.host.as_deref()) {
            Some(value) => value,
            None if given.unread => return,
            None => "0.0.0.0",
        };
        let Some(port) = variable::open(value) else {
            return;
        };
        let address = format!("0.0.0.0:{port}");
        let right = format!("127.0.0.1:{port}");
        match own {
            Some(host) => {
                sheet.find(host.at.clone(), Problem::OpenPort { address });
                host.put(sheet, &right);
            }
            None => {
                let form = match self.place {
                    Place::Quadlet => format!("Environment=OLLAMA_HOST={right}"),
                    _ => format!("-e OLLAMA_HOST={right}"),
                };
                self.advise(sheet, &form);
                // Which may be on another line than the image.
                let beside = sheet.number(network.start) == sheet.number(self.image.start);
                match beside {
                    true => sheet.find(network, Problem::OpenPort { address }),
                    false => sheet.find_with(network, Problem::OpenPort { address }, form),
                }
            }
        }
    }

    /// Shows one option more before the image.
    pub(super) fn advise(&self, sheet: &mut SourceText<'_>, option: &str) {
        match self.place {
            Place::Quadlet => {
                let line = sheet.line_start(self.image.start);
                sheet.advise(line..line, format!("{option}\n"));
            }
            _ => {
                let at = self.image.start;
                sheet.advise(at..at, format!("{option} "));
            }
        }
    }
}
