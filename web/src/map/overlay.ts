// Units and incidents on a canvas of their own above the map: the map is not repainted when a unit moves.
//
// One animation-frame loop draws both while something moves, else sleeps. North is always up and the map is never
// tilted, so a mercator coordinate becomes a pixel by one multiplication; marks are drawn once into small pictures
// and copied. Cost per frame: O(units on the screen), nothing is allocated per unit.
import type { Incident, Unit, UnitState } from "../model";
import { mercator, type LonLat } from "../geo";
import { trackX, trackY, type Track } from "../motion";

export interface View {
  centre: LonLat;
  zoom: number;
  width: number;
  height: number;
}
export interface Scene {
  units: Iterable<Unit>;
  incidents: Iterable<Incident>;
  tracks: Map<string, Track>;
  chosenUnit: string;
  chosenIncident: string;
  marker: LonLat | null; // the place of the call being typed
  night: boolean;
  still: boolean; // the reader asked for less motion
}
export interface Hit {
  kind: "unit" | "incident";
  id: string;
}

const STATE_COLOUR: Record<UnitState, [string, string]> = {
  available: ["#1a7f4b", "#46c487"], sent: ["#8a5a00", "#e8b23d"], acknowledged: ["#8a5a00", "#e8b23d"], under_way: ["#1459b3", "#62a8ff"],
  on_scene: ["#6f3fb5", "#b894f5"], unavailable: ["#6a737d", "#79848f"], off_duty: ["#6a737d", "#5c6670"],
};
export const PRIORITY_COLOUR: Record<number, [string, string]> = { 1: ["#c2182b", "#ff5a63"], 2: ["#b65300", "#ff9d3f"], 3: ["#806600", "#ecd053"], 4: ["#1f6293", "#6bb5ea"] };
const KIND_GLYPH: Record<string, string> = { car: "▲", motorcycle: "▴", van: "■", foot: "●", boat: "◆", drone: "✚", helicopter: "✖", post: "⌂" };

export class Overlay {
  private readonly context: CanvasRenderingContext2D;
  private readonly sprites = new Map<string, HTMLCanvasElement>();
  private scale = 1;
  private frame = 0;
  private dirty = true;
  private seen: { x: number; y: number; id: string; kind: Hit["kind"] }[] = [];
  private seenCount = 0;
  /** Script time of the last frames in ms, for the figure in docs and for tests. */
  readonly cost_ms: number[] = [];

  constructor(private readonly canvas: HTMLCanvasElement, private readonly view: () => View | null, private readonly scene: () => Scene) {
    this.context = canvas.getContext("2d")!;
  }

  start(): void {
    const loop = () => {
      this.frame = requestAnimationFrame(loop);
      const began = performance.now();
      if (this.draw(began)) {
        this.cost_ms.push(performance.now() - began);
        if (this.cost_ms.length > 240) this.cost_ms.shift();
      }
    };
    this.frame = requestAnimationFrame(loop);
  }
  stop(): void {
    cancelAnimationFrame(this.frame);
  }
  touch(): void {
    this.dirty = true;
  }
  restyle(): void {
    this.sprites.clear();
    this.dirty = true;
  }
  resize(width: number, height: number): void {
    this.scale = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(width * this.scale);
    this.canvas.height = Math.round(height * this.scale);
    this.sprites.clear();
    this.dirty = true;
  }

  hit(x: number, y: number, reach = 16): Hit | null {
    let best: Hit | null = null, least = reach * reach;
    for (let i = 0; i < this.seenCount; i++) {
      const s = this.seen[i]!, d = (s.x - x) ** 2 + (s.y - y) ** 2;
      if (d <= least) {
        least = d;
        best = { kind: s.kind, id: s.id };
      }
    }
    return best;
  }

