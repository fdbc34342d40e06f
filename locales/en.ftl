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

## A device that shows a code
device-code-title = Connect a device
device-code-lead = Type the code that your device shows.
device-code-label = Code
device-code-hint = Eight letters. Capitals and the dash do not matter.
device-confirm-title = Is this your device?
device-confirm-lead = If you go on, { $partner } gets into your account on the device that shows this code:
device-confirm-warning = Go on only if you have this device in front of you and it shows exactly this code. If somebody sent you the code or a link, by message or by phone, they want to get into your account: choose “Not mine”.
device-site = Site
device-asked = Asked
device-from = Network address
device-allow = It is mine, go on
device-deny = Not mine
device-done-title = You may return to your device
device-done-text = It goes on by itself in a few seconds. You can close this page.
device-refused-title = The device was not connected
device-refused-text = Nothing was given to it. If you want to try again, let the device show a new code.
device-another = Type another code
device-code-unknown = This code leads nowhere
    .text = It was typed wrongly, was used, or is too old.
    .remedy = Compare it with what the device shows, or let the device show a new one.

## Consent
consent-title = Allow { $partner } to use your account?
consent-lead = { $partner } asks for:
consent-note = You can take this back at any time on your account page.
consent-policy = Privacy policy
consent-tos = Terms of service
consent-registered = This application registered itself. { $workspace } has not checked who is behind it.
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
signed-out-going = You are being signed out of the other applications too. Then you go back to { $partner }.
signed-out-continue = Continue
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
enrol-push =
    .line = Approve on your phone, with a number that you carry over. Needs a network.
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
consent-recommend = Your account has only a password. You can add a second method now or later:
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

## Profile
moment = { $date }, { $time } UTC
profile-edit = Edit
profile-save = Save
profile-contact = Contact information
profile-name-title = Name and language
profile-name = Full name
profile-given-name = Given name
profile-family-name = Family name
profile-name-confirmed = Your organization has confirmed this name. Ask it if the name has changed.
profile-language = Language
profile-language-hint = Of our e-mails and messages to you.
profile-email = E-mail address
profile-email-new = New e-mail address
profile-email-hint = We send a code there. The address that you have now stays until you confirm the new one.
profile-email-send = Send the code
profile-verified = Verified
profile-unverified = Not verified
profile-none = None
profile-phones = Phone numbers
profile-phones-none = No phone is set up. You can add one under “Sign in & Security”.
profile-phone-hint = A number is replaced only once you have typed the code that we send to the new one.
profile-phone-outdated = Does not arrive
profile-outdated = Our messages to one of your numbers no longer arrive. Replace it, or remove it under “Sign in & Security”.
profile-replace = Replace
profile-reveal = Show the numbers in full
profile-missing = Do you miss a number or an address?
profile-missing-text = It may belong to another account of yours.
profile-support = Ask support
profile-support-ask = Ask the support of your organization.
profile-identities = Identities
profile-in-use = In use
profile-identity = Identity
profile-identity-on = Confirmed on { $date }
profile-identity-not = Not confirmed
profile-since = Member since
profile-pending-title = Confirm the new address
profile-pending-lead = We sent an e-mail with a code to
profile-pending-hint = Nothing changes until you type the code, or open the link in the e-mail. Look into the folder for unwanted mail as well.
profile-withdraw = Keep the address that I have
profile-done-saved = Your changes are saved.
profile-done-sent = We have sent an e-mail to the new address.
profile-done-confirmed = The new address is confirmed.
profile-done-withdrawn = The address stays as it was.
email-confirm-title = Confirm your e-mail address
email-confirm-lead = From now on your account's address is
email-confirm-button = Confirm this address
email-link-old = This link is no longer good. Ask for a new one on your profile page, signed in as the person who wants the address.

## Password
password-title = Password
password-new = New password
password-hint = A few words in a row make a good one. Nobody needs signs or digits in it; longer is better.
password-consequence = All other browsers are signed out, and applications that stay connected have to be signed in to again.
password-change = Change the password
password-set = Set a password
password-done-changed = Your new password is in force. We have sent a note to your addresses.

## Sessions
sessions-here = This browser
sessions-others = Other browsers
sessions-none = You are signed in nowhere else.
sessions-unknown = Unknown browser
sessions-times = since { $since }, last active { $active }
sessions-end = Sign out
sessions-end-others = Sign out all others
sessions-remembered = Remembered browsers
sessions-remembered-count =
    { $count ->
        [0] No browser is remembered.
        [one] One browser is remembered. Partners that allow it ask less there.
       *[other] { $count } browsers are remembered. Partners that allow it ask less there.
    }
