// Reads a QR code with the camera, where the browser can. Where it cannot, the app says so and takes typing.

/** How often a picture is looked at. */
const EVERY_MS = 200;

/** Can this browser read QR codes from a camera? */
export async function canScan() {
  if (!("BarcodeDetector" in globalThis) || !navigator.mediaDevices?.getUserMedia) return false;
  try {
    return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
  } catch {
    return false;
  }
}

/**
 * Shows the camera in `video` and calls `onText(text)` for each code that is seen, until it answers true.
 * Resolves to a function that switches the camera off; rejects where the camera is refused or missing.
 */
export async function scan(video, onText) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  let running = true;
  const stop = () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  await video.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const look = async () => {
    if (!running) return;
    try {
      for (const code of await detector.detect(video)) {
        if (running && onText(code.rawValue)) {
          stop();
          return;
        }
      }
    } catch {
      // A picture that is not there yet.
    }
    setTimeout(look, EVERY_MS);
  };
  look();
  return stop;
}
