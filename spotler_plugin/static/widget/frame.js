// How we sit in the CRM's page: how high we are, and whether anybody can see us.
import { hear, send } from "./messages.js";

let height = 0;
let shown = true;

/** Whether nobody can see us, as far as the CRM and the browser say. */
export const isHidden = () => !shown || document.hidden;

/** Tell the CRM how high we are, unless it knows. */
export function tellHeight() {
  const now = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (now !== height) send("resize", { height: (height = now) });
}

new ResizeObserver(tellHeight).observe(document.documentElement);
// Below the fold of the CRM's page nothing is drawn, and so nothing observed: we would jump to
// our height under the pointer of who scrolls to us.
document.body.addEventListener("htmx:afterSettle", tellHeight);

hear("visibility", ({ visible }) => { shown = visible === true; });
hear("refresh", () => htmx.trigger(document.body, "crm-refresh"));
