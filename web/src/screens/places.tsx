// A place as one types: what the gazetteer knows, or coordinates. One search at a time; a late answer to what was typed
// before is thrown away, and choices of it are shown but not taken by a key: an address must never be another than was typed.
// Who went on before there were choices gets the one that there is, or that has exactly this name; else the place stays open.
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
  const [found, setFound] = useState<{ of: string; places: Place[] }>({ of: "", places: [] }), asked = useRef(0), without = useRef(0);
  const take = (of: string, places: Place[]) => {
    setFound({ of, places });
    const exact = places.filter((x) => x.name === of.trim()), only = exact.length === 1 ? exact[0] : places.length === 1 ? places[0] : undefined;
    if (only && without.current === asked.current) onChoose(only);
  };
  const onInput = (text: string) => {
    const at = parseCoordinates(text), mine = ++asked.current;
    p.typed(text, at);
    if (at) flyTo(at);
    if (at || !text.trim()) {
      setFound({ of: text, places: [] });
      return;
    }
    setTimeout(() => {
      if (mine !== asked.current) return;
      const c = mapLink.map?.getCenter();
      api.places(text, c && [c.lng, c.lat]).then((places) => { if (mine === asked.current) take(text, places); }, (e: Error) => { if (mine === asked.current) p.failed(e.message); });
    }, 60);
  };
  const onChoose = (place: Place) => {
    asked.current++;
    setFound({ of: place.name, places: [] });
    flyTo(place.position);
    p.chosen(place);
  };
  return <Combo name={p.name} label={p.label} value={p.value} placeholder={t("web_call_place_hint")} options={found.places} isLate={found.of !== p.value} onWithout={() => { without.current = asked.current; }} optionKey={(x) => `${x.name}${x.position}`} onInput={onInput} onChoose={onChoose} autoFirst
    option={(x) => <><span class="what">{x.name}</span><span class="code">{x.estimated ? t("web_place_estimated") : x.detail || word("place_kind", x.kind)}</span></>} />;
}