  private draw(now: number): boolean {
    const view = this.view();
    if (!view) return false;
    const scene = this.scene();
    let moving = false;
    if (!scene.still) {
      for (const track of scene.tracks.values()) {
        if (track.until_ms > now) {
          moving = true;
          break;
        }
      }
    }
    if (!moving && !this.dirty) return false;
    this.dirty = moving; // one more frame after the last movement, so that everything stands where it belongs
    const c = this.context, world = 512 * 2 ** view.zoom, [cx, cy] = mercator(view.centre);
    const ox = view.width / 2 - cx * world, oy = view.height / 2 - cy * world;
    c.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    c.clearRect(0, 0, view.width, view.height);
    this.seenCount = 0;
    this.drawIncidents(scene, view, world, ox, oy);
    this.drawUnits(scene, view, world, ox, oy, scene.still ? Infinity : now);
    if (scene.marker) {
      const [mx, my] = mercator(scene.marker);
      this.put(this.sprite("marker", scene.night, drawMarker, 40), ox + mx * world, oy + my * world);
    }
    return true;
  }

  private drawIncidents(scene: Scene, view: View, world: number, ox: number, oy: number): void {
    for (const incident of scene.incidents) {
      if (!incident.position || incident.state === "closed" || incident.state === "referred") continue;
      const [mx, my] = mercator(incident.position), x = ox + mx * world, y = oy + my * world;
      if (x < -30 || y < -30 || x > view.width + 30 || y > view.height + 30) continue;
      const chosen = incident.id === scene.chosenIncident;
      this.put(this.sprite(`i${incident.priority}${incident.state === "waiting" ? "w" : ""}${chosen ? "c" : ""}`, scene.night,
        (c, size) => drawIncident(c, size, incident.priority, incident.state === "waiting", chosen, scene.night), 48), x, y);
      this.remember(x, y, incident.id, "incident");
    }
  }

  private drawUnits(scene: Scene, view: View, world: number, ox: number, oy: number, now: number): void {
    const labels = view.zoom >= 14.2;
    for (const unit of scene.units) {
      if (unit.state === "off_duty") continue;
      const track = scene.tracks.get(unit.id);
      if (!track) continue;
      const x = ox + trackX(track, now) * world, y = oy + trackY(track, now) * world;
      if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
      const chosen = unit.id === scene.chosenUnit;
      const busy = unit.state === "under_way" || unit.state === "sent" || unit.state === "acknowledged";
      this.put(this.sprite(`u${unit.state}${unit.kind}${chosen ? "c" : ""}${unit.simulated ? "s" : ""}`, scene.night,
        (c, size) => drawUnit(c, size, unit, chosen, scene.night), 32), x, y);
      if (labels || chosen || (busy && view.zoom >= 12.5)) {
        this.put(this.sprite(`l${unit.name}`, scene.night, (c, size) => drawLabel(c, size, unit.name, scene.night), 96), x, y + 17);
      }
      this.remember(x, y, unit.id, "unit");
    }
  }

  private remember(x: number, y: number, id: string, kind: Hit["kind"]): void {
    const slot = this.seen[this.seenCount] ?? (this.seen[this.seenCount] = { x, y, id, kind });
    slot.x = x;
    slot.y = y;
    slot.id = id;
    slot.kind = kind;
    this.seenCount++;
  }

  private put(sprite: HTMLCanvasElement, x: number, y: number): void {
    const w = sprite.width / this.scale, h = sprite.height / this.scale;
    this.context.drawImage(sprite, x - w / 2, y - h / 2, w, h);
  }

  private sprite(name: string, night: boolean, draw: (c: CanvasRenderingContext2D, size: number, night: boolean) => void, size: number): HTMLCanvasElement {
    let made = this.sprites.get(name);
    if (!made) {
      if (this.sprites.size > 3_000) this.sprites.clear();
      made = document.createElement("canvas");
      made.width = made.height = Math.ceil(size * this.scale);
      const c = made.getContext("2d")!;
      c.scale(this.scale, this.scale);
      draw(c, size, night);
      this.sprites.set(name, made);
    }
    return made;
  }
}

