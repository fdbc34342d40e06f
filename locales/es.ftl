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

## A device that shows a code
device-code-title = Conectar un dispositivo
device-code-lead = Escriba el código que muestra su dispositivo.
device-code-label = Código
device-code-hint = Ocho letras. No importan las mayúsculas ni el guion.
device-confirm-title = ¿Es este su dispositivo?
device-confirm-lead = Si continúa, { $partner } entrará en su cuenta en el dispositivo que muestra este código:
device-confirm-warning = Continúe solo si tiene este dispositivo delante y muestra exactamente este código. Si alguien le envió el código o un enlace, por mensaje o por teléfono, quiere entrar en su cuenta: elija «No es mío».
device-site = Sitio
device-asked = Solicitado
device-from = Dirección de red
device-allow = Es mío, continuar
device-deny = No es mío
device-done-title = Puede volver a su dispositivo
device-done-text = Continuará por sí solo en unos segundos. Puede cerrar esta página.
device-refused-title = El dispositivo no se conectó
device-refused-text = No se le entregó nada. Si quiere intentarlo otra vez, haga que el dispositivo muestre un código nuevo.
device-another = Escribir otro código
device-code-unknown = Este código no lleva a ninguna parte
    .text = Está mal escrito, ya se usó o es demasiado antiguo.
    .remedy = Compárelo con lo que muestra el dispositivo o haga que muestre uno nuevo.

## Consent
consent-title = ¿Permitir que { $partner } use su cuenta?
consent-lead = { $partner } solicita:
consent-note = Puede retirar este permiso cuando quiera en la página de su cuenta.
consent-policy = Política de privacidad
consent-tos = Condiciones del servicio
consent-registered = Esta aplicación se ha registrado por sí misma. { $workspace } no ha comprobado quién está detrás.
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
signed-out-going = También se está cerrando la sesión en las demás aplicaciones. Después volverá a { $partner }.
signed-out-continue = Continuar
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

## Steps of a proof or a set-up
steps = Pasos
step-choose = Elegir
step-where = Adónde
step-confirm = Confirmar
text-me = Enviarme un mensaje
call-me = Llamarme
instead-sms = Mejor enviarme un mensaje
instead-voice = Mejor llamarme
remember-browser = Recordar este navegador durante 30 días
remember-hint = Solo en un dispositivo que sea únicamente suyo. Algunas aplicaciones preguntarán igualmente.

## Passkeys and security keys
sign-in-passkey = Entrar con una clave de acceso
forgot-password = ¿Olvidó la contraseña o perdió el teléfono?
create-account = Crear una cuenta
verify-webauthn-title = Use su clave de acceso o llave de seguridad
verify-webauthn-lead = El navegador la pide ahora. Si no ocurre nada, pulse el botón.
verify-webauthn-button = Usar clave o llave
webauthn-unsupported = Este navegador no admite claves de acceso ni llaves de seguridad. Elija otro método o abra esta página en otro navegador.
webauthn-cancelled = Se canceló o tardó demasiado. Pulse el botón para intentarlo de nuevo.
webauthn-failed = No se pudo usar la clave o la llave. Inténtelo de nuevo o elija otro método.
webauthn-known = Esta llave ya está configurada en su cuenta. Use otra.
enrol-webauthn-title = Añadir una clave de acceso o llave de seguridad
enrol-webauthn-lead = Póngale un nombre y pulse el botón. El navegador pregunta dónde guardar la clave, o pide una llave que se conecta o se acerca.
enrol-webauthn-button = Añadirla ahora

## Recovery codes
verify-recovery-title = Introduzca un código de recuperación
verify-recovery-lead = Escriba uno de los códigos que guardó. Sirve una sola vez.
verify-recovery-label = Código de recuperación
verify-recovery-hint =
    { $left ->
        [one] Le queda un código.
       *[other] Le quedan { $left } códigos.
    }
