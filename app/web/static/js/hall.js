// The counter's board: keys that press its buttons, a step that can be taken back only for a while, a look each minute at
// how long people wait. And its list of services, narrowed while typing. Without this script all of it is plain forms.
OneStop.enhance("[data-hall]", () => {
  const OFF = "onestop.hall.keys-off";
  const LOOK_AGAIN_MS = 60_000;
  const live = document.querySelector("[data-live]");
  const dialog = document.querySelector("[data-keys]");

  setInterval(() => { if (!document.hidden) live.dispatchEvent(new Event("changed")); }, LOOK_AGAIN_MS);

  // The button goes when its time is over; each answer of the server says anew how long that is.
  let known = "";
  let timer = 0;
  function limitUndo() {
    const form = document.querySelector("form[data-seconds]");
    const now = form ? `${form.action} ${form.dataset.seconds}` : "";
    if (now === known) return;
    known = now;
    clearTimeout(timer);
    if (form) timer = setTimeout(() => form.remove(), Number(form.dataset.seconds) * 1000);
  }
  document.addEventListener("htmx:after:swap", limitUndo);
  limitUndo();

  if (!dialog) return; // who only looks has no keys

  const off = () => localStorage.getItem(OFF) === "1";
  const box = dialog.querySelector("[data-keys-off]");
  function show() { box.checked = off(); document.body.classList.toggle("keys-off", off()); }
  box.addEventListener("change", () => { localStorage.setItem(OFF, box.checked ? "1" : "0"); show(); });
  document.querySelector("[data-keys-open]").addEventListener("click", () => dialog.showModal());
  show();

  const seen = (element) => element.checkVisibility();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (off() || event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog")) return;
    if (event.key === "?") { event.preventDefault(); dialog.showModal(); return; }
    const target = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find(seen);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) target.focus(); else target.click();
  });
});

OneStop.enhance("[data-narrow]", (form) => {
  const field = form.querySelector("[data-narrow-field]");
  const none = form.querySelector("[data-narrow-none]");
  const folded = (text) => text.normalize("NFKC").toLowerCase();

  function narrow() {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const group of form.querySelectorAll("[data-narrow-group]")) {
      let here = 0;
      for (const one of group.querySelectorAll("[data-narrow-one]")) {
        const text = folded(one.textContent);
        one.hidden = !one.querySelector("input").checked && !words.every((word) => text.includes(word));
        here += one.hidden ? 0 : 1;
      }
      group.hidden = !here;
      left += here;
    }
    none.hidden = left > 0;
  }

  field.addEventListener("input", narrow);
  if (!document.querySelector("[data-focus]")) field.focus();
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
});
