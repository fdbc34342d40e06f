# Las palabras de las páginas. Mismos mensajes y mismas variables que en.ftl; una prueba los compara.

## Layout
title-error = Error:
to-continue-to = para continuar en
this-application = la aplicación
you-are-on = Está en
language = Idioma
signed-in-as = Sesión de
username = Usuario
cancel = Cancelar
choose-another = Elegir otro método
reference = Referencia
preferred = Preferido
primary = Principal
opens-new-tab = (se abre en una pestaña nueva)
return-to = Volver a { $partner }

## Dates
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
date = { $day } de { $month } de { $year }

## Sign in
sign-in-title = Iniciar sesión
password = Contraseña
password-optional = Puede dejar la contraseña vacía y continuar.
show = Mostrar
hide = Ocultar
continue = Continuar
sign-in-button = Iniciar sesión

## Password
verify-password-title = Escriba su contraseña
verify-password-again = Para este paso { $partner } necesita de nuevo su contraseña, aunque acabe de iniciar sesión.

## Choosing
choose-second-title = ¿Cómo quiere confirmar que es usted?
choose-second-lead = { $partner } pide un paso más.
choose-first-title = ¿Cómo quiere iniciar sesión?
refused-methods = No disponibles aquí
choose-authenticator-title = ¿Cuál tiene a mano?
choose-authenticator-lead = Elija el dispositivo que quiere usar ahora.
added-on = Añadido el { $date }

method-password = Contraseña
    .line = La contraseña de esta cuenta.
method-totp = Generador de códigos
    .line = Escriba el código de 6 cifras de su aplicación o llavero. Funciona sin conexión.
method-push = Aviso en su teléfono
    .line = Apruebe una solicitud en la aplicación de su teléfono.
method-webauthn = Llave de acceso o de seguridad
    .line = Su huella, su rostro, su PIN o una llave que se conecta o se acerca.
method-sms = Mensaje de texto
    .line = Le enviamos un código de 6 cifras. Menos seguro que los demás métodos.
method-voice = Llamada telefónica
    .line = Le llamamos y le dictamos un código de 6 cifras. Menos seguro que los demás métodos.
method-recovery_code = Código de recuperación
    .line = Uno de los códigos que guardó para una emergencia.

because-partner = { $partner } no lo acepta
because-prescriber = No disponible para quienes recetan sustancias controladas
because-strength = No es bastante seguro para lo que pide { $partner }
because-workspace = Desactivado por su organización
because-disabled = Desactivado tras demasiados intentos fallidos; configúrelo de nuevo
because-own = { $detail }

## Code generator
verify-totp-title = Escriba el código
verify-totp-lead = Escriba el código de { $digits } cifras que muestra ahora este dispositivo.
verify-totp-device = Generador de códigos
code = Código
code-hint = { $digits } cifras; hay un código nuevo cada 30 segundos.
verify-button = Verificar

## Text message and phone call
verify-sms-title = Escriba el código que le enviamos
verify-sms-lead = Hemos enviado un mensaje de texto con un código de { $digits } cifras al
verify-voice-title = Escriba el código de nuestra llamada
verify-voice-lead = Le estamos llamando y le dictaremos dos veces un código de { $digits } cifras, al
phone-hint =
    { $minutes ->
        [one] El código vale durante un minuto y funciona una sola vez.
       *[other] El código vale durante { $minutes } minutos y funciona una sola vez.
    }
phone-never-share = Nadie de su organización le pedirá nunca este código.
resend-sms = Enviar de nuevo
resend-voice = Llamar de nuevo
resent-sms = Hemos enviado un código nuevo. El anterior ya no sirve.
resent-voice = Le llamamos otra vez con un código nuevo. El anterior ya no sirve.
help-summary = No lo he recibido
help-intro = Pruebe esto, en este orden:
help-signal = Compruebe que su teléfono tiene cobertura y no está en modo avión.
help-blocked-sms = Mire entre los mensajes bloqueados o filtrados; su operador puede retener los números cortos.
help-blocked-voice = Compruebe que no se silencian ni bloquean las llamadas de números desconocidos.
help-update = Instale las actualizaciones pendientes del sistema de su teléfono.
help-restart = Apague y vuelva a encender el teléfono.
help-carrier = Pregunte a su operador si los mensajes y llamadas de servicios llegan a su línea.
help-retry-sms = Después elija «Enviar de nuevo».
help-retry-voice = Después elija «Llamar de nuevo».
help-changed = ¿Número u operador nuevos?
help-changed-link = Actualice su número de teléfono