recovery-codes-title = Guarde sus códigos de recuperación
recovery-codes-lead = Cada código le deja entrar una vez cuando haya perdido todo lo demás. Imprímalos o descárguelos ahora: no se vuelven a mostrar.
recovery-codes-replaces = Los códigos que tenía antes dejan de valer cuando continúe.
recovery-codes-download = Descargar como archivo de texto
recovery-codes-print = Imprimir
recovery-codes-saved = Los he guardado
recovery-codes-file = Códigos de recuperación de { $account } en { $workspace }. Cada uno sirve una vez. Guárdelos donde nadie más los encuentre.

## Setting up
enrol-demanded-title = Configure otra forma de entrar
enrol-demanded-lead = { $partner } pide más de lo que su cuenta tiene configurado. Elija qué añadir; después sigue donde estaba.
enrol-recommended-title = Haga su cuenta más segura
enrol-recommended-lead = Con un segundo método nadie puede entrar solo con su contraseña. { $partner } no lo pide; puede hacerlo más tarde.
enrol-wanted-title = Añadir un método
enrol-wanted-lead = Elija qué añadir a su cuenta.
enrol-skip = Ahora no
enrol-push =
    .line = Apruebe en su teléfono, con un número que usted traslada. Necesita red.
enrol-totp =
    .line = Una aplicación o dispositivo que muestra códigos de 6 cifras. Funciona sin red.
enrol-webauthn =
    .line = Su huella, cara o PIN, o una llave que se conecta o se acerca. A salvo de sitios falsos.
enrol-sms =
    .line = Enviamos un código a su teléfono. Menos seguro que los demás métodos.
enrol-voice =
    .line = Le llamamos y leemos un código. Menos seguro que los demás métodos.
enrol-recovery_code =
    .line = Diez códigos para imprimir, para el día en que pierda el teléfono.
enrol-confirm = Confirmar
enrol-totp-title = Configurar un generador de códigos
enrol-totp-lead = Escanee este código con su aplicación de autenticación y escriba las 6 cifras que muestra.
enrol-totp-qr = Código QR para su aplicación de autenticación
enrol-totp-open = Abrir en una aplicación de este dispositivo
enrol-totp-letters = ¿No puede escanearlo? Escriba esta clave secreta en la aplicación:
enrol-totp-code = Código que muestra la aplicación
enrol-totp-link-sms = Usar mensaje de texto
enrol-totp-link-email = Usar correo electrónico
enrol-totp-sent = Hemos enviado un enlace. Ábralo en el teléfono donde está la aplicación, añada allí la cuenta y escriba aquí el código que muestra.
enrol-phone-title = Añadir un teléfono
enrol-phone-lead = ¿A qué número enviamos el mensaje o llamamos?
phone-number = Número de teléfono
phone-number-hint = Con prefijo. De otro país: con + y el código del país. Sin extensiones.
phone-risk = Otros pueden leer o desviar mensajes y llamadas más fácilmente que una aplicación o una llave. Añada también una de esas si puede.
phone-edit = Cambiar el número
enrol-phone-confirm-sms = Enviaremos un mensaje de texto a este número. ¿Es correcto?
enrol-phone-confirm-voice = Llamaremos a este número. ¿Es correcto?
nickname-label = Nombre (opcional)
nickname-hint = Para distinguir sus dispositivos, por ejemplo «iPhone de la oficina».
enrolled-title = Está configurado
enrolled-secure = Su cuenta está ahora protegida.
enrolled-told = Hemos enviado un aviso a sus direcciones. Si recibe uno que no esperaba, use el enlace que contiene.
enrolled-backup = Configure al menos un método de reserva, para que un dispositivo perdido no le deje fuera.
scope-authenticators = Ver sus métodos de acceso
    .line = Sus nombres y tipos, cuál es el principal y con cuál empieza ella misma

## The account's own pages
account = Su cuenta
account-hello = Hola, { $name }
consent-recommend = Su cuenta solo tiene una contraseña. Puede añadir un segundo método ahora o más tarde:
account-no-second = Su cuenta solo tiene una contraseña.
account-profile = Perfil
    .line = Su nombre, direcciones y números
account-security = Acceso y seguridad
    .line = Métodos para probar que es usted, y cómo recuperar el acceso
account-password = Contraseña
    .line = Cambiar la contraseña
account-sessions = Sesiones
    .line = Dónde ha entrado
account-activity = Actividad
    .line = Accesos y cambios
