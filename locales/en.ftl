# Words of the hosted pages. Every message here has its twin in the other languages, with the same variables;
# a test compares them. The variant `unknown` is for a variable that has no value.

## Layout
title-error = Error:
to-continue-to = to continue to
this-application = the application
you-are-on = You are on
language = Language
signed-in-as = Signed in as
username = Username
cancel = Cancel
choose-another = Choose another method
reference = Reference
preferred = Preferred
primary = Primary
opens-new-tab = (opens in a new tab)
return-to = Return to { $partner }

## Dates
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
date = { $month } { $day }, { $year }

## Sign in
sign-in-title = Sign in
password = Password
password-optional = You can leave the password empty and go on.
show = Show
hide = Hide
continue = Continue
sign-in-button = Sign in

## Password
verify-password-title = Enter your password
verify-password-again = For this step { $partner } needs your password again, even if you have just signed in.

## Choosing
choose-second-title = How do you want to confirm it is you?
choose-second-lead = { $partner } asks for one more step.
choose-first-title = How do you want to sign in?
refused-methods = Not available here
choose-authenticator-title = Which one do you have with you?
choose-authenticator-lead = Pick the device that you want to use now.
added-on = Added { $date }

method-password = Password
    .line = The password of this account.
method-totp = Code generator
    .line = Type the 6-digit code from your app or token. Works without a network.
method-push = Push to your phone
    .line = Approve a request in the app on your phone.
method-webauthn = Passkey or security key
    .line = Your fingerprint, face, PIN or a key that you plug in or tap.
method-sms = Text message
    .line = We text you a 6-digit code. Less safe than the other methods.
method-voice = Phone call
    .line = We call you and read out a 6-digit code. Less safe than the other methods.
method-recovery_code = Recovery code
    .line = One of the codes that you saved for an emergency.

because-partner = Not accepted by { $partner }
because-prescriber = Not available for prescribers of controlled substances
because-strength = Not strong enough for what { $partner } asks for
because-workspace = Switched off by your organization
because-disabled = Switched off after too many wrong tries; set it up again
because-own = { $detail }

## Code generator
verify-totp-title = Enter the code
verify-totp-lead = Type the { $digits }-digit code that this device shows now.
verify-totp-device = Code generator
code = Code
code-hint = { $digits } digits; a new code comes every 30 seconds.
verify-button = Verify

## Text message and phone call
verify-sms-title = Enter the code we texted you
verify-sms-lead = We sent a text message with a { $digits }-digit code to
verify-voice-title = Enter the code from our call
verify-voice-lead = We are calling you and will read out a { $digits }-digit code, twice, at
phone-hint =
    { $minutes ->
        [one] The code is good for one minute and works once.
       *[other] The code is good for { $minutes } minutes and works once.
    }
phone-never-share = Nobody from your organization will ever ask you for this code.
resend-sms = Send it again
resend-voice = Call me again
resent-sms = We sent a new code. The one before no longer works.
resent-voice = We are calling you again with a new code. The one before no longer works.
help-summary = I did not get it
help-intro = Try these, in this order:
help-signal = Check that your phone has a signal and is not in airplane mode.
help-blocked-sms = Look among blocked or filtered messages; your carrier may hold back short codes.
help-blocked-voice = Check that calls from unknown numbers are not silenced or blocked.
help-update = Install waiting updates of your phone's system.
help-restart = Switch the phone off and on again.
help-carrier = Ask your carrier whether messages and calls from services reach your line.
help-retry-sms = Then choose “Send it again”.
help-retry-voice = Then choose “Call me again”.
help-changed = New number or carrier?
help-changed-link = Update your phone number

## Consent
consent-title = Allow { $partner } to use your account?
consent-lead = { $partner } asks for:
consent-note = You can take this back at any time on your account page.
consent-policy = Privacy policy
consent-tos = Terms of service
allow = Allow
deny = Do not allow
scope-openid = Know who you are
    .line = An identifier of your account, and how and when you signed in
scope-profile = See your profile
    .line = Your name and the like
scope-email = See your e-mail address
    .line = The address, and whether it is verified
scope-phone = See your phone number
    .line = The number, and whether it is verified
scope-address = See your postal address
    .line = The address of your account
scope-offline_access = Stay connected
    .line = Use this access also while you are away, until you take it back
