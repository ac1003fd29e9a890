import { render } from "preact";
import { ApiError } from "./api";
import { keepOutbox } from "./keeper";
import { App } from "./screens/app";
import { api, applyLight, endSession, forgetSession, hasLeft, lastSession, set, state, startBoard, takeSession, tellError } from "./store";

document.documentElement.lang = state.lang;
applyLight();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyLight);
render(<App />, document.getElementById("app")!);
keepOutbox();
// The console's own files, for a reload while nobody answers.
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("./service-worker.js").catch(() => undefined);
(hasLeft() ? endSession().then(() => null) : api.session()).then(async (session) => {
  if (session) takeSession(session);
  else {
    forgetSession();
    set({ session });
  }
  if (session) await startBoard();
}).catch((error) => {
  const last = lastSession(), nobody = error instanceof ApiError && (error.status === 0 || error.status >= 500);
  if (last && nobody && !hasLeft()) return set({ session: last, alone: true, ...(last.zone ? { view: { ...state.view, zone: last.zone } } : {}), pane: "call" });
  set({ session: null });
  tellError(error);
});
