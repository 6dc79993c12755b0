// The one place where scripts are started. Each script says which elements it improves:
//   OneStop.enhance("[data-copy]", (element) => …)
// and is called once for each such element, also for those that htmx brings in later. Words come from data-t-* of the
// element, so that they are translated; OneStop.words fills their {places}.
(() => {
  const setups = [];
  const done = new WeakMap();

  function start(root) {
    for (const [selector, setup] of setups) {
      const found = [...root.querySelectorAll(selector)];
      if (root instanceof Element && root.matches(selector)) found.push(root);
      for (const element of found) {
        const known = done.get(element) ?? new Set();
        if (known.has(setup)) continue;
        done.set(element, known.add(setup));
        setup(element);
      }
    }
  }

  window.OneStop = {
    enhance(selector, setup) {
      setups.push([selector, setup]);
    },
    words(element, key, places = {}) {
      const sentence = element.dataset[`t${key[0].toUpperCase()}${key.slice(1)}`] ?? "";
      return sentence.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
    },
  };

  document.documentElement.classList.remove("no-js");
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:swap", () => start(document));

  // What is wrong takes the focus when the page opens.
  OneStop.enhance("[data-focus]", (element) => element.focus());

  // The links of an error summary put the cursor into the field, not only the field into view.
  OneStop.enhance(".error-summary a[href^='#']", (link) => {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      field.closest("details")?.setAttribute("open", "");
      (document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  });

  OneStop.enhance("[data-copy]", (button) => {
    const label = button.querySelector("[data-copy-label]") ?? button;
    const before = label.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      label.textContent = OneStop.words(button, "copied");
      setTimeout(() => { label.textContent = before; }, 2500);
    });
    label.setAttribute("aria-live", "polite");
    if (!navigator.clipboard) button.hidden = true;
  });

  OneStop.enhance("[data-print]", (button) => button.addEventListener("click", () => window.print()));

  // A form is sent once: a second tap while the answer is on its way does nothing, for a while.
  const AGAIN_AFTER_MS = 8000;
  function release(form) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
  OneStop.enhance("form[method='post']:not([hx-post])", (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      event.submitter?.setAttribute("aria-busy", "true");
      setTimeout(() => release(form), AGAIN_AFTER_MS);
    });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });
})();
