// What this browser is, as far as the app's words and the name of the device depend on it. A claim, good for nothing else.

const agent = () => navigator.userAgent ?? "";
const isIpad = () => /iPad/.test(agent()) || (/Macintosh/.test(agent()) && navigator.maxTouchPoints > 1);
export const isIos = () => /iPhone|iPod/.test(agent()) || isIpad();

/** Whatever is used with a finger may be a phone; what has only a mouse is none. */
export const isPhone = () => matchMedia("(any-pointer: coarse)").matches;

export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** iOS gives an installed app a storage of its own, and notifications to nothing else: pairing has to happen in there. */
export const needsInstallFirst = () => isIos() && !isInstalled();

/** The system with its version, where the browser still says it. */
export function system() {
  const known = [
    [/Android (\d+)/, (found) => `Android ${found[1]}`],
    [/(?:iPhone OS|CPU OS) (\d+)[_\d]*/, (found) => `iOS ${found[1]}`],
    [/Windows/, () => "Windows"],
    [/CrOS/, () => "ChromeOS"],
    [/Macintosh/, () => (isIpad() ? "iPadOS" : "macOS")],
    [/Linux/, () => "Linux"],
  ];
  for (const [pattern, name] of known) {
    const found = pattern.exec(agent());
    if (found) return name(found);
  }
  return "unknown";
}

/** What the device is called until its owner says otherwise. */
export function deviceName(say) {
  if (/iPhone|iPod/.test(agent())) return "iPhone";
  if (isIpad()) return "iPad";
  if (/Android/.test(agent())) return say(/Mobile/.test(agent()) ? "name-android" : "name-tablet");
  return say("name-other", { name: system() });
}
