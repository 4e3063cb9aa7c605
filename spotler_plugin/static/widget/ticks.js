// A group of boxes at once: a button with `data-tick` of "all" or "none" ticks those of its fieldset.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-tick]");
  if (button) tick(button.closest("fieldset"), button.dataset.tick === "all");
});

function tick(group, all) {
  for (const box of group.querySelectorAll("input[type=checkbox]")) box.checked = all;
  group.dispatchEvent(new Event("change", { bubbles: true }));
}
