// What we say by ourselves, where the server cannot: a notice above the screen, and aloud.

const notices = document.getElementById("notices");
const announcer = document.getElementById("announcer");
const words = document.getElementById("words");

/** Show and read out one of the notices in layouts/_furniture.html. */
export function say(word) {
  const source = words.content.querySelector(`[data-word="${word}"]`);
  const text = source.querySelector("[data-announce]").dataset.announce;
  notices.replaceChildren(source.cloneNode(true));
  announce(text);
}

export const clearNotices = () => notices.replaceChildren();

/** Have a screen reader read this out, once. */
export function announce(text) {
  if (announcer.textContent !== text) announcer.textContent = text;
}

/** What was waited for does not come. */
export function endSkeletons() {
  for (const element of document.querySelectorAll(".loading")) element.hidden = true;
}
