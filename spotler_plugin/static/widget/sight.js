// What of us is on the screen: bars and questions stay in it, and nothing focused is hidden under a bar.
import { hear } from "./messages.js";

// How much of what is seen a bar may take; one that is higher stays at the end of its form.
const MOST = 0.4;
const JUST = 600;

const root = document.documentElement;
// In our own pixels, as the CRM tells it; as long as it tells nothing, all of the frame is seen.
let told = null;
let focused = null;

const above = () => (told ? Math.min(told.top, innerHeight) : 0);
const below = () => (told ? Math.max(innerHeight - told.top - told.height, 0) : 0);
const bars = () => [...document.querySelectorAll(".bar")];

hear("viewport", ({ top, height }) => {
  // Of a frame that nobody sees, and that will come back as it was, nothing is told.
  if (!Number.isFinite(top) || !(height > 0)) return;
  told = { top, height };
  settleSight();
});

/** Put what stays in reach where the person looks. */
export function settleSight() {
  root.style.setProperty("--above", `${above()}px`);
  root.style.setProperty("--below", `${below()}px`);
  const seen = innerHeight - above() - below();
  let highest = 0;
  for (const bar of bars()) {
    const height = bar.offsetHeight;
    bar.toggleAttribute("data-loose", height > MOST * seen);
    if (!bar.hasAttribute("data-loose")) highest = Math.max(highest, height);
  }
  root.style.setProperty("--bar", `${highest}px`);
  uncover();
}

/** Give an element the focus and, where it is not in sight, bring it to the top. */
export function lookAt(element) {
  element.focus({ preventScroll: true });
  const { top, bottom } = element.getBoundingClientRect();
  const lowest = innerHeight - below() - parseFloat(root.style.getPropertyValue("--bar"));
  if (top < above() || bottom > lowest) element.scrollIntoView({ block: "start" });
}

function isUnder(bar, element) {
  if (bar.contains(element) || bar.hasAttribute("data-loose")) return false;
  const { top, bottom } = element.getBoundingClientRect();
  const edge = bar.getBoundingClientRect();
  return bottom > edge.top && top < edge.bottom;
}

// The browser brings what gets the focus into the window; of our bars it knows nothing.
function uncover() {
  if (focused?.isConnected && bars().some((bar) => isUnder(bar, focused))) {
    focused.scrollIntoView({ block: "center" });
  }
}

document.addEventListener("focusin", ({ target }) => {
  // The whole screen is no place to look at.
  focused = target.tabIndex < 0 ? null : target;
  requestAnimationFrame(uncover);
  // Whoever scrolls on later is left alone.
  setTimeout(() => { if (focused === target) focused = null; }, JUST);
});

window.addEventListener("resize", settleSight);
document.body.addEventListener("htmx:afterSettle", settleSight);