## Consent
consent-title = ¿Permitir que { $partner } use su cuenta?
consent-lead = { $partner } solicita:
consent-note = Puede retirar este permiso cuando quiera en la página de su cuenta.
consent-policy = Política de privacidad
consent-tos = Condiciones del servicio
allow = Permitir
deny = No permitir
scope-openid = Saber quién es usted
    .line = Un identificador de su cuenta, y cómo y cuándo inició sesión
scope-profile = Ver su perfil
    .line = Su nombre y datos similares
scope-email = Ver su correo electrónico
    .line = La dirección, y si está verificada
scope-phone = Ver su número de teléfono
    .line = El número, y si está verificado
scope-address = Ver su dirección postal
    .line = La dirección de su cuenta
scope-offline_access = Mantener la conexión
    .line = Usar este acceso también en su ausencia, hasta que lo retire
scope-evidence = Ver cómo inició sesión
    .line = Qué métodos y dispositivos usó, y cuándo

## Refused
refused-title = No es posible continuar
refused-need = Lo que pide { $partner }
refused-accepted = Estos métodos servirían
need-mfa = Dos pruebas distintas de que es usted, como su contraseña y su teléfono.
need-aal2 = Dos pruebas sólidas de que es usted, como su contraseña y un generador de códigos.
need-phishing-resistant = Una llave de acceso o de seguridad, que no sirve en un sitio falso.
need-hardware = Una llave de seguridad cuyo hardware se conoce y está aprobado.
need-epcs = Para firmar recetas de sustancias controladas: su contraseña y un dispositivo aparte, los dos ahora y seguidos.
need-other = Una prueba más sólida de que es usted.

## Signed out
stayed-title = Sigue con la sesión iniciada
stayed-text = No ha cambiado nada. Puede cerrar esta página.
signed-out-title = Ha cerrado la sesión
signed-out-text = Cierre la ventana del navegador si otras personas usan este equipo.
logout-title = ¿Quiere cerrar la sesión?
logout-text = Se cerrará la sesión aquí. Las aplicaciones que abrió con esta cuenta pueden pedirle que la inicie de nuevo.
logout-button = Cerrar la sesión
stay-button = Seguir con la sesión

## Error page
error-title = Algo ha fallado
error-help = Si pide ayuda, indique esta referencia. Con ella, el equipo de soporte sabrá qué ocurrió.

## Trouble that has no MFA code
wrong-password = El usuario o la contraseña no son correctos
    .text = No hemos podido iniciar la sesión con lo que escribió.
    .remedy = Revise el usuario, escriba otra vez la contraseña y mire si están bloqueadas las mayúsculas.
stale-form = Esta página ya no sirve
    .text = Estuvo abierta demasiado tiempo o este inicio de sesión ya ha terminado.
    .remedy = Vuelva al lugar de donde vino y empiece de nuevo.
oauth-request = La solicitud no es válida
    .text = La aplicación que le envió aquí preguntó de un modo que no podemos contestar.
    .remedy = Vuelva a la aplicación y empiece de nuevo; si sigue igual, avise a su soporte.
oauth-client = No conocemos esta aplicación
    .text = La aplicación, o la dirección a la que quiere devolverle, no está registrada aquí.
    .remedy = No escriba su contraseña; avise al soporte de la aplicación.
oauth-denied = Se canceló el inicio de sesión
    .text = No se ha comunicado nada a la aplicación.
    .remedy = Vuelva a la aplicación y empiece de nuevo cuando quiera.
oauth-login = Debe iniciar sesión
    .text = La aplicación necesita que haya iniciado sesión, y no es así.
    .remedy = Vuelva a la aplicación e inicie sesión allí.