scope-evidence = See how you signed in
    .line = Which methods and devices you used, and when

## Refused
refused-title = This sign-in cannot go on
refused-need = What { $partner } asks for
refused-accepted = These methods would do
need-mfa = Two different proofs that it is you, such as your password and your phone.
need-aal2 = Two strong proofs that it is you, such as your password and a code generator.
need-phishing-resistant = A passkey or a security key, which cannot be used on a false site.
need-hardware = A security key whose hardware is known and approved.
need-epcs = For signing prescriptions of controlled substances: your password and a separate device, both now, in one go.
need-other = A stronger proof that it is you.

## Signed out
stayed-title = You are still signed in
stayed-text = Nothing has changed. You can close this page.
signed-out-title = You are signed out
signed-out-text = Close the browser window if others use this computer.
logout-title = Do you want to sign out?
logout-text = You will be signed out here. Applications that you opened with this account may ask you to sign in again.
logout-button = Sign out
stay-button = Stay signed in

## Error page
error-title = Something went wrong
error-help = If you ask for help, give this reference. It lets the support team find what happened.

## Trouble that has no MFA code
wrong-password = Username or password is not right
    .text = We could not sign you in with what you typed.
    .remedy = Check the username, type the password again, and look whether Caps Lock is on.
stale-form = This page is no longer of use
    .text = It was open for too long, or this sign-in has already been finished.
    .remedy = Go back to where you came from and begin again.
oauth-request = The request is not valid
    .text = The application that sent you here asked in a way that we cannot answer.
    .remedy = Go back to the application and start again; if it stays so, tell its support.
oauth-client = We do not know this application
    .text = The application, or the address that it wants you sent back to, is not registered here.
    .remedy = Do not type your password; tell the support of the application.
oauth-denied = The sign-in was cancelled
    .text = Nothing was passed on to the application.
    .remedy = Go back to the application and start again when you want to.
oauth-login = You need to sign in
    .text = The application needs you to be signed in, and you are not.
    .remedy = Go back to the application and sign in there.
oauth-unmet = A stronger sign-in is needed
    .text = The application asks for a proof that this account cannot give at present.
    .remedy = Set up one of the methods that the application accepts.
oauth-busy = We cannot do this right now
    .text = The service is busy or a part of it cannot be reached.
    .remedy = Wait a minute, then try again.
oauth-server = Something broke on our side
    .text = It is not your fault, and nothing was passed on to the application.
    .remedy = Try again; if it happens again, give the reference to support.
oauth-missing = There is nothing at this address
    .text = The address is mistyped, or the sign-in that it belongs to is over.
    .remedy = Go back to the application and start again.

## The codes that a person may read out to support. One sentence, one remedy.
mfa-101 = We cannot use this phone number
    .text = The number belongs to an internet phone service, or was found to be at risk.
    .remedy = Enter a mobile number in your own name.
mfa-102 = This number is already in use
    .text = This phone number cannot be added to your account.
    .remedy = Enter another number, or ask support and give the reference.
mfa-103 = Numbers with an extension do not work
    .text = We cannot send a code to an extension, so nothing was sent.
    .remedy = Enter a direct number without an extension.
mfa-104 = This is not a valid phone number
    .text = There are too few or too many digits, or the country code is missing.
    .remedy = Enter the number with its area code, such as (555) 010-0199.
mfa-110 = The code is not right
    .text =
        { $left ->
            [unknown] What you typed is not the code that we expected.
            [one] What you typed is not the code that we expected; you have one try left.
           *[other] What you typed is not the code that we expected; you have { $left } tries left.
        }
    .remedy = Type the newest code, digit by digit.
mfa-111 = The code has expired
    .text = A code is good for a few minutes only.
    .remedy = Ask for a new code.
mfa-112 = This code was already used
    .text = Every code works once.
    .remedy = Wait for the next code and type that one.
mfa-113 = Too many tries
    .text =
        { $minutes ->
            [unknown] To protect your account, we take no more codes for a while.
            [one] To protect your account, we take no more codes for one minute.
           *[other] To protect your account, we take no more codes for { $minutes } minutes.
        }
    .remedy = Wait, then try again.
mfa-114 = This method is switched off
    .text = It was switched off after too many wrong tries.
    .remedy = Sign in with another method and set this one up again.