account-privacy = Privacidad
    .line = Aplicaciones con acceso a su cuenta
account-close = Cerrar la cuenta

## Sign in & Security
security-current = Lo que está configurado
security-none = Todavía no hay nada configurado.
security-add = Añadir un método
security-add-hint = Se le pedirá que demuestre una vez más que es usted.
security-backup = Configure al menos un método de reserva, para que un dispositivo perdido no le deje fuera.
security-new-codes = Crear nuevos códigos de recuperación
security-suspended = Apartado
security-disabled = Desactivado
security-disabled-what = Se desactivó tras demasiados intentos fallidos. Elimínelo y configúrelo de nuevo.
security-codes-left =
    { $left ->
        [one] Queda un código
       *[other] Quedan { $left } códigos
    }
security-added-organization = por su organización
security-added-account = por usted, en esta página
security-added-partner =
    { $partner ->
        [unknown] en una aplicación
       *[other] en { $partner }
    }
security-last-used = Usado por última vez el { $date }
security-never-used = Aún no se ha usado
security-make-primary = Hacer principal
security-make-preferred = Ofrecer primero
security-reactivate = Lo tengo de nuevo
security-rename = Cambiar el nombre
security-remove = Eliminar
security-lost = Lo he perdido
security-change-password = Cambiar la contraseña
security-done-renamed = Ya tiene su nuevo nombre.
security-done-removed = Está eliminado y ya no se puede usar.
security-done-primary = Ahora es su dispositivo principal.
security-done-preferred = A partir de ahora se ofrece primero.
security-done-reactivated = Se puede usar de nuevo.
security-done-lost = Está apartado y ya no se puede usar.
key-fact-attested = Su fabricante responde del modelo
key-fact-hardware = Guarda su clave en el hardware
key-fact-synced = Se sincroniza entre sus dispositivos
key-fact-device-bound = Permanece en un solo dispositivo

rename-title = Cambiar el nombre
rename-label = Nombre nuevo
rename-button = Guardar
nickname-unfit = Esto no puede ser un nombre
    .text = Un nombre tiene de 1 a 64 caracteres que se pueden mostrar en una línea.
    .remedy = Escriba un nombre más corto o más sencillo.
nickname-taken = Este nombre ya está en uso
    .text = Otro de sus métodos se llama así y no podría distinguirlos.
    .remedy = Tome el nombre libre que proponemos abajo o escriba otro.

remove-title = ¿Eliminar «{ $nickname }»?
remove-what = Ya no se podrá usar para iniciar sesión, de inmediato. Lo que se abrió con él también termina. Enviamos un aviso a sus direcciones.
remove-primary = Es su dispositivo principal; otro ocupará su lugar.
remove-signing = Es el único método con el que podría firmar recetas de sustancias controladas.
remove-last = Es su último método, por eso no se puede eliminar. Configure otro primero.
remove-back = Volver a Acceso y seguridad
remove-button = Eliminarlo

lost-title = He perdido un dispositivo
lost-lead = ¿Cuál? Se aparta de inmediato: ya nadie puede usarlo, y lo que se abrió con él termina.
lost-only = Es el único que tiene. Sin él necesitará un código de recuperación, o ayuda de su organización, para configurar otro.
lost-next = Si lo encuentra, puede volver a usarlo desde Acceso y seguridad. Si no, configure otro allí.
lost-nothing = No hay nada que se pueda apartar.

undo-title = ¿No fue usted?
undo-lead = Si no hizo el cambio del que le informó nuestro mensaje, pulse el botón. Entonces:
undo-suspends = { $method } «{ $nickname }» se aparta y no se puede usar.
undo-email = Su antigua dirección de correo vuelve a ser la de la cuenta.
undo-ends = Se cierra la sesión de todos en su cuenta, en todos los dispositivos y aplicaciones, también la suya.
undo-button = No fui yo
undo-was-me = Si fue usted, cierre esta página. No ocurre nada.
undone-title = Lo hemos deshecho
undone-suspended = { $method } «{ $nickname }» está apartado.
undone-email = Su antigua dirección de correo vuelve a ser la de la cuenta.
undone-ended = Se cerró la sesión de todos en su cuenta.
undone-next = Qué hacer ahora
undone-sign-in = Inicie sesión con otro método y revise lo que está configurado:
undone-password = Cambie su contraseña, porque alguien puede conocerla:
undone-support = Si algo no está como debe, pregunte al servicio de asistencia e indique esta referencia:
nothing-left = Esto no se puede cambiar con lo que queda
    .text = Su cuenta tenía un segundo método, y sin él nadie puede cambiar cómo inicia sesión, ni siquiera con su contraseña.
    .remedy = Inicie sesión con un código de recuperación, o pida a su organización que restablezca sus métodos e indique la referencia.