oauth-unmet = Hace falta un inicio de sesión más seguro
    .text = La aplicación pide una prueba que esta cuenta no puede dar por ahora.
    .remedy = Configure uno de los métodos que la aplicación acepta.
oauth-busy = Ahora mismo no podemos hacerlo
    .text = El servicio está ocupado o una parte no responde.
    .remedy = Espere un minuto y vuelva a intentarlo.
oauth-server = Algo se ha roto por nuestra parte
    .text = No es culpa suya, y no se ha comunicado nada a la aplicación.
    .remedy = Inténtelo otra vez; si se repite, indique la referencia al soporte.
oauth-missing = No hay nada en esta dirección
    .text = La dirección está mal escrita, o el inicio de sesión al que pertenece ya terminó.
    .remedy = Vuelva a la aplicación y empiece de nuevo.

## The codes that a person may read out to support. One sentence, one remedy.
mfa-101 = No podemos usar este número de teléfono
    .text = El número es de un servicio de telefonía por internet, o se considera en riesgo.
    .remedy = Escriba un número de móvil a su nombre.
mfa-102 = Este número ya está en uso
    .text = Este número de teléfono no se puede añadir a su cuenta.
    .remedy = Escriba otro número, o pida ayuda al soporte e indique la referencia.
mfa-103 = Los números con extensión no sirven
    .text = No podemos enviar un código a una extensión, así que no se envió nada.
    .remedy = Escriba un número directo, sin extensión.
mfa-104 = No es un número de teléfono válido
    .text = Faltan o sobran cifras, o falta el prefijo del país.
    .remedy = Escriba el número con su prefijo, por ejemplo (555) 010-0199.
mfa-110 = El código no es correcto
    .text =
        { $left ->
            [unknown] Lo que escribió no es el código que esperábamos.
            [one] Lo que escribió no es el código que esperábamos; le queda un intento.
           *[other] Lo que escribió no es el código que esperábamos; le quedan { $left } intentos.
        }
    .remedy = Escriba el código más reciente, cifra por cifra.
mfa-111 = El código ha caducado
    .text = Un código vale solo unos minutos.
    .remedy = Pida un código nuevo.
mfa-112 = Este código ya se usó
    .text = Cada código funciona una sola vez.
    .remedy = Espere al código siguiente y escriba ese.
mfa-113 = Demasiados intentos
    .text =
        { $minutes ->
            [unknown] Para proteger su cuenta, no aceptamos más códigos durante un rato.
            [one] Para proteger su cuenta, no aceptamos más códigos durante un minuto.
           *[other] Para proteger su cuenta, no aceptamos más códigos durante { $minutes } minutos.
        }
    .remedy = Espere y vuelva a intentarlo.
mfa-114 = Este método está desactivado
    .text = Se desactivó tras demasiados intentos fallidos.
    .remedy = Inicie sesión con otro método y configure este de nuevo.
mfa-120 = El código no le ha llegado
    .text = El operador no pudo entregar nuestro mensaje o llamada.
    .remedy = Elija otro método.
mfa-130 = La solicitud no llegó a su teléfono
    .text = No se pudo avisar a su teléfono.
    .remedy = Abra la aplicación en su teléfono; la solicitud le espera allí.
mfa-131 = La solicitud fue rechazada
    .text = Alguien eligió «Rechazar» en su teléfono.
    .remedy = Si no fue usted, cambie su contraseña antes de seguir.
mfa-132 = La solicitud ha caducado
    .text = Nadie respondió a tiempo en su teléfono.
    .remedy = Envíe la solicitud de nuevo.
mfa-133 = Los números no coinciden
    .text = El número escrito en el teléfono no es el que se muestra aquí.
    .remedy = Envíe la solicitud de nuevo y escriba el número nuevo en su teléfono.
mfa-134 = Las notificaciones están desactivadas
    .text = La aplicación no puede mostrarle las solicitudes de inicio de sesión.
    .remedy = Permita las notificaciones de la aplicación en los ajustes de su teléfono.
