import { render } from "preact";
import { App } from "./screens/app";
import { api, applyLight, set, state, startBoard, tellError } from "./store";

document.documentElement.lang = state.lang;
applyLight();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyLight);
render(<App />, document.getElementById("app")!);
api.session().then(async (session) => {
  set({ session });
  if (session) await startBoard();
}).catch((error) => {
  set({ session: null });
  tellError(error);
});
