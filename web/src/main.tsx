import { render } from "preact";
import { App } from "./screens/app";
import { api, applyLight, set, state, startBoard, takeSession, tellError } from "./store";

document.documentElement.lang = state.lang;
applyLight();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyLight);
render(<App />, document.getElementById("app")!);
api.session().then(async (session) => {
  if (session) takeSession(session);
  else set({ session });
  if (session) await startBoard();
}).catch((error) => {
  set({ session: null });
  tellError(error);
});
