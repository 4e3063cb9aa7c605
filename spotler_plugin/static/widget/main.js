// What the page loads: it joins the modules, and says when the widget is usable.

// First, as it takes the token out of the document.
import "./session.js";
import "./closing.js";
import "./downloads.js";
import "./leads.js";
import "./leaving.js";
import "./mapping.js";
import "./question.js";
import "./relay.js";
import "./requests.js";
import "./swaps.js";
import "./ticks.js";
import { settleForms } from "./changes.js";
import { tellHeight } from "./frame.js";
import { send } from "./messages.js";
import { settleSight } from "./sight.js";

// htmx has read the document by now: it listens first.
document.addEventListener("DOMContentLoaded", () => {
  settleForms();
  settleSight();
  document.getElementById("widget").inert = false;
  send("ready");
  tellHeight();
});