mfa-120 = The code did not reach you
    .text = The carrier could not deliver our message or call.
    .remedy = Choose another method.
mfa-130 = The request did not reach your phone
    .text = Your phone could not be notified.
    .remedy = Open the app on your phone; the request is waiting there.
mfa-131 = The request was denied
    .text = Somebody chose “Deny” on your phone.
    .remedy = If that was not you, change your password before you go on.
mfa-132 = The request has expired
    .text = Nobody answered on your phone in time.
    .remedy = Send the request again.
mfa-133 = The numbers do not match
    .text = The number typed on the phone is not the one shown here.
    .remedy = Send the request again and type the new number on your phone.
mfa-134 = Notifications are switched off
    .text = The app may not show you sign-in requests.
    .remedy = Allow notifications for the app in your phone's settings.
mfa-135 = The app is too old
    .text =
        { $version ->
            [unknown] The app on your phone is older than what this needs.
           *[other] This needs version { $version } of the app or a newer one.
        }
    .remedy = Update the app, then try again.
mfa-136 = This phone is no longer registered
    .text = The app was deleted or installed anew, so its key is gone.
    .remedy = Sign in with another method and pair the phone again.
mfa-137 = Use a separate device
    .text = The request must be approved on another device than the one that you are signing on.
    .remedy = Sign on another computer, and keep this device for approving.
mfa-140 = The QR code or secret has expired
    .text = For your safety it was good for a short time only, and only once.
    .remedy = Start the set-up again to get a new one.
mfa-141 = This code is from another device
    .text =
        { $device ->
            [unknown] The code is right, but it comes from another of your devices.
           *[other] The code is right, but it comes from “{ $device }”.
        }
    .remedy = Type the code of the device that is named above the field.
mfa-142 = The clock of the device is off
    .text = The code fits another time, so we cannot take it.
    .remedy = Set the time of the device to automatic, then type the next code.
mfa-150 = This method is not accepted here
    .text =
        { $partner ->
            [unknown] The application does not accept this method.
           *[other] { $partner } does not accept this method.
        }
    .remedy = Choose one of the methods that are offered.
mfa-151 = No accepted method is set up
    .text =
        { $partner ->
            [unknown] None of the methods of your account is accepted by the application.
           *[other] None of the methods of your account is accepted by { $partner }.
        }
    .remedy = Set up one of the accepted methods, then come back.
mfa-152 = Not approved for controlled substances
    .text = Your account is not yet approved for signing prescriptions of controlled substances, or its activation is not complete.
    .remedy = Ask the EPCS coordinator of your organization to complete the approval.
mfa-160 = This security key is not known
    .text = The key or passkey that answered is not set up for your account.
    .remedy = Use a key that you have set up.
mfa-161 = You may be on a false site
    .text = The key was asked by another site than this one, so we did not accept its answer.
    .remedy = Check the address in the browser, close this page, and start again from your application.
mfa-170 = The recovery code is not right
    .text = The code is mistyped, or it was used before.
    .remedy = Type another of your recovery codes.
mfa-180 = This is your last method
    .text = Without it you could not sign in any more.
    .remedy = Set up another method first, then remove this one.
mfa-190 = The data to be signed has changed
    .text = What you saw is no longer what would be signed, so nothing was signed.
    .remedy = Go back to the application and start the signing again.

## Steps of a proof or a set-up
steps = Steps
step-choose = Choose
step-where = Where to
step-confirm = Confirm
text-me = Text me
call-me = Call me
instead-sms = Text me instead
instead-voice = Call me instead
remember-browser = Remember this browser for 30 days
remember-hint = Only on a device that is yours alone. Some partners will still ask.

## Passkeys and security keys
sign-in-passkey = Sign in with a passkey
forgot-password = Forgot your password or lost your phone?
create-account = Create an account
verify-webauthn-title = Use your passkey or security key
verify-webauthn-lead = Your browser asks for it now. If nothing happens, press the button.
verify-webauthn-button = Use passkey or key
webauthn-unsupported = This browser cannot use passkeys or security keys. Choose another method, or open this page in another browser.
webauthn-cancelled = It was cancelled, or took too long. Press the button to try again.
webauthn-failed = The passkey or key could not be used. Try again, or choose another method.
webauthn-known = This key is already set up for your account. Use another one.
enrol-webauthn-title = Add a passkey or security key
enrol-webauthn-lead = Give it a name, then press the button. Your browser asks where to keep the passkey, or for a key to plug in or tap.
enrol-webauthn-button = Add it now

