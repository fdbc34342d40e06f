//! One struct per hosted page: what its template shows, and nothing that it does not show.
//! Nothing here decides: who may choose what, and why not, comes from policy.

mod account;
mod authenticator;
mod choose;
mod codes;
mod consent;
mod device;
mod ending;
mod enrol;
mod new_account;
mod push;
mod sign_in;
mod verify;

pub use account::{
    AccessView, Account, AccountClosed, AccountLost, AccountRemove, AccountRename, AccountSecurity, AccountUndo,
    Activity, ActivityView, AddedBy, ChangePassword, CloseAccount, ConfirmEmail, Done, Fact, HelpPhone, LanguageChoice,
    LostChoice, MethodEntry, PartnerLink, PhoneView, Privacy, Profile, SessionView, Sessions, Standing, UndoState,
};
pub use authenticator::Authenticator;
pub use choose::{AuthenticatorChoice, Because, ChooseAuthenticator, ChooseMethod, MethodChoice, RefusedMethod, Stage};
pub use codes::{MFA_CODES, Trouble};
pub use consent::{Consent, DetailView, ScopeView};
pub use device::{Device, DeviceStage};
pub use ending::{ErrorPage, Need, Refused, SignedOut};
pub use enrol::{Enrol, EnrolPhone, EnrolTotp, EnrolWebauthn, EnrolWhy, Enrolled, LinkBy, PhoneStage, RecoveryCodes};
pub use new_account::{NewPassword, Recover, RecoverStage, Register, RegisterStage, SetUpLink};
pub use push::{EnrolPush, PushStage, VerifyPush, Wait};
pub use sign_in::{Passkey, SignIn, VerifyPassword};
pub use verify::{Channel, VerifyPhone, VerifyRecoveryCode, VerifyTotp, VerifyWebauthn};

use super::page::Page;

/// Does something with the type of every page.
pub trait Visit {
    fn page<P: Page>(&mut self);
}

/// The list of all pages.
pub fn each(visit: &mut impl Visit) {
    visit.page::<SignIn>();
    visit.page::<VerifyPassword>();
    visit.page::<ChooseMethod>();
    visit.page::<ChooseAuthenticator>();
    visit.page::<VerifyTotp>();
    visit.page::<VerifyPhone>();
    visit.page::<VerifyWebauthn>();
    visit.page::<VerifyRecoveryCode>();
    visit.page::<VerifyPush>();
    visit.page::<Enrol>();
    visit.page::<Enrolled>();
    visit.page::<EnrolTotp>();
    visit.page::<EnrolPhone>();
    visit.page::<EnrolWebauthn>();
    visit.page::<EnrolPush>();
    visit.page::<RecoveryCodes>();
    visit.page::<Consent>();
    visit.page::<Refused>();
    visit.page::<Device>();
    visit.page::<Register>();
    visit.page::<Recover>();
    visit.page::<NewPassword>();
    visit.page::<SetUpLink>();
    visit.page::<Account>();
    visit.page::<AccountSecurity>();
    visit.page::<AccountRename>();
    visit.page::<AccountRemove>();
    visit.page::<AccountLost>();
    visit.page::<AccountUndo>();
    visit.page::<HelpPhone>();
    visit.page::<Profile>();
    visit.page::<ConfirmEmail>();
    visit.page::<ChangePassword>();
    visit.page::<Sessions>();
    visit.page::<Activity>();
    visit.page::<Privacy>();
    visit.page::<CloseAccount>();
    visit.page::<AccountClosed>();
    visit.page::<Authenticator>();
    visit.page::<ErrorPage>();
    visit.page::<SignedOut>();
}