sessions-forget = Forget them all
sessions-done-ended = It is signed out.
sessions-done-others = All other browsers are signed out.
sessions-done-forgotten = No browser is remembered any more.

## Activity
activity-lead = Sign-ins and changes, the latest first. If something here was not you, change your password and look at your methods.
activity-none = There is nothing here.
activity-older = Older
activity-refused = Refused
activity-partner = At { $partner }
activity-other = Something else happened
activity-account-closed = Account closed
activity-account-created = Account created
activity-account-suspended = Account suspended
activity-acr-satisfied = Signed in to an application
activity-acr-unmet = A sign-in was not strong enough
activity-admin-user_mfa_reset = Your organization has removed your methods
activity-auth-browser-forgotten = Remembered browsers forgotten
activity-auth-browser-remembered = Browser remembered
activity-auth-factor-disabled = A method was switched off after too many wrong tries
activity-auth-factor-throttled = Too many wrong tries
activity-auth-push-approved = Approved on a phone
activity-auth-push-denied = Denied on a phone
activity-auth-push-rate_limited = Too many requests to a phone
activity-auth-session-created = Signed in
activity-auth-session-ended = Signed out
activity-auth-webauthn-counter_regress = A security key may have been copied
activity-authenticator-bind-confirmed = Method added
activity-authenticator-disabled = Method switched off
activity-authenticator-preferred_changed = Preferred method changed
activity-authenticator-primary_changed = Primary device changed
activity-authenticator-reactivated = Method switched on again
activity-authenticator-removed = Method removed
activity-authenticator-renamed = Method renamed
activity-authenticator-reported_lost = Method reported as lost
activity-authenticator-suspended = Method suspended
activity-consent-granted = Access given to an application
activity-consent-revoked = Access of an application taken back
activity-email-changed = E-mail address changed
activity-email-verified = E-mail address verified
activity-identity-confirmed = Identity confirmed
activity-login_id-changed = Username changed
activity-password-changed = Password changed
activity-password-set = Password set
activity-phone-changed = Phone number replaced
activity-policy-method_denied = A method was not accepted
activity-profile-changed = Profile changed
activity-recovery-completed = Account recovered
activity-recovery-started = Recovery begun
activity-recovery_code-issued = Recovery codes made
activity-recovery_code-reissued = New recovery codes made
activity-recovery_code-used = Recovery code used

## Privacy
privacy-lead = These applications may use your account.
privacy-none = No application has access to your account.
privacy-since = Since { $date }
privacy-open = Open { $partner }
privacy-revoke = Take back
privacy-hint = What an application has read already stays with it. It asks you again when you sign in there the next time.
privacy-done-revoked = The access is taken back.

## Closing an account
close-warning = If you close the account { $username }, you can no longer sign in with it, and it cannot be opened again. Your methods are removed, and you are signed out everywhere.
close-partners = You will no longer get into
close-understood = I understand, and want to close my account.
close-button = Close my account
close-keep = Keep the account
closed-title = Your account is closed
closed-text = We have sent a note to your addresses. You can close this page.

## Forms of the account that were refused
mistake-name = This name cannot be used
    .text = A name has at most 128 characters, and none that cannot be seen.
    .remedy = Type it anew and save again.
mistake-name-confirmed = Your name is confirmed
    .text = Your organization has confirmed your identity under this name, so it cannot be changed here.
    .remedy = Ask your organization to change it.
mistake-language = We do not speak this language yet
    .text = The language was not saved.
    .remedy = Choose one from the list.
mistake-address = This is not an e-mail address
    .text = We could not write to what you typed.
    .remedy = Type one address, such as name@example.org.
mistake-same-address = This is your address already
    .text = It is verified, so nothing has to be done.
    .remedy = Type another address if you want to change it.
mistake-unconfirmed = The account is still open
    .text = The box was not ticked, so nothing was done.
    .remedy = Tick the box if you want to close the account.
mistake-gone = It is not there any more
    .text = It has been ended or taken back already, perhaps in another window.
    .remedy = Look at the list as it is now.

