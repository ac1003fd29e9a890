// The map pane: MapLibre below, the overlay above, routes, areas and the isochrone as lines of the map. Where the
// browser has no WebGL 2 the pane says so, and everything else works.
import { useEffect, useRef, useState } from "preact/hooks";
import type { GeoJSONSource, Map as LibreMap } from "maplibre-gl";
import { ApiError } from "../api";
import { t } from "../lang";
import { openIncidents } from "../model";
import { api, changed, isNight, onChange, openIncident, openUnit, state, tracks, useStore } from "../store";
import { Overlay, type Scene } from "./overlay";
import { addAreaLayers } from "./areas";
import { addClosureLayers, drawClosures } from "./closures";
import { addDutyLayers, clickDuty, dragDuty, overDuty } from "./duty";
import { learnNames } from "./names";
import { baseStyle } from "./style";
import type { LonLat } from "../geo";

const EMPTY = { type: "FeatureCollection" as const, features: [] };
export const mapLink: { map: LibreMap | null; overlay: Overlay | null; marker: LonLat | null; pick: ((at: LonLat) => void) | null; unpick: (() => void) | null; pickDone: (() => void) | null } = { map: null, overlay: null, marker: null, pick: null, unpick: null, pickDone: null };
(window as unknown as { precinctMap: typeof mapLink }).precinctMap = mapLink;

export function showMarker(at: LonLat | null): void {
  mapLink.marker = at;
  mapLink.overlay?.touch();
}
export function flyTo(at: LonLat, zoom = 15): void {
  const map = mapLink.map;
  if (!map) return;
  const box = map.getContainer(), covered = innerWidth <= 760; // on a phone a sheet covers all but the top of the map
  map.easeTo({ center: at, zoom: Math.max(map.getZoom(), zoom), duration: still() ? 0 : 400, ...(covered ? { offset: [0, -0.4 * box.clientHeight] as [number, number] } : {}) });
}
const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function scene(): Scene {
  return {
    units: state.board.units.values(), incidents: openIncidents(state.board), tracks, chosenUnit: state.pane === "unit" ? state.unit : "",
    chosenIncident: state.pane === "incident" ? state.incident : "", marker: mapLink.marker, night: isNight(), still: still(),
  };
}