link-gone = Este enlace ya no sirve
    .text = Ya se ha usado, es demasiado antiguo o su dirección no está completa.
    .remedy = Si algo en su cuenta no es suyo, inicie sesión, revise sus dispositivos y cambie su contraseña.

help-phone-title = ¿Qué pasa con mis métodos si cambio de teléfono?
help-phone-lead = Algunos métodos viven en el teléfono y no se trasladan solos.
help-phone-before = Mientras aún tiene el teléfono antiguo
help-phone-before-text = Configure primero el teléfono nuevo como segundo dispositivo, en Acceso y seguridad. Después elimine el antiguo.
help-phone-totp = El secreto se queda en la aplicación del teléfono antiguo, salvo que la aplicación lo copie. Añada un generador de códigos en el teléfono nuevo y elimine después el antiguo.
help-phone-push = La clave nunca sale del teléfono antiguo. Vincule el teléfono nuevo y elimine después el antiguo.
help-phone-webauthn = Las llaves de acceso sincronizadas le acompañan con su cuenta de Apple, de Google o de su gestor de contraseñas. Las que permanecen en un dispositivo hay que añadirlas de nuevo.
help-phone-number = Mensaje de texto y llamada
help-phone-number-text = Siguen al número. Si cambia el número, añada el nuevo y elimine el antiguo.
help-phone-gone = Ya no tiene el teléfono antiguo
help-phone-gone-text = Avise de inmediato; para eso basta un método:

## Profile
moment = { $date }, { $time } UTC
profile-edit = Editar
profile-save = Guardar
profile-contact = Información de contacto
profile-name-title = Nombre e idioma
profile-name = Nombre completo
profile-given-name = Nombre de pila
profile-family-name = Apellidos
profile-name-confirmed = Su organización ha confirmado este nombre. Diríjase a ella si ha cambiado.
profile-language = Idioma
profile-language-hint = De los correos y mensajes que le enviamos.
profile-email = Correo electrónico
profile-email-new = Nuevo correo electrónico
profile-email-hint = Enviamos un código a esa dirección. La actual se mantiene hasta que confirme la nueva.
profile-email-send = Enviar el código
profile-verified = Verificado
profile-unverified = Sin verificar
profile-none = Ninguno
profile-phones = Números de teléfono
profile-phones-none = No hay ningún teléfono configurado. Puede añadir uno en «Acceso y seguridad».
profile-phone-hint = Un número se sustituye solo cuando haya escrito el código que enviamos al nuevo.
profile-phone-outdated = No llega
profile-outdated = Nuestros mensajes a uno de sus números ya no llegan. Sustitúyalo, o quítelo en «Acceso y seguridad».
profile-replace = Sustituir
profile-reveal = Mostrar los números completos
profile-missing = ¿Echa en falta un número o una dirección?
profile-missing-text = Puede que pertenezca a otra cuenta suya.
profile-support = Pregunte al soporte
profile-support-ask = Pregunte al soporte de su organización.
profile-identities = Identidades
profile-in-use = En uso
profile-identity = Identidad
profile-identity-on = Confirmada el { $date }
profile-identity-not = Sin confirmar
profile-since = Miembro desde
profile-pending-title = Confirme la nueva dirección
profile-pending-lead = Hemos enviado un correo con un código a
profile-pending-hint = Nada cambia hasta que escriba el código o abra el enlace del correo. Mire también en la carpeta de correo no deseado.
profile-withdraw = Conservar la dirección que tengo
profile-done-saved = Sus cambios se han guardado.
profile-done-sent = Hemos enviado un correo a la nueva dirección.
profile-done-confirmed = La nueva dirección está confirmada.
profile-done-withdrawn = La dirección se queda como estaba.
email-confirm-title = Confirme su correo electrónico
email-confirm-lead = Desde ahora la dirección de su cuenta es
email-confirm-button = Confirmar esta dirección
email-link-old = Este enlace ya no sirve. Pida otro en la página de su perfil, con la sesión de la persona que quiere la dirección.