## Letters of this part
letter-email-in-use-subject = Your e-mail address was entered for another account
letter-email-in-use-text = Somebody wants to use the address { $email } for their account. It belongs to an account already, so nothing was changed. If it was you, sign in to the account that has the address. If not, there is nothing to do.
letter-email-in-use-short = Somebody wants to use { $email } for another account. Nothing was changed.
## A new account, a forgotten password, a lost phone
register-who-title = Create an account
register-who-lead = We send an e-mail to your address first. The account exists once you have confirmed it.
register-code-title = Confirm your address
register-code-lead = If the address can be used for a new account, we have sent an e-mail with a code to
register-password-title = Choose a password
register-password-lead = Your address is confirmed. Choose a password for your account.
register-email-hint = You sign in with it, and we write to it when something changes.
given-name = First name, or your only name
family-name = Last name (optional)
email-address = E-mail address
letter-code-wait = It may take a minute, and may lie among unwanted mail. The link in the e-mail works as well.
letter-code-hint = { $digits } digits, from the newest e-mail. Nobody from your organization will ever ask you for them.
letter-again = Send another e-mail
new-password = New password
new-password-hint = At least { $shortest } characters. Several words with spaces between them are easy to keep in mind.
new-password-title = Choose a new password
new-password-lead = You have shown that it is you. From now on this password is the only one that counts.
new-password-ends = You will be signed out everywhere, and applications ask you to sign in again. Signing prescriptions stays off until your organization has confirmed who you are.
new-password-button = Set the password
recover-address-title = Get back into your account
recover-code-title = Enter the code from the e-mail
recover-code-lead = If there is an account with this address, we have sent an e-mail with a code to
recover-link-title = Choose a new password
recover-link-lead = You have opened the e-mail that went to
recover-password = Forgot your password?
recover-password-lead = We send you an e-mail with a code. If other methods are set up in your account, you also prove one of them.
recover-phone = Lost your phone, or cannot use it?
recover-phone-lead = You can still get in with something else, and set up the new phone then:
recover-by-code = A recovery code that you have saved: sign in, and choose it instead of the phone.
recover-by-other = Another method of your account, such as a passkey or a code generator.
recover-by-support = If nothing is left: support, with documents that show who you are. If a page gave you a reference, have it at hand.
recover-support = To support
recover-security = Sign in and update my methods
email-unfit = This is not an e-mail address
    .text = We cannot send an e-mail to what you typed.
    .remedy = Type the address as name@example.org.
name-unfit = We need a name
    .text = The first name is missing, is too long, or holds signs that do not belong into a name.
    .remedy = Type your name as people write it.
letter-over = This e-mail is no longer of use
    .text = Its code or link was used, is too old, or was typed wrongly too often.
    .remedy = Ask for a new e-mail.
enrol-setup-title = Set up your code generator
enrol-setup-lead = Open this on the phone that has your authenticator app. The secret key is shown once only.
enrol-setup-show = Show the secret key
enrol-setup-shown = Add the account to your authenticator app now.
enrol-setup-scan = Is the app on another phone? Scan this code with it.
enrol-setup-then = Nothing is set up yet. Type the 6 digits that the app shows on the page where you began.
## Browsers, as people know them
browser-on = { $browser } on { $system }
browser-some-on = A browser or app on { $system }
browser-unknown = An unknown browser or app

## Letters: what stands around each
letter-code = Your code:
letter-copy = If the link does not open, copy this address into your browser:
letter-when = When
letter-where = From the network address
letter-browser = With
letter-partner = At
letter-undo = If this was not you, open this link at once. We take the change back where we can, and help you secure your account.
letter-undo-link = This was not me
letter-undo-short = Not you?
letter-from = This message is from { $workspace }. Our pages are at { $host } and nowhere else.
letter-never = We never ask for a code or a password by phone, text message or e-mail.

## Letters: subject, text, link, and the same in a few words for a text message.
## The few words use only letters of the GSM alphabet, so that they fit into one message.
letter-authenticator-added-subject = A new way to sign in was added
letter-authenticator-added-text =
    A new way to sign in to your account was set up: { $method }, “{ $nickname }”.

    If you did this, there is nothing more to do.
letter-authenticator-added-short = { $method } "{ $nickname }" was added.

letter-authenticator-removed-subject = A way to sign in was removed
letter-authenticator-removed-text =
    This can no longer be used to sign in to your account: { $method }, “{ $nickname }”.

    If you did this, there is nothing more to do.
letter-authenticator-removed-short = { $method } "{ $nickname }" was removed.

letter-authenticator-renamed-subject = A way to sign in has a new name
letter-authenticator-renamed-text = What was called “{ $old }” in your account is now called “{ $nickname }”.
letter-authenticator-renamed-short = "{ $old }" is now called "{ $nickname }".

letter-primary-changed-subject = Your primary device was changed
letter-primary-changed-text = The primary device of your account is now “{ $nickname }”.
letter-primary-changed-short = "{ $nickname }" is now the primary device.