## Recovery codes
verify-recovery-title = Enter a recovery code
verify-recovery-lead = Type one of the codes that you saved. It works once.
verify-recovery-label = Recovery code
verify-recovery-hint =
    { $left ->
        [one] You have one code left.
       *[other] You have { $left } codes left.
    }
recovery-codes-title = Save your recovery codes
recovery-codes-lead = Each code lets you in once when you have lost everything else. Print or download them now: they are not shown again.
recovery-codes-replaces = The codes that you had before stop working when you go on.
recovery-codes-download = Download as a text file
recovery-codes-print = Print
recovery-codes-saved = I have saved them
recovery-codes-file = Recovery codes of { $account } at { $workspace }. Each works once. Keep them where nobody else finds them.

## Setting up
enrol-demanded-title = Set up another way to sign in
enrol-demanded-lead = { $partner } asks for more than what is set up in your account. Choose what to add; then you go on where you were.
enrol-recommended-title = Make your account safer
enrol-recommended-lead = With a second method nobody can sign in with your password alone. { $partner } does not ask for it; you can do it later.
enrol-wanted-title = Add a method
enrol-wanted-lead = Choose what to add to your account.
enrol-skip = Not now
enrol-totp =
    .line = An app or token that shows 6-digit codes. Works without a network.
enrol-webauthn =
    .line = Your fingerprint, face or PIN, or a key that you plug in or tap. Safe from false sites.
enrol-sms =
    .line = We text a code to your phone. Less safe than the other methods.
enrol-voice =
    .line = We call you and read out a code. Less safe than the other methods.
enrol-recovery_code =
    .line = Ten codes to print, for the day when your phone is lost.
enrol-confirm = Confirm
enrol-totp-title = Set up a code generator
enrol-totp-lead = Scan this code with your authenticator app, then type the 6 digits that it shows.
enrol-totp-qr = QR code for your authenticator app
enrol-totp-open = Open in an app on this device
enrol-totp-letters = Cannot scan it? Type this secret key into the app instead:
enrol-totp-code = Code that the app shows
enrol-totp-link-sms = Use text message instead
enrol-totp-link-email = Use e-mail instead
enrol-totp-sent = We sent a link. Open it on the phone where the app is, add the account there, and type the code that it shows here.
enrol-phone-title = Add a phone
enrol-phone-lead = Which number shall we text or call?
phone-number = Phone number
phone-number-hint = With area code. From another country: with + and the country code. No extensions.
phone-risk = Messages and calls can be read or redirected by others more easily than an app or a key. Add one of those as well if you can.
phone-edit = Change the number
enrol-phone-confirm-sms = We will send a text message to this number. Is it right?
enrol-phone-confirm-voice = We will call this number. Is it right?
nickname-label = Name (optional)
nickname-hint = So that you can tell your devices apart, for example “Office iPhone”.
enrolled-title = It is set up
enrolled-secure = Your account is now secure.
enrolled-told = We have sent a note about it to your addresses. If you get one that you did not expect, use the link in it.
enrolled-backup = Set up at least one backup, so that a lost device does not keep you out.
scope-authenticators = See your sign-in methods
    .line = Their names and kinds, which one is primary, and which one it starts with itself

## The account's own pages
account = Your account
account-hello = Hello, { $name }
account-no-second = Your account has only a password.
account-profile = Profile
    .line = Your name, addresses and numbers
account-security = Sign in & Security
    .line = Methods to prove that it is you, and how to recover
account-password = Password
    .line = Change your password
account-sessions = Sessions
    .line = Where you are signed in
account-activity = Activity
    .line = Sign-ins and changes
account-privacy = Privacy
    .line = Applications with access to your account
account-close = Close account

## Sign in & Security
security-current = What is set up
security-none = Nothing is set up yet.
security-add = Add a method
security-add-hint = You will be asked to prove once more that it is you.
security-backup = Set up at least one backup, so that a lost device does not keep you out.
security-new-codes = Create new recovery codes
security-suspended = Put aside
security-disabled = Switched off
security-disabled-what = It was switched off after too many wrong tries. Remove it and set it up again.
security-codes-left =
    { $left ->
        [one] One code left
       *[other] { $left } codes left
    }
