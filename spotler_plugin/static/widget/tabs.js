// Tabs: chosen by click or arrow, and again after a swap.

let chosen = null;

const tabsOf = (tab) => [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];

function choose(tab) {
  chosen = tab.id;
  for (const each of tabsOf(tab)) {
    const on = each === tab;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
  }
}

/** Choose the same tab in what a swap brought. */
export function restoreTabs(root) {
  const tab = chosen && document.getElementById(chosen);
  if (tab && root.contains(tab)) choose(tab);
}

document.addEventListener("click", ({ target }) => {
  const tab = target.closest("[role=tab]");
  if (tab) choose(tab);
});

document.addEventListener("keydown", ({ key, target }) => {
  const tab = target.closest("[role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!tab || !step) return;
  const tabs = tabsOf(tab);
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  choose(next);
  next.focus();
});
