// Where a person is led by what they press: `data-leads` names what its answer is about, and `data-goes-to` a place
// on the screen, as in a list of what is wrong.
import { lookAt } from "./sight.js";

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  const place = detail.requestConfig?.elt?.dataset.leads;
  const element = place && document.getElementById(place);
  if (element) lookAt(element);
});

document.addEventListener("click", ({ target }) => {
  const place = target.closest("[data-goes-to]")?.dataset.goesTo;
  const element = place && document.getElementById(place);
  if (!element) return;
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  lookAt(element);
});