letter-preferred-changed-subject = Your preferred way to sign in was changed
letter-preferred-changed-text = When you sign in, this is now offered first: { $method }.
letter-preferred-changed-short = { $method } is now offered first.

letter-password-changed-subject = Your password was changed
letter-password-changed-text =
    The password of your account was changed.

    If you did this, there is nothing more to do.
letter-password-changed-short = Your password was changed.

letter-password-reset-subject = Your password was reset
letter-password-reset-text =
    The password of your account was replaced by somebody who could read your messages and said that it was forgotten.

    If you did this, there is nothing more to do.
letter-password-reset-short = Your password was reset.

letter-recovery-codes-issued-subject = New recovery codes were made
letter-recovery-codes-issued-text = New recovery codes were made for your account. Older ones no longer work. Keep the new ones in a safe place.
letter-recovery-codes-issued-short = New recovery codes were made.

letter-recovery-code-used-subject = A recovery code was used
letter-recovery-code-used-text =
    { $left ->
        [0] One of your recovery codes was used for your account. It was the last: make new ones.
        [one] One of your recovery codes was used for your account. One is left: make new ones soon.
       *[other] One of your recovery codes was used for your account. { $left } are left.
    }
letter-recovery-code-used-short = A recovery code was used, { $left } left.

letter-email-changed-subject = Your e-mail address was changed
letter-email-changed-text =
    The e-mail address of your account was changed from { $old } to { $email }.

    From now on, messages about your account go to the new address.
letter-email-changed-short = Your e-mail address was changed.

letter-profile-changed-subject = Your profile was changed
letter-profile-changed-text = The data of your profile was changed.
letter-profile-changed-short = Your profile was changed.

letter-new-device-subject = A new sign-in to your account
letter-new-device-text =
    Somebody signed in to your account with a browser or device that we had not seen there before.

    If it was you, there is nothing to do.
letter-new-device-short = Sign-in with a new device.

letter-authenticator-disabled-subject = A way to sign in was switched off
letter-authenticator-disabled-text =
    After too many failed attempts this was switched off in your account: { $method }, “{ $nickname }”.

    Sign in with another method and set this one up again. If the attempts were not yours, somebody may know your password: change it.
letter-authenticator-disabled-short = { $method } "{ $nickname }" was switched off.

letter-account-closed-subject = Your account was closed
letter-account-closed-text = Your account was closed. It can no longer be used to sign in.
letter-account-closed-short = Your account was closed.

letter-mfa-reset-subject = Your ways to sign in were reset
letter-mfa-reset-text =
    Your organization has removed the second steps of your account.

    The next time you sign in, you will be asked to set them up again.
letter-mfa-reset-short = Your ways to sign in were reset.

letter-undone-subject = A change was taken back
letter-undone-text =
    Somebody opened the link “This was not me” of one of our messages, and we have taken the change back.

    Please change your password, and look through the devices of your account.
letter-undone-short = A change was taken back.

letter-verify-email-subject = Confirm your e-mail address
letter-verify-email-text =
    Please confirm that this address is yours: type this code on the page that asks for it, or open the link.

    If you did not ask for this, do nothing. The address is not used then.
letter-verify-email-link = Confirm the address
letter-verify-email-short = { $code } is the code for your e-mail address.

letter-register-subject = Finish creating your account
letter-register-text =
    To create your account, type this code on the page that asks for it, or open the link.

    If you did not ask for this, do nothing. No account is created then.
letter-register-link = Create the account
letter-register-short = { $code } is the code to create your account.

letter-register-known-subject = You already have an account
letter-register-known-text =
    Somebody wanted to create an account with this address, but it belongs to an account already. Nothing was changed.

    If it was you, sign in. If you have forgotten the password, you can reset it there.
letter-register-known-link = Sign in
letter-register-known-short = You already have an account. Sign in:

letter-reset-password-subject = Reset your password
letter-reset-password-text =
    To choose a new password, type this code on the page that asks for it, or open the link.

    If you did not ask for this, do nothing. Your password stays as it is.
letter-reset-password-link = Choose a new password
letter-reset-password-short = { $code } is the code to reset your password.

letter-reset-unknown-subject = There is no account with this address
letter-reset-unknown-text =
    Somebody asked for a new password for this address, but no account uses it. Nothing was changed.

    If it was you, try the other addresses that you use. If not, there is nothing to do.
letter-reset-unknown-short = No account uses this address.

letter-update-phone-subject = Our messages do not reach your phone
letter-update-phone-text =
    A message or call to the phone number of your account did not arrive. The number may be wrong or no longer yours.

    Please check it, so that you can go on signing in.
letter-update-phone-link = Check the phone number
letter-update-phone-short = Our messages do not reach your phone. Check the number:

letter-setup-link-subject = Continue on your phone
letter-setup-link-text =
    You asked for a link to continue the set-up on your phone. Open it on the phone that you want to use.

    If you did not ask for this, do nothing. The link alone changes nothing in your account.
letter-setup-link-link = Continue the set-up
letter-setup-link-short = Continue the set-up on this phone:

letter-pairing-link-subject = Pair your phone
letter-pairing-link-text =
    You asked for a link to pair your phone. Open it on the phone that you want to use for approving sign-ins. It is good once, for ten minutes.

    If you did not ask for this, do nothing. The link alone changes nothing in your account.
letter-pairing-link-link = Pair this phone
letter-pairing-link-short = Pair this phone (good for 10 minutes):

letter-pairing-call-subject = Pair your phone
letter-pairing-call-text = Open the authenticator on your phone and type these digits: { $digits }.
letter-pairing-call-short = Your digits for pairing your phone are: { $digits }. Again: { $digits }.

letter-push-reported-subject = You stopped a sign-in
letter-push-reported-text =
    On your phone you said that a sign-in to your account was not yours. It was ended.

    Whoever tried it may know your password. Change it now, and do not use it anywhere else.
letter-push-reported-link = Change the password
letter-push-reported-short = You stopped a foreign sign-in. Change your password:

## Pushing to a phone
verify-push-title = Check your phone
choose-pair = Pair your phone in Sign in & Security, to approve there
use-phone = Use my phone instead
your-phone = Your phone
verify-push-device = A request was sent to this phone
verify-push-number = Open the request on your phone and type this number there:
verify-push-tap = Open the request on your phone and approve it.
verify-push-waiting = This page goes on by itself once you have answered.
verify-push-idle = Nothing is waiting on your phone at the moment.
push-answered = I have answered on my phone
remaining-minutes = Good for another # minutes.
remaining-seconds = Good for another # seconds.
resend-push = Send it again
send-push = Send to my phone
help-push-summary = No request on your phone?
help-push-open = Open the app; the request is waiting there:
help-push-notifications = Allow notifications for the app in your phone's settings.
help-push-network = See that the phone is connected to the internet.
help-push-again = Send the request again, or use another method.
enrol-push-title = Pair your phone
enrol-push-lead = Scan the code with the phone that will approve your sign-ins. It works once, for ten minutes.
enrol-push-reveal = Click to reveal the code
enrol-push-qr = QR code that pairs a phone
enrol-push-open = Pair this device
enrol-push-letters = Cannot scan it? Type this on your phone, at
enrol-push-sent = We have sent it. Open it on your phone; this page goes on by itself.
enrol-push-other = Get a link instead
enrol-push-other-lead = We send a link to your phone, or call it and say digits to type. The code above then stops working.
enrol-push-known = Leave it empty for the number in your account.
enrol-push-email = E-mail me
enrol-push-redeemed = This device wants to be paired
enrol-push-number = Type this number on that device:
enrol-push-not-yours = Not your device? Cancel, or choose another method: nothing is paired yet.
enrol-push-opened = I have opened it on my phone
help-link-intro = Nothing has come?
help-link-smartphone = Use a smartphone rather than a tablet.
help-link-again = Send the link again; the older one is worthless then.

## Passwords that are not taken. The name of each is `password-refused-` and the code of the refusal.
password-refused-too-short = Your password is too short
    .text = It needs at least { $least } characters.
    .remedy = Make it longer. A few words that do not belong together are easy to remember.
password-refused-too-long = Your password is too long
    .text = It is longer than what we can take.
    .remedy = Choose one with at most 1,000 characters.
password-refused-breached = This password is known
    .text = It is on a list of passwords that are common or were stolen from other sites, which is what strangers try first.
    .remedy = Choose another one, and change this one wherever else you use it.
password-refused-guessable = This password is easy to guess
    .text =
        { $hint ->
            [keyboard] Rows and shapes on the keyboard are among the first things that strangers try.
            [repeats] Repeating letters or words makes a password longer, but hardly harder to guess.
            [sequence] Sequences such as abc or 6543 are among the first things that strangers try.
            [dates] Dates and years are among the first things that strangers try.
            [words] Common words, names and passwords are tried first, also with letters exchanged for digits.
           *[none] A stranger would find it with few tries.
        }
    .remedy = Add a few words that do not belong together, or let your password manager make one.
password-refused-contains-name = Your password is made of names
    .text = Your own name, username or address and the name of this site are among the first things that strangers try.
    .remedy = Choose words that have nothing to do with you.