## Password
password-title = Contraseña
password-new = Nueva contraseña
password-hint = Unas cuantas palabras seguidas hacen una buena. No hacen falta signos ni cifras; cuanto más larga, mejor.
password-consequence = Se cierra la sesión en los demás navegadores, y hay que volver a iniciarla en las aplicaciones que siguen conectadas.
password-change = Cambiar la contraseña
password-set = Establecer una contraseña
password-done-changed = Su nueva contraseña está en vigor. Hemos enviado un aviso a sus direcciones.

## Sessions
sessions-here = Este navegador
sessions-others = Otros navegadores
sessions-none = No tiene la sesión iniciada en ningún otro sitio.
sessions-unknown = Navegador desconocido
sessions-times = desde { $since }, última actividad { $active }
sessions-end = Cerrar sesión
sessions-end-others = Cerrar todas las demás
sessions-remembered = Navegadores recordados
sessions-remembered-count =
    { $count ->
        [0] No se recuerda ningún navegador.
        [one] Se recuerda un navegador. Las aplicaciones que lo permiten preguntan menos en él.
       *[other] Se recuerdan { $count } navegadores. Las aplicaciones que lo permiten preguntan menos en ellos.
    }
sessions-forget = Olvidarlos todos
sessions-done-ended = La sesión está cerrada.
sessions-done-others = Todas las demás sesiones están cerradas.
sessions-done-forgotten = Ya no se recuerda ningún navegador.

## Activity
activity-lead = Inicios de sesión y cambios, los últimos primero. Si algo de esto no fue usted, cambie la contraseña y revise sus métodos.
activity-none = No hay nada aquí.
activity-older = Anteriores
activity-refused = Rechazado
activity-partner = En { $partner }
activity-other = Ocurrió otra cosa
activity-account-closed = Cuenta cerrada
activity-account-created = Cuenta creada
activity-account-suspended = Cuenta suspendida
activity-acr-satisfied = Inicio de sesión en una aplicación
activity-acr-unmet = Un inicio de sesión no fue lo bastante seguro
activity-admin-user_mfa_reset = Su organización ha quitado sus métodos
activity-auth-browser-forgotten = Navegadores recordados olvidados
activity-auth-browser-remembered = Navegador recordado
activity-auth-factor-disabled = Un método se desactivó tras demasiados intentos fallidos
activity-auth-factor-throttled = Demasiados intentos fallidos
activity-auth-push-approved = Aprobado en un teléfono
activity-auth-push-denied = Rechazado en un teléfono
activity-auth-push-rate_limited = Demasiadas solicitudes a un teléfono
activity-auth-session-created = Sesión iniciada
activity-auth-session-ended = Sesión cerrada
activity-auth-webauthn-counter_regress = Puede que se haya copiado una llave de seguridad
activity-authenticator-bind-confirmed = Método añadido
activity-authenticator-disabled = Método desactivado
activity-authenticator-preferred_changed = Método preferido cambiado
activity-authenticator-primary_changed = Dispositivo principal cambiado
activity-authenticator-reactivated = Método activado de nuevo
activity-authenticator-removed = Método quitado
activity-authenticator-renamed = Método renombrado
activity-authenticator-reported_lost = Método dado por perdido
activity-authenticator-suspended = Método suspendido
activity-consent-granted = Acceso concedido a una aplicación
activity-consent-revoked = Acceso de una aplicación retirado
activity-email-changed = Correo electrónico cambiado
activity-email-verified = Correo electrónico verificado
activity-identity-confirmed = Identidad confirmada
activity-login_id-changed = Nombre de usuario cambiado
activity-password-changed = Contraseña cambiada
activity-password-set = Contraseña establecida
activity-phone-changed = Número de teléfono sustituido
activity-policy-method_denied = Un método no fue aceptado
activity-profile-changed = Perfil cambiado
activity-recovery-completed = Cuenta recuperada
activity-recovery-started = Recuperación iniciada
activity-recovery_code-issued = Códigos de recuperación creados
activity-recovery_code-reissued = Nuevos códigos de recuperación creados
activity-recovery_code-used = Código de recuperación usado

