//! What a person is told when something did not work: stable codes, each with one remedy.
//! The words are in `locales/`, under the code.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MfaCode { $($(#[$doc])* $name),* }

        impl MfaCode {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

codes! {
    NumberNotTrusted = "MFA-101",
    NumberInUse = "MFA-102",
    ExtensionNotSupported = "MFA-103",
    NumberInvalid = "MFA-104",
    CodeWrong = "MFA-110",
    CodeExpired = "MFA-111",
    CodeUsed = "MFA-112",
    TooManyTries = "MFA-113",
    MethodDisabled = "MFA-114",
    NotDelivered = "MFA-120",
    PushNotDelivered = "MFA-130",
    PushDenied = "MFA-131",
    PushTimedOut = "MFA-132",
    PushNumberWrong = "MFA-133",
    NotificationsOff = "MFA-134",
    AppTooOld = "MFA-135",
    DeviceUnregistered = "MFA-136",
    SameDevice = "MFA-137",
    SecretExpired = "MFA-140",
    /// The code is right, but from another of this person's devices.
    OtherDevice = "MFA-141",
    ClockOff = "MFA-142",
    /// This partner does not accept this method.
    MethodRefused = "MFA-150",
    NothingAccepted = "MFA-151",
    NotApprovedForEpcs = "MFA-152",
    KeyNotRecognised = "MFA-160",
    WrongSite = "MFA-161",
    RecoveryCodeWrong = "MFA-170",
    LastMethod = "MFA-180",
    SigningDataChanged = "MFA-190",
}

impl fmt::Display for MfaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
