//! The registry asks for more than was proved, and the clinic comes back with it: once, and not in circles.

use actix_web::http::StatusCode;

use crate::fake_provider::parameters;
use crate::scene::{NOW, Page, Scene};

const STEP_UP: &str =
    "Bearer realm=\"registry\", error=\"insufficient_user_authentication\", acr_values=\"one two\", max_age=\"300\"";
const INVALID: &str = "Bearer realm=\"registry\", error=\"invalid_token\"";

impl Scene {
    /// Comes back from the provider that it was sent to.
    async fn approved(&mut self, sent: &Page) -> Page {
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let way_back = self.op.approve(&sent.location, NOW, self.good_sign_in());
        let back = self.back(&way_back).await;
        assert_eq!(back.location, "/history", "{}", back.text);
        self.get("/history").await
    }
}

#[actix_web::test]
async fn what_the_registry_demands_is_asked_of_the_provider() {
    let mut scene = Scene::new();
    assert_eq!(scene.get("/history").await.error(), "signed_out");
    scene.sign_in().await;
    scene.registry.refuses(&[STEP_UP]);
    let first = scene.get("/history").await;
    let asked = parameters(&first.location);
    assert_eq!(
        (asked["resource"].as_str(), asked.get("acr_values")),
        (scene.registry.url.as_str(), None)
    );
    let second = scene.approved(&first).await;
    let asked = parameters(&second.location);
    assert_eq!(
        (asked["acr_values"].as_str(), asked["max_age"].as_str()),
        ("one two", "300")
    );
    assert_eq!(asked["resource"], scene.registry.url);
    let page = scene.approved(&second).await;
    assert_eq!((page.id().as_str(), scene.registry.calls()), ("clinic-history", 2));
    let shown = page.find("[data-dispensed]").unwrap();
    assert!(shown.contains("Oxycodone <b>5</b> mg"), "{shown}");
    // Later the same token is too old: the same way once more.
    scene.registry.refuses(&[STEP_UP]);
    let again = scene.get("/history").await;
    assert_eq!(parameters(&again.location)["max_age"], "300");
    assert_eq!(scene.approved(&again).await.id(), "clinic-history");
    // And it expires.
    scene.registry.refuses(&[INVALID]);
    let expired = scene.get("/history").await;
    assert_eq!(parameters(&expired.location).get("acr_values"), None);
}

#[actix_web::test]
async fn nobody_is_sent_in_circles() {
    for (answers, error) in [
        (&[STEP_UP, STEP_UP][..], "registry_step_up"),
        (&[STEP_UP, INVALID], "registry_rejected"),
    ] {
        let mut scene = Scene::new();
        scene.sign_in().await;
        scene.registry.refuses(answers);
        let first = scene.get("/history").await;
        let second = scene.approved(&first).await;
        assert_eq!(scene.approved(&second).await.error(), error);
    }
    let mut scene = Scene::new();
    scene.sign_in().await;
    scene.registry.refuses(&[INVALID]);
    let first = scene.get("/history").await;
    assert_eq!(scene.approved(&first).await.error(), "registry_rejected");
}

#[actix_web::test]
async fn somebody_elses_token_is_not_kept() {
    let mut scene = Scene::new();
    scene.sign_in().await;
    let sent = scene.get("/history").await;
    let mut claims = scene.good_sign_in();
    claims["sub"] = "okafor".into();
    let way_back = scene.op.approve(&sent.location, NOW, claims);
    assert_eq!(scene.back(&way_back).await.error(), "subject_mismatch");
    assert_eq!(scene.registry.calls(), 0);
}