security-added-organization = by your organization
security-added-account = by you, on this page
security-added-partner =
    { $partner ->
        [unknown] at an application
       *[other] at { $partner }
    }
security-last-used = Last used { $date }
security-never-used = Not used yet
security-make-primary = Make primary
security-make-preferred = Offer first
security-reactivate = I have it again
security-rename = Rename
security-remove = Remove
security-lost = I have lost it
security-change-password = Change the password
security-done-renamed = It has its new name.
security-done-removed = It is removed and cannot be used any more.
security-done-primary = It is your primary device now.
security-done-preferred = It is offered first from now on.
security-done-reactivated = It can be used again.
security-done-lost = It is put aside and cannot be used any more.
key-fact-attested = Its maker vouches for the model
key-fact-hardware = Keeps its key in hardware
key-fact-synced = Synced between your devices
key-fact-device-bound = Stays on one device

rename-title = Rename
rename-label = New name
rename-button = Save
nickname-unfit = This cannot be a name
    .text = A name has 1 to 64 characters that can be shown in one line.
    .remedy = Type a shorter or simpler name.
nickname-taken = This name is already in use
    .text = Another of your methods is called so, and you could not tell them apart.
    .remedy = Take the free name that we propose below, or type another one.

remove-title = Remove “{ $nickname }”?
remove-what = It cannot be used to sign in any more, at once. What was opened with it ends as well. We send a note to your addresses.
remove-primary = It is your primary device; another one takes its place.
remove-signing = It is the only method with which you could sign prescriptions of controlled substances.
remove-last = It is your last method, so it cannot be removed. Set up another one first.
remove-back = Back to Sign in & Security
remove-button = Remove it

lost-title = I have lost a device
lost-lead = Which one? It is put aside at once: nobody can use it any more, and what was opened with it ends.
lost-only = It is the only one that you have. Without it you need a recovery code, or help from your organization, to set up a new one.
lost-next = If you find it again, you can take it back into use under Sign in & Security. If not, set up another one there.
lost-nothing = There is nothing that could be put aside.

undo-title = Was this not you?
undo-lead = If you did not make the change that our message told you about, press the button. Then:
undo-suspends = { $method } “{ $nickname }” is put aside and cannot be used.
undo-email = Your old e-mail address is the account's again.
undo-ends = Everybody is signed out of your account, on all devices and in all applications, you as well.
undo-button = This was not me
undo-was-me = If it was you, close this page. Nothing happens.
undone-title = We have taken it back
undone-suspended = { $method } “{ $nickname }” is put aside.
undone-email = Your old e-mail address is the account's again.
undone-ended = Everybody was signed out of your account.
undone-next = What to do now
undone-sign-in = Sign in with another method and look through what is set up:
undone-password = Change your password, for somebody may know it:
undone-support = If something is not as it should be, ask support and give this reference:
nothing-left = This cannot be changed with what is left
    .text = Your account had a second method, and without it nobody may change how you sign in, not even with your password.
    .remedy = Sign in with a recovery code, or ask your organization to reset your methods and give the reference.
link-gone = This link is no longer of use
    .text = It has been used already, it is too old, or its address is not complete.
    .remedy = If something in your account is not yours, sign in, look through your devices, and change your password.

help-phone-title = What happens to my methods when I change my phone?
help-phone-lead = Some methods live in the phone and do not move by themselves.
help-phone-before = While you still have the old phone
help-phone-before-text = Set up the new phone as a second device first, under Sign in & Security. Then remove the old one.
help-phone-totp = The secret stays in the app on the old phone, unless the app copies it. Add a code generator on the new phone, then remove the old one.
help-phone-push = The key never leaves the old phone. Pair the new phone, then remove the old one.
help-phone-webauthn = Synced passkeys come along with your account at Apple, Google or your password manager. Those that stay on one device have to be added anew.
help-phone-number = Text message and phone call
help-phone-number-text = They follow the number. If the number changes, add the new one and remove the old one.
help-phone-gone = The old phone is gone
help-phone-gone-text = Report it at once; one method is enough for that:
