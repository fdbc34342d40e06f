// Front-Channel Logout 1.0 §3: the partners' pages in the frames have loaded, or were given their time; then on to the one
// that asked. A plain script: it runs in browsers of any age, and without it the page has a link and a refresh.
(function () {
  'use strict';

  // Long enough for a page that clears a cookie, short enough for whoever waits for another.
  var LONGEST_MS = 5000;

  var link = document.querySelector('[data-forward]');
  if (!link) return;
  var gone = false;
  function go() {
    if (gone) return;
    gone = true;
    window.location.replace(link.href);
  }
  // Fires once the frames have loaded, or failed to.
  if (document.readyState === 'complete') go();
  else window.addEventListener('load', go);
  window.setTimeout(go, LONGEST_MS);
})();