## Privacy
privacy-lead = Estas aplicaciones pueden usar su cuenta.
privacy-none = Ninguna aplicación tiene acceso a su cuenta.
privacy-since = Desde el { $date }
privacy-open = Abrir { $partner }
privacy-revoke = Retirar
privacy-hint = Lo que una aplicación ya haya leído se queda en ella. Le preguntará de nuevo la próxima vez que inicie sesión allí.
privacy-done-revoked = El acceso se ha retirado.

## Closing an account
close-warning = Si cierra la cuenta { $username }, ya no podrá iniciar sesión con ella, y no se puede volver a abrir. Se quitan sus métodos y se cierran todas sus sesiones.
close-partners = Ya no podrá entrar en
close-understood = Lo entiendo y quiero cerrar mi cuenta.
close-button = Cerrar mi cuenta
close-keep = Conservar la cuenta
closed-title = Su cuenta está cerrada
closed-text = Hemos enviado un aviso a sus direcciones. Puede cerrar esta página.

## Forms of the account that were refused
mistake-name = Este nombre no se puede usar
    .text = Un nombre tiene como máximo 128 caracteres, y ninguno invisible.
    .remedy = Escríbalo de nuevo y vuelva a guardar.
mistake-name-confirmed = Su nombre está confirmado
    .text = Su organización ha confirmado su identidad con este nombre, así que no se puede cambiar aquí.
    .remedy = Pida a su organización que lo cambie.
mistake-language = Todavía no hablamos este idioma
    .text = El idioma no se ha guardado.
    .remedy = Elija uno de la lista.
mistake-address = Esto no es un correo electrónico
    .text = No hemos podido escribir a lo que ha indicado.
    .remedy = Escriba una sola dirección, como nombre@example.org.
mistake-same-address = Esta ya es su dirección
    .text = Está verificada, así que no hay nada que hacer.
    .remedy = Escriba otra dirección si quiere cambiarla.
mistake-unconfirmed = La cuenta sigue abierta
    .text = La casilla no estaba marcada, así que no se ha hecho nada.
    .remedy = Marque la casilla si quiere cerrar la cuenta.
mistake-gone = Ya no está ahí
    .text = Ya se ha cerrado o retirado, quizá en otra ventana.
    .remedy = Mire la lista tal como está ahora.

