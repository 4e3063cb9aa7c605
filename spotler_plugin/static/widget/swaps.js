// What outlives a swap: changes, the place of the focus, the chosen tab, a click under way; and what
// somebody is at, where nobody asked for the swap.
import { keepChanges, restoreChanges, settleForms } from "./changes.js";
import { judge } from "./fields.js";
import { announce } from "./notices.js";
import { isAsking } from "./question.js";
import { isOurs, polls } from "./requests.js";
import { lookAt } from "./sight.js";
import { restoreTabs } from "./tabs.js";
import { isInField, isSelecting, keepWork, restoreWork } from "./work.js";

// What each part of the screen was last told; what replaces a part is told what it brought.
const told = new WeakMap();
let saying = null;
let hadFocus = false;
let byItself = false;

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt, xhr, target } = detail;
  // An error page of something between us and the browser is not put into the screen.
  if (xhr.status === 401 || !isOurs(xhr)) detail.shouldSwap = false;
  // What a poll finds unchanged stays: a click that is under way would else lose its button.
  if (polls(elt) && told.get(target) === xhr.responseText) detail.shouldSwap = false;
  // What is asked about stays until it is answered: what was pressed sends nothing once it is gone.
  if (polls(elt) && (isSelecting(target) || isAsking())) detail.shouldSwap = false;
  if (!detail.shouldSwap) return;
  // What a screen reads once it stands was not asked for by a press either.
  byItself = polls(elt) || elt.getAttribute("hx-trigger") === "load";
  if (byItself) keepWork(target);
  told.set(target, (saying = xhr.responseText));
  keepChanges(target);
});

document.body.addEventListener("htmx:afterSwap", () => {
  restoreChanges();
  restoreWork();
  settleForms();
});

document.body.addEventListener("htmx:load", ({ target }) => {
  if (target === document.body) return;
  told.set(target, saying);
  const within = (selector) =>
    target.matches(selector) ? target : target.querySelector(selector);
  const text = within("[data-announce]")?.dataset.announce;
  if (text) announce(text);
  const place = byItself && isInField() ? null : within("[data-focus]");
  if (place) lookAt(place);
  restoreTabs(target);
});

document.body.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  const slot = document.getElementById(detail.target.id);
  if (slot?.dataset.errorsOf) judge(slot);
});

document.addEventListener("focusin", () => { hadFocus = true; });

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  // htmx gives the focus back by id; what vanished leaves it to the title of the screen that came,
  // or to the widget as a whole.
  if (!hadFocus || document.activeElement !== document.body || isAsking()) return;
  const title = byItself || detail.elt.id !== "screen" ? null : detail.elt.querySelector("h1");
  if (!title) return document.getElementById("widget").focus({ preventScroll: true });
  title.tabIndex = -1;
  lookAt(title);
});
