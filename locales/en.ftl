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

## Browsers, as people know them
browser-on = { $browser } on { $system }
browser-some-on = A browser or app on { $system }
browser-unknown = An unknown browser or app

## Letters: what stands around each
letter-code = Your code:
letter-copy = If the link does not open, copy this address into your browser:
letter-when = When
letter-when-value = { $date }, { $time } UTC
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