mfa-135 = La aplicación es demasiado antigua
    .text =
        { $version ->
            [unknown] La aplicación de su teléfono es anterior a lo que hace falta.
           *[other] Hace falta la versión { $version } de la aplicación o una posterior.
        }
    .remedy = Actualice la aplicación y vuelva a intentarlo.
mfa-136 = Este teléfono ya no está registrado
    .text = La aplicación se borró o se instaló de nuevo, y su clave ya no existe.
    .remedy = Inicie sesión con otro método y vincule el teléfono de nuevo.
mfa-137 = Use un dispositivo aparte
    .text = La solicitud debe aprobarse en un dispositivo distinto de aquel en el que firma.
    .remedy = Firme en otro equipo, y deje este dispositivo para aprobar.
mfa-140 = El código QR o la clave han caducado
    .text = Por su seguridad valían solo un rato y una sola vez.
    .remedy = Empiece de nuevo la configuración para obtener otros.
mfa-141 = Este código es de otro dispositivo
    .text =
        { $device ->
            [unknown] El código es correcto, pero es de otro de sus dispositivos.
           *[other] El código es correcto, pero es de «{ $device }».
        }
    .remedy = Escriba el código del dispositivo que se nombra encima del campo.
mfa-142 = El reloj del dispositivo no va bien
    .text = El código corresponde a otra hora, así que no podemos aceptarlo.
    .remedy = Ponga la hora del dispositivo en automático y escriba el código siguiente.
mfa-150 = Este método no se acepta aquí
    .text =
        { $partner ->
            [unknown] La aplicación no acepta este método.
           *[other] { $partner } no acepta este método.
        }
    .remedy = Elija uno de los métodos que se ofrecen.
mfa-151 = No tiene ningún método aceptado
    .text =
        { $partner ->
            [unknown] La aplicación no acepta ninguno de los métodos de su cuenta.
           *[other] { $partner } no acepta ninguno de los métodos de su cuenta.
        }
    .remedy = Configure uno de los métodos aceptados y vuelva.
mfa-152 = Sin aprobación para sustancias controladas
    .text = Su cuenta aún no está aprobada para firmar recetas de sustancias controladas, o falta completar la activación.
    .remedy = Pida al coordinador de EPCS de su organización que complete la aprobación.
mfa-160 = No conocemos esta llave de seguridad
    .text = La llave que respondió no está configurada en su cuenta.
    .remedy = Use una llave que haya configurado.
mfa-161 = Puede que esté en un sitio falso
    .text = Otro sitio distinto de este pidió la llave, así que no aceptamos su respuesta.
    .remedy = Mire la dirección en el navegador, cierre esta página y empiece de nuevo desde su aplicación.
mfa-170 = El código de recuperación no es correcto
    .text = El código está mal escrito, o ya se usó.
    .remedy = Escriba otro de sus códigos de recuperación.
mfa-180 = Es su último método
    .text = Sin él no podría volver a iniciar sesión.
    .remedy = Configure antes otro método y después quite este.
mfa-190 = Los datos que iba a firmar han cambiado
    .text = Lo que vio ya no es lo que se firmaría, así que no se firmó nada.
    .remedy = Vuelva a la aplicación y empiece de nuevo la firma.

## Browsers, as people know them
browser-on = { $browser } en { $system }
browser-some-on = Un navegador o aplicación en { $system }
browser-unknown = Un navegador o aplicación que no conocemos

## Letters: what stands around each
letter-code = Su código:
letter-copy = Si el enlace no se abre, copie esta dirección en su navegador:
letter-when = Cuándo
letter-when-value = { $date }, { $time } UTC
letter-where = Desde la dirección de red
letter-browser = Con
letter-partner = En
letter-undo = Si no fue usted, abra este enlace cuanto antes. Desharemos el cambio si es posible y le ayudaremos a proteger su cuenta.
letter-undo-link = No he sido yo
letter-undo-short = ¿No fue usted?
letter-from = Este mensaje es de { $workspace }. Nuestras páginas están en { $host } y en ningún otro sitio.
letter-never = Nunca pedimos códigos ni contraseñas por teléfono, mensaje de texto o correo.

