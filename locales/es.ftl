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