## Letters of this part
letter-email-in-use-subject = Su dirección se ha indicado para otra cuenta
letter-email-in-use-text = Alguien quiere usar la dirección { $email } para su cuenta. Ya pertenece a una cuenta, así que no se ha cambiado nada. Si fue usted, inicie sesión en la cuenta que tiene la dirección. Si no, no hay nada que hacer.
letter-email-in-use-short = Alguien quiere usar { $email } para otra cuenta. No se ha cambiado nada.
## A new account, a forgotten password, a lost phone
register-who-title = Crear una cuenta
register-who-lead = Primero enviamos un correo a su dirección. La cuenta existe cuando usted la haya confirmado.
register-code-title = Confirme su dirección
register-code-lead = Si la dirección puede usarse para una cuenta nueva, hemos enviado un correo con un código a
register-password-title = Elija una contraseña
register-password-lead = Su dirección está confirmada. Elija una contraseña para su cuenta.
register-email-hint = Con ella inicia sesión, y a ella escribimos cuando algo cambia.
given-name = Nombre, o su único nombre
family-name = Apellido (opcional)
email-address = Correo electrónico
letter-code-wait = Puede tardar un minuto y puede estar entre el correo no deseado. El enlace del correo también sirve.
letter-code-hint = { $digits } cifras, del correo más reciente. Nadie de su organización se las pedirá nunca.
letter-again = Enviar otro correo
new-password = Nueva contraseña
new-password-hint = Al menos { $shortest } caracteres. Varias palabras separadas por espacios se recuerdan bien.
new-password-title = Elija una nueva contraseña
new-password-lead = Ha demostrado que es usted. Desde ahora solo cuenta esta contraseña.
new-password-ends = Se cerrarán todas sus sesiones, y las aplicaciones le pedirán que inicie sesión de nuevo. La firma de recetas queda desactivada hasta que su organización haya confirmado quién es usted.
new-password-button = Establecer la contraseña
recover-address-title = Recuperar su cuenta
recover-code-title = Escriba el código del correo
recover-code-lead = Si hay una cuenta con esta dirección, hemos enviado un correo con un código a
recover-link-title = Elija una nueva contraseña
recover-link-lead = Ha abierto el correo que se envió a
recover-password = ¿Olvidó su contraseña?
recover-password-lead = Le enviamos un correo con un código. Si su cuenta tiene otros métodos, también debe demostrar uno de ellos.
recover-phone = ¿Perdió su teléfono o no puede usarlo?
recover-phone-lead = Aún puede entrar con otra cosa y configurar después el teléfono nuevo:
recover-by-code = Un código de recuperación que guardó: inicie sesión y elíjalo en lugar del teléfono.
recover-by-other = Otro método de su cuenta, como una clave de acceso o un generador de códigos.
recover-by-support = Si no le queda nada: el soporte, con documentos que muestren quién es usted. Si una página le dio una referencia, téngala a mano.
recover-support = Ir al soporte
recover-security = Iniciar sesión y actualizar mis métodos
email-unfit = Esto no es una dirección de correo
    .text = No podemos enviar un correo a lo que escribió.
    .remedy = Escriba la dirección como nombre@example.org.
name-unfit = Necesitamos un nombre
    .text = Falta el nombre, es demasiado largo o contiene signos que no pertenecen a un nombre.
    .remedy = Escriba su nombre tal como se escribe.
letter-over = Este correo ya no sirve
    .text = Su código o enlace se usó, es demasiado antiguo o se escribió mal demasiadas veces.
    .remedy = Pida un correo nuevo.
enrol-setup-title = Configure su generador de códigos
enrol-setup-lead = Abra esto en el teléfono que tiene su aplicación de autenticación. La clave secreta se muestra una sola vez.
enrol-setup-show = Mostrar la clave secreta
enrol-setup-shown = Añada ahora la cuenta a su aplicación de autenticación.
enrol-setup-scan = ¿Está la aplicación en otro teléfono? Escanee este código con él.
enrol-setup-then = Todavía no hay nada configurado. Escriba las 6 cifras que muestra la aplicación en la página donde comenzó.
## Browsers, as people know them
browser-on = { $browser } en { $system }
browser-some-on = Un navegador o aplicación en { $system }
browser-unknown = Un navegador o aplicación que no conocemos

## Letters: what stands around each
letter-code = Su código:
letter-copy = Si el enlace no se abre, copie esta dirección en su navegador:
letter-when = Cuándo
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

letter-pairing-link-subject = Vincule su teléfono
letter-pairing-link-text =
    Pidió un enlace para vincular su teléfono. Ábralo en el teléfono con el que quiere aprobar los inicios de sesión. Sirve una vez, durante diez minutos.

    Si no lo ha pedido, no haga nada. El enlace por sí solo no cambia nada en su cuenta.
letter-pairing-link-link = Vincular este teléfono
letter-pairing-link-short = Vincule este teléfono (sirve 10 minutos):

letter-pairing-call-subject = Vincule su teléfono
letter-pairing-call-text = Abra el autenticador en su teléfono y escriba estas cifras: { $digits }.
letter-pairing-call-short = Sus cifras para vincular el teléfono son: { $digits }. Otra vez: { $digits }.

letter-push-reported-subject = Ha detenido un inicio de sesión
letter-push-reported-text =
    Ha dicho en su teléfono que un inicio de sesión en su cuenta no era suyo. Se ha terminado.

    Es posible que quien lo intentó conozca su contraseña. Cámbiela ahora y no la use en ningún otro sitio.
letter-push-reported-link = Cambiar la contraseña
letter-push-reported-short = Acceso ajeno detenido. Cambie su clave:

