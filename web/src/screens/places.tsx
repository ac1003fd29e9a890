// A place as one types: what the gazetteer knows, or coordinates. One search at a time; a late answer to what was typed
// before is thrown away.
import { useRef, useState } from "preact/hooks";
import type { LonLat } from "../geo";
import { parseCoordinates } from "../geo";
import { t, word } from "../lang";
import { flyTo, mapLink } from "../map/map";
import type { Place } from "../model";
import { api } from "../store";
import { Combo } from "./combo";

interface PlaceProps {
  name: string;
  label: string;
  value: string;
  typed: (text: string, at: LonLat | null) => void;
  chosen: (place: Place) => void;
  failed: (sentence: string) => void;
}

export function PlaceInput(p: PlaceProps) {
  const [places, setPlaces] = useState<Place[]>([]), asked = useRef(0);
  const onInput = (text: string) => {
    const at = parseCoordinates(text), mine = ++asked.current;
    p.typed(text, at);
    if (at) flyTo(at);
    if (at || !text.trim()) {
      setPlaces([]);
      return;
    }
    setTimeout(() => {
      if (mine !== asked.current) return;
      const c = mapLink.map?.getCenter();
      api.places(text, c && [c.lng, c.lat]).then((found) => { if (mine === asked.current) setPlaces(found); }, (e: Error) => { if (mine === asked.current) p.failed(e.message); });
    }, 60);
  };
  const onChoose = (place: Place) => {
    asked.current++;
    setPlaces([]);
    flyTo(place.position);
    p.chosen(place);
  };
  return <Combo name={p.name} label={p.label} value={p.value} placeholder={t("web_call_place_hint")} options={places} optionKey={(x) => `${x.name}${x.position}`} onInput={onInput} onChoose={onChoose} autoFirst
    option={(x) => <><span class="what">{x.name}</span><span class="code">{x.estimated ? t("web_place_estimated") : x.detail || word("place_kind", x.kind)}</span></>} />;
}
