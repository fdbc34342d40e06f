//! `/account/activity`: sign-ins and changes, newest first (S51).

use actix_web::{HttpRequest, HttpResponse, web};
use fluent_bundle::FluentArgs;

use super::{Entered, draw, enter};
use crate::base::Timestamp;
use crate::journey::Trouble;
use crate::journey::errands::Gate;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::errand::ACCOUNT_CLIENT;
use crate::protocol::params::Params;
use crate::web::fault::PageFault;
use crate::web::locale::Locale;
use crate::web::pages::{Activity, ActivityView};
use crate::web::site::Web;

/// Entries of one page.
const ENTRIES: usize = 25;

/// GET, with `?before=` (microseconds since 1970).
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let who = match enter(&request, &web, Gate::SignedIn).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    match view(&request, &web, &who).await {
        Ok(page) => draw(&request, &web, &who, None, &page),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

async fn view(request: &HttpRequest, web: &Web, who: &Entered) -> Result<Activity, Trouble> {
    let user = who.scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let query = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let before = query.single("before").ok().flatten().and_then(|b| b.parse().ok());
    // What has been written in this very moment belongs to it.
    let before = before.map_or_else(|| just_after(who.scene.now), Timestamp::from_micros);
    let limit = i64::try_from(ENTRIES + 1).unwrap_or(i64::MAX);
    let mut found = web.op.store.view().await?.activity(&user.id, before, limit).await?;
    let older = cut(&mut found).map(|at| format!("{}/account/activity?before={}", web.op.issuer.path, at.micros()));
    let locale = super::frame(request, web, who).locale;
    Ok(Activity {
        entries: found.iter().map(|r| line(web, who, locale, r)).collect(),
        older,
    })
}

fn just_after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().saturating_add(1))
}

/// Cuts a page off what was found; before when the next one begins, if there is more. Records of one moment stay
/// together, for the next page is asked for by time alone.
fn cut(found: &mut Vec<AuditRecord>) -> Option<Timestamp> {
    let next = found.get(ENTRIES)?.at;
    let whole = found.iter().position(|r| r.at == next).unwrap_or(ENTRIES);
    found.truncate(if whole == 0 { ENTRIES } else { whole });
    Some(if whole == 0 { next } else { just_after(next) })
}

fn line(web: &Web, who: &Entered, locale: Locale, record: &AuditRecord) -> ActivityView {
    let detail = |name: &str| record.detail.get(name).and_then(serde_json::Value::as_str);
    let partner = record.client.as_ref().filter(|c| c.as_str() != ACCOUNT_CLIENT);
    let clients = &who.scene.current.workspace.clients;
    let name = |id: &crate::base::ClientId| clients.get(id).map_or_else(|| id.to_string(), |c| c.name.clone());
    ActivityView {
        at: record.at,
        key: key(web, locale, &record.event),
        event: record.event.clone(),
        refused: record.outcome != Outcome::Success,
        method: detail("method").and_then(|m| m.parse().ok()),
        nickname: detail("nickname").filter(|n| !n.is_empty()).map(str::to_owned),
        place: record.ip.clone(),
        partner: partner.map(name),
    }
}

/// An event without words of its own still shows.
fn key(web: &Web, locale: Locale, event: &str) -> String {
    let key = format!("activity-{}", event.replace('.', "-"));
    match web.pages.text(locale, &key, &FluentArgs::new()) {
        Some(_) => key,
        None => "activity-other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audit::FOR_ITS_SUBJECT;
    use crate::web::locale::Texts;

    fn at(times: &[i64]) -> Vec<AuditRecord> {
        let record = |t: &i64| AuditRecord::new("auth.session.created", Outcome::Success, Timestamp::from_micros(*t));
        times.iter().map(record).collect()
    }

    #[test]
    fn every_event_that_people_see_has_words() {
        let texts = Texts::load().unwrap();
        for event in FOR_ITS_SUBJECT {
            let key = format!("activity-{}", event.replace('.', "-"));
            assert!(texts.get(Locale::En, &key, &FluentArgs::new()).is_some(), "{key}");
        }
    }

    #[test]
    fn a_page_ends_between_two_moments() {
        let mut few = at(&[3, 2, 1]);
        assert_eq!((cut(&mut few), few.len()), (None, 3));
        let mut times: Vec<i64> = (0..26).map(|n| 100 - n).collect();
        let mut many = at(&times);
        assert_eq!(cut(&mut many), Some(Timestamp::from_micros(76)));
        assert_eq!(many.len(), 25, "75 begins the next page");
        times[24] = 75;
        let mut together = at(&times);
        assert_eq!(cut(&mut together), Some(Timestamp::from_micros(76)));
        assert_eq!(together.len(), 24);
        let mut all_at_once = at(&[7; 26]);
        assert_eq!(cut(&mut all_at_once), Some(Timestamp::from_micros(7)));
        assert_eq!(all_at_once.len(), 25, "and it still gets on");
    }
}
