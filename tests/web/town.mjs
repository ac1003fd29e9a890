// A small invented town for the browser tests: streets, a river, parks and houses, as vector tiles.
const CENTRE = [-8.61, 41.15];
const M = 1 / 111_195, ML = M / Math.cos((CENTRE[1] * Math.PI) / 180);
const STEP = 140, HALF = 18; // streets every 140 m, 18 on each side of the middle
const NAMES = ["人民路", "解放路", "和平路", "建设街", "文化街", "新华路", "中山路", "光明街", "学院路", "工人街", "长江路", "黄河路", "胜利街", "友谊路", "花园街", "东风路", "朝阳街", "健康路"];
const EN = ["Renmin Road", "Jiefang Road", "Heping Road", "Jianshe Street", "Wenhua Street", "Xinhua Road", "Zhongshan Road", "Guangming Street", "Xueyuan Road", "Gongren Street", "Changjiang Road", "Huanghe Road",
  "Shengli Street", "Youyi Road", "Huayuan Street", "Dongfeng Road", "Chaoyang Street", "Jiankang Road"];

export const at = (x_m, y_m) => [CENTRE[0] + x_m * ML, CENTRE[1] + y_m * M];
/** A crossing of the bent grid. */
export const node = (i, j) => at(i * STEP + 26 * Math.sin(j * 0.6) + 18 * Math.sin(i * 1.3), j * STEP + 30 * Math.sin(i * 0.45) + 12 * Math.cos(j));
const classOf = (n) => (n % 9 === 0 ? "primary" : n % 3 === 0 ? "secondary" : n % 2 === 0 ? "tertiary" : "residential");

export const streets = [];
for (let n = -HALF; n <= HALF; n++) {
  const name = NAMES[(n + HALF) % NAMES.length], en = EN[(n + HALF) % EN.length], side = n < 0 ? ["北", "North "] : ["南", "South "];
  const run = Array.from({ length: 2 * HALF + 1 }, (_, k) => k - HALF);
  streets.push({ name: side[0] + name, name_en: side[1] + en, class: classOf(n), line: run.map((k) => node(k, n)) });
  streets.push({ name: (n < 0 ? "西" : "东") + name, name_en: (n < 0 ? "West " : "East ") + en, class: classOf(n + 1), line: run.map((k) => node(n, k)) });
}
const river = Array.from({ length: 80 }, (_, k) => { const x = (k - 40) * 90, y = -430 + 160 * Math.sin(k / 9); return [at(x, y - 60), at(x + 90, -430 + 160 * Math.sin((k + 1) / 9) - 60), at(x + 90, -430 + 160 * Math.sin((k + 1) / 9) + 60), at(x, y + 60)]; });
const box = (i, j, w, h, pad) => { const a = node(i, j), c = node(i + w, j + h); return [[a[0] + pad * ML, a[1] + pad * M], [c[0] - pad * ML, a[1] + pad * M], [c[0] - pad * ML, c[1] - pad * M], [a[0] + pad * ML, c[1] - pad * M]]; };
const greens = [[2, 3, 3, 2], [-8, 6, 2, 3], [7, -11, 4, 2], [-13, -6, 2, 2], [10, 8, 2, 2]].map((g) => box(...g, 12));
const houses = [];
for (let i = -HALF; i < HALF; i++) for (let j = -HALF; j < HALF; j++) {
  if ((i * 7 + j * 13) % 4 === 0 || Math.abs(j * STEP + 430) < 300 || (i >= 2 && i < 5 && j >= 3 && j < 5)) continue;
  const b = box(i, j, 1, 1, 26), mid = (b[0][0] + b[1][0]) / 2;
  houses.push([b[0], [mid - 5 * ML, b[0][1]], [mid - 5 * ML, b[3][1]], b[3]], [[mid + 5 * ML, b[0][1]], b[1], b[2], [mid + 5 * ML, b[2][1]]]);
}
const labels = [{ name: "北城区", name_en: "North Town", p: at(0, 1500) }, { name: "河滨区", name_en: "Riverside", p: at(-300, -900) }];

