// A form's fields: which differ from what the server gave, and how they get a value back.

/** The fields of a form that a person changed. */
export const changedIn = (form) => [...form.elements].filter(isChanged);

/** Whether a form holds what is not saved, also where the server filled it in again. */
export const isUnsaved = (form) => form.hasAttribute("data-unsaved") || changedIn(form).length > 0;

/** Give a field of the document the choice or text of the one that it replaces. */
export function putBack({ id, checked, value }) {
  const field = document.getElementById(id);
  if (!field || field.disabled) return;
  if (isTicked(field)) field.checked = checked;
  else field.value = value;
}

/** Tell of a field what its slot for errors says. */
export function judge(slot) {
  const field = document.getElementById(slot.dataset.errorsOf);
  const error = slot.querySelector(".error");
  if (!field) return;
  const others = (field.getAttribute("aria-describedby") ?? "")
    .split(" ").filter((id) => id && id !== `${field.id}-error`);
  const described = error ? [...others, error.id] : others;
  if (described.length) field.setAttribute("aria-describedby", described.join(" "));
  else field.removeAttribute("aria-describedby");
  if (error) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

const isTicked = ({ type }) => type === "checkbox" || type === "radio";

function isChanged(field) {
  if (!field.name || field.disabled || field.type === "hidden") return false;
  if (isTicked(field)) return field.checked !== field.defaultChecked;
  if (field.options) return isChosenAnew(field);
  return "defaultValue" in field && field.value !== field.defaultValue;
}

function isChosenAnew(select) {
  const options = [...select.options];
  const initial = options.filter((option) => option.defaultSelected);
  // Where the server chose none, a browser shows the first.
  const fallback = select.multiple ? [] : [options[0]];
  const expected = new Set(initial.length ? initial : fallback);
  return options.some((option) => option.selected !== expected.has(option));
}
