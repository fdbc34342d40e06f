// Pages that wait for a phone go on by themselves: told by server-sent events, else by asking.

// Often enough to feel at once, seldom enough for thousands of pages.
const ASK_EVERY_MS = 2000;

const room = document.querySelector("[data-wait]");
if (room) wait(room);

function wait(room) {
  const { wait: events, state, page, seconds } = room.dataset;
  const ends = Date.now() + Number(seconds) * 1000;
  let gone = false;
  // Only once: a reload must not overtake another one.
  const goOn = () => {
    if (gone) return;
    gone = true;
    source?.close();
    location.replace(page);
  };
  const told = (now) => {
    if (now && now !== state) goOn();
  };
  const source = listen(events, told);
  countDown(room.querySelector("[data-remaining]"), ends, goOn);
  // A page that comes back from the background may have missed what happened.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask(events, told);
  });
}

function listen(events, told) {
  if (!("EventSource" in window)) {
    poll(events, told);
    return undefined;
  }
  const source = new EventSource(events);
  source.addEventListener("state", (event) => told(event.data));
  source.addEventListener("error", () => {
    // CLOSED: the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) poll(events, told);
  });
  return source;
}

function poll(events, told) {
  setInterval(() => ask(events, told), ASK_EVERY_MS);
}

async function ask(events, told) {
  try {
    const answer = await fetch(events, { headers: { Accept: "application/json" }, cache: "no-store" });
    // The sign-in is over: its page says how.
    told(answer.ok ? (await answer.json()).state : "over");
  } catch {
    // No network for now.
  }
}

function countDown(shown, ends, over) {
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left <= 0) {
      clearInterval(timer);
      over();
    } else if (shown) {
      shown.textContent = words(shown, left);
    }
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// Read out every second it would be noise: minutes while there are any.
function words(shown, left) {
  const minutes = Math.ceil(left / 60);
  return minutes > 1
    ? shown.dataset.minutes.replace("#", String(minutes))
    : shown.dataset.one.replace("#", String(Math.min(left, 60)));
}