## Aprobar en el teléfono
verify-push-title = Mire su teléfono
choose-pair = Vincule su teléfono en Inicio de sesión y seguridad para aprobar en él
use-phone = Usar mi teléfono
your-phone = Su teléfono
verify-push-device = Se ha enviado una solicitud a este teléfono
verify-push-number = Abra la solicitud en su teléfono y escriba allí este número:
verify-push-tap = Abra la solicitud en su teléfono y apruébela.
verify-push-waiting = Esta página sigue sola en cuanto haya respondido.
verify-push-idle = Ahora mismo no hay nada pendiente en su teléfono.
push-answered = Ya he respondido en mi teléfono
remaining-minutes = Sirve # minutos más.
remaining-seconds = Sirve # segundos más.
resend-push = Enviar otra vez
send-push = Enviar a mi teléfono
help-push-summary = ¿No llega nada a su teléfono?
help-push-open = Abra la aplicación; la solicitud está allí:
help-push-notifications = Permita las notificaciones de la aplicación en los ajustes del teléfono.
help-push-network = Compruebe que el teléfono tiene conexión a internet.
help-push-again = Envíe la solicitud otra vez o use otro método.
enrol-push-title = Vincule su teléfono
enrol-push-lead = Escanee el código con el teléfono que va a aprobar sus inicios de sesión. Sirve una vez, durante diez minutos.
enrol-push-reveal = Pulse para ver el código
enrol-push-qr = Código QR que vincula un teléfono
enrol-push-open = Vincular este dispositivo
enrol-push-letters = ¿No puede escanearlo? Escriba esto en su teléfono, en
enrol-push-sent = Lo hemos enviado. Ábralo en su teléfono; esta página sigue sola.
enrol-push-other = Recibir un enlace
enrol-push-other-lead = Enviamos un enlace a su teléfono, o llamamos y dictamos unas cifras para escribir. El código de arriba deja de valer.
enrol-push-known = Déjelo vacío para usar el número de su cuenta.
enrol-push-email = Enviar por correo
enrol-push-redeemed = Este dispositivo quiere vincularse
enrol-push-number = Escriba este número en ese dispositivo:
enrol-push-not-yours = ¿No es su dispositivo? Cancele o elija otro método: aún no hay nada vinculado.
enrol-push-opened = Ya lo he abierto en mi teléfono
help-link-intro = ¿No ha llegado nada?
help-link-smartphone = Use un teléfono inteligente en vez de una tableta.
help-link-again = Envíe el enlace otra vez; el anterior deja de valer.

## Contraseñas que no se aceptan
password-refused-too-short = Su contraseña es demasiado corta
    .text = Necesita al menos { $least } caracteres.
    .remedy = Hágala más larga. Unas cuantas palabras sin relación entre sí se recuerdan fácilmente.
password-refused-too-long = Su contraseña es demasiado larga
    .text = Es más larga de lo que podemos aceptar.
    .remedy = Elija una de 1000 caracteres como máximo.
password-refused-breached = Esta contraseña es conocida
    .text = Está en una lista de contraseñas comunes o robadas en otros sitios, que es lo primero que prueban los extraños.
    .remedy = Elija otra, y cambie esta en todos los sitios donde la use.
password-refused-guessable = Esta contraseña es fácil de adivinar
    .text =
        { $hint ->
            [keyboard] Las filas y figuras del teclado son de lo primero que prueban los extraños.
            [repeats] Repetir letras o palabras alarga la contraseña, pero apenas la hace más difícil de adivinar.
            [sequence] Las secuencias como abc o 6543 son de lo primero que prueban los extraños.
            [dates] Las fechas y los años son de lo primero que prueban los extraños.
            [words] Las palabras, nombres y contraseñas comunes se prueban primero, también con cifras en lugar de letras.
           *[none] Un extraño la encontraría en pocos intentos.
        }
    .remedy = Añada unas cuantas palabras sin relación entre sí, o deje que su gestor de contraseñas cree una.
password-refused-contains-name = Su contraseña está hecha de nombres
    .text = Su nombre, su usuario o dirección y el nombre de este sitio son de lo primero que prueban los extraños.
    .remedy = Elija palabras que no tengan nada que ver con usted.