const pick = (pair: [string, string] | undefined, night: boolean): string => (pair ?? ["#6a737d", "#79848f"])[night ? 1 : 0];

function drawUnit(c: CanvasRenderingContext2D, size: number, unit: Unit, chosen: boolean, night: boolean): void {
  const m = size / 2, colour = pick(STATE_COLOUR[unit.state], night);
  if (chosen) {
    c.beginPath();
    c.arc(m, m, 14, 0, 7);
    c.strokeStyle = night ? "#ffffff" : "#101820";
    c.lineWidth = 2;
    c.stroke();
  }
  c.beginPath();
  c.arc(m, m, 9.5, 0, 7);
  c.fillStyle = night ? "#10151b" : "#ffffff";
  c.fill();
  c.beginPath();
  c.arc(m, m, 8, 0, 7);
  c.fillStyle = colour;
  c.fill();
  if (unit.simulated) {
    c.setLineDash([2.5, 2.5]);
    c.beginPath();
    c.arc(m, m, 10.5, 0, 7);
    c.strokeStyle = colour;
    c.lineWidth = 1.2;
    c.stroke();
    c.setLineDash([]);
  }
  c.fillStyle = night ? "#10151b" : "#ffffff";
  c.font = "bold 9px sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(KIND_GLYPH[unit.kind] ?? "●", m, m + 0.5);
}

function drawIncident(c: CanvasRenderingContext2D, size: number, priority: number, waiting: boolean, chosen: boolean, night: boolean): void {
  const m = size / 2, colour = pick(PRIORITY_COLOUR[priority], night), r = priority === 1 ? 13 : 11.5;
  const diamond = (s: number) => {
    c.beginPath();
    c.moveTo(m, m - s);
    c.lineTo(m + s, m);
    c.lineTo(m, m + s);
    c.lineTo(m - s, m);
    c.closePath();
  };
  if (waiting) { // nobody is sent yet: a ring that is seen from afar
    c.globalAlpha = 0.28;
    c.fillStyle = colour;
    c.beginPath();
    c.arc(m, m, 22, 0, 7);
    c.fill();
    c.globalAlpha = 1;
  }
  if (chosen) {
    diamond(r + 6);
    c.strokeStyle = night ? "#ffffff" : "#101820";
    c.lineWidth = 2;
    c.stroke();
  }
  diamond(r + 2);
  c.fillStyle = night ? "#10151b" : "#ffffff";
  c.fill();
  diamond(r);
  c.fillStyle = colour;
  c.fill();
  c.fillStyle = night ? "#10151b" : "#ffffff";
  c.font = "bold 12px sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(String(priority), m, m + 0.5);
}

function drawLabel(c: CanvasRenderingContext2D, size: number, name: string, night: boolean): void {
  c.font = "600 11px system-ui, sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.lineJoin = "round";
  c.lineWidth = 3;
  c.strokeStyle = night ? "rgba(16,21,27,.9)" : "rgba(255,255,255,.92)";
  c.strokeText(name, size / 2, size / 2, size);
  c.fillStyle = night ? "#e4ebf2" : "#1b2733";
  c.fillText(name, size / 2, size / 2, size);
}

function drawMarker(c: CanvasRenderingContext2D, size: number, night: boolean): void {
  const m = size / 2;
  c.strokeStyle = night ? "#ffffff" : "#101820";
  c.lineWidth = 2.5;
  c.beginPath();
  c.arc(m, m, 10, 0, 7);
  c.moveTo(m, 2);
  c.lineTo(m, 11);
  c.moveTo(m, size - 2);
  c.lineTo(m, size - 11);
  c.moveTo(2, m);
  c.lineTo(11, m);
  c.moveTo(size - 2, m);
  c.lineTo(size - 11, m);
  c.stroke();
}