## Letters: subject, text, link, and the same in a few words for a text message.
## The few words use only letters of the GSM alphabet, so that they fit into one message.
letter-authenticator-added-subject = Se ha añadido una forma de iniciar sesión
letter-authenticator-added-text =
    Se ha configurado una nueva forma de iniciar sesión en su cuenta: { $method }, «{ $nickname }».

    Si ha sido usted, no tiene que hacer nada más.
letter-authenticator-added-short = Nuevo: { $method } "{ $nickname }".

letter-authenticator-removed-subject = Se ha quitado una forma de iniciar sesión
letter-authenticator-removed-text =
    Esto ya no sirve para iniciar sesión en su cuenta: { $method }, «{ $nickname }».

    Si ha sido usted, no tiene que hacer nada más.
letter-authenticator-removed-short = Quitado: { $method } "{ $nickname }".

letter-authenticator-renamed-subject = Una forma de iniciar sesión tiene otro nombre
letter-authenticator-renamed-text = Lo que en su cuenta se llamaba «{ $old }» ahora se llama «{ $nickname }».
letter-authenticator-renamed-short = "{ $old }" ahora es "{ $nickname }".

letter-primary-changed-subject = Ha cambiado su dispositivo principal
letter-primary-changed-text = El dispositivo principal de su cuenta es ahora «{ $nickname }».
letter-primary-changed-short = Ahora el principal es "{ $nickname }".

letter-preferred-changed-subject = Ha cambiado su forma preferida de iniciar sesión
letter-preferred-changed-text = Cuando inicie sesión, ahora se ofrece primero: { $method }.
letter-preferred-changed-short = Primero se ofrece: { $method }.

letter-password-changed-subject = Se ha cambiado su contraseña
letter-password-changed-text =
    Se ha cambiado la contraseña de su cuenta.

    Si ha sido usted, no tiene que hacer nada más.
letter-password-changed-short = Se ha cambiado su contraseña.

letter-password-reset-subject = Se ha restablecido su contraseña
letter-password-reset-text =
    Alguien que podía leer sus mensajes dijo que la había olvidado y ha sustituido la contraseña de su cuenta.

    Si ha sido usted, no tiene que hacer nada más.
letter-password-reset-short = Se ha restablecido su contraseña.

letter-recovery-codes-issued-subject = Se han creado códigos de recuperación nuevos
letter-recovery-codes-issued-text = Se han creado códigos de recuperación nuevos para su cuenta. Los anteriores ya no sirven. Guarde los nuevos en un lugar seguro.
letter-recovery-codes-issued-short = Hay claves de rescate nuevas.

letter-recovery-code-used-subject = Se ha usado un código de recuperación
letter-recovery-code-used-text =
    { $left ->
        [0] Se ha usado uno de los códigos de recuperación de su cuenta. Era el último: cree códigos nuevos.
        [one] Se ha usado uno de los códigos de recuperación de su cuenta. Queda uno: cree pronto códigos nuevos.
       *[other] Se ha usado uno de los códigos de recuperación de su cuenta. Quedan { $left }.
    }
letter-recovery-code-used-short = Clave de rescate usada; quedan { $left }.

letter-email-changed-subject = Se ha cambiado su correo electrónico
letter-email-changed-text =
    La dirección de correo de su cuenta ha cambiado de { $old } a { $email }.

    Desde ahora, los mensajes sobre su cuenta irán a la dirección nueva.
letter-email-changed-short = Se ha cambiado su correo.

letter-profile-changed-subject = Se ha cambiado su perfil
letter-profile-changed-text = Se han cambiado los datos de su perfil.
letter-profile-changed-short = Se ha cambiado su perfil.

letter-new-device-subject = Un inicio de sesión nuevo en su cuenta
letter-new-device-text =
    Alguien ha iniciado sesión en su cuenta con un navegador o dispositivo que no habíamos visto antes en ella.

    Si ha sido usted, no tiene que hacer nada.
letter-new-device-short = Acceso desde un dispositivo nuevo.

