// Session Management 1.0 §3.3: pages of partners ask whether somebody is still signed in as they were told.
// A plain script of plain parts, with a SHA-256 of its own: it runs in browsers of any age.
(function () {
  'use strict';

  var STATE = /^([\x21-\x7e]+) ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
  var LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

  window.addEventListener('message', function (event) {
    // An origin without a name cannot be answered alone; our own answers ask nothing.
    if (!event.source || event.source === window || event.origin === 'null') return;
    event.source.postMessage(judge(event.data, event.origin), event.origin);
  });

  function judge(data, origin) {
    var asked = typeof data === 'string' ? STATE.exec(data) : null;
    if (!asked) return 'error';
    // The origin is the browser's word: nobody asks in another's name.
    var said = [asked[1], origin, browserState(), asked[3]].join(' ');
    return base64url(sha256(said)) === asked[2] ? 'unchanged' : 'changed';
  }

  function browserState() {
    var name = document.body.getAttribute('data-cookie') + '=';
    var found = document.cookie.split('; ').filter(function (cookie) { return cookie.indexOf(name) === 0; });
    return found.length ? found[0].slice(name.length) : '';
  }

  // FIPS 180-4 §6.2, of ASCII; the constants of §4.2.2 and §5.3.3 are roots of the first primes.
  function sha256(text) {
    var primes = firstPrimes(64);
    var k = primes.map(function (p) { return fraction(Math.pow(p, 1 / 3)); });
    var hash = primes.slice(0, 8).map(function (p) { return fraction(Math.sqrt(p)); });
    var words = padded(text);
    for (var at = 0; at < words.length; at += 16) hash = block(hash, words.slice(at, at + 16), k);
    return hash;
  }

  function firstPrimes(count) {
    var primes = [];
    for (var n = 2; primes.length < count; n += 1) {
      if (primes.every(function (p) { return n % p !== 0; })) primes.push(n);
    }
    return primes;
  }

  function fraction(root) {
    return Math.floor((root - Math.floor(root)) * 0x100000000) | 0;
  }

  function padded(text) {
    var words = [];
    for (var at = 0; at < text.length; at += 1) words[at >> 2] |= text.charCodeAt(at) << (24 - (at % 4) * 8);
    words[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    var whole = (((text.length + 8) >> 6) + 1) * 16;
    for (var empty = 0; empty < whole; empty += 1) words[empty] = words[empty] | 0;
    words[whole - 1] = text.length * 8;
    return words;
  }

  function turned(x, by) {
    return (x >>> by) | (x << (32 - by));
  }

  function block(before, words, k) {
    var h = before.slice();
    for (var t = 0; t < 64; t += 1) {
      if (t >= 16) {
        var a = words[t - 15];
        var b = words[t - 2];
        var near = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
        var far = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
        words[t] = (words[t - 16] + near + words[t - 7] + far) | 0;
      }
      var choice = (h[4] & h[5]) ^ (~h[4] & h[6]);
      var most = (h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]);
      var one = (h[7] + (turned(h[4], 6) ^ turned(h[4], 11) ^ turned(h[4], 25)) + choice + k[t] + words[t]) | 0;
      var two = ((turned(h[0], 2) ^ turned(h[0], 13) ^ turned(h[0], 22)) + most) | 0;
      h = [(one + two) | 0, h[0], h[1], h[2], (h[3] + one) | 0, h[4], h[5], h[6]];
    }
    return h.map(function (x, i) { return (x + before[i]) | 0; });
  }

  function base64url(words) {
    var out = '';
    for (var bit = 0; bit < 256; bit += 6) {
      var value = 0;
      for (var i = bit; i < bit + 6; i += 1) value = value * 2 + (i < 256 ? (words[i >> 5] >>> (31 - (i % 32))) & 1 : 0);
      out += LETTERS.charAt(value);
    }
    return out;
  }
})();
