// What a person is at while the screen changes by itself: no poll takes it.
import { changedIn, putBack } from "./fields.js";

let kept = [];
let opened = [];
let caret = null;

/** Whether somebody selects text in a part of the screen; then that part is replaced later. */
export function isSelecting(part) {
  const selection = document.getSelection();
  return Boolean(selection) && !selection.isCollapsed &&
    (part.contains(selection.anchorNode) || part.contains(selection.focusNode));
}

/** Whether somebody is in a field: the focus stays there, whatever comes. */
export const isInField = () => document.activeElement?.matches("input, select, textarea") ?? false;

/** Remember what was filled in, and where, and what was folded open, of what a poll takes away. */
export function keepWork(target) {
  const forms = [...target.querySelectorAll("form[id]")];
  kept = forms.flatMap((form) => changedIn(form).map((field) => ({ form: form.id, field })));
  opened = [...target.querySelectorAll("details[open][id]")].map(({ id }) => id);
  const { id, selectionStart: start, selectionEnd: end } = document.activeElement ?? {};
  caret = id && Number.isInteger(start) ? { id, start, end } : null;
}

/** Put it into the same forms, where they came back. */
export function restoreWork() {
  for (const { form, field } of kept) {
    const place = document.getElementById(field.id);
    if (place?.form?.id !== form) continue;
    // A chosen file cannot be given to another field.
    if (field.type === "file") place.replaceWith(field);
    else putBack(field);
  }
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (caret && document.activeElement?.id === caret.id) {
    document.activeElement.setSelectionRange?.(caret.start, caret.end);
  }
  kept = [];
  opened = [];
  caret = null;
}