function addLayers(map: LibreMap, night: boolean): void {
  const line = night ? "#62a8ff" : "#1459b3", reach = night ? "#46c487" : "#1a7f4b";
  for (const id of ["routes", "reach"]) if (!map.getSource(id)) map.addSource(id, { type: "geojson", data: EMPTY });
  if (!map.getLayer("reach-fill")) map.addLayer({ id: "reach-fill", type: "fill", source: "reach", paint: { "fill-color": reach, "fill-opacity": 0.13 } });
  if (!map.getLayer("reach-line")) map.addLayer({ id: "reach-line", type: "line", source: "reach", paint: { "line-color": reach, "line-width": 1.5 } });
  if (!map.getLayer("routes-line")) map.addLayer({ id: "routes-line", type: "line", source: "routes", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": line, "line-width": 4, "line-opacity": 0.7 } });
}

let routesOffered = true;
const routes = new Map<string, unknown>(); // by order id
async function refreshRoutes(): Promise<void> {
  const wanted = new Set<string>();
  for (const unit of state.board.units.values()) if ((unit.state === "under_way" || unit.state === "acknowledged" || unit.state === "sent") && unit.order) wanted.add(unit.order);
  for (const id of routes.keys()) if (!wanted.has(id)) routes.delete(id);
  for (const id of wanted) {
    if (routes.has(id) || !routesOffered) continue;
    routes.set(id, null);
    api.geometry(`/orders/${id}/route`).then((reply) => {
      if (!routes.has(id)) return;
      routes.set(id, reply.type === "FeatureCollection" ? (reply.features as unknown[])[0] : reply);
      drawRoutes();
    }, (error) => {
      routesOffered = !(error instanceof ApiError && error.status === 404); // a server that does not give routes is not asked for each
    });
  }
  drawRoutes();
}
function drawRoutes(): void {
  const source = mapLink.map?.getSource("routes") as GeoJSONSource | undefined;
  source?.setData({ type: "FeatureCollection", features: [...routes.values()].filter(Boolean) as never[] });
}
export async function showReach(unit: string | null): Promise<void> {
  const source = mapLink.map?.getSource("reach") as GeoJSONSource | undefined;
  if (!source) return;
  source.setData(unit ? ((await api.geometry(`/units/${unit}/isochrone?minutes=5`)) as never) : EMPTY);
}

/** Whose the map is. What the server says was said in the language of the sign-in; a generated town is named anew. */
const credit = () => (state.view.map_source === "town" ? t("web_map_town") : state.view.attribution);

const TILES = "desk://"; // asked for by us, as the map's own requests hang for ever on a silent line

export function MapPane() {
  const s = useStore(), box = useRef<HTMLDivElement>(null), canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  const look = `${isNight()}|${s.lang}`;
  const style = () => baseStyle(isNight(), state.lang, TILES + location.origin + (state.view.tiles.replace(/^https?:\/\/[^/]+/, "") || "/tiles/base/{z}/{x}/{y}.pbf"), credit(), state.view.maxzoom);

  useEffect(() => {
    let overlay: Overlay | null = null, map: LibreMap | null = null, gone = false, off = () => {};
    const watch = new ResizeObserver(() => {
      const r = box.current!.getBoundingClientRect();
      overlay?.resize(r.width, r.height);
      map?.resize();
    });
    void import("maplibre-gl").then((libre) => {
      if (gone) return;
      libre.addProtocol(TILES.slice(0, -3), async ({ url }, wanted) => ({ data: await api.tile(url.slice(TILES.length), wanted.signal) }));
      libre.setWorkerUrl(new URL("./maplibre-gl-worker.js", document.baseURI).href);
      try {
        map = new libre.Map({ container: box.current!.querySelector<HTMLDivElement>(".map-base")!, style: style(), center: state.view.centre ?? [0, 0], zoom: state.view.zoom ?? 13, attributionControl: false,
          dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, fadeDuration: 120, maxZoom: 19 });
      } catch {
        setFailed(true);
        return;
      }
      map.touchZoomRotate.disableRotation();
      map.keyboard.disableRotation();
      map.addControl(new libre.NavigationControl({ showCompass: false }), "bottom-right");
      map.addControl(new libre.ScaleControl({ unit: "metric" }), "bottom-left");
      map.addControl(new libre.AttributionControl({ compact: false }), "bottom-right");
      mapLink.map = map;
      const r = box.current!.getBoundingClientRect();
      overlay = new Overlay(canvas.current!, () => {
        if (!map) return null;
        const c = map.getCenter(), b = box.current!;
        return { centre: [c.lng, c.lat], zoom: map.getZoom(), width: b.clientWidth, height: b.clientHeight };
      }, scene);
      mapLink.overlay = overlay;
      overlay.resize(r.width, r.height);
      overlay.start();
      watch.observe(box.current!);
      map.on("move", () => overlay!.touch());
      map.on("idle", () => {
        if (learnNames(map!, openIncidents(state.board).flatMap((i) => (i.position ? [i.position] : [])))) changed();
      });
      map.on("style.load", () => {
        addAreaLayers(map!, isNight(), state.lang);
        addLayers(map!, isNight());
        addClosureLayers(map!, isNight());
        addDutyLayers(map!, isNight());
        drawClosures(map);
        drawRoutes();
      });
      map.on("click", (e) => {
        if (mapLink.pick) {
          mapLink.pick([e.lngLat.lng, e.lngLat.lat]);
          return;
        }
        if (clickDuty(map!, e.point.x, e.point.y)) return;
        const hit = overlay!.hit(e.point.x, e.point.y);
        if (hit?.kind === "unit") openUnit(hit.id);
        if (hit?.kind === "incident") openIncident(hit.id);
      });
      map.getCanvas().addEventListener("keydown", (e) => { // points without a pointer: the middle of the map, under the cross
        const c = map!.getCenter();
        const deed = mapLink.pick && ({ Enter: () => mapLink.pick!([c.lng, c.lat]), Backspace: () => mapLink.unpick?.(), Escape: () => mapLink.pickDone?.() } as Record<string, () => void>)[e.key];
        if (!deed || e.ctrlKey || e.metaKey || e.altKey) return;
        e.preventDefault();
        e.stopPropagation();
        deed();
      });
      map.on("mousemove", (e) => {
        map!.getCanvas().style.cursor = mapLink.pick ? "crosshair" : overDuty(map!, e.point.x, e.point.y) || overlay!.hit(e.point.x, e.point.y) ? "pointer" : "";
      });
      dragDuty(map);
      let touched = -1;
      off = onChange(() => {
        overlay!.touch();
        if (touched !== state.touched) {
          touched = state.touched;
          void refreshRoutes();
        }
      });
      void refreshRoutes();
    });
    return () => {
      gone = true;
      off();
      watch.disconnect();
      overlay?.stop();
      map?.remove();
      mapLink.map = mapLink.overlay = null;
    };
  }, []);

  useEffect(() => {
    mapLink.map?.setStyle(style());
    mapLink.overlay?.restyle();
  }, [look]);

  return (
    <section class="map" ref={box} aria-label={t("web_map")}>
      <div class="map-base" />
      <canvas class="map-over" ref={canvas} aria-hidden="true" />
      <i class="map-cross" aria-hidden="true" />
      {failed && <p class="map-failed" role="alert">{t("web_map_failed")}</p>}
    </section>
  );
}