class Out {
  bytes = [];
  varint(n) { n = n >>> 0; while (n > 127) { this.bytes.push((n & 127) | 128); n >>>= 7; } this.bytes.push(n); }
  field(no, bytes) { this.varint((no << 3) | 2); this.varint(bytes.length); for (const b of bytes) this.bytes.push(b); }
  number(no, n) { this.varint(no << 3); this.varint(n); }
  packed(no, list) { const o = new Out(); list.forEach((n) => o.varint(n)); this.field(no, o.bytes); }
}
const zigzag = (n) => (n << 1) ^ (n >> 31);
const utf8 = new TextEncoder();

function encodeLayer(name, features) {
  const keys = [], values = [], layer = new Out();
  layer.number(15, 2);
  layer.field(1, utf8.encode(name));
  for (const f of features) {
    const tags = [];
    for (const [k, v] of Object.entries(f.tags)) {
      if (!keys.includes(k)) keys.push(k);
      if (!values.includes(v)) values.push(v);
      tags.push(keys.indexOf(k), values.indexOf(v));
    }
    const o = new Out();
    o.packed(2, tags);
    o.number(3, f.type);
    const g = [];
    let [px, py] = [0, 0];
    const to = ([x, y]) => { g.push(zigzag(x - px), zigzag(y - py)); [px, py] = [x, y]; };
    g.push(9);
    to(f.points[0]);
    if (f.points.length > 1) { g.push(((f.points.length - 1) << 3) | 2); f.points.slice(1).forEach(to); }
    if (f.type === 3) g.push(15);
    o.packed(4, g);
    layer.field(2, o.bytes);
  }
  keys.forEach((k) => layer.field(3, utf8.encode(k)));
  values.forEach((v) => { const o = new Out(); o.field(1, utf8.encode(v)); layer.field(4, o.bytes); });
  layer.number(5, 4096);
  return layer.bytes;
}

export function tile(z, x, y) {
  const n = 2 ** z;
  const px = ([lon, lat]) => { const s = Math.sin((lat * Math.PI) / 180); return [Math.round(((lon / 360 + 0.5) * n - x) * 4096), Math.round(((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * n - y) * 4096)]; };
  const near = ([a, b]) => a > -3000 && a < 7000 && b > -3000 && b < 7000, here = ([a, b]) => a > -300 && a < 4396 && b > -300 && b < 4396;
  const polygons = (list) => list.map((ring) => ring.map(px)).filter((p) => p.every(near) && p.some(here)).map((points) => ({ type: 3, tags: {}, points: area(points) < 0 ? points.reverse() : points }));
  const area = (p) => p.reduce((s, a, i) => { const b = p[(i + 1) % p.length]; return s + a[0] * b[1] - b[0] * a[1]; }, 0);
  const roads = [];
  for (const s of streets) {
    let run = [];
    const flush = () => { if (run.length > 1 && run.some(here)) roads.push({ type: 2, tags: { class: s.class, name: s.name, name_en: s.name_en }, points: run }); run = []; };
    for (const p of s.line.map(px)) { if (near(p)) run.push(p); else flush(); }
    flush();
  }
  const out = new Out();
  const layer = (name, features) => { if (features.length) out.field(3, encodeLayer(name, features)); };
  layer("water", polygons(river));
  layer("green", polygons(greens));
  layer("building", z >= 14 ? polygons(houses) : []);
  layer("road", z < 13 ? roads.filter((r) => r.tags.class !== "residential") : roads);
  layer("place_label", labels.map((l) => ({ type: 1, tags: { class: "suburb", name: l.name, name_en: l.name_en }, points: [px(l.p)] })).filter((f) => here(f.points[0])));
  return Buffer.from(out.bytes);
}

export const centre = CENTRE;
export const half = HALF;