letter-authenticator-disabled-subject = Se ha desactivado una forma de iniciar sesión
letter-authenticator-disabled-text =
    Tras demasiados intentos fallidos se ha desactivado en su cuenta: { $method }, «{ $nickname }».

    Inicie sesión con otro método y configure este de nuevo. Si los intentos no fueron suyos, puede que alguien sepa su contraseña: cámbiela.
letter-authenticator-disabled-short = Bloqueado: { $method } "{ $nickname }".

letter-account-closed-subject = Se ha cerrado su cuenta
letter-account-closed-text = Se ha cerrado su cuenta. Ya no se puede iniciar sesión con ella.
letter-account-closed-short = Se ha cerrado su cuenta.

letter-mfa-reset-subject = Se han restablecido sus formas de iniciar sesión
letter-mfa-reset-text =
    Su organización ha quitado los segundos pasos de su cuenta.

    La próxima vez que inicie sesión se le pedirá que los configure de nuevo.
letter-mfa-reset-short = Se han quitado sus segundos pasos.

letter-undone-subject = Se ha deshecho un cambio
letter-undone-text =
    Alguien abrió el enlace «No he sido yo» de uno de nuestros mensajes y hemos deshecho el cambio.

    Cambie su contraseña y revise los dispositivos de su cuenta.
letter-undone-short = Se ha deshecho un cambio.

letter-verify-email-subject = Confirme su correo electrónico
letter-verify-email-text =
    Confirme que esta dirección es suya: escriba este código en la página que lo pide, o abra el enlace.

    Si no lo ha pedido, no haga nada. La dirección no se usará.
letter-verify-email-link = Confirmar la dirección
letter-verify-email-short = { $code } es la clave para confirmar su correo.

letter-register-subject = Termine de crear su cuenta
letter-register-text =
    Para crear su cuenta, escriba este código en la página que lo pide, o abra el enlace.

    Si no lo ha pedido, no haga nada. No se creará ninguna cuenta.
letter-register-link = Crear la cuenta
letter-register-short = { $code } es la clave para crear su cuenta.

letter-register-known-subject = Ya tiene una cuenta
letter-register-known-text =
    Alguien quiso crear una cuenta con esta dirección, pero ya pertenece a una. No ha cambiado nada.

    Si ha sido usted, inicie sesión. Si ha olvidado la contraseña, allí puede restablecerla.
letter-register-known-link = Iniciar sesión
letter-register-known-short = Ya tiene una cuenta. Entre:

letter-reset-password-subject = Restablezca su contraseña
letter-reset-password-text =
    Para elegir una contraseña nueva, escriba este código en la página que lo pide, o abra el enlace.

    Si no lo ha pedido, no haga nada. Su contraseña sigue siendo la misma.
letter-reset-password-link = Elegir una contraseña nueva
letter-reset-password-short = { $code } es la clave para elegir otra contraseña.

letter-reset-unknown-subject = No hay ninguna cuenta con esta dirección
letter-reset-unknown-text =
    Alguien pidió una contraseña nueva para esta dirección, pero ninguna cuenta la usa. No ha cambiado nada.

    Si ha sido usted, pruebe con las otras direcciones que usa. Si no, no tiene que hacer nada.
letter-reset-unknown-short = Ninguna cuenta usa este correo.

letter-update-phone-subject = Nuestros mensajes no llegan a su teléfono
letter-update-phone-text =
    Un mensaje o una llamada al número de teléfono de su cuenta no ha llegado. Puede que el número esté mal o ya no sea suyo.

    Compruébelo para poder seguir iniciando sesión.
letter-update-phone-link = Revisar el número de teléfono
letter-update-phone-short = No llegan nuestros mensajes. Revise su número:

letter-setup-link-subject = Continúe en su teléfono
letter-setup-link-text =
    Pidió un enlace para continuar la configuración en su teléfono. Ábralo en el teléfono que quiere usar.

    Si no lo ha pedido, no haga nada. El enlace por sí solo no cambia nada en su cuenta.
letter-setup-link-link = Continuar la configuración
letter-setup-link-short = Siga en este teléfono:
