// A QR code (ISO/IEC 18004) of a link, so that its secret never leaves the browser to be drawn.
// Bytes, error correction M, versions 1 to 10: up to 213 bytes, far more than a pairing link has.

/** By version: error correction codewords of a block, then [blocks, data codewords of each]. */
const BLOCKS = [
  null, [10, [1, 16]], [16, [1, 28]], [26, [1, 44]], [18, [2, 32]], [24, [2, 43]], [16, [4, 27]], [18, [4, 31]],
  [22, [2, 38], [2, 39]], [22, [3, 36], [2, 37]], [26, [4, 43], [1, 44]],
];
const ALIGNMENT = [
  null, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
];
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

// --- Reed-Solomon over GF(256) with the polynomial 0x11d.

const [EXP, LOG] = (() => {
  const exp = new Uint8Array(512);
  const log = new Uint8Array(256);
  let value = 1;
  for (let i = 0; i < 255; i += 1) {
    exp[i] = value;
    exp[i + 255] = value;
    log[value] = i;
    value = value << 1 ^ (value & 0x80 ? 0x11d : 0);
  }
  return [exp, log];
})();

const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

function correction(data, count) {
  let generator = [1];
  for (let i = 0; i < count; i += 1) {
    const next = [...generator, 0];
    generator.forEach((value, at) => { next[at + 1] ^= times(value, EXP[i]); });
    generator = next;
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let i = 0; i < data.length; i += 1) {
    const factor = rest[i];
    generator.forEach((value, at) => { rest[i + at] ^= times(value, factor); });
  }
  return rest.slice(data.length);
}

// --- Codewords.

const capacity = (version) => BLOCKS[version].slice(1).reduce((sum, [blocks, each]) => sum + blocks * each, 0);

function codewords(bytes, version) {
  const size = capacity(version);
  const bits = [];
  const put = (value, length) => { for (let i = length - 1; i >= 0; i -= 1) bits.push(value >> i & 1); };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, size * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(""), 2));
  for (let pad = 0; data.length < size; pad += 1) data.push(pad % 2 ? 0x11 : 0xec);
  const [count, ...groups] = BLOCKS[version];
  const blocks = groups.flatMap(([many, each]) => Array.from({ length: many }, () => data.splice(0, each)));
  return [...interleaved(blocks), ...interleaved(blocks.map((block) => correction(block, count)))];
}

function interleaved(blocks) {
  const longest = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: longest }, (_, i) => blocks.filter((block) => i < block.length).map((block) => block[i])).flat();
}

// --- The square.

function check(value, length, generator, generatorLength) {
  let rest = value << generatorLength - 1;
  for (let i = length - 1; i >= 0; i -= 1) if (rest >> i + generatorLength - 1 & 1) rest ^= generator << i;
  return value << generatorLength - 1 | rest;
}

/** What does not depend on the data; `fixed` says where data must not go. */
function frame(version) {
  const size = version * 4 + 17;
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (x, y, value) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = value;
    fixed[y][x] = true;
  };
  const rings = (cx, cy, radius, light) => {
    for (let y = -radius; y <= radius; y += 1) {
      for (let x = -radius; x <= radius; x += 1) set(cx + x, cy + y, !light.includes(Math.max(Math.abs(x), Math.abs(y))));
    }
  };
  for (let i = 0; i < size; i += 1) for (const [x, y] of [[i, 6], [6, i]]) set(x, y, i % 2 === 0);
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) rings(x, y, 4, [2, 4]);
  const places = ALIGNMENT[version];
  const last = places.at(-1);
  for (const y of places) {
    for (const x of places) if (![[6, 6], [6, last], [last, 6]].some(([a, b]) => a === x && b === y)) rings(x, y, 2, [1]);
  }
  for (let i = 0; i < 9; i += 1) for (const [x, y] of [[i, 8], [8, i]]) if (!fixed[y][x]) set(x, y, false);
  for (let i = 0; i < 8; i += 1) for (const [x, y] of [[size - 1 - i, 8], [8, size - 1 - i]]) set(x, y, false);
  if (version >= 7) {
    const bits = check(version, 6, 0x1f25, 13);
    for (let i = 0; i < 18; i += 1) {
      const [a, b] = [size - 11 + i % 3, Math.floor(i / 3)];
      set(a, b, Boolean(bits >> i & 1));
      set(b, a, Boolean(bits >> i & 1));
    }
  }
  return { size, dark, fixed };
}

function fill({ size, dark, fixed }, words) {
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = (right + 1 & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y][x]) continue;
        dark[y][x] = Boolean((words[bit >> 3] ?? 0) >> 7 - (bit & 7) & 1);
        bit += 1;
      }
    }
  }
}

function masked({ size, dark, fixed }, mask) {
  const made = dark.map((row, y) => row.map((value, x) => (fixed[y][x] ? value : value !== MASKS[mask](x, y))));
  // Level M is 00; the pattern keeps the whole from being empty.
  const bits = check(mask, 5, 0x537, 11) ^ 0x5412;
  const on = (i) => Boolean(bits >> i & 1);
  for (let i = 0; i < 15; i += 1) {
    const along = i < 6 ? i : i < 8 ? i + 1 : null;
    if (along !== null) made[along][8] = on(i);
    else if (i === 8) made[8][7] = on(i);
    else made[8][14 - i] = on(i);
    if (i < 8) made[8][size - 1 - i] = on(i);
    else made[size - 15 + i][8] = on(i);
  }
  made[size - 8][8] = true;
  return made;
}

/** How hard a reader would find it (section 7.8.3). */
function penalty(square) {
  const size = square.length;
  let points = 0;
  let dark = 0;
  for (const get of [(a, b) => square[a][b], (a, b) => square[b][a]]) {
    for (let a = 0; a < size; a += 1) {
      const line = Array.from({ length: size }, (_, b) => (get(a, b) ? "1" : "0")).join("");
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
      for (let b = 0; b + 11 <= size; b += 1) if (/^(10111010000|00001011101)$/.test(line.slice(b, b + 11))) points += 40;
    }
  }
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      dark += square[y][x];
      if (x && y && [square[y - 1][x], square[y][x - 1], square[y - 1][x - 1]].every((other) => other === square[y][x])) points += 3;
    }
  }
  return points + Math.floor(Math.abs(dark * 20 / size ** 2 - 10)) * 10;
}

/** Rows of booleans, dark is true. */
export function encode(text, mask) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, v) => v > 0 && capacity(v) >= bytes.length + (v < 10 ? 2 : 3));
  if (version < 0) throw new RangeError("too long for a code that a phone reads easily");
  const square = frame(version);
  fill(square, codewords(bytes, version));
  if (mask !== undefined) return masked(square, mask);
  const all = MASKS.map((_, i) => masked(square, i));
  return all.reduce((best, next) => (penalty(next) < penalty(best) ? next : best));
}

/** An SVG element with the quiet zone that readers need. */
export function draw(text) {
  const space = "http://www.w3.org/2000/svg";
  const rows = encode(text);
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `-4 -4 ${rows.length + 8} ${rows.length + 8}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(space, "path");
  const square = (y) => (value, x) => (value ? `M${x} ${y}h1v1h-1z` : "");
  path.setAttribute("d", rows.map((row, y) => row.map(square(y)).join("")).join(""));
  path.setAttribute("fill", "#000");
  svg.append(path);
  return svg;
}
